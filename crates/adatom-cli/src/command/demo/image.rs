//! The image half: a generated lattice whose truth is known.
//!
//! Columns A stand on a lattice; a column B near the centre of each cell is displaced by a smooth field,
//! like a polarisation. Patches are cut around columns A, each moved by a random distance that nobody tells the
//! autoencoder. It has to find that distance as the shift, and the displacement of B as the content.

use adatom::interpret::AgreementFigure;
use adatom::patch::{Patches, ScalingMethod, Window};
use adatom::synthetic::{GeneratedLattice, Lattice};
use adatom::vae::{Likelihood, ShiftVae, Trainer};
use ndarray::{Array1, Array2, ArrayView1};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};

use crate::args::Demo;
use crate::command::image::{command_line, encode_line};
use crate::error::CliError;
use crate::learn::{Session, learn, metrics, report, scaling_in_words, write_numbers, write_pictures};
use crate::say::tell;
use adatom::pipeline::output::OutputFolder;

/// What differs between the quick and the full demonstration.
struct Size {
    image: usize,
    copies: usize,
    hidden: [usize; 2],
    epochs: usize,
    batch: usize,
    learning_rate: f64,
}

const FULL: Size =
    Size { image: 512, copies: 4, hidden: [128, 128], epochs: 40, batch: 50, learning_rate: 3e-3 };
const QUICK: Size =
    Size { image: 288, copies: 5, hidden: [64, 64], epochs: 75, batch: 32, learning_rate: 4e-3 };

const CELL: f64 = 16.0;
const WINDOW: usize = 24;
/// Patch centres lie up to so many pixels from their column A, along each axis.
const JITTER: f64 = 3.5;
const DX_PRIOR: f64 = 0.2;
/// Wider than a cell: takes away the slow background and keeps the columns.
const FLATTEN: f64 = 16.0;
/// About the noise of the generated image after scaling.
const SIGMA: f64 = 0.08;

/// Learns, writes everything but `metrics.json`, and returns its content with the lines to print.
pub(super) fn run(command: &Demo, folder: &OutputFolder) -> Result<(Value, Vec<String>), CliError> {
    let size = if command.quick { QUICK } else { FULL };
    let lattice = Lattice::new(size.image, size.image)
        .cell([CELL, CELL])
        .displacement(2.0)
        .b_intensity(0.7)
        .period(size.image as f64 * 0.8)
        .seed(command.seed)
        .generate()?;
    let centres = jittered(&lattice.a_columns, size.copies, command.seed);
    let patches = Patches::of([&lattice.image])
        .window(Window::square(WINDOW))
        .flatten(FLATTEN)
        .scaling(ScalingMethod::Percentile { low: 0.1, high: 99.9 })
        .at([centres.view()])?;
    let config = ShiftVae::image_config(WINDOW, WINDOW)
        .latent_dim(2)
        .hidden(size.hidden)
        .shift_prior(DX_PRIOR)
        .likelihood(Likelihood::Gaussian { sigma: SIGMA });
    let trainer = Trainer::new(config)
        .epochs(size.epochs)
        .batch_size(size.batch)
        .learning_rate(size.learning_rate)
        .seed(command.seed);
    tell(format_args!("{} patches of {} pixels, {} epochs", patches.len(), patches.window(), size.epochs));
    let session = Session {
        trainer,
        epochs: size.epochs,
        patience: None,
        settling: 0,
        folder,
        resume_with: command_line(),
    };
    let learnt = learn(session, &patches)?;

    lattice.image.save_npy(folder.file("image.npy"))?;
    write_numbers(folder, &learnt, &patches, None)?;
    let found = compare(&lattice, &patches, &learnt)?;
    let mut page = report("Demonstration: a generated lattice", &lattice.image, &learnt, &patches)?
        .subtitle(
            "Generated data with known truth: columns A on a lattice, columns B displaced by a smooth field, \
             noise. Patches lie at random distances from columns A; the autoencoder is told neither the distance nor \
             the displacement.",
        )
        .settings(settings(&size, command, &patches))
        .reproduce("The same command gives the same result again.", command_line())
        .reproduce("The trained model encodes other images:", encode_line(&command.out))
        .reproduce("The other half of the demonstration, spectra of generated oxides:", "spectra/report.html");
    for quantity in &found {
        let figure = AgreementFigure::new(&quantity.truth, &quantity.recovered)?
            .labels(format!("true {}", quantity.name), "recovered");
        page = page.truth(quantity.name, figure);
    }
    write_pictures(folder, &page)?;
    let mut numbers = metrics(&learnt, &patches);
    numbers["truth"] = found
        .iter()
        .map(|quantity| (quantity.name.to_owned(), json!({ "r": quantity.r(), "rmse": quantity.rmse() })))
        .collect::<serde_json::Map<_, _>>()
        .into();
    let mut lines = vec![format!("{:<32} {:>7} {:>11}", "recovered against true", "r", "rmse (px)")];
    lines.extend(
        found
            .iter()
            .map(|quantity| format!("{:<32} {:>7.4} {:>11.3}", quantity.name, quantity.r(), quantity.rmse())),
    );
    lines.push(format!("report: {}", folder.file("report.html").display()));
    Ok((numbers, lines))
}

/// `copies` centres around every column A, each at a uniformly random distance.
fn jittered(columns: &Array2<f64>, copies: usize, seed: u64) -> Array2<f64> {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut jitter = || JITTER * (2.0 * random.random::<f64>() - 1.0);
    let centre = |index: usize, axis: usize, jitter: f64| columns[[index / copies, axis]] + jitter;
    Array2::from_shape_fn((columns.nrows() * copies, 2), |(index, axis)| centre(index, axis, jitter()))
}

/// One quantity of all patches, as it is and as the model says.
struct Quantity {
    name: &'static str,
    truth: Vec<f64>,
    recovered: Vec<f64>,
}

impl Quantity {
    /// Pearson's correlation.
    fn r(&self) -> f64 {
        let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
        let (x, y) = (mean(&self.truth), mean(&self.recovered));
        let pairs = || self.truth.iter().zip(&self.recovered).map(|(a, b)| (a - x, b - y));
        let sum = |f: fn((f64, f64)) -> f64| pairs().map(f).sum::<f64>();
        sum(|(a, b)| a * b) / (sum(|(a, _)| a * a) * sum(|(_, b)| b * b)).sqrt()
    }

    fn rmse(&self) -> f64 {
        let squares = self.truth.iter().zip(&self.recovered).map(|(a, b)| (a - b) * (a - b));
        (squares.sum::<f64>() / self.truth.len() as f64).sqrt()
    }
}

/// Shifts as they are but for one constant offset (where the decoder's object has its centre is its own choice), and
/// displacements as the linear function of the content that fits best.
fn compare(
    lattice: &GeneratedLattice,
    patches: &Patches,
    learnt: &crate::learn::Learnt,
) -> Result<Vec<Quantity>, CliError> {
    let grid = patches.patch_grid();
    let (mut shifts, mut fields) = ([Vec::new(), Vec::new()], [Vec::new(), Vec::new()]);
    for index in 0..grid.len() {
        let centre = grid.centre(index);
        let shift = lattice.shift_at(centre.row, centre.column);
        let field = lattice.displacement_at(centre.row, centre.column);
        for axis in 0..2 {
            shifts[axis].push(shift[axis]);
            fields[axis].push(field[axis]);
        }
    }
    let found = learnt.posterior.shift_pixels().expect("the model knows shifts");
    let mut quantities = Vec::new();
    for (axis, name) in ["shift along rows", "shift along columns"].into_iter().enumerate() {
        let truth = std::mem::take(&mut shifts[axis]);
        let offset = truth.iter().zip(found.column(axis)).map(|(t, &f)| t - f64::from(f)).sum::<f64>()
            / truth.len() as f64;
        let recovered = found.column(axis).iter().map(|&f| f64::from(f) + offset).collect();
        quantities.push(Quantity { name, truth, recovered });
    }
    let content = learnt.posterior.content().mapv(f64::from);
    for (axis, name) in ["displacement along rows", "displacement along columns"].into_iter().enumerate() {
        let truth = std::mem::take(&mut fields[axis]);
        let recovered = linear_fit(&content, ArrayView1::from(&truth)).to_vec();
        quantities.push(Quantity { name, truth, recovered });
    }
    Ok(quantities)
}

/// The least-squares fit of `y` `[n]` by a constant and the columns of `x` `[n, k]`.
fn linear_fit(x: &Array2<f64>, y: ArrayView1<'_, f64>) -> Array1<f64> {
    let (n, k) = x.dim();
    let design = Array2::from_shape_fn(
        (n, k + 1),
        |(row, column)| if column == 0 { 1.0 } else { x[[row, column - 1]] },
    );
    let (mut matrix, mut right) = (design.t().dot(&design), design.t().dot(&y));
    // Gauss with the largest pivot; a collapsed latent leaves a pivot near 0 and gets no weight.
    for pivot in 0..=k {
        let best = (pivot..=k).max_by(|&a, &b| matrix[[a, pivot]].abs().total_cmp(&matrix[[b, pivot]].abs()));
        let best = best.unwrap_or(pivot);
        for column in 0..=k {
            matrix.swap([pivot, column], [best, column]);
        }
        right.swap(pivot, best);
        let size = matrix[[pivot, pivot]];
        if size.abs() < 1e-9 * n as f64 {
            continue;
        }
        for row in (0..=k).filter(|&row| row != pivot) {
            let factor = matrix[[row, pivot]] / size;
            for column in 0..=k {
                matrix[[row, column]] -= factor * matrix[[pivot, column]];
            }
            right[row] -= factor * right[pivot];
        }
    }
    let weights = Array1::from_shape_fn(k + 1, |row| {
        let size = matrix[[row, row]];
        if size.abs() < 1e-9 * n as f64 { 0.0 } else { right[row] / size }
    });
    design.dot(&weights)
}

fn settings(size: &Size, command: &Demo, patches: &Patches) -> Vec<(String, String)> {
    use adatom::patch::Samples;
    [
        ("image", format!("{0} × {0} pixels, cell of {CELL} pixels", size.image)),
        ("patches", format!("{} around each column A, up to {JITTER} pixels from it", size.copies)),
        ("window", format!("{WINDOW} × {WINDOW} pixels")),
        ("intensities", scaling_in_words(patches.scaling())),
        ("content latents", "2".into()),
        ("dx_prior", DX_PRIOR.to_string()),
        ("hidden layers", format!("{}, {}", size.hidden[0], size.hidden[1])),
        ("epochs", size.epochs.to_string()),
        ("batch", size.batch.to_string()),
        ("learning rate", size.learning_rate.to_string()),
        ("seed", command.seed.to_string()),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value))
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_linear_function_is_fitted_exactly_and_a_constant_column_does_no_harm() {
        // y = 3 + 2 a - b; the third column never changes.
        let x = Array2::from_shape_fn((20, 3), |(row, column)| match column {
            0 => (row as f64 * 0.7).sin(),
            1 => (row as f64 * 1.3).cos(),
            _ => 0.0,
        });
        let y = Array1::from_shape_fn(20, |row| 3.0 + 2.0 * x[[row, 0]] - x[[row, 1]]);
        let fitted = linear_fit(&x, y.view());
        assert!((&fitted - &y).iter().all(|difference| difference.abs() < 1e-9));
    }
}
