//! What a trainer is told of the samples beside their values.

use super::trainer::Trainer;
use crate::side::Known;
use crate::{Condition, Result};

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
    /// let vae = trainer.clone().given(Condition::classes(&phase)).fit(&signals)?;
    /// assert!(vae.given(&Condition::classes(&phase))?.elbo(&signals, 1)?.total().is_finite());
    ///
    /// let error = trainer.fit(&signals).unwrap_err();
    /// assert_eq!(error.to_string(), "the condition must be one of 6 classes, found none");
    /// # Ok::<(), adatom_vae::Error>(())
    /// ```
    pub fn given(mut self, condition: Condition) -> Self {
        self.given = Some(condition);
        self
    }

    /// What is known of the samples, checked.
    pub(super) fn known(&self, samples: usize) -> Result<Known> {
        Known::new(&self.model, self.given.as_ref(), samples)
    }
}
