//! A condition: numbers or a class, known of every sample.

use ndarray::{Array2, ArrayView2};
use serde::{Deserialize, Serialize};

use super::Side;
use crate::error::{Error, Result};
use crate::spec::VaeConfig;

/// What a conditional model is told of every sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ConditionKind {
    /// So many numbers, best of order one.
    Values {
        /// Numbers of a sample.
        width: usize,
    },
    /// One of so many classes.
    Classes {
        /// How many classes there are, at least 2.
        classes: usize,
    },
}

impl ConditionKind {
    /// Numbers that stand for it in the networks.
    pub(crate) fn width(self) -> usize {
        match self {
            Self::Values { width } => width,
            Self::Classes { classes } => classes,
        }
    }
}

/// The conditions of n samples, in their order.
///
/// ```
/// use adatom_vae::{Condition, ndarray::arr2};
/// assert_eq!(Condition::classes(&[2, 0, 1]).len(), 3);
/// assert_eq!(Condition::values(arr2(&[[0.1, 0.2], [0.3, 0.4]]).view()).len(), 2);
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Condition {
    /// Numbers, `[n, width]`.
    Values(Array2<f32>),
    /// Classes from 0, `[n]`.
    Classes(Vec<usize>),
}

impl Condition {
    /// Numbers, `[n, width]`.
    pub fn values(rows: ArrayView2<'_, f32>) -> Self {
        Self::Values(rows.to_owned())
    }

    /// Classes from 0, `[n]`.
    pub fn classes(classes: &[usize]) -> Self {
        Self::Classes(classes.to_vec())
    }

    /// Of how many samples.
    pub fn len(&self) -> usize {
        match self {
            Self::Values(rows) => rows.nrows(),
            Self::Classes(classes) => classes.len(),
        }
    }

    /// Whether it is of no sample.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The numbers that enter the networks of `config`, `[n, width]`.
    ///
    /// # Errors
    /// [`Error::Condition`] for another kind than the model has, [`Error::Shape`] for another width, [`Error::Class`] for
    /// a class that the model does not have, [`Error::Value`] for NaN or infinity.
    pub(crate) fn rows(&self, config: &VaeConfig) -> Result<Array2<f32>> {
        match (config.side(), self) {
            (Some(Side::Condition(ConditionKind::Values { .. }) | Side::Target(_)), Self::Values(rows)) => {
                let width = config.side().map_or(0, Side::width);
                if rows.ncols() != width {
                    let (expected, found) = (format!("[n, {width}]"), format!("{:?}", rows.shape()));
                    return Err(Error::Shape { what: "the condition", expected, found });
                }
                for (sample, row) in rows.rows().into_iter().enumerate() {
                    if let Some(position) = row.iter().position(|value| !value.is_finite()) {
                        let value = row[position];
                        return Err(Error::Value { sample, position, value, expected: "finite" });
                    }
                }
                Ok(match config.get_target() {
                    Some(target) => rows.mapv(|value| target.standardised(value)),
                    None => rows.clone(),
                })
            }
            (
                Some(Side::Condition(ConditionKind::Classes { classes }) | Side::Classes(classes)),
                Self::Classes(of),
            ) => one_hot(of, classes),
            (side, _) => Err(Error::Condition { expected: expected(side), found: self.to_string() }),
        }
    }
}

impl std::fmt::Display for Condition {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Values(rows) => write!(f, "values of width {}", rows.ncols()),
            Self::Classes(_) => f.write_str("classes"),
        }
    }
}

/// What a model wants to be told, in words.
pub(super) fn expected(side: Option<Side>) -> String {
    match side {
        None => "absent in a model without one".into(),
        Some(Side::Condition(ConditionKind::Values { width })) => format!("values of width {width}"),
        Some(Side::Condition(ConditionKind::Classes { classes }) | Side::Classes(classes)) => {
            format!("one of {classes} classes")
        }
        Some(Side::Target(_)) => "values of width 1".into(),
    }
}

/// # Errors
/// [`Error::Class`] for a class that is not below `classes`.
fn one_hot(of: &[usize], classes: usize) -> Result<Array2<f32>> {
    let mut rows = Array2::zeros((of.len(), classes));
    for (sample, &class) in of.iter().enumerate() {
        if class >= classes {
            return Err(Error::Class { sample, class, classes });
        }
        rows[[sample, class]] = 1.0;
    }
    Ok(rows)
}
