//! Conditioning: what the decoder takes of a sample beside its latents. A condition is given for every
//! sample; a class or a target is predicted by the encoder where it is not known.
//!
//! The numbers y of a sample are appended to the content that enters the decoder, p(x | z, y); a condition is
//! appended to the encoder's input too, q(z | x, y), as in the conditional models of Kingma et al. (arXiv
//! 1406.5298) and Sohn et al. (NIPS 2015) and in pyroVED. Classes are one-hot.

mod condition;
mod labels;
mod target;

use serde::{Deserialize, Serialize};

pub use self::condition::{Condition, ConditionKind};
pub(crate) use self::labels::{Labels, check_count, checksum, missing_condition};
pub use self::target::Target;
use super::VaeConfig;
use crate::error::{Error, Result};

/// Larger numbers of values or classes are treated as mistakes.
const MOST: usize = 65_536;

/// What the decoder takes of a sample beside the latents.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Conditioning {
    /// Given for every sample.
    Condition(ConditionKind),
    /// One of so many classes, known for some samples or for none.
    Classes(usize),
    /// A number, known for some samples or for none.
    Target(Target),
}

/// The layer of the encoder that predicts a class or a target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct LabelHead {
    /// Its name among the weights.
    pub(crate) name: &'static str,
    /// Logits of the classes, or mean and raw standard deviation of the target.
    pub(crate) outputs: usize,
}

/// Weights of labels in the loss.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct LabelLossWeights {
    /// Of the KL divergence of a predicted label from its prior.
    pub(crate) kl: f64,
    /// Of minus ln q of known labels.
    pub(crate) supervised: f64,
}

impl Conditioning {
    /// Numbers appended to the content.
    pub(crate) fn width(self) -> usize {
        match self {
            Self::Condition(kind) => kind.width(),
            Self::Classes(classes) => classes,
            Self::Target(_) => 1,
        }
    }

    /// Numbers appended to the encoder's input.
    fn encoder_width(self) -> usize {
        match self {
            Self::Condition(kind) => kind.width(),
            Self::Classes(_) | Self::Target(_) => 0,
        }
    }

    fn head(self) -> Option<LabelHead> {
        match self {
            Self::Condition(_) => None,
            Self::Classes(classes) => Some(LabelHead { name: "classes", outputs: classes }),
            Self::Target(target) => {
                let outputs = if target.standardised_noise().is_some() { 1 } else { 2 };
                Some(LabelHead { name: "target", outputs })
            }
        }
    }

    fn check(self) -> Result<()> {
        match self {
            Self::Condition(ConditionKind::Values { width }) if !(1..=MOST).contains(&width) => {
                Err(Error::setting("the width of the condition", "from 1 to 65536", width))
            }
            Self::Condition(ConditionKind::Classes { classes }) if !(2..=MOST).contains(&classes) => {
                Err(Error::setting("the number of classes of the condition", "from 2 to 65536", classes))
            }
            Self::Classes(classes) if !(2..=MOST).contains(&classes) => {
                Err(Error::setting("the number of classes", "from 2 to 65536", classes))
            }
            Self::Target(target) => target.check(),
            Self::Condition(_) | Self::Classes(_) => Ok(()),
        }
    }
}

impl VaeConfig {
    /// Makes the model conditional: encoder and decoder take `kind` of every sample, so that the latents need
    /// not represent it. Default: no condition. Of condition, classes and target, the last one that is set
    /// counts.
    ///
    /// Such a model is trained with [`Trainer::condition`](crate::Trainer::condition) and used through
    /// [`ShiftVae::conditioned_on`](crate::ShiftVae::conditioned_on).
    ///
    /// ```
    /// use adatom_vae::{ConditionKind, ShiftVae};
    /// let config = ShiftVae::image_config(8, 8).condition(ConditionKind::Classes { classes: 3 });
    /// assert_eq!(config.get_condition(), Some(ConditionKind::Classes { classes: 3 }));
    ///
    /// let error =
    ///     ShiftVae::image_config(8, 8).condition(ConditionKind::Values { width: 0 }).check().unwrap_err();
    /// assert_eq!(error.to_string(), "the width of the condition must be from 1 to 65536, found 0");
    /// ```
    pub fn condition(mut self, kind: ConditionKind) -> Self {
        self.conditioning = Some(Conditioning::Condition(kind));
        self
    }

    /// Adds a discrete latent: one of `classes` classes with the same prior probability. The encoder gives
    /// the probability of each class, and training decodes every class of every sample, so that a step takes
    /// about `classes` times as long. Default: none. Of condition, classes and target, the last one that is
    /// set counts.
    ///
    /// ```
    /// use adatom_vae::ShiftVae;
    /// let config = ShiftVae::image_config(8, 8).classes(4);
    /// assert_eq!(config.get_classes(), Some(4));
    /// let error = config.classes(1).check().unwrap_err();
    /// assert_eq!(error.to_string(), "the number of classes must be from 2 to 65536, found 1");
    /// ```
    pub fn classes(mut self, classes: usize) -> Self {
        self.conditioning = Some(Conditioning::Classes(classes));
        self
    }

    /// Adds a number that the decoder takes beside the latents and that is known for some samples of the
    /// training ([`Trainer::targets`](crate::Trainer::targets)). Default: none.
    pub fn target(mut self, target: Target) -> Self {
        self.conditioning = Some(Conditioning::Target(target));
        self
    }

    /// The condition that the model takes of every sample; `None` for a model without condition.
    pub fn get_condition(&self) -> Option<ConditionKind> {
        match self.conditioning {
            Some(Conditioning::Condition(kind)) => Some(kind),
            _ => None,
        }
    }

    /// Number of classes of the discrete latent; `None` without one.
    pub fn get_classes(&self) -> Option<usize> {
        match self.conditioning {
            Some(Conditioning::Classes(classes)) => Some(classes),
            _ => None,
        }
    }

    /// The target beside the latents; `None` without one.
    pub fn get_target(&self) -> Option<Target> {
        match self.conditioning {
            Some(Conditioning::Target(target)) => Some(target),
            _ => None,
        }
    }

    pub(crate) fn conditioning(&self) -> Option<Conditioning> {
        self.conditioning
    }

    /// The layer of the encoder that predicts a class or a target.
    pub(crate) fn label_head(&self) -> Option<LabelHead> {
        self.conditioning.and_then(Conditioning::head)
    }

    /// Outputs of the encoder for a sample.
    pub(crate) fn encoder_outputs(&self) -> usize {
        self.mean_outputs() + self.latents() + self.label_head().map_or(0, |head| head.outputs)
    }

    /// Standard normal numbers of one draw: those of the latents and that of the target.
    pub(crate) fn noise_width(&self) -> usize {
        self.latents() + usize::from(self.get_target().is_some())
    }

    /// Numbers of the condition that are appended to the encoder's input.
    pub(crate) fn encoder_condition_width(&self) -> usize {
        self.conditioning.map_or(0, Conditioning::encoder_width)
    }

    /// Numbers that enter the decoder beside the coordinates: the content and the conditioning.
    pub(crate) fn decoder_inputs(&self) -> usize {
        self.get_latent_dim() + self.conditioning.map_or(0, Conditioning::width)
    }

    pub(super) fn check_conditioning(&self) -> Result<()> {
        self.conditioning.map_or(Ok(()), Conditioning::check)
    }
}
