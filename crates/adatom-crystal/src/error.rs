//! The errors of this crate.

use std::path::PathBuf;

/// A `Result` with [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a structure cannot be read or written, or a calculation is not possible.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// An unknown chemical symbol.
    #[error(transparent)]
    Core(#[from] adatom_core::Error),
    /// An invalid grid or spectrum.
    #[error(transparent)]
    Spectra(#[from] adatom_spectra::Error),
    /// A file cannot be read or written.
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
    /// The format of a file is not recognised.
    #[error("{}: unrecognised file format; expected CIF, POSCAR or extended XYZ", .path.display())]
    UnknownFormat {
        /// The file.
        path: PathBuf,
    },
    /// A file violates the rules of its format.
    #[error(
        "{}{}: expected {expected}, found {found}",
        .path.display(), .line.map(|line| format!(", line {line}")).unwrap_or_default()
    )]
    Malformed {
        /// The file.
        path: PathBuf,
        /// The line, counted from 1, if there is one.
        line: Option<usize>,
        /// The expected content.
        expected: String,
        /// The content.
        found: String,
    },
    /// A file contains several crystals instead of one.
    #[error(
        "{}: expected one crystal, found {}: {}{}",
        .path.display(),
        .names.len(),
        .names.iter().take(10).map(String::as_str).collect::<Vec<_>>().join(", "),
        if .names.len() > 10 { ", ..." } else { "" }
    )]
    SeveralCrystals {
        /// The file.
        path: PathBuf,
        /// Names of the crystals.
        names: Vec<String>,
    },
    /// A structure that is physically impossible or incomplete.
    #[error("{what} must be {expected}, found {found}")]
    Structure {
        /// The part of the structure.
        what: &'static str,
        /// The valid values.
        expected: &'static str,
        /// The value.
        found: String,
    },
    /// The crystal has no site with this index.
    #[error("there is no site {index}: the crystal has {sites}")]
    NoSuchSite {
        /// The requested index, counted from 0.
        index: usize,
        /// The number of sites.
        sites: usize,
    },
    /// An element or ion is missing in a table.
    #[error("no {table} is tabulated for {species}")]
    NoParameter {
        /// The table: `scattering factor`, `neutron scattering length`, `covalent radius`, ...
        table: &'static str,
        /// The element or ion.
        species: String,
    },
    /// No choice of oxidation states is neutral.
    #[error("oxidation states cannot be assigned: no probable charges make the cell neutral")]
    Unassigned,
    /// A calculation is too large.
    #[error("too many {what}: {found}, at most {limit} are supported")]
    TooLarge {
        /// The quantity.
        what: &'static str,
        /// The largest supported number.
        limit: usize,
        /// The requested number.
        found: usize,
    },
    /// A parameter is out of range.
    #[error("{what} must be {expected}, found {found}")]
    Argument {
        /// The parameter.
        what: &'static str,
        /// The valid values.
        expected: String,
        /// The given value.
        found: String,
    },
}
