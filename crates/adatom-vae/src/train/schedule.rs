//! Schedules: the weight β of the KL divergence and the learning rate of Adam over a training.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The weight β of the KL divergence in the loss, constant or changing with the epoch.
///
/// ```
/// use adatom_vae::KlWeight;
/// let warm_up = KlWeight::Linear { from: 0.0, to: 1.0, epochs: 5 };
/// assert_eq!((warm_up.at(1), warm_up.at(3), warm_up.at(9)), (0.0, 0.5, 1.0));
/// let cycles = KlWeight::Cyclic { from: 0.0, to: 1.0, epochs: 8, rising: 0.5 };
/// assert_eq!([1, 3, 5, 8, 9, 11].map(|epoch| cycles.at(epoch)), [0.0, 0.5, 1.0, 1.0, 0.0, 0.5]);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum KlWeight {
    /// The same in every epoch.
    Constant(f64),
    /// From `from` in the first epoch to `to` in epoch `epochs`, constant after it.
    Linear {
        /// Weight in epoch 1.
        from: f64,
        /// Weight from epoch `epochs` on.
        to: f64,
        /// Number of epochs of the change.
        epochs: usize,
    },
    /// Cycles of `epochs` epochs from `from` to `to`: the weight increases in the part `rising` of them and
    /// is constant in the rest (Fu et al., arXiv 1903.10145).
    Cyclic {
        /// Weight in the first epoch of a cycle.
        from: f64,
        /// Weight at its end.
        to: f64,
        /// Epochs of a cycle.
        epochs: usize,
        /// The part of a cycle in which the weight increases, above 0 and at most 1.
        rising: f64,
    },
}

/// The learning rate of Adam.
///
/// ```
/// use adatom_vae::LearningRate;
/// let rate = LearningRate::Cosine { peak: 1e-2, warm_up: 0.1 };
/// // The completed part of the training, from 0 to 1.
/// assert!((rate.at(0.05) - 5e-3).abs() < 1e-12);
/// assert!((rate.at(0.1) - 1e-2).abs() < 1e-12);
/// assert!((rate.at(0.55) - 5e-3).abs() < 1e-12);
/// assert!(rate.at(1.0) < 1e-12);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum LearningRate {
    /// The same in every step.
    Constant(f64),
    /// From 0 to `peak` over the part `warm_up` of the training, then down to 0 along half a cosine
    /// (Loshchilov and Hutter, arXiv 1608.03983).
    Cosine {
        /// Largest learning rate.
        peak: f64,
        /// Part of the training, from 0 to 1, over which the learning rate increases.
        warm_up: f64,
    },
}

impl From<f64> for LearningRate {
    fn from(rate: f64) -> Self {
        Self::Constant(rate)
    }
}

impl LearningRate {
    /// The learning rate when the part `done` of the training, from 0 to 1, is completed.
    pub fn at(&self, done: f64) -> f64 {
        match *self {
            Self::Constant(rate) => rate,
            Self::Cosine { peak, warm_up } if done < warm_up => peak * done / warm_up,
            Self::Cosine { peak, warm_up } => {
                let falling = (done - warm_up) / (1.0 - warm_up);
                peak * 0.5 * (1.0 + (std::f64::consts::PI * falling.min(1.0)).cos())
            }
        }
    }

    pub(crate) fn is_valid(&self) -> bool {
        let good = |rate: f64| rate.is_finite() && rate > 0.0;
        match *self {
            Self::Constant(rate) => good(rate),
            Self::Cosine { peak, warm_up } => good(peak) && (0.0..1.0).contains(&warm_up),
        }
    }
}

impl fmt::Display for LearningRate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Constant(rate) => rate.fmt(f),
            Self::Cosine { peak, warm_up } => write!(f, "a cosine with peak {peak} and warm-up {warm_up}"),
        }
    }
}

impl Default for KlWeight {
    fn default() -> Self {
        Self::Constant(1.0)
    }
}

impl fmt::Display for KlWeight {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Constant(beta) => beta.fmt(f),
            Self::Linear { from, to, epochs } => write!(f, "{from} to {to} over {epochs} epochs"),
            Self::Cyclic { from, to, epochs, rising } => {
                write!(f, "{from} to {to} in cycles of {epochs} epochs, increasing in the part {rising}")
            }
        }
    }
}

impl KlWeight {
    /// β in `epoch`, counted from 1.
    pub fn at(&self, epoch: usize) -> f64 {
        match *self {
            Self::Constant(beta) => beta,
            Self::Linear { from, to, epochs } => {
                let done = (epoch.saturating_sub(1)) as f64 / (epochs.saturating_sub(1)).max(1) as f64;
                from + (to - from) * done.min(1.0)
            }
            Self::Cyclic { from, to, epochs, rising } => {
                let position = epoch.saturating_sub(1) % epochs.max(1);
                from + (to - from) * (position as f64 / (rising * epochs as f64)).min(1.0)
            }
        }
    }

    pub(crate) fn is_valid(&self) -> bool {
        let good = |beta: f64| beta.is_finite() && beta >= 0.0;
        match *self {
            Self::Constant(beta) => good(beta),
            Self::Linear { from, to, .. } => good(from) && good(to),
            Self::Cyclic { from, to, epochs, rising } => {
                good(from) && good(to) && epochs > 0 && rising > 0.0 && rising <= 1.0
            }
        }
    }
}
