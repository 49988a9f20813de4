//! What the decoder is told of a sample beside its latents: a condition, given for every sample; a class or a number, which
//! the encoder finds where it is not known.
//!
//! The numbers y of a sample are appended to the content that enters the decoder, p(x | z, y); a condition is appended to
//! the encoder's input too, q(z | x, y), as in the conditional models of Kingma et al. (arXiv 1406.5298) and Sohn et al.
//! (NIPS 2015) and in pyroVED. Classes are one-hot.

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::spec::VaeConfig;

mod condition;
mod labels;
mod target;

pub use condition::{Condition, ConditionKind};
pub(crate) use labels::{Known, check_count, checksum, no_condition};
pub use target::Target;

/// More numbers or classes than these are mistakes, not models.
const MOST: usize = 65_536;

/// What the decoder is told beside the latents.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Side {
    /// Known of every sample.
    Condition(ConditionKind),
    /// One of so many classes, known of some samples or of none.
    Classes(usize),
    /// A number, known of some samples or of none.
    Target(Target),
}

/// How much labels count in the loss.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct SideWeights {
    /// Of the KL divergence of what the encoder says of a label.
    pub(crate) kl: f64,
    /// Of minus ln q of known labels.
    pub(crate) supervised: f64,
}

impl Side {
    /// Numbers appended to the content.
    pub(crate) fn width(self) -> usize {
        match self {
            Self::Condition(kind) => kind.width(),
            Self::Classes(classes) => classes,
            Self::Target(_) => 1,
        }
    }

    /// Numbers appended to the encoder's input.
    fn encoder_inputs(self) -> usize {
        match self {
            Self::Condition(kind) => kind.width(),
            Self::Classes(_) | Self::Target(_) => 0,
        }
    }

    /// Name and outputs of the encoder's further head.
    fn head(self) -> Option<(&'static str, usize)> {
        match self {
            Self::Condition(_) => None,
            Self::Classes(classes) => Some(("classes", classes)),
            Self::Target(target) => {
                Some(("target", if target.standardised_noise().is_some() { 1 } else { 2 }))
            }
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
            Self::Classes(classes) if !(2..=MOST).contains(&classes) => {
                fault("classes", "from 2 to 65536", classes)
            }
            Self::Target(target) => target.check(),
            Self::Condition(_) | Self::Classes(_) => Ok(()),
        }
    }
}

impl VaeConfig {
    /// Makes the model conditional: `kind` is known of every sample and told to encoder and decoder, so that the latents
    /// need not spend themselves on it. Default: no condition.
    ///
    /// Such a model is trained with [`Trainer::given`](crate::Trainer::given) and used through
    /// [`ShiftVae::conditioned_on`](crate::ShiftVae::conditioned_on).
    ///
    /// ```
    /// use adatom_vae::{ConditionKind, ShiftVae};
    /// let config = ShiftVae::image_config(8, 8).condition(ConditionKind::Classes { classes: 3 });
    /// assert_eq!(config.get_condition(), Some(ConditionKind::Classes { classes: 3 }));
    ///
    /// let error = ShiftVae::image_config(8, 8).condition(ConditionKind::Values { width: 0 }).check().unwrap_err();
    /// assert_eq!(error.to_string(), "the width of the condition must be from 1 to 65536, found 0");
    /// ```
    pub fn condition(mut self, kind: ConditionKind) -> Self {
        self.side = Some(Side::Condition(kind));
        self
    }

    /// Gives the model a discrete latent beside the others: one of `classes` classes, with the same prior probability. The
    /// encoder gives the probability of each, and training decodes every class of every sample, so that a step takes about
    /// as many times as long. Default: none. The last of condition, classes and target that is set counts.
    ///
    /// ```
    /// use adatom_vae::ShiftVae;
    /// let config = ShiftVae::image_config(8, 8).classes(4);
    /// assert_eq!(config.get_classes(), Some(4));
    /// assert_eq!(config.classes(1).check().unwrap_err().to_string(), "classes must be from 2 to 65536, found 1");
    /// ```
    pub fn classes(mut self, classes: usize) -> Self {
        self.side = Some(Side::Classes(classes));
        self
    }

    /// Gives the model a number beside the latents, which is known of some samples of the training
    /// ([`Trainer::targets`](crate::Trainer::targets)). Default: none.
    pub fn target(mut self, target: Target) -> Self {
        self.side = Some(Side::Target(target));
        self
    }

    /// How many classes the discrete latent has; `None` without one.
    pub fn get_classes(&self) -> Option<usize> {
        match self.side {
            Some(Side::Classes(classes)) => Some(classes),
            _ => None,
        }
    }

    /// The number beside the latents; `None` without one.
    pub fn get_target(&self) -> Option<Target> {
        match self.side {
            Some(Side::Target(target)) => Some(target),
            _ => None,
        }
    }

    /// Name and outputs of the encoder's further head.
    pub(crate) fn encoder_head(&self) -> Option<(&'static str, usize)> {
        self.side.and_then(Side::head)
    }

    /// Numbers that the encoder gives for a sample.
    pub(crate) fn encoder_outputs(&self) -> usize {
        self.mean_outputs() + self.latents() + self.encoder_head().map_or(0, |(_, outputs)| outputs)
    }

    /// Standard normal numbers of one draw: the latents' and that of the number beside them.
    pub(crate) fn noise_len(&self) -> usize {
        self.latents() + usize::from(self.get_target().is_some())
    }

    /// What the model must be told of every sample; `None` for a model without condition.
    pub fn get_condition(&self) -> Option<ConditionKind> {
        match self.side {
            Some(Side::Condition(kind)) => Some(kind),
            _ => None,
        }
    }

    /// Numbers that the encoder of a conditional model is told of a sample.
    pub(crate) fn told_to_encoder(&self) -> usize {
        self.side.map_or(0, Side::encoder_inputs)
    }

    /// Numbers that enter the decoder beside the coordinates: the content and what it is told.
    pub(crate) fn decoder_inputs(&self) -> usize {
        self.get_latent_dim() + self.side.map_or(0, Side::width)
    }

    pub(crate) fn check_side(&self) -> Result<()> {
        self.side.map_or(Ok(()), Side::check)
    }
}
