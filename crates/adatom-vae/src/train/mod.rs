//! Training: epochs of seeded batches, Adam on the negative evidence lower bound.

mod adam;
mod flat;
mod fused;
mod history;
mod kl;
mod known;
mod noise;
mod objective;
mod observer;
mod run;
mod schedule;
mod starts;
mod state;
mod trainer;

pub use history::{EpochRecord, History};
pub use kl::{Capacity, LatentGroup};
pub use observer::{Control, EarlyStopping, EpochEvent, Observer, StepEvent};
pub use schedule::{KlWeight, LearningRate};
pub use starts::PoseStarts;
pub use trainer::Trainer;
