//! Errors of training data, parameters and model files.

use std::path::PathBuf;

/// A `Result` with [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Errors of training data, parameters and model files.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A parameter is outside its range.
    #[error("{parameter} must be {expected}, found {found}")]
    Parameter {
        /// Its name.
        parameter: &'static str,
        /// The valid values.
        expected: &'static str,
        /// The value found.
        found: String,
    },
    /// A feature, a property or a weight has an invalid value.
    #[error(
        "{what} of row {row}{column} must be {expected}, found {found}",
        column = .column.map(|column| format!(", column {column}")).unwrap_or_default()
    )]
    Value {
        /// `the feature`, `the property`, `the weight`.
        what: &'static str,
        /// Its row, from 0.
        row: usize,
        /// Its column, from 0.
        column: Option<usize>,
        /// The valid values.
        expected: &'static str,
        /// The value found.
        found: f64,
    },
    /// Arrays differ in length, or are empty.
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
        /// The smallest valid number.
        least: usize,
        /// The number found.
        found: usize,
    },
    /// There are too many of something.
    #[error("expected at most {most} {what}, found {found}")]
    TooMany {
        /// The quantity counted.
        what: &'static str,
        /// The largest valid number.
        most: usize,
        /// The number found.
        found: usize,
    },
    /// All rows with a weight belong to one class.
    #[error("all {rows} rows belong to the class {class:?}: a classifier needs at least two")]
    OneClass {
        /// The class.
        class: String,
        /// The number of rows.
        rows: usize,
    },
    /// The columns of a table are not those on which the model was fitted.
    #[error("the table's columns differ from the model's: {0}")]
    Columns(String),
    /// The model does not contain the data for a calculation.
    #[error("{0}")]
    Unavailable(&'static str),
    /// A file cannot be read or written.
    #[error("cannot {doing} {}", .path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// `read` or `write`.
        doing: &'static str,
        /// The error of the operating system.
        #[source]
        source: std::io::Error,
    },
    /// A file or text is not a valid forest.
    #[error("{origin}: expected {expected}, found {found}")]
    Malformed {
        /// The file, or the kind of text.
        origin: String,
        /// The expected content.
        expected: String,
        /// The content found.
        found: String,
    },
    /// A table lacks a target or group, or cannot be split as requested.
    #[error(transparent)]
    Table(#[from] adatom_core::TableError),
}
