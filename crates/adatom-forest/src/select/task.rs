//! What is to be learned, of all rows.

use adatom_core::{ClassLabels, Truth};
use ndarray::{ArrayView1, Axis};

use crate::{Error, Forest, ForestParams, Result, Rows};

/// All rows with what is true of them: classes or a property.
///
/// ```
/// use adatom_core::ClassLabels;
/// use adatom_forest::{Task, ndarray::array};
/// let features = array![[0.0], [1.0], [2.0]];
/// let classes = ClassLabels::of_names(["a", "b", "b"]);
/// let task = Task::classify(features.view(), &classes);
/// assert_eq!(task.rows(), 3);
/// ```
#[derive(Clone, Copy)]
pub struct Task<'a> {
    rows: Rows<'a>,
    target: Target<'a>,
}

#[derive(Debug, Clone, Copy)]
enum Target<'a> {
    Classes(&'a ClassLabels),
    Values(ArrayView1<'a, f64>),
}

impl<'a> Task<'a> {
    /// Tell classes apart. Weights of rows are for learning only: scores count all rows alike.
    #[must_use]
    pub fn classify(rows: impl Into<Rows<'a>>, classes: &'a ClassLabels) -> Self {
        Self { rows: rows.into(), target: Target::Classes(classes) }
    }

    /// Predict a property `[n]`. Weights of rows are for learning only: scores count all rows alike.
    #[must_use]
    pub fn regress(rows: impl Into<Rows<'a>>, values: ArrayView1<'a, f64>) -> Self {
        Self { rows: rows.into(), target: Target::Values(values) }
    }

    /// How many rows there are.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.rows.features.nrows()
    }

    /// How many numbers all features are.
    pub(super) fn size(&self) -> usize {
        self.rows.features.len()
    }

    /// Whether all rows can be used, so that faults are named by the row among all.
    pub(super) fn check(&self) -> Result<()> {
        self.rows.check()?;
        let (what, found) = match self.target {
            Target::Classes(classes) => ("classes of rows", classes.codes.len()),
            Target::Values(values) => ("values of the property", values.len()),
        };
        if found != self.rows() {
            return Err(Error::Length { what, expected: self.rows(), found });
        }
        if let Target::Classes(classes) = self.target
            && let Some(row) = classes.codes.iter().position(|&code| code >= classes.names.len())
        {
            let (what, expected, found) = ("the class", "one of those named", classes.codes[row] as f64);
            return Err(Error::Value { what, row, column: None, expected, found });
        }
        Ok(())
    }

    /// The classes of all rows, if there are classes.
    pub(super) fn codes(&self) -> Option<&'a [usize]> {
        match self.target {
            Target::Classes(classes) => Some(&classes.codes),
            Target::Values(_) => None,
        }
    }

    /// How many numbers an answer has.
    pub(super) fn outputs(&self) -> usize {
        match self.target {
            Target::Classes(classes) => classes.names.len(),
            Target::Values(_) => 1,
        }
    }

    /// Learns from some rows; calls `watch` after every tree.
    pub(super) fn fit(
        &self,
        params: &ForestParams,
        train: &[usize],
        watch: &(dyn Fn(usize) + Sync),
    ) -> Result<Forest> {
        let features = self.rows.features.select(Axis(0), train);
        let weights: Option<Vec<f64>> =
            self.rows.weights.map(|weights| train.iter().map(|&row| weights[row]).collect());
        let mut rows = Rows::from(features.view()).watched(watch);
        if let Some(weights) = &weights {
            rows = rows.weighted(weights);
        }
        let forest = match self.target {
            Target::Classes(classes) => {
                params.fit_classifier(rows, &classes.select(train)).map(|model| model.forest)
            }
            Target::Values(values) => {
                params.fit_regressor(rows, values.select(Axis(0), train).view()).map(|model| model.forest)
            }
        };
        forest.map_err(|error| match error {
            // The row is counted among those learned from.
            Error::Value { what, row, column, expected, found } => {
                Error::Value { what, row: train[row], column, expected, found }
            }
            other => other,
        })
    }

    /// The features of some rows.
    pub(super) fn features(&self, rows: &[usize]) -> ndarray::Array2<f64> {
        self.rows.features.select(Axis(0), rows)
    }

    /// Calls `with` with what is true of some rows.
    pub(super) fn with_truth<T>(&self, rows: &[usize], with: impl FnOnce(Truth<'_>) -> T) -> T {
        match self.target {
            Target::Classes(classes) => {
                let codes: Vec<usize> = rows.iter().map(|&row| classes.codes[row]).collect();
                with(Truth::Classes(&codes))
            }
            Target::Values(values) => with(Truth::Numbers(values.select(Axis(0), rows).view())),
        }
    }

    /// The answers that are right for some rows.
    pub(super) fn right_answers(&self, rows: &[usize]) -> ndarray::Array2<f64> {
        let mut answers = ndarray::Array2::zeros((rows.len(), self.outputs()));
        for (&row, mut answer) in rows.iter().zip(answers.rows_mut()) {
            match self.target {
                Target::Classes(classes) => answer[classes.codes[row]] = 1.0,
                Target::Values(values) => answer[0] = values[row],
            }
        }
        answers
    }
}
