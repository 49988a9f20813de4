//! A number that the model explains samples with, known of some of them.

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// A number y that the decoder is told beside the latents, with the prior N(mean, sd²): known of some samples of a
/// training, found by the encoder for the others.
///
/// ```
/// use adatom_vae::{ShiftVae, Target};
/// // Compositions around 0.5; the encoder says itself how sure it is.
/// let config = ShiftVae::image_config(8, 8).target(Target::new(0.5, 0.3));
/// assert!(config.check().is_ok());
///
/// let error = ShiftVae::image_config(8, 8).target(Target::new(0.5, 0.0)).check().unwrap_err();
/// assert_eq!(error.to_string(), "the prior of the target must be a finite mean and a positive sd, found 0.5 and 0");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Target {
    mean: f64,
    sd: f64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    fixed: Option<f64>,
}

impl Target {
    /// With mean and standard deviation of the prior, in units of the target: those of the known values are a good choice.
    pub fn new(mean: f64, sd: f64) -> Self {
        Self { mean, sd, fixed: None }
    }

    /// A fixed standard deviation of what the encoder says, in units of the target, instead of one that it finds for each
    /// sample.
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

    /// The fixed standard deviation of what the encoder says, in units of the prior's.
    pub(crate) fn standardised_noise(&self) -> Option<f64> {
        self.fixed.map(|sd| sd / self.sd)
    }

    /// In units of the prior's standard deviation, from its mean.
    pub(crate) fn standardised(&self, value: f32) -> f32 {
        ((f64::from(value) - self.mean) / self.sd) as f32
    }

    /// Back from [`standardised`](Self::standardised).
    pub(crate) fn value(&self, standardised: f32) -> f32 {
        (self.mean + self.sd * f64::from(standardised)) as f32
    }

    pub(crate) fn check(&self) -> Result<()> {
        let positive = |sd: f64| sd.is_finite() && sd > 0.0;
        if !(self.mean.is_finite() && positive(self.sd)) {
            return Err(Error::Setting {
                setting: "the prior of the target",
                expected: "a finite mean and a positive sd",
                found: format!("{} and {}", self.mean, self.sd),
            });
        }
        match self.fixed {
            Some(sd) if !positive(sd) => Err(Error::Setting {
                setting: "the fixed sd of the target",
                expected: "finite and positive",
                found: sd.to_string(),
            }),
            _ => Ok(()),
        }
    }
}
