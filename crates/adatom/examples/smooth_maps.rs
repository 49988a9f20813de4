//! What do latents follow on a lattice sampled at random: its phase, or its order parameter?
//!
//! ```text
//! cargo run --release -p adatom --example smooth_maps -- [--seeds N] [--epochs N] [--weight NAT] [--near PIXELS]
//! ```
//!
//! A generated lattice with two kinds of columns, A at the corners of cells of 16 pixels and weaker ones, B, in their middle, which
//! a smooth field displaces by up to 2 pixels (the polarisation). Patches lie at random; with `--near`, no further than so many
//! pixels from a column A. The same model is trained without and with the condition that content be smooth over the spacing of
//! the lattice, which is taken from the image. Printed: R of a linear function of the content for cosine and sine of the phase of the
//! lattice at the patch (mean over both axes), and for the polarisation.

#![allow(clippy::print_stdout, reason = "a program prints")]

use std::error::Error;
use std::f64::consts::TAU;

use adatom::core::ndarray::{Array1, Array2};
use adatom::interpret::{FieldCorrelation, Latents};
use adatom::patch::synthetic::{GeneratedLattice, Lattice};
use adatom::patch::{LatticeWave, Patches, ScalingMethod, Window};
use adatom::vae::{LearningRate, Likelihood, Places, PoseStarts, ShiftVae, Smoothness, Trainer};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

const CELL: f64 = 16.0;
const SIDE: usize = 320;
const WINDOW: usize = 24;
const PATCHES: usize = 1600;
/// Prior of the shift; half a cell is 3½ of its standard deviations.
const DX_PRIOR: f64 = 0.2;
/// Shifts that are tried along each axis in the first epochs.
const STARTS: usize = 5;

struct Options {
    seeds: u64,
    epochs: usize,
    weight: f64,
    near: f64,
}

fn main() -> Result<(), Box<dyn Error>> {
    let options = options()?;
    println!("seed  weight      ELBO  R phase  R polarisation");
    for seed in 0..options.seeds {
        for weight in [0.0, options.weight] {
            let [elbo, phase, polarisation] = run(seed, weight, &options)?;
            println!("{seed:>4} {weight:>7.1} {elbo:>9.2} {phase:>8.3} {polarisation:>15.3}");
        }
    }
    Ok(())
}

fn options() -> Result<Options, Box<dyn Error>> {
    let mut options = Options { seeds: 3, epochs: 60, weight: 20.0, near: CELL };
    let mut arguments = std::env::args().skip(1);
    while let Some(name) = arguments.next() {
        let value = arguments.next().ok_or_else(|| format!("{name} needs a value"))?;
        match name.as_str() {
            "--seeds" => options.seeds = value.parse()?,
            "--epochs" => options.epochs = value.parse()?,
            "--weight" => options.weight = value.parse()?,
            "--near" => options.near = value.parse()?,
            _ => return Err(format!("{name} is not an option").into()),
        }
    }
    if options.near.is_nan() || options.near < 1.0 {
        return Err("--near: expected 1 pixel or more".into());
    }
    Ok(options)
}

/// ELBO, R of the phase, R of the polarisation.
fn run(seed: u64, weight: f64, options: &Options) -> Result<[f64; 3], Box<dyn Error>> {
    let lattice = Lattice::new(SIDE, SIDE)
        .cell([CELL, CELL])
        .displacement(2.0)
        .b_intensity(0.6)
        .period(10.0 * CELL)
        .seed(seed)
        .generate()?;
    let patches = patches(&lattice, options.near, seed)?;
    let model = ShiftVae::config(WINDOW, WINDOW)
        .latent_dim(2)
        .encoder_hidden([256, 256])
        .decoder_hidden([64, 64])
        .dx_prior(DX_PRIOR)
        .fourier_features(1.0)
        .likelihood(Likelihood::Gaussian { sigma: 0.1 });
    // In standard deviations of the prior, where half a window is 1.
    let spacing = CELL / STARTS as f64 / ((WINDOW - 1) as f64 / 2.0) / DX_PRIOR;
    let mut trainer = Trainer::new(model)
        .epochs(options.epochs)
        .batch_size(32)
        .learning_rate(LearningRate::Cosine { peak: 3e-3, warm_up: 0.05 })
        .pose_starts(PoseStarts::shifts(STARTS, spacing).epochs(options.epochs / 6))
        .pose_first(options.epochs / 3)
        .seed(seed);
    if weight > 0.0 {
        let waves = lattice.image.lattice_waves(1)?;
        let length = waves.first().map(LatticeWave::spacing).ok_or("the lattice repeats")?;
        let places = Places::of_patches(patches.patch_grid());
        trainer = trainer.condition(Smoothness::new(places, length)?.weight(weight));
    }
    let vae = trainer.fit(&patches)?;
    let posterior = vae.encode(&patches)?;
    let latents = Latents::new(patches.patch_grid(), posterior.content())?;
    let r = |of: &dyn Fn(f64, f64) -> f64| -> Result<f64, Box<dyn Error>> {
        let values = Array1::from_shape_fn(patches.len(), |patch| {
            let at = patches.patch_grid().centre(patch);
            of(at.row, at.column)
        });
        let fit = FieldCorrelation::of(&latents, "field", values.view())?;
        Ok(fit.fit().r_squared.max(0.0).sqrt())
    };
    let (mut phase, mut polarisation) = (0.0, 0.0);
    for axis in 0..2 {
        phase += r(&|row, column| (TAU * lattice.phase(row, column)[axis]).cos())? / 4.0;
        phase += r(&|row, column| (TAU * lattice.phase(row, column)[axis]).sin())? / 4.0;
        polarisation += r(&|row, column| lattice.displacement_at(row, column)[axis])? / 2.0;
    }
    Ok([vae.elbo(&patches, 1)?.total(), phase, polarisation])
}

fn patches(lattice: &GeneratedLattice, near: f64, seed: u64) -> Result<Patches, Box<dyn Error>> {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let half = WINDOW as f64 / 2.0;
    let range = half..SIDE as f64 - half - 1.0;
    let mut centres = Vec::with_capacity(2 * PATCHES);
    while centres.len() < 2 * PATCHES {
        let at = [random.random_range(range.clone()), random.random_range(range.clone())];
        let [row, column] = lattice.shift_at(at[0], at[1]);
        if row.hypot(column) <= near {
            centres.extend(at);
        }
    }
    let centres = Array2::from_shape_vec((PATCHES, 2), centres)?;
    let plan = Patches::of([&lattice.image])
        .window(Window::square(WINDOW))
        .flatten(CELL)
        .scaling(ScalingMethod::Percentile { low: 0.1, high: 99.9 });
    Ok(plan.at([centres.view()])?)
}
