//! Precision, recall and F1 of every class, and their means.

use std::fmt;

use super::confusion::check_codes;
use super::counts::{ClassCounts, accuracy, macro_mean, weighted_mean};
use crate::Result;

/// Precision, recall and F1 of a class, or a mean of classes.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
#[non_exhaustive]
pub struct ClassMetrics {
    /// The class, or the kind of mean.
    pub name: String,
    /// The fraction of the rows predicted to be of the class that belongs to it; 0 without such rows.
    pub precision: f64,
    /// The fraction of the rows of the class that is predicted to belong to it; 0 without such rows.
    pub recall: f64,
    /// The harmonic mean of both; 0 where both are.
    pub f1: f64,
    /// The number of rows of the class.
    pub rows: usize,
}

/// Precision, recall and F1 of every class; `to_string` gives a table.
///
/// ```
/// use adatom_forest::ClassReport;
/// let report = ClassReport::new(&["2", "4"], &[0, 0, 1, 1], &[0, 1, 1, 1])?;
/// assert_eq!((report.classes[1].precision, report.classes[1].recall), (2.0 / 3.0, 1.0));
/// assert_eq!(report.accuracy, 0.75);
/// assert!(
///     report
///         .to_string()
///         .lines()
///         .any(|line| line.starts_with('4') && line.contains("0.667   1.000   0.800"))
/// );
///
/// assert!(ClassReport::new(&["2", "4"], &[0, 0, 1, 1], &[0, 1]).is_err());
/// # Ok::<(), adatom_forest::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
#[non_exhaustive]
pub struct ClassReport {
    /// Every class, in the order of the codes.
    pub classes: Vec<ClassMetrics>,
    /// Means over the classes that occur in the truth or the predictions.
    pub macro_mean: ClassMetrics,
    /// Means weighted with the number of rows of each class.
    pub weighted_mean: ClassMetrics,
    /// The fraction of rows with the correct class.
    pub accuracy: f64,
}

impl ClassReport {
    /// From true and predicted codes, one per row; see [`most_probable`](super::most_probable) for codes of
    /// probabilities.
    ///
    /// # Errors
    /// [`Error::Length`](crate::Error::Length) when there is no row, or not as many predicted as true codes;
    /// [`Error::Value`](crate::Error::Value) when a code has no name.
    pub fn new<S: AsRef<str>>(names: &[S], truth: &[usize], predicted: &[usize]) -> Result<Self> {
        check_codes(truth, predicted, names.len())?;
        let counts = ClassCounts::of(truth, predicted, names.len());
        let class = |(name, counts): (&S, &ClassCounts)| ClassMetrics {
            name: name.as_ref().to_owned(),
            precision: counts.precision(),
            recall: counts.recall(),
            f1: counts.f1(),
            rows: counts.truth,
        };
        let mean = |name: &str, of: &dyn Fn(fn(&ClassCounts) -> f64) -> f64| ClassMetrics {
            name: name.to_owned(),
            precision: of(ClassCounts::precision),
            recall: of(ClassCounts::recall),
            f1: of(ClassCounts::f1),
            rows: truth.len(),
        };
        Ok(Self {
            classes: names.iter().zip(&counts).map(class).collect(),
            macro_mean: mean("macro mean", &|of| macro_mean(&counts, of)),
            weighted_mean: mean("weighted mean", &|of| weighted_mean(&counts, of)),
            accuracy: accuracy(truth, predicted),
        })
    }
}

impl fmt::Display for ClassReport {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let means = [&self.macro_mean, &self.weighted_mean];
        let names = self.classes.iter().chain(means).map(|class| class.name.chars().count());
        let width = names.max().unwrap_or(0);
        writeln!(out, "{:width$}  precision  recall      f1    rows", "")?;
        for class in self.classes.iter().chain(means) {
            let ClassMetrics { name, precision, recall, f1, rows } = class;
            writeln!(out, "{name:width$}  {precision:9.3}  {recall:6.3}  {f1:6.3}  {rows:6}")?;
        }
        write!(out, "accuracy {:.3}", self.accuracy)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_scikit_learns() {
        // classification_report([0, 0, 1, 1, 2, 2, 2], [0, 1, 1, 0, 2, 3, 1], digits=3) of 1.9.1 has these
        // numbers.
        let names = ["0", "1", "2", "3"];
        let report = ClassReport::new(&names, &[0, 0, 1, 1, 2, 2, 2], &[0, 1, 1, 0, 2, 3, 1]).unwrap();
        let expected = "
               precision  recall      f1    rows
0                  0.500   0.500   0.500       2
1                  0.333   0.500   0.400       2
2                  1.000   0.333   0.500       3
3                  0.000   0.000   0.000       0
macro mean         0.458   0.333   0.350       7
weighted mean      0.667   0.429   0.471       7
accuracy 0.429";
        assert_eq!(report.to_string(), expected[1..]);
    }
}
