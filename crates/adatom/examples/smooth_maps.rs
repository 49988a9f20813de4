//! Do smooth latent maps tell the order parameter instead of the phase of the lattice?
//!
//! ```text
//! cargo run --release -p adatom --example smooth_maps -- [--seeds N] [--epochs N] [--weight NAT] [--out FOLDER]
//! ```
//!
//! A generated lattice with two sublattices of different brightness, of which one is displaced by a smooth field (a
//! polarisation). Patches lie at random positions, so that every phase of the lattice is met, further away from each other
//! than the shift latents are ready to go: they are narrow on purpose. The same model is trained without and with the
//! condition that content latents be smooth over a period of the lattice, which is taken from the image. For both: how well
//! content follows the phase of the lattice (R of a linear function of the content for the cosines and sines of the phase),
//! and how well the polarisation. With `--out`: `smooth-maps.csv`, `smooth-maps.svg` and `.png`.

#![allow(clippy::print_stdout, reason = "a program prints")]

use std::error::Error;
use std::f64::consts::TAU;
use std::path::PathBuf;

use adatom::core::ndarray::{Array1, Array2, ArrayView1};
use adatom::interpret::{FieldCorrelation, Latents};
use adatom::patch::synthetic::{GeneratedLattice, Lattice};
use adatom::patch::{Patches, ScalingMethod, Window};
use adatom::vae::{LearningRate, Likelihood, Places, ShiftVae, Smoothness, Trainer};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

struct Options {
    seeds: u64,
    epochs: usize,
    weight: f64,
    dx: f64,
    sigma: f64,
    window: usize,
    count: usize,
    latent: usize,
    disp: f64,
    batch: usize,
    rate: f64,
    encoder: usize,
    fourier: f64,
    blocks: usize,
    ckl: f64,
    out: Option<PathBuf>,
}

fn main() -> Result<(), Box<dyn Error>> {
    let options = options()?;
    for seed in 0..options.seeds {
        for weight in [options.weight] {
            let lattice = Lattice::new(320, 320)
                .cell([16.0, 16.0])
                .displacement(options.disp)
                .b_intensity(0.6)
                .period(160.0)
                .seed(seed)
                .generate()?;
            let patches = patches(&lattice, &options, seed)?;
            let model = ShiftVae::config(options.window, options.window)
                .latent_dim(options.latent)
                .hidden([64, 64])
                .dx_prior(options.dx)
                .encoder_hidden([options.encoder, options.encoder])
                .fourier_features(options.fourier)
                .likelihood(if options.sigma > 0.0 {
                    Likelihood::Gaussian { sigma: options.sigma }
                } else {
                    Likelihood::GaussianLearned
                });
            let mut trainer = Trainer::new(model)
                .epochs(options.epochs)
                .batch_size(options.batch)
                .learning_rate(LearningRate::Cosine { peak: options.rate, warm_up: 0.05 })
                .group_kl_weight([adatom::vae::LatentGroup::Content], options.ckl)
                .seed(seed);
            if weight > 0.0 {
                let places = Places::of_patches(patches.patch_grid());
                trainer = trainer.condition(
                    Smoothness::new(places, 16.0)?.weight(weight).blocks_per_batch(options.blocks),
                );
            }
            let vae = trainer.fit(&patches)?;
            let posterior = vae.encode(&patches)?;
            let latents = Latents::new(patches.patch_grid(), posterior.content())?;
            let at = |patch: usize| {
                let at = patches.patch_grid().centre(patch);
                [at.row, at.column]
            };
            let r = |of: &dyn Fn([f64; 2]) -> f64| -> Result<f64, Box<dyn Error>> {
                let values = Array1::from_shape_fn(patches.len(), |patch| of(at(patch)));
                Ok(FieldCorrelation::of(&latents, "field", values.view())?.fit().r_squared.max(0.0).sqrt())
            };
            let mut phases = Vec::new();
            for axis in 0..2 {
                phases.push(r(&|at| (TAU * lattice.phase(at[0], at[1])[axis]).cos())?);
                phases.push(r(&|at| (TAU * lattice.phase(at[0], at[1])[axis]).sin())?);
            }
            let polar: Vec<f64> = (0..2)
                .map(|axis| r(&|at| lattice.displacement_at(at[0], at[1])[axis]))
                .collect::<Result<_, _>>()?;
            println!(
                "{seed} {weight:>5.1} elbo {:>8.2} phase {:.3?} polarisation {:.3?} sd {:.2?}",
                vae.elbo(&patches, 1)?.total(),
                phases,
                polar,
                posterior
                    .content()
                    .columns()
                    .into_iter()
                    .map(|c: ArrayView1<'_, f32>| c.std(0.0))
                    .collect::<Vec<_>>()
            );
        }
    }
    Ok(())
}

fn options() -> Result<Options, Box<dyn Error>> {
    let mut options = Options {
        seeds: 1,
        epochs: 40,
        weight: 30.0,
        dx: 0.6,
        sigma: 0.08,
        window: 24,
        count: 1600,
        latent: 3,
        disp: 2.0,
        batch: 64,
        rate: 3e-3,
        encoder: 256,
        fourier: 1.0,
        blocks: 4,
        ckl: 1.0,
        out: None,
    };
    let mut arguments = std::env::args().skip(1);
    while let Some(name) = arguments.next() {
        let value = arguments.next().ok_or_else(|| format!("{name} needs a value"))?;
        match name.as_str() {
            "--seeds" => options.seeds = value.parse()?,
            "--epochs" => options.epochs = value.parse()?,
            "--weight" => options.weight = value.parse()?,
            "--dx" => options.dx = value.parse()?,
            "--sigma" => options.sigma = value.parse()?,
            "--window" => options.window = value.parse()?,
            "--count" => options.count = value.parse()?,
            "--latent" => options.latent = value.parse()?,
            "--disp" => options.disp = value.parse()?,
            "--batch" => options.batch = value.parse()?,
            "--rate" => options.rate = value.parse()?,
            "--encoder" => options.encoder = value.parse()?,
            "--fourier" => options.fourier = value.parse()?,
            "--blocks" => options.blocks = value.parse()?,
            "--ckl" => options.ckl = value.parse()?,
            "--out" => options.out = Some(value.into()),
            _ => return Err(format!("{name} is not an option").into()),
        }
    }
    Ok(options)
}

fn patches(lattice: &GeneratedLattice, options: &Options, seed: u64) -> Result<Patches, Box<dyn Error>> {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let half = options.window as f64 / 2.0;
    let centres =
        Array2::from_shape_simple_fn((options.count, 2), || random.random_range(half..320.0 - half - 1.0));
    let plan = Patches::of([&lattice.image])
        .window(Window::square(options.window))
        .flatten(16.0)
        .scaling(ScalingMethod::Percentile { low: 0.1, high: 99.9 });
    Ok(plan.at([centres.view()])?)
}
