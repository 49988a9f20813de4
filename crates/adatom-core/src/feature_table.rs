//! A table of samples: their ids and groups, the targets to predict, and measured features.

mod balance;
mod column;
mod folds;
mod join;
mod read;
mod split;
mod target_column;
mod write;

use std::collections::{HashMap, HashSet};

use ndarray::{Array1, Array2, ArrayView2, Axis};

use crate::{ClassLabels, Modality, TableError, Target};

pub use column::FeatureColumn;
pub use join::JoinedTable;
pub use split::{Split, SplitTable};
pub use target_column::TargetColumn;

/// Rows = samples with unique ids, groups and targets; columns = features `[n, p]` whose meaning is known.
///
/// A table has at least one row; it may have no feature (labels that are to be joined with features). All
/// features are finite, all ids and columns differ: both are checked when a table is made.
///
/// ```
/// use adatom_core::{FeatureColumn, FeatureTable, Modality, Target, ndarray::array};
/// let columns = [8980.0, 8990.0].map(|energy| FeatureColumn::new(Modality::Xanes, energy));
/// let columns: Vec<_> = columns.into_iter().collect::<Result<_, _>>()?;
/// let table = FeatureTable::new(["a", "b"], columns.clone(), array![[0.1, 1.0], [0.2, 1.1]])?
///     .with_group("formula", ["CuO", "Cu2O"])?
///     .with_target("coordination_number", Target::numbers([4.0, 2.0]))?;
/// assert_eq!(table.features()[[1, 0]], 0.2);
/// assert_eq!(table.group("formula")?, ["CuO", "Cu2O"]);
/// assert_eq!(table.classes("coordination_number")?.names, ["2", "4"]);
///
/// let error = FeatureTable::new(["a", "a"], columns, array![[0.1, 1.0], [0.2, 1.1]]).unwrap_err();
/// assert_eq!(error.to_string(), "duplicate id \"a\"");
/// # Ok::<(), adatom_core::TableError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct FeatureTable {
    ids: Vec<String>,
    groups: Vec<(String, Vec<String>)>,
    targets: Vec<(String, TargetColumn)>,
    columns: Vec<FeatureColumn>,
    features: Array2<f64>,
}

/// The first text that occurs twice.
fn duplicate<'a>(texts: impl IntoIterator<Item = &'a String>) -> Option<&'a String> {
    let mut seen = HashSet::new();
    texts.into_iter().find(|text| !seen.insert(text.as_str()))
}

fn length(what: &'static str, expected: usize, found: usize) -> Result<(), TableError> {
    if expected == found { Ok(()) } else { Err(TableError::Length { what, expected, found }) }
}

fn not_empty(what: &'static str, text: &str) -> Result<(), TableError> {
    if text.is_empty() {
        return Err(TableError::Name { what, expected: "not empty", found: String::new() });
    }
    Ok(())
}

impl FeatureTable {
    /// A table of features `[n, p]` of samples `ids` (n) with `columns` (p).
    ///
    /// # Errors
    /// [`TableError::TooFew`] when there is no id; [`TableError::Length`] when there is another number of ids
    /// or columns than rows and columns of `features`; [`TableError::Name`] when an id is empty;
    /// [`TableError::Duplicate`] when an id or a column occurs twice; [`TableError::NotFinite`].
    pub fn new<S: Into<String>>(
        ids: impl IntoIterator<Item = S>,
        columns: Vec<FeatureColumn>,
        features: Array2<f64>,
    ) -> Result<Self, TableError> {
        let ids: Vec<String> = ids.into_iter().map(Into::into).collect();
        if ids.is_empty() {
            return Err(TableError::TooFew { what: "row", least: 1, found: 0 });
        }
        length("rows of features", ids.len(), features.nrows())?;
        length("columns of features", columns.len(), features.ncols())?;
        ids.iter().try_for_each(|id| not_empty("an id", id))?;
        if let Some(id) = duplicate(&ids) {
            return Err(TableError::Duplicate { what: "id", name: id.clone() });
        }
        let headers: Vec<String> = columns.iter().map(ToString::to_string).collect();
        if let Some(header) = duplicate(&headers) {
            return Err(TableError::Duplicate { what: "column", name: header.clone() });
        }
        if let Some(((row, column), &found)) = features.indexed_iter().find(|(_, value)| !value.is_finite()) {
            let (column, id) = (headers[column].clone(), ids[row].clone());
            return Err(TableError::NotFinite { column, id, found });
        }
        // Rows are read one after another: by a forest, and by the writer of files.
        let features =
            if features.is_standard_layout() { features } else { features.as_standard_layout().into_owned() };
        Ok(Self { ids, groups: Vec::new(), targets: Vec::new(), columns, features })
    }

    /// Adds labels of groups, one per row, such as the formula: rows of one group are not independent.
    ///
    /// # Errors
    /// [`TableError::Length`]; [`TableError::Name`] when the name or a label is empty;
    /// [`TableError::Duplicate`] when there is a group of that name.
    pub fn with_group<S: Into<String>>(
        mut self,
        name: &str,
        labels: impl IntoIterator<Item = S>,
    ) -> Result<Self, TableError> {
        let labels: Vec<String> = labels.into_iter().map(Into::into).collect();
        not_empty("the name of a group", name)?;
        length("labels of groups", self.len(), labels.len())?;
        labels.iter().try_for_each(|label| not_empty("the label of a group", label))?;
        if self.groups.iter().any(|(other, _)| other == name) {
            return Err(TableError::Duplicate { what: "group", name: name.to_owned() });
        }
        self.groups.push((name.to_owned(), labels));
        Ok(self)
    }

    /// Adds a property to predict, one value per row.
    ///
    /// # Errors
    /// [`TableError::Length`]; [`TableError::Name`] when the name or the name of a class is empty;
    /// [`TableError::NotFinite`]; [`TableError::Duplicate`] when there is a target of that name.
    pub fn with_target(mut self, name: &str, target: impl Into<TargetColumn>) -> Result<Self, TableError> {
        let target = target.into();
        not_empty("the name of a target", name)?;
        length("values of the target", self.len(), target.len())?;
        if let Some(labels) = target.known().view().classes() {
            labels.names.iter().try_for_each(|class| not_empty("the name of a class", class))?;
        }
        let number = |row| target.number(row).filter(|value| !value.is_finite()).map(|value| (row, value));
        if let Some((row, found)) = (0..self.len()).find_map(number) {
            let (column, id) = (format!("target {name:?}"), self.ids[row].clone());
            return Err(TableError::NotFinite { column, id, found });
        }
        if self.targets.iter().any(|(other, _)| other == name) {
            return Err(TableError::Duplicate { what: "target", name: name.to_owned() });
        }
        self.targets.push((name.to_owned(), target));
        Ok(self)
    }

    /// The number of rows, at least 1.
    #[expect(clippy::len_without_is_empty, reason = "a table is never empty")]
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// Names of the samples, `[n]`, all different.
    pub fn ids(&self) -> &[String] {
        &self.ids
    }

    /// The meaning of the columns of features, `[p]`, all different.
    pub fn columns(&self) -> &[FeatureColumn] {
        &self.columns
    }

    /// The features, `[n, p]`, finite, row by row in memory.
    pub fn features(&self) -> ArrayView2<'_, f64> {
        self.features.view()
    }

    /// Names of the groups and their labels, `[n]` each.
    pub fn groups(&self) -> impl Iterator<Item = (&str, &[String])> {
        self.groups.iter().map(|(name, labels)| (name.as_str(), labels.as_slice()))
    }

    /// Names of the targets and their values.
    pub fn targets(&self) -> impl Iterator<Item = (&str, &TargetColumn)> {
        self.targets.iter().map(|(name, target)| (name.as_str(), target))
    }

    /// The modalities in the order of their first columns.
    pub fn modalities(&self) -> Vec<Modality> {
        let mut modalities: Vec<Modality> = Vec::new();
        for column in &self.columns {
            if modalities.last() != Some(column.modality()) && !modalities.contains(column.modality()) {
                modalities.push(column.modality().clone());
            }
        }
        modalities
    }

    /// Labels of a group, `[n]`.
    ///
    /// # Errors
    /// [`TableError::Unknown`].
    pub fn group(&self, name: &str) -> Result<&[String], TableError> {
        match self.groups().find(|(other, _)| *other == name) {
            Some((_, labels)) => Ok(labels),
            None => Err(unknown("group", name, self.groups().map(|(name, _)| name))),
        }
    }

    /// A target by its name.
    ///
    /// # Errors
    /// [`TableError::Unknown`].
    pub fn target(&self, name: &str) -> Result<&TargetColumn, TableError> {
        match self.targets().find(|(other, _)| *other == name) {
            Some((_, target)) => Ok(target),
            None => Err(unknown("target", name, self.targets().map(|(name, _)| name))),
        }
    }

    /// The numbers of a target, `[n]`.
    ///
    /// # Errors
    /// [`TableError::Unknown`]; [`TableError::Target`] when it is text, or missing for a row (see
    /// [`drop_missing`](Self::drop_missing)).
    pub fn numbers(&self, name: &str) -> Result<Array1<f64>, TableError> {
        match self.complete_target(name)? {
            Target::Numbers(values) => Ok(values.clone()),
            Target::Classes(_) => {
                let (name, id) = (name.to_owned(), self.ids[0].clone());
                Err(TableError::Target { name, what: "is text, not numbers", count: self.len(), id })
            }
        }
    }

    /// The classes of a target: names as they are, numbers one class each.
    ///
    /// # Errors
    /// [`TableError::Unknown`]; [`TableError::Target`] when it is missing for a row (see
    /// [`drop_missing`](Self::drop_missing)).
    pub fn classes(&self, name: &str) -> Result<ClassLabels, TableError> {
        Ok(match self.complete_target(name)? {
            Target::Numbers(values) => ClassLabels::of_numbers(&values.to_vec()),
            Target::Classes(labels) => labels.clone(),
        })
    }

    /// The target, known for every row: numbers, or classes.
    ///
    /// # Errors
    /// [`TableError::Unknown`]; [`TableError::Target`] when it is missing for a row (see
    /// [`drop_missing`](Self::drop_missing)).
    pub fn complete_target(&self, name: &str) -> Result<&Target, TableError> {
        let target = self.target(name)?;
        match (0..self.len()).find(|&row| !target.is_known(row)) {
            None => Ok(target.known()),
            Some(row) => {
                let (name, id, count) = (name.to_owned(), self.ids[row].clone(), target.missing());
                Err(TableError::Target { name, what: "is missing", count, id })
            }
        }
    }

    /// The index of the row of a sample.
    pub fn row_of(&self, id: &str) -> Option<usize> {
        self.ids.iter().position(|other| other == id)
    }

    /// The indices of the columns of a modality.
    pub fn columns_of(&self, modality: &Modality) -> Vec<usize> {
        let columns = self.columns.iter().enumerate();
        columns.filter(|(_, column)| column.modality() == modality).map(|(index, _)| index).collect()
    }

    /// The table with the columns of these modalities only, in the table's order.
    ///
    /// # Errors
    /// [`TableError::Unknown`] when the table has no column of one of them.
    pub fn select_modalities(&self, modalities: &[Modality]) -> Result<Self, TableError> {
        let known = self.modalities();
        if let Some(lacking) = modalities.iter().find(|modality| !known.contains(modality)) {
            return Err(unknown("modality", lacking.name(), known.iter().map(Modality::name)));
        }
        let columns = self.columns.iter().enumerate();
        let kept: Vec<usize> = columns
            .filter(|(_, column)| modalities.contains(column.modality()))
            .map(|(index, _)| index)
            .collect();
        Ok(Self {
            columns: kept.iter().map(|&index| self.columns[index].clone()).collect(),
            features: self.features.select(Axis(1), &kept),
            ..self.clone_rows()
        })
    }

    /// All but the columns.
    fn clone_rows(&self) -> Self {
        Self {
            ids: self.ids.clone(),
            groups: self.groups.clone(),
            targets: self.targets.clone(),
            columns: Vec::new(),
            features: Array2::zeros((self.len(), 0)),
        }
    }

    /// The table with these rows only, in this order.
    ///
    /// # Errors
    /// [`TableError::TooFew`] when `rows` is empty, [`TableError::Unknown`] for a row that does not exist,
    /// [`TableError::Duplicate`] when one is listed twice.
    pub fn select_rows(&self, rows: &[usize]) -> Result<Self, TableError> {
        if rows.is_empty() {
            return Err(TableError::TooFew { what: "row", least: 1, found: 0 });
        }
        if let Some(row) = rows.iter().find(|&&row| row >= self.len()) {
            let known = [format!("0 to {}", self.len() - 1)];
            return Err(unknown("row", &row.to_string(), known.iter().map(String::as_str)));
        }
        let ids: Vec<String> = rows.iter().map(|&row| self.ids[row].clone()).collect();
        if let Some(id) = duplicate(&ids) {
            return Err(TableError::Duplicate { what: "id", name: id.clone() });
        }
        let pick = |labels: &[String]| rows.iter().map(|&row| labels[row].clone()).collect();
        Ok(Self {
            ids,
            groups: self.groups.iter().map(|(name, labels)| (name.clone(), pick(labels))).collect(),
            targets: self.targets.iter().map(|(name, target)| (name.clone(), target.select(rows))).collect(),
            columns: self.columns.clone(),
            features: self.features.select(Axis(0), rows),
        })
    }

    /// The table with only those rows whose target is known.
    ///
    /// # Errors
    /// [`TableError::Unknown`]; [`TableError::TooFew`] when it is known for no row.
    pub fn drop_missing(&self, target: &str) -> Result<Self, TableError> {
        let values = self.target(target)?;
        let known: Vec<usize> = (0..self.len()).filter(|&row| values.is_known(row)).collect();
        self.select_rows(&known)
    }

    fn rows_by_id(&self) -> HashMap<&str, usize> {
        self.ids.iter().enumerate().map(|(row, id)| (id.as_str(), row)).collect()
    }
}

fn unknown<'a>(what: &'static str, name: &str, known: impl Iterator<Item = &'a str>) -> TableError {
    TableError::Unknown { what, name: name.to_owned(), known: known.map(str::to_owned).collect() }
}

#[cfg(test)]
mod tests;
