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
    let inner: f64 = (1..200).map(|i| density(h * f64::from(i)) * if i % 2 == 1 { 4.0 } else { 2.0 }).sum();
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
