//! Content that is a mean over several samples of a batch.

use candle_core::Tensor;
use ndarray::{Array1, Array2, ArrayView2};

use crate::error::Result;

/// Columns of the means `[n, latents]` that are replaced by weighted means over the samples of the batch.
#[derive(Debug, Clone)]
pub(crate) struct AveragedColumns {
    /// How much of each sample (column) is in the mean of a sample (row), `[n, n]`.
    pub(crate) weights: Array2<f64>,
    /// Which columns of the means.
    pub(crate) columns: Vec<usize>,
}

/// All columns of the means that are averaged over the samples of a batch; the parts have no column in
/// common.
#[derive(Debug, Clone, Default)]
pub(crate) struct ContentAverage(Vec<AveragedColumns>);

impl ContentAverage {
    /// `None` where nothing is averaged.
    pub(crate) fn new(parts: Vec<AveragedColumns>) -> Option<Self> {
        (!parts.is_empty()).then_some(Self(parts))
    }

    /// Replaces the averaged columns of `rows` `[n, latents]`.
    pub(crate) fn average(&self, rows: &mut [f32], latents: usize) {
        self.apply(rows, latents, |part| part.weights.view());
    }

    /// Gradients with respect to the samples' own values from those with respect to the means.
    pub(crate) fn backward(&self, gradient: &mut [f32], latents: usize) {
        self.apply(gradient, latents, |part| part.weights.t());
    }

    fn apply(
        &self,
        rows: &mut [f32],
        latents: usize,
        weights: impl Fn(&AveragedColumns) -> ArrayView2<'_, f64>,
    ) {
        for part in &self.0 {
            for &column in &part.columns {
                let values = rows.iter().skip(column).step_by(latents);
                let own: Array1<f64> = values.map(|&value| f64::from(value)).collect();
                let means = weights(part).dot(&own);
                for (to, mean) in rows.iter_mut().skip(column).step_by(latents).zip(means) {
                    *to = mean as f32;
                }
            }
        }
    }

    /// [`Self::average`] by operations on tensors, of `means` `[n, latents]`.
    pub(crate) fn average_tensor(&self, means: &Tensor) -> Result<Tensor> {
        let (n, latents) = means.dims2()?;
        let like = |values: Vec<f64>, shape: (usize, usize)| -> Result<Tensor> {
            Ok(Tensor::from_vec(values, shape, means.device())?.to_dtype(means.dtype())?)
        };
        let mut all = means.clone();
        for AveragedColumns { weights, columns } in &self.0 {
            let weights = like(weights.iter().copied().collect(), (n, n))?;
            let chosen = (0..latents).map(|latent| f64::from(u8::from(columns.contains(&latent)))).collect();
            let chosen = like(chosen, (1, latents))?;
            let kept = all.broadcast_mul(&chosen.affine(-1.0, 1.0)?)?;
            all = (kept + weights.matmul(&means.contiguous()?)?.broadcast_mul(&chosen)?)?;
        }
        Ok(all)
    }
}
