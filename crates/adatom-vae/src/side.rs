//! What the decoder is told of a sample beside its latents: a condition, given for every sample.
//!
//! The numbers y of a sample are appended to the content that enters the decoder, p(x | z, y); a condition is appended to
//! the encoder's input too, q(z | x, y), as in the conditional models of Kingma et al. (arXiv 1406.5298) and Sohn et al.
//! (NIPS 2015) and in pyroVED. Classes are one-hot.

use serde::{Deserialize, Serialize};

use crate::{Error, Result, VaeConfig};

mod condition;
mod known;

pub use condition::{Condition, ConditionKind};
pub(crate) use known::{Known, checksum, no_condition};

/// More numbers or classes than these are mistakes, not models.
const MOST: usize = 65_536;

/// What the decoder is told beside the latents.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Side {
    /// Known of every sample.
    Condition(ConditionKind),
}

impl Side {
    /// Numbers appended to the content.
    pub(crate) fn width(self) -> usize {
        match self {
            Self::Condition(kind) => kind.width(),
        }
    }

    /// Numbers appended to the encoder's input.
    fn encoder_inputs(self) -> usize {
        match self {
            Self::Condition(kind) => kind.width(),
        }
    }

    /// The setting that cannot be, with what is expected and what was found.
    fn check(self) -> Result<()> {
        let fault = |setting, expected, found: usize| {
            Err(Error::Setting { setting, expected, found: found.to_string() })
        };
        match self {
            Self::Condition(ConditionKind::Values { width }) if !(1..=MOST).contains(&width) => {
                fault("the width of the condition", "from 1 to 65536", width)
            }
            Self::Condition(ConditionKind::Classes { classes }) if !(2..=MOST).contains(&classes) => {
                fault("the classes of the condition", "from 2 to 65536", classes)
            }
            Self::Condition(_) => Ok(()),
        }
    }
}

impl VaeConfig {
    /// Makes the model conditional: `kind` is known of every sample and told to encoder and decoder, so that the latents
    /// need not spend themselves on it. Default: no condition.
    ///
    /// Such a model is trained with [`Trainer::given`](crate::Trainer::given) and used through
    /// [`ShiftVae::given`](crate::ShiftVae::given).
    ///
    /// ```
    /// use adatom_vae::{ConditionKind, ShiftVae};
    /// let config = ShiftVae::config(8, 8).condition(ConditionKind::Classes { classes: 3 });
    /// assert_eq!(config.condition_kind(), Some(ConditionKind::Classes { classes: 3 }));
    ///
    /// let error = ShiftVae::config(8, 8).condition(ConditionKind::Values { width: 0 }).check().unwrap_err();
    /// assert_eq!(error.to_string(), "the width of the condition must be from 1 to 65536, found 0");
    /// ```
    pub fn condition(mut self, kind: ConditionKind) -> Self {
        self.side = Some(Side::Condition(kind));
        self
    }

    /// What the model must be told of every sample; `None` for a model without condition.
    pub fn condition_kind(&self) -> Option<ConditionKind> {
        match self.side {
            Some(Side::Condition(kind)) => Some(kind),
            _ => None,
        }
    }

    /// Numbers that enter the encoder: the sample and, in a conditional model, what is known of it.
    pub(crate) fn encoder_inputs(&self) -> usize {
        self.sample_shape().len() + self.side.map_or(0, Side::encoder_inputs)
    }

    /// Numbers that enter the decoder beside the coordinates: the content and what it is told.
    pub(crate) fn decoder_inputs(&self) -> usize {
        self.content_latents() + self.side.map_or(0, Side::width)
    }

    pub(crate) fn check_side(&self) -> Result<()> {
        self.side.map_or(Ok(()), Side::check)
    }
}
