//! The record of a training: its epochs and how it ended.

use serde::{Deserialize, Serialize};

use super::Elbo;

/// One epoch.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct EpochRecord {
    /// Number of the epoch, from 1.
    pub epoch: usize,
    /// Mean over the samples of the epoch, each scored in its step, in nat per sample.
    pub elbo: Elbo,
    /// Mean over the held-out samples after the epoch, if there are any.
    pub held_out: Option<Elbo>,
    /// Weight β of the KL divergence in the loss.
    pub beta: f64,
    /// Penalty of the regularisers, nat per sample, if there are any.
    #[serde(default)]
    pub penalty: Option<f64>,
    /// Weighted loss of known labels, nat per sample, in a model with classes or a target.
    #[serde(default)]
    pub supervised: Option<f64>,
    /// Duration of the epoch in seconds.
    pub seconds: f64,
}

/// How a training ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum TrainingEnd {
    /// After the last of the requested epochs.
    Completed,
    /// An observer stopped it after this epoch, before the last one.
    StoppedAfterEpoch {
        /// The epoch, from 1.
        epoch: usize,
    },
    /// An observer stopped it after this step. The last record of the history covers only the steps up to it,
    /// and there was no [`EpochEvent`](crate::EpochEvent) for that epoch.
    StoppedInEpoch {
        /// The epoch, from 1.
        epoch: usize,
        /// The step in the epoch, from 1.
        step: usize,
    },
}

/// All epochs of a training, in order, and how it ended.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct History {
    epochs: Vec<EpochRecord>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    end: Option<TrainingEnd>,
}

impl History {
    /// The epochs.
    pub fn epochs(&self) -> &[EpochRecord] {
        &self.epochs
    }

    /// The last epoch.
    pub fn last(&self) -> Option<&EpochRecord> {
        self.epochs.last()
    }

    /// How the training ended; `None` while it runs and for a model that was loaded or not trained.
    pub fn end(&self) -> Option<TrainingEnd> {
        self.end
    }

    /// Whether the training ran to the last of the requested epochs.
    pub fn is_complete(&self) -> bool {
        self.end == Some(TrainingEnd::Completed)
    }

    pub(crate) fn push(&mut self, record: EpochRecord) {
        self.epochs.push(record);
    }

    pub(crate) fn ended(mut self, end: TrainingEnd) -> Self {
        self.end = Some(end);
        self
    }
}
