//! The traits of smartcore for the forests of this crate, and conversion of its fitted forests.
//!
//! Cross-validation, splits and metrics of smartcore accept these forests; forests of smartcore can be
//! explained and saved.

mod convert;
mod estimator;

pub use estimator::{SmartcoreClassifier, SmartcoreRegressor};
