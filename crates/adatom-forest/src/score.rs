//! Scores of predicted classes and properties, the confusion matrix, and a report for each class.

mod class;
mod confusion;
mod counts;
mod property;
mod report;

use ndarray::{ArrayView1, ArrayView2};

pub use class::{Average, ClassScore};
pub use confusion::Confusion;
pub use property::PropertyScore;
pub use report::{ClassMetrics, ClassReport};

/// The class of the highest probability of every row `[n, classes]`; of equal ones the first.
///
/// ```
/// use adatom_forest::{most_probable, ndarray::array};
/// assert_eq!(most_probable(array![[0.2, 0.8], [0.5, 0.5]].view()), [1, 0]);
/// ```
#[must_use]
pub fn most_probable(probabilities: ArrayView2<'_, f64>) -> Vec<usize> {
    let first_highest = |row: ArrayView1<'_, f64>| {
        let higher = |best: usize, class: usize| if row[class] > row[best] { class } else { best };
        (1..row.len()).fold(0, higher)
    };
    probabilities.rows().into_iter().map(first_highest).collect()
}
