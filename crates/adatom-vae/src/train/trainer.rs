//! How a model is trained: settings, and the loop over epochs.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use candle_core::Device;
use ndarray::Array2;
use serde::{Deserialize, Serialize};

use super::hypotheses::PoseHypotheses;
use super::kl::KlControl;
use super::labels::LabelWeights;
use super::resume::TrainingState;
use super::run::Run;
use crate::error::{Error, Result};
use crate::model::ShiftVae;
use crate::spec::{Condition, VaeConfig, checksum};
use crate::train::{
    Capacity, Control, EpochEvent, KlWeight, LatentGroup, LatentRegulariser, LearningRate, Observer,
    TrainError,
};
use adatom_core::Samples;

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
/// # Ok::<(), adatom_vae::TrainError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Trainer {
    pub(super) model: VaeConfig,
    pub(super) settings: Settings,
    pub(super) epochs: usize,
    pub(super) device: Device,
    pub(super) resume: Option<PathBuf>,
    pub(super) regularisers: Vec<Arc<dyn LatentRegulariser>>,
    pub(super) path: StepPath,
    pub(super) condition: Option<Condition>,
    pub(super) labels: Option<Vec<Option<usize>>>,
    pub(super) targets: Option<Vec<Option<f32>>>,
}

/// How a step is computed; the results agree to rounding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum StepPath {
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
    /// What is wanted of the latents.
    #[serde(default, rename = "conditions")]
    pub(crate) regularisers: Vec<String>,
    /// Hypotheses of the pose in the first epochs.
    #[serde(default, rename = "pose_starts", skip_serializing_if = "Option::is_none")]
    pub(crate) pose_hypotheses: Option<PoseHypotheses>,
    pub(crate) held_out: f64,
    pub(crate) steps_per_epoch: Option<usize>,
    pub(crate) pixel_fraction: f64,
    /// Number, shape and a checksum of some of the samples.
    pub(crate) samples: String,
    pub(crate) seed: u64,
    /// What is known of the samples, in short; as in files from before there was such a thing where that is nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) known: Option<String>,
    #[serde(default, skip_serializing_if = "LabelWeights::is_default")]
    pub(crate) label_weights: LabelWeights,
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
                regularisers: Vec::new(),
                pose_hypotheses: None,
                held_out: 0.0,
                steps_per_epoch: None,
                pixel_fraction: 1.0,
                samples: String::new(),
                seed: 0,
                known: None,
                label_weights: LabelWeights::default(),
            },
            epochs: 50,
            device: Device::Cpu,
            resume: None,
            regularisers: Vec::new(),
            path: StepPath::default(),
            condition: None,
            labels: None,
            targets: None,
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

    /// Holds the content at its prior in the first epochs, so that what shift, angle and scale can explain is explained by them
    /// before the content has a chance to. Default 0.
    pub fn pose_first(mut self, epochs: usize) -> Self {
        self.settings.kl_control.pose_first = epochs;
        self
    }

    /// Adds a condition on the latents, such as [`Smoothness`](crate::Smoothness). Default: none.
    pub fn regulariser(mut self, regulariser: impl LatentRegulariser + 'static) -> Self {
        self.settings.regularisers.push(regulariser.describe());
        self.regularisers.push(Arc::new(regulariser));
        self
    }

    /// Tries several poses of every sample in the first epochs, keeps the best of them and draws the encoder to it, so that
    /// fewer objects end up in a wrong orientation. The ELBO of these epochs is that of the pose that was kept. Adam then begins
    /// anew, and the learning rate grows again over two epochs. Default: none.
    pub fn pose_hypotheses(mut self, hypotheses: PoseHypotheses) -> Self {
        self.settings.pose_hypotheses = Some(hypotheses);
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
    /// differ, [`Error::Value`] for a value that the likelihood cannot score, [`TrainError::Diverged`] when the loss is
    /// no longer finite, [`Error::Checkpoint`] when the file to resume from does not fit.
    pub fn fit(&self, samples: &(impl Samples + ?Sized)) -> Result<ShiftVae, TrainError> {
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
    ) -> Result<ShiftVae, TrainError> {
        self.check()?;
        let mut settings = self.settings.clone();
        settings.samples = fingerprint(samples);
        settings.known = self.known(samples.count())?.fingerprint();
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
        Ok(run.model.snapshot()?)
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
        if let Some(starts) = &settings.pose_hypotheses {
            starts.check(&self.model)?;
        }
        if !(settings.pixel_fraction > 0.0 && settings.pixel_fraction <= 1.0) {
            return bad("pixel_fraction", "above 0 and at most 1", settings.pixel_fraction.to_string());
        }
        if let Some((setting, found)) = settings.label_weights.fault() {
            return bad(setting, "finite and not negative", found.to_string());
        }
        if !(0.0..1.0).contains(&settings.held_out) {
            return bad("held_out", "at least 0 and below 1", settings.held_out.to_string());
        }
        Ok(())
    }
}

/// Number, shape and a checksum of up to 32 samples: tells other samples from the same ones.
fn fingerprint(samples: &(impl Samples + ?Sized)) -> String {
    let n = samples.count();
    let indices: Vec<usize> = (0..n.min(32)).map(|index| index * n / n.min(32)).collect();
    let mut batch = Array2::zeros((indices.len(), samples.shape().len()));
    samples.fill(&indices, &mut batch.view_mut());
    format!("{n} of {}, checksum {:016x}", samples.shape(), checksum(batch.iter().copied()))
}
