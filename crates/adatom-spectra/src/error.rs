//! The errors of this crate.

use std::path::PathBuf;

use crate::ambiguity::Ambiguity;

/// A `Result` with [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// An error of another library, kept as the source of ours.
pub(crate) type Foreign = Box<dyn std::error::Error + Send + Sync + 'static>;

/// Why a file cannot be read or written, or an operation on spectra fails.
///
/// ```
/// use adatom_spectra::{Error, ReadOptions, Xanes};
/// let error = Xanes::open("no-such-file.xdi", &ReadOptions::default()).unwrap_err();
/// assert_eq!(error.to_string(), "cannot read no-such-file.xdi");
/// assert!(matches!(error, Error::Io { .. }));
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// An error of the types shared by all crates.
    #[error(transparent)]
    Core(#[from] adatom_core::Error),
    /// A table of features cannot be built.
    #[error(transparent)]
    Table(#[from] adatom_core::TableError),
    /// The operating system could not read or write a file.
    #[error("cannot {doing} {}", .path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What was tried: `read` or `write`.
        doing: &'static str,
        /// The error of the operating system.
        #[source]
        source: std::io::Error,
    },
    /// The format of a file is not recognised from its content.
    #[error(
        "{}: unrecognised file format; expected one of {}{}",
        .path.display(),
        .expected.join(", "),
        .looks_like.map(|what| format!("; it looks like {what}")).unwrap_or_default()
    )]
    UnknownFormat {
        /// The file.
        path: PathBuf,
        /// The formats that can be read, as in [`formats`](crate::formats).
        expected: Vec<&'static str>,
        /// What the content looks like instead, where that can be guessed.
        looks_like: Option<&'static str>,
    },
    /// A file violates the rules of its format.
    #[error(
        "{}{}: expected {expected}, found {found}",
        .path.display(),
        .line.map(|line| format!(", line {line}")).unwrap_or_default()
    )]
    Malformed {
        /// The file.
        path: PathBuf,
        /// The line, counted from 1, where it is known.
        line: Option<usize>,
        /// What the format requires there.
        expected: String,
        /// What is there.
        found: String,
        /// The error of the decoder, where one was used.
        #[source]
        source: Option<Foreign>,
    },
    /// A valid file leaves open how it is to be read; the caller's options can decide it.
    #[error("{}: {ambiguity}", .path.display())]
    Ambiguous {
        /// The file.
        path: PathBuf,
        /// What is left open.
        ambiguity: Ambiguity,
    },
    /// A grid is not finite or not strictly increasing.
    #[error("{quantity} must be {expected}; point {index} is {found}")]
    Grid {
        /// Which grid: `energies`, `distances`, `wavenumbers`.
        quantity: &'static str,
        /// `finite`, `not negative` or `strictly increasing`.
        expected: &'static str,
        /// The point, counted from 0.
        index: usize,
        /// Its value.
        found: f64,
    },
    /// A value is NaN or infinite.
    #[error("{quantity} must be finite; point {index} is {found}")]
    NotFinite {
        /// Which values.
        quantity: &'static str,
        /// The point, counted from 0.
        index: usize,
        /// Its value.
        found: f64,
    },
    /// Two arrays that belong together have different lengths.
    #[error("expected {expected} {what}, found {found}")]
    Length {
        /// What is counted.
        what: &'static str,
        /// The required number.
        expected: usize,
        /// The given number.
        found: usize,
    },
    /// There are too few points or spectra for an operation.
    #[error("expected at least {least} {what}, found {found}")]
    TooFew {
        /// What is counted.
        what: String,
        /// The smallest number that is sufficient.
        least: usize,
        /// The given number.
        found: usize,
    },
    /// A point lies outside the range of a spectrum.
    #[error("{what} covers {from} to {to} {unit}; {requested} {unit} lies outside")]
    OutOfRange {
        /// The spectrum: its name, or a description.
        what: String,
        /// Its first point.
        from: f64,
        /// Its last point.
        to: f64,
        /// The unit of its axis.
        unit: &'static str,
        /// The requested point.
        requested: f64,
    },
    /// A window of a spectrum contains no peak.
    #[error("no {what} between {from} and {to} eV: no local maximum above its base")]
    NoPeak {
        /// `white line` or `pre-edge peak`, with the name of the spectrum where it has one.
        what: String,
        /// First energy of the window, eV.
        from: f64,
        /// Last energy of the window, eV.
        to: f64,
    },
    /// A spectrum contains no absorption edge.
    #[error("no absorption edge between {from} and {to} eV")]
    NoEdge {
        /// First energy, eV.
        from: f64,
        /// Last energy, eV.
        to: f64,
    },
    /// A spectrum has too few points to decide where its absorption edge is; see [`find_e0`](crate::find_e0).
    #[error(
        "the absorption edge is uncertain: of {points} points, the steepest rise is at {steepest} eV, near \
         an end of the spectrum or at a single point; the next candidate is {candidate} eV"
    )]
    UncertainEdge {
        /// Number of points.
        points: usize,
        /// Where the absorption rises most steeply, eV.
        steepest: f64,
        /// The candidate that is confirmed by its neighbours, eV.
        candidate: f64,
    },
    /// A spectrum cannot be normalised, because the divisor is zero, negative or not finite.
    #[error("{quantity} must be positive and finite for a normalisation, found {found}")]
    Scale {
        /// Which quantity: `the edge step`, `the area`, `the maximum`, `the range`.
        quantity: &'static str,
        /// Its value.
        found: f64,
    },
    /// An argument is not valid.
    #[error("{what} must be {expected}, found {found}")]
    Argument {
        /// Which argument.
        what: &'static str,
        /// The valid values.
        expected: String,
        /// The given value.
        found: String,
    },
}
