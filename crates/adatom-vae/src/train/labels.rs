//! What a trainer is told of the samples beside their values.

use super::trainer::Trainer;
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::spec::{Condition, Known, SideWeights};

/// How much labels count in the loss.
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

    /// Where the KL divergence weighs β.
    pub(super) fn at(&self, beta: f64) -> SideWeights {
        SideWeights { kl: beta * self.kl, supervised: self.supervised }
    }

    /// The setting that cannot be, and what was found.
    pub(super) fn fault(&self) -> Option<(&'static str, f64)> {
        let good = |weight: f64| weight.is_finite() && weight >= 0.0;
        let all = [("label_kl_weight", self.kl), ("label_weight", self.supervised)];
        all.into_iter().find(|(_, weight)| !good(*weight))
    }
}

impl Trainer {
    /// What is known of every sample, for a conditional model
    /// ([`VaeConfig::condition`](crate::VaeConfig::condition)). Held-out samples are scored with theirs.
    ///
    /// ```
    /// use adatom_vae::{Condition, ConditionKind, ShiftVae, Trainer, ndarray::Array2};
    /// let signals = Array2::from_shape_fn((30, 12), |(n, i)| if (n + i) % 6 < 3 { 1.0 } else { 0.0 });
    /// let phase: Vec<usize> = (0..30).map(|n| n % 6).collect();
    /// let config = ShiftVae::signal_config(12).hidden([8]).condition(ConditionKind::Classes { classes: 6 });
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
    /// ([`VaeConfig::classes`](crate::VaeConfig::classes)): semi-supervised classification. Held-out samples are scored
    /// without theirs.
    ///
    /// ```
    /// use adatom_vae::{ShiftVae, Trainer, ndarray::Array2};
    /// let signals = Array2::from_shape_fn((30, 12), |(n, i)| if (n + i) % 6 < 3 { 1.0 } else { 0.0 });
    /// let labels: Vec<Option<usize>> = (0..30).map(|n| (n < 12).then_some(n % 6)).collect();
    /// let trainer = Trainer::new(ShiftVae::signal_config(12).hidden([8]).classes(6)).epochs(2).labels(&labels);
    /// let vae = trainer.fit(&signals)?;
    /// assert_eq!(vae.class_probabilities(&signals)?.dim(), (30, 6));
    /// # Ok::<(), adatom_vae::TrainError>(())
    /// ```
    pub fn labels(mut self, labels: &[Option<usize>]) -> Self {
        self.labels = Some(labels.to_vec());
        self
    }

    /// The numbers of some samples, one entry for each sample, for a model with a target
    /// ([`VaeConfig::target`](crate::VaeConfig::target)): semi-supervised regression. Held-out samples are scored without
    /// theirs.
    pub fn targets(mut self, targets: &[Option<f32>]) -> Self {
        self.targets = Some(targets.to_vec());
        self
    }

    /// Weight of minus ln q of each known label in the loss, where q is what the encoder says of it: the cross entropy of
    /// classes, the Gaussian one of a target. Default 20.
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

    /// What is known of the samples, checked.
    pub(super) fn known(&self, samples: usize) -> Result<Known> {
        match (&self.condition, &self.labels, &self.targets) {
            (_, None, None) => Known::new(&self.model, self.condition.as_ref(), samples),
            (None, Some(labels), None) => Known::labels(&self.model, labels, samples),
            (None, None, Some(targets)) => Known::targets(&self.model, targets, samples),
            _ => Err(Error::Setting {
                setting: "what is known of the samples",
                expected: "a condition, labels or targets",
                found: "several of these".into(),
            }),
        }
    }
}
