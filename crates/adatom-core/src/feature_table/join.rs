//! Joins tables of the same samples side by side.

use std::collections::{HashMap, HashSet};

use ndarray::{Axis, concatenate};

use super::{FeatureTable, TargetColumn, length};
use crate::{JoinReport, TableError, TargetKind, UnmatchedRow};

/// The samples of the tables, and those that are not in all of them.
fn report(tables: &[FeatureTable], rows: &[HashMap<&str, usize>]) -> JoinReport {
    let describe = |table: &FeatureTable| match table.modalities() {
        none if none.is_empty() => "labels".to_owned(),
        modalities => modalities.iter().map(|modality| modality.name()).collect::<Vec<_>>().join(", "),
    };
    let mut seen = HashSet::new();
    let ids = tables.iter().flat_map(FeatureTable::ids).filter(|id| seen.insert(id.as_str()));
    let mut samples = 0;
    let mut unmatched = Vec::new();
    for id in ids {
        samples += 1;
        let lacks: Vec<usize> =
            (0..tables.len()).filter(|&table| !rows[table].contains_key(id.as_str())).collect();
        if !lacks.is_empty() {
            unmatched.push(UnmatchedRow { id: id.clone(), lacks });
        }
    }
    JoinReport { tables: tables.iter().map(describe).collect(), samples, unmatched }
}

/// A table of the samples that are in all of several tables, and a report of the others.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct JoinedTable {
    /// The samples that are in all tables.
    pub table: FeatureTable,
    /// The samples that are not.
    pub report: JoinReport,
}

impl FeatureTable {
    /// Puts tables of the same samples side by side, in the order of the first one's rows.
    ///
    /// Groups and targets are united; where a sample's target is missing in one table and known in another,
    /// the known value is taken.
    ///
    /// # Errors
    /// [`TableError::Unmatched`] when a sample is not in all tables; [`TableError::Conflict`] when tables
    /// have different values for a sample; [`TableError::Duplicate`] when a column of features is in two
    /// tables; [`TableError::TooFew`] when there is no table.
    pub fn join(tables: impl IntoIterator<Item = FeatureTable>) -> Result<Self, TableError> {
        let tables: Vec<FeatureTable> = tables.into_iter().collect();
        let rows: Vec<HashMap<&str, usize>> = tables.iter().map(FeatureTable::rows_by_id).collect();
        match report(&tables, &rows) {
            report if report.unmatched.is_empty() => beside(&tables, &rows),
            report => Err(TableError::Unmatched(report)),
        }
    }

    /// Puts tables side by side and keeps only the samples that are in all of them; the report names the
    /// others.
    ///
    /// # Errors
    /// As [`join`](Self::join), but for samples that lack a partner; [`TableError::TooFew`] when no sample is
    /// in all tables.
    pub fn join_common(tables: impl IntoIterator<Item = FeatureTable>) -> Result<JoinedTable, TableError> {
        let tables: Vec<FeatureTable> = tables.into_iter().collect();
        let rows: Vec<HashMap<&str, usize>> = tables.iter().map(FeatureTable::rows_by_id).collect();
        Ok(JoinedTable { table: beside(&tables, &rows)?, report: report(&tables, &rows) })
    }
}

/// The rows that are in all tables.
fn beside(tables: &[FeatureTable], rows: &[HashMap<&str, usize>]) -> Result<FeatureTable, TableError> {
    let Some(first) = tables.first() else {
        return Err(TableError::TooFew { what: "table to join", least: 1, found: 0 });
    };
    let ids: Vec<&String> =
        first.ids.iter().filter(|id| rows.iter().all(|rows| rows.contains_key(id.as_str()))).collect();
    if ids.is_empty() {
        return Err(TableError::TooFew { what: "sample in all tables", least: 1, found: 0 });
    }
    let selected: Vec<FeatureTable> = tables
        .iter()
        .zip(rows)
        .map(|(table, rows)| table.select_rows(&ids.iter().map(|id| rows[id.as_str()]).collect::<Vec<_>>()))
        .collect::<Result<_, _>>()?;
    let columns = selected.iter().flat_map(|table| table.columns.iter().cloned()).collect();
    let features: Vec<_> = selected.iter().map(FeatureTable::features).collect();
    let features = concatenate(Axis(1), &features).expect("all have the same rows");
    let mut joined = FeatureTable::new(ids.into_iter().cloned(), columns, features)?;
    for table in &selected {
        for (name, labels) in &table.groups {
            joined.unite_group(name, labels)?;
        }
        for (name, target) in &table.targets {
            joined.unite_target(name, target)?;
        }
    }
    Ok(joined)
}

impl FeatureTable {
    fn conflict(&self, what: &'static str, name: &str, row: usize, values: [String; 2]) -> TableError {
        let (name, id, [first, second]) = (name.to_owned(), self.ids[row].clone(), values);
        TableError::Conflict { what, name, id, first: first.into(), second: second.into() }
    }

    fn unite_group(&mut self, name: &str, labels: &[String]) -> Result<(), TableError> {
        let Some((_, known)) = self.groups.iter().find(|(other, _)| other == name) else {
            self.groups.push((name.to_owned(), labels.to_vec()));
            return Ok(());
        };
        match (0..labels.len()).find(|&row| known[row] != labels[row]) {
            None => Ok(()),
            Some(row) => {
                let values = [&known[row], &labels[row]].map(|label| format!("{label:?}"));
                Err(self.conflict("group", name, row, values))
            }
        }
    }

    fn unite_target(&mut self, name: &str, target: &TargetColumn) -> Result<(), TableError> {
        length("values of the target", self.len(), target.len())?;
        let Some(index) = self.targets.iter().position(|(other, _)| other == name) else {
            self.targets.push((name.to_owned(), target.clone()));
            return Ok(());
        };
        let known = &self.targets[index].1;
        let differs = |row: usize| {
            known.kind() != target.kind()
                || matches!(
                    (known.number(row), target.number(row)),
                    (Some(left), Some(right)) if left != right
                )
                || matches!((known.class(row), target.class(row)), (Some(left), Some(right)) if left != right)
        };
        if let Some(row) = (0..self.len()).find(|&row| differs(row)) {
            let values = [known, target].map(|target| in_words(target, row));
            return Err(self.conflict("target", name, row, values));
        }
        self.targets[index].1 = known.complete(target);
        Ok(())
    }
}

fn in_words(target: &TargetColumn, row: usize) -> String {
    match (target.kind(), target.text(row)) {
        (TargetKind::Numbers, Some(text)) => format!("the number {text}"),
        (TargetKind::Classes, Some(text)) => format!("the class {text:?}"),
        (TargetKind::Numbers, None) => "a missing number".to_owned(),
        (TargetKind::Classes, None) => "a missing class".to_owned(),
    }
}
