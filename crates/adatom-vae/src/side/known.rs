//! What is known of the samples of a training or of a batch.

use ndarray::{Array2, Axis};

use super::condition::expected;
use crate::{Condition, Error, Result, VaeConfig};

/// What is known of some samples, checked against the model.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) enum Known {
    /// Nothing.
    #[default]
    Nothing,
    /// A condition, `[n, width]`.
    Condition(Array2<f32>),
}

impl Known {
    /// What `condition` tells a model of `samples` samples.
    ///
    /// # Errors
    /// [`Error::Condition`] without a condition that the model needs, or for another kind; [`Error::Shape`] for another
    /// number of samples or width, [`Error::Class`], [`Error::Value`].
    pub(crate) fn new(config: &VaeConfig, condition: Option<&Condition>, samples: usize) -> Result<Self> {
        let Some(condition) = condition else {
            return match config.condition_kind() {
                None => Ok(Self::Nothing),
                Some(_) => Err(no_condition(config)),
            };
        };
        let rows = condition.rows(config)?;
        if rows.nrows() != samples {
            let expected = format!("that of {samples} samples");
            return Err(Error::Shape { what: "the condition", expected, found: rows.nrows().to_string() });
        }
        Ok(Self::Condition(rows))
    }

    /// What is known of the samples `indices`.
    pub(crate) fn of(&self, indices: &[usize]) -> Self {
        match self {
            Self::Nothing => Self::Nothing,
            Self::Condition(rows) => Self::Condition(rows.select(Axis(0), indices)),
        }
    }
}

impl Known {
    /// In short, to tell whether a training goes on with what it knew before.
    pub(crate) fn fingerprint(&self) -> Option<String> {
        match self {
            Self::Nothing => None,
            Self::Condition(rows) => {
                let sum = checksum(rows.iter().copied());
                Some(format!("{} conditions of width {}, checksum {sum:016x}", rows.nrows(), rows.ncols()))
            }
        }
    }
}

/// FNV-1a of the bytes of numbers.
pub(crate) fn checksum(values: impl Iterator<Item = f32>) -> u64 {
    let bytes = values.flat_map(f32::to_le_bytes);
    bytes.fold(0xcbf2_9ce4_8422_2325_u64, |sum, byte| (sum ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3))
}

/// A model was used without what it must be told.
pub(crate) fn no_condition(config: &VaeConfig) -> Error {
    Error::Condition { expected: expected(config.side()), found: "none".into() }
}
