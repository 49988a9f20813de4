//! What lies between encoder and decoder: means and standard deviations, draws, and the way back.

use ndarray::Array2;

use super::Latents;
use crate::model::ContentAverage;
use crate::net::{CoordinateChange, SMALLEST_SD};
use crate::spec::{Directions, LatentLayout, circle_kl};
use crate::train::objective::Objective;

/// From the encoder's outputs to the decoder's inputs.
#[derive(Debug)]
pub(super) struct Sampler {
    pub(super) change: CoordinateChange,
    pub(super) layout: LatentLayout,
    pub(super) directions: Directions,
    /// Content and what the decoder is told of a sample, in numbers.
    pub(super) told: usize,
    /// Numbers that the encoder gives for a sample, and those of a draw.
    pub(super) outputs: usize,
    pub(super) noise: usize,
}

impl Sampler {
    /// Numbers of the layer of means.
    pub(super) fn means(&self) -> usize {
        self.layout.len() + self.directions.len()
    }

    /// The KL divergence of a latent and its slopes with respect to mean and standard deviation.
    pub(super) fn kl(&self, latent: usize, mean: f64, sd: f64) -> (f64, [f64; 2]) {
        if self.directions.contains(latent) {
            let (value, slope) = circle_kl(sd);
            return (value, [0.0, slope]);
        }
        (0.5 * (mean * mean + sd * sd - 1.0) - sd.ln(), [mean, sd - 1.0 / sd])
    }

    /// z = μ + σ ε with what the decoder takes of it; gives the KL divergence of each latent, mean over the samples.
    pub(super) fn draw(
        &self,
        values: &mut Latents,
        noise: &[f32],
        shared: Option<&ContentAverage>,
    ) -> Vec<f64> {
        let (latents, k) = (self.layout.len(), self.layout.content.len());
        let mut kl = vec![0.0; latents];
        let n = (values.encoded.len() / self.outputs) as f64;
        for (encoded, own) in
            values.encoded.chunks_exact(self.outputs).zip(values.own.chunks_exact_mut(latents))
        {
            self.directions.means(&encoded[..self.means()], own);
        }
        values.mean.copy_from_slice(&values.own);
        if let Some(shared) = shared {
            shared.average(&mut values.mean, latents);
        }
        for (i, encoded) in values.encoded.chunks_exact(self.outputs).enumerate() {
            let z = &mut values.z[i * latents..][..latents];
            let means = &values.mean[i * latents..][..latents];
            let raw = &encoded[self.means()..];
            let noise = &noise[i * self.noise..][..latents];
            for (latent, (z, kl)) in z.iter_mut().zip(&mut kl).enumerate() {
                let (mean, (sd, _)) = (f64::from(means[latent]), softplus(raw[latent]));
                *z = (mean + sd * f64::from(noise[latent])) as f32;
                *kl += self.kl(latent, mean, sd).0;
            }
            self.change.apply(z, &mut values.change[i * self.change.len()..][..self.change.len()]);
            values.content[i * self.told..][..k].copy_from_slice(&z[self.layout.content.clone()]);
        }
        kl.iter_mut().for_each(|kl| *kl /= n);
        kl
    }

    /// Derivatives with respect to means and raw standard deviations out of those with respect to the decoder's inputs.
    ///
    /// The latents `held` do not learn from the decoder.
    pub(super) fn pull_back(
        &self,
        values: &Latents,
        slopes: &mut Latents,
        (noise, kl_slopes, held): (&[f32], &[f64], Vec<usize>),
    ) {
        let (latents, k) = (self.layout.len(), self.layout.content.len());
        for (i, encoded) in values.encoded.chunks_exact(self.outputs).enumerate() {
            let at = i * latents..(i + 1) * latents;
            let z_slopes = &mut slopes.z[at.clone()];
            let change = &slopes.change[i * self.change.len()..][..self.change.len()];
            self.change.pull_back(&values.z[at.clone()], change, z_slopes);
            z_slopes[self.layout.content.clone()].copy_from_slice(&slopes.content[i * self.told..][..k]);
            held.iter().for_each(|&latent| z_slopes[latent] = 0.0);
            let to_mean = &mut slopes.mean[at.clone()];
            let to_raw = &mut slopes.encoded[i * self.outputs + self.means()..][..latents];
            let (means, raw) = (&values.mean[at.clone()], &encoded[self.means()..]);
            for (j, (&slope, &noise)) in z_slopes.iter().zip(&noise[i * self.noise..][..latents]).enumerate()
            {
                let (slope, beta, (sd, sd_slope)) = (f64::from(slope), kl_slopes[j], softplus(raw[j]));
                let (_, [kl_of_mean, kl_of_sd]) = self.kl(j, f64::from(means[j]), sd);
                to_mean[j] = (slope + beta * kl_of_mean) as f32;
                to_raw[j] = ((slope * f64::from(noise) + beta * kl_of_sd) * sd_slope) as f32;
            }
        }
    }

    /// Hands the derivatives with respect to the means over to the layer of means.
    pub(super) fn spread(&self, values: &Latents, slopes: &mut Latents) {
        let rows =
            slopes.encoded.chunks_exact_mut(self.outputs).zip(slopes.mean.chunks_exact(self.layout.len()));
        for ((to, slopes), heads) in rows.zip(values.encoded.chunks_exact(self.outputs)) {
            self.directions.spread(heads, slopes, to);
        }
    }

    /// Adds the slopes of the regularisers to those with respect to the means; gives their penalty, per sample.
    pub(super) fn add_regularisers(
        &self,
        values: &Latents,
        slopes: &mut Latents,
        (objective, indices): (&Objective, &[usize]),
    ) -> Option<f64> {
        if objective.regularisers.is_empty() {
            return None;
        }
        let latents = self.layout.len();
        let mean = |(row, latent): (usize, usize)| f64::from(values.own[row * latents + latent]);
        let means = Array2::from_shape_fn((indices.len(), latents), mean);
        let sd = |(row, latent): (usize, usize)| {
            softplus(values.encoded[row * self.outputs + self.means() + latent]).0
        };
        let sds = Array2::from_shape_fn((indices.len(), latents), sd);
        let (penalty, more) = objective.of_regularisers(indices, [means.view(), sds.view()])?;
        for (row, more) in slopes.mean.chunks_exact_mut(latents).zip(more.rows()) {
            row.iter_mut().zip(more).for_each(|(slope, more)| *slope = (f64::from(*slope) + more) as f32);
        }
        Some(penalty / indices.len() as f64)
    }
}

/// ln(1 + eˣ), at least [`SMALLEST_SD`], and its slope.
pub(super) fn softplus(x: f32) -> (f64, f64) {
    let x = f64::from(x);
    let e = (-x.abs()).exp();
    let value = x.max(0.0) + e.ln_1p();
    if value < SMALLEST_SD { (SMALLEST_SD, 0.0) } else { (value, if x < 0.0 { e } else { 1.0 } / (1.0 + e)) }
}
