//! Test rows: random rows, whole groups, or rows listed in a file.

use std::collections::HashMap;
use std::path::Path;

use adatom_core::{FeatureTable, Split, SplitFault, TableError, Target};
use adatom_forest::{Error as ForestError, SplitRule};

use super::samples::Samples;
use super::settings::{FitSettings, HeldOut, SplitSettings};
use crate::error::Error;
use crate::observer::{Event, Observer};

/// The test rows of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Holdout {
    /// A random fraction.
    Random,
    /// Whole groups.
    Groups(Groups),
    /// These rows, in increasing order.
    Listed(Vec<usize>),
}

/// Rows that stay together.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Groups {
    /// The name of the groups, such as "formula".
    pub name: String,
    /// The group of every row.
    pub labels: Vec<String>,
}

impl Holdout {
    /// `whole` has all rows, also those that were left out of `table`.
    pub(super) fn of(
        settings: &SplitSettings,
        table: &FeatureTable,
        whole: &FeatureTable,
        observer: &dyn Observer,
    ) -> Result<Self, Error> {
        match &settings.held_out {
            HeldOut::Random => Ok(Self::Random),
            HeldOut::Groups => Ok(Self::Groups(Groups::choose(settings.group.as_deref(), table)?)),
            HeldOut::Listed(file) => Ok(Self::Listed(listed(file, table, whole, observer)?)),
        }
    }

    /// In words, as in "split: by formula".
    pub(super) fn words(&self) -> String {
        match self {
            Self::Random => "random".to_owned(),
            Self::Groups(groups) => format!("by {}", groups.name),
            Self::Listed(_) => "as listed".to_owned(),
        }
    }
}

impl Groups {
    pub(super) fn named(name: &str, table: &FeatureTable) -> Result<Self, Error> {
        Ok(Self { name: name.to_owned(), labels: table.group(name)?.to_vec() })
    }

    fn choose(name: Option<&str>, table: &FeatureTable) -> Result<Self, Error> {
        let wrong = |problem: String| Error::Setting { setting: "groups", problem };
        let known: Vec<&str> = table.groups().map(|(name, _)| name).collect();
        let name = match (name, &known[..]) {
            (Some(name), _) => name,
            (None, [only]) => only,
            (None, []) => return Err(wrong("the table has no column group:NAME".to_owned())),
            // A material has one formula: whole formulas are whole materials too.
            (None, kinds) => kinds.iter().find(|name| is_coarsest(table, name, kinds)).ok_or_else(|| {
                wrong(format!("no groups of {} contain those of all others", kinds.join(", ")))
            })?,
        };
        Self::named(name, table)
    }
}

/// Whether every group of each other kind lies in one of this kind.
fn is_coarsest(table: &FeatureTable, name: &str, kinds: &[&str]) -> bool {
    let Ok(own) = table.group(name) else { return false };
    kinds.iter().filter(|other| **other != name).all(|other| {
        let Ok(finer) = table.group(other) else { return false };
        let mut lies_in = HashMap::new();
        finer.iter().zip(own).all(|(finer, own)| *lies_in.entry(finer).or_insert(own) == own)
    })
}

/// The rows of `table` that the file lists, in increasing order.
fn listed(
    file: &Path,
    table: &FeatureTable,
    whole: &FeatureTable,
    observer: &dyn Observer,
) -> Result<Vec<usize>, Error> {
    let wrong = |problem: String| Error::DataSet { path: file.to_owned(), problem };
    let text = std::fs::read_to_string(file).map_err(Error::file(file))?;
    let (mut rows, mut left_out) = (Vec::new(), 0);
    let ids = text.lines().enumerate().map(|(index, line)| (index + 1, line.trim()));
    for (line, id) in ids.filter(|(_, id)| !id.is_empty()) {
        match (table.row_of(id), whole.row_of(id)) {
            (Some(row), _) => rows.push(row),
            (None, Some(_)) => left_out += 1,
            (None, None) => return Err(wrong(format!("line {line}: the table has no row {id}"))),
        }
    }
    let named = rows.len();
    rows.sort_unstable();
    rows.dedup();
    if rows.len() < named {
        return Err(wrong(format!("{} rows are listed more than once", named - rows.len())));
    }
    if rows.is_empty() || rows.len() == table.len() {
        let side = if rows.is_empty() { "for the test" } else { "for the training" };
        let (listed, all) = (rows.len(), table.len());
        return Err(wrong(format!("{listed} of the {all} rows are listed: no row is left {side}")));
    }
    if left_out > 0 {
        let text = format!("{left_out} of the rows listed in {} were left out", file.display());
        observer.event(&Event::Note(&text));
    }
    Ok(rows)
}

impl Samples {
    /// Training rows and rows held out.
    pub(super) fn split(&self, settings: &FitSettings, observer: &dyn Observer) -> Result<Split, Error> {
        if let Holdout::Listed(test) = &self.holdout {
            let train = (0..self.table.len()).filter(|row| test.binary_search(row).is_err()).collect();
            return Ok(Split { train, test: test.clone() });
        }
        let rule = SplitRule::test_fraction(self.table.len(), settings.split.test_fraction);
        Ok(self.splits(rule, observer, |rule| rule.splits(settings.seed))?.remove(0))
    }

    /// Folds of some of the rows.
    pub(super) fn folds(
        &self,
        rows: &[usize],
        settings: &FitSettings,
        observer: &dyn Observer,
    ) -> Result<Vec<Split>, Error> {
        let rule = SplitRule::folds(self.table.len(), settings.split.folds);
        self.splits(rule, observer, |rule| rule.splits_of(rows, settings.seed))
    }

    /// Stratified by class, if classes are frequent enough.
    fn splits(
        &self,
        rule: SplitRule<'_>,
        observer: &dyn Observer,
        split: impl Fn(SplitRule<'_>) -> adatom_forest::Result<Vec<Split>>,
    ) -> Result<Vec<Split>, Error> {
        let rule = match &self.holdout {
            Holdout::Groups(groups) => rule.by_group(&groups.labels),
            _ => rule,
        };
        let Target::Classes(classes) = &self.target else { return Ok(split(rule)?) };
        match split(rule.stratified(classes)) {
            Err(ForestError::Table(TableError::Split { reason, .. })) if is_of_classes(&reason) => {
                let fact = reason.to_string();
                observer.event(&Event::NotStratified(fact.split(';').next().unwrap_or_default()));
                Ok(split(rule)?)
            }
            done => Ok(done?),
        }
    }
}

/// Whether the split cannot be stratified by class.
fn is_of_classes(reason: &SplitFault) -> bool {
    matches!(
        reason,
        SplitFault::SingleMember { .. } | SplitFault::FewMembers { .. } | SplitFault::ClassInOneGroup { .. }
    )
}
