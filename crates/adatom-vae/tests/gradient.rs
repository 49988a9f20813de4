//! The gradient of the evidence lower bound agrees with finite differences in double precision.

#![allow(clippy::unwrap_used)]

use std::collections::HashMap;

use adatom_vae::candle_core::{DType, Device, Tensor, Var};
use adatom_vae::candle_nn::VarBuilder;
use adatom_vae::{
    Activation, EncoderKind, Invariance, Likelihood, OutputLink, SampleShape, ShiftVae, VaeConfig,
};

/// Step of the central difference; its error is of order h² = 1e-10 relative to the third derivative.
const STEP: f64 = 1e-5;
const TOLERANCE: f64 = 1e-6;

fn pseudo(count: usize, phase: f64) -> Vec<f64> {
    (0..count).map(|i| ((i as f64 * 0.731 + phase).sin() * 43_758.545_3).fract()).collect()
}

/// The loss (KL minus log-likelihood, summed) of a model with the given weights.
fn loss(config: &VaeConfig, weights: &HashMap<String, Tensor>, x: &Tensor, noise: &Tensor) -> Tensor {
    let vb = VarBuilder::from_tensors(weights.clone(), DType::F64, &Device::Cpu);
    let vae = ShiftVae::from_var_builder(config.clone(), vb).unwrap();
    let elbo = vae.elbo_tensor(x, noise).unwrap();
    (elbo.kl.sum_all().unwrap() - elbo.log_likelihood.sum_all().unwrap()).unwrap()
}

fn check(config: VaeConfig) {
    let vae = ShiftVae::init(config.clone(), 3, &Device::Cpu).unwrap();
    let (n, points, latents) = (3, config.sample_shape().len(), config.latents());
    let uniform: Vec<f64> = pseudo(n * points, 0.1).iter().map(|x| x.abs()).collect();
    let x = Tensor::from_vec(uniform, (n, points), &Device::Cpu).unwrap();
    let noise = Tensor::from_vec(pseudo(n * latents, 0.7), (n, latents), &Device::Cpu).unwrap();
    let weights: HashMap<String, Var> = vae
        .weights()
        .iter()
        .map(|(name, tensor)| {
            (name.clone(), Var::from_tensor(&tensor.to_dtype(DType::F64).unwrap()).unwrap())
        })
        .collect();
    let fixed: HashMap<String, Tensor> =
        weights.iter().map(|(name, var)| (name.clone(), var.as_detached_tensor().copy().unwrap())).collect();
    let tracked = weights.iter().map(|(name, var)| (name.clone(), var.as_tensor().clone())).collect();
    let gradients = loss(&config, &tracked, &x, &noise).backward().unwrap();
    for (name, var) in &weights {
        let gradient = gradients.get(var).unwrap_or_else(|| panic!("no gradient of {name}"));
        let gradient: Vec<f64> = gradient.flatten_all().unwrap().to_vec1().unwrap();
        let values: Vec<f64> = fixed[name].flatten_all().unwrap().to_vec1().unwrap();
        // The first, the last and one in between of every tensor.
        for index in [0, values.len() / 2, values.len() - 1] {
            let at = |step: f64| {
                let mut moved = values.clone();
                moved[index] += step;
                let mut changed = fixed.clone();
                let tensor = Tensor::from_vec(moved, fixed[name].dims(), &Device::Cpu).unwrap();
                changed.insert(name.clone(), tensor);
                loss(&config, &changed, &x, &noise).to_scalar::<f64>().unwrap()
            };
            let difference = (at(STEP) - at(-STEP)) / (2.0 * STEP);
            let scale = 1.0 + gradient[index].abs();
            assert!(
                (gradient[index] - difference).abs() < TOLERANCE * scale,
                "{config:?}\n{name}[{index}]: {} against {difference}",
                gradient[index]
            );
        }
    }
}

#[test]
fn every_invariance_activation_and_likelihood() {
    use Invariance::{Rotation, Scale, Shift};
    let image = || VaeConfig::new(SampleShape::Image { height: 4, width: 3 }).hidden([5, 4]);
    let signal = || VaeConfig::new(SampleShape::Signal { points: 6 }).hidden([5, 4]);
    check(image());
    check(signal());
    check(image().invariances([]));
    check(signal().invariances([]).latent_dim(3));
    check(image().invariances([Rotation, Shift, Scale]).shift_prior_per_axis([0.2, 0.4]));
    check(image().latent_dim(0));
    check(image().invariances([Rotation, Shift, Scale]).rotation_prior(2.5));
    check(image().invariances([Rotation, Shift]).rotation_circle());
    check(image().invariances([Rotation]).latent_dim(0).rotation_circle());
    // Kinks of relu and leaky relu are not met: no preactivation of this model is within 1e-5 of 0.
    for activation in [Activation::Relu, Activation::LeakyRelu, Activation::Softplus, Activation::Gelu] {
        check(image().activation(activation));
    }
    check(image().likelihood(Likelihood::ContinuousBernoulli));
    check(image().likelihood(Likelihood::gaussian()).output(OutputLink::Identity));
    check(signal().likelihood(Likelihood::Gaussian { sigma: 0.1 }));
    check(image().channels(2));
    check(image().channels(3).invariances([]));
    check(signal().channels(2).likelihood(Likelihood::GaussianLearned));
    for likelihood in [Likelihood::GaussianLearned, Likelihood::GaussianPerPixel, Likelihood::Poisson] {
        check(image().likelihood(likelihood));
        check(image().invariances([]).likelihood(likelihood));
    }
}

/// Extents of every mixture of even and odd, with one point too, through one, two and three layers.
#[test]
fn convolutional_encoders() {
    for (height, width) in [(4, 4), (5, 4), (4, 7), (7, 5), (6, 9), (1, 3)] {
        for channels in [vec![3], vec![2, 3], vec![3, 2, 4]] {
            let image = VaeConfig::new(SampleShape::Image { height, width }).decoder_hidden([4]);
            check(image.encoder(EncoderKind::convolutional(channels)));
        }
    }
    let convolutional = EncoderKind::convolutional([3, 2]);
    let image = VaeConfig::new(SampleShape::Image { height: 7, width: 6 }).decoder_hidden([4]).channels(2);
    check(image.clone().encoder(convolutional.clone()));
    check(image.invariances([]).activation(Activation::Softplus).encoder(convolutional.clone()));
    for points in [5, 8] {
        let signal = VaeConfig::new(SampleShape::Signal { points }).decoder_hidden([4]).channels(2);
        check(signal.encoder(convolutional.clone()));
    }
}
