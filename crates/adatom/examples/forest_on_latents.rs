//! Predicts a property of a material from the latents of an autoencoder.
//!
//! ```text
//! cargo run --release -p adatom --example forest_on_latents -- [EPOCHS]
//! ```
//!
//! A generated lattice has columns B that are displaced by a smooth field. A shift-invariant autoencoder
//! is trained on patches without labels; its latents become a table of modality `latent`, from which a forest
//! predicts the displacement of B and its direction (two classes). Patches overlap, so that scores on random
//! patches are too optimistic: whole blocks of the image are held out as well.

#![allow(clippy::print_stdout, reason = "a program prints")]

use std::error::Error;

use adatom::core::ndarray::{Array1, Array2};
use adatom::core::{FeatureTable, Score, Target};
use adatom::forest::{ClassScore, PropertyScore, RandomForest, SplitRule, Task, Validation};
use adatom::interpret::{FieldCorrelation, Latents};
use adatom::patch::{Patches, ScalingMethod, Window};
use adatom::synthetic::{GeneratedLattice, LatticeImage};
use adatom::vae::{Likelihood, ShiftVae, Trainer};

/// Patches around each column A lie at these distances from it (rows, columns; pixels).
const OFFSETS: [[f64; 2]; 4] = [[-2.0, 1.0], [1.5, 2.5], [2.5, -2.0], [-1.0, -2.5]];

const CELL: f64 = 16.0;
const SEED: u64 = 7;

fn main() -> Result<(), Box<dyn Error>> {
    let epochs = std::env::args().nth(1).map_or(Ok(60), |text| text.parse())?;
    let lattice = LatticeImage::new(320, 320)
        .cell([CELL, CELL])
        .displacement(2.0)
        .b_intensity(0.7)
        .period(160.0)
        .seed(SEED)
        .generate()?;
    let patches = patches(&lattice)?;
    let model = ShiftVae::image_config(24, 24)
        .latent_dim(3)
        .hidden([64, 64])
        .shift_prior(0.2)
        .likelihood(Likelihood::Gaussian { sigma: 0.08 });
    let trainer = Trainer::new(model).epochs(epochs).batch_size(32).learning_rate(4e-3).seed(SEED);
    let vae = trainer.fit(&patches)?;
    let posterior = vae.encode(&patches)?;

    let displacement = Array1::from_shape_fn(patches.len(), |patch| {
        let centre = patches.patch_grid().centre(patch);
        lattice.displacement_at(centre.row, centre.column)[0]
    });
    let latents = Latents::new(patches.patch_grid(), posterior.content())?;
    let linear = FieldCorrelation::of(&latents, "displacement", displacement.view())?;
    let direction = displacement.iter().map(|&rows| if rows > 0.0 { "down" } else { "up" });
    let table = latents
        .table(3.0 * CELL)?
        .with_target("displacement", Target::numbers(displacement.to_vec()))?
        .with_target("direction", Target::classes(direction))?;
    println!(
        "{} patches, {} columns of modality {}",
        table.len(),
        table.columns().len(),
        table.modalities()[0]
    );
    println!(
        "a linear function of the latents: R² {:.3}, {:.3} cross-validated",
        linear.fit().r_squared,
        linear.fit().held_out.unwrap_or(f64::NAN)
    );
    scores(&table)
}

/// Patches around every column A.
fn patches(lattice: &GeneratedLattice) -> Result<Patches, Box<dyn Error>> {
    let columns = &lattice.a_columns;
    let centres = Array2::from_shape_fn((columns.nrows() * OFFSETS.len(), 2), |(patch, axis)| {
        columns[[patch / OFFSETS.len(), axis]] + OFFSETS[patch % OFFSETS.len()][axis]
    });
    let plan = Patches::of([&lattice.image])
        .window(Window::square(24))
        .flatten(CELL)
        .scaling(ScalingMethod::Percentile { low: 0.1, high: 99.9 });
    Ok(plan.at([centres.view()])?)
}

/// Cross-validated scores of a forest, and of a prediction that does not use the latents.
fn scores(table: &FeatureTable) -> Result<(), Box<dyn Error>> {
    let values = table.numbers("displacement")?;
    let classes = table.classes("direction")?;
    let regress = || Task::regress(table, values.view());
    let classify = || Task::classify(table, &classes);
    println!("{:<28} {:>14} {:>14}", "", "random patches", "whole blocks");
    let [random, blocks] = both(table, regress, &PropertyScore::R2)?;
    println!("{:<28} {random:>14.3} {blocks:>14.3}", "displacement, R²");
    let [random, blocks] = both(table, classify, &ClassScore::Accuracy)?;
    println!("{:<28} {random:>14.3} {blocks:>14.3}", "direction, accuracy");
    let most = classes.counts.iter().max().copied().unwrap_or(0) as f64 / table.len() as f64;
    println!("{:<28} {:>14.3} {:>14.3}", "baseline: R²", 0.0, 0.0);
    println!("{:<28} {most:>14.3} {most:>14.3}", "baseline: accuracy");
    Ok(())
}

/// The mean score over five folds of random patches, and over five of whole blocks.
fn both<'a>(
    table: &'a FeatureTable,
    task: impl Fn() -> Task<'a>,
    score: &'a dyn Score,
) -> Result<[f64; 2], Box<dyn Error>> {
    let params = RandomForest::params().trees(200).seed(SEED);
    let mean = |rule: SplitRule<'_>| -> Result<f64, Box<dyn Error>> {
        let found = Validation::new(task()).score(score).cross_validate(&params, &rule.splits(SEED)?)?;
        Ok(found.scores[0].mean().unwrap_or(f64::NAN))
    };
    let folds = || SplitRule::folds(table.len(), 5);
    Ok([mean(folds())?, mean(folds().by_group(table.group("block")?))?])
}
