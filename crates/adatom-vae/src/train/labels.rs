//! Conditions and labels of the samples of a training.

use serde::{Deserialize, Serialize};

use super::Trainer;
use crate::error::{Error, Result};
use crate::spec::{Condition, LabelLossWeights, Labels};

/// The settings of the weights of labels in the loss.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) struct LabelWeights {
    kl: f64,
    supervised: f64,
}

impl Default for LabelWeights {
    fn default() -> Self {
        Self { kl: 1.0, supervised: 20.0 }
    }
}

impl LabelWeights {
    pub(super) fn is_default(&self) -> bool {
        *self == Self::default()
    }

    /// The weights in an epoch with the weight β of the KL divergence.
    pub(super) fn at(&self, beta: f64) -> LabelLossWeights {
        LabelLossWeights { kl: beta * self.kl, supervised: self.supervised }
    }

    /// # Errors
    /// [`Error::Setting`] names the first invalid weight.
    pub(super) fn check(&self) -> Result<()> {
        let all = [
            ("the weight of the KL divergence of labels", self.kl),
            ("the weight of labels", self.supervised),
        ];
        match all.into_iter().find(|(_, weight)| !(weight.is_finite() && *weight >= 0.0)) {
            Some((setting, weight)) => Err(Error::setting(setting, "finite and not negative", weight)),
            None => Ok(()),
        }
    }
}

impl Trainer {
    /// The condition of every sample, for a conditional model
    /// ([`VaeConfig::condition`](crate::VaeConfig::condition)). Held-out samples are scored with theirs.
    ///
    /// ```
    /// use adatom_vae::{Condition, ConditionKind, ShiftVae, Trainer, ndarray::Array2};
    /// let signals = Array2::from_shape_fn((30, 12), |(n, i)| if (n + i) % 6 < 3 { 1.0 } else { 0.0 });
    /// let phase: Vec<usize> = (0..30).map(|n| n % 6).collect();
    /// let config =
    ///     ShiftVae::signal_config(12).hidden([8]).condition(ConditionKind::Classes { classes: 6 });
    /// let trainer = Trainer::new(config).epochs(2);
    /// let vae = trainer.clone().condition(Condition::classes(&phase)).fit(&signals)?;
    /// assert!(vae.conditioned_on(&Condition::classes(&phase))?.elbo(&signals, 1)?.total().is_finite());
    ///
    /// let error = trainer.fit(&signals).unwrap_err();
    /// assert_eq!(error.to_string(), "the condition must be one of 6 classes, found none");
    /// # Ok::<(), adatom_vae::TrainError>(())
    /// ```
    pub fn condition(mut self, condition: Condition) -> Self {
        self.condition = Some(condition);
        self
    }

    /// The classes of some samples, one entry for each sample, for a model with classes
    /// ([`VaeConfig::classes`](crate::VaeConfig::classes)): semi-supervised classification. Held-out samples
    /// are scored without theirs.
    ///
    /// ```
    /// use adatom_vae::{ShiftVae, Trainer, ndarray::Array2};
    /// let signals = Array2::from_shape_fn((30, 12), |(n, i)| if (n + i) % 6 < 3 { 1.0 } else { 0.0 });
    /// let labels: Vec<Option<usize>> = (0..30).map(|n| (n < 12).then_some(n % 6)).collect();
    /// let trainer =
    ///     Trainer::new(ShiftVae::signal_config(12).hidden([8]).classes(6)).epochs(2).labels(&labels);
    /// let vae = trainer.fit(&signals)?;
    /// assert_eq!(vae.class_probabilities(&signals)?.dim(), (30, 6));
    /// # Ok::<(), adatom_vae::TrainError>(())
    /// ```
    pub fn labels(mut self, labels: &[Option<usize>]) -> Self {
        self.labels = Some(labels.to_vec());
        self
    }

    /// The targets of some samples, one entry for each sample, for a model with a target
    /// ([`VaeConfig::target`](crate::VaeConfig::target)): semi-supervised regression. Held-out samples are
    /// scored without theirs.
    pub fn targets(mut self, targets: &[Option<f32>]) -> Self {
        self.targets = Some(targets.to_vec());
        self
    }

    /// Weight of minus ln q of each known label in the loss, where q is the encoder's prediction: the cross
    /// entropy of classes, the Gaussian one of a target. Default 20.
    pub fn label_weight(mut self, weight: f64) -> Self {
        self.settings.label_weights.supervised = weight;
        self
    }

    /// A factor of the weight of the KL divergence for classes or a target, as
    /// [`group_kl_weight`](Self::group_kl_weight) is for latents. Default 1.
    pub fn label_kl_weight(mut self, weight: f64) -> Self {
        self.settings.label_weights.kl = weight;
        self
    }

    /// Conditions and labels of the samples, checked.
    pub(super) fn sample_labels(&self, samples: usize) -> Result<Labels> {
        match (&self.condition, &self.labels, &self.targets) {
            (_, None, None) => Labels::of_condition(&self.model, self.condition.as_ref(), samples),
            (None, Some(labels), None) => Labels::of_classes(&self.model, labels, samples),
            (None, None, Some(targets)) => Labels::of_targets(&self.model, targets, samples),
            _ => {
                let expected = "a condition, labels or targets";
                Err(Error::setting("the conditioning of the samples", expected, "several of these"))
            }
        }
    }
}
