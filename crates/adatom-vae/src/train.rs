//! Training: epochs of seeded batches, Adam on the negative evidence lower bound.
//!
//! A step is computed by the fused kernels (`fused`) where they can be used, by tensor operations
//! (`run/composed.rs`) elsewhere.

mod adam;
mod error;
mod fit;
mod fused;
mod hypotheses;
mod kl;
mod labels;
mod objective;
mod observer;
mod regulariser;
mod resume;
mod run;
mod schedule;
mod settings;
#[cfg(test)]
mod tests;
mod trainer;

pub use error::TrainError;
pub use hypotheses::PoseHypotheses;
pub use kl::{Capacity, LatentGroup};
pub use observer::{Control, EarlyStopping, EpochEvent, Observer, StepEvent};
pub use regulariser::{
    LatentBatch, LatentRegulariser, MeasuredField, Positions, Roughness, Sharing, Smoothness,
};
pub use schedule::{KlWeight, LearningRate};
pub use trainer::Trainer;
