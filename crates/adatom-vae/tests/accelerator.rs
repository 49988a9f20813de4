//! On CUDA and Metal the composition of tensor operations gives what the fused kernel gives on the CPU.
//!
//! `cargo test -p adatom-vae --features cuda --test accelerator` on a machine with such a device; without one
//! the tests say that they were skipped.

#![cfg(any(feature = "cuda", feature = "metal"))]
#![allow(clippy::unwrap_used, clippy::print_stdout)]

use std::collections::HashMap;

use adatom_vae::candle_core::{DType, Device, Tensor, Var};
use adatom_vae::candle_nn::VarBuilder;
use adatom_vae::ndarray::Array3;
use adatom_vae::{Activation, Invariance, Likelihood, OutputLink, Pose, ShiftVae, Trainer, VaeConfig};

use Invariance::{Rotation, Scale, Shift};

/// Outputs in single precision.
const OUTPUT_TOLERANCE: f32 = 1e-5;
/// Relative to the largest entry of each gradient.
const GRADIENT_TOLERANCE: f64 = 1e-4;

fn accelerator() -> Option<Device> {
    let device = if cfg!(feature = "cuda") { Device::new_cuda(0) } else { Device::new_metal(0) };
    device.inspect_err(|error| println!("skipped: no such device here: {error}")).ok()
}

fn configurations() -> Vec<VaeConfig> {
    let image = || ShiftVae::image_config(13, 11).hidden([33, 20]).latent_dim(3);
    let mut all = vec![
        image(),
        image().invariances([]),
        image().invariances([Rotation, Shift, Scale]).shift_prior_per_axis([0.2, 0.4]),
        image().invariances([Rotation]).latent_dim(0),
        image().fourier_features(2.0),
        image().likelihood(Likelihood::ContinuousBernoulli),
        image().likelihood(Likelihood::gaussian()).output(OutputLink::Identity),
        ShiftVae::signal_config(40).hidden([24]),
    ];
    let activations = [Activation::Relu, Activation::LeakyRelu, Activation::Softplus, Activation::Gelu];
    all.extend(activations.map(|activation| image().activation(activation)));
    all
}

fn pseudo(count: usize, phase: f64) -> Vec<f64> {
    (0..count).map(|i| ((i as f64 * 0.731 + phase).sin() * 43_758.545_3).fract()).collect()
}

fn tensor(values: &[f64], shape: (usize, usize), dtype: DType, device: &Device) -> Tensor {
    Tensor::from_vec(values.to_vec(), shape, &Device::Cpu)
        .unwrap()
        .to_dtype(dtype)
        .unwrap()
        .to_device(device)
        .unwrap()
}

fn numbers(tensor: &Tensor) -> Vec<f64> {
    tensor
        .to_device(&Device::Cpu)
        .unwrap()
        .to_dtype(DType::F64)
        .unwrap()
        .flatten_all()
        .unwrap()
        .to_vec1()
        .unwrap()
}

/// Log-likelihood, KL and gradients by name of a model with these weights.
fn evaluate(
    config: &VaeConfig,
    weights: &HashMap<String, Tensor>,
    (dtype, device): (DType, &Device),
) -> (Vec<f64>, HashMap<String, Vec<f64>>) {
    let n = 5;
    let x: Vec<f64> = pseudo(n * config.sample_shape().len(), 0.1).iter().map(|x| x.abs()).collect();
    let x = tensor(&x, (n, config.sample_shape().len()), dtype, device);
    let noise = tensor(&pseudo(n * config.latents(), 0.7), (n, config.latents()), dtype, device);
    let vars: HashMap<String, Var> = weights
        .iter()
        .map(|(name, weight)| {
            let weight = weight.to_dtype(dtype).unwrap().to_device(device).unwrap();
            (name.clone(), Var::from_tensor(&weight).unwrap())
        })
        .collect();
    let tracked = vars.iter().map(|(name, var)| (name.clone(), var.as_tensor().clone())).collect();
    let vae =
        ShiftVae::from_var_builder(config.clone(), VarBuilder::from_tensors(tracked, dtype, device)).unwrap();
    let (log_likelihood, kl) = vae.elbo_tensor(&x, &noise).unwrap();
    let loss = (kl.sum_all().unwrap() - log_likelihood.sum_all().unwrap()).unwrap();
    let slopes = loss.backward().unwrap();
    let gradients =
        vars.iter().map(|(name, var)| (name.clone(), numbers(slopes.get(var).unwrap()))).collect();
    let values = [numbers(&log_likelihood), numbers(&kl)].concat();
    (values, gradients)
}

#[test]
fn elbo_and_gradients_are_those_of_double_precision_on_the_cpu() {
    let Some(device) = accelerator() else { return };
    let (mut worst_value, mut worst_gradient) = (0.0_f64, 0.0_f64);
    for config in configurations() {
        let vae = ShiftVae::init(config.clone(), 3, &Device::Cpu).unwrap();
        let weights = vae.weights().iter().map(|(name, weight)| (name.clone(), weight.clone())).collect();
        let (values, gradients) = evaluate(&config, &weights, (DType::F32, &device));
        let (exact_values, exact) = evaluate(&config, &weights, (DType::F64, &Device::Cpu));
        for (value, exact) in values.iter().zip(&exact_values) {
            worst_value = worst_value.max((value - exact).abs() / (1.0 + exact.abs()));
        }
        for (name, exact) in &exact {
            let largest = exact.iter().fold(1e-6_f64, |largest, value| largest.max(value.abs()));
            for (value, exact) in gradients[name].iter().zip(exact) {
                let error = (value - exact).abs() / largest;
                assert!(error < GRADIENT_TOLERANCE, "{config:?}\n{name}: {value} against {exact}");
                worst_gradient = worst_gradient.max(error);
            }
        }
    }
    println!("largest relative errors: ELBO {worst_value:.1e}, gradients {worst_gradient:.1e}");
    assert!(worst_value < 1e-5);
}

#[test]
fn outputs_are_those_of_the_kernel() {
    let Some(device) = accelerator() else { return };
    let mut worst = 0.0_f32;
    for config in configurations() {
        let on_cpu = ShiftVae::init(config.clone(), 5, &Device::Cpu).unwrap();
        let on_device = ShiftVae::init(config.clone(), 5, &device).unwrap();
        let extents = config.sample_shape().extents();
        let shape = (7, extents[0], extents.get(1).copied().unwrap_or(1));
        let values = pseudo(shape.0 * shape.1 * shape.2, 0.3).iter().map(|x| x.abs() as f32).collect();
        let samples = Array3::from_shape_vec(shape, values).unwrap();
        let mut compare = |a: &[f32], b: &[f32]| {
            assert_eq!(a.len(), b.len());
            let error = a.iter().zip(b).fold(0.0_f32, |worst, (a, b)| worst.max((a - b).abs()));
            assert!(error < OUTPUT_TOLERANCE, "{config:?}: {error}");
            worst = worst.max(error);
        };
        let (content, pose) = if extents.len() == 2 {
            let (a, b) = (on_cpu.encode(&samples).unwrap(), on_device.encode(&samples).unwrap());
            compare(a.mean().as_slice().unwrap(), b.mean().as_slice().unwrap());
            compare(a.sd().as_slice().unwrap(), b.sd().as_slice().unwrap());
            let (a, b) = (on_cpu.reconstruct(&samples).unwrap(), on_device.reconstruct(&samples).unwrap());
            compare(a.as_slice().unwrap(), b.as_slice().unwrap());
            (on_cpu.encode(&samples).unwrap().content().to_owned(), Pose::new())
        } else {
            let k = config.get_latent_dim();
            (adatom_vae::ndarray::Array2::from_elem((7, k), 0.4), Pose::new())
        };
        let (a, b) =
            (on_cpu.decode(content.view(), &pose).unwrap(), on_device.decode(content.view(), &pose).unwrap());
        compare(a.as_slice().unwrap(), b.as_slice().unwrap());
    }
    println!("largest difference of an output: {worst:.1e}");
}

#[test]
fn a_training_learns_the_same() {
    let Some(device) = accelerator() else { return };
    let samples = Array3::from_shape_fn((600, 12, 12), |(n, row, column)| {
        let (r, c) = (row as f32 - 4.0 - (n % 7) as f32 * 0.5, column as f32 - 4.0 - (n % 5) as f32 * 0.7);
        (-(r * r + c * c) / 5.0).exp()
    });
    let trainer =
        Trainer::new(ShiftVae::image_config(12, 12).hidden([32, 32]).shift_prior(0.3)).epochs(8).seed(2);
    for trainer in [trainer.clone(), trainer.pixel_fraction(0.5)] {
        let on_cpu = trainer.clone().fit(&samples).unwrap();
        let on_device = trainer.device(device.clone()).fit(&samples).unwrap();
        let (a, b) =
            (on_cpu.elbo(&samples, 1).unwrap().total(), on_device.elbo(&samples, 1).unwrap().total());
        println!("ELBO after 8 epochs: {a:.4} nat on the CPU, {b:.4} on the device");
        assert!((a - b).abs() < 1e-3 * a.abs(), "{a} {b}");

        // A model of the device is read on the CPU and says the same there.
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("model.safetensors");
        on_device.save(&path).unwrap();
        let moved = ShiftVae::load(&path, &Device::Cpu).unwrap();
        let (a, b) = (on_device.encode(&samples).unwrap(), moved.encode(&samples).unwrap());
        let worst = (&a.mean() - &b.mean()).iter().fold(0.0_f32, |worst, d| worst.max(d.abs()));
        assert!(worst < 1e-4, "{worst}");
    }
}
