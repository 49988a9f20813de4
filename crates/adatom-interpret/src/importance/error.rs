//! What can be wrong with questions about what mattered.

/// What can be wrong with questions about what mattered.
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
    /// Model, table, truth or groups do not fit together.
    #[error("expected {expected} {what}, found {found}")]
    Length {
        /// What was counted.
        what: &'static str,
        /// How many there should be.
        expected: usize,
        /// How many there are.
        found: usize,
    },
    /// There is too little of something.
    #[error("expected at least {least} {what}, found {found}")]
    TooFew {
        /// What was counted.
        what: &'static str,
        /// How many there should be at least.
        least: usize,
        /// How many there are.
        found: usize,
    },
    /// A number that must be finite is not.
    #[error("{what} of row {row}, column {column} must be finite, found {found}")]
    NotFinite {
        /// `the feature`, `the importance` ...
        what: &'static str,
        /// Its row, from 0.
        row: usize,
        /// Its column, from 0.
        column: usize,
        /// What it is.
        found: f64,
    },
    /// A value that must be finite is not.
    #[error("{what} of patch {row} must be finite, found {found}")]
    Value {
        /// Of what.
        what: String,
        /// Which patch, from 0.
        row: usize,
        /// What it is.
        found: f64,
    },
    /// A field does not lie on the image.
    #[error("expected a field of {} x {} pixels like the image, found {} x {}", .expected[0], .expected[1], .found[0], .found[1])]
    Field {
        /// Rows and columns of the image.
        expected: [usize; 2],
        /// Rows and columns of the field.
        found: [usize; 2],
    },
    /// A parameter is outside of its range.
    #[error("{parameter} must be {expected}, found {found}")]
    Parameter {
        /// Its name.
        parameter: &'static str,
        /// What it may be.
        expected: &'static str,
        /// What it is.
        found: String,
    },
    /// What calls itself a tree is none.
    #[error("tree {tree}, node {node}: expected {expected}, found {found}")]
    Tree {
        /// Which tree, from 0.
        tree: usize,
        /// Which node, from 0.
        node: usize,
        /// What should be there.
        expected: String,
        /// What is there.
        found: String,
    },
    /// A modality, region or group has no column.
    #[error("no column belongs to {name}")]
    NoColumns {
        /// The modality, region or group.
        name: String,
    },
    /// A region does not lie on the axis of its modality.
    #[error(
        "the region {name:?} from {low} to {high} lies outside of the axis of {modality}, {first} to {last}"
    )]
    Outside {
        /// The region.
        name: String,
        /// Where it begins, in the unit of the modality.
        low: f64,
        /// Where it ends.
        high: f64,
        /// The modality.
        modality: adatom_core::Modality,
        /// The smallest axis value of its columns.
        first: f64,
        /// The largest.
        last: f64,
    },
    /// There is nothing to explain: a column, a property or a difference is constant where it must not be.
    #[error("{what} is {value} everywhere: there is nothing to explain")]
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
        /// How many rows.
        rows: usize,
    },
    /// A model could not be fitted or asked.
    #[error("the model could not be {doing}")]
    Model {
        /// `fitted` or `scored`.
        doing: &'static str,
        /// Why not.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A table does not have what is asked of it.
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

/// Rows that can be asked about: at least one, of `columns` finite numbers each.
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
