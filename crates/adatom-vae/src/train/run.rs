//! A running training: its weights, batches and epochs. The step composed of tensor operations is in
//! `run/composed.rs`.

mod composed;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use adatom_core::Samples;
use candle_core::{DType, Tensor, Var};
use ndarray::{Array2, Axis};
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

use super::TrainError;
use super::adam::Adam;
use super::fused::{Draws, FusedStep};
use super::hypotheses::{Hypotheses, HypothesisDraws, PoseHypotheses};
use super::objective::{Objective, Outcome};
use super::observer::{Control, Observer, StepEvent};
use super::regulariser::{BlockSize, LatentRegulariser, order};
use super::resume::ResumedTraining;
use super::settings::Settings;
use super::trainer::{StepPath, Trainer};
use crate::error::{Error, Result};
use crate::model::{Elbo, EpochRecord, History, ShiftVae, check_values, sum};
use crate::net::Subset;
use crate::random::{Purpose, normals, stream, subsets};
use crate::spec::{LOG_SIGMA, Labels, LatentLayout};

/// A running training.
pub(super) struct Run<'a> {
    settings: &'a Settings,
    epochs: usize,
    weights: BTreeMap<String, Var>,
    /// Records the operations on `weights`, for gradients.
    tracked: ShiftVae,
    /// The same weights without recording.
    pub(super) model: ShiftVae,
    pub(super) adam: Adam,
    /// With its own copy of weights and moments, which is written back at the end of an epoch.
    fused: Option<FusedStep>,
    pub(super) history: History,
    regularisers: Vec<Arc<dyn LatentRegulariser>>,
    /// Conditions and labels of all samples.
    labels: Labels,
    training: Vec<u32>,
    held_out: Vec<usize>,
    batch: Array2<f32>,
}

/// The result of an epoch.
pub(super) struct EpochOutcome {
    pub(super) record: EpochRecord,
    /// The step after which the observer stopped the training, from 1.
    pub(super) stopped_at: Option<usize>,
}

/// The hypotheses of an epoch, with their settings.
struct Tried<'a> {
    settings: &'a PoseHypotheses,
    hypotheses: Arc<Hypotheses>,
}

/// Sums over the samples of an epoch.
#[derive(Default)]
struct Sums {
    log_likelihood: f64,
    kl: f64,
    penalty: f64,
    supervised: Option<f64>,
    samples: usize,
}

impl Sums {
    fn add(&mut self, outcome: &Outcome, samples: usize) {
        let n = samples as f64;
        self.log_likelihood += outcome.elbo.log_likelihood * n;
        self.kl += outcome.elbo.kl * n;
        self.penalty += outcome.penalty.unwrap_or(0.0) * n;
        if let Some(cost) = outcome.supervised {
            *self.supervised.get_or_insert(0.0) += cost * n;
        }
        self.samples += samples;
    }
}

impl<'a> Run<'a> {
    pub(super) fn new(
        trainer: &Trainer,
        settings: &'a Settings,
        samples: &(impl Samples + ?Sized),
    ) -> Result<Self> {
        let (initial, resumed) = match (&trainer.resume, &trainer.initial) {
            (Some(path), _) => {
                let device = &trainer.device;
                let ResumedTraining { model, adam, history } =
                    ResumedTraining::load(path, &trainer.model, settings, trainer.epochs, device)?;
                (model, Some((adam, history)))
            }
            (None, Some(model)) => (model.to_device(&trainer.device)?, None),
            (None, None) => (ShiftVae::init(trainer.model.clone(), settings.seed, &trainer.device)?, None),
        };
        initial.check_samples(samples)?;
        let labels = trainer.sample_labels(samples.count())?;
        for positions in trainer.regularisers.iter().filter_map(|regulariser| regulariser.positions()) {
            if positions.len() != samples.count() {
                let expected = format!("[{} samples, 2]", samples.count());
                return Err(Error::shape("the positions", expected, format!("[{}, 2]", positions.len())));
            }
        }
        let n = u32::try_from(samples.count())
            .map_err(|_| Error::setting("the number of samples", "below 2^32", samples.count()))?;
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
        let (training, held_out) = split(settings, n)?;
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
            labels,
            training,
            held_out,
            batch,
        })
    }

    /// One epoch, or its steps up to the one after which the observer stops the training.
    pub(super) fn epoch(
        &mut self,
        epoch: usize,
        samples: &(impl Samples + ?Sized),
        observer: &mut dyn Observer,
        last_good: &ShiftVae,
    ) -> Result<EpochOutcome, TrainError> {
        let started = Instant::now();
        let settings = self.settings;
        let beta = settings.kl_weight.at(epoch);
        let config = self.model.config();
        let objective = Objective {
            kl: settings.kl_control.penalty(config, epoch, beta),
            regularisers: self.regularisers.clone(),
            content: LatentLayout::new(config).content,
            labels: settings.label_weights.at(beta),
        };
        let poses = settings.pose_hypotheses.as_ref();
        let tried = poses
            .filter(|poses| poses.in_epoch(epoch))
            .map(|settings| Tried { settings, hypotheses: Arc::new(Hypotheses::new(settings, config)) });
        if poses.is_some_and(|poses| poses.ended_before(epoch)) {
            self.adam.reset()?;
            self.fused.iter_mut().for_each(FusedStep::reset_moments);
        }
        // Sorted first, so that an epoch depends on its number alone and not on those before it.
        self.training.sort_unstable();
        self.arrange(epoch);
        let mut noise = stream(settings.seed, Purpose::Noise(epoch));
        let mut points = stream(settings.seed, Purpose::Points(epoch));
        let mut tried_points = stream(settings.seed, Purpose::Hypotheses(epoch));
        let all_steps = self.training.len().div_ceil(settings.batch_size);
        let steps = settings.steps_per_epoch.map_or(all_steps, |most| most.min(all_steps));
        let (mut sums, mut stopped_at) = (Sums::default(), None);
        let training = std::mem::take(&mut self.training);
        for (index, chunk) in training.chunks(settings.batch_size).take(steps).enumerate() {
            let (n, step) = (chunk.len(), index + 1);
            let indices: Vec<usize> = chunk.iter().map(|&index| index as usize).collect();
            let draws = normals(&mut noise, n * self.model.config().noise_width());
            let subset = self.subset(&mut points, n, settings.pixel_fraction);
            let hypotheses = tried.as_ref().map(|tried| HypothesisDraws {
                hypotheses: Arc::clone(&tried.hypotheses),
                subset: self.subset(&mut tried_points, n, tried.settings.pixel_fraction),
            });
            let in_epoch = (index as f64 + 0.5) / steps as f64;
            let done = ((epoch - 1) as f64 + in_epoch) / self.epochs as f64;
            let warm_up = poses.map_or(1.0, |poses| poses.warm_up(epoch as f64 - 1.0 + in_epoch));
            let rate = warm_up * settings.learning_rate.at(done);
            let labels = self.labels.of(&indices);
            let draws = Draws { indices, noise: draws, subset, hypotheses, labels };
            let outcome = self.step(samples, draws, &objective, rate)?;
            if let Some(Diverged { what, value }) = outcome.diverged() {
                let last_good = Box::new(last_good.clone());
                return Err(TrainError::Diverged { epoch, step, what, value, last_good });
            }
            sums.add(&outcome, n);
            if observer.step(&StepEvent { epoch, step, steps, elbo: outcome.elbo }) == Control::Stop {
                stopped_at = Some(step);
                break;
            }
        }
        self.training = training;
        if let Some(fused) = &self.fused {
            fused.write_back(&self.weights, &mut self.adam)?;
        }
        if let Some(Diverged { what, value }) = self.diverged_weight()? {
            let last_good = Box::new(last_good.clone());
            return Err(TrainError::Diverged { epoch, step: steps, what, value, last_good });
        }
        let held_out = match self.held_out.is_empty() {
            true => None,
            false => Some(self.model.elbo_of(
                samples,
                &self.held_out,
                settings.seed,
                &self.labels.condition_only(),
            )?),
        };
        let seen = sums.samples as f64;
        let record = EpochRecord {
            epoch,
            elbo: Elbo::new(sums.log_likelihood / seen, sums.kl / seen),
            held_out,
            beta,
            penalty: (!self.regularisers.is_empty()).then_some(sums.penalty / seen),
            supervised: sums.supervised.map(|sum| sum / seen),
            seconds: started.elapsed().as_secs_f64(),
        };
        Ok(EpochOutcome { record, stopped_at })
    }

    /// A weight that is not finite.
    fn diverged_weight(&self) -> Result<Option<Diverged>> {
        for (name, weight) in &self.weights {
            let value = sum(&weight.as_detached_tensor())?;
            if !value.is_finite() {
                let what = match name.as_str() {
                    LOG_SIGMA => "the standard deviation of the noise",
                    name if name.starts_with("encoder") => "a weight of the encoder",
                    _ => "a weight of the decoder",
                };
                return Ok(Some(Diverged { what, value }));
            }
        }
        Ok(None)
    }

    /// Orders the samples for an epoch: at random, or in blocks of neighbours where a regulariser needs them.
    fn arrange(&mut self, epoch: usize) {
        let random = &mut stream(self.settings.seed, Purpose::Order(epoch));
        let neighbours =
            self.regularisers.iter().find_map(|regulariser| Some((regulariser.positions()?, regulariser)));
        match neighbours {
            None => self.training.shuffle(random),
            Some((positions, regulariser)) => {
                let samples = self.settings.batch_size.div_ceil(regulariser.blocks().max(1));
                let size = BlockSize { samples, width: regulariser.block_width() };
                self.training = order(&self.training, positions, size, random);
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

    /// One step of Adam on the loss summed over the batch, as in the published program.
    fn step(
        &mut self,
        samples: &(impl Samples + ?Sized),
        draws: Draws,
        objective: &Objective,
        learning_rate: f64,
    ) -> Result<Outcome> {
        let indices = draws.indices.as_slice();
        let range = self.model.config().get_likelihood().values();
        let mut view = self.batch.slice_axis_mut(Axis(0), (..indices.len()).into());
        let Some(fused) = &mut self.fused else {
            samples.fill(indices, &mut view);
            check_values(&view.view(), indices, range)?;
            return self.composed_step(draws, objective, learning_rate);
        };
        let adam = &mut self.adam;
        // On a thread of the pool, so that its parallel parts do not each wait for the pool to take them
        // over.
        rayon::scope(|_| {
            samples.fill(indices, &mut view);
            check_values(&view.view(), indices, range)?;
            let x = view.as_slice().expect("whole rows of a new array");
            let outcome = fused.gradient(x, &draws, objective)?;
            if outcome.diverged().is_none() {
                fused.step(&adam.next(learning_rate));
            }
            Ok(outcome)
        })
    }
}

/// Samples to train on and held-out samples, of `n`.
fn split(settings: &Settings, n: u32) -> Result<(Vec<u32>, Vec<usize>)> {
    let mut training: Vec<u32> = (0..n).collect();
    let held = (settings.held_out * f64::from(n)).round() as usize;
    let held = if settings.held_out > 0.0 { held.max(1) } else { 0 };
    if held >= training.len() {
        let expected = "small enough to leave a sample to train on";
        let found = format!("{} of {n} samples", settings.held_out);
        return Err(Error::setting("the fraction of held-out samples", expected, found));
    }
    let mut held_out = Vec::new();
    if held > 0 {
        training.shuffle(&mut stream(settings.seed, Purpose::HeldOut));
        held_out.extend(training.drain(..held).map(|index| index as usize));
        held_out.sort_unstable();
        training.sort_unstable();
    }
    Ok((training, held_out))
}

/// A quantity that is not finite.
struct Diverged {
    what: &'static str,
    value: f64,
}

impl Outcome {
    fn diverged(&self) -> Option<Diverged> {
        let parts = [
            ("the log-likelihood", self.elbo.log_likelihood),
            ("the KL divergence", self.elbo.kl),
            ("the penalty of a regulariser", self.penalty.unwrap_or(0.0)),
            ("the loss of known labels", self.supervised.unwrap_or(0.0)),
        ];
        let wrong = parts.into_iter().find(|(_, value)| !value.is_finite());
        wrong.map(|(what, value)| Diverged { what, value })
    }
}
