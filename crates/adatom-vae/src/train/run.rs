//! A training under way: batches, steps, records of epochs.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use candle_core::{DType, Tensor, Var};
use ndarray::{Array2, Axis};
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

use super::adam::Adam;
use super::fused::{Draws, FusedStep};
use super::hypotheses::{Hypotheses, StartDraws};
use super::objective::{Objective, Outcome};
use super::regulariser::order;
use super::resume::load_training;
use super::trainer::{Settings, StepPath, Trainer};
use crate::error::{Error, Result};
use crate::model::{Elbo, EpochRecord, History, LatentTensors, ShiftVae, StepWishes, check_values, sum};
use crate::net::Subset;
use crate::random::{Purpose, normals, stream, subsets};
use crate::spec::{Known, LOG_SIGMA, LatentLayout};
use crate::train::{Control, LatentRegulariser, Observer, StepEvent, TrainError};
use adatom_core::Samples;

/// A training under way.
pub(super) struct Run<'a> {
    settings: &'a Settings,
    epochs: usize,
    weights: BTreeMap<String, Var>,
    /// Records the operations on `weights`, for gradients.
    tracked: ShiftVae,
    /// The same weights without recording.
    pub(super) model: ShiftVae,
    pub(super) adam: Adam,
    /// Has its own copy of weights and moments, which are handed over at the end of an epoch.
    fused: Option<FusedStep>,
    pub(super) history: History,
    regularisers: Vec<Arc<dyn LatentRegulariser>>,
    /// What is known of all samples.
    known: Known,
    training: Vec<u32>,
    held_out: Vec<usize>,
    batch: Array2<f32>,
}

impl<'a> Run<'a> {
    pub(super) fn new(
        trainer: &Trainer,
        settings: &'a Settings,
        samples: &(impl Samples + ?Sized),
    ) -> Result<Self> {
        let (initial, resumed) = match &trainer.resume {
            Some(path) => {
                let (model, adam, history) =
                    load_training(path, &trainer.model, settings, trainer.epochs, &trainer.device)?;
                (model, Some((adam, history)))
            }
            None => (ShiftVae::init(trainer.model.clone(), settings.seed, &trainer.device)?, None),
        };
        initial.check_samples(samples)?;
        let known = trainer.known(samples.count())?;
        for positions in trainer.regularisers.iter().filter_map(|regulariser| regulariser.positions()) {
            if positions.len() != samples.count() {
                let (expected, found) = (samples.count().to_string(), positions.len().to_string());
                return Err(Error::Shape { what: "the positions of the samples", expected, found });
            }
        }
        let n = u32::try_from(samples.count()).map_err(|_| Error::Setting {
            setting: "the number of samples",
            expected: "below 2^32",
            found: samples.count().to_string(),
        })?;
        let weights = initial
            .weights()
            .iter()
            .map(|(name, tensor)| Ok((name.clone(), Var::from_tensor(tensor)?)))
            .collect::<Result<BTreeMap<_, _>>>()?;
        let build = |tensor: fn(&Var) -> Tensor| {
            let tensors = weights.iter().map(|(name, var)| (name.clone(), tensor(var))).collect();
            ShiftVae::from_weights(trainer.model.clone(), tensors)
        };
        let tracked = build(|var| var.as_tensor().clone())?;
        let model = build(|var| var.as_detached_tensor())?
            .with_scaling(samples.scaling())
            .with_channel_scalings(samples.channel_scalings());
        let (adam, history) = match resumed {
            Some(state) => state,
            None => (Adam::new(&weights)?, History::default()),
        };

        let single = weights.values().all(|weight| weight.dtype() == DType::F32);
        let fused = match trainer.path {
            StepPath::Fused if trainer.device.is_cpu() && single => {
                FusedStep::new(&trainer.model, &weights, &adam)?
            }
            _ => None,
        };

        let mut training: Vec<u32> = (0..n).collect();
        let held = (settings.held_out * f64::from(n)).round() as usize;
        let held = if settings.held_out > 0.0 { held.max(1) } else { 0 };
        if held >= training.len() {
            return Err(Error::Setting {
                setting: "held_out",
                expected: "a fraction that leaves a sample to train on",
                found: format!("{} of {n} samples", settings.held_out),
            });
        }
        let mut held_out = Vec::new();
        if held > 0 {
            training.shuffle(&mut stream(settings.seed, Purpose::HeldOut));
            held_out.extend(training.drain(..held).map(|index| index as usize));
            held_out.sort_unstable();
            training.sort_unstable();
        }
        let batch = Array2::zeros((settings.batch_size.min(training.len()), samples.shape().len()));
        Ok(Self {
            settings,
            epochs: trainer.epochs,
            weights,
            tracked,
            model: model.with_history(history.clone()),
            adam,
            fused,
            history,
            regularisers: trainer.regularisers.clone(),
            known,
            training,
            held_out,
            batch,
        })
    }

    /// One epoch; no record when the observer stopped it before the first step had been counted.
    pub(super) fn epoch(
        &mut self,
        epoch: usize,
        samples: &(impl Samples + ?Sized),
        observer: &mut dyn Observer,
        last_good: &ShiftVae,
    ) -> Result<(Option<EpochRecord>, Control), TrainError> {
        let started = Instant::now();
        let beta = self.settings.kl_weight.at(epoch);
        let config = self.model.config();
        let objective = Objective {
            kl: self.settings.kl_control.penalty(config, epoch, beta),
            regularisers: self.regularisers.clone(),
            content: LatentLayout::new(config).content,
            labels: self.settings.label_weights.at(beta),
        };
        if self.settings.pose_hypotheses.as_ref().is_some_and(|starts| starts.ended_before(epoch)) {
            self.adam.forget()?;
            self.fused.iter_mut().for_each(FusedStep::forget);
        }
        // Sorted first, so that an epoch depends on its number alone and not on those before it.
        self.training.sort_unstable();
        self.arrange(epoch);
        let mut noise = stream(self.settings.seed, Purpose::Noise(epoch));
        let mut points = stream(self.settings.seed, Purpose::Points(epoch));
        let starts = self.settings.pose_hypotheses.as_ref().filter(|starts| starts.in_epoch(epoch));
        let starts = starts.map(|starts| (starts, Arc::new(Hypotheses::new(starts, self.model.config()))));
        let mut tried = stream(self.settings.seed, Purpose::Starts(epoch));
        let all_steps = self.training.len().div_ceil(self.settings.batch_size);
        let steps = self.settings.steps_per_epoch.map_or(all_steps, |most| most.min(all_steps));
        let (mut log_likelihood, mut kl, mut penalty, mut seen) = (0.0, 0.0, 0.0, 0usize);
        let mut supervised = None;
        let mut control = Control::Continue;
        let training = std::mem::take(&mut self.training);
        let mut indices = Vec::with_capacity(self.settings.batch_size);
        for (step, chunk) in training.chunks(self.settings.batch_size).take(steps).enumerate() {
            indices.clear();
            indices.extend(chunk.iter().map(|&index| index as usize));
            let draws = normals(&mut noise, indices.len() * self.model.config().noise_len());
            let subset = self.subset(&mut points, indices.len(), self.settings.pixel_fraction);
            let starts = starts.as_ref().map(|(starts, hypotheses)| StartDraws {
                hypotheses: Arc::clone(hypotheses),
                subset: self.subset(&mut tried, indices.len(), starts.pixel_fraction),
            });
            let done = ((epoch - 1) as f64 + (step as f64 + 0.5) / steps as f64) / self.epochs as f64;
            let again = self.settings.pose_hypotheses.as_ref().map_or(1.0, |starts| {
                starts.warm_up(epoch as f64 - 1.0 + (step as f64 + 0.5) / steps as f64)
            });
            let rate = again * self.settings.learning_rate.at(done);
            let known = self.known.of(&indices);
            let draws = Draws { indices: indices.clone(), noise: draws, subset, starts, known };
            let outcome = self.step(samples, draws, (&objective, rate))?;
            let elbo = outcome.elbo;
            if let Some((what, value)) = not_finite(outcome) {
                let last_good = Box::new(last_good.clone());
                return Err(TrainError::Diverged { epoch, step: step + 1, what, value, last_good });
            }
            log_likelihood += elbo.log_likelihood * indices.len() as f64;
            kl += elbo.kl * indices.len() as f64;
            penalty += outcome.penalty.unwrap_or(0.0) * indices.len() as f64;
            if let Some(cost) = outcome.supervised {
                *supervised.get_or_insert(0.0) += cost * indices.len() as f64;
            }
            seen += indices.len();
            if observer.step(&StepEvent { epoch, step: step + 1, steps, elbo }) == Control::Stop {
                control = Control::Stop;
                break;
            }
        }
        self.training = training;
        if let Some(fused) = &self.fused {
            fused.write_back(&self.weights, &mut self.adam)?;
        }
        for (name, weight) in &self.weights {
            let total = sum(&weight.as_detached_tensor())?;
            if !total.is_finite() {
                let what = match name.as_str() {
                    LOG_SIGMA => "the standard deviation of the noise",
                    name if name.starts_with("encoder") => "a weight of the encoder",
                    _ => "a weight of the decoder",
                };
                let last_good = Box::new(last_good.clone());
                return Err(TrainError::Diverged { epoch, step: steps, what, value: total, last_good });
            }
        }
        let held_out = match self.held_out.is_empty() {
            true => None,
            false => Some(self.model.elbo_of(
                samples,
                &self.held_out,
                self.settings.seed,
                &self.known.without_labels(),
            )?),
        };
        let elbo = Elbo { log_likelihood: log_likelihood / seen as f64, kl: kl / seen as f64 };
        let seconds = started.elapsed().as_secs_f64();
        let penalty = (!self.regularisers.is_empty()).then_some(penalty / seen as f64);
        let supervised = supervised.map(|sum| sum / seen as f64);
        let record = EpochRecord { epoch, elbo, held_out, beta, penalty, supervised, seconds };
        Ok(((seen > 0).then_some(record), control))
    }

    /// The order of the samples in an epoch: random, or blocks of neighbours where a condition needs them.
    fn arrange(&mut self, epoch: usize) {
        let random = &mut stream(self.settings.seed, Purpose::Order(epoch));
        let wants =
            self.regularisers.iter().find_map(|regulariser| Some((regulariser.positions()?, regulariser)));
        match wants {
            None => self.training.shuffle(random),
            Some((positions, regulariser)) => {
                let size = self.settings.batch_size.div_ceil(regulariser.blocks().max(1));
                self.training = order(&self.training, positions, (size, regulariser.block_width()), random);
            }
        }
    }

    /// The random `fraction` of the pixels that a step scores; `None` for all.
    fn subset(&self, generator: &mut ChaCha8Rng, n: usize, fraction: f64) -> Option<Subset> {
        let all = self.model.config().sample_shape().points();
        let scored = ((fraction * all as f64).ceil() as usize).clamp(1, all);
        (scored < all)
            .then(|| Subset { points: subsets(generator, n, scored, all), scale: all as f32 / scored as f32 })
    }

    /// One step of Adam on the objective less the log-likelihood, summed over the batch as in the published program.
    fn step(
        &mut self,
        samples: &(impl Samples + ?Sized),
        draws: Draws,
        (objective, learning_rate): (&Objective, f64),
    ) -> Result<Outcome> {
        let indices = draws.indices.as_slice();
        let range = self.model.config().get_likelihood().values();
        let mut view = self.batch.slice_axis_mut(Axis(0), (..indices.len()).into());
        let Some(fused) = &mut self.fused else {
            samples.fill(indices, &mut view);
            check_values(&view.view(), indices, range)?;
            return self.composed_step(draws, (objective, learning_rate));
        };
        let adam = &mut self.adam;
        // On a thread of the pool, so that its parallel parts do not each wait for the pool to take them over.
        rayon::scope(|_| {
            samples.fill(indices, &mut view);
            check_values(&view.view(), indices, range)?;
            let x = view.as_slice().expect("whole rows of a new array");
            let outcome = fused.gradient(x, &draws, objective)?;
            if not_finite(outcome).is_none() {
                fused.step(&adam.next(learning_rate));
            }
            Ok(outcome)
        })
    }

    /// A step on the first rows of the batch out of operations on tensors.
    fn composed_step(
        &mut self,
        draws: Draws,
        (objective, learning_rate): (&Objective, f64),
    ) -> Result<Outcome> {
        let (n, latents) = (draws.indices.len(), self.model.config().latents());
        let x = self.model.tensor(&self.batch.slice_axis(Axis(0), (..n).into()))?;
        let width = self.model.config().noise_len();
        let noise = Tensor::from_vec(draws.noise, (n, width), self.model.device())?;
        let shared = objective.shared(&draws.indices)?;
        let mut tried = None;
        if let Some(starts) = &draws.starts {
            let LatentTensors { mean, sd } = self.model.encode_tensor(&x)?;
            let mean =
                shared.as_ref().map_or_else(|| Ok(mean.clone()), |shared| shared.average_tensor(&mean))?;
            let z = (mean + (sd * &noise)?)?;
            tried = Some((starts, starts.try_poses(&self.model, &x, &z)?));
        }
        let moved = tried.as_ref().map(|(_, (_, moved))| moved);
        let wishes = StepWishes { subset: draws.subset, moved, shared: shared.as_ref() };
        let terms = self.tracked.elbo_terms(&x, &noise, wishes, &draws.known)?;
        let log_likelihood = terms.log_likelihood.sum_all()?;
        let mean_kl = terms.kl.detach().mean(0)?.to_dtype(DType::F64)?.to_vec1::<f64>()?;
        // A sum of values times slopes that are not tracked has these slopes.
        let with_slopes = |values: &Tensor, slopes: Vec<f64>, shape: &[usize]| -> Result<Tensor> {
            let slopes = Tensor::from_vec(slopes, shape, values.device())?.to_dtype(values.dtype())?;
            Ok(values.broadcast_mul(&slopes)?.sum_all()?)
        };
        let kl = with_slopes(&terms.kl, objective.kl.slopes(&mean_kl), &[latents])?;
        let mut loss = (kl - &log_likelihood)?;
        if let Some((starts, (best, moved))) = &tried {
            let [heads, sds] = starts.pull(best, moved, &terms)?;
            loss = (loss + with_slopes(&terms.heads, heads, terms.heads.dims())?)?;
            loss = (loss + with_slopes(&terms.sd, sds, terms.sd.dims())?)?;
        }
        let rows = |tensor: &Tensor| -> Result<Array2<f64>> {
            let values = tensor.detach().to_dtype(DType::F64)?.flatten_all()?.to_vec1::<f64>()?;
            Ok(Array2::from_shape_vec((n, latents), values).expect("a number for each sample and latent"))
        };
        let (means, sds) = (rows(&terms.mean)?, rows(&terms.sd)?);
        let mut penalty = None;
        if let Some((sum, slopes)) = objective.of_regularisers(&draws.indices, [means.view(), sds.view()]) {
            loss = (loss + with_slopes(&terms.mean, slopes.iter().copied().collect(), &[n, latents])?)?;
            penalty = Some(sum / n as f64);
        }
        let (mut label_kl, mut supervised) = (0.0, None);
        if let Some(labels) = &terms.labels {
            let weights = &objective.labels;
            let cost = (labels.supervised.sum_all()? * weights.supervised)?;
            loss = ((loss + (labels.kl.sum_all()? * weights.kl)?)? + &cost)?;
            label_kl = sum(&labels.kl)? / n as f64;
            supervised = Some(sum(&cost)? / n as f64);
        }
        let kl = mean_kl.iter().sum::<f64>() + label_kl;
        let elbo = Elbo { log_likelihood: sum(&log_likelihood)? / n as f64, kl };
        let outcome = Outcome { elbo, penalty, supervised };
        if not_finite(outcome).is_none() {
            self.adam.step(&self.weights, &loss.backward()?, learning_rate)?;
        }
        Ok(outcome)
    }
}

fn not_finite(outcome: Outcome) -> Option<(&'static str, f64)> {
    let Outcome { elbo, penalty, supervised } = outcome;
    let parts = [
        ("the log-likelihood", elbo.log_likelihood),
        ("the KL divergence", elbo.kl),
        ("the penalty of a condition", penalty.unwrap_or(0.0)),
        ("the cost of known labels", supervised.unwrap_or(0.0)),
    ];
    parts.into_iter().find(|(_, value)| !value.is_finite())
}
