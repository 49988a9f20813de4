//! What a caller can get wrong.

/// Why a decoder could not be built or evaluated.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum KernelError {
    /// Coordinates have one or two dimensions.
    #[error("a decoder has 1 or 2 coordinate dimensions, not {found}")]
    Dimensions {
        /// The number asked for.
        found: usize,
    },
    /// There is no first layer, or a layer or the output has no units.
    #[error("layer {layer} of the decoder has no units")]
    EmptyLayer {
        /// Index into the hidden widths; their number stands for the output layer.
        layer: usize,
    },
    /// A slice does not have the length that the other slices and the shape imply.
    #[error("{slice} has {found} elements where {expected} are expected")]
    Length {
        /// Name of the argument.
        slice: &'static str,
        /// Length implied by the shape and by the other arguments.
        expected: usize,
        /// Length given.
        found: usize,
    },
    /// A pixel index lies outside the grid.
    #[error("pixel index {found} is outside a grid of {points} points")]
    Point {
        /// The index given.
        found: u32,
        /// Number of grid points.
        points: usize,
    },
    /// The Gaussian likelihood needs a positive finite width.
    #[error("the Gaussian width must be positive and finite, not {found}")]
    Sigma {
        /// The width given.
        found: f32,
    },
    /// Only a Gaussian has a width of its own at every pixel.
    #[error("only a Gaussian has a width for every value")]
    Noise,
}

/// Checks one slice length.
pub(crate) fn check_length(slice: &'static str, expected: usize, found: usize) -> Result<(), KernelError> {
    if expected == found { Ok(()) } else { Err(KernelError::Length { slice, expected, found }) }
}
