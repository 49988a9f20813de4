//! Random forests (Breiman 2001) and extremely randomised trees (Geurts, Ernst, Wehenkel 2006) on wide tables.
//!
//! | word | is |
//! |---|---|
//! | [`RandomForest`], [`ExtraTrees`] | where parameters begin: `RandomForest::params()` |
//! | [`ForestParams`] | parameters with scikit-learn's names and defaults; `fit_classifier`, `fit_regressor`, `fit_table` |
//! | [`Rows`] | features `[n, p]` with weights |
//! | [`Classifier`], [`Regressor`], [`Model`] | what was fitted: probabilities, predictions, quantiles; saved and loaded as one file |
//! | [`Forest`], [`Tree`] | the trees as flat arrays, for explanations; from scikit-learn and smartcore too |
//! | [`OutOfBag`] | answers for training rows by the trees that did not draw them |
//! | [`Validation`], [`SplitRule`], [`ParamsGrid`] | cross-validation, repeats, search, nested search |
//! | [`ClassScore`], [`PropertyScore`], [`Confusion`], [`ClassReport`] | how good answers are |
//! | [`Calibration`], [`ReliabilityCurve`] | probabilities that mean what they say |
//! | [`SmartcoreClassifier`], [`SmartcoreRegressor`] | our forests for the tools of smartcore |
//!
//! Splits are exact: every cut between distinct values of every column drawn is weighed, with sums that do not depend on
//! the order of rows. The same seed gives the same bytes for any number of threads. Missing values are refused; boosting is
//! not here.
//!
//! ```
//! use adatom_core::{ClassLabels, TreeEnsemble};
//! use adatom_forest::{Average, ClassScore, RandomForest, SplitRule, Task, Validation};
//! use ndarray::Array2;
//!
//! let features = Array2::from_shape_fn((60, 3), |(row, column)| (row * (column + 7) % 31) as f64);
//! let classes = ClassLabels::of_names(features.column(1).iter().map(|&x| if x < 15.0 { "four" } else { "six" }));
//! let params = RandomForest::params().trees(50).seed(7);
//! let splits = SplitRule::folds(60, 5).stratified(&classes).splits(7)?;
//! let validation = Validation::new(Task::classify(features.view(), &classes)).score(&ClassScore::F1(Average::Weighted));
//! assert!(validation.cross_validate(&params, &splits)?.scores[0].mean() > Some(0.8));
//! let model = params.fit_classifier(features.view(), &classes)?;
//! let importance = model.forest().impurity_importance();
//! assert!(importance[1] > importance[0] && importance[1] > importance[2]);
//! # Ok::<(), adatom_forest::Error>(())
//! ```

#![forbid(unsafe_code)]

mod calibrate;
mod classifier;
mod engine;
mod error;
mod file;
mod fit;
mod forest;
mod model;
mod out_of_bag;
mod params;
mod plug;
mod prune;
mod regressor;
mod rows;
mod scikit_learn;
mod score;
mod select;
mod tree;

pub use calibrate::{Calibration, CalibrationMethod, ReliabilityBin, ReliabilityCurve};
pub use classifier::Classifier;
pub use error::{Error, Result};
pub use forest::Forest;
pub use model::Model;
pub use ndarray;
pub use out_of_bag::OutOfBag;
pub use params::{Bootstrap, ClassWeight, Criterion, ForestParams, MaxFeatures, Splitter};
pub use plug::{SmartcoreClassifier, SmartcoreRegressor};
pub use regressor::Regressor;
pub use rows::Rows;
pub use score::{Average, ClassMetrics, ClassReport, ClassScore, Confusion, PropertyScore, most_probable};
pub use select::{
    Candidate, CrossPredictions, CrossValidation, LearningPoint, Nested, ParamsGrid, Progress, Repeats,
    ScoreValues, Search, SplitRule, Task, Validation,
};
pub use smartcore;
pub use tree::{Tree, TreeArrays};

/// Random forests: rows drawn with replacement, the best cut of each column drawn.
#[derive(Debug, Clone, Copy)]
pub struct RandomForest;

impl RandomForest {
    /// Default parameters of a random forest.
    #[must_use]
    pub fn params() -> ForestParams {
        ForestParams::new(Splitter::Best, Bootstrap::Full)
    }
}

/// Extremely randomised trees: all rows, one random cut of each column drawn.
#[derive(Debug, Clone, Copy)]
pub struct ExtraTrees;

impl ExtraTrees {
    /// Default parameters of extremely randomised trees.
    #[must_use]
    pub fn params() -> ForestParams {
        ForestParams::new(Splitter::Random, Bootstrap::Off)
    }
}
