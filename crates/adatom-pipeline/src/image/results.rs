//! Stage 7: the results of all stages as values, maps, report and files.

use std::path::PathBuf;

use adatom_core::LatentMap;
use adatom_interpret::{Figure, ImageReport, LatentClusters};
use adatom_vae::{Posterior, ShiftVae};
use ndarray::{Array1, Array2, Axis};
use serde_json::Value;

use super::files::{history_csv, write_latents};
use super::interpretation::{Field, Interpretation, feature_table, write_clusters};
use super::report::{image_report, metrics};
use super::{EncodedPatches, ImageSettings, PlacedPatches, TrainedModel};
use crate::error::Result;
use crate::output::OutputFolder;

/// The file of the training state, from which a training can be resumed.
pub const TRAINING_STATE: &str = "training.safetensors";

const MODEL: &str = "model.safetensors";
const LATENTS: &str = "latents.npz";
const HISTORY: &str = "history.csv";
const CLUSTERS: &str = "clusters.csv";
const TABLE: &str = "latents.csv";
const METRICS: &str = "metrics.json";
const REPORT: &str = "report.html";
const MAPS: &str = "maps";

/// Figures of the report that are also written as files, besides the maps.
const FIGURES: [&str; 7] =
    ["image", "manifold", "shifts", "traversals", "cluster-patches", "clusters-tried", "fields"];

/// The results of the image pipeline: the trained model, the latents of the patches, and their
/// interpretation.
#[derive(Debug, Clone)]
pub struct ImageResults {
    settings: ImageSettings,
    placed: PlacedPatches,
    trained: TrainedModel,
    encoded: EncodedPatches,
    interpretation: Interpretation,
}

/// Map of a quantity of the patches on an image.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct NamedMap {
    /// The name of each layer, such as `content 1`.
    pub names: Vec<String>,
    /// The layers.
    pub map: LatentMap,
}

impl ImageResults {
    /// The results of training and encoding, not yet interpreted.
    pub fn new(
        settings: ImageSettings,
        placed: PlacedPatches,
        trained: TrainedModel,
        encoded: EncodedPatches,
    ) -> Self {
        Self { settings, placed, trained, encoded, interpretation: Interpretation::default() }
    }

    /// Interprets the latents according to the settings, with these fields.
    ///
    /// # Errors
    /// Those of [`InterpretationSettings::interpret`](super::InterpretationSettings::interpret).
    pub fn interpret(mut self, fields: Vec<Field>) -> Result<Self> {
        let (grid, seed) = (self.placed.patches().patch_grid(), self.settings.training.seed);
        self.interpretation = self.settings.interpretation.interpret(&self.encoded, grid, fields, seed)?;
        Ok(self)
    }

    /// The settings of the run.
    pub fn settings(&self) -> &ImageSettings {
        &self.settings
    }

    /// The images and their patches.
    pub fn placed(&self) -> &PlacedPatches {
        &self.placed
    }

    /// The training and how it ended.
    pub fn training(&self) -> &TrainedModel {
        &self.trained
    }

    /// The trained model.
    pub fn model(&self) -> &ShiftVae {
        self.trained.model()
    }

    /// The latents of the patches and the explained variance.
    pub fn encoded(&self) -> &EncodedPatches {
        &self.encoded
    }

    /// Mean and standard deviation of the latents of every patch.
    pub fn posterior(&self) -> &Posterior {
        self.encoded.posterior()
    }

    /// The interpretation of the latents.
    pub fn interpretation(&self) -> &Interpretation {
        &self.interpretation
    }

    /// Maps of content, rotation, scale and shift on image `image`, as far as the model has them.
    ///
    /// The shift is the displacement of the object from the centre of its window, in pixels of the image.
    ///
    /// # Errors
    /// [`Error::Core`](crate::Error::Core) if there is no such image.
    pub fn maps(&self, image: usize) -> Result<Vec<NamedMap>> {
        let posterior = self.posterior();
        let column = |values: Array1<f32>| values.insert_axis(Axis(1));
        let named = |name: &str| vec![name.to_owned()];
        let content = (1..=posterior.content().ncols()).map(|number| format!("content {number}")).collect();
        let quantities: [(Option<Array2<f32>>, Vec<String>); 4] = [
            (Some(posterior.content().to_owned()), content),
            (posterior.rotation().map(|angle| column(angle.to_owned())), named("rotation (rad)")),
            (posterior.scale().map(column), named("scale")),
            (posterior.position_pixels(), vec!["shift rows (px)".into(), "shift columns (px)".into()]),
        ];
        let mut maps = Vec::new();
        for (values, names) in quantities {
            if let Some(values) = values.filter(|values| values.ncols() > 0) {
                let map = LatentMap::of_image(self.placed.patches().patch_grid(), values.view(), image)?;
                maps.push(NamedMap { names, map });
            }
        }
        Ok(maps)
    }

    /// The report, to which commands or warnings can be added.
    ///
    /// # Errors
    /// [`Error::Plot`](crate::Error::Plot) and [`Error::Vae`](crate::Error::Vae) if a figure cannot be drawn.
    pub fn report(&self) -> Result<ImageReport> {
        image_report(self)
    }

    /// The metrics of the run, the content of `metrics.json`.
    pub fn metrics(&self) -> Value {
        metrics(self)
    }

    /// The learned standard deviations of the noise, in scaled intensities: one value, or one
    /// per pixel of the window; `None` for likelihoods without learned noise.
    pub fn learned_noise(&self) -> Option<Vec<f32>> {
        use adatom_vae::Likelihood::Gaussian;
        let fixed = matches!(self.model().config().get_likelihood(), Gaussian { .. });
        let sigma = self.model().noise_sigma().ok().flatten().filter(|_| !fixed);
        sigma.map(|sigma| sigma.iter().copied().collect())
    }

    /// Writes all files: model, latents, maps, `metrics.json` and `report.html`.
    ///
    /// # Errors
    /// [`Error::File`](crate::Error::File) and errors of the formats, if a file cannot be written.
    pub fn save(&self, folder: &OutputFolder) -> Result<()> {
        self.save_numbers(folder)?;
        self.save_tables(folder)?;
        save_report(folder, &self.report()?)?;
        save_metrics(folder, &self.metrics())
    }

    /// Writes `model.safetensors`, `latents.npz` and `history.csv`.
    ///
    /// # Errors
    /// Those of [`save`](Self::save).
    pub fn save_numbers(&self, folder: &OutputFolder) -> Result<()> {
        self.model().save(folder.file(MODEL))?;
        let labels = self.interpretation.clusters().map(LatentClusters::labels);
        let grid = self.placed.patches().patch_grid();
        write_latents(&folder.file(LATENTS), grid, self.posterior(), labels)?;
        folder.write_text(HISTORY, &history_csv(self.model().history()))
    }

    /// Writes `clusters.csv` if there are clusters and `latents.csv` if there are fields, and removes those
    /// of an earlier run.
    ///
    /// # Errors
    /// Those of [`save`](Self::save).
    pub fn save_tables(&self, folder: &OutputFolder) -> Result<()> {
        [CLUSTERS, TABLE].iter().try_for_each(|name| folder.remove(name))?;
        let (found, grid) = (&self.interpretation, self.placed.patches().patch_grid());
        if let (Some(clusters), Some(latents)) = (found.clusters(), &found.latents) {
            write_clusters(&folder.file(CLUSTERS), clusters, latents, grid)?;
        }
        if let Some(features) = found.features.as_ref().filter(|_| !found.fields().is_empty()) {
            feature_table(features, found.fields(), grid, found.block)?.save(folder.file(TABLE))?;
        }
        Ok(())
    }
}

/// Writes `metrics.json`.
///
/// # Errors
/// [`Error::File`](crate::Error::File) if it cannot be written.
pub fn save_metrics(folder: &OutputFolder, metrics: &Value) -> Result<()> {
    folder.write_text(METRICS, &format!("{metrics:#}\n"))
}

/// Writes `maps/*.png`, the other figures, and `report.html`; returns the path of the report.
///
/// # Errors
/// [`Error::File`](crate::Error::File) and [`Error::Plot`](crate::Error::Plot) if a file cannot be
/// written.
pub fn save_report(folder: &OutputFolder, report: &ImageReport) -> Result<PathBuf> {
    folder.subfolder(MAPS)?;
    // Files of an earlier run.
    folder.remove_pictures(MAPS)?;
    for name in FIGURES {
        folder.remove(&format!("{name}.png"))?;
    }
    for (name, drawing) in report.figures() {
        if name.starts_with("maps/") || FIGURES.contains(&name.as_str()) {
            drawing.save_png(folder.file(&format!("{name}.png")))?;
        }
    }
    let path = folder.file(REPORT);
    report.save(&path)?;
    Ok(path)
}
