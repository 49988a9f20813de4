//! Selection of rows, columns and target of a table.

use adatom_core::{ClassLabels, FeatureTable, Modality, Target, TargetKind};
use adatom_forest::Task;
use adatom_interpret::{ColumnGroup, Region};

use super::groups::{Groups, Holdout};
use super::settings::{FitSettings, SampleSettings};
use crate::error::Error;
use crate::observer::Observer;

/// Integers with at most this number of distinct values are classes.
const FEW: usize = 20;

/// The largest number of names in a message.
const LISTED: usize = 12;

/// Rows and columns with a known target.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Samples {
    /// The rows and columns.
    pub table: FeatureTable,
    /// The target of every row.
    pub target: Target,
    /// The name of the target.
    pub target_name: String,
    /// The test rows.
    pub holdout: Holdout,
    /// Regions whose importance is calculated; none for those around the peaks.
    pub regions: Vec<Region>,
    /// Rows of the table that are left out.
    pub left_out: Vec<LeftOut>,
}

/// Rows that are left out for one reason.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct LeftOut {
    /// The number of rows.
    pub rows: usize,
    /// The reason.
    #[serde(rename = "why")]
    pub reason: String,
}

impl Samples {
    /// Selects rows, columns and target of a table.
    ///
    /// # Errors
    ///
    /// [`Error::Table`] for unknown names; [`Error::Samples`] if no row or no variation of the target is
    /// left; [`Error::Setting`] for settings that contradict the table.
    pub fn select(
        table: &FeatureTable,
        settings: &FitSettings,
        observer: &dyn Observer,
    ) -> Result<Self, Error> {
        settings.check()?;
        let mut rows = Selection::start(table, &settings.samples)?;
        rows.drop_unknown()?;
        rows.keep_range()?;
        let target = match rows.kind()? {
            TargetKind::Numbers => rows.numbers()?,
            TargetKind::Classes => rows.classes()?,
        };
        if settings.calibration.is_some() && target.kind() == TargetKind::Numbers {
            let problem = "probabilities exist for classes only".to_owned();
            return Err(Error::Setting { setting: "calibration", problem });
        }
        let Selection { table: selected, left_out, .. } = rows;
        let holdout = Holdout::of(&settings.split, &selected, table, observer)?;
        // Checked before the fit.
        ColumnGroup::regions(selected.columns(), &settings.regions)?;
        Ok(Self {
            table: selected,
            target,
            target_name: settings.samples.target.clone(),
            holdout,
            regions: settings.regions.clone(),
            left_out,
        })
    }

    /// The target.
    pub(super) fn task(&self) -> Task<'_> {
        Task::new(&self.table, &self.target)
    }

    /// The same rows with the columns of some modalities.
    pub(super) fn with_modalities(&self, modalities: &[Modality]) -> Result<Self, Error> {
        Ok(Self { table: self.table.select_modalities(modalities)?, ..self.clone() })
    }

    /// The same rows, of which others are held out: whole groups, or any rows.
    pub(super) fn with_groups(&self, groups: Option<Groups>) -> Self {
        let holdout = groups.map_or(Holdout::Random, Holdout::Groups);
        Self { holdout, ..self.clone() }
    }

    /// The target's name in words.
    pub(super) fn target_words(&self) -> String {
        self.target_name.replace('_', " ")
    }

    /// The classes of the target with their numbers of rows, in words; none of numbers.
    #[must_use]
    pub fn class_counts(&self) -> Option<String> {
        let labels = self.target.view().classes()?;
        let count = |(name, count): (&String, &usize)| format!("{name} ({count})");
        Some(listed_names(&labels.names.iter().zip(&labels.counts).map(count).collect::<Vec<_>>()))
    }

    /// The numbers of columns of every modality, in words.
    #[must_use]
    pub fn column_counts(&self) -> String {
        let modalities = self.table.modalities();
        let count = |modality: &Modality| format!("{} {modality}", self.table.columns_of(modality).len());
        modalities.iter().map(count).collect::<Vec<_>>().join(", ")
    }
}

/// A table from which rows are left out one reason after another.
struct Selection<'a> {
    table: FeatureTable,
    settings: &'a SampleSettings,
    left_out: Vec<LeftOut>,
}

impl<'a> Selection<'a> {
    fn start(table: &FeatureTable, settings: &'a SampleSettings) -> Result<Self, Error> {
        let table = if settings.modalities.is_empty() {
            table.clone()
        } else {
            table.select_modalities(&settings.modalities)?
        };
        if table.columns().is_empty() {
            return Err(Error::Samples { problem: "the table has no feature columns".to_owned() });
        }
        Ok(Self { table, settings, left_out: Vec::new() })
    }

    fn drop_unknown(&mut self) -> Result<(), Error> {
        let target = &self.settings.target;
        let missing = self.table.target(target)?.missing();
        if missing == self.table.len() {
            return Err(Error::Samples { problem: format!("the target {target:?} has no known value") });
        }
        if missing > 0 {
            self.left_out.push(LeftOut { rows: missing, reason: format!("{target} is unknown") });
            self.table = self.table.drop_missing(target)?;
        }
        Ok(())
    }

    fn keep_range(&mut self) -> Result<(), Error> {
        let Some([low, high]) = self.settings.range else { return Ok(()) };
        let values = self.table.numbers(&self.settings.target)?;
        let reason = format!("{} is outside the range {low} to {high}", self.settings.target);
        self.keep(|row| (low..=high).contains(&values[row]), reason)
    }

    /// Classes or numbers, as requested, else as the values are.
    fn kind(&self) -> Result<TargetKind, Error> {
        let target = &self.settings.target;
        let known = self.table.target(target)?.kind();
        match (self.settings.kind, known) {
            (Some(TargetKind::Numbers), TargetKind::Classes) => {
                let problem = format!("the target {target:?} is text, not numbers");
                Err(Error::Setting { setting: "task", problem })
            }
            (Some(kind), _) => Ok(kind),
            (None, TargetKind::Classes) => Ok(TargetKind::Classes),
            (None, TargetKind::Numbers) => {
                let numbers = self.table.numbers(target)?;
                let whole = numbers.iter().all(|number| number.fract() == 0.0);
                let few = ClassLabels::of_numbers(&numbers.to_vec()).names.len() <= FEW;
                Ok(if whole && few { TargetKind::Classes } else { TargetKind::Numbers })
            }
        }
    }

    fn numbers(&self) -> Result<Target, Error> {
        let target = &self.settings.target;
        let values = self.table.numbers(target)?;
        if values.iter().all(|&value| value == values[0]) {
            let (value, rows) = (values[0], self.table.len());
            let problem =
                format!("{target} is {value} for all {rows} rows: there is no variation to predict");
            return Err(Error::Samples { problem });
        }
        Ok(Target::Numbers(values))
    }

    fn classes(&mut self) -> Result<Target, Error> {
        let target = &self.settings.target;
        self.keep_classes()?;
        self.drop_rare_classes()?;
        let labels = self.table.classes(target)?;
        if let [only] = &labels.names[..] {
            let problem = format!(
                "all {} rows are of the class {only} of {target}: there is nothing to distinguish",
                self.table.len()
            );
            return Err(Error::Samples { problem });
        }
        Ok(Target::Classes(labels))
    }

    fn keep_classes(&mut self) -> Result<(), Error> {
        let (target, classes) = (&self.settings.target, &self.settings.classes);
        if classes.is_empty() {
            return Ok(());
        }
        let labels = self.table.classes(target)?;
        if let Some(class) = classes.iter().find(|class| !labels.names.contains(class)) {
            let problem = format!("unknown class {class}; the classes are {}", labels.names.join(", "));
            return Err(Error::Setting { setting: "classes", problem });
        }
        let reason = format!("{target} is not one of {}", listed_names(classes));
        self.keep(|row| classes.contains(&labels.names[labels.codes[row]]), reason)
    }

    fn drop_rare_classes(&mut self) -> Result<(), Error> {
        let target = &self.settings.target;
        let labels = self.table.classes(target)?;
        let least = self.settings.min_class_rows;
        let rare: Vec<&str> = (labels.names.iter().zip(&labels.counts))
            .filter(|(_, count)| **count < least)
            .map(|(name, _)| name.as_str())
            .collect();
        if rare.is_empty() {
            return Ok(());
        }
        let reason = format!("{target} is {}, with fewer than {least} rows", listed_names(&rare));
        self.keep(|row| labels.counts[labels.codes[row]] >= least, reason)
    }

    fn keep(&mut self, wanted: impl Fn(usize) -> bool, reason: String) -> Result<(), Error> {
        let rows: Vec<usize> = (0..self.table.len()).filter(|&row| wanted(row)).collect();
        if rows.is_empty() {
            let problem = format!("no row is left: for all {} rows, {reason}", self.table.len());
            return Err(Error::Samples { problem });
        }
        if rows.len() < self.table.len() {
            self.left_out.push(LeftOut { rows: self.table.len() - rows.len(), reason });
        }
        self.table = self.table.select_rows(&rows)?;
        Ok(())
    }
}

/// The first names, with the number of all if there are more.
fn listed_names<S: AsRef<str>>(names: &[S]) -> String {
    let first: Vec<&str> = names.iter().take(LISTED).map(AsRef::as_ref).collect();
    match names.len() {
        count if count > LISTED => format!("{} ... ({count} in all)", first.join(", ")),
        _ => first.join(", "),
    }
}
