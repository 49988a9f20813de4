//! A training step composed of tensor operations, for models and devices without the fused step.

use candle_core::{DType, Tensor};
use ndarray::{Array2, Axis};

use super::Run;
use crate::error::Result;
use crate::model::{Elbo, ElboOptions, LatentTensors, sum};
use crate::train::fused::Draws;
use crate::train::objective::{LatentMoments, Objective, Outcome};

impl Run<'_> {
    /// A step on the first rows of the batch.
    pub(super) fn composed_step(
        &mut self,
        draws: Draws,
        objective: &Objective,
        learning_rate: f64,
    ) -> Result<Outcome> {
        let (n, latents) = (draws.indices.len(), self.model.config().latents());
        let x = self.model.tensor(&self.batch.slice_axis(Axis(0), (..n).into()))?;
        let width = self.model.config().noise_width();
        let noise = Tensor::from_vec(draws.noise, (n, width), self.model.device())?;
        let average = objective.content_average(&draws.indices)?;
        let mut tried = None;
        if let Some(hypotheses) = &draws.hypotheses {
            let LatentTensors { mean, sd } = self.model.encode_tensor(&x)?;
            let mean =
                average.as_ref().map_or_else(|| Ok(mean.clone()), |average| average.average_tensor(&mean))?;
            let z = (mean + (sd * &noise)?)?;
            tried = Some((hypotheses, hypotheses.try_poses(&self.model, &x, &z)?));
        }
        let moved = tried.as_ref().map(|(_, tried)| &tried.moved);
        let options = ElboOptions { subset: draws.subset, moved, average: average.as_ref() };
        let terms = self.tracked.elbo_terms(&x, &noise, options, &draws.labels)?;
        let log_likelihood = terms.log_likelihood.sum_all()?;
        let mean_kl = terms.kl.detach().mean(0)?.to_dtype(DType::F64)?.to_vec1::<f64>()?;
        // The sum of values times constants has these constants as its gradient.
        let with_gradient = |values: &Tensor, gradient: Vec<f64>, shape: &[usize]| -> Result<Tensor> {
            let gradient = Tensor::from_vec(gradient, shape, values.device())?.to_dtype(values.dtype())?;
            Ok(values.broadcast_mul(&gradient)?.sum_all()?)
        };
        let kl = with_gradient(&terms.kl, objective.kl.gradient(&mean_kl), &[latents])?;
        let mut loss = (kl - &log_likelihood)?;
        if let Some((hypotheses, tried)) = &tried {
            let gradient = hypotheses.encoder_gradient(tried, &terms)?;
            let outputs = &terms.mean_outputs;
            loss = (loss + with_gradient(outputs, gradient.mean_outputs, outputs.dims())?)?;
            loss = (loss + with_gradient(&terms.sd, gradient.sd, terms.sd.dims())?)?;
        }
        let rows = |tensor: &Tensor| -> Result<Array2<f64>> {
            let values = tensor.detach().to_dtype(DType::F64)?.flatten_all()?.to_vec1::<f64>()?;
            Ok(Array2::from_shape_vec((n, latents), values).expect("a number for each sample and latent"))
        };
        let moments = LatentMoments { means: rows(&terms.mean)?, sds: rows(&terms.sd)? };
        let mut penalty = None;
        if let Some(of_regularisers) = objective.penalty(&draws.indices, &moments) {
            let gradient = of_regularisers.gradient.iter().copied().collect();
            loss = (loss + with_gradient(&terms.mean, gradient, &[n, latents])?)?;
            penalty = Some(of_regularisers.value / n as f64);
        }
        let (mut label_kl, mut supervised) = (0.0, None);
        if let Some(labels) = &terms.labels {
            let weights = &objective.labels;
            let cost = (labels.supervised.sum_all()? * weights.supervised)?;
            loss = ((loss + (labels.kl.sum_all()? * weights.kl)?)? + &cost)?;
            label_kl = sum(&labels.kl)? / n as f64;
            supervised = Some(sum(&cost)? / n as f64);
        }
        let kl = mean_kl.iter().sum::<f64>() + label_kl;
        let elbo = Elbo::new(sum(&log_likelihood)? / n as f64, kl);
        let outcome = Outcome { elbo, penalty, supervised };
        if outcome.diverged().is_none() {
            self.adam.step(&self.weights, &loss.backward()?, learning_rate)?;
        }
        Ok(outcome)
    }
}
