//! The spatial decoder as one fused operation, close to the matrix rate of the processor.
//!
//! For a batch of n patches on one grid of p points g in d dimensions, with a transform `(M, t)` and a latent vector z
//! per patch:
//!
//! `x = M g + t`, `a0 = tanh(W_c x + b_c + W_z z)`, `a_k = act(W_k a_(k-1) + b_k)`, `y = W_o a_K + b_o`
//!
//! [`FusedDecoder`] evaluates y, takes derivatives back, or scores patches by a [`Likelihood`] with all gradients in
//! one pass over tiles of pixels that stay in cache. Results are the same bytes for every number of threads.

#![deny(unsafe_code)]

mod batch;
mod decoder;
mod error;
mod first;
mod head;
mod lanes;
mod likelihood;
mod math;
mod matrix;
mod pack;
mod perceptron;
mod product;
mod rows;
mod score;
mod shape;
mod simd;
mod sweep;
mod tile;

pub use batch::{Gradients, Inputs, Noise, Target};
pub use decoder::FusedDecoder;
pub use error::KernelError;
pub use likelihood::{Likelihood, MeanLink};
pub use matrix::{StridedRows, product};
pub use perceptron::Perceptron;
pub use shape::{Activation, DecoderShape};
pub use simd::Instructions;
