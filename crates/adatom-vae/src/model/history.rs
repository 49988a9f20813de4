//! What each epoch of a training gave.

use serde::{Deserialize, Serialize};

use crate::model::Elbo;

/// One epoch.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct EpochRecord {
    /// Number of the epoch, from 1.
    pub epoch: usize,
    /// Mean over the samples of the epoch, each scored in its step, in nat per sample.
    pub elbo: Elbo,
    /// Mean over the held-out samples after the epoch, where some are held out.
    pub held_out: Option<Elbo>,
    /// Weight of the KL divergence in the loss.
    pub beta: f64,
    /// What the conditions on the latents cost, nat per sample, where there are any.
    #[serde(default)]
    pub penalty: Option<f64>,
    /// What known labels cost by what the encoder says of them, weighted, nat per sample, in a model with classes or a
    /// target.
    #[serde(default)]
    pub supervised: Option<f64>,
    /// Seconds the epoch took.
    pub seconds: f64,
}

/// All epochs of a training, in order.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct History {
    pub(crate) epochs: Vec<EpochRecord>,
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
}
