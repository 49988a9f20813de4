//! Errors of figures and reports.

use std::io;
use std::path::PathBuf;

/// A `Result` with [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// An error of a figure or a report.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// An input is empty.
    #[error("{what} must not be empty")]
    Empty {
        /// What is empty.
        what: &'static str,
    },
    /// An array has another shape than the figure needs.
    #[error("{what}: expected shape {expected:?}, found {found:?}")]
    Shape {
        /// Which array.
        what: &'static str,
        /// The shape it should have.
        expected: Vec<usize>,
        /// The shape it has.
        found: Vec<usize>,
    },
    /// A layer that a map does not have.
    #[error("there is no layer {index}: the map has {layers}")]
    NoSuchLayer {
        /// The requested layer, from 0.
        index: usize,
        /// How many layers there are.
        layers: usize,
    },
    /// Limits of a scale that are not finite and increasing.
    #[error("limits must be finite and increasing, found {low} to {high}")]
    Limits {
        /// The lower limit.
        low: f64,
        /// The upper limit.
        high: f64,
    },
    /// A file could not be written.
    #[error("cannot write {}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
}
