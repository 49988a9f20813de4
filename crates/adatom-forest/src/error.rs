//! What can be wrong with training data, parameters and model files.

use std::path::PathBuf;

/// A `Result` with [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What can be wrong with training data, parameters and model files.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A parameter is out of its range.
    #[error("{parameter} must be {expected}, found {found}")]
    Parameter {
        /// Its name.
        parameter: &'static str,
        /// What it may be.
        expected: &'static str,
        /// What it is.
        found: String,
    },
    /// A feature, a property or a weight is not a number that can be used.
    #[error("{what} of row {row}{column} must be {expected}, found {found}", column = .column.map(|column| format!(", column {column}")).unwrap_or_default())]
    Value {
        /// `the feature`, `the property`, `the weight`.
        what: &'static str,
        /// Its row, from 0.
        row: usize,
        /// Its column, from 0.
        column: Option<usize>,
        /// What it may be.
        expected: &'static str,
        /// What it is.
        found: f64,
    },
    /// Arrays do not fit together, or are empty.
    #[error("expected {expected} {what}, found {found}")]
    Length {
        /// What was counted.
        what: &'static str,
        /// How many there should be.
        expected: usize,
        /// How many there are.
        found: usize,
    },
    /// Fewer than are needed.
    #[error("expected at least {least} {what}, found {found}")]
    TooFew {
        /// What was counted.
        what: &'static str,
        /// How many are needed.
        least: usize,
        /// How many there are.
        found: usize,
    },
    /// More than are possible.
    #[error("expected at most {most} {what}, found {found}")]
    TooMany {
        /// What was counted.
        what: &'static str,
        /// How many are possible.
        most: usize,
        /// How many there are.
        found: usize,
    },
    /// All rows with a weight belong to one class.
    #[error("all {rows} rows belong to the class {class:?}: a classifier needs at least two")]
    OneClass {
        /// The class.
        class: String,
        /// How many rows.
        rows: usize,
    },
    /// A table does not have the columns a model was fitted on.
    #[error("the table's columns differ from the model's: {0}")]
    Columns(String),
    /// Something is asked of a model that it does not have.
    #[error("{0}")]
    Unavailable(&'static str),
    /// The operating system refused to read or write a file.
    #[error("cannot {doing} {}", .path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What was tried: `read` or `write`.
        doing: &'static str,
        /// What the operating system said.
        #[source]
        source: std::io::Error,
    },
    /// A file or text does not hold a forest.
    #[error("{origin}: expected {expected}, found {found}")]
    Malformed {
        /// The file, or what kind of text it is.
        origin: String,
        /// What should be there.
        expected: String,
        /// What is there.
        found: String,
    },
    /// A table does not have what is asked of it, or cannot be split as asked.
    #[error(transparent)]
    Table(#[from] adatom_core::TableError),
}
