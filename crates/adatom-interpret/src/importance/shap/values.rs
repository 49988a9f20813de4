//! Shapley values of rows.

use adatom_core::FeatureColumn;
use ndarray::{Array1, Array2, Array3, ArrayView3, Axis};

use crate::importance::error::{Result, at_least, exactly};
use crate::importance::feature_importance::FeatureImportance;

/// Shapley values `[n, players, outputs]` and their base; players are columns or groups of columns.
///
/// An example is at [`TreeShap`](crate::TreeShap).
#[derive(Debug, Clone, PartialEq)]
pub struct ShapValues {
    base: Array1<f64>,
    values: Array3<f64>,
}

impl ShapValues {
    pub(crate) fn new(base: Array1<f64>, values: Array3<f64>) -> Self {
        Self { base, values }
    }

    /// The prediction of the empty coalition `[outputs]`.
    #[must_use]
    pub fn base(&self) -> &[f64] {
        self.base.as_slice().expect("it is one piece")
    }

    /// The contribution of each player to the prediction, `[n, players, outputs]`, in the unit of the
    /// prediction.
    #[must_use]
    pub fn values(&self) -> ArrayView3<'_, f64> {
        self.values.view()
    }

    /// The predictions base + Σ values `[n, outputs]`.
    #[must_use]
    pub fn predictions(&self) -> Array2<f64> {
        self.values.sum_axis(Axis(1)) + &self.base
    }

    /// Mean of |value| of every column for one output. Every row is a repeat, so that the spread is that over
    /// rows.
    ///
    /// # Errors
    /// [`ImportanceError::TooFew`](crate::ImportanceError::TooFew) for an output that does not exist;
    /// [`ImportanceError::Length`](crate::ImportanceError::Length) unless there is one column for each
    /// player.
    pub fn importance(&self, columns: &[FeatureColumn], output: usize) -> Result<FeatureImportance> {
        exactly("columns", self.values.len_of(Axis(1)), columns.len())?;
        at_least("outputs", output.saturating_add(1), self.values.len_of(Axis(2)))?;
        FeatureImportance::new(columns.to_vec(), self.values.index_axis(Axis(2), output).mapv(f64::abs))
    }
}
