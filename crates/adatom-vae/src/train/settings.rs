//! Settings that are written into the file of a training.

use serde::{Deserialize, Serialize};

use super::hypotheses::PoseHypotheses;
use super::kl::KlControl;
use super::labels::LabelWeights;
use super::schedule::{KlWeight, LearningRate};

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
