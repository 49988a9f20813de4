//! A conditional model with the conditions of the samples that it is used on.

use candle_core::Tensor;
use ndarray::{Array2, Array4, ArrayD, ArrayView2};

use super::{ElboOptions, ElboTensors, ShiftVae};
#[cfg(doc)]
use crate::error::Error;
use crate::error::Result;
use crate::model::{Elbo, LatentTensors, Pose, Posterior};
use crate::spec::{Condition, Labels, check_count};
use adatom_core::{SampleShape, Samples};

/// A conditional model with the conditions of n samples, to encode, score and decode these.
///
/// Row i of the condition belongs to sample i, or to object i that is decoded.
///
/// ```
/// use adatom_vae::{
///     Condition, ConditionKind, Device, Pose, ShiftVae,
///     ndarray::{Array3, arr2},
/// };
/// let config =
///     ShiftVae::image_config(6, 5).hidden([8]).condition(ConditionKind::Classes { classes: 3 });
/// let vae = ShiftVae::init(config, 1, &Device::Cpu)?;
/// let patches = Array3::<f32>::zeros((2, 6, 5));
/// let posterior = vae.conditioned_on(&Condition::classes(&[2, 0]))?.encode(&patches)?;
/// assert_eq!(posterior.content().dim(), (2, 2));
/// let picture = vae
///     .conditioned_on(&Condition::classes(&[1]))?
///     .decode(arr2(&[[0.0, 0.0]]).view(), &Pose::new())?;
/// assert_eq!(picture.shape(), [1, 6, 5]);
///
/// let error = vae.encode(&patches).unwrap_err();
/// assert_eq!(error.to_string(), "the condition must be one of 3 classes, found none");
/// let error = vae.conditioned_on(&Condition::classes(&[0, 3])).unwrap_err();
/// assert_eq!(error.to_string(), "class 3 of sample 1 is not below 3, the number of classes");
/// # Ok::<(), adatom_vae::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct ConditionalVae<'a> {
    model: &'a ShiftVae,
    /// `[n, width]`.
    conditioning: Array2<f32>,
    labels: Labels,
}

impl ShiftVae {
    /// The model with a `condition` for each sample.
    ///
    /// # Errors
    /// [`Error::Condition`] for another kind than the model has, or a model without any; [`Error::Shape`] for
    /// another width, [`Error::Class`] for a class that the model does not have, [`Error::Value`] for NaN or
    /// infinity.
    pub fn conditioned_on(&self, condition: &Condition) -> Result<ConditionalVae<'_>> {
        let labels = Labels::of_condition(&self.config, Some(condition), condition.len())?;
        Ok(ConditionalVae { model: self, conditioning: condition.rows(&self.config)?, labels })
    }
}

impl ConditionalVae<'_> {
    /// As [`ShiftVae::encode`].
    ///
    /// # Errors
    /// Those of [`ShiftVae::encode`]; [`Error::Shape`] for another number of samples than conditions.
    pub fn encode(&self, samples: &(impl Samples + ?Sized)) -> Result<Posterior> {
        self.check(samples.count())?;
        self.model.encode_with(samples, Some(&self.conditioning))
    }

    /// As [`ShiftVae::reconstruct`].
    ///
    /// # Errors
    /// Those of [`encode`](Self::encode).
    pub fn reconstruct(&self, samples: &(impl Samples + ?Sized)) -> Result<ArrayD<f32>> {
        self.check(samples.count())?;
        self.model.reconstruct_with(samples, Some(&self.conditioning))
    }

    /// As [`ShiftVae::elbo`].
    ///
    /// # Errors
    /// Those of [`ShiftVae::elbo`]; [`Error::Shape`] for another number of samples than conditions.
    pub fn elbo(&self, samples: &(impl Samples + ?Sized), seed: u64) -> Result<Elbo> {
        self.model.check_samples(samples)?;
        self.check(samples.count())?;
        let indices: Vec<usize> = (0..samples.count()).collect();
        self.model.elbo_of(samples, &indices, seed, &self.labels)
    }

    /// As [`ShiftVae::decode`].
    ///
    /// # Errors
    /// Those of [`ShiftVae::decode`]; [`Error::Shape`] for another number of objects than conditions.
    pub fn decode(&self, content: ArrayView2<'_, f32>, pose: &Pose) -> Result<ArrayD<f32>> {
        self.decode_at(content, pose, self.model.config.sample_shape())
    }

    /// As [`ShiftVae::decode_at`].
    ///
    /// # Errors
    /// Those of [`ShiftVae::decode_at`]; [`Error::Shape`] for another number of objects than conditions.
    pub fn decode_at(
        &self,
        content: ArrayView2<'_, f32>,
        pose: &Pose,
        resolution: SampleShape,
    ) -> Result<ArrayD<f32>> {
        self.check(content.nrows())?;
        self.model.decode_with(content, pose, resolution, Some(&self.conditioning))
    }

    /// As [`ShiftVae::manifold`], with the same condition for every tile.
    ///
    /// # Errors
    /// Those of [`ShiftVae::manifold`]; [`Error::Shape`] unless there is exactly one condition.
    pub fn manifold(&self, columns: &[f64], rows: &[f64]) -> Result<Array4<f32>> {
        self.check(1)?;
        self.model.manifold_with(columns, rows, Some(&self.conditioning))
    }

    /// As [`ShiftVae::encode_tensor`].
    ///
    /// # Errors
    /// Those of [`ShiftVae::encode_tensor`]; [`Error::Shape`] for another number of samples than conditions.
    pub fn encode_tensor(&self, batch: &Tensor) -> Result<LatentTensors> {
        let found = self.model.encoded(&self.model.flat(batch)?, Some(&self.tensor()?))?;
        Ok(LatentTensors { mean: self.model.encoder.means(&found.mean_outputs)?, sd: found.sd })
    }

    /// As [`ShiftVae::decode_tensor`].
    ///
    /// # Errors
    /// Those of [`ShiftVae::decode_tensor`]; [`Error::Shape`] for another number of objects than conditions.
    pub fn decode_tensor(&self, latents: &Tensor) -> Result<Tensor> {
        self.model.decoded(latents, Some(&self.tensor()?))
    }

    /// As [`ShiftVae::log_likelihood_tensor`].
    ///
    /// # Errors
    /// Those of [`encode_tensor`](Self::encode_tensor) and [`decode_tensor`](Self::decode_tensor).
    pub fn log_likelihood_tensor(&self, batch: &Tensor, latents: &Tensor) -> Result<Tensor> {
        self.model.score(&self.model.flat(batch)?, latents, Some(&self.tensor()?), None)
    }

    /// As [`ShiftVae::elbo_tensor`].
    ///
    /// # Errors
    /// Those of [`encode_tensor`](Self::encode_tensor) and [`decode_tensor`](Self::decode_tensor).
    pub fn elbo_tensor(&self, batch: &Tensor, noise: &Tensor) -> Result<ElboTensors> {
        let terms =
            self.model.elbo_terms(&self.model.flat(batch)?, noise, ElboOptions::default(), &self.labels)?;
        terms.into_tensors()
    }

    fn tensor(&self) -> Result<Tensor> {
        self.model.tensor(&self.conditioning.view())
    }

    fn check(&self, samples: usize) -> Result<()> {
        check_count("the condition", self.conditioning.nrows(), samples)
    }
}
