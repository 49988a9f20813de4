//! Errors of importance calculations.

/// An error of an importance calculation.
///
/// ```
/// use adatom_interpret::{FeatureImportance, ImportanceError, ndarray::Array2};
/// let error = FeatureImportance::new(Vec::new(), Array2::zeros((1, 0))).unwrap_err();
/// assert!(matches!(error, ImportanceError::TooFew { .. }));
/// assert_eq!(error.to_string(), "expected at least 1 columns, found 0");
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ImportanceError {
    /// The sizes of model, table, true values or groups differ.
    #[error("expected {expected} {what}, found {found}")]
    Length {
        /// The quantity counted.
        what: &'static str,
        /// The expected number.
        expected: usize,
        /// The number found.
        found: usize,
    },
    /// There are too few of something.
    #[error("expected at least {least} {what}, found {found}")]
    TooFew {
        /// The quantity counted.
        what: &'static str,
        /// The smallest permitted number.
        least: usize,
        /// The number found.
        found: usize,
    },
    /// A number that must be finite is not.
    #[error("{what} of row {row}, column {column} must be finite, found {found}")]
    NotFinite {
        /// The quantity, such as `the feature`.
        what: &'static str,
        /// Its row, from 0.
        row: usize,
        /// Its column, from 0.
        column: usize,
        /// The value found.
        found: f64,
    },
    /// A parameter is outside its range.
    #[error("{parameter} must be {expected}, found {found}")]
    Parameter {
        /// Its name.
        parameter: &'static str,
        /// Its range.
        expected: &'static str,
        /// The value found.
        found: String,
    },
    /// A tree of the ensemble is not valid.
    #[error("not a tree: tree {tree}, node {node}: expected {expected}, found {found}")]
    Tree {
        /// The tree, from 0.
        tree: usize,
        /// The node, from 0.
        node: usize,
        /// What was expected.
        expected: String,
        /// What was found.
        found: String,
    },
    /// A modality, region or group has no column.
    #[error("{name} has no column")]
    NoColumns {
        /// The modality, region or group.
        name: String,
    },
    /// A region lies outside the axis of its modality.
    #[error(
        "the region {name:?} from {low} to {high} lies outside the axis of {modality}, {first} to {last}"
    )]
    Outside {
        /// The region.
        name: String,
        /// Its lower end, in the unit of the modality.
        low: f64,
        /// Its upper end.
        high: f64,
        /// The modality.
        modality: adatom_core::Modality,
        /// The smallest axis value of its columns.
        first: f64,
        /// The largest.
        last: f64,
    },
    /// A quantity that must vary is constant.
    #[error("{what} has the constant value {value}")]
    Constant {
        /// What is constant.
        what: String,
        /// Its value.
        value: f64,
    },
    /// A score is not defined for these rows.
    #[error("the score {score} is not defined for these {rows} rows")]
    Undefined {
        /// Its name.
        score: String,
        /// The number of rows.
        rows: usize,
    },
    /// A model could not be fitted or scored.
    #[error("the model could not be {doing}")]
    Model {
        /// `fitted` or `scored`.
        doing: &'static str,
        /// The cause.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A table lacks a column, a group or rows.
    #[error(transparent)]
    Table(#[from] adatom_core::TableError),
}

pub(crate) type Result<T, E = ImportanceError> = std::result::Result<T, E>;

pub(crate) fn exactly(what: &'static str, expected: usize, found: usize) -> Result<()> {
    if expected == found {
        return Ok(());
    }
    Err(ImportanceError::Length { what, expected, found })
}

pub(crate) fn at_least(what: &'static str, least: usize, found: usize) -> Result<()> {
    if found >= least {
        return Ok(());
    }
    Err(ImportanceError::TooFew { what, least, found })
}

/// Checks that there is at least one row, and that rows have `columns` finite numbers.
pub(crate) fn check_rows(rows: ndarray::ArrayView2<'_, f64>, columns: usize) -> Result<()> {
    exactly("columns of features", columns, rows.ncols())?;
    at_least("rows", 1, rows.nrows())?;
    finite("the feature", rows)
}

pub(crate) fn finite(what: &'static str, values: ndarray::ArrayView2<'_, f64>) -> Result<()> {
    match values.indexed_iter().find(|(_, value)| !value.is_finite()) {
        Some(((row, column), &found)) => Err(ImportanceError::NotFinite { what, row, column, found }),
        None => Ok(()),
    }
}
