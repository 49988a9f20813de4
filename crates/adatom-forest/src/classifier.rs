//! A forest for classification.

use adatom_core::{FeatureTable, FittedModel};
use ndarray::{Array2, ArrayView2};

use crate::{Calibration, Error, Forest, Result, most_probable};

/// A fitted forest for classification, see
/// [`ForestParams::fit_classifier`](crate::ForestParams::fit_classifier).
#[derive(Debug, Clone, PartialEq)]
pub struct Classifier {
    pub(crate) forest: Forest,
    pub(crate) classes: Vec<String>,
    pub(crate) calibration: Option<Calibration>,
}

impl Classifier {
    pub(crate) fn new(forest: Forest, classes: Vec<String>) -> Self {
        Self { forest, classes, calibration: None }
    }

    /// A classifier from a given forest, whose leaves contain one probability per class.
    ///
    /// # Errors
    /// [`Error::Length`] when there are not as many names as numbers in a prediction.
    pub fn from_forest(forest: Forest, classes: Vec<String>) -> Result<Self> {
        if forest.outputs != classes.len() {
            let (what, expected, found) = ("names of classes", forest.outputs, classes.len());
            return Err(Error::Length { what, expected, found });
        }
        Ok(Self { forest, classes, calibration: None })
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

    /// The classifier with calibrated probabilities, for instance by a calibration fitted to out-of-bag
    /// probabilities.
    ///
    /// # Errors
    /// [`Error::Length`] when the calibration is for another number of classes.
    pub fn calibrated(mut self, calibration: Calibration) -> Result<Self> {
        let (what, expected, found) =
            ("classes of the calibration", self.classes.len(), calibration.classes());
        if expected != found {
            return Err(Error::Length { what, expected, found });
        }
        self.calibration = Some(calibration);
        Ok(self)
    }

    /// The calibration of the probabilities, if there is one.
    #[must_use]
    pub fn calibration(&self) -> Option<&Calibration> {
        self.calibration.as_ref()
    }

    /// Probabilities of the classes `[n, classes]`: means over the leaves of the class fractions, calibrated
    /// if the classifier has a calibration.
    ///
    /// # Errors
    /// [`Error::Length`] when rows have another number of columns; [`Error::Value`] when a feature is not
    /// finite.
    pub fn probabilities(&self, features: ArrayView2<'_, f64>) -> Result<Array2<f64>> {
        let shares = self.forest.predict(features)?;
        match &self.calibration {
            Some(calibration) => calibration.apply(shares.view()),
            None => Ok(shares),
        }
    }

    /// Codes `[n]` of the most probable classes; of equally probable ones the first.
    ///
    /// # Errors
    /// As [`probabilities`](Self::probabilities).
    pub fn predict(&self, features: ArrayView2<'_, f64>) -> Result<Vec<usize>> {
        Ok(most_probable(self.probabilities(features)?.view()))
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
    /// [`Error::Columns`] names the differences; as [`probabilities`](Self::probabilities).
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
        self.probabilities(rows).expect("rows have the columns of the model, and finite features")
    }
}
