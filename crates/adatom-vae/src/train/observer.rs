//! Observers of a training: progress, early stopping, cancellation, checkpoints.

use std::path::Path;

use super::resume::TrainingState;
use crate::error::Result;
use crate::model::{Elbo, EpochRecord, ShiftVae};

/// Whether a training goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Control {
    /// Go on.
    Continue,
    /// Stop: `fit` returns the model in its present state, and its history says that the training was stopped
    /// ([`History::end`](crate::History::end)).
    Stop,
}

/// A step of a training.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct StepEvent {
    /// The epoch, from 1.
    pub epoch: usize,
    /// The step in the epoch, from 1.
    pub step: usize,
    /// Steps of an epoch.
    pub steps: usize,
    /// Mean over the batch.
    pub elbo: Elbo,
}

/// A completed epoch.
#[non_exhaustive]
pub struct EpochEvent<'a> {
    /// The record of the epoch.
    pub record: EpochRecord,
    /// Epochs of the training.
    pub epochs: usize,
    /// The model in its present state.
    pub model: &'a ShiftVae,
    pub(crate) state: TrainingState<'a>,
}

impl EpochEvent<'_> {
    /// Writes the model and everything that [`Trainer::resume`](crate::Trainer::resume) needs into one file.
    ///
    /// # Errors
    /// [`Error::Checkpoint`](crate::Error::Checkpoint) when the file cannot be written.
    pub fn save_training(&self, path: impl AsRef<Path>) -> Result<()> {
        self.state.save(self.model, path.as_ref())
    }
}

/// Gets every step and every completed epoch of a training, and can stop it.
///
/// A closure over [`EpochEvent`] is an observer of epochs:
///
/// ```
/// use adatom_vae::{Control, EpochEvent, ShiftVae, Trainer, TrainingEnd, ndarray::Array2};
/// let signals = Array2::from_shape_fn((20, 10), |(n, i)| ((n % 4 + i) % 5) as f32 / 5.0);
/// let trainer = Trainer::new(ShiftVae::signal_config(10).hidden([8])).epochs(50);
/// let mut losses = Vec::new();
/// let vae = trainer.fit_observed(&signals, &mut |event: &EpochEvent<'_>| {
///     losses.push(-event.record.elbo.total());
///     if event.record.epoch == 2 { Control::Stop } else { Control::Continue }
/// })?;
/// assert_eq!((losses.len(), vae.history().epochs().len()), (2, 2));
/// assert_eq!(vae.history().end(), Some(TrainingEnd::StoppedAfterEpoch { epoch: 2 }));
/// # Ok::<(), adatom_vae::TrainError>(())
/// ```
///
/// An observer of steps implements the trait:
///
/// ```
/// use adatom_vae::{Control, Observer, ShiftVae, StepEvent, Trainer, TrainingEnd, ndarray::Array2};
/// struct Deadline(usize);
/// impl Observer for Deadline {
///     fn step(&mut self, _: &StepEvent) -> Control {
///         self.0 -= 1;
///         if self.0 == 0 { Control::Stop } else { Control::Continue }
///     }
/// }
/// let signals = Array2::from_shape_fn((20, 10), |(n, i)| ((n % 4 + i) % 5) as f32 / 5.0);
/// let trainer = Trainer::new(ShiftVae::signal_config(10).hidden([8])).epochs(50).batch_size(10);
/// let vae = trainer.fit_observed(&signals, &mut Deadline(3))?;
/// assert_eq!(vae.history().end(), Some(TrainingEnd::StoppedInEpoch { epoch: 2, step: 1 }));
/// # Ok::<(), adatom_vae::TrainError>(())
/// ```
pub trait Observer {
    /// After every step.
    fn step(&mut self, event: &StepEvent) -> Control {
        let _ = event;
        Control::Continue
    }

    /// After every completed epoch.
    fn epoch(&mut self, event: &EpochEvent<'_>) -> Control {
        let _ = event;
        Control::Continue
    }
}

/// Observes nothing.
impl Observer for () {}

/// Observes epochs.
impl<F: FnMut(&EpochEvent<'_>) -> Control> Observer for F {
    fn epoch(&mut self, event: &EpochEvent<'_>) -> Control {
        self(event)
    }
}

/// Stops a training when the loss has not decreased for `patience` epochs: that of the held-out samples if
/// there are any, that of the training otherwise.
#[derive(Debug, Clone)]
pub struct EarlyStopping {
    patience: usize,
    after: usize,
    best: f64,
    since: usize,
}

impl EarlyStopping {
    /// Stops after `patience` epochs without a new best.
    pub fn new(patience: usize) -> Self {
        Self { patience, after: 0, best: f64::INFINITY, since: 0 }
    }

    /// Ignores the first `epochs` epochs, such as those with pose hypotheses
    /// ([`PoseHypotheses`](crate::PoseHypotheses)), whose loss cannot be compared with that of later ones.
    #[must_use]
    pub fn after(mut self, epochs: usize) -> Self {
        self.after = epochs;
        self
    }
}

impl Observer for EarlyStopping {
    fn epoch(&mut self, event: &EpochEvent<'_>) -> Control {
        if event.record.epoch <= self.after {
            return Control::Continue;
        }
        let loss = event.record.held_out.unwrap_or(event.record.elbo).loss(event.record.beta);
        if loss < self.best {
            (self.best, self.since) = (loss, 0);
        } else {
            self.since += 1;
        }
        if self.since >= self.patience { Control::Stop } else { Control::Continue }
    }
}
