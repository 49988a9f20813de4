//! Fully connected networks on a batch of samples, with their gradients.
//!
//! Backwards, from the gradient δ_K with respect to the outputs: `δ_(k-1) = W_kᵀ δ_k ⊙ f'`, `dW_k = Σ δ_k
//! a_(k-1)ᵀ`, `db_k = Σ δ_k`. Samples are divided into blocks, and the rows of `dW_k` into stripes, by their
//! numbers alone, so results do not depend on the number of threads.

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
                let mut network = Perceptron::new(widths.clone(), activation).unwrap();
                let (inputs, width) = (network.inputs(), network.outputs());
                // Rectifiers: no argument of these layers comes within a step of the kink.
                let (x, weights) = (numbers(n * inputs, 0.731), numbers(network.weights_len(), 1.37));
                let derivatives = numbers(n * width, 0.411);
                let (mut outputs, mut gradient) = (vec![0.0; n * width], vec![f32::NAN; weights.len()]);
                network.forward(&x, &weights, &mut outputs).unwrap();
                network.backward(&x, &weights, &derivatives, &mut gradient).unwrap();
                let mut double: Vec<f64> = weights.iter().map(|&weight| f64::from(weight)).collect();
                for (found, expected) in outputs.iter().zip(reference(&network, &x, &double)) {
                    assert!((f64::from(*found) - expected).abs() < TOLERANCE, "{activation:?} {widths:?}");
                }
                for index in (0..weights.len()).step_by(weights.len().div_ceil(40)) {
                    let kept = double[index];
                    let mut loss = |step: f64| -> f64 {
                        double[index] = kept + step;
                        let outputs = reference(&network, &x, &double);
                        outputs
                            .iter()
                            .zip(&derivatives)
                            .map(|(output, &derivative)| output * f64::from(derivative))
                            .sum()
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
            let mut network = Perceptron::new([50, 70, 40, 6], Activation::Gelu).unwrap();
            let weights = numbers(network.weights_len(), 1.37);
            // The second batch is smaller and meets buffers that the first has left dirty, as does the third.
            for n in [100, 37, 100] {
                let (x, derivatives) = (numbers(n * 50, 0.731), numbers(n * 6, 0.411));
                let (mut outputs, mut gradient) = (vec![0.0; n * 6], vec![f32::NAN; weights.len()]);
                pool.install(|| {
                    network.forward(&x, &weights, &mut outputs).unwrap();
                    network.backward(&x, &weights, &derivatives, &mut gradient).unwrap();
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
        let mut network = Perceptron::new([3, 2], Activation::Tanh).unwrap();
        let error = network.forward(&[0.0; 6], &[0.0; 7], &mut [0.0; 4]).unwrap_err();
        assert_eq!(error, Error::Length { slice: "weights", expected: 8, found: 7 });
        let error = network.forward(&[0.0; 5], &[0.0; 8], &mut [0.0; 2]).unwrap_err();
        assert_eq!(error, Error::Length { slice: "samples", expected: 3, found: 5 });
        let error = network.backward(&[0.0; 3], &[0.0; 8], &[0.0; 2], &mut [0.0; 8]).unwrap_err();
        assert_eq!(error, Error::NoForwardPass { expected: 0, found: 1 });
        assert_eq!(Perceptron::new([3], Activation::Tanh).unwrap_err(), Error::EmptyLayer { layer: 1 });
        assert_eq!(Perceptron::new([3, 0, 2], Activation::Tanh).unwrap_err(), Error::EmptyLayer { layer: 1 });
    }
}
