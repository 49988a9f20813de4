//! All settings of the image pipeline.

use std::path::Path;

use adatom_patch::{Image, Window};
use serde::{Deserialize, Serialize};

use super::results::ImageResults;
use super::{
    InterpretationSettings, ModelSettings, Notice, OpenedImages, Placement, PreparationSettings,
    RegularisationSettings, SourceSettings, TrainingOutcome, TrainingPlan, TrainingSettings,
};
use crate::error::{Error, Result};
use crate::observer::{Control, Event, Observer};

/// The settings of all stages. They implement serde's traits and are part of `metrics.json`; the report lists
/// the important ones.
///
/// ```
/// use adatom_pipeline::image::{ImageSettings, Placement, Window};
/// let settings = ImageSettings::new()
///     .window(Window::square(24))
///     .placement(Placement::Random { count: 500 })
///     .seed(7);
/// let stored = serde_json::to_string(&settings)?;
/// assert_eq!(serde_json::from_str::<ImageSettings>(&stored)?, settings);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct ImageSettings {
    /// How image files are read.
    pub source: SourceSettings,
    /// Window and scaling.
    pub preparation: PreparationSettings,
    /// The positions of the patches.
    pub placement: Placement,
    /// The model.
    pub model: ModelSettings,
    /// Its training.
    pub training: TrainingSettings,
    /// The regularisation of the latents.
    pub regularisation: RegularisationSettings,
    /// The interpretation of the latents.
    pub interpretation: InterpretationSettings,
}

impl ImageSettings {
    /// The defaults: windows of 32 × 32 pixels on a grid, shift-invariant, two content latents, 20 epochs.
    pub fn new() -> Self {
        Self::default()
    }

    /// Height and width of a patch.
    pub fn window(mut self, window: Window) -> Self {
        self.preparation.window = window;
        self
    }

    /// The positions of the patches.
    pub fn placement(mut self, placement: Placement) -> Self {
        self.placement = placement;
        self
    }

    /// The model.
    pub fn model(mut self, model: ModelSettings) -> Self {
        self.model = model;
        self
    }

    /// The number of content latents.
    pub fn latent_dim(mut self, latents: usize) -> Self {
        self.model.latent_dim = latents;
        self
    }

    /// The number of passes over the patches.
    pub fn epochs(mut self, epochs: usize) -> Self {
        self.training.epochs = epochs;
        self
    }

    /// Seed of weights, order, noise, random positions and clusters.
    pub fn seed(mut self, seed: u64) -> Self {
        self.training.seed = seed;
        self
    }

    /// Runs all stages on image files. [`run`](super::run) is the same.
    ///
    /// # Errors
    /// Those of [`run_on`](Self::run_on), and [`Error::Patch`] for files that cannot be read.
    pub fn run<P: AsRef<Path>>(
        &self,
        paths: impl IntoIterator<Item = P>,
        observer: &dyn Observer,
    ) -> Result<ImageResults> {
        self.run_opened(&self.source.open(paths)?, observer)
    }

    /// Runs all stages on images in memory.
    ///
    /// # Errors
    /// Those of the stages; [`Error::Cancelled`] if the observer stops the training.
    pub fn run_on(
        &self,
        images: impl IntoIterator<Item = Image>,
        observer: &dyn Observer,
    ) -> Result<ImageResults> {
        self.run_opened(&self.source.take(images)?, observer)
    }

    fn run_opened(&self, images: &OpenedImages, observer: &dyn Observer) -> Result<ImageResults> {
        report(images.notices(), observer)?;
        let placed = self.placement.place(self.preparation.prepare(images), self.training.seed)?;
        report(placed.notices(), observer)?;
        let plan = TrainingPlan::new(self, &placed)?;
        report(plan.notices(), observer)?;
        self.interpretation.check(placed.patches())?;
        let fields = self.interpretation.open_fields(placed.patches().patch_grid())?;
        let trained = plan.train(placed.patches(), observer)?;
        if trained.outcome() == TrainingOutcome::Stopped {
            return Err(Error::Cancelled);
        }
        report(trained.notices(), observer)?;
        let encoded = trained.encode(placed.patches())?;
        let results = ImageResults::new(self.clone(), placed, trained, encoded).interpret(fields)?;
        report(results.interpretation().notices(), observer)?;
        Ok(results)
    }
}

/// Passes notices to an observer.
fn report(notices: &[Notice], observer: &dyn Observer) -> Result<()> {
    for notice in notices {
        let text = notice.to_string();
        let event = if notice.is_warning() { Event::Warning(&text) } else { Event::Note(&text) };
        if observer.event(&event) == Control::Stop {
            return Err(Error::Cancelled);
        }
    }
    Ok(())
}
