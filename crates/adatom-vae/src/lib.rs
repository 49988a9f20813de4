//! Variational autoencoders that undo shift, rotation and scale, for image patches and 1-D signals, on candle.
//!
//! The encoder reads a sample and gives a normal distribution of latent variables. The *spatial decoder* is a small
//! network of the coordinates of one pixel; some latents (the *pose*) move, turn or stretch these coordinates, the
//! others (the *content*) say what the object is. So the content does not have to spend itself on where the object
//! happens to lie in its window.
//!
//! | word | is |
//! |---|---|
//! | [`VaeConfig`] | shape, latents, invariances, priors, layers and likelihood of a model |
//! | [`Invariance`] | rotation, shift, scale: the coordinate changes the decoder undoes |
//! | [`ShiftVae`] | a model: encode, decode, reconstruct, manifold, save, load |
//! | [`Posterior`] | mean and standard deviation of the latents of n samples, by name and in pixels |
//! | [`Pose`] | rotation, shift and scale to decode with |
//! | [`Elbo`] | log-likelihood and KL divergence, kept apart |
//! | [`Trainer`] | epochs, batches, Adam, KL weight, held-out samples, seed; `fit` gives a model |
//! | [`Observer`] | is told of every step and epoch, and may stop the training |
//!
//! ```
//! use adatom_vae::{ShiftVae, Trainer, ndarray::Array3};
//! // 40 patches of 8 × 8: a bright column at positions that differ by a pixel.
//! let patches = Array3::from_shape_fn((40, 8, 8), |(n, row, column)| {
//!     let (r, c) = (row as f32 - 3.0 - (n % 3) as f32 * 0.5, column as f32 - 3.0 - (n % 2) as f32);
//!     (-(r * r + c * c) / 4.0).exp()
//! });
//! let vae = Trainer::new(ShiftVae::image_config(8, 8).latent_dim(1).hidden([16, 16])).epochs(2).seed(7).fit(&patches)?;
//! let posterior = vae.encode(&patches)?;
//! assert_eq!(posterior.content().dim(), (40, 1));
//! assert_eq!(posterior.shift_pixels().expect("the model knows shifts").dim(), (40, 2));
//! # Ok::<(), adatom_vae::TrainError>(())
//! ```
//!
//! The mathematics is that of Bepler et al. (arXiv 1909.11663) in the form of pyroVED (Ziatdinov et al.,
//! arXiv 2106.12472), whose weights can be loaded. This crate cuts no patches and draws no figures.

#![forbid(unsafe_code)]

mod error;
mod model;
mod net;
mod random;
mod spec;
mod train;

pub use adatom_core::{ChannelSignals, SampleShape, Samples, Scaling, ScalingMethod};
pub use candle_core;
pub use candle_core::Device;
pub use candle_nn;
pub use ndarray;

pub use error::{CheckpointProblem, Error, Result};
pub use model::{
    ACTIVE_VARIANCE, CHECKPOINT_VERSION, ConditionalVae, Elbo, EpochRecord, History, LatentActivity,
    LatentTensors, Pose, Posterior, Prediction, ShiftVae, SlidingEncoder,
};
pub use spec::{
    Activation, CircularMean, Condition, ConditionKind, EncoderKind, FirstLayer, Invariance, Likelihood,
    OutputLink, RotationPosterior, Target, VaeConfig, angle_difference, circular_correlation, unwrap_angles,
    wrap_angle,
};
pub use train::{
    Capacity, Control, EarlyStopping, EpochEvent, KlWeight, LatentBatch, LatentGroup, LatentRegulariser,
    LearningRate, MeasuredField, Observer, PoseHypotheses, Positions, Roughness, Sharing, Smoothness,
    StepEvent, TrainError, Trainer,
};
