//! Who is told of steps and epochs, and may stop a training.

use std::path::Path;

use super::resume::TrainingState;
use crate::error::Result;
use crate::model::{Elbo, EpochRecord, ShiftVae};

/// Whether a training goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Control {
    /// Go on.
    Continue,
    /// Stop here: `fit` returns the model as it is.
    Stop,
}

/// One step that was taken.
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

/// One epoch that has ended.
#[non_exhaustive]
pub struct EpochEvent<'a> {
    /// What the epoch gave.
    pub record: EpochRecord,
    /// Epochs of the training.
    pub epochs: usize,
    /// The model as it is now.
    pub model: &'a ShiftVae,
    pub(crate) state: TrainingState<'a>,
}

impl EpochEvent<'_> {
    /// Writes the model and all that [`Trainer::resume`](crate::Trainer::resume) needs into one file.
    ///
    /// # Errors
    /// [`Error::Checkpoint`](crate::Error::Checkpoint) when the file cannot be written.
    pub fn save_training(&self, path: impl AsRef<Path>) -> Result<()> {
        self.state.save(self.model, path.as_ref())
    }
}

/// Is told of every step and epoch: for progress bars, early stopping, cancellation and checkpoints.
///
/// ```
/// use adatom_vae::{Control, EpochEvent, Observer, ShiftVae, Trainer, ndarray::Array2};
/// #[derive(Default)]
/// struct Losses(Vec<f64>);
/// impl Observer for Losses {
///     fn epoch(&mut self, event: &EpochEvent<'_>) -> Control {
///         self.0.push(-event.record.elbo.total());
///         if self.0.len() == 2 { Control::Stop } else { Control::Continue }
///     }
/// }
/// let signals = Array2::from_shape_fn((20, 10), |(n, i)| ((n % 4 + i) % 5) as f32 / 5.0);
/// let trainer = Trainer::new(ShiftVae::signal_config(10).hidden([8])).epochs(50);
/// let mut losses = Losses::default();
/// let vae = trainer.fit_observed(&signals, &mut losses)?;
/// assert_eq!((losses.0.len(), vae.history().epochs().len()), (2, 2));
/// # Ok::<(), adatom_vae::TrainError>(())
/// ```
pub trait Observer {
    /// After every step.
    fn step(&mut self, event: &StepEvent) -> Control {
        let _ = event;
        Control::Continue
    }

    /// After every epoch.
    fn epoch(&mut self, event: &EpochEvent<'_>) -> Control {
        let _ = event;
        Control::Continue
    }
}

/// Observes nothing.
impl Observer for () {}

/// Stops when the loss has not become smaller for `patience` epochs: that of the held-out samples where there are
/// some, that of the training otherwise.
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

    /// The first `epochs` do not count: those whose loss is another one, as that of the best of several poses
    /// ([`PoseHypotheses`](crate::PoseHypotheses)).
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
