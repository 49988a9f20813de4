//! A forest that tells classes apart.

use adatom_core::{FeatureTable, FittedModel};
use ndarray::{Array2, ArrayView1, ArrayView2};

use crate::{Error, Forest, Result};

/// A fitted forest that tells classes apart; [`ForestParams::fit_classifier`](crate::ForestParams::fit_classifier).
#[derive(Debug, Clone, PartialEq)]
pub struct Classifier {
    pub(crate) forest: Forest,
    pub(crate) classes: Vec<String>,
}

/// The most probable of several; of equally probable ones the first.
pub(crate) fn most_probable(probabilities: ArrayView1<'_, f64>) -> usize {
    let mut best = 0;
    for (class, &probability) in probabilities.iter().enumerate() {
        if probability > probabilities[best] {
            best = class;
        }
    }
    best
}

impl Classifier {
    pub(crate) fn new(forest: Forest, classes: Vec<String>) -> Self {
        Self { forest, classes }
    }

    /// A classifier of a forest from elsewhere, whose leaves hold one probability a class.
    ///
    /// # Errors
    /// [`Error::Length`] when there are not as many names as numbers in an answer.
    pub fn from_forest(forest: Forest, classes: Vec<String>) -> Result<Self> {
        if forest.outputs != classes.len() {
            let (what, expected, found) = ("names of classes", forest.outputs, classes.len());
            return Err(Error::Length { what, expected, found });
        }
        Ok(Self { forest, classes })
    }

    /// The trees.
    #[must_use]
    pub fn forest(&self) -> &Forest {
        &self.forest
    }

    /// Names of the classes, in the order of their codes.
    #[must_use]
    pub fn classes(&self) -> &[String] {
        &self.classes
    }

    /// Probabilities of the classes `[n, classes]`: means of the leaves' shares.
    ///
    /// # Errors
    /// [`Error::Length`] when rows have another number of columns; [`Error::Value`] when a feature is not finite.
    pub fn probabilities(&self, features: ArrayView2<'_, f64>) -> Result<Array2<f64>> {
        self.forest.predict(features)
    }

    /// Codes `[n]` of the most probable classes; of equally probable ones the first.
    ///
    /// # Errors
    /// As [`probabilities`](Self::probabilities).
    pub fn predict(&self, features: ArrayView2<'_, f64>) -> Result<Vec<usize>> {
        Ok(self.probabilities(features)?.rows().into_iter().map(most_probable).collect())
    }

    /// Names `[n]` of the most probable classes.
    ///
    /// # Errors
    /// As [`probabilities`](Self::probabilities).
    pub fn predict_names(&self, features: ArrayView2<'_, f64>) -> Result<Vec<&str>> {
        Ok(self.predict(features)?.into_iter().map(|code| self.classes[code].as_str()).collect())
    }

    /// Probabilities `[n, classes]` for a table with the columns of the model.
    ///
    /// # Errors
    /// [`Error::Columns`] names what differs; as [`probabilities`](Self::probabilities).
    pub fn probabilities_of(&self, table: &FeatureTable) -> Result<Array2<f64>> {
        self.probabilities(self.forest.features_of(table)?)
    }
}

impl FittedModel for Classifier {
    fn features(&self) -> usize {
        FittedModel::features(&self.forest)
    }

    fn outputs(&self) -> usize {
        self.classes.len()
    }

    /// # Panics
    /// When rows have another number of columns, or a feature is not finite.
    fn evaluate(&self, rows: ArrayView2<'_, f64>) -> Array2<f64> {
        self.forest.evaluate(rows)
    }
}
