//! What can be wrong with spectra and their files.

use std::path::PathBuf;

/// A `Result` with [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What can be wrong with spectra and their files.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A grid, map or scaling is wrong.
    #[error(transparent)]
    Core(#[from] adatom_core::Error),
    /// A table of features is wrong.
    #[error(transparent)]
    Table(#[from] adatom_core::TableError),
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
    /// The content of a file is of no format that is understood.
    #[error("{} is in none of the spectrum formats that are understood{}", .path.display(), .looks_like.map(|what| format!("; it looks like {what}")).unwrap_or_default())]
    UnknownFormat {
        /// The file.
        path: PathBuf,
        /// What it looks like, where that is known.
        looks_like: Option<&'static str>,
    },
    /// A file contradicts the rules of its format.
    #[error("{}{}: expected {expected}, found {found}", .path.display(), .line.map(|line| format!(", line {line}")).unwrap_or_default())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// The line, from 1, where one can be named.
        line: Option<usize>,
        /// What should be there.
        expected: String,
        /// What is there.
        found: String,
    },
    /// A file is sound but does not say what is needed.
    #[error("{}: {what}", .path.display())]
    Ambiguous {
        /// The file.
        path: PathBuf,
        /// What cannot be told, and how the caller can say it.
        what: String,
    },
    /// A grid is not finite or not strictly increasing, or too short.
    #[error("{quantity} must be {expected}; point {index} is {found}")]
    Grid {
        /// Which grid: `energies`, `distances`, `wavenumbers`.
        quantity: &'static str,
        /// `finite`, or `strictly increasing`.
        expected: &'static str,
        /// Which point, from 0.
        index: usize,
        /// Its value.
        found: f64,
    },
    /// Values of a spectrum are not finite.
    #[error("{quantity} must be finite; point {index} is {found}")]
    NotFinite {
        /// Which values.
        quantity: &'static str,
        /// Which point, from 0.
        index: usize,
        /// Its value.
        found: f64,
    },
    /// Two arrays that belong together have different lengths, or too few points.
    #[error("expected {expected} {what}, found {found}")]
    Length {
        /// What was counted.
        what: &'static str,
        /// How many there should be (at least).
        expected: usize,
        /// How many there are.
        found: usize,
    },
    /// A spectrum does not reach as far as it is asked for.
    #[error("{what} covers {from} to {to} {unit}, but {asked} {unit} is asked for")]
    OutOfRange {
        /// What is too short.
        what: String,
        /// Its first point.
        from: f64,
        /// Its last point.
        to: f64,
        /// Unit of the axis.
        unit: &'static str,
        /// The point asked for.
        asked: f64,
    },
    /// Too few points for what is asked.
    #[error("expected {expected} {what}, found {found}")]
    Points {
        /// Points of what, or for what.
        what: String,
        /// How many there should be at least.
        expected: usize,
        /// How many there are.
        found: usize,
    },
    /// A spectrum has no such peak.
    #[error("no {what} between {from} and {to} eV: no local maximum above its base")]
    NoPeak {
        /// `white line` or `pre-edge peak`, with the spectrum's name where it has one.
        what: String,
        /// First energy of the window, eV.
        from: f64,
        /// Last energy of the window, eV.
        to: f64,
    },
    /// No point of a spectrum is an absorption edge.
    #[error("no absorption edge between {from} and {to} eV")]
    NoEdge {
        /// The first energy, eV.
        from: f64,
        /// The last energy, eV.
        to: f64,
    },
    /// What a spectrum would be divided by is zero, negative or not finite.
    #[error("{quantity} must be positive and finite to normalise by it, found {found}")]
    Scale {
        /// Which quantity: `the edge step`, `the area`, `the maximum`, `the range`.
        quantity: &'static str,
        /// Its value.
        found: f64,
    },
    /// A parameter lies outside its range.
    #[error("{what} must be {expected}, found {found}")]
    Argument {
        /// Which parameter.
        what: &'static str,
        /// Its range or shape.
        expected: String,
        /// What was given.
        found: String,
    },
}
