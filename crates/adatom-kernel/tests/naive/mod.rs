//! The decoder in f64, one point after the other, written from the equations.

// Every test file compiles this module and uses a part of it.
#![allow(dead_code, clippy::unwrap_used)]

use adatom_kernel::{Activation, DecoderShape, Inputs, Likelihood, MeanLink};

/// Random inputs for one shape.
#[derive(Clone)]
pub(crate) struct Case {
    pub(crate) shape: DecoderShape,
    pub(crate) n: usize,
    pub(crate) p: usize,
    pub(crate) grid: Vec<f32>,
    pub(crate) affine: Vec<f32>,
    pub(crate) latents: Vec<f32>,
    pub(crate) weights: Vec<f32>,
    pub(crate) values: Vec<f32>,
}

impl Case {
    pub(crate) fn new(shape: DecoderShape, n: usize, p: usize, seed: u64) -> Case {
        let mut state = seed | 1;
        let mut draw = |count: usize, scale: f32| -> Vec<f32> {
            let mut next = || {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                (state >> 40) as f32 / (1u64 << 23) as f32 - 1.0
            };
            (0..count).map(|_| scale * next()).collect()
        };
        let widest = *shape.hidden.iter().max().unwrap();
        Case {
            grid: draw(p * shape.dimensions, 1.0),
            affine: draw(n * shape.affine_len(), 1.0),
            latents: draw(n * shape.latents, 1.0),
            weights: draw(shape.weights_len(), 1.5 / (widest as f32).sqrt()),
            values: draw(n * p * shape.outputs, 0.5).iter().map(|x| x + 0.5).collect(),
            shape,
            n,
            p,
        }
    }

    pub(crate) fn inputs(&self) -> Inputs<'_> {
        Inputs { grid: &self.grid, affine: &self.affine, latents: &self.latents, weights: &self.weights }
    }

    /// Buffers that hold something else, as gradients are to be overwritten.
    pub(crate) fn gradient_buffers(&self) -> [Vec<f32>; 3] {
        [self.affine.clone(), self.latents.clone(), self.weights.clone()]
    }

    /// `count` different points per sample, unordered.
    pub(crate) fn some_points(&self, count: usize) -> Vec<u32> {
        let step = (1..self.p).rev().find(|&s| gcd(s, self.p) == 1).unwrap_or(1);
        (0..self.n).flat_map(|i| (0..count).map(move |q| ((i + q * step) % self.p) as u32)).collect()
    }
}

fn gcd(a: usize, b: usize) -> usize {
    if b == 0 { a } else { gcd(b, a % b) }
}

/// Everything evaluated, per scored point.
pub(crate) struct Naive {
    /// Grid index per scored point, in batch order.
    points: Vec<(usize, usize)>,
    /// Per point, per layer: what goes into the activation, and what comes out.
    layers: Vec<Vec<(Vec<f64>, Vec<f64>)>>,
    pub(crate) outputs: Vec<f64>,
}

impl Naive {
    pub(crate) fn new(case: &Case, points: Option<&[u32]>) -> Naive {
        let count = points.map_or(case.p, |points| points.len() / case.n);
        let point = |i: usize, q: usize| points.map_or(q, |points| points[i * count + q] as usize);
        let points: Vec<_> = (0..case.n).flat_map(|i| (0..count).map(move |q| (i, q))).collect();
        let points: Vec<_> = points.into_iter().map(|(i, q)| (i, point(i, q))).collect();
        let mut naive = Naive { points: points.clone(), layers: vec![], outputs: vec![] };
        let shape = &case.shape;
        for (i, q) in points {
            let x = transformed(case, i, q);
            let d = shape.dimensions;
            let z = &case.latents[i * shape.latents..][..shape.latents];
            let mut layers: Vec<(Vec<f64>, Vec<f64>)> = vec![];
            for (k, &width) in shape.hidden.iter().enumerate() {
                let before: Vec<f64> = (0..width)
                    .map(|j| {
                        if k == 0 {
                            let c = &case.weights[shape.coordinate_weights()][j * d..][..d];
                            let w =
                                &case.weights[shape.latent_weights()][j * shape.latents..][..shape.latents];
                            f64::from(case.weights[shape.coordinate_bias()][j])
                                + c.iter().zip(&x).map(|(&w, x)| f64::from(w) * x).sum::<f64>()
                                + w.iter().zip(z).map(|(&w, &z)| f64::from(w) * f64::from(z)).sum::<f64>()
                        } else {
                            let (w, b) = shape.layer(k);
                            let a = &layers[k - 1].1;
                            let w = &case.weights[w][j * a.len()..][..a.len()];
                            f64::from(case.weights[b][j])
                                + w.iter().zip(a).map(|(&w, a)| f64::from(w) * a).sum::<f64>()
                        }
                    })
                    .collect();
                let act = if k == 0 { shape.first } else { shape.activation };
                let after = before.iter().map(|&x| value(act, x)).collect();
                layers.push((before, after));
            }
            let a = &layers[layers.len() - 1].1;
            for o in 0..shape.outputs {
                let w = &case.weights[shape.output_weights()][o * a.len()..][..a.len()];
                let sum: f64 = w.iter().zip(a).map(|(&w, a)| f64::from(w) * a).sum();
                naive.outputs.push(f64::from(case.weights[shape.output_bias()][o]) + sum);
            }
            naive.layers.push(layers);
        }
        naive
    }

    /// Smallest distance of a rectifier's argument from its kink. Below the rounding error of f32 the
    /// derivative is either of two, so such cases cannot be compared; infinite for smooth activations.
    pub(crate) fn distance_from_kink(&self, case: &Case) -> f64 {
        if !matches!(case.shape.activation, Activation::Relu | Activation::LeakyRelu) {
            return f64::INFINITY;
        }
        let arguments =
            self.layers.iter().flat_map(|layers| layers[1..].iter().flat_map(|(before, _)| before));
        arguments.fold(f64::INFINITY, |least, x| least.min(x.abs()))
    }

    /// Log-likelihood per sample and the derivatives of the weighted sum.
    pub(crate) fn score(
        &self,
        case: &Case,
        likelihood: Likelihood,
        sample_weight: Option<&[f32]>,
    ) -> (Vec<f64>, Vec<f64>) {
        let c = case.shape.outputs;
        let mut scores = vec![0.0; case.n];
        let mut derivatives = vec![];
        for (&(i, q), outputs) in self.points.iter().zip(self.outputs.chunks(c)) {
            for (o, &y) in outputs.iter().enumerate() {
                let x = f64::from(case.values[(i * case.p + q) * c + o]);
                let (score, derivative) = log_likelihood(likelihood, x, y);
                scores[i] += score;
                derivatives.push(derivative * sample_weight.map_or(1.0, |w| f64::from(w[i])));
            }
        }
        (scores, derivatives)
    }

    /// Gradients with respect to the affine maps, the latents and the weights.
    pub(crate) fn backward(&self, case: &Case, derivatives: &[f64]) -> [Vec<f64>; 3] {
        let shape = &case.shape;
        let d = shape.dimensions;
        let mut affine = vec![0.0; case.affine.len()];
        let mut latents = vec![0.0; case.latents.len()];
        let mut weights = vec![0.0; case.weights.len()];
        for ((&(i, q), layers), g) in
            self.points.iter().zip(&self.layers).zip(derivatives.chunks(shape.outputs))
        {
            let last = layers.len() - 1;
            let mut up = vec![0.0; shape.hidden[last]];
            for (o, &g) in g.iter().enumerate() {
                weights[shape.output_bias().start + o] += g;
                for (j, up) in up.iter_mut().enumerate() {
                    let at = shape.output_weights().start + o * shape.hidden[last] + j;
                    *up += g * f64::from(case.weights[at]);
                    weights[at] += g * layers[last].1[j];
                }
            }
            for k in (1..=last).rev() {
                let (w, b) = shape.layer(k);
                let inputs = shape.hidden[k - 1];
                let mut below = vec![0.0; inputs];
                for (j, up) in up.iter().enumerate() {
                    let delta = up * derivative(shape.activation, layers[k].0[j]);
                    weights[b.start + j] += delta;
                    for (m, below) in below.iter_mut().enumerate() {
                        let at = w.start + j * inputs + m;
                        weights[at] += delta * layers[k - 1].1[m];
                        *below += delta * f64::from(case.weights[at]);
                    }
                }
                up = below;
            }
            let x = transformed(case, i, q);
            for (j, up) in up.iter().enumerate() {
                let delta = up * derivative(shape.first, layers[0].0[j]);
                weights[shape.coordinate_bias().start + j] += delta;
                for r in 0..d {
                    let at = shape.coordinate_weights().start + j * d + r;
                    weights[at] += delta * x[r];
                    let pull = delta * f64::from(case.weights[at]);
                    let affine = &mut affine[i * shape.affine_len()..];
                    affine[d * d + r] += pull;
                    for c in 0..d {
                        affine[r * d + c] += pull * f64::from(case.grid[q * d + c]);
                    }
                }
                for m in 0..shape.latents {
                    let at = shape.latent_weights().start + j * shape.latents + m;
                    weights[at] += delta * f64::from(case.latents[i * shape.latents + m]);
                    latents[i * shape.latents + m] += delta * f64::from(case.weights[at]);
                }
            }
        }
        [affine, latents, weights]
    }
}

fn transformed(case: &Case, i: usize, q: usize) -> Vec<f64> {
    let d = case.shape.dimensions;
    let affine = &case.affine[i * case.shape.affine_len()..][..case.shape.affine_len()];
    let g = &case.grid[q * d..][..d];
    (0..d)
        .map(|r| {
            let turned: f64 = (0..d).map(|c| f64::from(affine[r * d + c]) * f64::from(g[c])).sum();
            turned + f64::from(affine[d * d + r])
        })
        .collect()
}

/// Φ by its power series, or by the continued fraction of its tail beyond 3: exact to 1e-14.
pub(crate) fn gaussian(x: f64) -> f64 {
    let density = (-0.5 * x * x).exp() / (2.0 * std::f64::consts::PI).sqrt();
    if x.abs() < 3.0 {
        let (mut term, mut sum) = (x, x);
        for k in 1..100 {
            term *= x * x / f64::from(2 * k + 1);
            sum += term;
        }
        return 0.5 + density * sum;
    }
    let tail = (1..80).rev().fold(x.abs(), |below, k| x.abs() + f64::from(k) / below);
    if x > 0.0 { 1.0 - density / tail } else { density / tail }
}

pub(crate) fn value(activation: Activation, x: f64) -> f64 {
    match activation {
        Activation::Tanh => x.tanh(),
        Activation::Relu => x.max(0.0),
        Activation::LeakyRelu => {
            if x > 0.0 {
                x
            } else {
                f64::from(0.01f32) * x
            }
        }
        Activation::Softplus => x.max(0.0) + (-x.abs()).exp().ln_1p(),
        Activation::Gelu => x * gaussian(x),
        Activation::Sigmoid => 1.0 / (1.0 + (-x).exp()),
        Activation::Sine => x.sin(),
        _ => unreachable!("an activation without a naive form"),
    }
}

pub(crate) fn derivative(activation: Activation, x: f64) -> f64 {
    match activation {
        Activation::Tanh => 1.0 - x.tanh().powi(2),
        Activation::Relu => f64::from(x > 0.0),
        Activation::LeakyRelu => {
            if x > 0.0 {
                1.0
            } else {
                f64::from(0.01f32)
            }
        }
        Activation::Softplus => 1.0 / (1.0 + (-x).exp()),
        Activation::Gelu => gaussian(x) + x * (-0.5 * x * x).exp() / (2.0 * std::f64::consts::PI).sqrt(),
        Activation::Sigmoid => value(activation, x) * (1.0 - value(activation, x)),
        Activation::Sine => x.cos(),
        _ => unreachable!("an activation without a naive form"),
    }
}

fn log_likelihood(likelihood: Likelihood, x: f64, y: f64) -> (f64, f64) {
    let sigmoid = value(Activation::Sigmoid, y);
    let bernoulli = (x * y - value(Activation::Softplus, y), x - sigmoid);
    match likelihood {
        Likelihood::Bernoulli => bernoulli,
        Likelihood::ContinuousBernoulli => {
            // C(p) = 2 atanh(1 - 2p) / (1 - 2p), 2 at p = 1/2.
            let e = 1.0 - 2.0 * sigmoid;
            let log =
                if e.abs() < 1e-4 { (2.0 * (1.0 + e * e / 3.0)).ln() } else { (2.0 * e.atanh() / e).ln() };
            let derivative = if y.abs() < 1e-3 { y / 6.0 } else { 1.0 / y - 1.0 / y.sinh() };
            (bernoulli.0 + log, bernoulli.1 + derivative)
        }
        Likelihood::Gaussian { sigma, mean } => {
            let sigma = f64::from(sigma);
            let (m, dm) = match mean {
                MeanLink::Sigmoid => (sigmoid, sigmoid * (1.0 - sigmoid)),
                MeanLink::Identity => (y, 1.0),
            };
            let rest = (x - m) / sigma;
            (-0.5 * rest * rest - sigma.ln() - 0.5 * (2.0 * std::f64::consts::PI).ln(), rest / sigma * dm)
        }
        Likelihood::Poisson => {
            // ln x! by the product of its factors; x lies between whole numbers, so Γ(x + 1) by Stirling's
            // series at x + 9.
            let z = x + 9.0;
            let series = 1.0 / (12.0 * z) - 1.0 / (360.0 * z.powi(3)) + 1.0 / (1260.0 * z.powi(5));
            let factors: f64 = (1..9).map(|k| (x + f64::from(k)).ln()).sum();
            let stirling = (z - 0.5) * z.ln() - z + 0.5 * (2.0 * std::f64::consts::PI).ln() + series;
            (x * y - y.exp() - (stirling - factors), x - y.exp())
        }
        _ => unreachable!("a likelihood without a naive form"),
    }
}
