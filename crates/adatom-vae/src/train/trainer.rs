//! The training loop.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Instant;

use candle_core::{DType, Device, Tensor, Var};
use ndarray::Array2;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::adam::Adam;
use super::fused::{Draws, FusedStep};
use super::kl::{KlControl, KlPenalty};
use super::state::{TrainingState, load_training};
use crate::fused::Subset;
use crate::model::{check_values, sum};
use crate::random::{Purpose, normals, stream, subsets};
use crate::{
    Capacity, Control, Elbo, EpochEvent, EpochRecord, Error, History, KlWeight, LatentGroup, LearningRate,
    Observer, Result, Samples, ShiftVae, StepEvent, VaeConfig,
};

/// How a model is trained; `fit` gives the model.
///
/// The same seed gives the same bytes, whatever the number of threads.
///
/// ```
/// use adatom_vae::{KlWeight, ShiftVae, Trainer, ndarray::Array2};
/// let signals = Array2::from_shape_fn((30, 12), |(n, i)| if (n + i) % 6 < 3 { 1.0 } else { 0.0 });
/// let trainer = Trainer::new(ShiftVae::signal_config(12).hidden([8])).epochs(3).batch_size(10).held_out(0.2);
/// let vae = trainer.kl_weight(KlWeight::Constant(0.5)).seed(7).fit(&signals)?;
/// assert!(vae.history().last().expect("3 epochs").held_out.is_some());
///
/// let error = Trainer::new(ShiftVae::signal_config(12)).epochs(0).fit(&signals).unwrap_err();
/// assert_eq!(error.to_string(), "epochs must be at least 1, found 0");
/// # Ok::<(), adatom_vae::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Trainer {
    model: VaeConfig,
    settings: Settings,
    epochs: usize,
    device: Device,
    resume: Option<PathBuf>,
    path: StepPath,
}

/// How a step is computed; the results agree to rounding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum StepPath {
    /// By the kernels where they can be used: spatial decoders on the CPU in single precision.
    #[default]
    Fused,
    /// Out of operations on tensors.
    #[cfg_attr(not(test), expect(dead_code, reason = "tests compare both"))]
    Composed,
}

/// Settings that a resumed training must share with the one it goes on from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Settings {
    pub(crate) batch_size: usize,
    pub(crate) learning_rate: LearningRate,
    /// Only where the step size depends on how much of the training is done.
    pub(crate) epochs: Option<usize>,
    pub(crate) kl_weight: KlWeight,
    #[serde(default)]
    pub(crate) kl_control: KlControl,
    pub(crate) held_out: f64,
    pub(crate) steps_per_epoch: Option<usize>,
    pub(crate) pixel_fraction: f64,
    /// Number, shape and a checksum of some of the samples.
    pub(crate) samples: String,
    pub(crate) seed: u64,
}

impl Trainer {
    /// A training of the model `config` with the defaults: 50 epochs, batches of 100, Adam with learning rate 1e-3,
    /// β = 1, nothing held out, seed 0, on the CPU.
    pub fn new(config: VaeConfig) -> Self {
        Self {
            model: config,
            settings: Settings {
                batch_size: 100,
                learning_rate: LearningRate::Constant(1e-3),
                epochs: None,
                kl_weight: KlWeight::default(),
                kl_control: KlControl::default(),
                held_out: 0.0,
                steps_per_epoch: None,
                pixel_fraction: 1.0,
                samples: String::new(),
                seed: 0,
            },
            epochs: 50,
            device: Device::Cpu,
            resume: None,
            path: StepPath::default(),
        }
    }

    /// How often every sample is used. Default 50.
    pub fn epochs(mut self, epochs: usize) -> Self {
        self.epochs = epochs;
        self
    }

    /// Samples of a step. Default 100.
    pub fn batch_size(mut self, samples: usize) -> Self {
        self.settings.batch_size = samples;
        self
    }

    /// Step size of Adam, a number or a [`LearningRate`]. Default 1e-3.
    pub fn learning_rate(mut self, rate: impl Into<LearningRate>) -> Self {
        self.settings.learning_rate = rate.into();
        self
    }

    /// Weight of the KL divergence. Default constant 1.
    pub fn kl_weight(mut self, weight: KlWeight) -> Self {
        self.settings.kl_weight = weight;
        self
    }

    /// A factor of the weight for some latents, such as those of the pose ([`LatentGroup::POSE`]) or the content. Default 1.
    pub fn group_kl_weight(mut self, groups: impl IntoIterator<Item = LatentGroup>, weight: f64) -> Self {
        self.settings.kl_control.weights.extend(groups.into_iter().map(|group| (group, weight)));
        self
    }

    /// Each latent may carry so many nat, in the mean over a batch, before its KL divergence counts (Kingma et al., arXiv
    /// 1606.04934): keeps latents from collapsing. Default 0.
    pub fn free_bits(mut self, nats: f64) -> Self {
        self.settings.kl_control.free_bits = nats;
        self
    }

    /// Aims at a KL divergence that grows over the epochs, instead of making it small with the weight β (Burgess et al.,
    /// arXiv 1804.03599). Default: none.
    pub fn capacity(mut self, capacity: Capacity) -> Self {
        self.settings.kl_control.capacity = Some(capacity);
        self
    }

    /// The fraction of samples that is never trained on but scored after every epoch. Default 0.
    pub fn held_out(mut self, fraction: f64) -> Self {
        self.settings.held_out = fraction;
        self
    }

    /// Ends an epoch after so many steps, each epoch with another random choice of the samples. Default: all.
    ///
    /// For very many overlapping patches, where one pass over all would take hours.
    pub fn steps_per_epoch(mut self, steps: usize) -> Self {
        self.settings.steps_per_epoch = Some(steps);
        self
    }

    /// Scores in each step a random fraction of the pixels of every sample, scaled so that the loss stays unbiased;
    /// each sample has its own pixels, and other ones in every epoch. Default 1: all.
    ///
    /// Steps take less time and their gradients are noisier. Held-out samples are scored on all pixels.
    pub fn pixel_fraction(mut self, fraction: f64) -> Self {
        self.settings.pixel_fraction = fraction;
        self
    }

    /// Seed of initial weights, order of samples and noise. Default 0.
    pub fn seed(mut self, seed: u64) -> Self {
        self.settings.seed = seed;
        self
    }

    /// Where to compute. Default: the CPU.
    pub fn device(mut self, device: Device) -> Self {
        self.device = device;
        self
    }

    /// Goes on from a file that [`EpochEvent::save_training`] wrote, up to [`epochs`](Self::epochs) in all. The
    /// result is the same as that of a training without interruption.
    pub fn resume(mut self, path: impl AsRef<Path>) -> Self {
        self.resume = Some(path.as_ref().to_owned());
        self
    }

    /// Trains on `samples`.
    ///
    /// # Errors
    /// [`Error::Setting`] for settings that cannot be, [`Error::NoSamples`], [`Error::Shape`] when samples and model
    /// differ, [`Error::Value`] for a value that the likelihood cannot score, [`Error::Diverged`] when the loss is
    /// no longer finite, [`Error::Checkpoint`] when the file to resume from does not fit.
    pub fn fit(&self, samples: &(impl Samples + ?Sized)) -> Result<ShiftVae> {
        self.fit_observed(samples, &mut ())
    }

    /// Trains on `samples` and tells `observer` of every step and epoch.
    ///
    /// # Errors
    /// Those of [`fit`](Self::fit).
    pub fn fit_observed(
        &self,
        samples: &(impl Samples + ?Sized),
        observer: &mut dyn Observer,
    ) -> Result<ShiftVae> {
        self.check()?;
        let mut settings = self.settings.clone();
        settings.samples = fingerprint(samples);
        if !matches!(settings.learning_rate, LearningRate::Constant(_)) {
            settings.epochs = Some(self.epochs);
        }
        let mut run = Run::new(self, &settings, samples)?;
        let mut last_good = run.model.snapshot()?;
        for epoch in run.history.epochs.len() + 1..=self.epochs {
            let (record, control) = run.epoch(epoch, samples, observer, &last_good)?;
            let Some(record) = record else { break };
            run.history.epochs.push(record);
            run.model = run.model.with_history(run.history.clone());
            last_good = run.model.snapshot()?;
            let state = TrainingState { adam: &run.adam, settings: &settings, history: &run.history };
            let event = EpochEvent { record, epochs: self.epochs, model: &run.model, state };
            if control == Control::Stop || observer.epoch(&event) == Control::Stop {
                break;
            }
        }
        run.model.snapshot()
    }

    /// Whether a training can be run with these settings; `fit` asks too.
    ///
    /// # Errors
    /// [`Error::Setting`] names the first setting that cannot be.
    pub fn check(&self) -> Result<()> {
        self.model.check()?;
        let bad = |setting, expected, found: String| Err(Error::Setting { setting, expected, found });
        let settings = &self.settings;
        if self.epochs == 0 {
            return bad("epochs", "at least 1", "0".into());
        }
        if settings.batch_size == 0 {
            return bad("batch_size", "at least 1", "0".into());
        }
        if settings.steps_per_epoch == Some(0) {
            return bad("steps_per_epoch", "at least 1", "0".into());
        }
        if !settings.learning_rate.is_valid() {
            let found = match settings.learning_rate {
                LearningRate::Constant(rate) => rate.to_string(),
                other => format!("{other:?}"),
            };
            return bad("learning_rate", "finite and positive, a warm-up below 1", found);
        }
        if !settings.kl_weight.is_valid() {
            return bad("kl_weight", "finite and not negative", format!("{:?}", settings.kl_weight));
        }
        if let Some((setting, expected, found)) = settings.kl_control.fault() {
            return bad(setting, expected, found);
        }
        if !(settings.pixel_fraction > 0.0 && settings.pixel_fraction <= 1.0) {
            return bad("pixel_fraction", "above 0 and at most 1", settings.pixel_fraction.to_string());
        }
        if !(0.0..1.0).contains(&settings.held_out) {
            return bad("held_out", "at least 0 and below 1", settings.held_out.to_string());
        }
        Ok(())
    }
}

/// A training under way.
struct Run<'a> {
    settings: &'a Settings,
    epochs: usize,
    weights: BTreeMap<String, Var>,
    /// Records the operations on `weights`, for gradients.
    tracked: ShiftVae,
    /// The same weights without recording.
    model: ShiftVae,
    adam: Adam,
    /// Has its own copy of weights and moments, which are handed over at the end of an epoch.
    fused: Option<FusedStep>,
    history: History,
    training: Vec<u32>,
    held_out: Vec<usize>,
    batch: Array2<f32>,
}

impl<'a> Run<'a> {
    fn new(trainer: &Trainer, settings: &'a Settings, samples: &(impl Samples + ?Sized)) -> Result<Self> {
        let (initial, resumed) = match &trainer.resume {
            Some(path) => {
                let (model, adam, history) =
                    load_training(path, &trainer.model, settings, trainer.epochs, &trainer.device)?;
                (model, Some((adam, history)))
            }
            None => (ShiftVae::init(trainer.model.clone(), settings.seed, &trainer.device)?, None),
        };
        initial.check_samples(samples)?;
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
        let model = build(|var| var.as_detached_tensor())?.with_scaling(samples.scaling());
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
            training,
            held_out,
            batch,
        })
    }

    /// One epoch; no record when the observer stopped it before the first step had been counted.
    fn epoch(
        &mut self,
        epoch: usize,
        samples: &(impl Samples + ?Sized),
        observer: &mut dyn Observer,
        last_good: &ShiftVae,
    ) -> Result<(Option<EpochRecord>, Control)> {
        let started = Instant::now();
        let beta = self.settings.kl_weight.at(epoch);
        let penalty = self.settings.kl_control.penalty(self.model.configuration(), epoch, beta);
        // Sorted first, so that an epoch depends on its number alone and not on those before it.
        self.training.sort_unstable();
        self.training.shuffle(&mut stream(self.settings.seed, Purpose::Order(epoch)));
        let mut noise = stream(self.settings.seed, Purpose::Noise(epoch));
        let mut points = stream(self.settings.seed, Purpose::Points(epoch));
        let all_steps = self.training.len().div_ceil(self.settings.batch_size);
        let steps = self.settings.steps_per_epoch.map_or(all_steps, |most| most.min(all_steps));
        let (mut log_likelihood, mut kl, mut seen) = (0.0, 0.0, 0usize);
        let mut control = Control::Continue;
        let training = std::mem::take(&mut self.training);
        let mut indices = Vec::with_capacity(self.settings.batch_size);
        for (step, chunk) in training.chunks(self.settings.batch_size).take(steps).enumerate() {
            indices.clear();
            indices.extend(chunk.iter().map(|&index| index as usize));
            let draws = normals(&mut noise, indices.len() * self.model.configuration().latents());
            let subset = self.subset(&mut points, indices.len());
            let done = ((epoch - 1) as f64 + (step as f64 + 0.5) / steps as f64) / self.epochs as f64;
            let rate = self.settings.learning_rate.at(done);
            let elbo = self.step(samples, &indices, Draws { noise: draws, subset }, (&penalty, rate))?;
            if let Some((what, value)) = not_finite(elbo) {
                let last_good = Box::new(last_good.clone());
                return Err(Error::Diverged { epoch, step: step + 1, what, value, last_good });
            }
            log_likelihood += elbo.log_likelihood * indices.len() as f64;
            kl += elbo.kl * indices.len() as f64;
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
                let what = if name.starts_with("encoder") {
                    "a weight of the encoder"
                } else {
                    "a weight of the decoder"
                };
                let last_good = Box::new(last_good.clone());
                return Err(Error::Diverged { epoch, step: steps, what, value: total, last_good });
            }
        }
        let held_out = match self.held_out.is_empty() {
            true => None,
            false => Some(self.model.elbo_of(samples, &self.held_out, self.settings.seed)?),
        };
        let elbo = Elbo { log_likelihood: log_likelihood / seen as f64, kl: kl / seen as f64 };
        let seconds = started.elapsed().as_secs_f64();
        Ok(((seen > 0).then_some(EpochRecord { epoch, elbo, held_out, beta, seconds }), control))
    }

    /// The pixels that a step scores; `None` for all.
    fn subset(&self, generator: &mut ChaCha8Rng, n: usize) -> Option<Subset> {
        let all = self.model.configuration().sample_shape().len();
        let scored = ((self.settings.pixel_fraction * all as f64).ceil() as usize).clamp(1, all);
        (scored < all)
            .then(|| Subset { points: subsets(generator, n, scored, all), scale: all as f32 / scored as f32 })
    }

    /// One step of Adam on the penalty on the KL divergence less the log-likelihood, summed over the batch as in the published program.
    fn step(
        &mut self,
        samples: &(impl Samples + ?Sized),
        indices: &[usize],
        draws: Draws,
        (penalty, learning_rate): (&KlPenalty, f64),
    ) -> Result<Elbo> {
        let unit = self.model.configuration().pixel_likelihood().needs_unit_interval();
        let mut view = self.batch.slice_mut(ndarray::s![..indices.len(), ..]);
        let Some(fused) = &mut self.fused else {
            samples.fill(indices, &mut view);
            check_values(&view.view(), indices, unit)?;
            return self.composed_step(indices.len(), draws, (penalty, learning_rate));
        };
        let adam = &mut self.adam;
        // On a thread of the pool, so that its parallel parts do not each wait for the pool to take them over.
        rayon::scope(|_| {
            samples.fill(indices, &mut view);
            check_values(&view.view(), indices, unit)?;
            let x = view.as_slice().expect("whole rows of a new array");
            let elbo = fused.gradient(x, &draws, penalty)?;
            if not_finite(elbo).is_none() {
                fused.step(&adam.next(learning_rate));
            }
            Ok(elbo)
        })
    }

    /// A step on the first `n` rows of the batch out of operations on tensors.
    fn composed_step(
        &mut self,
        n: usize,
        draws: Draws,
        (penalty, learning_rate): (&KlPenalty, f64),
    ) -> Result<Elbo> {
        let x = self.model.tensor(&self.batch.slice(ndarray::s![..n, ..]))?;
        let shape = (n, self.model.configuration().latents());
        let noise = Tensor::from_vec(draws.noise, shape, self.model.device())?;
        let terms = self.tracked.elbo_terms(&x, &noise, draws.subset)?;
        let log_likelihood = terms.log_likelihood.sum_all()?;
        let mean_kl = terms.kl.detach().mean(0)?.to_dtype(DType::F64)?.to_vec1::<f64>()?;
        let slopes = Tensor::new(penalty.slopes(&mean_kl), terms.kl.device())?.to_dtype(terms.kl.dtype())?;
        let loss = (terms.kl.broadcast_mul(&slopes)?.sum_all()? - &log_likelihood)?;
        let elbo = Elbo { log_likelihood: sum(&log_likelihood)? / n as f64, kl: mean_kl.iter().sum() };
        if not_finite(elbo).is_none() {
            self.adam.step(&self.weights, &loss.backward()?, learning_rate)?;
        }
        Ok(elbo)
    }
}

/// Number, shape and a checksum (FNV-1a) of up to 32 samples: tells other samples from the same ones.
fn fingerprint(samples: &(impl Samples + ?Sized)) -> String {
    let n = samples.count();
    let indices: Vec<usize> = (0..n.min(32)).map(|index| index * n / n.min(32)).collect();
    let mut batch = Array2::zeros((indices.len(), samples.shape().len()));
    samples.fill(&indices, &mut batch.view_mut());
    let bytes = batch.iter().flat_map(|value| value.to_le_bytes());
    let sum = bytes
        .fold(0xcbf2_9ce4_8422_2325_u64, |sum, byte| (sum ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3));
    format!("{n} of {}, checksum {sum:016x}", samples.shape())
}

fn not_finite(elbo: Elbo) -> Option<(&'static str, f64)> {
    if !elbo.log_likelihood.is_finite() {
        Some(("the log-likelihood", elbo.log_likelihood))
    } else if !elbo.kl.is_finite() {
        Some(("the KL divergence", elbo.kl))
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fused_and_composed_trainings_agree() {
        // Rounding grows from step to step; after 9 steps it has not reached this part of the loss.
        const TOLERANCE: f64 = 1e-4;
        let signals = Array2::from_shape_fn((50, 30), |(n, i)| {
            let x = (i as f32 - 14.5 - (n % 7) as f32) / (2.0 + (n % 3) as f32);
            (-0.5 * x * x).exp()
        });
        let config = ShiftVae::signal_config(30).hidden([24, 20]);
        let fused = Trainer::new(config).epochs(3).batch_size(16).held_out(0.1).seed(3);
        let composed = Trainer { path: StepPath::Composed, ..fused.clone() };
        let [fused, composed] = [fused, composed].map(|trainer| trainer.fit(&signals).unwrap());
        // Two ways of rounding: otherwise this compares a path with itself.
        assert_ne!(fused.history().epochs()[2].elbo, composed.history().epochs()[2].elbo);
        for (fused, composed) in fused.history().epochs().iter().zip(composed.history().epochs()) {
            for (one, other) in [(Some(fused.elbo), Some(composed.elbo)), (fused.held_out, composed.held_out)]
            {
                let (one, other) = (one.unwrap().total(), other.unwrap().total());
                assert!((one - other).abs() < TOLERANCE * other.abs(), "{one} and {other}");
            }
        }
        for (name, weight) in fused.weights() {
            let difference = (weight - &composed.weights()[name]).unwrap().abs().unwrap();
            let most = difference.flatten_all().unwrap().max(0).unwrap().to_scalar::<f32>().unwrap();
            // Each of 9 steps moves a weight by about the rate, 1e-3.
            assert!(most < 1e-3, "{name}: {most}");
        }
    }

    fn signals() -> Array2<f32> {
        Array2::from_shape_fn((60, 24), |(n, i)| {
            let x = (i as f32 - 11.5 - (n % 5) as f32) / (2.0 + (n % 3) as f32);
            (-0.5 * x * x).exp()
        })
    }

    fn kl_after(trainer: Trainer) -> Vec<f64> {
        let signals = signals();
        let vae = trainer.epochs(60).learning_rate(5e-3).batch_size(20).seed(3).fit(&signals).unwrap();
        vae.encode(&signals).unwrap().kl_per_latent().to_vec()
    }

    #[test]
    fn both_paths_agree_on_what_the_kl_divergence_costs() {
        let capacity = Capacity { nats: 2.0, epochs: 2, gamma: 5.0 };
        for trainer in [
            trainer().group_kl_weight([LatentGroup::Content], 0.1).free_bits(0.05),
            trainer().capacity(capacity).group_kl_weight(LatentGroup::POSE, 0.5),
        ] {
            let trainer = trainer.epochs(2).batch_size(20).seed(3);
            let composed = Trainer { path: StepPath::Composed, ..trainer.clone() };
            let [fused, composed] = [trainer, composed].map(|trainer| trainer.fit(&signals()).unwrap());
            for (name, weight) in fused.weights() {
                let difference = (weight - &composed.weights()[name]).unwrap().abs().unwrap();
                let most = difference.flatten_all().unwrap().max(0).unwrap().to_scalar::<f32>().unwrap();
                assert!(most < 1e-3, "{name}: {most}");
            }
        }
    }

    fn trainer() -> Trainer {
        let config = ShiftVae::signal_config(24).hidden([24, 20]).dx_prior(0.3);
        Trainer::new(config.likelihood(crate::Likelihood::Gaussian { sigma: 0.1 }))
    }

    #[test]
    fn free_bits_keep_latents_from_collapsing_and_weights_press_groups() {
        let heavy = kl_after(trainer().kl_weight(KlWeight::Constant(1e4)));
        assert!(heavy.iter().all(|&kl| kl < 0.01), "all collapse: {heavy:?}");
        let free = kl_after(trainer().kl_weight(KlWeight::Constant(1e4)).free_bits(0.5));
        assert!(free.iter().all(|&kl| kl > 0.05), "none collapses: {free:?}");
        // One shift and two content latents.
        let pressed = kl_after(trainer().group_kl_weight([LatentGroup::Content], 1e4));
        assert!(pressed[0] > 0.1 && pressed[1..].iter().all(|&kl| kl < 0.02), "{pressed:?}");
    }

    #[test]
    fn a_capacity_is_reached_and_kept() {
        let capacity = Capacity { nats: 1.5, epochs: 10, gamma: 50.0 };
        let kl: f64 = kl_after(trainer().capacity(capacity)).iter().sum();
        assert!((kl - 1.5).abs() < 0.3, "{kl}");
        let error = trainer().capacity(Capacity { nats: 1.0, epochs: 0, gamma: 1.0 }).check().unwrap_err();
        assert!(error.to_string().starts_with("capacity must be"), "{error}");
    }
}
