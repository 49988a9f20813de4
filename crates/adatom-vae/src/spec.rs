//! What a model is: its configuration, the coordinate changes that it undoes, its likelihood, and what it is conditioned on.
//!
//! The lowest layer of this crate: nothing here knows networks, models or training.

mod activation;
mod angles;
mod conditioning;
mod config;
mod directions;
mod invariance;
mod latents;
mod likelihood;
mod rotation;
mod window;

pub use activation::Activation;
pub(crate) use activation::softplus;
pub use angles::{CircularMean, angle_difference, circular_correlation, unwrap_angles, wrap_angle};
pub use conditioning::{Condition, ConditionKind, Target};
pub(crate) use conditioning::{Known, Side, SideWeights, check_count, checksum, no_condition};
pub use config::{EncoderKind, FirstLayer, OutputLink, VaeConfig};
pub(crate) use directions::Directions;
pub use invariance::Invariance;
pub(crate) use latents::LatentLayout;
pub use likelihood::Likelihood;
pub(crate) use likelihood::{INITIAL_SIGMA, LOG_SIGMA, LOG_SIGMA_RATE, TrainedNoise, ValueRange};
pub use rotation::RotationPosterior;
pub(crate) use rotation::{circle_kl, circle_kl_of};
pub(crate) use window::pixels_per_unit;
