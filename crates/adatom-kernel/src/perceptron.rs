//! A network of linear layers on a whole batch: `a_0 = x`, `a_k = f(W_k a_(k-1) + b_k)`, the last layer without f.
//!
//! Backwards, from the slopes δ_K of the last layer: `δ_(k-1) = W_kᵀ δ_k ⊙ f'`, `dW_k = Σ δ_k a_(k-1)ᵀ`, `db_k = Σ δ_k`.
//! Samples are dealt to blocks, and rows of `dW_k` to stripes, by their numbers alone: what a thread takes changes no
//! sum, so every number of threads gives the same bytes. Flat weights are `W_k [outputs, inputs]`, `b_k`, layer by layer.

use std::ops::Range;

use rayon::prelude::*;

use crate::error::{KernelError, check_length};
use crate::lanes::{lane_patches, lane_slices};
use crate::matrix::{Start, View, multiply};
use crate::shape::Activation;
use crate::simd::Instructions;
use crate::sweep::{Activate, Pull};

/// Samples of a block at most: their activations and a stripe of weights fit into a cache together.
const BLOCK: usize = 32;

/// Rows of a weight gradient that are one piece of work.
const STRIPE: usize = 32;

/// The network with its buffers, which are kept from call to call.
#[derive(Debug)]
pub struct Perceptron {
    /// Inputs, hidden layers, outputs.
    widths: Vec<usize>,
    activation: Activation,
    instructions: Instructions,
    blocks: Vec<Block>,
}

/// Some samples: per layer activations `[rows, width]`, slopes where they do not follow from them, and deltas.
#[derive(Debug, Default)]
struct Block {
    values: Vec<Vec<f32>>,
    slopes: Vec<Vec<f32>>,
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
    /// A network of at least one layer, all of positive width.
    pub fn new(widths: Vec<usize>, activation: Activation) -> Self {
        debug_assert!(widths.len() > 1 && !widths.contains(&0));
        Self { widths, activation, instructions: Instructions::best(), blocks: Vec::new() }
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

    fn ends(&self) -> (usize, usize) {
        (self.widths[0], self.widths[self.widths.len() - 1])
    }

    /// Outputs `[n, outputs]` of the samples `x` `[n, inputs]`; keeps what [`backward`](Self::backward) needs.
    ///
    /// # Errors
    /// [`KernelError::Length`] if a slice does not fit the others.
    pub fn forward(&mut self, x: &[f32], weights: &[f32], outputs: &mut [f32]) -> Result<(), KernelError> {
        let samples = self.check(x, weights, outputs)?;
        let (width, _) = self.ends();
        let mut blocks = std::mem::take(&mut self.blocks);
        blocks.resize_with(samples.div_ceil(BLOCK), Block::default);
        let count = blocks.len();
        let shares = lane_patches(samples, count).zip(lane_slices(samples, count, outputs));
        let jobs: Vec<_> = blocks.iter_mut().zip(shares).collect();
        jobs.into_par_iter().with_max_len(1).for_each(|(block, (rows, outputs))| {
            self.block_forward(block, &x[rows.start * width..rows.end * width], weights, outputs);
        });
        self.blocks = blocks;
        Ok(())
    }

    /// The gradient of every weight from the derivatives `slopes` `[n, outputs]` with respect to the outputs that
    /// [`forward`](Self::forward) has just given for the same samples and weights.
    ///
    /// # Errors
    /// [`KernelError::Length`] if a slice does not fit the others.
    pub fn backward(
        &mut self,
        x: &[f32],
        weights: &[f32],
        slopes: &[f32],
        gradient: &mut [f32],
    ) -> Result<(), KernelError> {
        let samples = self.check(x, weights, slopes)?;
        check_length("weight gradients", weights.len(), gradient.len())?;
        let (_, width) = self.ends();
        let mut blocks = std::mem::take(&mut self.blocks);
        let shares = lane_patches(samples, blocks.len());
        let jobs: Vec<_> = blocks.iter_mut().zip(shares).collect();
        jobs.into_par_iter().with_max_len(1).for_each(|(block, rows)| {
            self.block_backward(block, weights, &slopes[rows.start * width..rows.end * width]);
        });
        self.blocks = blocks;
        self.stripes(gradient).into_par_iter().with_max_len(1).for_each(|stripe| self.accumulate(x, stripe));
        Ok(())
    }

    fn check(&self, x: &[f32], weights: &[f32], outputs: &[f32]) -> Result<usize, KernelError> {
        let (inputs, width) = self.ends();
        let samples = x.len() / inputs;
        check_length("samples", samples * inputs, x.len())?;
        check_length("weights", self.weights_len(), weights.len())?;
        check_length("outputs", samples * width, outputs.len())?;
        Ok(samples)
    }

    fn block_forward(&self, block: &mut Block, x: &[f32], weights: &[f32], outputs: &mut [f32]) {
        let hidden = self.widths.len() - 2;
        block.values.resize_with(hidden, Vec::new);
        block.slopes.resize_with(hidden, Vec::new);
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
                let slopes = &mut block.slopes[k];
                if self.activation.keeps_slope() {
                    slopes.resize(out.len(), 0.0);
                }
                self.instructions.run(Activate { activation: self.activation, values: out, slopes });
            }
        }
    }

    fn block_backward(&self, block: &mut Block, weights: &[f32], slopes: &[f32]) {
        let layers: Vec<Layer> = self.layers().collect();
        block.deltas.resize_with(layers.len(), Vec::new);
        let last = layers.len() - 1;
        block.deltas[last].clear();
        block.deltas[last].extend_from_slice(slopes);
        for (k, layer) in layers.iter().enumerate().skip(1).rev() {
            let (below, above) = block.deltas.split_at_mut(k);
            let (delta, values) = (&mut below[k - 1], &block.values[k - 1]);
            delta.resize(values.len(), 0.0);
            let matrix = View::rows(&weights[layer.matrix.clone()], layer.inputs);
            multiply(View::rows(&above[0], layer.outputs), matrix, Start::Zero, delta);
            let slopes = &block.slopes[k - 1];
            self.instructions.run(Pull { activation: self.activation, values, slopes, upstream: delta });
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

    /// Sums over the blocks in order.
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Single precision against double: outputs and gradients are sums of a few hundred terms of order one.
    const TOLERANCE: f64 = 2e-5;
    /// Step of the central difference; its error is of the order of its square.
    const STEP: f64 = 1e-5;

    fn numbers(count: usize, rate: f64) -> Vec<f32> {
        (0..count).map(|i| ((i as f64 * rate).sin() * 43_758.545_3).fract() as f32).collect()
    }

    fn exact(activation: Activation, x: f64) -> f64 {
        match activation {
            Activation::Tanh => x.tanh(),
            Activation::Relu => x.max(0.0),
            Activation::LeakyRelu => x.max(0.01 * x),
            Activation::Softplus => x.max(0.0) + (-x.abs()).exp().ln_1p(),
            Activation::Sigmoid => 1.0 / (1.0 + (-x).exp()),
            Activation::Sine => x.sin(),
            Activation::Gelu => x * normal_distribution(x),
        }
    }

    /// Φ by Simpson's rule from 0 in 200 steps: the error is below 1e-9 for |x| < 6.
    fn normal_distribution(x: f64) -> f64 {
        let h = x / 200.0;
        let density = |t: f64| (-0.5 * t * t).exp() / (2.0 * std::f64::consts::PI).sqrt();
        let inner: f64 =
            (1..200).map(|i| density(h * f64::from(i)) * if i % 2 == 1 { 4.0 } else { 2.0 }).sum();
        0.5 + h / 3.0 * (density(0.0) + inner + density(x))
    }

    /// The network in double precision, one number after the other.
    fn reference(network: &Perceptron, x: &[f32], weights: &[f64]) -> Vec<f64> {
        let mut outputs = Vec::new();
        for sample in x.chunks_exact(network.widths[0]) {
            let mut a: Vec<f64> = sample.iter().map(|&value| f64::from(value)).collect();
            for (k, layer) in network.layers().enumerate() {
                let rows = weights[layer.matrix.clone()].chunks_exact(layer.inputs);
                let linear = rows.zip(&weights[layer.bias.clone()]).map(|(row, bias)| {
                    bias + row.iter().zip(&a).map(|(weight, value)| weight * value).sum::<f64>()
                });
                let last = k + 2 == network.widths.len();
                a = linear.map(|x| if last { x } else { exact(network.activation, x) }).collect();
            }
            outputs.extend(a);
        }
        outputs
    }

    #[test]
    fn outputs_and_gradients_are_those_of_double_precision() {
        for activation in Activation::ALL {
            // 1, 32, 33 and 70 samples: one block, a full one, two, three of unequal length.
            for (n, widths) in
                [(1, vec![3, 2]), (32, vec![7, 5, 4]), (33, vec![1, 40, 3, 2]), (70, vec![9, 33, 6])]
            {
                let mut network = Perceptron::new(widths.clone(), activation);
                let (inputs, width) = network.ends();
                // Rectifiers: no argument of these layers comes within a step of the kink.
                let (x, weights) = (numbers(n * inputs, 0.731), numbers(network.weights_len(), 1.37));
                let slopes = numbers(n * width, 0.411);
                let (mut outputs, mut gradient) = (vec![0.0; n * width], vec![f32::NAN; weights.len()]);
                network.forward(&x, &weights, &mut outputs).unwrap();
                network.backward(&x, &weights, &slopes, &mut gradient).unwrap();
                let mut double: Vec<f64> = weights.iter().map(|&weight| f64::from(weight)).collect();
                for (found, expected) in outputs.iter().zip(reference(&network, &x, &double)) {
                    assert!((f64::from(*found) - expected).abs() < TOLERANCE, "{activation:?} {widths:?}");
                }
                for index in (0..weights.len()).step_by(weights.len().div_ceil(40)) {
                    let kept = double[index];
                    let mut loss = |step: f64| -> f64 {
                        double[index] = kept + step;
                        let outputs = reference(&network, &x, &double);
                        outputs.iter().zip(&slopes).map(|(output, &slope)| output * f64::from(slope)).sum()
                    };
                    let difference = (loss(STEP) - loss(-STEP)) / (2.0 * STEP);
                    double[index] = kept;
                    let error = (f64::from(gradient[index]) - difference).abs();
                    assert!(error < TOLERANCE * n as f64, "{activation:?} {widths:?} {index}: {error}");
                }
            }
        }
    }

    #[test]
    fn the_same_bytes_for_every_number_of_threads_and_again() {
        let mut results = Vec::new();
        for threads in [1, 2, 4] {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            let mut network = Perceptron::new(vec![50, 70, 40, 6], Activation::Gelu);
            let weights = numbers(network.weights_len(), 1.37);
            // The second batch is smaller and meets buffers that the first has left dirty, as does the third.
            for n in [100, 37, 100] {
                let (x, slopes) = (numbers(n * 50, 0.731), numbers(n * 6, 0.411));
                let (mut outputs, mut gradient) = (vec![0.0; n * 6], vec![f32::NAN; weights.len()]);
                pool.install(|| {
                    network.forward(&x, &weights, &mut outputs).unwrap();
                    network.backward(&x, &weights, &slopes, &mut gradient).unwrap();
                });
                results.push((n, outputs, gradient));
            }
        }
        for result in &results {
            let first = results.iter().find(|(n, ..)| *n == result.0).unwrap();
            assert!(result.1 == first.1 && result.2 == first.2, "{} samples", result.0);
        }
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let mut network = Perceptron::new(vec![3, 2], Activation::Tanh);
        let error = network.forward(&[0.0; 6], &[0.0; 7], &mut [0.0; 4]).unwrap_err();
        assert_eq!(error, KernelError::Length { slice: "weights", expected: 8, found: 7 });
        let error = network.forward(&[0.0; 5], &[0.0; 8], &mut [0.0; 2]).unwrap_err();
        assert_eq!(error, KernelError::Length { slice: "samples", expected: 3, found: 5 });
    }
}
