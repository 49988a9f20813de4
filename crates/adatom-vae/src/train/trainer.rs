//! The settings of a training, and the loop over epochs.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use adatom_core::Samples;
use candle_core::{DType, Device};
use ndarray::Array2;
use serde::{Deserialize, Serialize};

use super::TrainError;
use super::hypotheses::PoseHypotheses;
use super::kl::{Capacity, KlControl, LatentGroup};
use super::labels::LabelWeights;
use super::observer::{Control, EpochEvent, Observer};
use super::regulariser::LatentRegulariser;
use super::resume::{TrainingState, differences};
use super::run::Run;
use super::schedule::{KlWeight, LearningRate};
use crate::error::{Error, Result};
use crate::model::{ShiftVae, TrainingEnd};
use crate::spec::{Condition, VaeConfig, checksum};

/// The settings of a training; `fit` gives the model.
///
/// The same seed gives the same bytes, whatever the number of threads.
///
/// ```
/// use adatom_vae::{KlWeight, ShiftVae, Trainer, ndarray::Array2};
/// let signals = Array2::from_shape_fn((30, 12), |(n, i)| if (n + i) % 6 < 3 { 1.0 } else { 0.0 });
/// let trainer =
///     Trainer::new(ShiftVae::signal_config(12).hidden([8])).epochs(3).batch_size(10).held_out(0.2);
/// let vae = trainer.kl_weight(KlWeight::Constant(0.5)).seed(7).fit(&signals)?;
/// assert!(vae.history().last().expect("3 epochs").held_out.is_some());
///
/// let error = Trainer::new(ShiftVae::signal_config(12)).epochs(0).fit(&signals).unwrap_err();
/// assert_eq!(error.to_string(), "the number of epochs must be at least 1, found 0");
/// # Ok::<(), adatom_vae::TrainError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Trainer {
    pub(super) model: VaeConfig,
    pub(super) settings: Settings,
    pub(super) epochs: usize,
    pub(super) device: Device,
    pub(super) resume: Option<PathBuf>,
    pub(super) initial: Option<ShiftVae>,
    pub(super) regularisers: Vec<Arc<dyn LatentRegulariser>>,
    pub(super) path: StepPath,
    pub(super) condition: Option<Condition>,
    pub(super) labels: Option<Vec<Option<usize>>>,
    pub(super) targets: Option<Vec<Option<f32>>>,
}

/// The implementation of a step; the results agree to rounding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum StepPath {
    /// The kernels where they can be used: for spatial decoders on the CPU in single precision.
    #[default]
    Fused,
    /// Tensor operations.
    #[cfg_attr(not(test), expect(dead_code, reason = "tests compare both"))]
    Composed,
}

/// Settings that a resumed training must share with the one that it continues.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Settings {
    pub(crate) batch_size: usize,
    pub(crate) learning_rate: LearningRate,
    /// Only where the step size depends on the length of the training.
    pub(crate) epochs: Option<usize>,
    pub(crate) kl_weight: KlWeight,
    #[serde(default)]
    pub(crate) kl_control: KlControl,
    /// Descriptions of the regularisers.
    #[serde(default, rename = "conditions")]
    pub(crate) regularisers: Vec<String>,
    /// Pose hypotheses in the first epochs.
    #[serde(default, rename = "pose_starts", skip_serializing_if = "Option::is_none")]
    pub(crate) pose_hypotheses: Option<PoseHypotheses>,
    pub(crate) held_out: f64,
    pub(crate) steps_per_epoch: Option<usize>,
    pub(crate) pixel_fraction: f64,
    /// Fingerprint of the samples.
    pub(crate) samples: String,
    pub(crate) seed: u64,
    /// Fingerprint of conditions and labels.
    #[serde(default, rename = "known", skip_serializing_if = "Option::is_none")]
    pub(crate) sample_labels: Option<String>,
    /// Fingerprint of the weights of the model to start from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) initial: Option<String>,
    #[serde(default, skip_serializing_if = "LabelWeights::is_default")]
    pub(crate) label_weights: LabelWeights,
}

impl Trainer {
    /// A training of the model `config` with the defaults: 50 epochs, batches of 100, Adam with learning rate
    /// 1e-3, β = 1, nothing held out, seed 0, on the CPU.
    pub fn new(config: VaeConfig) -> Self {
        Self {
            model: config,
            settings: Settings {
                batch_size: 100,
                learning_rate: LearningRate::Constant(1e-3),
                epochs: None,
                kl_weight: KlWeight::default(),
                kl_control: KlControl::default(),
                regularisers: Vec::new(),
                pose_hypotheses: None,
                held_out: 0.0,
                steps_per_epoch: None,
                pixel_fraction: 1.0,
                samples: String::new(),
                seed: 0,
                sample_labels: None,
                initial: None,
                label_weights: LabelWeights::default(),
            },
            epochs: 50,
            device: Device::Cpu,
            resume: None,
            initial: None,
            regularisers: Vec::new(),
            path: StepPath::default(),
            condition: None,
            labels: None,
            targets: None,
        }
    }

    /// Number of epochs: how often every sample is used. Default 50.
    pub fn epochs(mut self, epochs: usize) -> Self {
        self.epochs = epochs;
        self
    }

    /// Number of samples of a step. Default 100.
    pub fn batch_size(mut self, samples: usize) -> Self {
        self.settings.batch_size = samples;
        self
    }

    /// Learning rate of Adam, a number or a [`LearningRate`]. Default 1e-3.
    pub fn learning_rate(mut self, rate: impl Into<LearningRate>) -> Self {
        self.settings.learning_rate = rate.into();
        self
    }

    /// Weight of the KL divergence. Default constant 1.
    pub fn kl_weight(mut self, weight: KlWeight) -> Self {
        self.settings.kl_weight = weight;
        self
    }

    /// A factor of the KL weight for groups of latents, such as those of the pose ([`LatentGroup::POSE`]) or
    /// the content. Default 1.
    pub fn group_kl_weight(mut self, groups: impl IntoIterator<Item = LatentGroup>, weight: f64) -> Self {
        self.settings.kl_control.weights.extend(groups.into_iter().map(|group| (group, weight)));
        self
    }

    /// Free bits (Kingma et al., arXiv 1606.04934), which prevent the collapse of latents: up to this number
    /// of nats, in the mean over a batch, the KL divergence of a latent is not penalised. Default 0.
    pub fn free_bits(mut self, nats: f64) -> Self {
        self.settings.kl_control.free_bits = nats;
        self
    }

    /// A target value of the KL divergence that grows over the epochs, in place of the weight β (Burgess et
    /// al., arXiv 1804.03599). Default: none.
    pub fn capacity(mut self, capacity: Capacity) -> Self {
        self.settings.kl_control.capacity = Some(capacity);
        self
    }

    /// Keeps the content at its prior in the first epochs, so that shift, angle and scale explain first what
    /// they can. Default 0.
    pub fn pose_first(mut self, epochs: usize) -> Self {
        self.settings.kl_control.pose_first = epochs;
        self
    }

    /// Adds a regulariser of the latents, such as [`Smoothness`](crate::Smoothness). Default: none.
    pub fn regulariser(mut self, regulariser: impl LatentRegulariser + 'static) -> Self {
        self.settings.regularisers.push(regulariser.describe());
        self.regularisers.push(Arc::new(regulariser));
        self
    }

    /// Tries several poses of every sample in the first epochs, decodes the best of them and trains the
    /// encoder to predict it, so that fewer objects end up in a wrong orientation. The ELBO of these epochs
    /// is that of the best pose. Adam then starts anew, and the learning rate increases again over two
    /// epochs. Default: none.
    pub fn pose_hypotheses(mut self, hypotheses: PoseHypotheses) -> Self {
        self.settings.pose_hypotheses = Some(hypotheses);
        self
    }

    /// The fraction of samples that is not trained on but scored after every epoch. Default 0.
    pub fn held_out(mut self, fraction: f64) -> Self {
        self.settings.held_out = fraction;
        self
    }

    /// Ends an epoch after `steps` steps, each epoch with another random choice of the samples. Default: all
    /// samples.
    ///
    /// For very many overlapping patches, where one pass over all would take hours.
    pub fn steps_per_epoch(mut self, steps: usize) -> Self {
        self.settings.steps_per_epoch = Some(steps);
        self
    }

    /// Scores a random fraction of the pixels in each step, drawn anew for each sample and step and scaled so
    /// that the loss stays unbiased. Default 1: all.
    ///
    /// Steps are faster and their gradients noisier. Held-out samples are scored on all pixels.
    pub fn pixel_fraction(mut self, fraction: f64) -> Self {
        self.settings.pixel_fraction = fraction;
        self
    }

    /// Seed of initial weights, order of samples and noise. Default 0.
    pub fn seed(mut self, seed: u64) -> Self {
        self.settings.seed = seed;
        self
    }

    /// The device. Default: the CPU.
    pub fn device(mut self, device: Device) -> Self {
        self.device = device;
        self
    }

    /// Starts from the weights of a model instead of random ones, as to fine-tune it on another image. The
    /// configuration of the training must be that of the model. History and moments start anew, and the
    /// trained model has the change of intensities of the new samples, which should be scaled as those of the
    /// first training were. The model itself does not change.
    ///
    /// ```
    /// use adatom_vae::{ShiftVae, Trainer, ndarray::Array2};
    /// let signals = |period| Array2::from_shape_fn((30, 12), |(n, i)| if (n + i) % period < 3 { 1.0 } else { 0.0 });
    /// let config = ShiftVae::signal_config(12).hidden([8]);
    /// let first = Trainer::new(config.clone()).epochs(3).fit(&signals(6))?;
    /// let tuned = Trainer::new(first.config().clone()).start_from(&first).epochs(1).fit(&signals(5))?;
    /// assert_eq!(tuned.history().epochs().len(), 1);
    ///
    /// let error = Trainer::new(config.latent_dim(3)).start_from(&first).fit(&signals(6)).unwrap_err();
    /// assert_eq!(
    ///     error.to_string(),
    ///     "the model to start from must be of the same configuration, found a difference in content latents: 2 then, 3 now"
    /// );
    /// # Ok::<(), adatom_vae::TrainError>(())
    /// ```
    pub fn start_from(mut self, model: &ShiftVae) -> Self {
        self.initial = Some(model.clone());
        self
    }

    /// Continues the training of a file that [`EpochEvent::save_training`] wrote, up to
    /// [`epochs`](Self::epochs) epochs in all. The result is the same as that of a training without
    /// interruption, if samples and settings are the same.
    pub fn resume(mut self, path: impl AsRef<Path>) -> Self {
        self.resume = Some(path.as_ref().to_owned());
        self
    }

    /// Trains on `samples`.
    ///
    /// # Errors
    /// [`TrainError::Diverged`] when the loss is no longer finite; [`TrainError::Model`] with
    /// [`Error::Setting`] for invalid settings, [`Error::NoSamples`], [`Error::Shape`] when samples and model
    /// differ, [`Error::Value`] for a value that the likelihood cannot score, [`Error::Checkpoint`] when the
    /// training cannot be resumed from its file.
    pub fn fit(&self, samples: &(impl Samples + ?Sized)) -> Result<ShiftVae, TrainError> {
        self.fit_observed(samples, &mut ())
    }

    /// Trains on `samples`, with an `observer` of every step and epoch.
    ///
    /// # Errors
    /// Those of [`fit`](Self::fit).
    pub fn fit_observed(
        &self,
        samples: &(impl Samples + ?Sized),
        observer: &mut dyn Observer,
    ) -> Result<ShiftVae, TrainError> {
        self.check()?;
        let mut settings = self.settings.clone();
        settings.samples = fingerprint(samples);
        settings.sample_labels = self.sample_labels(samples.count())?.fingerprint();
        settings.initial = self.initial.as_ref().map(weights_fingerprint).transpose()?;
        if !matches!(settings.learning_rate, LearningRate::Constant(_)) {
            settings.epochs = Some(self.epochs);
        }
        let mut run = Run::new(self, &settings, samples)?;
        let mut last_good = run.model.snapshot()?;
        let mut end = TrainingEnd::Completed;
        for epoch in run.history.epochs().len() + 1..=self.epochs {
            let outcome = run.epoch(epoch, samples, observer, &last_good)?;
            run.history.push(outcome.record);
            run.model = run.model.with_history(run.history.clone());
            last_good = run.model.snapshot()?;
            if let Some(step) = outcome.stopped_at {
                end = TrainingEnd::StoppedInEpoch { epoch, step };
                break;
            }
            let state = TrainingState { adam: &run.adam, settings: &settings, history: &run.history };
            let event = EpochEvent { record: outcome.record, epochs: self.epochs, model: &run.model, state };
            if observer.epoch(&event) == Control::Stop && epoch < self.epochs {
                end = TrainingEnd::StoppedAfterEpoch { epoch };
                break;
            }
        }
        Ok(run.model.with_history(run.history.ended(end)).snapshot()?)
    }

    /// Checks the settings, as `fit` does.
    ///
    /// # Errors
    /// [`Error::Setting`] names the first invalid setting.
    pub fn check(&self) -> Result<()> {
        self.model.check()?;
        let settings = &self.settings;
        for (setting, number) in [
            ("the number of epochs", Some(self.epochs)),
            ("the batch size", Some(settings.batch_size)),
            ("the number of steps of an epoch", settings.steps_per_epoch),
        ] {
            if number == Some(0) {
                return Err(Error::setting(setting, "at least 1", 0));
            }
        }
        if !settings.learning_rate.is_valid() {
            let found = match settings.learning_rate {
                LearningRate::Constant(rate) => rate.to_string(),
                other => format!("{other:?}"),
            };
            let expected = "finite and positive, with a warm-up below 1";
            return Err(Error::setting("the learning rate", expected, found));
        }
        if !settings.kl_weight.is_valid() {
            let found = format!("{:?}", settings.kl_weight);
            return Err(Error::setting("the weight of the KL divergence", "finite and not negative", found));
        }
        settings.kl_control.check()?;
        if let Some(hypotheses) = &settings.pose_hypotheses {
            hypotheses.check(&self.model)?;
        }
        if !(settings.pixel_fraction > 0.0 && settings.pixel_fraction <= 1.0) {
            let setting = "the fraction of scored pixels";
            return Err(Error::setting(setting, "above 0 and at most 1", settings.pixel_fraction));
        }
        settings.label_weights.check()?;
        if !(0.0..1.0).contains(&settings.held_out) {
            let setting = "the fraction of held-out samples";
            return Err(Error::setting(setting, "at least 0 and below 1", settings.held_out));
        }
        self.check_initial()
    }

    fn check_initial(&self) -> Result<()> {
        let Some(initial) = &self.initial else { return Ok(()) };
        let differences = differences(initial.config(), &self.model);
        let Some(first) = differences.first() else { return Ok(()) };
        let found = format!("a difference in {first}");
        Err(Error::setting("the model to start from", "of the same configuration", found))
    }

    /// The configuration of the model.
    pub fn config(&self) -> &VaeConfig {
        &self.model
    }

    /// Number of epochs.
    pub fn get_epochs(&self) -> usize {
        self.epochs
    }

    /// Number of samples of a step.
    pub fn get_batch_size(&self) -> usize {
        self.settings.batch_size
    }

    /// Learning rate of Adam.
    pub fn get_learning_rate(&self) -> LearningRate {
        self.settings.learning_rate
    }

    /// Weight of the KL divergence.
    pub fn get_kl_weight(&self) -> KlWeight {
        self.settings.kl_weight
    }

    /// Fraction of held-out samples.
    pub fn get_held_out(&self) -> f64 {
        self.settings.held_out
    }

    /// Seed of initial weights, order of samples and noise.
    pub fn get_seed(&self) -> u64 {
        self.settings.seed
    }
}

/// Checksum of the weights of a model.
fn weights_fingerprint(model: &ShiftVae) -> Result<String> {
    let mut values = Vec::with_capacity(model.parameter_count());
    for tensor in model.weights().values() {
        values.extend(tensor.to_dtype(DType::F32)?.flatten_all()?.to_vec1::<f32>()?);
    }
    Ok(format!("{} weights, checksum {:016x}", values.len(), checksum(values.into_iter())))
}

/// Number and shape of the samples and a checksum of up to 32 of them.
fn fingerprint(samples: &(impl Samples + ?Sized)) -> String {
    let n = samples.count();
    let indices: Vec<usize> = (0..n.min(32)).map(|index| index * n / n.min(32)).collect();
    let mut batch = Array2::zeros((indices.len(), samples.shape().len()));
    samples.fill(&indices, &mut batch.view_mut());
    format!("{n} of {}, checksum {:016x}", samples.shape(), checksum(batch.iter().copied()))
}
