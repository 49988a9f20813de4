//! Fitted models and scores of their predictions.

use ndarray::{Array2, ArrayView2};

use crate::TargetView;

/// A fitted model of any kind: rows of features in, predictions out.
///
/// The prediction of classes is a probability for each class; the prediction of properties is a value for
/// each.
///
/// ```
/// use adatom_core::{
///     FittedModel,
///     ndarray::{Array2, ArrayView2, Axis, array},
/// };
///
/// /// The sum of all columns.
/// struct Sum(usize);
/// impl FittedModel for Sum {
///     fn features(&self) -> usize {
///         self.0
///     }
///     fn outputs(&self) -> usize {
///         1
///     }
///     fn evaluate(&self, rows: ArrayView2<'_, f64>) -> Array2<f64> {
///         rows.sum_axis(Axis(1)).insert_axis(Axis(1))
///     }
/// }
/// assert_eq!(Sum(2).evaluate(array![[1.0, 2.0], [3.0, 4.0]].view()), array![[3.0], [7.0]]);
/// ```
pub trait FittedModel: Sync {
    /// The number of columns of rows.
    fn features(&self) -> usize;

    /// The number of values of a prediction.
    fn outputs(&self) -> usize;

    /// Predictions `[n, outputs]` for rows `[n, features]`.
    fn evaluate(&self, rows: ArrayView2<'_, f64>) -> Array2<f64>;
}

/// Whether higher or lower scores are better.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Better {
    /// Such as accuracy.
    Higher,
    /// Such as an error.
    Lower,
}

/// A measure of the agreement of predictions with the target.
pub trait Score: Sync {
    /// The name in tables and files, such as `weighted_f1`.
    fn name(&self) -> &str;

    /// Whether higher or lower scores are better.
    fn better(&self) -> Better;

    /// The score of predictions `[n, outputs]` (see [`FittedModel`]); `None` where it is not defined: no row,
    /// another kind of target, different numbers of rows, R² of a constant.
    fn score(&self, target: TargetView<'_>, predictions: ArrayView2<'_, f64>) -> Option<f64>;
}
