//! Stage 4: training of the model, with progress, saved state and outcome.

use std::path::{Path, PathBuf};
use std::time::Instant;

use adatom_patch::{Patches, ScalingMethod};
use adatom_vae::{
    Control as TrainingControl, Device, EarlyStopping, EpochEvent, KlWeight, Observer as TrainingObserver,
    PoseHypotheses, ShiftVae, StepEvent, Trainer,
};
use serde::{Deserialize, Serialize};

use super::{ImageSettings, Notice, PlacedPatches};
use crate::error::{Error, Result};
use crate::observer::{Control, Event, Observer, Progress};

/// Number of shift hypotheses along each vector of the unit cell in the first epochs. Without hypotheses,
/// half of the patches can converge to another kind of column.
const HYPOTHESES_PER_AXIS: usize = 7;

/// Number of steps with hypotheses.
const STEPS_WITH_HYPOTHESES: usize = 200;

/// Fraction of the pixels on which hypotheses are evaluated.
const PIXELS_OF_HYPOTHESES: f64 = 0.125;

/// Weight of the penalty that draws the encoder to the best hypothesis; large, since the content is learned
/// at the same time.
const ENCODER_WEIGHT: f64 = 300.0;

/// The settings of the training.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct TrainingSettings {
    /// Number of passes over the patches; 20 by default.
    pub epochs: usize,
    /// Patches per step; 100 by default.
    pub batch_size: usize,
    /// Steps per epoch, with another random choice of patches in every epoch; all patches by default.
    pub steps_per_epoch: Option<usize>,
    /// Fraction of the pixels that a step scores, chosen at random; 0.25 by default.
    pub pixel_fraction: f64,
    /// Step size of Adam; 0.001 by default.
    pub learning_rate: f64,
    /// Weight of the KL divergence; 1 by default.
    pub kl_weight: KlWeight,
    /// Fraction of the patches held out for validation; 0 by default.
    pub held_out: f64,
    /// Number of epochs without a smaller loss after which the training stops; none by default.
    pub patience: Option<usize>,
    /// Seed of weights, order, noise and random positions; 0 by default.
    pub seed: u64,
    /// Device; the CPU by default.
    pub device: ComputeDevice,
}

/// The device on which a model is trained.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ComputeDevice {
    /// The processor.
    #[default]
    Cpu,
    /// An NVIDIA GPU; needs the feature `cuda`.
    Cuda,
    /// An Apple GPU; needs the feature `metal`.
    Metal,
}

impl Default for TrainingSettings {
    fn default() -> Self {
        Self {
            epochs: 20,
            batch_size: 100,
            steps_per_epoch: None,
            pixel_fraction: 0.25,
            learning_rate: 1e-3,
            kl_weight: KlWeight::Constant(1.0),
            held_out: 0.0,
            patience: None,
            seed: 0,
            device: ComputeDevice::Cpu,
        }
    }
}

impl ComputeDevice {
    fn device(self) -> Result<Device> {
        let (found, name) = match self {
            Self::Cpu => return Ok(Device::Cpu),
            Self::Cuda => (Device::new_cuda(0), "cuda"),
            Self::Metal => (Device::new_metal(0), "metal"),
        };
        found.map_err(|error| {
            let problem =
                format!("{name}: {error}; expected a build with the feature `{name}` and such a device");
            Error::Setting { setting: "device", problem }
        })
    }
}

/// A training that can be run, with checked settings.
#[derive(Debug, Clone)]
pub struct TrainingPlan {
    trainer: Trainer,
    epochs: usize,
    patience: Option<usize>,
    hypothesis_epochs: usize,
    state: Option<PathBuf>,
    notices: Vec<Notice>,
}

/// A trained model and the outcome of its training.
#[derive(Debug, Clone)]
pub struct TrainedModel {
    model: ShiftVae,
    outcome: TrainingOutcome,
    seconds: f64,
    notices: Vec<Notice>,
}

/// How a training ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum TrainingOutcome {
    /// After all epochs.
    Completed,
    /// The loss no longer improved.
    EarlyStop,
    /// The observer stopped it; the model is that of its last step.
    Stopped,
}

impl TrainingPlan {
    /// Resolves settings for placed patches.
    ///
    /// # Errors
    /// [`Error::Setting`] and [`Error::Vae`] for settings that are out of range or contradict each other or
    /// the image.
    pub fn new(settings: &ImageSettings, placed: &PlacedPatches) -> Result<Self> {
        let (training, patches) = (&settings.training, placed.patches());
        let mut notices = Vec::new();
        let config = settings.model.config(patches, &mut notices)?;
        check_intensities(settings)?;
        config.check()?;
        let mut trainer = Trainer::new(config)
            .epochs(training.epochs)
            .batch_size(training.batch_size)
            .learning_rate(training.learning_rate)
            .kl_weight(training.kl_weight)
            .pixel_fraction(training.pixel_fraction)
            .held_out(training.held_out)
            .seed(training.seed)
            .device(training.device.device()?);
        if let Some(steps) = training.steps_per_epoch {
            trainer = trainer.steps_per_epoch(steps);
        }
        let hypothesis_epochs = hypothesis_epochs(settings, patches.len());
        if hypothesis_epochs > 0 {
            let hypotheses = PoseHypotheses::shifts(HYPOTHESES_PER_AXIS, 1.0).epochs(hypothesis_epochs);
            trainer = trainer.pose_hypotheses(
                hypotheses.pixel_fraction(PIXELS_OF_HYPOTHESES).encoder_weight(ENCODER_WEIGHT),
            );
        }
        let trainer = settings.regularisation.apply(trainer, placed, &mut notices)?;
        trainer.check()?;
        if 2 * hypothesis_epochs > training.epochs {
            let epochs = training.epochs.max(hypothesis_epochs);
            notices.push(Notice::FewEpochs { hypotheses: hypothesis_epochs, epochs });
        }
        let (epochs, patience) = (training.epochs, training.patience);
        Ok(Self { trainer, epochs, patience, hypothesis_epochs, state: None, notices })
    }

    /// Notices about unit cell, smoothness length and epochs.
    pub fn notices(&self) -> &[Notice] {
        &self.notices
    }

    /// Saves the state of the training in this file after every epoch.
    pub fn save_state(mut self, path: impl Into<PathBuf>) -> Self {
        self.state = Some(path.into());
        self
    }

    /// Continues from a saved state; the result is identical to that of an uninterrupted training.
    pub fn resume(mut self, path: impl AsRef<Path>) -> Self {
        self.trainer = self.trainer.resume(path);
        self
    }

    /// Trains the model. The observer receives every step and epoch; if it returns [`Control::Stop`], the
    /// training ends after the step, and [`TrainedModel::outcome`] is [`TrainingOutcome::Stopped`].
    ///
    /// # Errors
    /// [`Error::Vae`] if a resumed state does not fit or a value is outside the domain of the likelihood,
    /// [`Error::Training`] where the training diverges.
    pub fn train(&self, patches: &Patches, observer: &dyn Observer) -> Result<TrainedModel> {
        let begun = Instant::now();
        let early = self.patience.map(|patience| {
            // The loss of epochs with hypotheses is that of the best of them, and Adam begins anew after
            // them.
            let settling = if self.hypothesis_epochs > 0 { self.hypothesis_epochs + 2 } else { 0 };
            EarlyStopping::new(patience).after(settling)
        });
        let state = self.state.as_deref();
        let mut watch = Watch { epochs: self.epochs, observer, state, early, end: None, unsaved: None };
        let model = self.trainer.fit_observed(patches, &mut watch)?;
        let epochs = model.history().epochs().len();
        let mut notices = Vec::new();
        notices.extend(watch.unsaved.map(|reason| Notice::StateNotSaved { reason }));
        let end = match watch.end {
            // The last epoch completes the training, even if patience ends with it.
            Some(TrainingOutcome::EarlyStop) if epochs >= self.epochs => TrainingOutcome::Completed,
            Some(end) => end,
            None => TrainingOutcome::Completed,
        };
        if end == TrainingOutcome::EarlyStop {
            notices.push(Notice::EarlyStop { epochs, planned: self.epochs });
        }
        Ok(TrainedModel { model, outcome: end, seconds: begun.elapsed().as_secs_f64(), notices })
    }
}

impl TrainedModel {
    /// The model.
    pub fn model(&self) -> &ShiftVae {
        &self.model
    }

    /// How the training ended.
    pub fn outcome(&self) -> TrainingOutcome {
        self.outcome
    }

    /// Duration of the training in seconds.
    pub fn seconds(&self) -> f64 {
        self.seconds
    }

    /// The notices of the training.
    pub fn notices(&self) -> &[Notice] {
        &self.notices
    }
}

/// Number of epochs with shift hypotheses; 0 without a unit cell. It does not depend on the total number, so
/// that a training can be resumed with more epochs.
fn hypothesis_epochs(settings: &ImageSettings, patches: usize) -> usize {
    if settings.model.unit_cell.is_none() {
        return 0;
    }
    let all = patches.div_ceil(settings.training.batch_size.max(1));
    let steps = settings.training.steps_per_epoch.map_or(all, |steps| steps.min(all));
    STEPS_WITH_HYPOTHESES.div_ceil(steps.max(1))
}

/// # Errors
/// [`Error::Intensities`] if the scaled intensities are outside the domain of the likelihood.
fn check_intensities(settings: &ImageSettings) -> Result<()> {
    use crate::error::IntensityConflict::{FlattenedCounts, OutsideUnitInterval, ScaledCounts};
    let (likelihood, preparation) = (settings.model.likelihood, &settings.preparation);
    if likelihood.needs_unit_interval() && preparation.scaling == ScalingMethod::Standard {
        return Err(Error::Intensities(OutsideUnitInterval));
    }
    if likelihood.needs_counts() && preparation.scaling != ScalingMethod::None {
        return Err(Error::Intensities(ScaledCounts));
    }
    if likelihood.needs_counts() && preparation.flatten.is_some() {
        return Err(Error::Intensities(FlattenedCounts));
    }
    Ok(())
}

/// Forwards events, saves the state, and stops the training.
struct Watch<'a> {
    epochs: usize,
    observer: &'a dyn Observer,
    state: Option<&'a Path>,
    early: Option<EarlyStopping>,
    end: Option<TrainingOutcome>,
    /// Why the state could not be saved; the training continues.
    unsaved: Option<String>,
}

impl Watch<'_> {
    fn report(&mut self, event: &Event<'_>) -> TrainingControl {
        match self.observer.event(event) {
            Control::Continue => TrainingControl::Continue,
            Control::Stop => {
                self.end = Some(TrainingOutcome::Stopped);
                TrainingControl::Stop
            }
        }
    }
}

impl TrainingObserver for Watch<'_> {
    fn step(&mut self, event: &StepEvent) -> TrainingControl {
        let done = (event.epoch - 1) * event.steps + event.step;
        let detail = format!("epoch {}/{}, ELBO {:.2}", event.epoch, self.epochs, event.elbo.total());
        let progress = Progress::start("training", event.steps * self.epochs, "steps").at(done);
        self.report(&Event::Progress(progress.detail(&detail)))
    }

    fn epoch(&mut self, event: &EpochEvent<'_>) -> TrainingControl {
        if self.report(&Event::Epoch(&event.record)) == TrainingControl::Stop {
            // The state is that of the epoch before, from which a resumed training goes on.
            return TrainingControl::Stop;
        }
        if let Some(Err(error)) = self.state.map(|path| event.save_training(path)) {
            self.unsaved = Some(error.to_string());
        }
        let control = self.early.as_mut().map_or(TrainingControl::Continue, |early| early.epoch(event));
        if control == TrainingControl::Stop {
            self.end = Some(TrainingOutcome::EarlyStop);
        }
        control
    }
}
