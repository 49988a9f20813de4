//! Two detectors as channels of one model: the first detects a heavy column, the second a light one beside
//! it.
//!
//! Patches are centred at random around the pair, so that each detector alone shows a spot at a random
//! position, without the displacement of the light column from the heavy one. A model of both channels
//! represents the position by its shifts and the displacement by its content.
//!
//! ```sh
//! cargo run -p adatom-vae --example channels
//! ```

#![allow(clippy::print_stdout, reason = "a program prints")]

use std::time::Instant;

use adatom_vae::ndarray::{Array2, Array4, ArrayView1, s};
use adatom_vae::{Likelihood, Samples, ShiftVae, TrainError, Trainer};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

const PATCHES: usize = 1500;
const SIDE: usize = 14;
/// The standard deviation of the noise, as a fraction of the height of a column.
const NOISE: f32 = 0.05;

/// Patches `[n, 2, 14, 14]` and the displacement of each, rows and columns in pixels.
fn patches(seed: u64) -> (Array4<f32>, Array2<f32>) {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut uniform = |width: f32| (random.random::<f32>() - 0.5) * width;
    let displacements = Array2::from_shape_fn((PATCHES, 2), |_| uniform(3.0));
    let mut patches = Array4::zeros((PATCHES, 2, SIDE, SIDE));
    for (mut patch, displacement) in patches.outer_iter_mut().zip(displacements.rows()) {
        let heavy = [0, 1].map(|_| (SIDE as f32 - 1.0) / 2.0 + uniform(4.0));
        let light = [0, 1].map(|axis| heavy[axis] + displacement[axis]);
        for ((channel, r, c), value) in patch.indexed_iter_mut() {
            let centre = [heavy, light][channel];
            let distance = (r as f32 - centre[0]).powi(2) + (c as f32 - centre[1]).powi(2);
            // The sum of four uniform numbers of variance 1/12 each is approximately normal.
            let noise = (0..4).map(|_| uniform(1.0)).sum::<f32>() * 3f32.sqrt() * NOISE;
            *value = (-distance / 4.5).exp() + noise;
        }
    }
    (patches, displacements)
}

fn report(
    samples: &impl Samples,
    channels: Option<usize>,
    truth: &Array2<f32>,
) -> Result<[f64; 2], TrainError> {
    let started = Instant::now();
    let config = ShiftVae::image_config(SIDE, SIDE).latent_dim(2).hidden([64, 64]).shift_prior(0.25);
    let config = config.likelihood(Likelihood::GaussianLearned);
    let config = channels.map_or(config.clone(), |channels| config.channels(channels));
    let trainer =
        Trainer::new(config).epochs(40).batch_size(50).learning_rate(2e-3).pixel_fraction(0.5).seed(1);
    let vae = trainer.fit(samples)?;
    let posterior = vae.encode(samples)?;
    let sigma = vae.noise_sigma()?.map(|sigma| sigma.into_raw_vec_and_offset().0).unwrap_or_default();
    let r = [0, 1].map(|axis| fit(posterior.content(), truth.column(axis)));
    println!(
        "  R² of the displacement along rows {:.3}, along columns {:.3}; noise {sigma:.3?} (true {NOISE}), \
         {:.0} s",
        r[0],
        r[1],
        started.elapsed().as_secs_f64()
    );
    Ok(r)
}

/// R² of the plane through the two content latents that fits `target` best.
fn fit(content: adatom_vae::ndarray::ArrayView2<'_, f32>, target: ArrayView1<'_, f32>) -> f64 {
    let centred = |values: ArrayView1<'_, f32>| {
        let values = values.mapv(f64::from);
        let mean = values.sum() / values.len() as f64;
        values - mean
    };
    let (a, b, y) = (centred(content.column(0)), centred(content.column(1)), centred(target));
    let (aa, ab, bb, ay, by) = (a.dot(&a), a.dot(&b), b.dot(&b), a.dot(&y), b.dot(&y));
    let determinant = (aa * bb - ab * ab).max(f64::MIN_POSITIVE);
    let (p, q) = ((bb * ay - ab * by) / determinant, (aa * by - ab * ay) / determinant);
    let rest = &y - &(a * p) - &(b * q);
    1.0 - rest.dot(&rest) / y.dot(&y)
}

fn main() -> Result<(), TrainError> {
    let (both, truth) = patches(7);
    println!("both detectors as channels:");
    report(&both, Some(2), &truth)?;
    for channel in 0..2 {
        println!("detector {} alone:", channel + 1);
        report(&both.slice(s![.., channel, .., ..]), None, &truth)?;
    }
    Ok(())
}
