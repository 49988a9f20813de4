//! Variational autoencoders that are invariant to shift, rotation and scale, for image patches and 1-D
//! signals, on candle.
//!
//! The encoder maps a sample to a normal distribution of latent variables. The *spatial decoder* is a small
//! network of the coordinates of one pixel: some latents (the *pose*) shift, rotate or scale these
//! coordinates, the others (the *content*) describe the object. So the content does not depend on where the
//! object lies in its window.
//!
//! | type | purpose |
//! |---|---|
//! | [`VaeConfig`] | shape, latents, invariances, priors, layers and likelihood of a model |
//! | [`Invariance`] | rotation, shift, scale: the coordinate changes that the decoder undoes |
//! | [`ShiftVae`] | a model: encode, decode, reconstruct, manifold, save, load |
//! | [`Posterior`] | mean and standard deviation of the latents of n samples, by name and in pixels |
//! | [`SlidingEncoder`] | the latents of every window of an image |
//! | [`Pose`] | rotation, shift and scale of decoded objects |
//! | [`Elbo`] | log-likelihood and KL divergence |
//! | [`Trainer`] | settings of a training; `fit` gives a model |
//! | [`LatentRegulariser`] | penalties on latents: [`Smoothness`], [`MeasuredField`], your own |
//! | [`Observer`] | progress, early stopping, checkpoints and cancellation of a training |
//!
//! ```
//! use adatom_vae::{ShiftVae, Trainer, ndarray::Array3};
//! // 40 patches of 8 × 8: a bright column at positions that differ by a pixel.
//! let patches = Array3::from_shape_fn((40, 8, 8), |(n, row, column)| {
//!     let (r, c) = (row as f32 - 3.0 - (n % 3) as f32 * 0.5, column as f32 - 3.0 - (n % 2) as f32);
//!     (-(r * r + c * c) / 4.0).exp()
//! });
//! let config = ShiftVae::image_config(8, 8).latent_dim(1).hidden([16, 16]);
//! let vae = Trainer::new(config).epochs(2).seed(7).fit(&patches)?;
//! let posterior = vae.encode(&patches)?;
//! assert_eq!(posterior.content().dim(), (40, 1));
//! assert_eq!(posterior.shift_pixels().expect("a model with shifts").dim(), (40, 2));
//! # Ok::<(), adatom_vae::TrainError>(())
//! ```
//!
//! The mathematics is that of Bepler et al. (arXiv 1909.11663) in the form of pyroVED (Ziatdinov et al.,
//! arXiv 2106.12472), whose weights can be loaded. Cutting patches out of images and drawing figures are the
//! subjects of other crates.
//!
//! # Debug builds
//!
//! Training is arithmetic. Without optimisation it is more than a hundred times slower; in your own debug
//! builds, have cargo optimise the dependencies (in the `Cargo.toml` of your program or workspace):
//!
//! ```toml
//! [profile.dev.package."*"]
//! opt-level = 3
//! ```
//!
//! # Features
//!
//! | feature | effect |
//! |---|---|
//! | `cuda` | NVIDIA GPUs, `Device::new_cuda(0)?` for `Trainer::device` and `ShiftVae::load`; needs CUDA |
//! | `metal` | Apple GPUs: `Device::new_metal(0)?` |
//!
//! Neither is a default. On the CPU, in single precision, training uses the fused kernels of `adatom-kernel`
//! (AVX2, AVX-512, NEON); on a GPU it uses candle's tensor operations.

#![forbid(unsafe_code)]

mod error;
mod model;
mod net;
mod random;
mod spec;
mod train;

pub use adatom_core::{ChannelSignals, PatchGrid, SampleShape, Samples, Scaling, ScalingMethod};
pub use candle_core;
pub use candle_core::Device;
pub use candle_nn;
pub use ndarray;

pub use error::{CheckpointProblem, Difference, Error, Result};
pub use model::{
    ACTIVE_VARIANCE, CHECKPOINT_VERSION, ConditionalVae, Elbo, ElboTensors, EpochRecord, History,
    LatentActivity, LatentTensors, Pose, Posterior, Prediction, ShiftVae, SlidingEncoder, TrainingEnd,
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
