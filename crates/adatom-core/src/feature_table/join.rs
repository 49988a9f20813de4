//! Tables of one set of samples, put side by side.

use std::collections::{HashMap, HashSet};
use std::fmt;

use ndarray::{Axis, concatenate};

use super::{FeatureTable, TargetColumn, length};
use crate::{TableError, TargetKind};

/// Which samples stand in some of the joined tables only.
///
/// ```
/// use adatom_core::{FeatureColumn, FeatureTable, Modality, ndarray::array};
/// let xanes = FeatureTable::new(["a", "b"], vec![FeatureColumn::new(Modality::Xanes, 8980.0)?], array![[1.0], [2.0]])?;
/// let pdf = FeatureTable::new(["b", "c"], vec![FeatureColumn::new(Modality::Pdf, 2.0)?], array![[3.0], [4.0]])?;
/// let error = FeatureTable::join([xanes.clone(), pdf.clone()]).unwrap_err();
/// assert_eq!(error.to_string(), "2 of 3 samples do not stand in all tables: \"a\" lacks pdf, \"c\" lacks xanes");
///
/// let (table, report) = FeatureTable::join_common([xanes, pdf])?;
/// assert_eq!(table.ids(), ["b"]);
/// assert_eq!(report.unmatched[0].id, "a");
/// # Ok::<(), adatom_core::TableError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JoinReport {
    /// What the tables hold, such as `xanes` or `xanes, pdf`; `labels` where a table has no feature.
    pub tables: Vec<String>,
    /// How many different samples stand in any of the tables.
    pub samples: usize,
    /// The samples that do not stand in all of them, in the order of the tables.
    pub unmatched: Vec<UnmatchedRow>,
}

/// A sample that stands in some of the joined tables only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnmatchedRow {
    /// The sample.
    pub id: String,
    /// The tables in which it does not stand, from 0.
    pub lacks: Vec<usize>,
}

impl JoinReport {
    fn new(tables: &[FeatureTable], rows: &[HashMap<&str, usize>]) -> Self {
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
        Self { tables: tables.iter().map(describe).collect(), samples, unmatched }
    }
}

impl fmt::Display for JoinReport {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN: usize = 3;
        if self.unmatched.is_empty() {
            return write!(formatter, "all {} samples stand in all tables", self.samples);
        }
        write!(
            formatter,
            "{} of {} samples do not stand in all tables: ",
            self.unmatched.len(),
            self.samples
        )?;
        for (index, row) in self.unmatched.iter().take(SHOWN).enumerate() {
            let comma = if index == 0 { "" } else { ", " };
            let lacks: Vec<&str> = row.lacks.iter().map(|&table| self.tables[table].as_str()).collect();
            write!(formatter, "{comma}{:?} lacks {}", row.id, lacks.join(" and "))?;
        }
        match self.unmatched.len().saturating_sub(SHOWN) {
            0 => Ok(()),
            more => write!(formatter, ", and {more} more"),
        }
    }
}

impl FeatureTable {
    /// Puts tables of the same samples side by side, in the order of the first one's rows.
    ///
    /// Groups and targets are united; where one table says nothing of a sample's target and another does, the known
    /// value is taken.
    ///
    /// # Errors
    /// [`TableError::Unmatched`] when a sample does not stand in all tables; [`TableError::Conflict`] when tables
    /// say different things of a sample; [`TableError::Duplicate`] when a column of features stands in two tables;
    /// [`TableError::Length`] when there is no table.
    pub fn join(tables: impl IntoIterator<Item = FeatureTable>) -> Result<Self, TableError> {
        let tables: Vec<FeatureTable> = tables.into_iter().collect();
        let rows: Vec<HashMap<&str, usize>> = tables.iter().map(FeatureTable::rows_by_id).collect();
        match JoinReport::new(&tables, &rows) {
            report if report.unmatched.is_empty() => beside(&tables, &rows),
            report => Err(TableError::Unmatched(report)),
        }
    }

    /// Puts tables side by side and keeps only the samples that stand in all of them; the report names the others.
    ///
    /// # Errors
    /// As [`join`](Self::join), but for samples that lack a partner; [`TableError::Length`] when no sample stands in
    /// all tables.
    pub fn join_common(
        tables: impl IntoIterator<Item = FeatureTable>,
    ) -> Result<(Self, JoinReport), TableError> {
        let tables: Vec<FeatureTable> = tables.into_iter().collect();
        let rows: Vec<HashMap<&str, usize>> = tables.iter().map(FeatureTable::rows_by_id).collect();
        Ok((beside(&tables, &rows)?, JoinReport::new(&tables, &rows)))
    }
}

/// The rows that stand in all tables.
fn beside(tables: &[FeatureTable], rows: &[HashMap<&str, usize>]) -> Result<FeatureTable, TableError> {
    let Some(first) = tables.first() else {
        return Err(TableError::Length { what: "tables to join", expected: 1, found: 0 });
    };
    let ids: Vec<&String> =
        first.ids.iter().filter(|id| rows.iter().all(|rows| rows.contains_key(id.as_str()))).collect();
    if ids.is_empty() {
        return Err(TableError::Length { what: "samples that stand in all tables", expected: 1, found: 0 });
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
                || matches!((known.number(row), target.number(row)), (Some(left), Some(right)) if left != right)
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
