//! Between encoder and decoder: means and standard deviations, draws, and the backward pass.

use ndarray::Array2;

use super::Latents;
use crate::model::ContentAverage;
use crate::net::{CoordinateChange, standard_deviation};
use crate::spec::{Directions, LatentLayout, circle_kl};
use crate::train::objective::{LatentMoments, Objective};

/// From the encoder's outputs to the decoder's inputs.
#[derive(Debug)]
pub(super) struct Sampler {
    pub(super) change: CoordinateChange,
    pub(super) layout: LatentLayout,
    pub(super) directions: Directions,
    /// Numbers of content and conditioning.
    pub(super) decoder_inputs: usize,
    /// Outputs of the encoder for a sample.
    pub(super) outputs: usize,
    /// Numbers of a draw.
    pub(super) noise: usize,
}

/// The KL divergence of a latent with its gradient.
struct LatentKl {
    value: f64,
    /// With respect to the mean.
    by_mean: f64,
    /// With respect to the standard deviation.
    by_sd: f64,
}

/// What the backward pass needs beside values and gradients of the decoder's inputs.
pub(super) struct Backward<'a> {
    /// `[n, latents]`, with one more column for a target.
    pub(super) noise: &'a [f32],
    /// Gradient of the penalty with respect to the KL divergence of each latent.
    pub(super) kl_gradient: &'a [f64],
    /// Latents that get no gradient from the decoder.
    pub(super) replaced: Vec<usize>,
}

impl Sampler {
    /// Outputs of the layer of means.
    pub(super) fn mean_outputs(&self) -> usize {
        self.layout.len() + self.directions.len()
    }

    fn kl(&self, latent: usize, mean: f64, sd: f64) -> LatentKl {
        if self.directions.contains(latent) {
            let kl = circle_kl(sd);
            return LatentKl { value: kl.value, by_mean: 0.0, by_sd: kl.derivative };
        }
        LatentKl { value: 0.5 * (mean * mean + sd * sd - 1.0) - sd.ln(), by_mean: mean, by_sd: sd - 1.0 / sd }
    }

    /// z = μ + σ ε with the inputs of the decoder; gives the KL divergence of each latent, mean over the
    /// samples.
    pub(super) fn draw(
        &self,
        values: &mut Latents,
        noise: &[f32],
        average: Option<&ContentAverage>,
    ) -> Vec<f64> {
        let (latents, k) = (self.layout.len(), self.layout.content.len());
        let mut kl = vec![0.0; latents];
        let n = (values.encoded.len() / self.outputs) as f64;
        for (encoded, own) in
            values.encoded.chunks_exact(self.outputs).zip(values.own.chunks_exact_mut(latents))
        {
            self.directions.means(&encoded[..self.mean_outputs()], own);
        }
        values.mean.copy_from_slice(&values.own);
        if let Some(average) = average {
            average.average(&mut values.mean, latents);
        }
        for (i, encoded) in values.encoded.chunks_exact(self.outputs).enumerate() {
            let z = &mut values.z[i * latents..][..latents];
            let means = &values.mean[i * latents..][..latents];
            let raw = &encoded[self.mean_outputs()..];
            let noise = &noise[i * self.noise..][..latents];
            for (latent, (z, kl)) in z.iter_mut().zip(&mut kl).enumerate() {
                let (mean, sd) = (f64::from(means[latent]), standard_deviation(raw[latent]).value);
                *z = (mean + sd * f64::from(noise[latent])) as f32;
                *kl += self.kl(latent, mean, sd).value;
            }
            self.change.apply(z, &mut values.change[i * self.change.len()..][..self.change.len()]);
            values.content[i * self.decoder_inputs..][..k].copy_from_slice(&z[self.layout.content.clone()]);
        }
        kl.iter_mut().for_each(|kl| *kl /= n);
        kl
    }

    /// Gradients with respect to means and raw standard deviations from those with respect to the decoder's
    /// inputs.
    pub(super) fn backward(&self, values: &Latents, gradients: &mut Latents, from: &Backward<'_>) {
        let (latents, k) = (self.layout.len(), self.layout.content.len());
        for (i, encoded) in values.encoded.chunks_exact(self.outputs).enumerate() {
            let at = i * latents..(i + 1) * latents;
            let by_z = &mut gradients.z[at.clone()];
            let change = &gradients.change[i * self.change.len()..][..self.change.len()];
            self.change.backward(&values.z[at.clone()], change, by_z);
            let content = &gradients.content[i * self.decoder_inputs..][..k];
            by_z[self.layout.content.clone()].copy_from_slice(content);
            from.replaced.iter().for_each(|&latent| by_z[latent] = 0.0);
            let by_mean = &mut gradients.mean[at.clone()];
            let by_raw = &mut gradients.encoded[i * self.outputs + self.mean_outputs()..][..latents];
            let (means, raw) = (&values.mean[at.clone()], &encoded[self.mean_outputs()..]);
            let noise = &from.noise[i * self.noise..][..latents];
            for (j, (&by_z, &noise)) in by_z.iter().zip(noise).enumerate() {
                let (by_z, beta, sd) = (f64::from(by_z), from.kl_gradient[j], standard_deviation(raw[j]));
                let kl = self.kl(j, f64::from(means[j]), sd.value);
                by_mean[j] = (by_z + beta * kl.by_mean) as f32;
                by_raw[j] = ((by_z * f64::from(noise) + beta * kl.by_sd) * sd.derivative) as f32;
            }
        }
    }

    /// Gradients with respect to the layer of means from those with respect to the means.
    pub(super) fn means_backward(&self, values: &Latents, gradients: &mut Latents) {
        let to = gradients.encoded.chunks_exact_mut(self.outputs);
        let rows = to.zip(gradients.mean.chunks_exact(self.layout.len()));
        for ((to, by_mean), outputs) in rows.zip(values.encoded.chunks_exact(self.outputs)) {
            self.directions.backward(outputs, by_mean, to);
        }
    }

    /// Adds the gradients of the regularisers to those with respect to the means; gives their penalty, per
    /// sample.
    pub(super) fn add_regularisers(
        &self,
        values: &Latents,
        gradients: &mut Latents,
        objective: &Objective,
        indices: &[usize],
    ) -> Option<f64> {
        if objective.regularisers.is_empty() {
            return None;
        }
        let latents = self.layout.len();
        let mean = |(row, latent): (usize, usize)| f64::from(values.own[row * latents + latent]);
        let sd = |(row, latent): (usize, usize)| {
            standard_deviation(values.encoded[row * self.outputs + self.mean_outputs() + latent]).value
        };
        let moments = LatentMoments {
            means: Array2::from_shape_fn((indices.len(), latents), mean),
            sds: Array2::from_shape_fn((indices.len(), latents), sd),
        };
        let penalty = objective.penalty(indices, &moments)?;
        for (row, more) in gradients.mean.chunks_exact_mut(latents).zip(penalty.gradient.rows()) {
            row.iter_mut()
                .zip(more)
                .for_each(|(by_mean, more)| *by_mean = (f64::from(*by_mean) + more) as f32);
        }
        Some(penalty.value / indices.len() as f64)
    }
}
