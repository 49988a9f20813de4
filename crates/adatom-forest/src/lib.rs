//! Random forests (Breiman 2001) and extremely randomised trees (Geurts, Ernst, Wehenkel 2006) on wide
//! tables.
//!
//! | type | purpose |
//! |---|---|
//! | [`RandomForest`], [`ExtraTrees`] | default parameters of both kinds: `RandomForest::params()` |
//! | [`ForestParams`] | parameters with scikit-learn's names and defaults; `fit_classifier`, ... |
//! | [`Rows`] | features `[n, p]` with weights |
//! | [`Classifier`], [`Regressor`], [`Model`] | fitted models: probabilities, predictions, quantiles, files |
//! | [`Forest`], [`Tree`] | the trees as flat arrays, for explanations; also those of scikit-learn |
//! | [`OutOfBag`] | predictions of training rows by the trees that did not draw them |
//! | [`Task`], [`Validation`], [`SplitRule`], [`ParamsGrid`] | cross-validation, repeats, (nested) search |
//! | [`ClassScore`], [`PropertyScore`], [`Confusion`], [`ClassReport`] | quality of predictions |
//! | [`Calibration`], [`ReliabilityCurve`] | calibrated probabilities |
//! | [`Target`], [`ClassLabels`], [`FeatureTable`], [`Split`] | the data, from `adatom-core` |
//!
//! Splits are exact: every cut between distinct values of every drawn column is evaluated, with sums that do
//! not depend on the order of rows. The same seed gives the same bytes for any number of threads. Missing
//! values are refused; there is no boosting.
//!
//! ```
//! use adatom_forest::ndarray::Array2;
//! use adatom_forest::{
//!     Average, ClassLabels, ClassScore, Classifier, RandomForest, SplitRule, Task, Validation,
//! };
//!
//! let features = Array2::from_shape_fn((60, 3), |(row, column)| (row * (column + 7) % 31) as f64);
//! let classes = ClassLabels::of_names(
//!     features.column(1).iter().map(|&x| if x < 15.0 { "four" } else { "six" }),
//! );
//! let params = RandomForest::params().trees(50).seed(7);
//! let splits = SplitRule::folds(60, 5).stratified(&classes).splits(7)?;
//! let validation = Validation::new(Task::classify(features.view(), &classes))
//!     .score(&ClassScore::F1(Average::Weighted));
//! assert!(validation.cross_validate(&params, &splits)?.scores[0].mean() > Some(0.8));
//!
//! let classifier = params.fit_classifier(features.view(), &classes)?;
//! let importance = classifier.forest().impurity_importance();
//! assert!(importance[1] > importance[0] && importance[1] > importance[2]);
//! let path =
//!     std::env::temp_dir().join(format!("adatom-classifier-{}.safetensors", std::process::id()));
//! classifier.save(&path)?;
//! assert_eq!(Classifier::load(&path)?, classifier);
//! # std::fs::remove_file(&path).unwrap();
//! # Ok::<(), adatom_forest::Error>(())
//! ```
//!
//! # Features
//!
//! `smartcore` (not a default) adds estimators behind the traits of smartcore and the conversion of its
//! fitted forests.
//!
//! # Debug builds
//!
//! Without optimisation fitting takes many times as long. These lines in the `Cargo.toml` of a program that
//! depends on this crate make its debug builds nearly as fast as release builds:
//!
//! ```toml
//! [profile.dev.package.adatom-core]
//! opt-level = 3
//!
//! [profile.dev.package.adatom-forest]
//! opt-level = 3
//!
//! [profile.dev.package.rayon-core]
//! opt-level = 3
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
mod prune;
mod regressor;
mod rows;
mod scikit_learn;
mod score;
mod select;
#[cfg(feature = "smartcore")]
mod smartcore_bridge;
mod tree;

pub use adatom_core::{
    Better, ClassLabels, FeatureColumn, FeatureTable, FittedModel, Modality, Score, Split, SplitFault,
    TableError, Target, TargetColumn, TargetKind, TargetView, TreeEnsemble, TreeSplit, TreeView,
};
pub use calibrate::{Calibration, CalibrationMethod, ReliabilityBin, ReliabilityCurve};
pub use classifier::Classifier;
pub use error::{Error, Result};
pub use forest::Forest;
pub use model::Model;
pub use ndarray;
pub use out_of_bag::OutOfBag;
pub use params::{
    Bootstrap, ClassWeight, Criterion, ExtraTrees, ForestParams, MaxFeatures, RandomForest, Splitter,
};
pub use regressor::Regressor;
pub use rows::Rows;
pub use score::{Average, ClassMetrics, ClassReport, ClassScore, Confusion, PropertyScore, most_probable};
pub use select::{
    Candidate, CrossPredictions, CrossValidation, LearningPoint, Nested, ParamsGrid, Progress, Repeats,
    ScoreValues, Search, SplitRule, Task, Validation,
};
#[cfg(feature = "smartcore")]
pub use smartcore;
#[cfg(feature = "smartcore")]
pub use smartcore_bridge::{SmartcoreClassifier, SmartcoreRegressor};
pub use tree::{Tree, TreeArrays};
