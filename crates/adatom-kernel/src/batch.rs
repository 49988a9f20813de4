//! The slices that go into and come out of a decoder: n patches on one grid of p points, c outputs per point.

use crate::likelihood::Likelihood;
#[cfg(doc)]
use crate::shape::DecoderShape;

/// What a decoder is evaluated on: n patches on one grid of p points.
#[derive(Debug, Clone, Copy)]
pub struct Inputs<'a> {
    /// Coordinates `[p, d]`, shared by all patches.
    pub grid: &'a [f32],
    /// Per patch `M [d, d]` row-major, then `t [d]`: the point g is evaluated at `M g + t`.
    pub affine: &'a [f32],
    /// Latent vectors `[n, l]`.
    pub latents: &'a [f32],
    /// Flat weights, in the order of [`DecoderShape`].
    pub weights: &'a [f32],
}

/// What the decoder's outputs are scored against.
#[derive(Debug, Clone, Copy)]
pub struct Target<'a> {
    /// Distribution of a value given the output.
    pub likelihood: Likelihood,
    /// Values `[n, p, c]`.
    pub values: &'a [f32],
    /// Factor of each patch in the gradients `[n]`, 1 where absent. The log-likelihoods are not multiplied by it.
    pub sample_weight: Option<&'a [f32]>,
    /// Grid indices of the pixels to score, `[n, m]`; all pixels where absent.
    pub points: Option<&'a [u32]>,
}

/// Widths of a Gaussian that differ from value to value: σ e^λ in place of σ.
#[derive(Debug)]
pub struct Noise<'a> {
    /// λ `[p, c]`, the same for all patches.
    pub log_sigma: &'a [f32],
    /// Where the gradient with respect to λ goes, `[p, c]`; it is overwritten, where gradients are asked for.
    pub slopes: &'a mut [f32],
}

/// Where gradients go; all are overwritten.
#[derive(Debug)]
pub struct Gradients<'a> {
    /// As [`Inputs::affine`].
    pub affine: &'a mut [f32],
    /// As [`Inputs::latents`].
    pub latents: &'a mut [f32],
    /// As [`Inputs::weights`].
    pub weights: &'a mut [f32],
}
