//! Errors of latent variables.

/// An error of latent variables, of their relation to fields, or of their clusters.
///
/// ```
/// use adatom_interpret::{ImageFrame, LatentError, Latents, PatchGrid, Window, ndarray::Array2};
/// let grid = PatchGrid::regular([ImageFrame::new(8, 8)], Window::square(4), [4, 4])?;
/// let error = Latents::new(&grid, Array2::zeros((3, 2)).view()).unwrap_err();
/// assert!(matches!(error, LatentError::Length { expected: 4, found: 3, .. }));
/// assert_eq!(error.to_string(), "expected 4 rows of latent variables, found 3");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LatentError {
    /// Two inputs have different lengths.
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
    /// A value that must be finite is not.
    #[error("{what} of patch {patch} must be finite, found {found}")]
    NotFinite {
        /// The variable.
        what: String,
        /// The patch, from 0.
        patch: usize,
        /// The value.
        found: f64,
    },
    /// The extents of a field and of the image differ.
    #[error(
        "expected a field of {} x {} pixels like the image, found {} x {}",
        .expected[0], .expected[1], .found[0], .found[1]
    )]
    FieldShape {
        /// Rows and columns of the image.
        expected: [usize; 2],
        /// Rows and columns of the field.
        found: [usize; 2],
    },
    /// A parameter is outside its range.
    #[error("{parameter} must be {expected}, found {found}")]
    Parameter {
        /// The parameter.
        parameter: &'static str,
        /// Its range.
        expected: &'static str,
        /// Its value.
        found: String,
    },
    /// A variable or a field is constant.
    #[error("{what} has the constant value {value}")]
    Constant {
        /// The variable or field.
        what: String,
        /// Its value.
        value: f64,
    },
    /// k-means left a cluster without patches from every start.
    #[error("k-means found no partition into {clusters} clusters without an empty one from {starts} starts")]
    EmptyCluster {
        /// The number of clusters.
        clusters: usize,
        /// The number of starts.
        starts: usize,
    },
    /// A table of the variables is not valid.
    #[error(transparent)]
    Table(#[from] adatom_core::TableError),
}

pub(crate) type Result<T, E = LatentError> = std::result::Result<T, E>;

pub(crate) fn exactly(what: &'static str, expected: usize, found: usize) -> Result<()> {
    if expected == found { Ok(()) } else { Err(LatentError::Length { what, expected, found }) }
}

pub(crate) fn at_least(what: &'static str, least: usize, found: usize) -> Result<()> {
    if found >= least { Ok(()) } else { Err(LatentError::TooFew { what, least, found }) }
}
