//! The roughness of a latent in a batch, with its gradient.
//!
//! With μ the posterior means of a latent in a batch, V the variance of the latent (that of the means and the
//! mean of the posterior's σ²), d the distance of two patches and ℓ the length scale, the roughness R is
//!
//! | roughness | R |
//! |---|---|
//! | squared difference | Σ wᵢⱼ (μᵢ - μⱼ)² / (2 V Σ wᵢⱼ), w = exp(-2d²/ℓ²) |
//! | total variation | √π/2 · Σ wᵢⱼ abs(μᵢ - μⱼ) / (√V Σ wᵢⱼ) |
//! | spectral | Σ (μᵢ - Σⱼ Kᵢⱼ μⱼ)² / (n V), K Gaussian means of width σ = ℓ √(2 ln 2)/2π |
//!
//! Noise without correlation has R = 1 in the first two, a map that changes slowly has R near 0. No R changes
//! when the latent is scaled or shifted, so that a model cannot evade the penalty with small numbers; a
//! latent that has collapsed to the prior (σ = 1) has R = 0. V is constant with respect to σ. The last R is
//! the part of the variance beyond the frequency 1/ℓ: the filter 1 - exp(-σ²k²/2) is ½ at the wavelength ℓ.

use ndarray::{Array1, Array2, ArrayView1};
use serde::{Deserialize, Serialize};

/// The variance is at least this, against division by 0.
const SMALLEST_VARIANCE: f64 = 1e-12;

/// The measure of the roughness of a latent map.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Roughness {
    /// Squared differences of neighbours.
    #[default]
    SquaredDifference,
    /// Absolute differences of neighbours: allows sharp boundaries between uniform domains.
    TotalVariation,
    /// The part of the variance at wavelengths below the length scale.
    Spectral,
}

/// A measure of a latent with its gradient.
pub(super) struct Measured {
    pub(super) value: f64,
    /// With respect to the means, `[n]`.
    pub(super) gradient: Array1<f64>,
}

/// The posterior of one latent in a batch, `[n]` each.
#[derive(Clone, Copy)]
pub(super) struct LatentColumn<'a> {
    pub(super) means: ArrayView1<'a, f64>,
    pub(super) sds: ArrayView1<'a, f64>,
}

impl Roughness {
    /// The standard deviation of the weights of neighbours for a length scale, both in pixels.
    pub(super) fn width(self, length: f64) -> f64 {
        match self {
            Self::Spectral => length * (2.0 * std::f64::consts::LN_2).sqrt() / std::f64::consts::TAU,
            Self::SquaredDifference | Self::TotalVariation => length / 2.0,
        }
    }

    /// R of a latent with the weights of `pairs` of patches, or of the mean around each patch, `[n, n]`;
    /// `None` without neighbours.
    pub(super) fn measure(self, pairs: &Array2<f64>, latent: LatentColumn<'_>) -> Option<Measured> {
        let LatentColumn { means, sds } = latent;
        let n = means.len() as f64;
        let centred = &means - means.mean()?;
        let own = centred.dot(&centred) / n + sds.dot(&sds) / n;
        let variance = own.max(SMALLEST_VARIANCE);
        let raw = match self {
            Self::SquaredDifference => squared_differences(pairs, means)?,
            Self::TotalVariation => absolute_differences(pairs, means)?,
            Self::Spectral => high_frequencies(pairs, means),
        };
        // R = factor · raw / Vᵖ, dR = factor (draw - p raw dV / V) / Vᵖ, dV = 2 (μ - mean) / n.
        let (factor, power) = match self {
            Self::TotalVariation => (std::f64::consts::PI.sqrt() / 2.0, 0.5),
            Self::SquaredDifference | Self::Spectral => (1.0, 1.0),
        };
        let scale = factor / variance.powf(power);
        let shrinks = if own > SMALLEST_VARIANCE { 2.0 * power * raw.value / (variance * n) } else { 0.0 };
        let gradient = (raw.gradient - &centred * shrinks) * scale;
        Some(Measured { value: scale * raw.value, gradient })
    }
}

fn squared_differences(pairs: &Array2<f64>, means: ArrayView1<'_, f64>) -> Option<Measured> {
    differences(pairs, means, |d| 0.5 * d * d, |d| d)
}

fn absolute_differences(pairs: &Array2<f64>, means: ArrayView1<'_, f64>) -> Option<Measured> {
    differences(pairs, means, f64::abs, f64::signum)
}

/// Mean over weighted pairs of a function `value` of the difference with this `derivative`.
fn differences(
    pairs: &Array2<f64>,
    means: ArrayView1<'_, f64>,
    value: impl Fn(f64) -> f64,
    derivative: impl Fn(f64) -> f64,
) -> Option<Measured> {
    let whole = pairs.sum();
    if whole <= 0.0 {
        return None;
    }
    let mut sum = 0.0;
    let mut gradient = Array1::zeros(means.len());
    for (one, weights) in pairs.rows().into_iter().enumerate() {
        for (other, &weight) in weights.iter().enumerate().filter(|(_, weight)| **weight > 0.0) {
            let difference = means[one] - means[other];
            sum += weight * value(difference);
            // Each pair occurs twice, and both times its derivative with respect to `one` is this.
            gradient[one] += 2.0 * weight * derivative(difference);
        }
    }
    Some(Measured { value: sum / whole, gradient: gradient / whole })
}

/// Mean square of the difference from the mean around.
fn high_frequencies(kernel: &Array2<f64>, means: ArrayView1<'_, f64>) -> Measured {
    let n = means.len() as f64;
    let rest = &means - &kernel.dot(&means);
    let gradient = (&rest - &kernel.t().dot(&rest)) * (2.0 / n);
    Measured { value: rest.dot(&rest) / n, gradient }
}
