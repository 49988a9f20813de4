//! Pose hypotheses in the fused step: the best one of each sample, and its gradient.

use adatom_kernel::{Error, Inputs, Observations};

use super::{FusedStep, Latents, Sampler};
use crate::net::standard_deviation;
use crate::train::hypotheses::{BestHypotheses, EncodedSample, HypothesisDraws};

impl FusedStep {
    /// Changes the latents of every sample to their best hypothesis.
    pub(super) fn try_poses(
        &mut self,
        x: &[f32],
        draws: &HypothesisDraws,
    ) -> std::result::Result<BestHypotheses, Error> {
        let (latents, width) = (self.posterior.layout.len(), self.posterior.change.len());
        let [_, decoder, noise] = self.flat.ranges();
        let n = self.values.z.len() / latents;
        let (mut best, mut scores) = (BestHypotheses::new(n), vec![0.0; n]);
        let (mut z, mut change) = (vec![0.0; n * latents], vec![0.0; n * width]);
        for hypothesis in 0..draws.hypotheses.count() {
            z.copy_from_slice(&self.values.z);
            for (z, change) in z.chunks_exact_mut(latents).zip(change.chunks_exact_mut(width)) {
                draws.hypotheses.apply(hypothesis, z);
                self.posterior.change.apply(z, change);
            }
            let inputs = Inputs {
                grid: &self.grid,
                affine: &change,
                latents: &self.values.content,
                weights: &self.flat.weights[decoder.clone()],
            };
            let mut observations = Observations::new(self.likelihood, x);
            observations.points = draws.subset.as_ref().map(|subset| subset.points.as_slice());
            if let Some(step) = &mut self.noise {
                step.spread(&self.flat.weights[noise.clone()]);
                observations.log_sigma = Some(&step.log_sigma);
            }
            self.decoder.score(&inputs, &observations, &mut scores, None)?;
            for (sample, z) in z.chunks_exact(latents).enumerate() {
                best.offer(hypothesis, sample, draws.score(scores[sample], z));
            }
        }
        let rows = self.values.z.chunks_exact_mut(latents).zip(self.values.change.chunks_exact_mut(width));
        for ((z, change), &hypothesis) in rows.zip(&best.index) {
            draws.hypotheses.apply(hypothesis, z);
            self.posterior.change.apply(z, change);
        }
        Ok(best)
    }
}

impl Sampler {
    /// Adds the gradient of the encoder's probability of the best hypotheses.
    pub(super) fn add_pose_gradient(
        &self,
        values: &Latents,
        gradients: &mut Latents,
        draws: &HypothesisDraws,
        best: &BestHypotheses,
    ) {
        let (width, latents, means) = (self.outputs, self.layout.len(), self.mean_outputs());
        for (i, &hypothesis) in best.index.iter().enumerate() {
            let (mean_outputs, raw) = values.encoded[i * width..][..width].split_at(means);
            let sample = EncodedSample {
                mean_outputs,
                mean: &values.mean[i * latents..][..latents],
                sd: &|latent| standard_deviation(raw[latent]).value,
                best: &values.z[i * latents..][..latents],
            };
            let to = &mut gradients.encoded[i * width..][..width];
            draws.hypotheses.encoder_gradient(hypothesis, &sample, |output, gradient| {
                let sd = output.checked_sub(means).map(|latent| standard_deviation(raw[latent]));
                let factor = sd.map_or(1.0, |sd| sd.derivative);
                to[output] = (f64::from(to[output]) + factor * gradient) as f32;
            });
        }
    }
}
