//! Sizes of a decoder and where its tensors lie in the flat weight vector.
//!
//! Flat order: `W_c [h0,d]`, `b_c [h0]`, `W_z [h0,l]`, then `W_k [h_k,h_(k-1)]`, `b_k [h_k]` for each further layer,
//! then `W_o [c,h_K]`, `b_o [c]`; every matrix row-major.

use std::ops::Range;

use crate::error::KernelError;

/// Nonlinearity after a hidden layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Activation {
    /// Hyperbolic tangent.
    #[default]
    Tanh,
    /// `max(x, 0)`.
    Relu,
    /// `x` above zero, `0.01 x` below.
    LeakyRelu,
    /// `ln(1 + exp x)`.
    Softplus,
    /// `x Φ(x)` with the exact Gaussian distribution function, torch's default.
    Gelu,
    /// `1 / (1 + exp(-x))`.
    Sigmoid,
    /// `sin x`, for |x| up to 10⁵; beyond, that of the nearer bound.
    Sine,
}

impl Activation {
    /// Every activation, for tests and menus.
    pub const ALL: [Activation; 7] = [
        Activation::Tanh,
        Activation::Relu,
        Activation::LeakyRelu,
        Activation::Softplus,
        Activation::Gelu,
        Activation::Sigmoid,
        Activation::Sine,
    ];

    /// Whether the slope has to be kept because it does not follow from the value.
    pub(crate) fn keeps_slope(self) -> bool {
        matches!(self, Activation::Gelu | Activation::Sine)
    }
}

/// Sizes of a spatial decoder.
///
/// ```
/// use adatom_kernel::{Activation, DecoderShape};
///
/// let shape = DecoderShape { dimensions: 2, latents: 3, hidden: vec![128, 128, 128], outputs: 1,
///     first: Activation::Tanh, activation: Activation::Tanh };
/// assert_eq!(shape.weights_len(), 128 * (2 + 1 + 3) + 2 * 128 * 129 + 129);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecoderShape {
    /// Coordinate dimensions `d`, 1 or 2.
    pub dimensions: usize,
    /// Length `l` of the latent vector that enters the first layer; may be 0.
    pub latents: usize,
    /// Widths `h0, h1 … hK`; at least one.
    pub hidden: Vec<usize>,
    /// Output channels `c`.
    pub outputs: usize,
    /// Nonlinearity of the first layer: tanh in the published decoder, sine for Fourier features.
    pub first: Activation,
    /// Nonlinearity of layers 1 to K.
    pub activation: Activation,
}

impl DecoderShape {
    /// Checks that the sizes describe a decoder.
    ///
    /// # Errors
    /// [`KernelError::Dimensions`] unless `dimensions` is 1 or 2; [`KernelError::EmptyLayer`] if there is no hidden
    /// layer or a width or the number of outputs is 0.
    pub fn check(&self) -> Result<(), KernelError> {
        if !(1..=2).contains(&self.dimensions) {
            return Err(KernelError::Dimensions { found: self.dimensions });
        }
        if self.hidden.is_empty() {
            return Err(KernelError::EmptyLayer { layer: 0 });
        }
        match self.hidden.iter().chain([&self.outputs]).position(|&width| width == 0) {
            Some(layer) => Err(KernelError::EmptyLayer { layer }),
            None => Ok(()),
        }
    }

    /// Nonlinearity of layer `k` from 0.
    pub(crate) fn activation_of(&self, k: usize) -> Activation {
        if k == 0 { self.first } else { self.activation }
    }

    /// Number of affine parameters per patch: `M` row-major, then `t`.
    pub fn affine_len(&self) -> usize {
        self.dimensions * self.dimensions + self.dimensions
    }

    /// Length of the flat weight vector.
    pub fn weights_len(&self) -> usize {
        self.output_bias().end
    }

    /// Where `W_c [h0, d]` lies.
    pub fn coordinate_weights(&self) -> Range<usize> {
        0..self.first_width() * self.dimensions
    }

    /// Where `b_c [h0]` lies.
    pub fn coordinate_bias(&self) -> Range<usize> {
        after(&self.coordinate_weights(), self.first_width())
    }

    /// Where `W_z [h0, l]` lies.
    pub fn latent_weights(&self) -> Range<usize> {
        after(&self.coordinate_bias(), self.first_width() * self.latents)
    }

    /// Where `W_k [h_k, h_(k-1)]` and `b_k [h_k]` of layer `k >= 1` lie.
    pub fn layer(&self, k: usize) -> (Range<usize>, Range<usize>) {
        let before: usize = self.hidden.windows(2).take(k - 1).map(|pair| pair[1] * (pair[0] + 1)).sum();
        let start = self.latent_weights().end + before;
        let weights = start..start + self.hidden[k] * self.hidden[k - 1];
        let bias = after(&weights, self.hidden[k]);
        (weights, bias)
    }

    /// Where `W_o [c, h_K]` lies.
    pub fn output_weights(&self) -> Range<usize> {
        let layers = self.hidden.len();
        let end = if layers > 1 { self.layer(layers - 1).1 } else { self.latent_weights() };
        after(&end, self.outputs * self.hidden[layers - 1])
    }

    /// Where `b_o [c]` lies.
    pub fn output_bias(&self) -> Range<usize> {
        after(&self.output_weights(), self.outputs)
    }

    fn first_width(&self) -> usize {
        self.hidden.first().copied().unwrap_or(0)
    }
}

/// The range of `length` elements that follows another.
fn after(range: &Range<usize>, length: usize) -> Range<usize> {
    range.end..range.end + length
}
