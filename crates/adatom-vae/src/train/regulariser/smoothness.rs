//! Smoothness of latent maps over the image, as of order parameters on the scale of the lattice (arXiv
//! 2106.12472).

mod map;
mod roughness;
#[cfg(test)]
mod tests;

use ndarray::{Array2, ArrayViewMut2};

use self::roughness::LatentColumn;
pub use self::roughness::Roughness;
use super::{LatentBatch, LatentRegulariser, Positions, Sharing};
use crate::error::{Error, Result};

/// Makes latents vary slowly from patch to patch, with the penalty λ n Σ R over the latents for a batch of n
/// samples, where R is their [`Roughness`].
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
///     let batch = LatentBatch::new(&indices, means.view(), sds.view(), 0..1);
///     smooth.penalty(&batch, &mut Array2::zeros((100, 1)).view_mut()) / 100.0
/// };
/// // A linear change over the image, and a checkerboard.
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

/// Patches are not neighbours at more than this number of widths.
pub(super) const REACH: f64 = 3.0;

/// Width of blocks in length scales where patches take the content of their neighbours: in narrower ones the
/// neighbours of a patch have almost the same phase of a lattice.
const WIDTH_FOR_SHARING: f64 = 1.5;

impl Smoothness {
    /// Smooth over `length` pixels, such as the period of the lattice: weight 10, squared differences, four
    /// blocks of neighbours in a batch, all content latents.
    ///
    /// # Errors
    /// [`Error::Setting`] when the length is not positive and finite.
    pub fn new(positions: Positions, length: f64) -> Result<Self> {
        if !(length.is_finite() && length > 0.0) {
            return Err(Error::setting("the length scale", "positive and finite", length));
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

    /// λ, the penalty in nat per sample and latent for a map without correlation. Default 10. Values that are
    /// negative or not finite count as 0.
    #[must_use]
    pub fn weight(mut self, nats: f64) -> Self {
        self.weight = if nats.is_finite() { nats.max(0.0) } else { 0.0 };
        self
    }

    /// The measure of roughness. Default: squared differences.
    #[must_use]
    pub fn roughness(mut self, roughness: Roughness) -> Self {
        self.roughness = roughness;
        self
    }

    /// Number of blocks of neighbours in a batch, from different parts of the images. Default 4; at least 1.
    #[must_use]
    pub fn blocks_per_batch(mut self, blocks: usize) -> Self {
        self.blocks = blocks.max(1);
        self
    }

    /// The content latents to which it applies, from 0; those that the model does not have are ignored.
    /// Default: all.
    #[must_use]
    pub fn latents(mut self, content: impl Into<Vec<usize>>) -> Self {
        self.latents = Some(content.into());
        self
    }

    /// Decodes every patch with the mean content of its neighbours in the batch in place of its own content,
    /// weighted by w of the squared differences ([`Sharing`]). Default: its own content.
    ///
    /// A penalty has to outweigh what the likelihood gains from rough content, and a large one makes latents
    /// collapse. With the content of neighbours there is little to gain: where patches lie at random, their
    /// neighbours carry the order parameter, but hardly the phase of the lattice, if the length scale is that
    /// of its cell. (On a grid whose step is a simple fraction of the period they do carry the phase.) Blocks
    /// of neighbours are then at least 1.5 length scales wide; a patch without neighbours is decoded with the
    /// content 0.
    ///
    /// After the training every patch is encoded for itself, and so are held-out samples; the standard
    /// deviations remain those of means over neighbours.
    #[must_use]
    pub fn content_from_neighbours(mut self) -> Self {
        self.from_neighbours = true;
        self
    }

    /// Weights of pairs of patches, or of the mean around each patch, `[n, n]`.
    fn pairs(&self, indices: &[usize]) -> Array2<f64> {
        let spectral = self.roughness == Roughness::Spectral;
        let mut pairs = self.near(indices, self.roughness.width(self.length), Own::when(spectral));
        if spectral {
            normalise(&mut pairs);
        }
        pairs
    }

    /// exp(-d²/2 width²) of all pairs of patches.
    fn near(&self, indices: &[usize], width: f64, own: Own) -> Array2<f64> {
        let n = indices.len();
        let mut pairs = Array2::zeros((n, n));
        for one in 0..n {
            for other in one..n {
                if one == other && own == Own::Excluded {
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

/// Whether a patch is among its own neighbours.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Own {
    Included,
    Excluded,
}

impl Own {
    fn when(included: bool) -> Self {
        if included { Self::Included } else { Self::Excluded }
    }
}

/// Divides every row that is not 0 by its sum.
fn normalise(rows: &mut Array2<f64>) {
    for mut row in rows.rows_mut() {
        let sum = row.sum();
        if sum > 0.0 {
            row /= sum;
        }
    }
}

impl LatentRegulariser for Smoothness {
    fn describe(&self) -> String {
        let Self { length, weight, roughness, blocks, latents, from_neighbours, .. } = self;
        let from = if *from_neighbours { ", from neighbours" } else { "" };
        format!(
            "{roughness:?} over {length} pixels, weight {weight}, {blocks} blocks, latents {latents:?}{from}"
        )
    }

    fn penalty(&self, batch: &LatentBatch<'_>, gradient: &mut ArrayViewMut2<'_, f64>) -> f64 {
        let columns = batch.columns(self.latents.as_deref());
        if columns.is_empty() || self.weight == 0.0 {
            return 0.0;
        }
        let pairs = self.pairs(batch.indices);
        let whole = self.weight * batch.indices.len() as f64;
        let mut sum = 0.0;
        for column in columns {
            let latent = LatentColumn { means: batch.means.column(column), sds: batch.sds.column(column) };
            if let Some(measured) = self.roughness.measure(&pairs, latent) {
                sum += whole * measured.value;
                gradient.column_mut(column).scaled_add(whole, &measured.gradient);
            }
        }
        sum
    }

    fn sharing(&self, indices: &[usize]) -> Option<Sharing> {
        self.from_neighbours.then(|| {
            let mut weights = self.near(indices, self.length / 2.0, Own::Excluded);
            normalise(&mut weights);
            let sharing = Sharing::new(weights);
            match &self.latents {
                Some(latents) => sharing.latents(latents.clone()),
                None => sharing,
            }
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
