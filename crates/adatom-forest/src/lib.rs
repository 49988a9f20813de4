//! Random forests (Breiman 2001) and extremely randomised trees (Geurts, Ernst, Wehenkel 2006) on wide tables.

#![forbid(unsafe_code)]

mod error;
mod params;

pub use error::{Error, Result};
pub use params::{Bootstrap, ClassWeight, Criterion, ForestParams, MaxFeatures, Splitter};

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
