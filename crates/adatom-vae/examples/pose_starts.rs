//! The fraction of trainings of a rotation-invariant model in which the orientation of all objects is found,
//! without and with pose hypotheses.
//!
//! ```text
//! cargo run -p adatom-vae --example pose_starts -- [--seeds N] [--epochs N] [--starts N] [--tried N]
//!     [FILE.csv]
//! ```
//!
//! Generated dumbbells in all directions whose ends differ little: half a turn nearly maps one onto another,
//! so that a training may converge with a part of them upside down. `--tried` is the number of first epochs
//! with pose hypotheses. A seed has found the right basin when 90 % of its angles lie within 30 degrees of
//! the truth, up to one constant. FILE.csv (default `pose-starts.csv`) receives a row for each seed and
//! setting.

#![allow(clippy::print_stdout, reason = "a program prints")]

use std::error::Error;
use std::f64::consts::TAU;
use std::fmt::Write as _;
use std::time::Instant;

use adatom_vae::ndarray::Array3;
use adatom_vae::{
    CircularMean, Invariance, Likelihood, PoseHypotheses, Samples, Trainer, VaeConfig, angle_difference,
};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Pixels along an edge.
const SIZE: usize = 14;
const MOTIFS: usize = 200;
/// The largest error of a correct angle, in degrees.
const WITHIN: f64 = 30.0;
/// The fraction of correct angles that counts as the right basin.
const ENOUGH: f64 = 0.9;

struct Motifs {
    images: Array3<f32>,
    angles: Vec<f64>,
}

/// Two spots on a line through the centre, the second one 60 % as bright, with a little noise.
fn generate(seed: u64) -> Motifs {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let angles: Vec<f64> = (0..MOTIFS).map(|_| TAU * random.random::<f64>()).collect();
    let at = |index: usize| 2.0 * index as f64 / (SIZE - 1) as f64 - 1.0;
    let images = Array3::from_shape_fn((MOTIFS, SIZE, SIZE), |(n, row, column)| {
        let (sine, cosine) = angles[n].sin_cos();
        let (r, c) = (at(row) * cosine + at(column) * sine, at(column) * cosine - at(row) * sine);
        let spot = |c0: f64| (-(r * r + (c - c0).powi(2)) / 0.06).exp();
        let noise = 0.1 * random.random::<f64>();
        (0.85 * (spot(0.55) + 0.6 * spot(-0.55)) + noise).min(1.0) as f32
    });
    Motifs { images, angles }
}

fn config() -> VaeConfig {
    VaeConfig::new(Samples::shape(&Array3::<f32>::zeros((1, SIZE, SIZE))))
        .invariances([Invariance::Rotation])
        .rotation_circle()
        .latent_dim(0)
        .likelihood(Likelihood::Gaussian { sigma: 0.2 })
        .fourier_features(1.0)
        .hidden([24, 24])
}

/// The result of one training.
struct Outcome {
    /// The fraction of correct angles.
    share: f64,
    elbo: f64,
    seconds: f64,
}

fn run(trainer: &Trainer, motifs: &Motifs) -> Result<Outcome, adatom_vae::TrainError> {
    let started = Instant::now();
    // On a thread of the pool, so that small steps need no change of thread.
    let vae = rayon::scope(|_| trainer.fit(&motifs.images))?;
    let seconds = started.elapsed().as_secs_f64();
    let posterior = vae.encode(&motifs.images)?;
    let found: Vec<f64> = posterior.rotation().into_iter().flatten().map(|&angle| f64::from(angle)).collect();
    // The decoder may draw its object in any orientation: one constant. The sense of turning is the same by
    // construction, the sign of the angle is not; both are tried.
    let share = [1.0, -1.0].map(|sign| {
        let off: Vec<f64> =
            found.iter().zip(&motifs.angles).map(|(found, truth)| found - sign * truth).collect();
        let right = |constant: f64| {
            let within =
                off.iter().filter(|off| angle_difference(constant, **off).abs() < WITHIN.to_radians());
            within.count() as f64 / MOTIFS as f64
        };
        // The mean of two opposite groups lies in neither: every object's own constant is tried.
        off.iter()
            .copied()
            .chain([CircularMean::of(off.iter().copied()).angle])
            .map(right)
            .fold(0.0, f64::max)
    });
    let elbo = vae.elbo(&motifs.images, 1)?.total();
    Ok(Outcome { share: share[0].max(share[1]), elbo, seconds })
}

/// Wilson's 95 % confidence interval of a fraction (J. Am. Stat. Assoc. 22, 209 (1927)).
fn interval(hits: usize, n: usize) -> [f64; 2] {
    let (n, share, z) = (n as f64, hits as f64 / n as f64, 1.96f64);
    let centre = (share + z * z / (2.0 * n)) / (1.0 + z * z / n);
    let half = z / (1.0 + z * z / n) * (share * (1.0 - share) / n + z * z / (4.0 * n * n)).sqrt();
    [(centre - half).max(0.0), (centre + half).min(1.0)]
}

fn main() -> Result<(), Box<dyn Error>> {
    let (mut seeds, mut epochs, mut starts, mut file) = (20, 160, 12, "pose-starts.csv".to_owned());
    let mut tried = 80;
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().ok_or(format!("{argument} needs a value"));
        match argument.as_str() {
            "--seeds" => seeds = value()?.parse()?,
            "--epochs" => epochs = value()?.parse()?,
            "--starts" => starts = value()?.parse()?,
            "--tried" => tried = value()?.parse()?,
            _ => file = argument,
        }
    }
    let one = Trainer::new(config()).epochs(epochs).batch_size(25).learning_rate(2.5e-3);
    let several = one.clone().pose_hypotheses(PoseHypotheses::rotations(starts).epochs(tried));
    let ways = [("one start".to_owned(), one), (format!("{starts} starts"), several)];
    let mut table = String::from("seed,way,share_within_30_degrees,right_basin,elbo,seconds\n");
    let (mut hits, mut spent) = ([0, 0], [0.0, 0.0]);
    println!("{:<5} {:<10} {:>14} {:>10} {:>8}", "seed", "way", "within 30 deg", "ELBO", "seconds");
    for seed in 1..=seeds {
        let motifs = generate(seed);
        for (index, (way, trainer)) in ways.iter().enumerate() {
            let Outcome { share, elbo, seconds } = run(&trainer.clone().seed(seed), &motifs)?;
            let right = share >= ENOUGH;
            hits[index] += usize::from(right);
            spent[index] += seconds;
            println!("{seed:<5} {way:<10} {:>12.1} % {elbo:>10.2} {seconds:>8.2}", 100.0 * share);
            writeln!(table, "{seed},{way},{share:.4},{},{elbo:.4},{seconds:.3}", u8::from(right))?;
        }
    }
    println!();
    for (index, (way, _)) in ways.iter().enumerate() {
        let [low, high] = interval(hits[index], seeds as usize).map(|share| 100.0 * share);
        println!(
            "{way:<10} right basin in {} of {seeds} seeds: {:.0} % ({low:.0} to {high:.0} %), \
             {:.1} s a training",
            hits[index],
            100.0 * hits[index] as f64 / seeds as f64,
            spent[index] / seeds as f64
        );
    }
    std::fs::write(&file, table)?;
    println!("{file}");
    Ok(())
}
