//! The rows that a forest is fitted to.

use ndarray::ArrayView2;

use crate::{Error, Result};

/// Features `[n, p]` of training rows, with optional weights and an observer.
///
/// ```
/// use adatom_forest::ndarray::array;
/// use adatom_forest::{RandomForest, Rows};
/// let features = array![[0.0], [1.0], [2.0], [3.0]];
/// let values = array![0.0, 0.0, 5.0, 5.0];
/// let rows = Rows::from(features.view()).weighted(&[1.0, 1.0, 1.0, 2.0]);
/// let model = RandomForest::params().trees(20).fit_regressor(rows, values.view())?;
/// assert!(model.predict(array![[3.0]].view())?[0] > 2.5);
/// # Ok::<(), adatom_forest::Error>(())
/// ```
#[derive(Clone, Copy)]
pub struct Rows<'a> {
    pub(crate) features: ArrayView2<'a, f64>,
    pub(crate) weights: Option<&'a [f64]>,
    pub(crate) watch: Option<&'a (dyn Fn(usize) + Sync)>,
}

impl<'a> From<ArrayView2<'a, f64>> for Rows<'a> {
    fn from(features: ArrayView2<'a, f64>) -> Self {
        Self { features, weights: None, watch: None }
    }
}

impl<'a> From<&'a adatom_core::FeatureTable> for Rows<'a> {
    fn from(table: &'a adatom_core::FeatureTable) -> Self {
        Self::from(table.features())
    }
}

impl<'a> Rows<'a> {
    /// The weights of the rows `[n]`, not negative: a row of weight 2 counts as two rows, one of weight 0 as
    /// none.
    #[must_use]
    pub fn weighted(mut self, weights: &'a [f64]) -> Self {
        self.weights = Some(weights);
        self
    }

    /// The features `[n, p]`.
    #[must_use]
    pub fn features(&self) -> ArrayView2<'a, f64> {
        self.features
    }

    /// Calls `watch` with 1 after each tree, from any thread.
    #[must_use]
    pub fn watched(mut self, watch: &'a (dyn Fn(usize) + Sync)) -> Self {
        self.watch = Some(watch);
        self
    }

    /// Checks that there are rows and columns, and that features and weights are in range.
    pub(crate) fn check(&self) -> Result<()> {
        let (rows, columns) = self.features.dim();
        for (what, found) in [("row", rows), ("column of features", columns)] {
            if found == 0 {
                return Err(Error::TooFew { what, least: 1, found });
            }
        }
        for (what, found) in [("rows", rows), ("columns of features", columns)] {
            if found >= MOST {
                return Err(Error::TooMany { what, most: MOST - 1, found });
            }
        }
        finite(self.features)?;
        let Some(weights) = self.weights else { return Ok(()) };
        if weights.len() != rows {
            return Err(Error::Length { what: "weights", expected: rows, found: weights.len() });
        }
        let wrong = |weight: &f64| !(weight.is_finite() && *weight >= 0.0);
        if let Some(row) = weights.iter().position(wrong) {
            let (what, expected, found) = ("the weight", "a number that is not negative", weights[row]);
            return Err(Error::Value { what, row, column: None, expected, found });
        }
        let far = |weight: &f64| *weight > 0.0 && !(1.0 / LARGEST..=LARGEST).contains(weight);
        if let Some(row) = weights.iter().position(far) {
            let (what, expected, found) = ("the weight", "0, or between 1e-90 and 1e90", weights[row]);
            return Err(Error::Value { what, row, column: None, expected, found });
        }
        if !weights.iter().any(|&weight| weight > 0.0) {
            return Err(Error::Parameter {
                parameter: "a weight",
                expected: "above 0",
                found: "none".into(),
            });
        }
        Ok(())
    }
}

/// Indices of rows and columns are stored in 31 bits.
pub(crate) const MOST: usize = i32::MAX as usize;

/// Weights and properties up to this have finite sums of squares, whatever the number of rows.
pub(crate) const LARGEST: f64 = 1e90;

/// Checks that all features are finite.
pub(crate) fn finite(features: ArrayView2<'_, f64>) -> Result<()> {
    // A sum is finite only where all are, and quick; overflow of finite numbers is looked at again.
    if features.sum().is_finite() {
        return Ok(());
    }
    match features.indexed_iter().find(|(_, value)| !value.is_finite()) {
        None => Ok(()),
        Some(((row, column), &found)) => {
            let (what, expected) = ("the feature", "a finite number");
            Err(Error::Value { what, row, column: Some(column), expected, found })
        }
    }
}
