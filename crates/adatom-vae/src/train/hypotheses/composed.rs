//! The same by operations on tensors, where the fused step cannot be used.

use candle_core::{DType, Tensor};

use super::{Best, Drawn, StartDraws};
use crate::error::Result;
use crate::model::{ElboTensors, Moved, ShiftVae};

impl StartDraws {
    /// The best hypotheses by operations on tensors, for the samples `x` `[n, points]` with the draws `z` `[n, latents]`.
    pub(in crate::train) fn try_poses(
        &self,
        model: &ShiftVae,
        x: &Tensor,
        z: &Tensor,
    ) -> Result<(Best, Moved)> {
        let (n, latents) = z.dims2()?;
        let drawn = z.to_dtype(DType::F32)?.flatten_all()?.to_vec1::<f32>()?;
        let mut best = Best::new(n);
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
        let held: Vec<usize> = self.hypotheses.held().collect();
        let free: Vec<f32> =
            (0..latents).map(|latent| if held.contains(&latent) { 0.0 } else { 1.0 }).collect();
        let free = Tensor::from_vec(free, (1, latents), z.device())?.to_dtype(z.dtype())?;
        // What is held is replaced, the rest is displaced.
        let parts = moved.iter().zip(&drawn).enumerate();
        let shift = parts.map(|(i, (to, from))| if held.contains(&(i % latents)) { *to } else { to - from });
        let shift = tensor(shift.collect())?;
        Ok((best, Moved { free, shift, latents: moved }))
    }

    /// Slopes of the pull with respect to the layer of means `[n, heads]` and the standard deviations `[n, latents]`.
    pub(in crate::train) fn pull(
        &self,
        best: &Best,
        moved: &Moved,
        terms: &ElboTensors,
    ) -> Result<[Vec<f64>; 2]> {
        let numbers = |tensor: &Tensor| -> Result<Vec<f32>> {
            Ok(tensor.detach().to_dtype(DType::F32)?.flatten_all()?.to_vec1::<f32>()?)
        };
        let (latents, width) = (terms.mean.dim(1)?, terms.heads.dim(1)?);
        let [means, heads, sds] = [numbers(&terms.mean)?, numbers(&terms.heads)?, numbers(&terms.sd)?];
        let mut slopes = [vec![0.0; heads.len()], vec![0.0; sds.len()]];
        for (sample, &hypothesis) in best.index.iter().enumerate() {
            let at = |latent: usize| sample * latents + latent;
            let drawn = Drawn {
                heads: &heads[sample * width..][..width],
                mean: &means[at(0)..at(latents)],
                sd: &|latent| f64::from(sds[at(latent)]),
                best: &moved.latents[at(0)..at(latents)],
            };
            self.hypotheses.pull(hypothesis, &drawn, |number, slope| match number.checked_sub(width) {
                None => slopes[0][sample * width + number] += slope,
                Some(latent) => slopes[1][at(latent)] += slope,
            });
        }
        Ok(slopes)
    }
}
