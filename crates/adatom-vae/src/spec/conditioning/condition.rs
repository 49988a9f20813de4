//! A condition: numbers or a class, given for every sample.

use std::fmt;

use ndarray::{Array2, ArrayView2};
use serde::{Deserialize, Serialize};

use super::{Conditioning, VaeConfig};
use crate::error::{Error, Result};

/// The condition that a conditional model takes of every sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ConditionKind {
    /// Numbers, best of order one.
    Values {
        /// Numbers of a sample.
        width: usize,
    },
    /// A class.
    Classes {
        /// Number of classes, at least 2.
        classes: usize,
    },
}

impl ConditionKind {
    /// Numbers that represent it in the networks.
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

    /// Number of samples.
    pub fn len(&self) -> usize {
        match self {
            Self::Values(rows) => rows.nrows(),
            Self::Classes(classes) => classes.len(),
        }
    }

    /// Whether there are no samples.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The numbers that enter the networks of `config`, `[n, width]`.
    ///
    /// # Errors
    /// [`Error::Condition`] for another kind than the model has, [`Error::Shape`] for another width,
    /// [`Error::Class`] for a class that the model does not have, [`Error::Value`] for NaN or infinity.
    pub(crate) fn rows(&self, config: &VaeConfig) -> Result<Array2<f32>> {
        use Conditioning::{Classes, Condition, Target};
        match (config.conditioning(), self) {
            (Some(Condition(ConditionKind::Values { .. }) | Target(_)), Self::Values(rows)) => {
                let width = config.conditioning().map_or(0, Conditioning::width);
                finite_rows(rows, width)?;
                Ok(match config.get_target() {
                    Some(target) => rows.mapv(|value| target.standardised(value)),
                    None => rows.clone(),
                })
            }
            (Some(Condition(ConditionKind::Classes { classes }) | Classes(classes)), Self::Classes(of)) => {
                one_hot(of, classes)
            }
            (conditioning, _) => {
                Err(Error::Condition { expected: expected(conditioning), found: self.to_string() })
            }
        }
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Values(rows) => write!(f, "values of width {}", rows.ncols()),
            Self::Classes(_) => f.write_str("classes"),
        }
    }
}

/// The condition that a model takes, in words.
pub(super) fn expected(conditioning: Option<Conditioning>) -> String {
    match conditioning {
        None => "absent in a model without one".into(),
        Some(Conditioning::Condition(ConditionKind::Values { width })) => format!("values of width {width}"),
        Some(
            Conditioning::Condition(ConditionKind::Classes { classes }) | Conditioning::Classes(classes),
        ) => {
            format!("one of {classes} classes")
        }
        Some(Conditioning::Target(_)) => "values of width 1".into(),
    }
}

/// # Errors
/// [`Error::Shape`] unless `rows` is `[n, width]`, [`Error::Value`] for NaN or infinity.
fn finite_rows(rows: &Array2<f32>, width: usize) -> Result<()> {
    if rows.ncols() != width {
        let expected = format!("[samples, {width}]");
        return Err(Error::shape("the condition", expected, format!("{:?}", rows.shape())));
    }
    for (sample, row) in rows.rows().into_iter().enumerate() {
        if let Some(position) = row.iter().position(|value| !value.is_finite()) {
            return Err(Error::Value { sample, position, value: row[position], expected: "finite" });
        }
    }
    Ok(())
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
