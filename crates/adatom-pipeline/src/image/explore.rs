//! Comparison of a grid of settings by brief trainings.

mod grid;
mod report;

use std::time::Instant;

use adatom_patch::{Patches, Window};
use adatom_vae::{Invariance, Positions, ShiftVae, Smoothness};
use ndarray::{Array2, Array3};
use serde::{Deserialize, Serialize};

use super::encode::{cut_out, evenly_spread, explained_variance, reconstructions};
use super::model::invariance_names;
use super::report::ACTIVE_NAT;
use super::{ImageSettings, OpenedImages, TrainingOutcome, TrainingPlan};
use crate::error::{Error, Result};
use crate::observer::Observer;

pub use report::ExplorationResults;

/// Fraction of the patches that is held out to compare trials.
const HELD_OUT: f64 = 0.1;

/// Number of steps between evaluations of the held-out patches.
const STEPS_OF_EPOCH: usize = 50;

/// Number of patches that are shown with their reconstructions.
const EXAMPLES: usize = 3;

/// The grid of settings.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct ExploreSettings {
    /// Windows to try.
    pub windows: Vec<Window>,
    /// Numbers of content latents to try.
    pub latent_dims: Vec<usize>,
    /// Sets of invariances to try.
    pub invariances: Vec<Vec<Invariance>>,
    /// Weights of the smoothness penalty to try, if smoothness is requested.
    pub smoothness_weights: Vec<f64>,
    /// Number of seeds to try, starting with that of the training; 1 by default.
    pub seeds: u64,
    /// Steps of each training; 300 by default.
    pub steps: usize,
}

impl Default for ExploreSettings {
    fn default() -> Self {
        Self {
            windows: Vec::new(),
            latent_dims: Vec::new(),
            invariances: Vec::new(),
            smoothness_weights: Vec::new(),
            seeds: 1,
            steps: 300,
        }
    }
}

/// A point of the grid.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct TrialSettings {
    /// The window.
    pub window: Window,
    /// The invariances.
    pub invariances: Vec<Invariance>,
    /// Content latents.
    pub latent_dim: usize,
    /// Weight of the smoothness penalty, if smoothness is requested.
    pub smoothness_weight: Option<f64>,
    /// The seed.
    pub seed: u64,
}

/// The result of a brief training.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Trial {
    /// Its settings.
    pub settings: TrialSettings,
    /// The model.
    pub model: ShiftVae,
    /// The patches.
    pub patches: Patches,
    /// Content `[n, k]`.
    pub content: Array2<f32>,
    /// ELBO of the held-out patches, nat per pixel.
    pub elbo: f64,
    /// Explained fraction of the variance of the patches.
    pub explained_variance: f64,
    /// Number of active latents of rotation, shift and scale.
    pub active_pose: usize,
    /// Number of active content latents.
    pub active_content: usize,
    /// Mean roughness of the active content latents at the length of the exploration.
    pub roughness: Option<f64>,
    /// Duration in seconds.
    pub seconds: f64,
    /// Some patches and their reconstructions.
    originals: Array3<f32>,
    reconstructions: Array3<f32>,
}

/// The length scale of the roughness.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct RoughnessLength {
    /// The length in pixels.
    pub pixels: f64,
    /// The origin of the value, in words.
    pub origin: &'static str,
}

/// A checked grid of settings on given images.
#[derive(Debug, Clone)]
pub struct Exploration {
    settings: ImageSettings,
    explore: ExploreSettings,
    images: OpenedImages,
    trials: Vec<TrialSettings>,
    length: RoughnessLength,
}

impl TrialSettings {
    /// A short description of the settings; with the seed if several are tried.
    pub fn describe(&self, seeds: u64) -> String {
        let latents = if self.latent_dim == 1 { "latent" } else { "latents" };
        let names = self.invariance_names();
        let mut text = format!("{} px, {names}, {} {latents}", self.window, self.latent_dim);
        if let Some(weight) = self.smoothness_weight {
            text.push_str(&format!(", smoothness {weight}"));
        }
        if seeds > 1 {
            text.push_str(&format!(", seed {}", self.seed));
        }
        text
    }

    /// Names of the invariances joined by `+`.
    pub fn invariance_names(&self) -> String {
        invariance_names(&self.invariances, "+")
    }

    /// The settings of the pipeline with those of this trial.
    pub fn apply(&self, to: &ImageSettings) -> ImageSettings {
        let mut settings = to.clone();
        settings.preparation.window = self.window;
        settings.model.invariances.clone_from(&self.invariances);
        settings.model.latent_dim = self.latent_dim;
        settings.training.seed = self.seed;
        if !self.invariances.contains(&Invariance::Shift) {
            settings.model.unit_cell = None;
        }
        if let (Some(weight), Some(smoothness)) =
            (self.smoothness_weight, &mut settings.regularisation.smoothness)
        {
            smoothness.weight = weight;
        }
        settings
    }
}

impl Exploration {
    /// Creates the grid and checks every point.
    ///
    /// # Errors
    /// Those of the stages up to [`TrainingPlan::new`]; [`Error::TooManyTrials`] for more than 200 points.
    pub fn new(settings: ImageSettings, explore: ExploreSettings, images: OpenedImages) -> Result<Self> {
        let trials = grid::trials(&settings, &explore, images.images())?;
        let length = grid::roughness_length(&settings, &images.images()[0]);
        let exploration = Self { settings, explore, images, trials, length };
        for trial in &exploration.trials {
            exploration.plan(trial, None)?;
        }
        Ok(exploration)
    }

    /// The points of the grid in the order in which they are shown.
    pub fn trials(&self) -> &[TrialSettings] {
        &self.trials
    }

    /// The length scale of the roughness.
    pub fn length(&self) -> RoughnessLength {
        self.length
    }

    /// A short description of a point.
    pub fn describe(&self, trial: &TrialSettings) -> String {
        trial.describe(self.explore.seeds)
    }

    /// Trains one point of the grid briefly.
    ///
    /// # Errors
    /// Those of [`TrainingPlan::train`]; [`Error::Cancelled`] when the observer stops it.
    pub fn train(&self, trial: &TrialSettings, observer: &dyn Observer) -> Result<Trial> {
        let begun = Instant::now();
        let (patches, plan) = self.plan(trial, Some(self.explore.steps))?;
        let trained = plan.train(&patches, observer)?;
        if trained.outcome() == TrainingOutcome::Stopped {
            return Err(Error::Cancelled);
        }
        let model = trained.model().clone();
        let posterior = model.encode(&patches)?;
        let content = posterior.content().to_owned();
        let kl = posterior.kl_per_latent().to_vec();
        let (pose, of_content) = kl.split_at(kl.len() - content.ncols());
        let active = |kl: &[f64]| kl.iter().filter(|&&kl| kl >= ACTIVE_NAT).count();
        let smoothness = Smoothness::new(Positions::of_patches(patches.patch_grid()), self.length.pixels)?;
        let mut roughness = Vec::new();
        for (column, _) in content.columns().into_iter().zip(of_content).filter(|(_, kl)| **kl >= ACTIVE_NAT)
        {
            roughness.extend(smoothness.roughness_of(column.mapv(f64::from).view())?);
        }
        let last = model.history().last();
        let elbo = last.map_or(f64::NAN, |record| record.held_out.unwrap_or(record.elbo).total());
        let originals = cut_out(&patches, &evenly_spread(&patches, EXAMPLES));
        Ok(Trial {
            elbo: elbo / patches.window().pixels() as f64,
            explained_variance: explained_variance(&model, &patches)?,
            active_pose: active(pose),
            active_content: active(of_content),
            roughness: (!roughness.is_empty())
                .then(|| roughness.iter().sum::<f64>() / roughness.len() as f64),
            reconstructions: reconstructions(&model, &originals)?,
            originals,
            settings: trial.clone(),
            model,
            content,
            patches,
            seconds: begun.elapsed().as_secs_f64(),
        })
    }

    /// Trains all points of the grid; failed trainings are left out.
    ///
    /// # Errors
    /// [`Error::Cancelled`] if the observer stops the work; the error of the last training if all fail.
    pub fn run(&self, observer: &dyn Observer) -> Result<ExplorationResults> {
        let (mut trials, mut failed) = (Vec::new(), None);
        for trial in &self.trials {
            match self.train(trial, observer) {
                Ok(trial) => trials.push(trial),
                Err(Error::Cancelled) => return Err(Error::Cancelled),
                Err(error) => failed = Some(error),
            }
        }
        match failed {
            Some(error) if trials.is_empty() => Err(error),
            _ => Ok(self.results(trials)),
        }
    }

    /// The comparison of trials.
    pub fn results(&self, trials: Vec<Trial>) -> ExplorationResults {
        ExplorationResults::new(self, trials)
    }

    /// Patches and training of a point, with `steps` steps or all epochs.
    fn plan(&self, trial: &TrialSettings, steps: Option<usize>) -> Result<(Patches, TrainingPlan)> {
        let mut settings = trial.apply(&self.settings);
        settings.training.held_out = HELD_OUT;
        settings.training.patience = None;
        let prepared = settings.preparation.prepare(&self.images);
        let placed = settings.placement.place(prepared, settings.training.seed)?;
        if let Some(steps) = steps {
            let trained_on = ((placed.patches().len() as f64 * (1.0 - HELD_OUT)) as usize).max(1);
            let all = trained_on.div_ceil(settings.training.batch_size.max(1));
            let per_epoch = all.clamp(1, STEPS_OF_EPOCH.min(steps));
            settings.training.steps_per_epoch = Some(per_epoch);
            settings.training.epochs = steps.div_ceil(per_epoch);
        }
        let plan = TrainingPlan::new(&settings, &placed)?;
        Ok((placed.patches().clone(), plan))
    }
}
