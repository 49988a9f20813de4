//! The weight β of the KL divergence in the loss.

use serde::{Deserialize, Serialize};

/// The weight β of the KL divergence in the loss, constant or changing with the epoch.
///
/// ```
/// use adatom_vae::KlWeight;
/// let warm_up = KlWeight::Linear { from: 0.0, to: 1.0, epochs: 5 };
/// assert_eq!((warm_up.at(1), warm_up.at(3), warm_up.at(9)), (0.0, 0.5, 1.0));
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
        /// How many epochs the change takes.
        epochs: usize,
    },
}

impl Default for KlWeight {
    fn default() -> Self {
        Self::Constant(1.0)
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
        }
    }

    pub(crate) fn is_valid(&self) -> bool {
        let good = |beta: f64| beta.is_finite() && beta >= 0.0;
        match *self {
            Self::Constant(beta) => good(beta),
            Self::Linear { from, to, .. } => good(from) && good(to),
        }
    }
}
