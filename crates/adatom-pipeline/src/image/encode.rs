//! Stage 5: encoding of patches.

use std::time::Instant;

use adatom_patch::{Patches, Samples};
use adatom_vae::{Posterior, ShiftVae};
use ndarray::{Array2, Array3};

use super::TrainedModel;
use crate::error::Result;

/// Number of patches for the explained variance.
const SCORED_PATCHES: usize = 2000;

/// The latents of the patches.
#[derive(Debug, Clone)]
pub struct EncodedPatches {
    posterior: Posterior,
    explained_variance: f64,
    seconds: f64,
}

impl TrainedModel {
    /// Encodes patches.
    ///
    /// # Errors
    /// [`Error::Vae`](crate::Error::Vae) where patches and model differ in shape.
    pub fn encode(&self, patches: &Patches) -> Result<EncodedPatches> {
        let begun = Instant::now();
        let posterior = self.model().encode(patches)?;
        let explained_variance = explained_variance(self.model(), patches)?;
        Ok(EncodedPatches { posterior, explained_variance, seconds: begun.elapsed().as_secs_f64() })
    }
}

impl EncodedPatches {
    /// Mean and standard deviation of the latents of every patch.
    pub fn posterior(&self) -> &Posterior {
        &self.posterior
    }

    /// 1 - Σ(x - x̂)² / Σ(x - x̄)² over all pixels of up to 2,000 patches; below 0 for reconstructions that
    /// are worse than a constant image.
    pub fn explained_variance(&self) -> f64 {
        self.explained_variance
    }

    /// Duration in seconds.
    pub fn seconds(&self) -> f64 {
        self.seconds
    }
}

pub(super) fn explained_variance(model: &ShiftVae, patches: &Patches) -> Result<f64> {
    let originals = cut_out(patches, &evenly_spread(patches, SCORED_PATCHES));
    let decoded = reconstructions(model, &originals)?;
    let mean = originals.iter().map(|&x| f64::from(x)).sum::<f64>() / originals.len() as f64;
    let squares = |values: &mut dyn Iterator<Item = f64>| values.map(|x| x * x).sum::<f64>();
    let residual = squares(&mut originals.iter().zip(&decoded).map(|(&x, &y)| f64::from(x - y)));
    let total = squares(&mut originals.iter().map(|&x| f64::from(x) - mean));
    // The explained variance of constant data is 0.
    Ok(if total > 0.0 { 1.0 - residual / total } else { 0.0 })
}

/// Up to `count` patches, evenly spread over all.
pub(super) fn evenly_spread(patches: &Patches, count: usize) -> Vec<usize> {
    let count = count.min(patches.len());
    (0..count).map(|index| (2 * index + 1) * patches.len() / (2 * count)).collect()
}

/// Patches `[m, rows, columns]`.
pub(super) fn cut_out(patches: &Patches, indices: &[usize]) -> Array3<f32> {
    let window = patches.window();
    let mut rows = Array2::zeros((indices.len(), window.pixels()));
    patches.fill(indices, &mut rows.view_mut());
    rows.into_shape_with_order((indices.len(), window.height(), window.width()))
        .expect("a patch has the pixels of its window")
}

pub(super) fn reconstructions(model: &ShiftVae, originals: &Array3<f32>) -> Result<Array3<f32>> {
    let decoded = model.reconstruct(originals)?;
    Ok(decoded.into_dimensionality().expect("patches are decoded to patches"))
}
