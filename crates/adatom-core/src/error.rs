//! What can be wrong with grids, maps and scalings.

/// A `Result` with [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What can be wrong with grids, maps and scalings.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A length that must be positive is zero.
    #[error("{what} must be at least 1 pixel")]
    Zero {
        /// Which length.
        what: &'static str,
    },
    /// A window does not fit on an image.
    #[error("the window of {window} pixels does not fit on the image of {height} x {width} pixels{source}", source = .image.as_ref().map(|name| format!(" ({name})")).unwrap_or_default())]
    WindowTooLarge {
        /// The window.
        window: crate::Window,
        /// Rows of the image.
        height: usize,
        /// Columns of the image.
        width: usize,
        /// Where the image came from.
        image: Option<String>,
    },
    /// No centre leaves a whole window inside the image.
    #[error("none of the {given} centres leaves a whole window of {window} pixels inside the image")]
    NoCentreInside {
        /// How many centres were given.
        given: usize,
        /// The window.
        window: crate::Window,
    },
    /// A coordinate is not a number.
    #[error("centre {index} is not finite: ({row}, {column})")]
    CentreNotFinite {
        /// Which centre, from 0.
        index: usize,
        /// Its row.
        row: f64,
        /// Its column.
        column: f64,
    },
    /// An array has another length than the grid has patches.
    #[error("expected {expected} {what}, found {found}")]
    Length {
        /// What was counted.
        what: &'static str,
        /// How many there should be.
        expected: usize,
        /// How many there are.
        found: usize,
    },
    /// An image index beyond the images of a grid.
    #[error("there is no image {index}: the grid has {images}")]
    NoSuchImage {
        /// The index asked for.
        index: usize,
        /// How many images there are.
        images: usize,
    },
    /// A grid without any image.
    #[error("a patch grid needs at least one image")]
    NoImage,
}
