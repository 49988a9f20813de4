//! The pipeline on a generated image with known ground truth.
//!
//! Columns A stand on a lattice; a column B near the centre of each cell is displaced by a smooth field, like
//! a polarisation. Patches are cut around columns A, each displaced by a random vector. The model has to find
//! this vector as the shift and the displacement of B as the content, without labels.

mod compare;

pub use compare::RecoveredQuantity;

use adatom_interpret::{AgreementFigure, ImageReport};
use adatom_patch::ScalingMethod;
use adatom_synthetic::{GeneratedLattice, LatticeImage};
use adatom_vae::Likelihood;
use ndarray::Array2;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};

use super::{ImageResults, ImageSettings, Placement, Window};
use crate::error::Result;
use crate::observer::Observer;
use crate::output::OutputFolder;

const CELL: f64 = 16.0;
const WINDOW: usize = 24;
/// Largest distance of a patch centre from its column A along each axis, pixels.
const JITTER: f64 = 3.5;
const SHIFT_PRIOR: f64 = 0.2;
/// Standard deviation of the background, larger than a unit cell, pixels.
const FLATTEN: f64 = 16.0;
/// Approximate noise of the generated image after scaling.
const SIGMA: f64 = 0.08;

/// Size of the image and length of the training.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DemoSize {
    /// One to two minutes on two cores.
    Full,
    /// A smaller image and a shorter training, 15 to 30 seconds.
    Quick,
}

/// The settings that differ between the sizes.
struct Extent {
    image: usize,
    copies: usize,
    hidden: [usize; 2],
    epochs: usize,
    batch_size: usize,
    learning_rate: f64,
}

impl DemoSize {
    fn extent(self) -> Extent {
        match self {
            Self::Full => Extent {
                image: 512,
                copies: 4,
                hidden: [128, 128],
                epochs: 40,
                batch_size: 50,
                learning_rate: 3e-3,
            },
            Self::Quick => Extent {
                image: 288,
                copies: 5,
                hidden: [64, 64],
                epochs: 75,
                batch_size: 32,
                learning_rate: 4e-3,
            },
        }
    }
}

/// A generated lattice and the settings of the pipeline on it.
#[derive(Debug, Clone)]
pub struct ImageDemo {
    lattice: GeneratedLattice,
    settings: ImageSettings,
    copies: usize,
}

/// The results of the pipeline with the ground truth.
#[derive(Debug, Clone)]
pub struct ImageDemoResults {
    demo: ImageDemo,
    results: ImageResults,
    quantities: Vec<RecoveredQuantity>,
}

impl ImageDemo {
    /// Generates the lattice; the same seed gives the same image and the same model.
    ///
    /// # Errors
    /// [`Error::Synthetic`](crate::Error::Synthetic) where the lattice cannot be generated.
    pub fn new(size: DemoSize, seed: u64) -> Result<Self> {
        let extent = size.extent();
        let lattice = LatticeImage::new(extent.image, extent.image)
            .cell([CELL, CELL])
            .displacement(2.0)
            .b_intensity(0.7)
            .period(extent.image as f64 * 0.8)
            .seed(seed)
            .generate()?;
        let centres = jittered(&lattice.a_columns, extent.copies, seed);
        let mut settings =
            ImageSettings::new().window(Window::square(WINDOW)).placement(Placement::Centres(centres));
        settings.preparation.flatten = Some(FLATTEN);
        settings.preparation.scaling = ScalingMethod::Percentile { low: 0.1, high: 99.9 };
        settings.model.hidden = extent.hidden.to_vec();
        settings.model.shift_prior = SHIFT_PRIOR;
        settings.model.likelihood = Likelihood::Gaussian { sigma: SIGMA };
        settings.training.epochs = extent.epochs;
        settings.training.batch_size = extent.batch_size;
        settings.training.learning_rate = extent.learning_rate;
        settings.training.pixel_fraction = 1.0;
        settings.training.seed = seed;
        Ok(Self { lattice, settings, copies: extent.copies })
    }

    /// The generated lattice with its ground truth.
    pub fn lattice(&self) -> &GeneratedLattice {
        &self.lattice
    }

    /// The settings of the pipeline.
    pub fn settings(&self) -> &ImageSettings {
        &self.settings
    }

    /// Runs the pipeline on the lattice.
    ///
    /// # Errors
    /// Those of [`ImageSettings::run_on`].
    pub fn run(&self, observer: &dyn Observer) -> Result<ImageDemoResults> {
        let results = self.settings.run_on([self.lattice.image.clone()], observer)?;
        Ok(self.compare(results))
    }

    /// Compares results of the pipeline with these settings with the ground truth.
    pub fn compare(&self, results: ImageResults) -> ImageDemoResults {
        let quantities = compare::quantities(&self.lattice, &results);
        ImageDemoResults { demo: self.clone(), results, quantities }
    }
}

impl ImageDemoResults {
    /// The results of the pipeline.
    pub fn results(&self) -> &ImageResults {
        &self.results
    }

    /// Recovered and true shift and displacement along rows and columns.
    pub fn quantities(&self) -> &[RecoveredQuantity] {
        &self.quantities
    }

    /// The report of the pipeline with a comparison of recovered and true values.
    ///
    /// # Errors
    /// Those of [`ImageResults::report`].
    pub fn report(&self) -> Result<ImageReport> {
        let copies = self.demo.copies;
        let mut report = self.results.report()?.title("Demonstration: a generated lattice").subtitle(format!(
            "Generated data with known ground truth: columns A on a lattice, columns B displaced by a smooth \
             field, noise. {copies} patches are centred at random distances of up to {JITTER} pixels from \
             each column A. The model is trained without distances and displacements."
        ));
        for quantity in &self.quantities {
            let figure = AgreementFigure::new(&quantity.truth, &quantity.recovered)?
                .labels(format!("true {}", quantity.name), "recovered");
            report = report.truth(quantity.name, figure);
        }
        Ok(report)
    }

    /// The numbers of the pipeline and of the comparison.
    pub fn metrics(&self) -> Value {
        let mut metrics = self.results.metrics();
        let of = |found: &RecoveredQuantity| {
            (found.name.to_owned(), json!({ "r": found.correlation(), "rmse": found.rmse() }))
        };
        metrics["truth"] = self.quantities.iter().map(of).collect::<serde_json::Map<_, _>>().into();
        metrics
    }

    /// Writes the generated image, the model, the latents and the history.
    ///
    /// # Errors
    /// Those of [`ImageResults::save_numbers`].
    pub fn save_numbers(&self, folder: &OutputFolder) -> Result<()> {
        self.demo.lattice.image.save_npy(folder.file("image.npy"))?;
        self.results.save_numbers(folder)
    }
}

/// `copies` centres around every column A, each at a uniformly random distance.
fn jittered(columns: &Array2<f64>, copies: usize, seed: u64) -> Vec<[f64; 2]> {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut jitter = || JITTER * (2.0 * random.random::<f64>() - 1.0);
    let centre = |index: usize, axis: usize, jitter: f64| columns[[index / copies, axis]] + jitter;
    (0..columns.nrows() * copies).map(|index| [0, 1].map(|axis| centre(index, axis, jitter()))).collect()
}
