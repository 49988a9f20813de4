//! Does the content of patches at random positions on a lattice encode its phase or its order parameter?
//!
//! ```text
//! cargo run --release -p adatom --example smooth_maps -- [--seeds N] [--epochs N] [--batch N]
//!     [--start-epochs N] [--weight NAT] [--figure FILE.png]
//! ```
//!
//! A generated lattice with two kinds of columns: A at the corners of cells of 16 pixels, and weaker columns
//! B near the centres, displaced by a smooth field of up to 2 pixels (the polarisation). Patches of 24 × 24
//! pixels at random positions. Four ways of training: a normal shift with a narrow prior, as published, or a
//! shift that is periodic on the unit cell found in the image; each without and with content from neighbours
//! within the length of the cell (`Smoothness::content_from_neighbours`; `--weight` adds a smoothness
//! penalty). For the periodic shift, 49 positions are evaluated for each patch in the first epochs
//! (`PoseHypotheses`). Free bits of 1 nat prevent the collapse of the content.
//!
//! Printed, means over both content latents or both axes: the correlation ratio η of content and the phase of
//! the lattice (the square root of the part of the content's variance that is a function of the phase, in 8 ×
//! 8 parts of the cell), the correlation R of the polarisation with a linear function of the content, and the
//! roughness of the content (1 for noise).

#![allow(clippy::print_stdout, reason = "a program prints")]

use std::error::Error;
use std::f64::consts::TAU;
use std::sync::Mutex;

use adatom::core::ndarray::{Array1, Array2, ArrayView1};
use adatom::interpret::{CurveFigure, CurvePanel, FieldCorrelation, Figure, Latents};
use adatom::patch::{Patches, ScalingMethod, Window};
use adatom::synthetic::{GeneratedLattice, LatticeImage};
use adatom::vae::{
    LearningRate, Likelihood, PoseHypotheses, Positions, ShiftVae, Smoothness, Trainer, VaeConfig,
};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

const CELL: f64 = 16.0;
const SIDE: usize = 320;
const WINDOW: usize = 24;
const PATCHES: usize = 1600;
/// The cell is divided into so many parts along each axis.
const PARTS: usize = 8;

struct Options {
    seeds: u64,
    epochs: usize,
    batch: usize,
    start_epochs: usize,
    weight: f64,
    figure: Option<String>,
}

/// One way to train.
#[derive(Clone, Copy)]
struct Way {
    on_cell: bool,
    smooth: bool,
}

impl Way {
    fn name(self) -> String {
        let shift = if self.on_cell { "on the cell" } else { "in the plane" };
        if self.smooth { format!("{shift}, smooth") } else { shift.into() }
    }
}

/// What one training gave.
struct Outcome {
    seed: u64,
    way: usize,
    elbo: f64,
    phase: f64,
    polarisation: f64,
    roughness: f64,
}

type Failure = Box<dyn Error + Send + Sync>;

fn main() -> Result<(), Failure> {
    let options = options()?;
    let ways: Vec<Way> = [false, true]
        .into_iter()
        .flat_map(|on_cell| [false, true].map(|smooth| Way { on_cell, smooth }))
        .collect();
    // The last first, so that they are taken in order.
    let mut jobs: Vec<(u64, usize)> =
        (0..options.seeds).flat_map(|seed| (0..ways.len()).map(move |way| (seed, way))).collect();
    jobs.reverse();
    let (jobs, done) = (Mutex::new(jobs), Mutex::new(Vec::new()));
    println!("seed  way                      ELBO  η phase  R polarisation  roughness");
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    // A function of its own, so that nobody waits for the lock while a model is trained.
    let next = || -> Result<Option<(u64, usize)>, Failure> {
        Ok(jobs.lock().map_err(|_| "another training failed")?.pop())
    };
    let work = || -> Result<(), Failure> {
        while let Some((seed, way)) = next()? {
            let one = Outcome { seed, way, ..run(seed, ways[way], &options)? };
            println!(
                "{seed:>4}  {:<20} {:>8.1} {:>8.3} {:>15.3} {:>10.3}",
                ways[way].name(),
                one.elbo,
                one.phase,
                one.polarisation,
                one.roughness
            );
            done.lock().map_err(|_| "another training failed")?.push(one);
        }
        Ok(())
    };
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..workers).map(|_| scope.spawn(work)).collect();
        threads.into_iter().try_for_each(|thread| thread.join().map_err(|_| "a thread failed")?)
    })?;
    let mut done = done.into_inner().map_err(|_| "a training failed")?;
    done.sort_by_key(|one| (one.way, one.seed));
    for (index, way) in ways.iter().enumerate() {
        let of_way = || done.iter().filter(|one| one.way == index);
        let followed = of_way().filter(|one| one.polarisation > 0.95 && one.phase < 0.3).count();
        println!(
            "{:<20} η phase {}, R polarisation {}, roughness {}, ELBO {:.0}; the polarisation and not the \
             phase in {followed} of {}",
            way.name(),
            spread(of_way().map(|one| one.phase)),
            spread(of_way().map(|one| one.polarisation)),
            spread(of_way().map(|one| one.roughness)),
            of_way().map(|one| one.elbo).sum::<f64>() / options.seeds as f64,
            options.seeds
        );
    }
    if let Some(file) = &options.figure {
        figure(&ways, &done)?.save_png(file)?;
    }
    Ok(())
}

fn options() -> Result<Options, Failure> {
    let mut options =
        Options { seeds: 3, epochs: 60, batch: 64, start_epochs: 12, weight: 0.0, figure: None };
    let mut arguments = std::env::args().skip(1);
    while let Some(name) = arguments.next() {
        let value = arguments.next().ok_or_else(|| format!("{name} needs a value"))?;
        match name.as_str() {
            "--seeds" => options.seeds = value.parse()?,
            "--epochs" => options.epochs = value.parse()?,
            "--batch" => options.batch = value.parse()?,
            "--start-epochs" => options.start_epochs = value.parse()?,
            "--weight" => options.weight = value.parse()?,
            "--figure" => options.figure = Some(value),
            _ => return Err(format!("{name} is not an option").into()),
        }
    }
    Ok(options)
}

fn run(seed: u64, way: Way, options: &Options) -> Result<Outcome, Failure> {
    let lattice = LatticeImage::new(SIDE, SIDE)
        .cell([CELL, CELL])
        .displacement(2.0)
        .b_intensity(0.6)
        .period(10.0 * CELL)
        .seed(seed)
        .generate()?;
    let patches = patches(&lattice, seed)?;
    let vectors = lattice.image.lattice_vectors()?.ok_or("the lattice repeats along two directions")?;
    let length = vectors.map(|[rows, columns]| rows.hypot(columns)).into_iter().fold(0.0, f64::max);
    let smooth = Smoothness::new(Positions::of_patches(patches.patch_grid()), length)?;
    let mut trainer = Trainer::new(model(vectors, way))
        .epochs(options.epochs)
        .batch_size(options.batch)
        .learning_rate(LearningRate::Cosine { peak: 4e-3, warm_up: 0.05 })
        .pixel_fraction(0.3)
        .free_bits(1.0)
        .seed(seed);
    if way.on_cell {
        let starts = PoseHypotheses::shifts(7, TAU / 7.0).epochs(options.start_epochs);
        trainer = trainer.pose_hypotheses(starts.pixel_fraction(0.12).encoder_weight(300.0));
    }
    if way.smooth {
        // At most eight patches in a block.
        let blocks = options.batch.div_ceil(8);
        let smooth = smooth.clone().weight(options.weight).blocks_per_batch(blocks);
        trainer = trainer.regulariser(smooth.content_from_neighbours());
    }
    let vae = trainer.fit(&patches)?;
    let posterior = vae.encode(&patches)?;
    let content = posterior.content().mapv(f64::from);
    let latents = Latents::new(patches.patch_grid(), posterior.content())?;
    let centres: Vec<_> = (0..patches.len()).map(|patch| patches.patch_grid().centre(patch)).collect();
    let phases: Vec<[f64; 2]> = centres.iter().map(|at| lattice.phase(at.row, at.column)).collect();
    let (mut phase, mut polarisation, mut roughness) = (0.0, 0.0, 0.0);
    for latent in 0..2 {
        phase += correlation_ratio(content.column(latent), &phases) / 2.0;
        roughness += smooth.roughness_of(content.column(latent))?.unwrap_or(0.0) / 2.0;
    }
    for axis in 0..2 {
        let field: Array1<f64> =
            centres.iter().map(|at| lattice.displacement_at(at.row, at.column)[axis]).collect();
        let found = FieldCorrelation::of(&latents, "polarisation", field.view())?;
        polarisation += found.fit().r_squared.max(0.0).sqrt() / 2.0;
    }
    Ok(Outcome { seed, way: 0, elbo: vae.elbo(&patches, 1)?.total(), phase, polarisation, roughness })
}

/// η: the square root of the part of the variance that lies between parts of the cell, less what chance would
/// give.
fn correlation_ratio(values: ArrayView1<'_, f64>, phases: &[[f64; 2]]) -> f64 {
    let part = |phase: f64| ((phase - phase.floor()) * PARTS as f64) as usize % PARTS;
    let mut parts = vec![Vec::new(); PARTS * PARTS];
    for (&value, phase) in values.iter().zip(phases) {
        parts[part(phase[0]) * PARTS + part(phase[1])].push(value);
    }
    // Variances of the patches of a part about their own mean, which takes away one degree of freedom of
    // each.
    let within: f64 = parts
        .into_iter()
        .filter(|part| part.len() > 1)
        .map(|part| part.len() as f64 * Array1::from_vec(part).var(1.0))
        .sum();
    (1.0 - within / (values.len() as f64 * values.var(0.0))).max(0.0).sqrt()
}

fn model(vectors: [[f64; 2]; 2], way: Way) -> VaeConfig {
    let model = ShiftVae::image_config(WINDOW, WINDOW)
        .latent_dim(2)
        .encoder_hidden([256, 256])
        .decoder_hidden([64, 64])
        .fourier_features(1.5)
        .likelihood(Likelihood::GaussianLearned);
    if way.on_cell { model.shift_lattice(vectors) } else { model.shift_prior(0.1) }
}

fn patches(lattice: &GeneratedLattice, seed: u64) -> Result<Patches, Failure> {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let half = WINDOW as f64 / 2.0;
    let range = half..SIDE as f64 - half - 1.0;
    let centres = Array2::from_shape_fn((PATCHES, 2), |_| random.random_range(range.clone()));
    let plan = Patches::of([&lattice.image])
        .window(Window::square(WINDOW))
        .flatten(CELL)
        .scaling(ScalingMethod::Percentile { low: 0.1, high: 99.9 });
    Ok(plan.at([centres.view()])?)
}

/// Median, smallest and largest.
fn spread(values: impl Iterator<Item = f64>) -> String {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    match values.as_slice() {
        [] => "-".into(),
        all => {
            let median = 0.5 * (all[(all.len() - 1) / 2] + all[all.len() / 2]);
            format!("{median:.2} ({:.2} to {:.2})", all[0], all[all.len() - 1])
        }
    }
}

/// The seeds of each way, from the worst for the polarisation.
fn figure(ways: &[Way], done: &[Outcome]) -> Result<CurveFigure, Failure> {
    let panel = |label: &str, of: &dyn Fn(&Outcome) -> f64| -> Result<CurvePanel, Failure> {
        let mut panel = CurvePanel::new(label).all_values();
        for (index, way) in ways.iter().enumerate() {
            let mut values: Vec<f64> = done.iter().filter(|one| one.way == index).map(of).collect();
            values.sort_by(f64::total_cmp);
            let ranks: Vec<f64> = (1..=values.len()).map(|rank| rank as f64).collect();
            panel = panel.series(way.name(), &ranks, &values)?;
        }
        Ok(panel)
    };
    let panels = vec![
        panel("R of the polarisation", &|one| one.polarisation)?,
        panel("η of the lattice phase", &|one| one.phase)?,
    ];
    Ok(CurveFigure::new(panels)?.title("What the content knows").x_label("seeds, in ascending order"))
}
