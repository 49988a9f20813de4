//! From samples to latents, q(z | x).

use candle_core::{DType, Tensor};
use ndarray::{Array2, ArrayView2, Axis};

use super::{CHUNK, ShiftVae, check_condition, check_values};
#[cfg(doc)]
use crate::error::Error;
use crate::error::Result;
use crate::model::{LatentTensors, Posterior};
use crate::net::Encoded;
use crate::spec::{ValueRange, missing_condition};
use adatom_core::Samples;

impl ShiftVae {
    /// Mean and standard deviation of every sample.
    ///
    /// # Errors
    /// [`Error::Shape`] for samples of another shape, [`Error::NoSamples`], [`Error::Value`] for NaN or
    /// infinity, [`Error::Condition`] for a conditional model (see [`conditioned_on`](Self::conditioned_on)).
    pub fn encode(&self, samples: &(impl Samples + ?Sized)) -> Result<Posterior> {
        self.encode_with(samples, None)
    }

    /// As [`encode`](Self::encode), with a `condition` `[n, width]`.
    pub(crate) fn encode_with(
        &self,
        samples: &(impl Samples + ?Sized),
        condition: Option<&Array2<f32>>,
    ) -> Result<Posterior> {
        self.check_samples(samples)?;
        let (n, points, latents) = (samples.count(), self.config.sample_shape().len(), self.config.latents());
        let (mut mean, mut sd) = (Array2::zeros((n, latents)), Array2::zeros((n, latents)));
        let mut batch = Array2::zeros((CHUNK.min(n), points));
        for first in (0..n).step_by(CHUNK) {
            let indices: Vec<usize> = (first..n.min(first + CHUNK)).collect();
            let mut view = batch.slice_axis_mut(Axis(0), (..indices.len()).into());
            samples.fill(&indices, &mut view);
            check_values(&view.view(), &indices, ValueRange::Finite)?;
            let rows = condition
                .map(|rows| self.tensor(&rows.slice_axis(Axis(0), (first..first + indices.len()).into())));
            let found = self.encoded(&self.tensor(&view.view())?, rows.transpose()?.as_ref())?;
            for (target, tensor) in
                [(&mut mean, self.encoder.means(&found.mean_outputs)?), (&mut sd, found.sd)]
            {
                let rows = tensor.to_dtype(DType::F32)?.flatten_all()?.to_vec1::<f32>()?;
                let rows =
                    ArrayView2::from_shape((indices.len(), latents), &rows).expect("the encoder's shape");
                target.slice_axis_mut(Axis(0), (first..first + indices.len()).into()).assign(&rows);
            }
        }
        Ok(Posterior::new(self.config.clone(), mean, sd))
    }

    /// Mean and standard deviation of a batch `[n, points]` or `[n, height, width]`, on its device; of
    /// several channels `[n, channels, ...]`.
    ///
    /// # Errors
    /// [`Error::Shape`] when the batch has another number of points, [`Error::Tensor`] for another device or
    /// type, [`Error::Condition`] for a conditional model.
    pub fn encode_tensor(&self, batch: &Tensor) -> Result<LatentTensors> {
        let Encoded { mean_outputs, sd, .. } = self.encoded(&self.flat(batch)?, None)?;
        Ok(LatentTensors { mean: self.encoder.means(&mean_outputs)?, sd })
    }

    /// The outputs of the encoder for flat samples `x` `[n, points]` with a `condition` `[n, width]`.
    pub(crate) fn encoded(&self, x: &Tensor, condition: Option<&Tensor>) -> Result<Encoded> {
        if self.config.get_condition().is_none() {
            return Ok(self.encoder.forward(x, None)?);
        }
        let condition = condition.ok_or_else(|| missing_condition(&self.config))?;
        check_condition(condition, x.dim(0)?, self.config.encoder_condition_width())?;
        Ok(self.encoder.forward(x, Some(condition))?)
    }
}
