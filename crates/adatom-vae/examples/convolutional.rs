//! Convolutional against fully connected encoders: scores on held-out patches by the number of samples.
//!
//! A spot lies anywhere in the middle of a patch of 24 × 24 pixels; it is round or elongated (the state). A
//! fully connected encoder has to learn every position from samples, a convolutional one uses the same
//! kernels at all positions, and may need fewer samples.
//!
//! ```sh
//! cargo run -p adatom-vae --example convolutional
//! ```

#![allow(clippy::print_stdout, reason = "a program prints")]

use std::time::Instant;

use adatom_vae::ndarray::{Array2, Array3, ArrayView1};
use adatom_vae::{EncoderKind, Likelihood, OutputLink, ShiftVae, TrainError, Trainer};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

const SIDE: usize = 24;
const STEPS: usize = 600;
const BATCH: usize = 40;

/// Patches and for each the state, row and column in pixels.
fn spots(n: usize, noise: f32, seed: u64) -> (Array3<f32>, Array2<f32>) {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut uniform = |width: f32| (random.random::<f32>() - 0.5) * width;
    let truth = Array2::from_shape_fn(
        (n, 3),
        |(_, k)| if k == 0 { 0.5 + uniform(1.0) } else { 11.5 + uniform(10.0) },
    );
    let patches = Array3::from_shape_fn((n, SIDE, SIDE), |(i, r, c)| {
        let (along, across) =
            ((r as f32 - truth[[i, 1]]) / (1.3 + 1.3 * truth[[i, 0]]), (c as f32 - truth[[i, 2]]) / 1.3);
        let noise = (0..4).map(|_| uniform(1.0)).sum::<f32>() * 3f32.sqrt() * noise;
        (-0.5 * (along * along + across * across)).exp() + noise
    });
    (patches, truth)
}

fn correlation(a: ArrayView1<'_, f32>, b: ArrayView1<'_, f32>) -> f64 {
    let centred = |values: ArrayView1<'_, f32>| {
        let values = values.mapv(f64::from);
        let mean = values.sum() / values.len() as f64;
        values - mean
    };
    let (a, b) = (centred(a), centred(b));
    a.dot(&b) / (a.dot(&a) * b.dot(&b)).sqrt()
}

fn main() -> Result<(), TrainError> {
    println!(
        "samples  noise  encoder        weights  |r(state)|  r(row)  r(column)  held-out ELBO  ms a step"
    );
    for (samples, noise) in [(100, 0.1), (400, 0.1), (2000, 0.1), (400, 0.3)] {
        let (training, _) = spots(samples, noise, 1);
        let (held_out, truth) = spots(1000, noise, 2);
        for (name, kind) in [
            ("connected", EncoderKind::FullyConnected),
            ("convolutional", EncoderKind::convolutional([8, 16, 16])),
        ] {
            let config = ShiftVae::image_config(SIDE, SIDE)
                .latent_dim(1)
                .hidden([64, 64])
                .shift_prior(0.3)
                .encoder(kind);
            let config = config.likelihood(Likelihood::GaussianLearned).output(OutputLink::Identity);
            let trainer =
                Trainer::new(config).epochs(STEPS * BATCH / samples).batch_size(BATCH).learning_rate(2e-3);
            let started = Instant::now();
            let vae = trainer.pixel_fraction(0.25).seed(1).fit(&training)?;
            let step = 1e3 * started.elapsed().as_secs_f64() / STEPS as f64;
            let posterior = vae.encode(&held_out)?;
            let r = |latent, k| correlation(posterior.mean().column(latent), truth.column(k));
            // Latents: shift along rows, along columns (both up to the sign of the axis), content.
            let weights: usize = vae
                .weights()
                .iter()
                .filter(|(name, _)| name.starts_with("encoder"))
                .map(|(_, w)| w.elem_count())
                .sum();
            println!(
                "{samples:>7}  {noise:>5}  {name:<13}  {weights:>7}  {:>10.3}  {:>6.3}  \
                 {:>9.3}  {:>13.1}  {step:>9.2}",
                r(2, 0).abs(),
                r(0, 1).abs(),
                r(1, 2).abs(),
                vae.elbo(&held_out, 1)?.total(),
            );
        }
    }
    Ok(())
}
