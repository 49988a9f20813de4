//! The specification of a model: its configuration, invariances, likelihood and conditioning.
//!
//! The lowest layer of this crate, below networks (`net`), models (`model`) and training (`train`).

mod activation;
mod angles;
mod conditioning;
mod config;
mod differentiated;
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
pub(crate) use conditioning::{
    Conditioning, LabelLossWeights, Labels, check_count, checksum, missing_condition,
};
pub use config::{EncoderKind, FirstLayer, OutputLink, VaeConfig};
pub(crate) use differentiated::Differentiated;
pub(crate) use directions::Directions;
pub use invariance::Invariance;
pub(crate) use latents::LatentLayout;
pub use likelihood::Likelihood;
pub(crate) use likelihood::{INITIAL_SIGMA, LOG_SIGMA, LOG_SIGMA_RATE, TrainedNoise, ValueRange};
pub use rotation::RotationPosterior;
pub(crate) use rotation::{circle_kl, circle_kl_of};
pub(crate) use window::pixels_per_unit;
