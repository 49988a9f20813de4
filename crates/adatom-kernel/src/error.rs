//! Errors of shapes and of the lengths of slices.

/// Why a network could not be built or evaluated.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Coordinates have one or two dimensions.
    #[error("a decoder has 1 or 2 coordinate dimensions, not {found}")]
    Dimensions {
        /// The number given.
        found: usize,
    },
    /// There is no hidden layer, or a layer has no units.
    #[error("layer {layer} has no units")]
    EmptyLayer {
        /// Index of the layer. Decoder: into the hidden widths, their number for the output layer.
        /// Perceptron: into the widths.
        layer: usize,
    },
    /// A slice does not have the length that the shape and the other slices imply.
    #[error("expected {expected} elements of the {slice}, found {found}")]
    Length {
        /// The content of the slice.
        slice: &'static str,
        /// Length implied by the shape and by the other arguments.
        expected: usize,
        /// Length given.
        found: usize,
    },
    /// A point index lies outside the grid.
    #[error("point index {found} is outside a grid of {points} points")]
    Point {
        /// The index given.
        found: u32,
        /// Number of grid points.
        points: usize,
    },
    /// The standard deviation of a Gaussian is positive and finite.
    #[error("the standard deviation of a Gaussian is positive and finite, not {found}")]
    Sigma {
        /// The standard deviation given.
        found: f32,
    },
    /// Only a Gaussian has a standard deviation for every value.
    #[error("a standard deviation for every value needs a Gaussian likelihood")]
    LogSigma,
    /// The backward pass of a perceptron uses what the forward pass of the same samples has left.
    #[error("a backward pass of {found} samples follows a forward pass of {expected}")]
    NoForwardPass {
        /// Samples of the last forward pass.
        expected: usize,
        /// Samples given.
        found: usize,
    },
}

/// Checks one slice length.
pub(crate) fn check_length(slice: &'static str, expected: usize, found: usize) -> Result<(), Error> {
    if expected == found { Ok(()) } else { Err(Error::Length { slice, expected, found }) }
}
