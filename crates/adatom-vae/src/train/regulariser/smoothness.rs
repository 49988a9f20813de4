//! Latent maps that are smooth over the image, as order parameters are on the scale of the lattice (arXiv 2106.12472).
//!
//! With μ the posterior means of a latent in a batch, V the variance of the latent (that of the means and the mean of the
//! posterior's σ²), d the distance of two patches and ℓ the length scale, the roughness R is
//!
//! | roughness | R |
//! |---|---|
//! | squared difference | Σ wᵢⱼ (μᵢ - μⱼ)² / (2 V Σ wᵢⱼ), w = exp(-2d²/ℓ²) |
//! | total variation | √π/2 · Σ wᵢⱼ abs(μᵢ - μⱼ) / (√V Σ wᵢⱼ) |
//! | spectral | Σ (μᵢ - Σⱼ Kᵢⱼ μⱼ)² / (n V), K Gaussian means of width σ = ℓ √(2 ln 2)/2π |
//!
//! Noise without correlation has R = 1 in the first two, a map that changes slowly has R near 0, and no R changes when the
//! latent is scaled or shifted: a model cannot hide what it wants to tell in a latent of small numbers. A latent that has
//! collapsed to the prior (σ = 1) has R = 0. V is held fixed where the slope of σ is concerned. The last is the part of the variance beyond the frequency 1/ℓ: the filter 1 - exp(-σ²k²/2) is
//! ½ at the wavelength ℓ. The penalty is λ n Σ R over the latents.

mod map;

use ndarray::{Array1, Array2, ArrayView1, ArrayViewMut1, ArrayViewMut2, Axis};
use serde::{Deserialize, Serialize};

use super::{LatentBatch, LatentRegulariser, Positions, Sharing};
use crate::error::{Error, Result};

/// How the roughness of a latent map is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Roughness {
    /// Squared differences of neighbours.
    #[default]
    SquaredDifference,
    /// Sizes of differences of neighbours: allows sharp boundaries between even domains.
    TotalVariation,
    /// The part of the variance at wavelengths below the length scale.
    Spectral,
}

/// Wants latents to vary slowly from patch to patch.
///
/// ```
/// use adatom_vae::ndarray::{Array2, s};
/// use adatom_vae::{LatentBatch, LatentRegulariser, Positions, Smoothness};
/// let positions = Array2::from_shape_fn((100, 2), |(n, axis)| [n / 10, n % 10][axis] as f64);
/// let smooth = Smoothness::new(Positions::new(positions.view())?, 2.0)?.weight(1.0);
/// let roughness = |value: &dyn Fn(usize) -> f64| {
///     let means = Array2::from_shape_fn((100, 1), |(n, _)| value(n));
///     let indices: Vec<usize> = (0..100).collect();
///     let sds = Array2::from_elem((100, 1), 0.1);
///     let batch = LatentBatch { indices: &indices, means: means.view(), sds: sds.view(), content: 0..1 };
///     smooth.penalty(&batch, &mut Array2::zeros((100, 1)).view_mut()) / 100.0
/// };
/// // A slope over the image, and a checkerboard.
/// assert!(roughness(&|n| (n / 10) as f64) < 0.5);
/// assert!(roughness(&|n| ((n / 10 + n % 10) % 2) as f64) > 0.9);
/// assert!(Smoothness::new(Positions::new(positions.slice(s![..1, ..]))?, f64::NAN).is_err());
/// # Ok::<(), adatom_vae::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Smoothness {
    pub(super) positions: Positions,
    pub(super) length: f64,
    weight: f64,
    pub(super) roughness: Roughness,
    blocks: usize,
    latents: Option<Vec<usize>>,
    from_neighbours: bool,
}

/// The variance counts as this where it is smaller, against division by 0.
const SMALLEST_VARIANCE: f64 = 1e-12;

/// Further than this many length scales apart, patches are no neighbours.
pub(super) const REACH: f64 = 3.0;

/// How wide blocks are where patches are decoded from their neighbours, in length scales: in narrower ones the neighbours of
/// a patch have much the same phase of a lattice as it has.
const WIDTH_FOR_SHARING: f64 = 1.5;

impl Smoothness {
    /// Smooth over `length` pixels, such as the period of the lattice: weight 10, squared differences, four blocks of
    /// neighbours in a batch, all content latents.
    ///
    /// # Errors
    /// [`Error::Setting`] when the length is not positive and finite.
    pub fn new(positions: Positions, length: f64) -> Result<Self> {
        if !(length.is_finite() && length > 0.0) {
            let (setting, expected) = ("the length scale", "positive and finite");
            return Err(Error::Setting { setting, expected, found: length.to_string() });
        }
        Ok(Self {
            positions,
            length,
            weight: 10.0,
            roughness: Roughness::default(),
            blocks: 4,
            latents: None,
            from_neighbours: false,
        })
    }

    /// λ: the penalty in nat per sample and latent for a map without correlation. Default 10. Negative and other odd values
    /// count as 0.
    #[must_use]
    pub fn weight(mut self, nats: f64) -> Self {
        self.weight = if nats.is_finite() { nats.max(0.0) } else { 0.0 };
        self
    }

    /// How roughness is measured. Default: squared differences.
    #[must_use]
    pub fn roughness(mut self, roughness: Roughness) -> Self {
        self.roughness = roughness;
        self
    }

    /// Of how many blocks of neighbours, from different parts of the images, a batch is made. Default 4; at least 1.
    #[must_use]
    pub fn blocks_per_batch(mut self, blocks: usize) -> Self {
        self.blocks = blocks.max(1);
        self
    }

    /// Which content latents are wanted smooth, from 0; those that the model does not have are left out. Default: all.
    #[must_use]
    pub fn latents(mut self, content: impl Into<Vec<usize>>) -> Self {
        self.latents = Some(content.into());
        self
    }

    /// Decodes every patch with the mean content of its neighbours in the batch in place of its own content, weighted by w of the
    /// squared differences ([`Sharing`]). Default: its own content.
    ///
    /// A penalty has to outweigh what the likelihood gains from rough content, and a large one makes latents collapse. With the
    /// content of neighbours there is little to gain: where patches lie at random, their neighbours carry the order parameter,
    /// but hardly the phase of the lattice, if the length scale is that of its cell. (On a grid whose step is a simple fraction
    /// of the period they do carry the phase.) Blocks of neighbours are then at least 1.5 length scales wide; a patch without
    /// neighbours is decoded with the content 0.
    ///
    /// After the training every patch is encoded for itself, and so are held-out samples; the standard deviations remain those
    /// of means over neighbours.
    #[must_use]
    pub fn content_from_neighbours(mut self) -> Self {
        self.from_neighbours = true;
        self
    }

    /// The roughness of a latent, with its slopes; none without neighbours.
    fn measure(
        &self,
        pairs: &Array2<f64>,
        (means, sds): (ArrayView1<'_, f64>, ArrayView1<'_, f64>),
    ) -> Option<(f64, Array1<f64>)> {
        let n = means.len() as f64;
        let centred = &means - means.mean()?;
        let own = centred.dot(&centred) / n + sds.dot(&sds) / n;
        let variance = own.max(SMALLEST_VARIANCE);
        let (raw, raw_slope) = match self.roughness {
            Roughness::SquaredDifference => differences(pairs, means, |d| (0.5 * d * d, d))?,
            Roughness::TotalVariation => differences(pairs, means, |d| (d.abs(), d.signum()))?,
            Roughness::Spectral => high_frequencies(pairs, means),
        };
        // R = factor · raw / Vᵖ, dR = factor (draw - p raw dV / V) / Vᵖ, dV = 2 (μ - mean) / n.
        let (factor, power) = match self.roughness {
            Roughness::TotalVariation => (std::f64::consts::PI.sqrt() / 2.0, 0.5),
            Roughness::SquaredDifference | Roughness::Spectral => (1.0, 1.0),
        };
        let scale = factor / variance.powf(power);
        let shrinks = if own > SMALLEST_VARIANCE { 2.0 * power * raw / (variance * n) } else { 0.0 };
        let slope = (raw_slope - &centred * shrinks) * scale;
        Some((scale * raw, slope))
    }

    /// The standard deviation of the weights of neighbours, in pixels.
    pub(super) fn width(&self) -> f64 {
        match self.roughness {
            Roughness::Spectral => {
                self.length * (2.0 * std::f64::consts::LN_2).sqrt() / std::f64::consts::TAU
            }
            Roughness::SquaredDifference | Roughness::TotalVariation => self.length / 2.0,
        }
    }

    /// Weights of pairs of patches, or of the mean around each patch, `[n, n]`.
    fn pairs(&self, indices: &[usize]) -> Array2<f64> {
        let spectral = self.roughness == Roughness::Spectral;
        let mut pairs = self.near(indices, self.width(), spectral);
        if spectral {
            normalise(&mut pairs);
        }
        pairs
    }

    /// exp(-d²/2 width²) of all pairs, of a patch with itself only where `own`.
    fn near(&self, indices: &[usize], width: f64, own: bool) -> Array2<f64> {
        let n = indices.len();
        let mut pairs = Array2::zeros((n, n));
        for one in 0..n {
            for other in one..n {
                if one == other && !own {
                    continue;
                }
                let distance = self.positions.distance(indices[one], indices[other]);
                let weight = match distance {
                    Some(distance) if distance <= REACH * width => (-0.5 * (distance / width).powi(2)).exp(),
                    _ => 0.0,
                };
                pairs[[one, other]] = weight;
                pairs[[other, one]] = weight;
            }
        }
        pairs
    }
}

/// Makes every row add up to 1 that is not empty.
fn normalise(rows: &mut Array2<f64>) {
    for mut row in rows.rows_mut() {
        let sum = row.sum();
        if sum > 0.0 {
            row /= sum;
        }
    }
}

/// Mean over weighted pairs of `of` the difference, which gives the value and its slope; with the slopes of the mean.
fn differences(
    pairs: &Array2<f64>,
    means: ArrayView1<'_, f64>,
    of: impl Fn(f64) -> (f64, f64),
) -> Option<(f64, Array1<f64>)> {
    let whole = pairs.sum();
    if whole <= 0.0 {
        return None;
    }
    let mut sum = 0.0;
    let mut slopes = Array1::zeros(means.len());
    for (one, weights) in pairs.rows().into_iter().enumerate() {
        for (other, &weight) in weights.iter().enumerate().filter(|(_, weight)| **weight > 0.0) {
            let (value, slope) = of(means[one] - means[other]);
            sum += weight * value;
            // Each pair is met from both sides; both times `one` is the one that is moved.
            slopes[one] += 2.0 * weight * slope;
        }
    }
    Some((sum / whole, slopes / whole))
}

/// Mean square of what differs from the mean around, with its slopes.
fn high_frequencies(kernel: &Array2<f64>, means: ArrayView1<'_, f64>) -> (f64, Array1<f64>) {
    let n = means.len() as f64;
    let rest = &means - &kernel.dot(&means);
    let slopes = (&rest - &kernel.t().dot(&rest)) * (2.0 / n);
    (rest.dot(&rest) / n, slopes)
}

impl LatentRegulariser for Smoothness {
    fn describe(&self) -> String {
        let Self { length, weight, roughness, blocks, latents, from_neighbours, .. } = self;
        let from = if *from_neighbours { ", from neighbours" } else { "" };
        format!(
            "{roughness:?} over {length} pixels, weight {weight}, {blocks} blocks, latents {latents:?}{from}"
        )
    }

    fn penalty(&self, batch: &LatentBatch<'_>, slopes: &mut ArrayViewMut2<'_, f64>) -> f64 {
        let columns: Vec<usize> = match &self.latents {
            None => batch.content.clone().collect(),
            Some(latents) => latents
                .iter()
                .map(|latent| batch.content.start.saturating_add(*latent))
                .filter(|column| batch.content.contains(column))
                .collect(),
        };
        if columns.is_empty() || self.weight == 0.0 {
            return 0.0;
        }
        let pairs = self.pairs(batch.indices);
        let whole = self.weight * batch.indices.len() as f64;
        let mut sum = 0.0;
        for column in columns {
            if let Some((roughness, slope)) =
                self.measure(&pairs, (batch.means.column(column), batch.sds.column(column)))
            {
                sum += whole * roughness;
                let mut own: ArrayViewMut1<'_, f64> = slopes.index_axis_mut(Axis(1), column);
                own.scaled_add(whole, &slope);
            }
        }
        sum
    }

    fn sharing(&self, indices: &[usize]) -> Option<Sharing> {
        self.from_neighbours.then(|| {
            let mut weights = self.near(indices, self.length / 2.0, false);
            normalise(&mut weights);
            Sharing { weights, latents: self.latents.clone() }
        })
    }

    fn positions(&self) -> Option<&Positions> {
        Some(&self.positions)
    }

    fn blocks(&self) -> usize {
        self.blocks
    }

    fn block_width(&self) -> f64 {
        if self.from_neighbours { WIDTH_FOR_SHARING * self.length } else { 0.0 }
    }
}

#[cfg(test)]
mod tests;
