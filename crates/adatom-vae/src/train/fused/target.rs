//! A target beside the latents, of which the encoder gives mean and standard deviation.
//!
//! Standardised, u = m + s ε where it is not known: ∂L/∂m = ∂L/∂u + β m, ∂L/∂s = ε ∂L/∂u + β (s - 1/s), as
//! for a latent. Where it is known the decoder takes it, and α (½ (u - m)²/s² + ln s) is added to the loss.

use super::{Draws, LabelSums, Latents};
use crate::model::HALF_LN_TAU;
use crate::net::standard_deviation;
use crate::spec::{Differentiated, LabelLossWeights};

/// From the encoder's outputs for the target to the decoder's input.
#[derive(Debug)]
pub(super) struct TargetStep {
    /// s where it is fixed.
    pub(super) fixed: Option<f64>,
    /// Outputs of the encoder for a sample; the last one or two are m and ρ, s = softplus(ρ).
    pub(super) outputs: usize,
    /// Inputs of the decoder for a sample; the last is u.
    pub(super) decoder_inputs: usize,
    /// Numbers of a draw; the last is ε of u.
    pub(super) noise: usize,
}

/// m and s of a sample.
struct TargetMoments {
    mean: f64,
    sd: Differentiated,
}

impl TargetStep {
    fn moments(&self, encoded: &[f32]) -> TargetMoments {
        let last = encoded[self.outputs - 1];
        match self.fixed {
            Some(value) => {
                TargetMoments { mean: f64::from(last), sd: Differentiated { value, derivative: 0.0 } }
            }
            None => {
                let mean = f64::from(encoded[self.outputs - 2]);
                TargetMoments { mean, sd: standard_deviation(last) }
            }
        }
    }

    /// Writes u behind the content of every sample.
    pub(super) fn write_behind_content(&self, values: &mut Latents, draws: &Draws) {
        let contents = values.content.chunks_exact_mut(self.decoder_inputs);
        for (sample, (encoded, content)) in
            values.encoded.chunks_exact(self.outputs).zip(contents).enumerate()
        {
            let TargetMoments { mean, sd } = self.moments(encoded);
            let noise = f64::from(draws.noise[(sample + 1) * self.noise - 1]);
            let drawn = (mean + sd.value * noise) as f32;
            content[self.decoder_inputs - 1] = draws.labels.target(sample).unwrap_or(drawn);
        }
    }

    /// Gradients with respect to the encoder's outputs for the target.
    pub(super) fn backward(
        &self,
        values: &Latents,
        gradients: &mut Latents,
        draws: &Draws,
        weights: &LabelLossWeights,
    ) -> LabelSums {
        let mut sums = LabelSums { log_likelihood: 0.0, kl: 0.0, cross_entropy: 0.0 };
        for (sample, encoded) in values.encoded.chunks_exact(self.outputs).enumerate() {
            let TargetMoments { mean, sd: Differentiated { value: sd, derivative } } = self.moments(encoded);
            let (by_mean, by_sd) = match draws.labels.target(sample) {
                Some(value) => {
                    let value = f64::from(value);
                    let distance = (value - mean) / sd;
                    sums.kl += 0.5 * value * value + HALF_LN_TAU;
                    sums.cross_entropy += 0.5 * distance * distance + sd.ln() + HALF_LN_TAU;
                    let alpha = weights.supervised;
                    (-alpha * distance / sd, alpha * (1.0 - distance * distance) / sd)
                }
                None => {
                    let by_u = f64::from(gradients.content[(sample + 1) * self.decoder_inputs - 1]);
                    let noise = f64::from(draws.noise[(sample + 1) * self.noise - 1]);
                    sums.kl += 0.5 * (mean * mean + sd * sd - 1.0) - sd.ln();
                    (by_u + weights.kl * mean, by_u * noise + weights.kl * (sd - 1.0 / sd))
                }
            };
            let end = (sample + 1) * self.outputs;
            if self.fixed.is_some() {
                gradients.encoded[end - 1] = by_mean as f32;
            } else {
                gradients.encoded[end - 2] = by_mean as f32;
                gradients.encoded[end - 1] = (by_sd * derivative) as f32;
            }
        }
        sums
    }
}
