//! What can be wrong with structures and what is asked of them.

use std::path::PathBuf;

/// A `Result` with [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What can be wrong with structures and what is asked of them.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A chemical symbol is unknown.
    #[error(transparent)]
    Core(#[from] adatom_core::Error),
    /// A grid or a spectrum is wrong.
    #[error(transparent)]
    Spectra(#[from] adatom_spectra::Error),
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
    /// The content of a file is of no structure format that is understood.
    #[error("{} is in none of the structure formats that are understood (CIF, POSCAR, extended XYZ)", .path.display())]
    UnknownFormat {
        /// The file.
        path: PathBuf,
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
    /// A file holds several crystals where one is asked for.
    #[error("{} holds {} crystals ({}); open all of them and choose", .path.display(), .names.len(), .names.iter().take(10).map(String::as_str).collect::<Vec<_>>().join(", "))]
    SeveralCrystals {
        /// The file.
        path: PathBuf,
        /// Names of the crystals.
        names: Vec<String>,
    },
    /// The structure itself is impossible.
    #[error("{what} must be {expected}, found {found}")]
    Structure {
        /// Which part of it.
        what: &'static str,
        /// What it should be.
        expected: &'static str,
        /// What it is.
        found: String,
    },
    /// A site that the crystal does not have.
    #[error("there is no site {index}: the crystal has {sites}")]
    NoSuchSite {
        /// The index asked for, from 0.
        index: usize,
        /// How many sites there are.
        sites: usize,
    },
    /// A table lacks an element or ion.
    #[error("there is no {table} of {species}")]
    NoParameter {
        /// Which table: `scattering factor`, `neutron scattering length`, `covalent radius`, ...
        table: &'static str,
        /// The element or ion.
        species: String,
    },
    /// No choice of oxidation states is neutral.
    #[error("oxidation states cannot be assigned: no likely charges make the cell neutral")]
    Unassigned,
    /// A calculation would grow beyond what is reasonable.
    #[error("{what}: {found} is more than the {limit} that are calculated at once")]
    TooLarge {
        /// What grows.
        what: &'static str,
        /// The bound.
        limit: usize,
        /// What was asked for.
        found: usize,
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
