//! Selection of parameters and validation of forests.
//!
//! Forests are fitted to the training rows of splits and scored on their test rows. As many forests are
//! fitted concurrently as their features fit into a gibibyte, and each uses the threads that are free;
//! results are the same for any number of threads. Candidates that differ in the number of trees only share
//! one forest, of which the smaller ones are the first trees.

mod family;
mod grid;
mod learning;
mod outcome;
mod rule;
mod run;
mod task;
mod validation;

pub use grid::ParamsGrid;
pub use learning::LearningPoint;
pub use outcome::{Candidate, CrossPredictions, CrossValidation, Nested, Repeats, ScoreValues, Search};
pub use rule::SplitRule;
pub use run::Progress;
pub use task::Task;
pub use validation::Validation;
