//! Errors of generating data.

/// A `Result` with [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Errors of generating data.
///
/// ```
/// let error =
///     "Xx".parse::<adatom_synthetic::Element>().map_err(adatom_synthetic::Error::from).unwrap_err();
/// assert_eq!(error.to_string(), "element must be a chemical symbol, found \"Xx\"");
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A chemical symbol is unknown.
    #[error(transparent)]
    Core(#[from] adatom_core::Error),
    /// A crystal cannot be built.
    #[cfg(feature = "oxides")]
    #[error(transparent)]
    Crystal(#[from] adatom_crystal::Error),
    /// A grid or a spectrum is invalid.
    #[cfg(feature = "oxides")]
    #[error(transparent)]
    Spectra(#[from] adatom_spectra::Error),
    /// A table lacks an element.
    #[error("no {table} is tabulated for {species}")]
    NoParameter {
        /// Which table.
        table: &'static str,
        /// The element.
        species: String,
    },
    /// More is requested than is generated at once.
    #[error("too many {what}: {found}, at most {limit} are supported")]
    TooLarge {
        /// What was requested.
        what: &'static str,
        /// The largest number allowed.
        limit: usize,
        /// The number requested.
        found: usize,
    },
    /// A parameter lies outside its range.
    #[error("{what} must be {expected}, found {found}")]
    Argument {
        /// Which parameter.
        what: &'static str,
        /// Its range or shape.
        expected: String,
        /// The value given.
        found: String,
    },
}
