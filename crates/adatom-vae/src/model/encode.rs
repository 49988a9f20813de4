//! From samples to latents: q(z | x).

use candle_core::{DType, Tensor};
use ndarray::{Array2, ArrayView2};

use super::{CHUNK, ShiftVae, check_values};
#[cfg(doc)]
use crate::Error;
use crate::{LatentTensors, Posterior, Result, Samples};

impl ShiftVae {
    /// Mean and standard deviation of every sample.
    ///
    /// # Errors
    /// [`Error::Shape`] for samples of another shape, [`Error::NoSamples`], [`Error::Value`] for NaN or infinity.
    pub fn encode(&self, samples: &(impl Samples + ?Sized)) -> Result<Posterior> {
        self.check_samples(samples)?;
        let (n, points, latents) = (samples.count(), self.config.sample_shape().len(), self.config.latents());
        let (mut mean, mut sd) = (Array2::zeros((n, latents)), Array2::zeros((n, latents)));
        let mut batch = Array2::zeros((CHUNK.min(n), points));
        for first in (0..n).step_by(CHUNK) {
            let indices: Vec<usize> = (first..n.min(first + CHUNK)).collect();
            let mut view = batch.slice_mut(ndarray::s![..indices.len(), ..]);
            samples.fill(&indices, &mut view);
            check_values(&view.view(), &indices, false)?;
            let latent = self.encode_tensor(&self.tensor(&view.view())?)?;
            for (target, tensor) in [(&mut mean, latent.mean), (&mut sd, latent.sd)] {
                let rows = tensor.to_dtype(DType::F32)?.flatten_all()?.to_vec1::<f32>()?;
                let rows =
                    ArrayView2::from_shape((indices.len(), latents), &rows).expect("the encoder's shape");
                target.slice_mut(ndarray::s![first..first + indices.len(), ..]).assign(&rows);
            }
        }
        Ok(Posterior::new(self.config.clone(), mean, sd))
    }

    /// Mean and standard deviation of a batch `[n, points]` or `[n, height, width]`, on its device.
    ///
    /// # Errors
    /// [`Error::Shape`] when the batch has another number of points, [`Error::Tensor`] for another device or type.
    pub fn encode_tensor(&self, batch: &Tensor) -> Result<LatentTensors> {
        let (mean, sd) = self.encoder.forward(&self.flat(batch)?)?;
        Ok(LatentTensors { mean, sd })
    }
}
