//! Loss and gradient of a training step of a spatial model without a graph of tensors, on the CPU in single
//! precision.
//!
//! x → encoder → μ, σ = softplus(ρ), z = μ + σ ε → coordinates and content → decoder → ln p(x | z), and back:
//! ∂L/∂μ = ∂L/∂z + β μ, ∂L/∂ρ = (ε ∂L/∂z + β (σ - 1/σ)) sigmoid(ρ), for L = β KL - ln p(x | z) summed over
//! the batch, where β, the gradient of the penalty on the KL divergence, may differ from latent to latent.
//! Latents on a circle have another KL divergence and a direction in place of μ. All buffers are kept from
//! step to step. Tests compare with tensor operations.

mod classes;
mod condition;
mod flat;
mod noise;
mod poses;
mod sampler;
mod target;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use adatom_kernel::{self as kernel, FusedDecoder, Gradients, Inputs, Observations, Perceptron};
use candle_core::Var;

use self::classes::{Classes, Rows};
use self::flat::Flat;
use self::noise::NoiseStep;
use self::sampler::{Backward, Sampler};
use self::target::TargetStep;
use super::adam::{Adam, StepFactors};
use super::hypotheses::HypothesisDraws;
use super::objective::{Objective, Outcome};
use crate::error::Result;
use crate::model::{ContentAverage, Elbo};
use crate::net::{CoordinateChange, Subset, coordinates, decoder_shape, pixel_likelihood};
use crate::spec::{Conditioning, EncoderKind, Labels, LatentLayout, VaeConfig};

/// Weights, kernels and buffers of the steps.
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
    labels: LabelStep,
    /// Samples with their condition, `[n, points + width]`; empty without a condition.
    input: Vec<f32>,
    values: Latents,
    gradients: Latents,
    log_likelihood: Vec<f64>,
    sample_weight: Vec<f32>,
}

/// The labels between encoder and decoder.
#[derive(Debug)]
enum LabelStep {
    None,
    Classes(Classes),
    Target(TargetStep),
}

/// The values between encoder and decoder of a batch, or the gradients with respect to them.
#[derive(Debug, Default)]
struct Latents {
    /// The layer of means (two numbers for a latent on a circle), then raw standard deviations, then the
    /// outputs for a label, `[n, outputs]`.
    encoded: Vec<f32>,
    /// Means of each sample for itself, `[n, latents]`; not used for gradients.
    own: Vec<f32>,
    /// Means of the posterior, which are averages over samples where content is shared, `[n, latents]`.
    mean: Vec<f32>,
    /// `[n, latents]`.
    z: Vec<f32>,
    /// `[n, d² + d]`.
    change: Vec<f32>,
    /// Content and conditioning, `[n, k + width]`.
    content: Vec<f32>,
}

/// The random numbers, labels and indices of a step.
pub(super) struct Draws {
    /// The samples.
    pub(super) indices: Vec<usize>,
    /// ε, `[n, latents]`, with one more column for a target.
    pub(super) noise: Vec<f32>,
    /// The points that are scored; all if absent.
    pub(super) subset: Option<Subset>,
    /// Hypotheses of the pose to try.
    pub(super) hypotheses: Option<HypothesisDraws>,
    /// Conditions and labels of these samples.
    pub(super) labels: Labels,
}

impl FusedStep {
    /// `None` for a model that the kernels do not support: without a spatial decoder, or with convolutions.
    pub(super) fn new(
        config: &VaeConfig,
        weights: &BTreeMap<String, Var>,
        adam: &Adam,
    ) -> Result<Option<Self>> {
        if !config.is_spatial() || *config.get_encoder() != EncoderKind::FullyConnected {
            return Ok(None);
        }
        // The kernel does not weight the gradients of trained noise by the probabilities of classes.
        if config.get_classes().is_some() && config.get_likelihood().trained_noise().is_some() {
            return Ok(None);
        }
        let mut widths = vec![config.encoder_inputs()];
        widths.extend(config.get_encoder_hidden());
        widths.push(config.encoder_outputs());
        let networks = FusedDecoder::new(decoder_shape(config))
            .and_then(|decoder| Ok((decoder, Perceptron::new(widths, config.get_activation().into())?)));
        let Ok((decoder, encoder)) = networks else { return Ok(None) };
        let labels = match config.conditioning() {
            Some(Conditioning::Classes(classes)) => LabelStep::Classes(Classes::new(classes)),
            Some(Conditioning::Target(target)) => LabelStep::Target(TargetStep {
                fixed: target.standardised_noise(),
                outputs: config.encoder_outputs(),
                decoder_inputs: config.decoder_inputs(),
                noise: config.noise_width(),
            }),
            _ => LabelStep::None,
        };
        Ok(Some(Self {
            flat: Flat::new(config, weights, adam)?,
            encoder,
            decoder,
            grid: coordinates(config.sample_shape()).into_iter().map(|value| value as f32).collect(),
            likelihood: pixel_likelihood(config.get_likelihood(), config.get_output()),
            noise: NoiseStep::new(config),
            posterior: Sampler {
                change: CoordinateChange::new(config),
                layout: LatentLayout::new(config),
                directions: config.directions(),
                decoder_inputs: config.decoder_inputs(),
                outputs: config.encoder_outputs(),
                noise: config.noise_width(),
            },
            labels,
            input: Vec::new(),
            values: Latents::default(),
            gradients: Latents::default(),
            log_likelihood: Vec::new(),
            sample_weight: Vec::new(),
        }))
    }

    /// Means over the samples `x` `[n, points]`; keeps the gradient of the loss summed over them.
    pub(super) fn gradient(&mut self, x: &[f32], draws: &Draws, objective: &Objective) -> Result<Outcome> {
        let average = objective.content_average(&draws.indices)?;
        self.evaluate(x, draws, objective, average.as_ref())
            .map_err(|error| candle_core::Error::wrap(error).into())
    }

    /// Resets Adam's moments.
    pub(super) fn reset_moments(&mut self) {
        self.flat.reset_moments();
    }

    /// Adam's step along the gradient.
    pub(super) fn step(&mut self, factors: &StepFactors) {
        self.flat.step(factors);
    }

    /// Copies weights and moments to the tensors of the same names.
    pub(super) fn write_back(&self, weights: &BTreeMap<String, Var>, adam: &mut Adam) -> Result<()> {
        self.flat.write_back(weights, adam)
    }

    fn evaluate(
        &mut self,
        x: &[f32],
        draws: &Draws,
        objective: &Objective,
        average: Option<&ContentAverage>,
    ) -> std::result::Result<Outcome, kernel::Error> {
        let n = draws.indices.len();
        self.values.resize(n, &self.posterior);
        self.gradients.resize(n, &self.posterior);
        let [encoder, decoder, noise] = self.flat.ranges();
        condition::append_to_samples(&mut self.input, x, n, &draws.labels);
        let input = if self.input.is_empty() { x } else { &self.input };
        self.encoder.forward(input, &self.flat.weights[encoder.clone()], &mut self.values.encoded)?;
        let mean_kl = self.posterior.draw(&mut self.values, &draws.noise, average);
        condition::write_behind_content(
            &mut self.values.content,
            self.posterior.decoder_inputs,
            &draws.labels,
        );
        if let LabelStep::Target(target) = &self.labels {
            target.write_behind_content(&mut self.values, draws);
        }
        let best = draws.hypotheses.as_ref().map(|draws| self.try_poses(x, draws)).transpose()?;
        let input = if self.input.is_empty() { x } else { &self.input };
        let [encoder_weights, decoder_weights, log_sigma] =
            [encoder.clone(), decoder.clone(), noise].map(|range| &self.flat.weights[range]);

        let scale = draws.subset.as_ref().map_or(1.0, |subset| subset.scale);
        // Gradients of the loss, which is minus the log-likelihood.
        self.sample_weight.clear();
        if let LabelStep::Classes(classes) = &mut self.labels {
            let weights = classes.expand(&self.values, x, draws);
            self.sample_weight.extend(weights.into_iter().map(|weight| -scale * weight));
        } else {
            self.sample_weight.resize(n, -scale);
        }
        self.log_likelihood.resize(self.sample_weight.len(), 0.0);
        let rows = match &mut self.labels {
            LabelStep::Classes(classes) => classes.rows(draws),
            _ => Rows {
                change: &self.values.change,
                content: &self.values.content,
                values: x,
                points: draws.subset.as_ref().map(|subset| subset.points.as_slice()),
                change_gradient: &mut self.gradients.change,
                content_gradient: &mut self.gradients.content,
            },
        };
        let inputs =
            Inputs { grid: &self.grid, affine: rows.change, latents: rows.content, weights: decoder_weights };
        let mut observations =
            Observations::new(self.likelihood, rows.values).sample_weight(&self.sample_weight);
        observations.points = rows.points;
        let (encoder_gradient, rest) = self.flat.gradient.split_at_mut(encoder.end);
        let (decoder_gradient, noise_gradient) = rest.split_at_mut(decoder.len());
        let mut gradients = Gradients {
            affine: rows.change_gradient,
            latents: rows.content_gradient,
            weights: decoder_gradient,
            log_sigma: None,
        };
        if let Some(noise) = &mut self.noise {
            noise.spread(log_sigma);
            observations.log_sigma = Some(&noise.log_sigma);
            gradients.log_sigma = Some(&mut noise.gradient);
        }
        self.decoder.score(&inputs, &observations, &mut self.log_likelihood, Some(gradients))?;
        if let Some(noise) = &self.noise {
            noise.gather(noise_gradient);
        }

        let kl_gradient = objective.kl.gradient(&mean_kl);
        let mut log_likelihood = f64::from(scale) * self.log_likelihood.iter().sum::<f64>();
        if let LabelStep::Classes(classes) = &self.labels {
            classes.gather(&mut self.gradients, n);
        }
        let replaced = draws.hypotheses.iter().flat_map(|draws| draws.hypotheses.replaced()).collect();
        let from = Backward { noise: &draws.noise, kl_gradient: &kl_gradient, replaced };
        self.posterior.backward(&self.values, &mut self.gradients, &from);
        if let Some(average) = average {
            average.backward(&mut self.gradients.mean, self.posterior.layout.len());
        }
        let penalty =
            self.posterior.add_regularisers(&self.values, &mut self.gradients, objective, &draws.indices);
        self.posterior.means_backward(&self.values, &mut self.gradients);
        if let (Some(best), Some(draws)) = (best, &draws.hypotheses) {
            self.posterior.add_pose_gradient(&self.values, &mut self.gradients, draws, &best);
        }
        let (mut label_kl, mut supervised) = (0.0, None);
        match &self.labels {
            LabelStep::None => {}
            LabelStep::Classes(classes) => {
                self.log_likelihood.iter_mut().for_each(|score| *score *= f64::from(scale));
                let encoded = &mut self.gradients.encoded;
                let sums = classes.backward(&self.log_likelihood, encoded, n, &objective.labels);
                (log_likelihood, label_kl) = (sums.log_likelihood, sums.kl);
                supervised = Some(objective.labels.supervised * sums.cross_entropy);
            }
            LabelStep::Target(target) => {
                let sums = target.backward(&self.values, &mut self.gradients, draws, &objective.labels);
                label_kl = sums.kl;
                supervised = Some(objective.labels.supervised * sums.cross_entropy);
            }
        }
        self.encoder.backward(input, encoder_weights, &self.gradients.encoded, encoder_gradient)?;
        let samples = n as f64;
        let kl = mean_kl.iter().sum::<f64>() + label_kl / samples;
        let elbo = Elbo::new(log_likelihood / samples, kl);
        Ok(Outcome { elbo, penalty, supervised: supervised.map(|sum| sum / samples) })
    }
}

/// Sums over the samples of a batch with labels.
struct LabelSums {
    /// Weighted by the probabilities of classes; 0 for targets.
    log_likelihood: f64,
    /// KL divergence of the labels from their prior.
    kl: f64,
    /// Minus ln q of known labels.
    cross_entropy: f64,
}

impl Latents {
    fn resize(&mut self, n: usize, posterior: &Sampler) {
        let latents = posterior.layout.len();
        self.encoded.resize(n * posterior.outputs, 0.0);
        self.own.resize(n * latents, 0.0);
        self.mean.resize(n * latents, 0.0);
        self.z.resize(n * latents, 0.0);
        self.change.resize(n * posterior.change.len(), 0.0);
        self.content.resize(n * posterior.decoder_inputs, 0.0);
    }
}
