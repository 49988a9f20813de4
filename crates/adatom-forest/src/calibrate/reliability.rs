//! The reliability curve: observed frequency against predicted probability.

use ndarray::ArrayView2;

use super::check;
use crate::{Error, Result};

/// The largest number of bins of a curve.
const MOST_BINS: usize = 1000;

/// Rows of about the same probability.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
#[non_exhaustive]
pub struct ReliabilityBin {
    /// The mean of their probabilities.
    pub predicted: f64,
    /// The fraction of them that belongs to the class.
    pub observed: f64,
    /// The number of rows, at least 1.
    pub rows: usize,
}

/// Observed frequencies against predicted probabilities, in bins of equal width; of a calibrated model they
/// are equal.
///
/// ```
/// use adatom_forest::{ReliabilityCurve, ndarray::array};
/// let probabilities = array![[0.9, 0.1], [0.7, 0.3], [0.2, 0.8], [0.2, 0.8]];
/// let curve = ReliabilityCurve::of_class(probabilities.view(), &[0, 1, 1, 1], 1)?;
/// let points: Vec<_> =
///     curve.bins(2)?.iter().map(|bin| (bin.predicted, bin.observed, bin.rows)).collect();
/// assert_eq!(points, [(0.2, 0.5, 2), (0.8, 1.0, 2)]);
/// assert!((curve.calibration_error(2)? - 0.25).abs() < 1e-12);
///
/// let error = curve.bins(0).unwrap_err();
/// assert_eq!(error.to_string(), "bins must be between 1 and 1000, found 0");
/// # Ok::<(), adatom_forest::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct ReliabilityCurve {
    /// Probability and outcome of every row.
    rows: Vec<(f64, bool)>,
}

impl ReliabilityCurve {
    /// Of one class against the others, from probabilities `[n, classes]` and true codes `[n]`.
    ///
    /// # Errors
    /// [`Error::Length`] when there are not as many codes as rows, or no column for the class;
    /// [`Error::Value`] when a probability is not between 0 and 1, or a code has no column.
    pub fn of_class(probabilities: ArrayView2<'_, f64>, codes: &[usize], class: usize) -> Result<Self> {
        check(probabilities, codes)?;
        if class >= probabilities.ncols() {
            let found = probabilities.ncols();
            return Err(Error::TooFew { what: "columns of probabilities", least: class + 1, found });
        }
        let column = probabilities.column(class);
        Ok(Self { rows: column.iter().zip(codes).map(|(&p, &code)| (p, code == class)).collect() })
    }

    /// Of the most probable class of each row, whichever it is.
    ///
    /// # Errors
    /// As for [`of_class`](Self::of_class).
    pub fn of_predicted(probabilities: ArrayView2<'_, f64>, codes: &[usize]) -> Result<Self> {
        check(probabilities, codes)?;
        let predicted = crate::most_probable(probabilities);
        let row = |(row, (&predicted, &code))| (probabilities[[row, predicted]], predicted == code);
        Ok(Self { rows: predicted.iter().zip(codes).enumerate().map(row).collect() })
    }

    /// The points of the curve in bins ](k-1)/bins, k/bins], 0 in the first; bins without a row are left out.
    ///
    /// # Errors
    /// [`Error::Parameter`] when `bins` is 0 or more than 1000.
    pub fn bins(&self, bins: usize) -> Result<Vec<ReliabilityBin>> {
        if !(1..=MOST_BINS).contains(&bins) {
            let (parameter, expected) = ("bins", "between 1 and 1000");
            return Err(Error::Parameter { parameter, expected, found: bins.to_string() });
        }
        let mut sums = vec![(0.0, 0usize, 0usize); bins];
        let edges: Vec<f64> = (1..bins).map(|edge| edge as f64 / bins as f64).collect();
        for &(probability, occurred) in &self.rows {
            let bin = &mut sums[edges.partition_point(|&edge| edge < probability)];
            *bin = (bin.0 + probability, bin.1 + usize::from(occurred), bin.2 + 1);
        }
        let point = |(sum, occurred, rows): (f64, usize, usize)| ReliabilityBin {
            predicted: sum / rows as f64,
            observed: occurred as f64 / rows as f64,
            rows,
        };
        Ok(sums.into_iter().filter(|bin| bin.2 > 0).map(point).collect())
    }

    /// The expected calibration error: mean over the rows of |predicted - observed| of their bin (Naeini et
    /// al. 2015).
    ///
    /// It is 0 when there is no row.
    ///
    /// # Errors
    /// As for [`bins`](Self::bins).
    pub fn calibration_error(&self, bins: usize) -> Result<f64> {
        let error = |bin: &ReliabilityBin| bin.rows as f64 * (bin.predicted - bin.observed).abs();
        let sum: f64 = self.bins(bins)?.iter().map(error).sum();
        Ok(sum / self.rows.len().max(1) as f64)
    }
}

#[cfg(test)]
mod tests {
    use ndarray::{Array2, array};

    use super::*;

    #[test]
    fn the_curve_is_that_of_scikit_learn() {
        let p = [0.1, 0.2, 0.2, 0.35, 0.5, 0.5, 0.6, 0.7, 0.8, 0.95];
        let codes = [0, 0, 1, 0, 1, 0, 1, 1, 0, 1];
        let probabilities = Array2::from_shape_fn((10, 2), |(row, class)| [1.0 - p[row], p[row]][class]);
        let curve = ReliabilityCurve::of_class(probabilities.view(), &codes, 1).unwrap();
        // calibration_curve(y, p, n_bins=4) of 1.9.1: observed 1/3, 1/3, 1, 1/2; predicted .1667, .45, .65,
        // .875.
        let expected = [(1.0 / 3.0, 0.5 / 3.0), (1.0 / 3.0, 0.45), (1.0, 0.65), (0.5, 0.875)];
        for (bin, (observed, predicted)) in curve.bins(4).unwrap().iter().zip(expected) {
            assert!((bin.observed - observed).abs() < 1e-15 && (bin.predicted - predicted).abs() < 1e-15);
        }
    }

    #[test]
    fn the_most_probable_class_is_compared_whichever_it_is() {
        let probabilities = array![[0.6, 0.3, 0.1], [0.1, 0.1, 0.8]];
        let curve = ReliabilityCurve::of_predicted(probabilities.view(), &[0, 1]).unwrap();
        let points: Vec<_> = curve.bins(5).unwrap().iter().map(|bin| (bin.predicted, bin.observed)).collect();
        assert_eq!(points, [(0.6, 1.0), (0.8, 0.0)]);
        let error = ReliabilityCurve::of_class(probabilities.view(), &[0, 1], 3).unwrap_err();
        assert_eq!(error.to_string(), "expected at least 4 columns of probabilities, found 3");
    }
}
