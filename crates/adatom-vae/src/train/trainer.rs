//! The settings of a training.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use candle_core::Device;

use super::hypotheses::PoseHypotheses;
use super::kl::{Capacity, KlControl, LatentGroup};
use super::labels::LabelWeights;
use super::regulariser::LatentRegulariser;
use super::schedule::{KlWeight, LearningRate};
use super::settings::Settings;
use crate::model::ShiftVae;
use crate::spec::{Condition, VaeConfig};

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
    /// let signals = |period| {
    ///     Array2::from_shape_fn((30, 12), |(n, i)| if (n + i) % period < 3 { 1.0 } else { 0.0 })
    /// };
    /// let config = ShiftVae::signal_config(12).hidden([8]);
    /// let first = Trainer::new(config.clone()).epochs(3).fit(&signals(6))?;
    /// let tuned = Trainer::new(first.config().clone()).start_from(&first).epochs(1).fit(&signals(5))?;
    /// assert_eq!(tuned.history().epochs().len(), 1);
    ///
    /// let error = Trainer::new(config.latent_dim(3)).start_from(&first).fit(&signals(6)).unwrap_err();
    /// assert_eq!(
    ///     error.to_string(),
    ///     "the model to start from must be of the same configuration, found a difference in content \
    ///      latents: 2 then, 3 now"
    /// );
    /// # Ok::<(), adatom_vae::TrainError>(())
    /// ```
    pub fn start_from(mut self, model: &ShiftVae) -> Self {
        self.initial = Some(model.clone());
        self
    }

    /// Continues the training of a file that [`EpochEvent::save_training`](crate::EpochEvent::save_training)
    /// wrote, up to [`epochs`](Self::epochs) epochs in all. The result is the same as that of a training
    /// without interruption, if samples and settings are the same.
    pub fn resume(mut self, path: impl AsRef<Path>) -> Self {
        self.resume = Some(path.as_ref().to_owned());
        self
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
