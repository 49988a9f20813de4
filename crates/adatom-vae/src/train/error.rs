//! Errors of a training.

use crate::error::Error;
use crate::model::ShiftVae;

/// Errors of a training.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TrainError {
    /// The loss or a weight is no longer finite.
    #[error("training diverged: {what} became {value} in step {step} of epoch {epoch}")]
    Diverged {
        /// The epoch, from 1.
        epoch: usize,
        /// The step in the epoch, from 1.
        step: usize,
        /// The quantity that became infinite or NaN.
        what: &'static str,
        /// Infinity or NaN.
        value: f64,
        /// The model after the last epoch whose weights were all finite.
        last_good: Box<ShiftVae>,
    },
    /// An error of the settings, the samples, the model or a file.
    #[error(transparent)]
    Model(#[from] Error),
}

impl From<candle_core::Error> for TrainError {
    fn from(error: candle_core::Error) -> Self {
        Self::Model(error.into())
    }
}
