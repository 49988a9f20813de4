//! Sizes of a decoder and where its tensors lie in the flat weight vector.

use std::ops::Range;

use crate::activation::Activation;
use crate::error::Error;

/// Sizes of a spatial decoder, and where its tensors lie in the flat vector of weights.
///
/// Flat order: `W_c [h0,d]`, `b_c [h0]`, `W_z [h0,l]`, then `W_k [h_k,h_(k-1)]`, `b_k [h_k]` for each further
/// hidden layer, then `W_o [c,h_K]`, `b_o [c]`; every matrix row-major.
///
/// ```
/// use adatom_kernel::DecoderShape;
///
/// let shape = DecoderShape::new(2, [128, 128, 128]).latents(3);
/// assert_eq!(shape.weights_len(), 128 * (2 + 1 + 3) + 2 * 128 * 129 + 129);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
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
    /// A decoder of `dimensions` coordinates with these widths of its hidden layers, without latents, with
    /// one output and tanh layers.
    pub fn new(dimensions: usize, hidden: impl Into<Vec<usize>>) -> Self {
        let (first, activation) = (Activation::Tanh, Activation::Tanh);
        Self { dimensions, latents: 0, hidden: hidden.into(), outputs: 1, first, activation }
    }

    /// Sets the length of the latent vector.
    #[must_use]
    pub fn latents(self, latents: usize) -> Self {
        Self { latents, ..self }
    }

    /// Sets the number of output channels.
    #[must_use]
    pub fn outputs(self, outputs: usize) -> Self {
        Self { outputs, ..self }
    }

    /// Sets the nonlinearity of the first layer.
    #[must_use]
    pub fn first(self, first: Activation) -> Self {
        Self { first, ..self }
    }

    /// Sets the nonlinearity of the further layers.
    #[must_use]
    pub fn activation(self, activation: Activation) -> Self {
        Self { activation, ..self }
    }

    /// Checks that the sizes describe a decoder.
    ///
    /// # Errors
    /// [`Error::Dimensions`] unless `dimensions` is 1 or 2; [`Error::EmptyLayer`] if there is no hidden
    /// layer or a width or the number of outputs is 0.
    pub fn check(&self) -> Result<(), Error> {
        if !(1..=2).contains(&self.dimensions) {
            return Err(Error::Dimensions { found: self.dimensions });
        }
        if self.hidden.is_empty() {
            return Err(Error::EmptyLayer { layer: 0 });
        }
        match self.hidden.iter().chain([&self.outputs]).position(|&width| width == 0) {
            Some(layer) => Err(Error::EmptyLayer { layer }),
            None => Ok(()),
        }
    }

    /// Nonlinearity of layer `k` from 0.
    pub(crate) fn activation_of(&self, k: usize) -> Activation {
        if k == 0 { self.first } else { self.activation }
    }

    /// Number of affine parameters per sample: `M` row-major, then `t`.
    pub fn affine_len(&self) -> usize {
        self.dimensions * self.dimensions + self.dimensions
    }

    /// Length of the flat weight vector.
    pub fn weights_len(&self) -> usize {
        self.output_bias().end
    }

    /// The range of `W_c [h0, d]` in the weights.
    pub fn coordinate_weights(&self) -> Range<usize> {
        0..self.first_width() * self.dimensions
    }

    /// The range of `b_c [h0]` in the weights.
    pub fn coordinate_bias(&self) -> Range<usize> {
        after(&self.coordinate_weights(), self.first_width())
    }

    /// The range of `W_z [h0, l]` in the weights.
    pub fn latent_weights(&self) -> Range<usize> {
        after(&self.coordinate_bias(), self.first_width() * self.latents)
    }

    /// The range of `W_k [h_k, h_(k-1)]` and `b_k [h_k]` of layer `k >= 1` in the weights.
    pub fn layer(&self, k: usize) -> (Range<usize>, Range<usize>) {
        let before: usize = self.hidden.windows(2).take(k - 1).map(|pair| pair[1] * (pair[0] + 1)).sum();
        let start = self.latent_weights().end + before;
        let weights = start..start + self.hidden[k] * self.hidden[k - 1];
        let bias = after(&weights, self.hidden[k]);
        (weights, bias)
    }

    /// The range of `W_o [c, h_K]` in the weights.
    pub fn output_weights(&self) -> Range<usize> {
        let layers = self.hidden.len();
        let end = if layers > 1 { self.layer(layers - 1).1 } else { self.latent_weights() };
        after(&end, self.outputs * self.hidden[layers - 1])
    }

    /// The range of `b_o [c]` in the weights.
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
