//! Spatial decoders and fully connected networks on the CPU: outputs, log-likelihoods and gradients, close to
//! the matrix rate of the processor and the same bytes for any number of threads.
//!
//! A *spatial decoder* (coordinate network) maps the coordinates of a point, together with a latent vector,
//! to the value at this point. For a batch of n samples on one grid of p points g in d dimensions, with a
//! coordinate transform `(M, t)` and a latent vector z for each sample:
//!
//! `x = M g + t`, `a_0 = f_0(W_c x + b_c + W_z z)`, `a_k = f(W_k a_(k-1) + b_k)`, `y = W_o a_K + b_o`
//!
//! [`FusedDecoder`] evaluates y, propagates gradients back, or scores observed values by a [`Likelihood`]
//! with all gradients in one pass over tiles of points that stay in the cache. [`Perceptron`] is an ordinary
//! fully connected network, such as the encoder of an autoencoder.
//!
//! ```
//! use adatom_kernel::{DecoderShape, FusedDecoder, Gradients, Inputs, Likelihood, Observations};
//!
//! // Two samples on a grid of three points in one dimension, with one latent variable.
//! let shape = DecoderShape::new(1, [16, 16]).latents(1);
//! let weights: Vec<f32> = (0..shape.weights_len()).map(|i| (i as f32).sin() / 4.0).collect();
//! let inputs = Inputs {
//!     grid: &[-1.0, 0.0, 1.0],
//!     affine: &[1.0, 0.0, 1.0, 0.25], // scale and shift of each sample
//!     latents: &[0.5, -0.5],
//!     weights: &weights,
//! };
//! let mut decoder = FusedDecoder::new(shape)?;
//! let mut outputs = [0.0; 2 * 3];
//! decoder.forward(&inputs, &mut outputs)?;
//!
//! // Log-likelihood of observed values, and its gradient with respect to transforms, latents and weights.
//! let values = [0.0, 1.0, 0.0, 0.0, 0.5, 1.0];
//! let mut log_likelihood = [0.0; 2];
//! let (mut affine, mut latents, mut weight_gradient) = ([0.0; 4], [0.0; 2], vec![0.0; weights.len()]);
//! decoder.score(
//!     &inputs,
//!     &Observations::new(Likelihood::Bernoulli, &values),
//!     &mut log_likelihood,
//!     Some(Gradients {
//!         affine: &mut affine,
//!         latents: &mut latents,
//!         weights: &mut weight_gradient,
//!         log_sigma: None,
//!     }),
//! )?;
//! assert!(log_likelihood.iter().all(|&value| value < 0.0));
//! # Ok::<(), adatom_kernel::Error>(())
//! ```
//!
//! # Data
//! All arrays are flat slices of `f32` in row-major order (the last index varies fastest); shapes are given
//! as `[n, p, c]`. Tensors lie in the vector of weights as [`DecoderShape`] and [`Perceptron`] describe.
//! Lengths are checked, and one that does not fit is an [`Error`].
//!
//! # Instruction sets
//! Code for AVX-512, AVX2 with FMA (x86-64) and NEON (64-bit Arm) is compiled in, and the fastest that the
//! processor has is chosen at run time ([`Instructions`]); other processors run portable code.
//!
//! # Threads
//! Work runs on rayon's current thread pool. A batch is divided by the numbers of samples and points alone
//! and sums are added in a fixed order, so results are the same bytes for any number of threads. They differ
//! in rounding between instruction sets.
//!
//! # Debug builds
//! The code is slow without optimisation. Add this to the `Cargo.toml` of your package or workspace:
//!
//! ```toml
//! [profile.dev.package."*"]
//! opt-level = 3
//! ```

#![deny(unsafe_code)]

mod activation;
mod decoder;
mod error;
mod functions;
mod likelihood;
mod matrix;
mod panels;
mod partition;
mod perceptron;
mod simd;

pub use activation::Activation;
pub use decoder::{DecoderShape, FusedDecoder, Gradients, Inputs, Observations};
pub use error::Error;
pub use functions::{Softplus, softplus};
pub use likelihood::{Likelihood, MeanLink};
pub use matrix::{StridedRows, product};
pub use perceptron::Perceptron;
pub use simd::Instructions;

/// Compiles and runs the example of the README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
