//! smartcore, the ecosystem of machine learning that forests plug into.
//!
//! Forests implement its traits, so that its cross-validation, splits and metrics work with them; and its fitted
//! forests become ours, to be explained and saved.

mod convert;
mod estimator;

pub use estimator::{SmartcoreClassifier, SmartcoreRegressor};
