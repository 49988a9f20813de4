//! Bridges to smartcore: its traits for our forests, and its fitted forests as ours.
//!
//! Its cross-validation, splits and metrics take our forests; its forests can be explained and saved.

mod convert;
mod estimator;

pub use estimator::{SmartcoreClassifier, SmartcoreRegressor};
