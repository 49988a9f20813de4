//! Loss and gradient of a training step of a spatial model without a graph of tensors, on the CPU in single precision.
//!
//! x → encoder → μ, σ = softplus(ρ), z = μ + σ ε → coordinates and content → decoder → ln p(x | z), and back:
//! ∂L/∂μ = ∂L/∂z + β μ, ∂L/∂ρ = (ε ∂L/∂z + β (σ - 1/σ)) sigmoid(ρ), for L = β KL - ln p(x | z) summed over the batch, where
//! β, the slope of the penalty on the KL divergence, may differ from latent to latent. The angle on the circle has another KL
//! divergence and a direction in place of μ. All buffers are kept from step to step. Everywhere else tensors do the same; a
//! test compares both.

mod classes;
mod flat;
mod noise;
mod poses;
mod sampler;
mod target;
#[cfg(test)]
mod tests;
mod told;

use std::collections::BTreeMap;

use candle_core::Var;

use self::classes::{Classes, Rows};
use self::flat::Flat;
use self::noise::NoiseStep;
use self::sampler::{Sampler, softplus};
use self::target::TargetStep;
use super::adam::{Adam, Change};
use super::hypotheses::StartDraws;
use super::objective::{Objective, Outcome};
use crate::error::Result;
use crate::model::ContentAverage;
use crate::model::Elbo;
use crate::net::{CoordinateChange, Subset, coordinates, decoder_shape, pixel_likelihood};
use crate::spec::LatentLayout;
use crate::spec::{EncoderKind, Known, Side, VaeConfig};
use adatom_kernel::{self as kernel, FusedDecoder, Gradients, Inputs, KernelError, Perceptron, Target};

/// What a step computes with.
#[derive(Debug)]
pub(super) struct FusedStep {
    flat: Flat,
    encoder: Perceptron,
    decoder: FusedDecoder,
    grid: Vec<f32>,
    likelihood: kernel::Likelihood,
    /// Where standard deviations are trained.
    noise: Option<NoiseStep>,
    posterior: Sampler,
    labels: Labels,
    /// Samples with what the encoder is told of them, `[n, points + width]`; empty where that is nothing.
    input: Vec<f32>,
    values: Latents,
    slopes: Latents,
    log_likelihood: Vec<f64>,
    sample_weight: Vec<f32>,
}

/// What stands between encoder and decoder beside the latents.
#[derive(Debug)]
enum Labels {
    None,
    Classes(Classes),
    Target(TargetStep),
}

/// One batch of what lies between encoder and decoder, or derivatives with respect to it.
#[derive(Debug, Default)]
struct Latents {
    /// The layer of means (two numbers for an angle on the circle), then standard deviations before their softplus, then a
    /// further head, `[n, outputs]`.
    encoded: Vec<f32>,
    /// Means as the encoder gives them, `[n, latents]`; of values only.
    own: Vec<f32>,
    /// Those of the posterior, over several samples where content is shared, `[n, latents]`.
    mean: Vec<f32>,
    /// `[n, latents]`.
    z: Vec<f32>,
    /// `[n, d² + d]`.
    change: Vec<f32>,
    /// With what the decoder is told, `[n, k + width]`.
    content: Vec<f32>,
}

/// Numbers of a step beside the samples.
pub(super) struct Draws {
    /// Which samples.
    pub(super) indices: Vec<usize>,
    /// ε, `[n, latents]`, with a target one more.
    pub(super) noise: Vec<f32>,
    /// Points that are scored; all where absent.
    pub(super) subset: Option<Subset>,
    /// Hypotheses of the pose to try.
    pub(super) starts: Option<StartDraws>,
    /// What is known of these samples.
    pub(super) known: Known,
}

impl FusedStep {
    /// `None` for a model without a spatial decoder or with convolutions, which the kernel does not have.
    pub(super) fn new(
        config: &VaeConfig,
        weights: &BTreeMap<String, Var>,
        adam: &Adam,
    ) -> Result<Option<Self>> {
        if !config.is_spatial() || *config.get_encoder() != EncoderKind::FullyConnected {
            return Ok(None);
        }
        // Gradients of trained noise are not weighted by the probabilities of classes there.
        if config.get_classes().is_some() && config.get_likelihood().trained_noise().is_some() {
            return Ok(None);
        }
        let Ok(decoder) = FusedDecoder::new(decoder_shape(config)) else { return Ok(None) };
        let mut widths = vec![config.encoder_inputs()];
        widths.extend(config.get_encoder_hidden());
        widths.push(config.encoder_outputs());
        let labels = match config.side() {
            Some(Side::Classes(classes)) => Labels::Classes(Classes::new(classes)),
            Some(Side::Target(target)) => Labels::Target(TargetStep {
                fixed: target.standardised_noise(),
                outputs: config.encoder_outputs(),
                told: config.decoder_inputs(),
                noise: config.noise_len(),
            }),
            _ => Labels::None,
        };
        Ok(Some(Self {
            flat: Flat::new(config, weights, adam)?,
            encoder: Perceptron::new(widths, config.get_activation().into()),
            decoder,
            grid: coordinates(config.sample_shape()).into_iter().map(|value| value as f32).collect(),
            likelihood: pixel_likelihood(config.get_likelihood(), config.get_output()),
            noise: NoiseStep::new(config),
            posterior: Sampler {
                change: CoordinateChange::new(config),
                layout: LatentLayout::new(config),
                directions: config.directions(),
                told: config.decoder_inputs(),
                outputs: config.encoder_outputs(),
                noise: config.noise_len(),
            },
            labels,
            input: Vec::new(),
            values: Latents::default(),
            slopes: Latents::default(),
            log_likelihood: Vec::new(),
            sample_weight: Vec::new(),
        }))
    }

    /// Means over the samples `x` `[n, points]`; leaves the gradient of the objective less the log-likelihood, summed.
    pub(super) fn gradient(&mut self, x: &[f32], draws: &Draws, objective: &Objective) -> Result<Outcome> {
        let shared = objective.shared(&draws.indices)?;
        self.evaluate(x, draws, (objective, shared.as_ref()))
            .map_err(|error| candle_core::Error::wrap(error).into())
    }

    /// Forgets Adam's moments.
    pub(super) fn forget(&mut self) {
        self.flat.forget();
    }

    /// Adam's step along the gradient.
    pub(super) fn step(&mut self, change: &Change) {
        self.flat.step(change);
    }

    /// Hands weights and moments over to the tensors of the same names.
    pub(super) fn write_back(&self, weights: &BTreeMap<String, Var>, adam: &mut Adam) -> Result<()> {
        self.flat.write_back(weights, adam)
    }

    fn evaluate(
        &mut self,
        x: &[f32],
        draws: &Draws,
        (objective, shared): (&Objective, Option<&ContentAverage>),
    ) -> std::result::Result<Outcome, KernelError> {
        let n = draws.indices.len();
        self.values.resize(n, &self.posterior);
        self.slopes.resize(n, &self.posterior);
        let [encoder, decoder, noise] = self.flat.ranges();
        told::widen(&mut self.input, (x, n), &draws.known);
        let input = if self.input.is_empty() { x } else { &self.input };
        self.encoder.forward(input, &self.flat.weights[encoder.clone()], &mut self.values.encoded)?;
        let mean_kl = self.posterior.draw(&mut self.values, &draws.noise, shared);
        told::tell(&mut self.values.content, self.posterior.told, &draws.known);
        if let Labels::Target(target) = &self.labels {
            target.tell(&mut self.values, draws);
        }
        let best = draws.starts.as_ref().map(|starts| self.try_poses(x, starts)).transpose()?;
        let input = if self.input.is_empty() { x } else { &self.input };
        let [encoder_weights, decoder_weights, log_sigma] =
            [encoder.clone(), decoder.clone(), noise].map(|range| &self.flat.weights[range]);

        let scale = draws.subset.as_ref().map_or(1.0, |subset| subset.scale);
        // Gradients of the loss, which is minus the log-likelihood.
        self.sample_weight.clear();
        if let Labels::Classes(classes) = &mut self.labels {
            let weights = classes.expand(&self.values, x, draws);
            self.sample_weight.extend(weights.into_iter().map(|weight| -scale * weight));
        } else {
            self.sample_weight.resize(n, -scale);
        }
        self.log_likelihood.resize(self.sample_weight.len(), 0.0);
        let rows = match &mut self.labels {
            Labels::Classes(classes) => classes.rows(draws),
            _ => Rows {
                change: &self.values.change,
                content: &self.values.content,
                values: x,
                points: draws.subset.as_ref().map(|subset| subset.points.as_slice()),
                change_slopes: &mut self.slopes.change,
                content_slopes: &mut self.slopes.content,
            },
        };
        let inputs =
            Inputs { grid: &self.grid, affine: rows.change, latents: rows.content, weights: decoder_weights };
        let target = Target {
            likelihood: self.likelihood,
            values: rows.values,
            sample_weight: Some(&self.sample_weight),
            points: rows.points,
        };
        let (encoder_gradient, rest) = self.flat.gradient.split_at_mut(encoder.end);
        let (decoder_gradient, noise_gradient) = rest.split_at_mut(decoder.len());
        let gradients =
            Gradients { affine: rows.change_slopes, latents: rows.content_slopes, weights: decoder_gradient };
        match &mut self.noise {
            None => self.decoder.score(&inputs, &target, &mut self.log_likelihood, Some(gradients))?,
            Some(noise) => {
                let out = (self.log_likelihood.as_mut_slice(), Some(gradients));
                self.decoder.score_noise(&inputs, &target, noise.spread(log_sigma), out)?;
                noise.gather(noise_gradient);
            }
        }

        let kl_slopes = objective.kl.slopes(&mean_kl);
        let mut log_likelihood = f64::from(scale) * self.log_likelihood.iter().sum::<f64>();
        if let Labels::Classes(classes) = &self.labels {
            classes.gather(&mut self.slopes, n);
        }
        let held = draws.starts.iter().flat_map(|starts| starts.hypotheses.held()).collect();
        self.posterior.pull_back(&self.values, &mut self.slopes, (&draws.noise, &kl_slopes, held));
        if let Some(shared) = shared {
            shared.backward(&mut self.slopes.mean, self.posterior.layout.len());
        }
        let penalty =
            self.posterior.add_regularisers(&self.values, &mut self.slopes, (objective, &draws.indices));
        self.posterior.spread(&self.values, &mut self.slopes);
        if let (Some(best), Some(starts)) = (best, &draws.starts) {
            self.posterior.add_pull(&self.values, &mut self.slopes, (starts, &best));
        }
        let (mut label_kl, mut supervised) = (0.0, None);
        match &self.labels {
            Labels::None => {}
            Labels::Classes(classes) => {
                self.log_likelihood.iter_mut().for_each(|score| *score *= f64::from(scale));
                let encoded = &mut self.slopes.encoded;
                let [score, kl, entropy] =
                    classes.pull_back(&self.log_likelihood, encoded, (n, &objective.labels));
                (log_likelihood, label_kl) = (score, kl);
                supervised = Some(objective.labels.supervised * entropy);
            }
            Labels::Target(target) => {
                let [kl, surprise] =
                    target.pull_back(&self.values, &mut self.slopes, draws, &objective.labels);
                label_kl = kl;
                supervised = Some(objective.labels.supervised * surprise);
            }
        }
        self.encoder.backward(input, encoder_weights, &self.slopes.encoded, encoder_gradient)?;
        let samples = n as f64;
        let kl = mean_kl.iter().sum::<f64>() + label_kl / samples;
        let elbo = Elbo { log_likelihood: log_likelihood / samples, kl };
        Ok(Outcome { elbo, penalty, supervised: supervised.map(|sum| sum / samples) })
    }
}

impl Latents {
    fn resize(&mut self, n: usize, posterior: &Sampler) {
        let latents = posterior.layout.len();
        self.encoded.resize(n * posterior.outputs, 0.0);
        self.own.resize(n * latents, 0.0);
        self.mean.resize(n * latents, 0.0);
        self.z.resize(n * latents, 0.0);
        self.change.resize(n * posterior.change.len(), 0.0);
        self.content.resize(n * posterior.told, 0.0);
    }
}
