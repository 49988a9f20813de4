//! Conditions and labels of the samples of a training or of a batch.

use ndarray::{Array2, Axis};

use super::condition::expected;
use super::{Condition, Conditioning, VaeConfig};
use crate::error::{Error, Result};

/// What is known of samples beside their values, checked against the model.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) enum Labels {
    /// Nothing.
    #[default]
    None,
    /// A condition, `[n, width]`.
    Condition(Array2<f32>),
    /// Classes of some samples.
    Classes(Vec<Option<usize>>),
    /// Standardised targets of some samples.
    Targets(Vec<Option<f32>>),
}

impl Labels {
    /// Those of `samples` samples that all have a `condition`.
    ///
    /// # Errors
    /// [`Error::Condition`] without a condition that the model needs, or for another kind; [`Error::Shape`]
    /// for another number of samples or width, [`Error::Class`], [`Error::Value`].
    pub(crate) fn of_condition(
        config: &VaeConfig,
        condition: Option<&Condition>,
        samples: usize,
    ) -> Result<Self> {
        let Some(condition) = condition else {
            return match config.get_condition() {
                None => Ok(Self::None),
                Some(_) => Err(missing_condition(config)),
            };
        };
        let rows = condition.rows(config)?;
        check_count("the condition", rows.nrows(), samples)?;
        Ok(match (config.conditioning(), condition) {
            (Some(Conditioning::Classes(_)), Condition::Classes(of)) => {
                Self::Classes(of.iter().map(|&class| Some(class)).collect())
            }
            (Some(Conditioning::Target(_)), _) => {
                Self::Targets(rows.iter().map(|&value| Some(value)).collect())
            }
            _ => Self::Condition(rows),
        })
    }

    /// Classes of some of `samples` samples.
    ///
    /// # Errors
    /// [`Error::Setting`] for a model without classes, [`Error::Shape`] for another number, [`Error::Class`].
    pub(crate) fn of_classes(config: &VaeConfig, labels: &[Option<usize>], samples: usize) -> Result<Self> {
        let Some(classes) = config.get_classes() else {
            return Err(Error::setting("the labels", "absent in a model without classes", "labels"));
        };
        check_count("the labels", labels.len(), samples)?;
        for (sample, class) in labels.iter().enumerate() {
            if let Some(class) = *class
                && class >= classes
            {
                return Err(Error::Class { sample, class, classes });
            }
        }
        Ok(Self::Classes(labels.to_vec()))
    }

    /// Targets of some of `samples` samples.
    ///
    /// # Errors
    /// [`Error::Setting`] for a model without a target, [`Error::Shape`] for another number, [`Error::Value`]
    /// for NaN or infinity.
    pub(crate) fn of_targets(config: &VaeConfig, targets: &[Option<f32>], samples: usize) -> Result<Self> {
        let Some(prior) = config.get_target() else {
            return Err(Error::setting("the targets", "absent in a model without a target", "targets"));
        };
        check_count("the targets", targets.len(), samples)?;
        for (sample, value) in targets.iter().enumerate() {
            if let Some(value) = *value
                && !value.is_finite()
            {
                return Err(Error::Value { sample, position: 0, value, expected: "finite" });
            }
        }
        Ok(Self::Targets(targets.iter().map(|value| value.map(|value| prior.standardised(value))).collect()))
    }

    /// Those of the samples `indices`.
    pub(crate) fn of(&self, indices: &[usize]) -> Self {
        match self {
            Self::None => Self::None,
            Self::Condition(rows) => Self::Condition(rows.select(Axis(0), indices)),
            Self::Classes(of) => Self::Classes(indices.iter().map(|&index| of[index]).collect()),
            Self::Targets(of) => Self::Targets(indices.iter().map(|&index| of[index]).collect()),
        }
    }

    /// The condition alone, as for samples whose labels are not used.
    pub(crate) fn condition_only(&self) -> Self {
        match self {
            Self::Condition(rows) => Self::Condition(rows.clone()),
            _ => Self::None,
        }
    }

    /// The class of a sample, where it is known.
    pub(crate) fn class(&self, sample: usize) -> Option<usize> {
        match self {
            Self::Classes(of) => of[sample],
            _ => None,
        }
    }

    /// The standardised target of a sample, where it is known.
    pub(crate) fn target(&self, sample: usize) -> Option<f32> {
        match self {
            Self::Targets(of) => of[sample],
            _ => None,
        }
    }

    /// Kind, number and a checksum: whether a resumed training has the same labels.
    pub(crate) fn fingerprint(&self) -> Option<String> {
        match self {
            Self::None => None,
            Self::Condition(rows) => {
                let sum = checksum(rows.iter().copied());
                Some(format!("{} conditions of width {}, checksum {sum:016x}", rows.nrows(), rows.ncols()))
            }
            Self::Classes(of) => {
                let known = of.iter().flatten().count();
                let sum = checksum(of.iter().map(|class| class.map_or(-1.0, |class| class as f32)));
                Some(format!("classes of {known} of {} samples, checksum {sum:016x}", of.len()))
            }
            Self::Targets(of) => {
                let known = of.iter().flatten().count();
                let sum = checksum(of.iter().map(|value| value.unwrap_or(f32::NAN)));
                Some(format!("targets of {known} of {} samples, checksum {sum:016x}", of.len()))
            }
        }
    }
}

/// # Errors
/// [`Error::Shape`] unless there is one for each sample.
pub(crate) fn check_count(what: &'static str, found: usize, samples: usize) -> Result<()> {
    if found == samples {
        return Ok(());
    }
    Err(Error::shape(what, format!("[{samples} samples]"), format!("[{found}]")))
}

/// FNV-1a of the bytes of numbers.
pub(crate) fn checksum(values: impl Iterator<Item = f32>) -> u64 {
    let bytes = values.flat_map(f32::to_le_bytes);
    bytes.fold(0xcbf2_9ce4_8422_2325_u64, |sum, byte| (sum ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3))
}

/// The error of a model that is used without its condition.
pub(crate) fn missing_condition(config: &VaeConfig) -> Error {
    Error::Condition { expected: expected(config.conditioning()), found: "none".into() }
}
