//! Random forests (Breiman 2001) and extremely randomised trees (Geurts, Ernst, Wehenkel 2006) on wide tables.

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
    Candidate, CrossPredictions, CrossValidation, Nested, ParamsGrid, Progress, Repeats, ScoreValues, Search,
    SplitRule, Task, Validation,
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
