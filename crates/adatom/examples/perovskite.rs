//! Recovery of the order parameters of a generated perovskite lattice by shift and content of a model.
//!
//! ```text
//! cargo run --release -p adatom --example perovskite -- [--seeds N] [--epochs N] [--out FOLDER]
//! ```
//!
//! Patches of 24 × 24 pixels around the columns A, displaced by up to 3.5 pixels; cells of 16 pixels, columns
//! B displaced by up to 1.2 pixels with intensities that depend on the composition, shot noise of 6 %. With
//! `--out`, the patches and the truth are written as NPY files for other programs
//! (`benches/pyroved_perovskite.py`).
//!
//! Printed: correlation and error of the shift; for polarisation (displacement of B, mean of both axes) and
//! composition the largest correlation with one content latent, and R of a linear function of all content
//! latents, which are defined up to a rotation.

#![allow(clippy::print_stdout, reason = "a program prints")]

use std::error::Error;
use std::path::{Path, PathBuf};
use std::time::Instant;

use adatom::core::Samples;
use adatom::core::ndarray::{Array1, Array2, ArrayView1, Axis};
use adatom::interpret::{FieldCorrelation, Latents};
use adatom::patch::{Patches, ScalingMethod, Window};
use adatom::synthetic::{GeneratedLattice, LatticeImage};
use adatom::vae::{LearningRate, Likelihood, ShiftVae, Trainer};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

const CELL: f64 = 16.0;
const WINDOW: usize = 24;
const JITTER: f64 = 3.5;

struct Options {
    seeds: u64,
    epochs: usize,
    out: Option<PathBuf>,
}

fn main() -> Result<(), Box<dyn Error>> {
    let options = options()?;
    println!(
        "{:>4} {:>8} {:>8} {:>12} {:>6} {:>12} {:>6} {:>8}",
        "seed", "r shift", "rmse/px", "polarisation", "R", "composition", "R", "seconds"
    );
    let mut rows = Vec::new();
    for seed in 0..options.seeds {
        rows.push(run(seed, &options)?);
    }
    let mean = |column: usize| rows.iter().map(|row| row[column]).sum::<f64>() / rows.len() as f64;
    println!(
        "mean {:>8.4} {:>8.3} {:>12.3} {:>6.3} {:>12.3} {:>6.3} {:>8.1}",
        mean(0),
        mean(1),
        mean(2),
        mean(3),
        mean(4),
        mean(5),
        mean(6)
    );
    Ok(())
}

fn options() -> Result<Options, Box<dyn Error>> {
    let mut options = Options { seeds: 3, epochs: 20, out: None };
    let mut arguments = std::env::args().skip(1);
    while let Some(name) = arguments.next() {
        let value = arguments.next().ok_or_else(|| format!("{name} needs a value"))?;
        match name.as_str() {
            "--seeds" => options.seeds = value.parse()?,
            "--epochs" => options.epochs = value.parse()?,
            "--out" => options.out = Some(value.into()),
            _ => return Err(format!("{name} is not an option").into()),
        }
    }
    Ok(options)
}

/// r and rmse of the shift, |r| of the latent that follows the polarisation best, R of all content latents
/// together, |r| of the one that follows the composition best, R of all, seconds.
fn run(seed: u64, options: &Options) -> Result<[f64; 7], Box<dyn Error>> {
    let lattice = LatticeImage::new(41 * 16, 41 * 16)
        .cell([CELL, CELL])
        .displacement(1.2)
        .b_intensity(0.6)
        .composition(0.35)
        .background(0.0)
        .period(164.0)
        .noise(0.0)
        .dose(1.0 / (0.06 * 0.06))
        .seed(seed)
        .generate()?;
    let patches = patches(&lattice, seed)?;
    let truth = Truth::of(&lattice, &patches);
    if let Some(folder) = &options.out {
        write(&folder.join(format!("seed-{seed}")), &patches, &truth)?;
    }
    let begun = Instant::now();
    let model = ShiftVae::image_config(WINDOW, WINDOW)
        .latent_dim(3)
        .decoder_hidden([64, 64])
        .shift_prior(0.2)
        .fourier_features(1.5)
        .likelihood(Likelihood::GaussianLearned);
    let trainer = Trainer::new(model)
        .epochs(options.epochs)
        .batch_size(16)
        .learning_rate(LearningRate::Cosine { peak: 4e-3, warm_up: 0.05 })
        .seed(seed);
    let vae = trainer.fit(&patches)?;
    let seconds = begun.elapsed().as_secs_f64();
    let posterior = vae.encode(&patches)?;
    let shift = posterior.shift_pixels().ok_or("the model knows shifts")?;
    let (mut r, mut square) = ([0.0; 2], 0.0);
    for (axis, r) in r.iter_mut().enumerate() {
        let found = shift.column(axis).mapv(f64::from);
        let error = &found - &truth.shift.column(axis);
        // Where the object's centre is, is the model's choice: one constant.
        square += error.var(0.0) / 2.0;
        *r = correlation(found.view(), truth.shift.column(axis));
    }
    let latents = Latents::new(patches.patch_grid(), posterior.content())?;
    let strongest = |name: &str, values: ArrayView1<'_, f64>| -> Result<(f64, f64), Box<dyn Error>> {
        let found = FieldCorrelation::of(&latents, name, values)?;
        let best = found.latents().iter().map(|latent| latent.pearson.r.abs()).fold(0.0, f64::max);
        Ok((best, found.fit().r_squared.max(0.0).sqrt()))
    };
    let rows = strongest("rows", truth.polarisation.column(0))?;
    let columns = strongest("columns", truth.polarisation.column(1))?;
    let composition = strongest("composition", truth.composition.view())?;
    let values = [
        (r[0] + r[1]) / 2.0,
        square.sqrt(),
        (rows.0 + columns.0) / 2.0,
        (rows.1 + columns.1) / 2.0,
        composition.0,
        composition.1,
        seconds,
    ];
    println!(
        "{seed:>4} {:>8.4} {:>8.3} {:>12.3} {:>6.3} {:>12.3} {:>6.3} {:>8.1}",
        values[0], values[1], values[2], values[3], values[4], values[5], values[6]
    );
    Ok(values)
}

/// Patches around the columns A, each moved at random.
fn patches(lattice: &GeneratedLattice, seed: u64) -> Result<Patches, Box<dyn Error>> {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let margin = WINDOW as f64 / 2.0 + JITTER + 1.0;
    let extents = [lattice.image.height() as f64, lattice.image.width() as f64];
    let inside =
        |at: &ArrayView1<'_, f64>| (0..2).all(|axis| at[axis] > margin && at[axis] < extents[axis] - margin);
    let mut centres: Vec<f64> = Vec::new();
    for at in lattice.a_columns.rows().into_iter().filter(inside) {
        centres.extend(at.iter().map(|at| at + random.random_range(-JITTER..JITTER)));
    }
    let centres = Array2::from_shape_vec((centres.len() / 2, 2), centres)?;
    let plan = Patches::of([&lattice.image])
        .window(Window::square(WINDOW))
        .scaling(ScalingMethod::Percentile { low: 0.1, high: 99.9 });
    Ok(plan.at([centres.view()])?)
}

/// What is true at every patch.
struct Truth {
    /// From the patch's centre to the column A, pixels.
    shift: Array2<f64>,
    /// Displacement of B, pixels.
    polarisation: Array2<f64>,
    composition: Array1<f64>,
}

impl Truth {
    fn of(lattice: &GeneratedLattice, patches: &Patches) -> Self {
        let centre = |patch: usize| {
            let at = patches.patch_grid().centre(patch);
            [at.row, at.column]
        };
        let n = patches.len();
        let pairs = |of: &dyn Fn(f64, f64) -> [f64; 2]| {
            Array2::from_shape_fn((n, 2), |(patch, axis)| of(centre(patch)[0], centre(patch)[1])[axis])
        };
        Self {
            shift: pairs(&|row, column| lattice.shift_at(row, column)),
            polarisation: pairs(&|row, column| lattice.displacement_at(row, column)),
            composition: Array1::from_shape_fn(n, |patch| {
                lattice.composition_at(centre(patch)[0], centre(patch)[1])
            }),
        }
    }
}

fn write(folder: &Path, patches: &Patches, truth: &Truth) -> Result<(), Box<dyn Error>> {
    std::fs::create_dir_all(folder)?;
    let all: Vec<usize> = (0..patches.len()).collect();
    let mut rows = Array2::<f32>::zeros((patches.len(), WINDOW * WINDOW));
    patches.fill(&all, &mut rows.view_mut());
    let stack = rows.into_shape_with_order((patches.len(), WINDOW, WINDOW))?;
    ndarray_npy::write_npy(folder.join("patches.npy"), &stack)?;
    ndarray_npy::write_npy(folder.join("shift.npy"), &truth.shift)?;
    ndarray_npy::write_npy(folder.join("polarisation.npy"), &truth.polarisation)?;
    ndarray_npy::write_npy(folder.join("composition.npy"), &truth.composition)?;
    Ok(())
}

fn correlation(a: ArrayView1<'_, f64>, b: ArrayView1<'_, f64>) -> f64 {
    let centred = |x: ArrayView1<'_, f64>| &x - x.mean_axis(Axis(0)).map_or(0.0, |mean| mean.into_scalar());
    let (a, b) = (centred(a), centred(b));
    a.dot(&b) / (a.dot(&a) * b.dot(&b)).sqrt()
}
