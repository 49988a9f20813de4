//! A target: a number that the decoder takes beside the latents, known for some samples.

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// A number y that the decoder takes beside the latents, with the prior N(mean, sd²): known for some samples
/// of a training, predicted by the encoder for the others.
///
/// ```
/// use adatom_vae::{ShiftVae, Target};
/// // Compositions around 0.5; the encoder gives its own uncertainty.
/// let config = ShiftVae::image_config(8, 8).target(Target::new(0.5, 0.3));
/// assert!(config.check().is_ok());
///
/// let error = ShiftVae::image_config(8, 8).target(Target::new(0.5, 0.0)).check().unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "the prior of the target must be a finite mean and a positive sd, found 0.5 and 0"
/// );
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Target {
    mean: f64,
    sd: f64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    fixed: Option<f64>,
}

impl Target {
    /// With mean and standard deviation of the prior, in units of the target; those of the known values are a
    /// good choice.
    pub fn new(mean: f64, sd: f64) -> Self {
        Self { mean, sd, fixed: None }
    }

    /// A fixed standard deviation of the encoder's prediction, in units of the target, instead of one that
    /// the encoder gives for each sample.
    pub fn fixed_sd(mut self, sd: f64) -> Self {
        self.fixed = Some(sd);
        self
    }

    /// Mean of the prior.
    pub fn mean(&self) -> f64 {
        self.mean
    }

    /// Standard deviation of the prior.
    pub fn sd(&self) -> f64 {
        self.sd
    }

    /// The fixed standard deviation of the prediction, in units of the prior's.
    pub(crate) fn standardised_noise(&self) -> Option<f64> {
        self.fixed.map(|sd| sd / self.sd)
    }

    /// In units of the prior's standard deviation, from its mean.
    pub(crate) fn standardised(&self, value: f32) -> f32 {
        ((f64::from(value) - self.mean) / self.sd) as f32
    }

    /// The reverse of [`standardised`](Self::standardised).
    pub(crate) fn value(&self, standardised: f32) -> f32 {
        (self.mean + self.sd * f64::from(standardised)) as f32
    }

    pub(super) fn check(&self) -> Result<()> {
        let positive = |sd: f64| sd.is_finite() && sd > 0.0;
        if !(self.mean.is_finite() && positive(self.sd)) {
            let found = format!("{} and {}", self.mean, self.sd);
            return Err(Error::setting("the prior of the target", "a finite mean and a positive sd", found));
        }
        match self.fixed {
            Some(sd) if !positive(sd) => {
                Err(Error::setting("the fixed standard deviation of the target", "finite and positive", sd))
            }
            _ => Ok(()),
        }
    }
}
