//! Which rows and columns are learned from, and why others are left out.

use adatom::core::{ClassLabels, FeatureTable, Modality, Split, SplitFault, TableError, Target, TargetKind};
use adatom::forest::{SplitRule, Task};
use adatom::interpret::{ColumnGroup, Region};

use super::held_out;
use crate::args::{Fit, RowChoice, SplitKind};
use crate::error::CliError;
use crate::say::tell;

/// Whole numbers of so many values at most are taken for classes.
const FEW: usize = 20;

/// Names that are printed one after another.
const LISTED: usize = 12;

/// What is learned from.
#[derive(Clone)]
pub(super) struct Chosen {
    pub(super) table: FeatureTable,
    pub(super) wanted: Target,
    /// Labels of the groups that stay together.
    pub(super) groups: Option<(String, Vec<String>)>,
    /// Rows that are held out, where they were listed.
    pub(super) listed: Option<Vec<usize>>,
    /// Parts of axes that were asked for.
    pub(super) regions: Vec<Region>,
    /// Rows left out: how many, and why.
    pub(super) left_out: Vec<(usize, String)>,
    target: String,
}

impl Chosen {
    pub(super) fn of(table: &FeatureTable, command: &Fit) -> Result<Self, CliError> {
        let rows = &command.rows;
        let target = command.target.as_str();
        let whole = table;
        let mut left_out = Vec::new();
        let mut table = if rows.modalities.is_empty() {
            table.clone()
        } else {
            table.select_modalities(&rows.modalities)?
        };
        if table.columns().is_empty() {
            return Err(CliError::Argument(format!(
                "{}: has no column of features",
                command.table.display()
            )));
        }
        let missing = table.target(target)?.missing();
        if missing == table.len() {
            let text = format!("{}: the target {target:?} is known for no row", command.table.display());
            return Err(CliError::Argument(text));
        }
        if missing > 0 {
            left_out.push((missing, format!("{target} is not known")));
            table = table.drop_missing(target)?;
        }
        if let Some([low, high]) = rows.range {
            let values = table.numbers(target)?;
            let inside = |row: &usize| (low..=high).contains(&values[*row]);
            let reason = format!("{target} lies outside of {low} to {high}");
            table = keep(&table, inside, reason, &mut left_out)?;
        }
        let wanted = match task(&table, command)? {
            TargetKind::Numbers => {
                let values = table.numbers(target)?;
                if values.iter().all(|&value| value == values[0]) {
                    let text = format!(
                        "{target} is {} for all {} rows: there is nothing to learn",
                        values[0],
                        table.len()
                    );
                    return Err(CliError::Argument(text));
                }
                Target::Numbers(values)
            }
            TargetKind::Classes => {
                table = Self::of_classes(table, rows, target, &mut left_out)?;
                let labels = table.classes(target)?;
                if let [only] = &labels.names[..] {
                    let text = format!("all {} rows are of the class {only} of {target}", table.len());
                    return Err(CliError::Argument(text + ": there is nothing to tell apart"));
                }
                Target::Classes(labels)
            }
        };
        let groups = groups(&table, command)?;
        let listed = match &command.trial.test_rows {
            Some(file) => Some(held_out::listed(file, &table, whole)?),
            None => None,
        };
        if command.trial.calibrate.is_some() && matches!(wanted, Target::Numbers(_)) {
            return Err(CliError::Argument("--calibrate: numbers have no probabilities to correct".into()));
        }
        let regions = command.trial.regions.clone();
        let named = |at: usize| regions[..at].iter().any(|region| region.name() == regions[at].name());
        if let Some(twice) = (0..regions.len()).find(|&at| named(at)) {
            return Err(CliError::Argument(format!("--region: {} is there twice", regions[twice].name())));
        }
        // Said before the work, not after it.
        ColumnGroup::regions(table.columns(), &regions)?;
        Ok(Self { table, wanted, groups, listed, regions, left_out, target: target.to_owned() })
    }

    fn of_classes(
        mut table: FeatureTable,
        rows: &RowChoice,
        target: &str,
        left_out: &mut Vec<(usize, String)>,
    ) -> Result<FeatureTable, CliError> {
        if !rows.classes.is_empty() {
            let labels = table.classes(target)?;
            let unknown = rows.classes.iter().find(|class| !labels.names.contains(class));
            if let Some(class) = unknown {
                let text =
                    format!("--classes: there is no class {class}; there is {}", labels.names.join(", "));
                return Err(CliError::Argument(text));
            }
            let listed = |row: &usize| rows.classes.contains(&labels.names[labels.codes[*row]]);
            let reason = format!("{target} is none of {}", listed_names(&rows.classes));
            table = keep(&table, listed, reason, left_out)?;
        }
        let labels = table.classes(target)?;
        let least = rows.min_class as usize;
        let rare: Vec<&str> = (labels.names.iter().zip(&labels.counts))
            .filter(|(_, count)| **count < least)
            .map(|(name, _)| name.as_str())
            .collect();
        if rare.is_empty() {
            return Ok(table);
        }
        let frequent = |row: &usize| labels.counts[labels.codes[*row]] >= least;
        let reason = format!("{target} is {}, of which there are fewer than {least}", listed_names(&rare));
        keep(&table, frequent, reason, left_out)
    }

    /// Rows to learn from and rows held out.
    pub(super) fn split(&self, command: &Fit) -> Result<Split, CliError> {
        if let Some(test) = &self.listed {
            let train = (0..self.table.len()).filter(|row| test.binary_search(row).is_err()).collect();
            return Ok(Split { train, test: test.clone() });
        }
        let rule = SplitRule::test_fraction(self.table.len(), command.trial.test);
        Ok(self.splits(rule, |rule| rule.splits(command.seed))?.remove(0))
    }

    /// Folds of the rows to learn from.
    pub(super) fn folds(&self, train: &[usize], command: &Fit) -> Result<Vec<Split>, CliError> {
        let rule = SplitRule::folds(self.table.len(), command.trial.folds as usize);
        self.splits(rule, |rule| rule.splits_of(train, command.seed))
    }

    /// With the same share of every class on each side, where classes are frequent enough for that.
    fn splits(
        &self,
        rule: SplitRule<'_>,
        split: impl Fn(SplitRule<'_>) -> adatom::forest::Result<Vec<Split>>,
    ) -> Result<Vec<Split>, CliError> {
        let rule = match &self.groups {
            Some((_, labels)) => rule.by_group(labels),
            None => rule,
        };
        let Target::Classes(classes) = &self.wanted else { return Ok(split(rule)?) };
        match split(rule.stratified(classes)) {
            Err(adatom::forest::Error::Table(TableError::Split { reason, .. })) if of_classes(&reason) => {
                let fact = reason.to_string();
                let fact = fact.split(';').next().unwrap_or_default();
                tell(format_args!(
                    "note: {fact}; classes are split as it happens (--min-class leaves rare ones out)"
                ));
                Ok(split(rule)?)
            }
            done => Ok(done?),
        }
    }

    /// What is to be learned.
    pub(super) fn task(&self) -> Task<'_> {
        Task::new(&self.table, &self.wanted)
    }

    /// The same rows with the columns of some modalities.
    pub(super) fn with_modalities(&self, modalities: &[Modality]) -> Result<Self, CliError> {
        Ok(Self { table: self.table.select_modalities(modalities)?, ..self.clone() })
    }

    /// The same rows, of which others are held out: whole groups, or any rows.
    pub(super) fn grouped(&self, groups: Option<(String, Vec<String>)>) -> Self {
        Self { groups, listed: None, ..self.clone() }
    }

    /// How rows are held out, in words.
    pub(super) fn way(&self) -> String {
        match (&self.listed, &self.groups) {
            (Some(_), _) => "as listed".to_owned(),
            (None, Some((name, _))) => format!("by {name}"),
            (None, None) => "random".to_owned(),
        }
    }

    pub(super) fn target(&self) -> &str {
        &self.target
    }

    /// On standard error, as all that is told before the results.
    pub(super) fn tell(&self) {
        for (count, reason) in &self.left_out {
            tell(format_args!("{} left out: {reason}", crate::names::rows(*count)));
        }
        let columns: Vec<String> = (self.table.modalities().iter())
            .map(|modality| format!("{} {modality}", self.table.columns_of(modality).len()))
            .collect();
        tell(format_args!("{} rows, columns: {}", self.table.len(), columns.join(", ")));
        if let Target::Classes(labels) = &self.wanted {
            let classes: Vec<String> = labels
                .names
                .iter()
                .zip(&labels.counts)
                .map(|(name, count)| format!("{name} ({count})"))
                .collect();
            tell(format_args!("classes of {}: {}", self.target, listed_names(&classes)));
        }
    }
}

/// Whether classes are too rare or too bunched for the same share on each side.
fn of_classes(reason: &SplitFault) -> bool {
    matches!(
        reason,
        SplitFault::SingleMember { .. } | SplitFault::FewMembers { .. } | SplitFault::ClassInOneGroup { .. }
    )
}

/// The first names, and how many there are where they are many.
fn listed_names<S: AsRef<str>>(names: &[S]) -> String {
    let first: Vec<&str> = names.iter().take(LISTED).map(AsRef::as_ref).collect();
    match names.len() {
        count if count > LISTED => format!("{} ... ({count} in all)", first.join(", ")),
        _ => first.join(", "),
    }
}

fn keep(
    table: &FeatureTable,
    wanted: impl Fn(&usize) -> bool,
    reason: String,
    left_out: &mut Vec<(usize, String)>,
) -> Result<FeatureTable, CliError> {
    let rows: Vec<usize> = (0..table.len()).filter(|row| wanted(row)).collect();
    if rows.is_empty() {
        return Err(CliError::Argument(format!("no row is left: of all {} rows, {reason}", table.len())));
    }
    if rows.len() < table.len() {
        left_out.push((table.len() - rows.len(), reason));
    }
    Ok(table.select_rows(&rows)?)
}

fn task(table: &FeatureTable, command: &Fit) -> Result<TargetKind, CliError> {
    let numbers = table.complete_target(&command.target)?.view().numbers();
    match (command.rows.task, numbers) {
        (Some(TargetKind::Numbers), None) => {
            let text = format!("--task regress: the target {:?} is text, not numbers", command.target);
            Err(CliError::Argument(text))
        }
        (Some(task), _) => Ok(task),
        (None, None) => Ok(TargetKind::Classes),
        (None, Some(numbers)) => {
            let whole = numbers.iter().all(|number| number.fract() == 0.0);
            let few = ClassLabels::of_numbers(&numbers.to_vec()).names.len() <= FEW;
            Ok(if whole && few { TargetKind::Classes } else { TargetKind::Numbers })
        }
    }
}

fn groups(table: &FeatureTable, command: &Fit) -> Result<Option<(String, Vec<String>)>, CliError> {
    let trial = &command.trial;
    let split =
        trial.split.unwrap_or(if trial.group.is_some() { SplitKind::Group } else { SplitKind::Random });
    if split == SplitKind::Random {
        return Ok(None);
    }
    let known: Vec<&str> = table.groups().map(|(name, _)| name).collect();
    let name = match (&trial.group, &known[..]) {
        (Some(name), _) => name.as_str(),
        (None, [only]) => only,
        (None, []) => {
            let text = format!("--split group: {} has no column group:NAME", command.table.display());
            return Err(CliError::Argument(text));
        }
        // A material has one formula: whole formulas are whole materials too.
        (None, several) => match several.iter().find(|name| is_coarsest(table, name, several)) {
            Some(name) => name,
            None => {
                let text = format!("--split group: --group must say which of {}", several.join(", "));
                return Err(CliError::Argument(text));
            }
        },
    };
    Ok(Some((name.to_owned(), table.group(name)?.to_vec())))
}

/// Whether every group of each other kind lies in one of this kind.
fn is_coarsest(table: &FeatureTable, name: &str, kinds: &[&str]) -> bool {
    let Ok(own) = table.group(name) else { return false };
    kinds.iter().filter(|other| **other != name).all(|other| {
        let Ok(finer) = table.group(other) else { return false };
        let mut lies_in = std::collections::HashMap::new();
        finer.iter().zip(own).all(|(finer, own)| *lies_in.entry(finer).or_insert(own) == own)
    })
}
