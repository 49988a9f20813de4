//! The hypotheses of the pose in the fused step: which is the best, and the pull of the encoder towards it.

use super::{FusedStep, Latents, Sampler, softplus};
use crate::train::{hypotheses::Best, hypotheses::Drawn, hypotheses::StartDraws};
use adatom_kernel::{Inputs, KernelError, Target};

impl FusedStep {
    /// Puts the latents of every sample into their best hypothesis.
    pub(super) fn try_poses(
        &mut self,
        x: &[f32],
        starts: &StartDraws,
    ) -> std::result::Result<Best, KernelError> {
        let (latents, width) = (self.posterior.layout.len(), self.posterior.change.len());
        let [_, decoder, noise] = self.flat.ranges();
        let n = self.values.z.len() / latents;
        let (mut best, mut scores) = (Best::new(n), vec![0.0; n]);
        let (mut z, mut change) = (vec![0.0; n * latents], vec![0.0; n * width]);
        for hypothesis in 0..starts.hypotheses.count() {
            z.copy_from_slice(&self.values.z);
            for (z, change) in z.chunks_exact_mut(latents).zip(change.chunks_exact_mut(width)) {
                starts.hypotheses.apply(hypothesis, z);
                self.posterior.change.apply(z, change);
            }
            let inputs = Inputs {
                grid: &self.grid,
                affine: &change,
                latents: &self.values.content,
                weights: &self.flat.weights[decoder.clone()],
            };
            let target = Target {
                likelihood: self.likelihood,
                values: x,
                sample_weight: None,
                points: starts.subset.as_ref().map(|subset| subset.points.as_slice()),
            };
            match &mut self.noise {
                None => self.decoder.score(&inputs, &target, &mut scores, None)?,
                Some(step) => {
                    let log_sigma = step.spread(&self.flat.weights[noise.clone()]);
                    self.decoder.score_noise(&inputs, &target, log_sigma, (&mut scores, None))?;
                }
            }
            for (sample, z) in z.chunks_exact(latents).enumerate() {
                best.offer(hypothesis, sample, starts.score(scores[sample], z));
            }
        }
        let rows = self.values.z.chunks_exact_mut(latents).zip(self.values.change.chunks_exact_mut(width));
        for ((z, change), &hypothesis) in rows.zip(&best.index) {
            starts.hypotheses.apply(hypothesis, z);
            self.posterior.change.apply(z, change);
        }
        Ok(best)
    }
}

impl Sampler {
    /// Adds the slopes of the pull towards the best hypotheses.
    pub(super) fn add_pull(
        &self,
        values: &Latents,
        slopes: &mut Latents,
        (starts, best): (&StartDraws, &Best),
    ) {
        let (width, latents, means) = (self.outputs, self.layout.len(), self.means());
        for (i, &hypothesis) in best.index.iter().enumerate() {
            let (heads, raw) = values.encoded[i * width..][..width].split_at(means);
            let drawn = Drawn {
                heads,
                mean: &values.mean[i * latents..][..latents],
                sd: &|latent| softplus(raw[latent]).0,
                best: &values.z[i * latents..][..latents],
            };
            let to = &mut slopes.encoded[i * width..][..width];
            starts.hypotheses.pull(hypothesis, &drawn, |number, slope| {
                let factor = number.checked_sub(means).map_or(1.0, |latent| softplus(raw[latent]).1);
                to[number] = (f64::from(to[number]) + factor * slope) as f32;
            });
        }
    }
}
