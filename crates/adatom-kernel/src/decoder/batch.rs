//! The slices that go into and come out of a decoder: n samples on one grid of p points, c outputs per point.

#[cfg(doc)]
use crate::decoder::shape::DecoderShape;
use crate::likelihood::Likelihood;

/// The input of a decoder: n samples on one grid of p points in d dimensions.
#[derive(Debug, Clone, Copy)]
pub struct Inputs<'a> {
    /// Coordinates `[p, d]`, shared by all samples.
    pub grid: &'a [f32],
    /// Per sample `M [d, d]` row-major, then `t [d]`: the point g is evaluated at `M g + t`.
    pub affine: &'a [f32],
    /// Latent vectors `[n, l]`.
    pub latents: &'a [f32],
    /// Flat weights, in the order of [`DecoderShape`].
    pub weights: &'a [f32],
}

/// Observed values, and their distribution given the outputs of the decoder.
///
/// ```
/// use adatom_kernel::{Likelihood, Observations};
///
/// // Two samples of two points; only the second point of each counts, and the first sample counts twice.
/// let observations = Observations::new(Likelihood::Bernoulli, &[0.0, 0.5, 1.0, 0.25])
///     .points(&[1, 1])
///     .sample_weight(&[2.0, 1.0]);
/// assert_eq!(observations.points, Some([1, 1].as_slice()));
/// ```
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Observations<'a> {
    /// Distribution of a value given the output.
    pub likelihood: Likelihood,
    /// Values `[n, p, c]` at all points of the grid.
    pub values: &'a [f32],
    /// Factor of each sample in the gradients, `[n]`; 1 where absent. The log-likelihoods are not multiplied
    /// by it.
    pub sample_weight: Option<&'a [f32]>,
    /// Grid indices of the points of each sample that count, `[n, m]`; all points where absent.
    pub points: Option<&'a [u32]>,
    /// λ `[p, c]`, the same for all samples: the standard deviation of a Gaussian is σ e^λ instead of σ.
    pub log_sigma: Option<&'a [f32]>,
}

impl<'a> Observations<'a> {
    /// Values `[n, p, c]` at all points of the grid, with their distribution given the outputs.
    pub fn new(likelihood: Likelihood, values: &'a [f32]) -> Self {
        Self { likelihood, values, sample_weight: None, points: None, log_sigma: None }
    }

    /// Sets the factor of each sample in the gradients, `[n]`.
    #[must_use]
    pub fn sample_weight(self, weights: &'a [f32]) -> Self {
        Self { sample_weight: Some(weights), ..self }
    }

    /// Restricts the score to some points of each sample: grid indices `[n, m]`.
    #[must_use]
    pub fn points(self, indices: &'a [u32]) -> Self {
        Self { points: Some(indices), ..self }
    }

    /// Gives every value a standard deviation of its own, σ e^λ with λ `[p, c]`; for a Gaussian likelihood
    /// only.
    #[must_use]
    pub fn log_sigma(self, log_sigma: &'a [f32]) -> Self {
        Self { log_sigma: Some(log_sigma), ..self }
    }
}

/// The output buffers of gradients, which are overwritten.
#[derive(Debug)]
pub struct Gradients<'a> {
    /// As [`Inputs::affine`].
    pub affine: &'a mut [f32],
    /// As [`Inputs::latents`].
    pub latents: &'a mut [f32],
    /// As [`Inputs::weights`].
    pub weights: &'a mut [f32],
    /// As [`Observations::log_sigma`], where that is given and its gradient is wanted.
    pub log_sigma: Option<&'a mut [f32]>,
}
