//! Predicted classes and targets.

use candle_core::{DType, Tensor};
use ndarray::{Array1, Array2, Axis};

use super::labels::{TargetTensors, log_softmax};
use super::{CHUNK, ShiftVae, check_values};
use crate::error::{Error, Result};
use crate::spec::ValueRange;
use adatom_core::Samples;

/// The classes or targets of samples as the encoder predicts them.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Prediction {
    /// Probability of every class, `[n, classes]`.
    Classes(Array2<f32>),
    /// The target, in its own units.
    Target {
        /// Means, `[n]`.
        mean: Array1<f32>,
        /// Standard deviations, `[n]`.
        sd: Array1<f32>,
    },
}

impl ShiftVae {
    /// Probabilities of the classes of every sample, `[n, classes]`, of a model with classes
    /// ([`VaeConfig::classes`](crate::VaeConfig::classes)).
    ///
    /// ```
    /// use adatom_vae::{Device, ShiftVae, ndarray::Array3};
    /// let patches = Array3::<f32>::zeros((2, 6, 5));
    /// let vae = ShiftVae::init(ShiftVae::image_config(6, 5).hidden([8]).classes(3), 1, &Device::Cpu)?;
    /// let probabilities = vae.class_probabilities(&patches)?;
    /// assert!(probabilities.rows().into_iter().all(|row| (row.sum() - 1.0).abs() < 1e-6));
    ///
    /// let plain = ShiftVae::init(ShiftVae::image_config(6, 5).hidden([8]), 1, &Device::Cpu)?;
    /// let error = plain.class_probabilities(&patches).unwrap_err();
    /// assert_eq!(error.to_string(), "the model must be one with classes, found one without");
    /// # Ok::<(), adatom_vae::Error>(())
    /// ```
    ///
    /// # Errors
    /// Those of [`encode`](Self::encode); [`Error::Setting`] for a model without classes.
    pub fn class_probabilities(&self, samples: &(impl Samples + ?Sized)) -> Result<Array2<f32>> {
        match self.config.get_classes() {
            Some(_) => self.label_predictions(samples),
            None => Err(without_labels("one with classes")),
        }
    }

    /// The predicted class or target of every sample.
    ///
    /// # Errors
    /// Those of [`encode`](Self::encode); [`Error::Setting`] for a model without classes and target.
    pub fn predict(&self, samples: &(impl Samples + ?Sized)) -> Result<Prediction> {
        let Some(target) = self.config.get_target() else {
            return match self.config.get_classes() {
                Some(_) => Ok(Prediction::Classes(self.label_predictions(samples)?)),
                None => Err(without_labels("one with classes or a target")),
            };
        };
        let predictions = self.label_predictions(samples)?;
        let mean = predictions.column(0).mapv(|value| target.value(value));
        let sd = predictions.column(1).mapv(|value| (f64::from(value) * target.sd()) as f32);
        Ok(Prediction::Target { mean, sd })
    }

    /// Probabilities of classes `[n, classes]`, or standardised mean and standard deviation of the target
    /// `[n, 2]`.
    fn label_predictions(&self, samples: &(impl Samples + ?Sized)) -> Result<Array2<f32>> {
        self.check_samples(samples)?;
        let n = samples.count();
        let width = self.config.get_classes().unwrap_or(2);
        let mut batch = Array2::zeros((CHUNK.min(n), self.config.sample_shape().len()));
        let mut values = Vec::with_capacity(n * width);
        for first in (0..n).step_by(CHUNK) {
            let indices: Vec<usize> = (first..n.min(first + CHUNK)).collect();
            let mut view = batch.slice_axis_mut(Axis(0), (..indices.len()).into());
            samples.fill(&indices, &mut view);
            check_values(&view.view(), &indices, ValueRange::Finite)?;
            let encoded = self.encoded(&self.tensor(&view.view())?, None)?;
            let outputs =
                encoded.label_outputs.ok_or_else(|| without_labels("one with classes or a target"))?;
            let predictions = match self.config.get_target() {
                Some(target) => {
                    let TargetTensors { mean, sd } = TargetTensors::new(&outputs, &target)?;
                    Tensor::cat(&[mean, sd], 1)?
                }
                None => log_softmax(&outputs)?.exp()?,
            };
            values.extend(predictions.to_dtype(DType::F32)?.flatten_all()?.to_vec1::<f32>()?);
        }
        Ok(Array2::from_shape_vec((n, width), values).expect("a row for each sample"))
    }

    /// The conditioning of the decoder by predicted labels, `[n, width]`: the most probable class or the mean
    /// of the target; `None` for a model without either.
    pub(super) fn predicted_conditioning(
        &self,
        samples: &(impl Samples + ?Sized),
    ) -> Result<Option<Array2<f32>>> {
        if self.config.label_head().is_none() {
            return Ok(None);
        }
        let predictions = self.label_predictions(samples)?;
        if self.config.get_target().is_some() {
            return Ok(Some(predictions.slice_axis(Axis(1), (..1).into()).to_owned()));
        }
        let mut one_hot = Array2::zeros(predictions.raw_dim());
        for (mut one_hot, row) in one_hot.rows_mut().into_iter().zip(predictions.rows()) {
            let best = (0..row.len()).max_by(|&a, &b| row[a].total_cmp(&row[b])).unwrap_or(0);
            one_hot[best] = 1.0;
        }
        Ok(Some(one_hot))
    }
}

fn without_labels(expected: &'static str) -> Error {
    Error::setting("the model", expected, "one without")
}
