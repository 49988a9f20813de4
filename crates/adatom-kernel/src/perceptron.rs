//! Fully connected networks on a batch of samples, with their gradients.
//!
//! Backwards, from the gradient δ_K with respect to the outputs: `δ_(k-1) = W_kᵀ δ_k ⊙ f'`, `dW_k = Σ δ_k
//! a_(k-1)ᵀ`, `db_k = Σ δ_k`. Samples are divided into blocks, and the rows of `dW_k` into stripes, by their
//! numbers alone, so results do not depend on the number of threads.

#[cfg(test)]
mod tests;

use std::ops::Range;

use rayon::prelude::*;

use crate::activation::Activation;
use crate::activation::{Activate, ActivateBackward};
use crate::error::{Error, check_length};
use crate::matrix::{Start, View, multiply};
use crate::partition::{parts, split};
use crate::simd::Instructions;

/// Samples of a block at most: their activations and a stripe of weights fit into a cache together.
const BLOCK: usize = 32;

/// Rows of a weight gradient that are one piece of work.
const STRIPE: usize = 32;

/// A fully connected network `a_0 = x`, `a_k = f(W_k a_(k-1) + b_k)`, the last layer without `f`, with its
/// buffers, which are kept from call to call.
///
/// The flat weights are `W_k [outputs, inputs]` row-major, then `b_k [outputs]`, layer by layer.
///
/// ```
/// use adatom_kernel::{Activation, Perceptron};
///
/// // y = 3 tanh(2 x - 1) + 0.5, for x = 1 and x = 0.5.
/// let mut network = Perceptron::new([1, 1, 1], Activation::Tanh)?;
/// let weights = [2.0, -1.0, 3.0, 0.5];
/// let mut outputs = [0.0; 2];
/// network.forward(&[1.0, 0.5], &weights, &mut outputs)?;
/// assert!((outputs[0] - (3.0 * 1f32.tanh() + 0.5)).abs() < 1e-5);
/// assert!((outputs[1] - 0.5).abs() < 1e-5);
///
/// // The gradient of the sum of both outputs: the derivative by the last bias is 2.
/// let mut gradient = [0.0; 4];
/// network.backward(&[1.0, 0.5], &weights, &[1.0, 1.0], &mut gradient)?;
/// assert!((gradient[3] - 2.0).abs() < 1e-5);
/// # Ok::<(), adatom_kernel::Error>(())
/// ```
#[derive(Debug)]
pub struct Perceptron {
    /// Inputs, hidden layers, outputs.
    widths: Vec<usize>,
    activation: Activation,
    instructions: Instructions,
    blocks: Vec<Block>,
    /// Samples of the last forward pass.
    samples: usize,
}

/// Some samples: per layer activations `[rows, width]`, derivatives where they do not follow from them, and
/// deltas.
#[derive(Debug, Default)]
struct Block {
    values: Vec<Vec<f32>>,
    derivatives: Vec<Vec<f32>>,
    deltas: Vec<Vec<f32>>,
}

/// Weights of one layer in the flat vector.
struct Layer {
    inputs: usize,
    outputs: usize,
    matrix: Range<usize>,
    bias: Range<usize>,
}

/// A stripe of the gradient of one layer.
struct Stripe<'a> {
    layer: usize,
    outputs: Range<usize>,
    matrix: &'a mut [f32],
    bias: &'a mut [f32],
}

impl Perceptron {
    /// A network with these widths: inputs, hidden layers, outputs.
    ///
    /// # Errors
    /// [`Error::EmptyLayer`] for fewer than two widths or a width of 0.
    pub fn new(widths: impl Into<Vec<usize>>, activation: Activation) -> Result<Self, Error> {
        let widths = widths.into();
        let empty = widths.iter().position(|&width| width == 0);
        match empty.or((widths.len() < 2).then_some(widths.len())) {
            Some(layer) => Err(Error::EmptyLayer { layer }),
            None => Ok(Self {
                widths,
                activation,
                instructions: Instructions::best(),
                blocks: Vec::new(),
                samples: 0,
            }),
        }
    }

    /// Length of the flat weight vector.
    pub fn weights_len(&self) -> usize {
        self.layers().last().map_or(0, |layer| layer.bias.end)
    }

    fn layers(&self) -> impl Iterator<Item = Layer> {
        let mut end = 0;
        self.widths.windows(2).map(move |pair| {
            let [inputs, outputs] = [pair[0], pair[1]];
            let matrix = end..end + inputs * outputs;
            let bias = matrix.end..matrix.end + outputs;
            end = bias.end;
            Layer { inputs, outputs, matrix, bias }
        })
    }

    fn inputs(&self) -> usize {
        self.widths[0]
    }

    fn outputs(&self) -> usize {
        self.widths[self.widths.len() - 1]
    }

    /// Evaluates the outputs `[n, outputs]` of the samples `x` `[n, inputs]`; keeps what
    /// [`backward`](Self::backward) needs.
    ///
    /// # Errors
    /// [`Error::Length`] if a slice does not fit the others.
    pub fn forward(&mut self, x: &[f32], weights: &[f32], outputs: &mut [f32]) -> Result<(), Error> {
        let samples = self.check(x, weights, outputs)?;
        let width = self.inputs();
        let mut blocks = std::mem::take(&mut self.blocks);
        blocks.resize_with(samples.div_ceil(BLOCK), Block::default);
        let count = blocks.len();
        let shares = parts(samples, count).zip(split(samples, count, outputs));
        let jobs: Vec<_> = blocks.iter_mut().zip(shares).collect();
        jobs.into_par_iter().with_max_len(1).for_each(|(block, (rows, outputs))| {
            self.block_forward(block, &x[rows.start * width..rows.end * width], weights, outputs);
        });
        self.blocks = blocks;
        self.samples = samples;
        Ok(())
    }

    /// Computes the gradient with respect to the weights from the gradient with respect to the outputs
    /// `[n, outputs]`, for the samples and weights of the last call of [`forward`](Self::forward).
    ///
    /// # Errors
    /// [`Error::Length`] if a slice does not fit the others; [`Error::NoForwardPass`] if the last forward
    /// pass had another number of samples.
    pub fn backward(
        &mut self,
        x: &[f32],
        weights: &[f32],
        output_gradient: &[f32],
        weight_gradient: &mut [f32],
    ) -> Result<(), Error> {
        let samples = self.check(x, weights, output_gradient)?;
        check_length("weight gradient", weights.len(), weight_gradient.len())?;
        if samples != self.samples {
            return Err(Error::NoForwardPass { expected: self.samples, found: samples });
        }
        let width = self.outputs();
        let mut blocks = std::mem::take(&mut self.blocks);
        let shares = parts(samples, blocks.len());
        let jobs: Vec<_> = blocks.iter_mut().zip(shares).collect();
        jobs.into_par_iter().with_max_len(1).for_each(|(block, rows)| {
            self.block_backward(block, weights, &output_gradient[rows.start * width..rows.end * width]);
        });
        self.blocks = blocks;
        self.stripes(weight_gradient)
            .into_par_iter()
            .with_max_len(1)
            .for_each(|stripe| self.accumulate(x, stripe));
        Ok(())
    }

    fn check(&self, x: &[f32], weights: &[f32], outputs: &[f32]) -> Result<usize, Error> {
        let (inputs, width) = (self.inputs(), self.outputs());
        let samples = x.len() / inputs;
        check_length("samples", samples * inputs, x.len())?;
        check_length("weights", self.weights_len(), weights.len())?;
        check_length("outputs", samples * width, outputs.len())?;
        Ok(samples)
    }

    fn block_forward(&self, block: &mut Block, x: &[f32], weights: &[f32], outputs: &mut [f32]) {
        let hidden = self.widths.len() - 2;
        block.values.resize_with(hidden, Vec::new);
        block.derivatives.resize_with(hidden, Vec::new);
        let rows = x.len() / self.widths[0];
        for (k, layer) in self.layers().enumerate() {
            let (before, after) = block.values.split_at_mut(k);
            let a = before.last().map_or(x, Vec::as_slice);
            let out = match after.first_mut() {
                Some(values) => {
                    values.resize(rows * layer.outputs, 0.0);
                    values.as_mut_slice()
                }
                None => &mut *outputs,
            };
            for row in out.chunks_exact_mut(layer.outputs) {
                row.copy_from_slice(&weights[layer.bias.clone()]);
            }
            let matrix = View::rows(&weights[layer.matrix.clone()], layer.inputs);
            multiply(View::rows(a, layer.inputs), matrix.transposed(), Start::Given, out);
            if k < hidden {
                let derivatives = &mut block.derivatives[k];
                if self.activation.keeps_derivative() {
                    derivatives.resize(out.len(), 0.0);
                }
                self.instructions.run(Activate { activation: self.activation, values: out, derivatives });
            }
        }
    }

    fn block_backward(&self, block: &mut Block, weights: &[f32], output_gradient: &[f32]) {
        let layers: Vec<Layer> = self.layers().collect();
        block.deltas.resize_with(layers.len(), Vec::new);
        let last = layers.len() - 1;
        block.deltas[last].clear();
        block.deltas[last].extend_from_slice(output_gradient);
        for (k, layer) in layers.iter().enumerate().skip(1).rev() {
            let (below, above) = block.deltas.split_at_mut(k);
            let (delta, values) = (&mut below[k - 1], &block.values[k - 1]);
            delta.resize(values.len(), 0.0);
            let matrix = View::rows(&weights[layer.matrix.clone()], layer.inputs);
            multiply(View::rows(&above[0], layer.outputs), matrix, Start::Zero, delta);
            let derivatives = &block.derivatives[k - 1];
            self.instructions.run(ActivateBackward {
                activation: self.activation,
                values,
                derivatives,
                upstream: delta,
            });
        }
    }

    fn stripes<'a>(&self, mut gradient: &'a mut [f32]) -> Vec<Stripe<'a>> {
        let mut stripes = Vec::new();
        for (k, layer) in self.layers().enumerate() {
            let (matrix, rest) = gradient.split_at_mut(layer.matrix.len());
            let (bias, rest) = rest.split_at_mut(layer.outputs);
            gradient = rest;
            let parts = matrix.chunks_mut(STRIPE * layer.inputs).zip(bias.chunks_mut(STRIPE));
            stripes.extend(parts.enumerate().map(|(index, (matrix, bias))| {
                let outputs = index * STRIPE..index * STRIPE + bias.len();
                Stripe { layer: k, outputs, matrix, bias }
            }));
        }
        stripes
    }

    /// Adds the stripe's gradient over the blocks in order.
    fn accumulate(&self, x: &[f32], stripe: Stripe<'_>) {
        let (inputs, width) = (self.widths[stripe.layer], self.widths[stripe.layer + 1]);
        stripe.bias.fill(0.0);
        let mut first_row = 0;
        for (index, block) in self.blocks.iter().enumerate() {
            let deltas = View::rows(&block.deltas[stripe.layer], width).columns(stripe.outputs.clone());
            let rows = deltas.shape[0];
            let a = match stripe.layer {
                0 => &x[first_row * inputs..][..rows * inputs],
                k => &block.values[k - 1],
            };
            first_row += rows;
            let start = if index == 0 { Start::Zero } else { Start::Given };
            multiply(deltas.transposed(), View::rows(a, inputs), start, stripe.matrix);
            for row in block.deltas[stripe.layer].chunks_exact(width) {
                for (sum, delta) in stripe.bias.iter_mut().zip(&row[stripe.outputs.clone()]) {
                    *sum += delta;
                }
            }
        }
    }
}
