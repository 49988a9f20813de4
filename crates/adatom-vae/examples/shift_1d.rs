//! 1-D peaks of random position and width: the shift latent finds the position, one content latent the width.
//!
//! ```text
//! cargo run --release -p adatom-vae --example shift_1d -- [--epochs N] [--plain] [FOLDER]
//! ```
//!
//! FOLDER contains `spectra.npy` `[n, points]` with values in [0, 1] over x = -12..12, `position.npy` and
//! `width.npy` `[n]` (f32 or f64); without it, 5,000 noisy Gaussian peaks are generated. The settings are
//! those of pyroVED's published example: batches of 64, learning rate 1e-3, 250 epochs, two content latents,
//! prior of the shift 0.3. `--plain` trains without shift invariance.

#![allow(clippy::print_stdout, reason = "a program prints")]

use std::error::Error;
use std::path::{Path, PathBuf};
use std::time::Instant;

use adatom_vae::ndarray::{Array1, Array2, ArrayView1, Dimension};
use adatom_vae::{Control, EpochEvent, Invariance, Observer, ShiftVae, Trainer};
use ndarray_npy::{ReadNpyError, read_npy};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// The signals span x = -12 to 12.
const HALF_SPAN: f64 = 12.0;

/// Signals with the true positions and widths.
struct Peaks {
    spectra: Array2<f32>,
    position: Array1<f64>,
    width: Array1<f64>,
}

struct Print(Instant);

impl Observer for Print {
    fn epoch(&mut self, event: &EpochEvent<'_>) -> Control {
        let record = &event.record;
        if record.epoch.is_multiple_of(10) || record.epoch == event.epochs {
            let seconds = self.0.elapsed().as_secs_f64();
            println!("epoch {:>4}  -ELBO {:.4}  {seconds:>7.1} s", record.epoch, -record.elbo.total());
        }
        Control::Continue
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let (mut epochs, mut plain, mut folder) = (250, false, None);
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--epochs" => epochs = arguments.next().ok_or("--epochs needs a number")?.parse()?,
            "--plain" => plain = true,
            _ => folder = Some(PathBuf::from(argument)),
        }
    }
    let peaks = match &folder {
        Some(folder) => read(folder)?,
        None => generate(5000, 1),
    };
    let invariances = if plain { vec![] } else { vec![Invariance::Shift] };
    let config = ShiftVae::signal_config(peaks.spectra.ncols()).invariances(invariances).shift_prior(0.3);
    let trainer = Trainer::new(config).epochs(epochs).batch_size(64).learning_rate(1e-3).seed(1);
    let vae = trainer.fit_observed(&peaks.spectra, &mut Print(Instant::now()))?;

    let losses: Vec<f64> = vae.history().epochs().iter().map(|record| -record.elbo.total()).collect();
    let tail = &losses[losses.len().saturating_sub(10)..];
    println!(
        "-ELBO per spectrum: last {:.4}, mean of the last ten {:.4}",
        losses[losses.len() - 1],
        mean(tail)
    );
    let seconds: f64 = vae.history().epochs().iter().map(|record| record.seconds).sum();
    println!("{:.3} s an epoch", seconds / losses.len() as f64);

    let posterior = vae.encode(&peaks.spectra)?;
    if let Some(shift) = posterior.shift_pixels() {
        let step = 2.0 * HALF_SPAN / (peaks.spectra.ncols() - 1) as f64;
        let found = shift.column(0).mapv(|pixels| f64::from(pixels) * step);
        let (r, slope) = (pearson(peaks.position.view(), found.view()), slope(&peaks.position, &found));
        let rmse = ((&found - &peaks.position).mapv(|d| d * d).sum() / found.len() as f64).sqrt();
        println!("position: r {r:.4}, slope {slope:.3}, rmse {rmse:.3}");
    }
    for (number, content) in posterior.content().columns().into_iter().enumerate() {
        let content = content.mapv(f64::from);
        let rho = pearson(ranks(&peaks.width).view(), ranks(&content).view());
        let spread = content.std(0.0);
        println!("content {}: Spearman with the width {rho:.4}, standard deviation {spread:.3}", number + 1);
    }
    for (name, kl) in posterior.names().iter().zip(posterior.kl_per_latent()) {
        println!("KL of {name}: {kl:.4} nat");
    }
    Ok(())
}

/// Gaussian peaks of unit height at positions within ±3 and of standard deviations 0.5 to 2.5, with noise,
/// scaled to [0, 1].
fn generate(n: usize, seed: u64) -> Peaks {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let position = Array1::from_shape_fn(n, |_| 6.0 * random.random::<f64>() - 3.0);
    let width = Array1::from_shape_fn(n, |_| 0.5 + 2.0 * random.random::<f64>());
    let mut spectra = Array2::from_shape_fn((n, 100), |(row, point)| {
        let x = HALF_SPAN * (2.0 * point as f64 / 99.0 - 1.0);
        let noise: f64 = (0..3).map(|_| random.random::<f64>() - 0.5).sum();
        ((-((x - position[row]) / width[row]).powi(2) / 2.0).exp() + 0.05 * noise) as f32
    });
    let (low, high) = spectra.iter().fold((f32::MAX, f32::MIN), |(low, high), &x| (low.min(x), high.max(x)));
    spectra.mapv_inplace(|x| (x - low) / (high - low));
    Peaks { spectra, position, width }
}

fn read(folder: &Path) -> Result<Peaks, Box<dyn Error>> {
    Ok(Peaks {
        spectra: numbers(&folder.join("spectra.npy"))?.mapv(|x| x as f32),
        position: numbers(&folder.join("position.npy"))?,
        width: numbers(&folder.join("width.npy"))?,
    })
}

/// An array of f64 or f32.
fn numbers<D: Dimension>(path: &Path) -> Result<adatom_vae::ndarray::Array<f64, D>, ReadNpyError> {
    read_npy(path).or_else(|_| {
        read_npy::<_, adatom_vae::ndarray::Array<f32, D>>(path).map(|array| array.mapv(f64::from))
    })
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

fn pearson(x: ArrayView1<'_, f64>, y: ArrayView1<'_, f64>) -> f64 {
    let (x, y) = (&x - x.mean().unwrap_or(0.0), &y - y.mean().unwrap_or(0.0));
    (&x * &y).sum() / ((&x * &x).sum() * (&y * &y).sum()).sqrt()
}

fn slope(x: &Array1<f64>, y: &Array1<f64>) -> f64 {
    let (x, y) = (x - x.mean().unwrap_or(0.0), y - y.mean().unwrap_or(0.0));
    (&x * &y).sum() / (&x * &x).sum()
}

fn ranks(values: &Array1<f64>) -> Array1<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&a, &b| values[a].total_cmp(&values[b]));
    let mut ranks = Array1::zeros(values.len());
    for (rank, index) in order.into_iter().enumerate() {
        ranks[index] = rank as f64;
    }
    ranks
}
