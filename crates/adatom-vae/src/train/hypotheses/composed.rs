//! The same composed of tensor operations, where the fused step cannot be used.

use candle_core::{DType, Tensor};

use super::{BestHypotheses, EncodedSample, HypothesisDraws};
use crate::error::Result;
use crate::model::{ElboTerms, MovedDraws, ShiftVae};

/// The best hypotheses of a batch, and the draws moved into them.
pub(in crate::train) struct TriedPoses {
    pub(in crate::train) best: BestHypotheses,
    pub(in crate::train) moved: MovedDraws,
}

/// Gradients of the encoder's probability of the best hypotheses.
pub(in crate::train) struct PoseGradient {
    /// With respect to the layer of means, `[n, outputs]`.
    pub(in crate::train) mean_outputs: Vec<f64>,
    /// With respect to the standard deviations, `[n, latents]`.
    pub(in crate::train) sd: Vec<f64>,
}

impl HypothesisDraws {
    /// The best hypotheses of the samples `x` `[n, points]` with the draws `z` `[n, latents]`.
    pub(in crate::train) fn try_poses(&self, model: &ShiftVae, x: &Tensor, z: &Tensor) -> Result<TriedPoses> {
        let (n, latents) = z.dims2()?;
        let drawn = z.to_dtype(DType::F32)?.flatten_all()?.to_vec1::<f32>()?;
        let mut best = BestHypotheses::new(n);
        let tensor = |numbers: Vec<f32>| -> Result<Tensor> {
            Ok(Tensor::from_vec(numbers, (n, latents), z.device())?.to_dtype(z.dtype())?)
        };
        for hypothesis in 0..self.hypotheses.count() {
            let mut moved = drawn.clone();
            moved.chunks_exact_mut(latents).for_each(|z| self.hypotheses.apply(hypothesis, z));
            // Already scaled to all points.
            let scores = model.score(x, &tensor(moved.clone())?, None, self.subset.clone())?;
            let scores = scores.to_dtype(DType::F64)?.to_vec1::<f64>()?;
            for (sample, (z, score)) in moved.chunks_exact(latents).zip(scores).enumerate() {
                best.offer(hypothesis, sample, score + self.hypotheses.log_prior(z));
            }
        }
        let mut moved = drawn.clone();
        for (z, &hypothesis) in moved.chunks_exact_mut(latents).zip(&best.index) {
            self.hypotheses.apply(hypothesis, z);
        }
        let replaced: Vec<usize> = self.hypotheses.replaced().collect();
        let free: Vec<f32> =
            (0..latents).map(|latent| if replaced.contains(&latent) { 0.0 } else { 1.0 }).collect();
        let free = Tensor::from_vec(free, (1, latents), z.device())?.to_dtype(z.dtype())?;
        // Replaced latents take the new value, the others are displaced.
        let parts = moved.iter().zip(&drawn).enumerate();
        let shift =
            parts.map(|(i, (to, from))| if replaced.contains(&(i % latents)) { *to } else { to - from });
        let shift = tensor(shift.collect())?;
        Ok(TriedPoses { best, moved: MovedDraws { free, shift, latents: moved } })
    }

    pub(in crate::train) fn encoder_gradient(
        &self,
        tried: &TriedPoses,
        terms: &ElboTerms,
    ) -> Result<PoseGradient> {
        let numbers = |tensor: &Tensor| -> Result<Vec<f32>> {
            Ok(tensor.detach().to_dtype(DType::F32)?.flatten_all()?.to_vec1::<f32>()?)
        };
        let (latents, width) = (terms.mean.dim(1)?, terms.mean_outputs.dim(1)?);
        let (means, outputs, sds) =
            (numbers(&terms.mean)?, numbers(&terms.mean_outputs)?, numbers(&terms.sd)?);
        let mut gradient = PoseGradient { mean_outputs: vec![0.0; outputs.len()], sd: vec![0.0; sds.len()] };
        for (sample, &hypothesis) in tried.best.index.iter().enumerate() {
            let at = |latent: usize| sample * latents + latent;
            let encoded = EncodedSample {
                mean_outputs: &outputs[sample * width..][..width],
                mean: &means[at(0)..at(latents)],
                sd: &|latent| f64::from(sds[at(latent)]),
                best: &tried.moved.latents[at(0)..at(latents)],
            };
            self.hypotheses.encoder_gradient(hypothesis, &encoded, |output, more| {
                match output.checked_sub(width) {
                    None => gradient.mean_outputs[sample * width + output] += more,
                    Some(latent) => gradient.sd[at(latent)] += more,
                }
            });
        }
        Ok(gradient)
    }
}
