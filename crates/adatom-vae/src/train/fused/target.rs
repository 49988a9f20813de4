//! A number beside the latents of which the encoder gives mean and standard deviation.
//!
//! Standardised, u = m + s ε where it is not known: ∂L/∂m = ∂L/∂u + β m, ∂L/∂s = ε ∂L/∂u + β (s - 1/s), as for a latent.
//! Where it is known the decoder is told that, and α (½ (u - m)²/s² + ln s) is added to the loss.

use super::{Draws, Latents, softplus};
use crate::spec::SideWeights;

/// ½ ln 2π.
const HALF_LN_TAU: f64 = 0.918_938_533_204_672_8;

/// From the encoder's head to what the decoder is told.
#[derive(Debug)]
pub(super) struct TargetStep {
    /// s where it is fixed.
    pub(super) fixed: Option<f64>,
    /// Numbers that the encoder gives for a sample; the last one or two are m and ρ, s = softplus(ρ).
    pub(super) outputs: usize,
    /// Numbers that the decoder is told of a sample; the last is u.
    pub(super) told: usize,
    /// Numbers of a draw; the last is ε of u.
    pub(super) noise: usize,
}

impl TargetStep {
    /// m, s and the slope of s.
    fn moments(&self, encoded: &[f32]) -> [f64; 3] {
        match self.fixed {
            Some(sd) => [f64::from(encoded[self.outputs - 1]), sd, 0.0],
            None => {
                let (sd, slope) = softplus(encoded[self.outputs - 1]);
                [f64::from(encoded[self.outputs - 2]), sd, slope]
            }
        }
    }

    /// Writes u behind the content of every sample.
    pub(super) fn tell(&self, values: &mut Latents, draws: &Draws) {
        let samples =
            values.encoded.chunks_exact(self.outputs).zip(values.content.chunks_exact_mut(self.told));
        for (sample, (encoded, content)) in samples.enumerate() {
            let [mean, sd, _] = self.moments(encoded);
            let noise = f64::from(draws.noise[(sample + 1) * self.noise - 1]);
            content[self.told - 1] = draws.known.target(sample).unwrap_or((mean + sd * noise) as f32);
        }
    }

    /// Derivatives with respect to the encoder's head; gives the sums over samples of the KL divergence and of minus ln q
    /// of what is known.
    pub(super) fn pull_back(
        &self,
        values: &Latents,
        slopes: &mut Latents,
        draws: &Draws,
        weights: &SideWeights,
    ) -> [f64; 2] {
        let (mut kl, mut supervised) = (0.0, 0.0);
        for (sample, encoded) in values.encoded.chunks_exact(self.outputs).enumerate() {
            let [mean, sd, sd_slope] = self.moments(encoded);
            let (to_mean, to_sd) = match draws.known.target(sample) {
                Some(value) => {
                    let value = f64::from(value);
                    let distance = (value - mean) / sd;
                    kl += 0.5 * value * value + HALF_LN_TAU;
                    supervised += 0.5 * distance * distance + sd.ln() + HALF_LN_TAU;
                    let alpha = weights.supervised;
                    (-alpha * distance / sd, alpha * (1.0 - distance * distance) / sd)
                }
                None => {
                    let slope = f64::from(slopes.content[(sample + 1) * self.told - 1]);
                    let noise = f64::from(draws.noise[(sample + 1) * self.noise - 1]);
                    kl += 0.5 * (mean * mean + sd * sd - 1.0) - sd.ln();
                    (slope + weights.kl * mean, slope * noise + weights.kl * (sd - 1.0 / sd))
                }
            };
            let head = &mut slopes.encoded[..(sample + 1) * self.outputs];
            let end = head.len();
            if self.fixed.is_some() {
                head[end - 1] = to_mean as f32;
            } else {
                head[end - 2] = to_mean as f32;
                head[end - 1] = (to_sd * sd_slope) as f32;
            }
        }
        [kl, supervised]
    }
}
