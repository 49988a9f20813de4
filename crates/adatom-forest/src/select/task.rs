//! A learning task: the features and the target of all rows.

use adatom_core::{ClassLabels, Target, TargetView};
use ndarray::{ArrayView1, Axis};

use crate::{Error, Forest, ForestParams, Model, Result, Rows};

/// The features of all rows and their target: classes or a property.
///
/// ```
/// use adatom_forest::ClassLabels;
/// use adatom_forest::{Task, ndarray::array};
/// let features = array![[0.0], [1.0], [2.0]];
/// let classes = ClassLabels::of_names(["a", "b", "b"]);
/// let task = Task::classify(features.view(), &classes);
/// assert_eq!(task.rows(), 3);
/// ```
#[derive(Clone, Copy)]
pub struct Task<'a> {
    rows: Rows<'a>,
    target: TargetView<'a>,
}

impl<'a> Task<'a> {
    /// Prediction of classes or a property. Weights of rows are used for fitting only: scores count all rows
    /// equally.
    #[must_use]
    pub fn new(rows: impl Into<Rows<'a>>, target: impl Into<TargetView<'a>>) -> Self {
        Self { rows: rows.into(), target: target.into() }
    }

    /// Classification. Weights of rows are used for fitting only: scores count all rows equally.
    #[must_use]
    pub fn classify(rows: impl Into<Rows<'a>>, classes: &'a ClassLabels) -> Self {
        Self::new(rows, classes)
    }

    /// Regression of a property `[n]`. Weights of rows are used for fitting only: scores count all rows
    /// equally.
    #[must_use]
    pub fn regress(rows: impl Into<Rows<'a>>, values: ArrayView1<'a, f64>) -> Self {
        Self::new(rows, values)
    }

    /// The number of rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.rows.features.nrows()
    }

    /// The number of features in all rows.
    pub(super) fn size(&self) -> usize {
        self.rows.features.len()
    }

    /// Checks all rows, so that an error names the row among all rows.
    pub(super) fn check(&self) -> Result<()> {
        self.rows.check()?;
        let what = match self.target {
            TargetView::Classes(_) => "classes of rows",
            TargetView::Numbers(_) => "values of the property",
        };
        let found = self.target.len();
        if found != self.rows() {
            return Err(Error::Length { what, expected: self.rows(), found });
        }
        if let TargetView::Classes(classes) = self.target
            && let Some(row) = classes.codes.iter().position(|&code| code >= classes.names.len())
        {
            let (what, expected, found) = ("the class", "one of those named", classes.codes[row] as f64);
            return Err(Error::Value { what, row, column: None, expected, found });
        }
        Ok(())
    }

    /// The classes of all rows, if there are classes.
    pub(super) fn codes(&self) -> Option<&'a [usize]> {
        self.target.classes().map(|classes| &classes.codes[..])
    }

    /// The number of values of a prediction.
    pub(super) fn outputs(&self) -> usize {
        self.target.outputs()
    }

    /// Fits a forest to some rows; calls `watch` after every tree.
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
        let model = params.fit(rows, &self.target.select(train));
        model.map(Model::into_forest).map_err(|error| match error {
            // The row is counted among the training rows.
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

    /// The target of some rows.
    pub(super) fn target(&self, rows: &[usize]) -> Target {
        self.target.select(rows)
    }

    /// The predictions that agree with the target of some rows.
    pub(super) fn perfect_predictions(&self, rows: &[usize]) -> ndarray::Array2<f64> {
        let mut predictions = ndarray::Array2::zeros((rows.len(), self.outputs()));
        for (&row, mut prediction) in rows.iter().zip(predictions.rows_mut()) {
            match self.target {
                TargetView::Classes(classes) => prediction[classes.codes[row]] = 1.0,
                TargetView::Numbers(values) => prediction[0] = values[row],
            }
        }
        predictions
    }
}
