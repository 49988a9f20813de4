//! Confusion matrices.

use ndarray::{Array2, ArrayView2};

use super::most_probable;
use crate::{Error, Result};

/// The confusion matrix: counts of rows by true class (row) and predicted class (column).
///
/// ```
/// use adatom_forest::{Confusion, ndarray::array};
/// let confusion = Confusion::new(&["2", "4"], &[0, 0, 1], &[0, 1, 1])?;
/// assert_eq!(confusion.counts, array![[1, 1], [0, 1]]);
/// assert_eq!(confusion.fractions(), array![[0.5, 0.5], [0.0, 1.0]]);
///
/// let error = Confusion::new(&["2", "4"], &[0, 2], &[0, 1]).unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "the class of row 1 must be a code below the number of classes, found 2"
/// );
/// # Ok::<(), adatom_forest::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Confusion {
    /// Names of the classes, in the order of their codes.
    pub names: Vec<String>,
    /// Numbers of rows, `[truth, predicted]`.
    pub counts: Array2<usize>,
}

/// The largest number of classes, because the memory grows with its square.
const MOST_CLASSES: usize = 1000;

/// Whether there are rows, as many true as predicted classes, and all codes are below `classes`.
pub(super) fn check_codes(truth: &[usize], predicted: &[usize], classes: usize) -> Result<()> {
    if truth.is_empty() {
        return Err(Error::TooFew { what: "row", least: 1, found: 0 });
    }
    if truth.len() != predicted.len() {
        let (expected, found) = (truth.len(), predicted.len());
        return Err(Error::Length { what: "predicted classes", expected, found });
    }
    let pairs = truth.iter().zip(predicted).map(|(&truth, &predicted)| truth.max(predicted));
    match pairs.enumerate().find(|&(_, code)| code >= classes) {
        Some((row, code)) => Err(Error::Value {
            what: "the class",
            row,
            column: None,
            expected: "a code below the number of classes",
            found: code as f64,
        }),
        None => Ok(()),
    }
}

impl Confusion {
    /// From true and predicted codes, one per row.
    ///
    /// # Errors
    /// [`Error::TooFew`] when there is no row; [`Error::Length`] when there are not as many predicted as true
    /// codes; [`Error::TooMany`] when there are more than 1000 classes; [`Error::Value`] when a code has no
    /// name.
    pub fn new<S: AsRef<str>>(names: &[S], truth: &[usize], predicted: &[usize]) -> Result<Self> {
        check_codes(truth, predicted, names.len())?;
        if names.len() > MOST_CLASSES {
            let (what, found) = ("names of classes", names.len());
            return Err(Error::TooMany { what, most: MOST_CLASSES, found });
        }
        let mut counts = Array2::zeros((names.len(), names.len()));
        truth.iter().zip(predicted).for_each(|(&truth, &predicted)| counts[[truth, predicted]] += 1);
        Ok(Self { names: names.iter().map(|name| name.as_ref().to_owned()).collect(), counts })
    }

    /// From true codes and the most probable classes of probabilities `[n, classes]`.
    ///
    /// # Errors
    /// As for [`new`](Self::new).
    pub fn of_probabilities<S: AsRef<str>>(
        names: &[S],
        truth: &[usize],
        probabilities: ArrayView2<'_, f64>,
    ) -> Result<Self> {
        Self::new(names, truth, &most_probable(probabilities))
    }

    /// The fraction of each true class (row) that was predicted to be each class (column); zeros for a class
    /// without rows.
    #[must_use]
    pub fn fractions(&self) -> Array2<f64> {
        let mut fractions = self.counts.mapv(|count| count as f64);
        for mut row in fractions.rows_mut() {
            let sum = row.sum();
            row.mapv_inplace(|count| if sum > 0.0 { count / sum } else { 0.0 });
        }
        fractions
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_counted_is_refused() {
        let names = vec!["a"; 100_000];
        let message = |result: Result<Confusion>| result.unwrap_err().to_string();
        assert_eq!(
            message(Confusion::new(&names, &[0], &[99_999])),
            "expected at most 1000 names of classes, found 100000"
        );
        assert_eq!(message(Confusion::new(&names, &[], &[])), "expected at least 1 row, found 0");
        assert_eq!(message(Confusion::new(&names, &[0], &[])), "expected 1 predicted classes, found 0");
    }
}
