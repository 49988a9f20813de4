//! Comparison of trials: ranks, table, maps, report.

use adatom_core::LatentMap;
use adatom_interpret::{Figure, MapFigure, MapPanels, PairsFigure, Report, Section, Table};
use serde_json::{Value, json};

use super::{Exploration, RoughnessLength, Trial};
use crate::error::Result;
use crate::image::report::manifold;
use crate::output::{OutputFolder, write_records};

/// Largest number of maps that are shown for a trial.
const MOST_MAPS: usize = 3;

/// Models that explain a smaller fraction of the variance are not worth comparing.
const LEAST_EXPLAINED: f64 = 0.1;

/// Tiles along each side of the decoded content.
const TILES: usize = 5;

const COLUMNS: [&str; 10] = [
    "trial",
    "settings",
    "patches",
    "ELBO (nat/px)",
    "rank",
    "explained (%)",
    "active (pose, content)",
    "roughness",
    "rank",
    "seconds",
];

const FILE_COLUMNS: [&str; 16] = [
    "trial",
    "window_rows",
    "window_columns",
    "invariances",
    "content_latents",
    "smooth_weight",
    "seed",
    "patches",
    "elbo_per_pixel",
    "elbo_rank",
    "explained_variance",
    "active_pose",
    "active_content",
    "roughness",
    "roughness_rank",
    "seconds",
];

/// Trials of an exploration with their ranks.
#[derive(Debug, Clone)]
pub struct ExplorationResults {
    title: String,
    length: RoughnessLength,
    seeds: u64,
    steps: usize,
    trials: Vec<Trial>,
    elbo_ranks: Vec<Option<usize>>,
    roughness_ranks: Vec<Option<usize>>,
}

impl ExplorationResults {
    pub(super) fn new(of: &Exploration, trials: Vec<Trial>) -> Self {
        Self {
            title: of.images.title(),
            length: of.length,
            seeds: of.explore.seeds,
            steps: of.explore.steps,
            elbo_ranks: ranks(trials.iter().map(|trial| Some(-trial.elbo))),
            roughness_ranks: ranks(trials.iter().map(|trial| trial.roughness)),
            trials,
        }
    }

    /// The trials.
    pub fn trials(&self) -> &[Trial] {
        &self.trials
    }

    /// Writes `trials.csv`, `maps/*.png` and a report that ends with the section `reproduction`, such as one
    /// of commands.
    ///
    /// # Errors
    /// [`Error::File`](crate::Error::File) and those of the crates below when a file cannot be written.
    pub fn save(&self, folder: &OutputFolder, reproduction: Option<Section>) -> Result<()> {
        folder.subfolder("maps")?;
        folder.remove_pictures("maps")?;
        for (index, trial) in self.trials.iter().enumerate() {
            let maps = maps_of(trial, index)?;
            if !maps.is_empty() {
                let panels = MapPanels::new(maps)?.title(self.name(index));
                panels.drawing().save_png(folder.file(&format!("maps/trial-{:02}.png", index + 1)))?;
            }
        }
        let mut report = self.report()?;
        if let Some(section) = reproduction {
            report = report.section(section);
        }
        report.save(folder.file("report.html"))?;
        self.save_table(folder)
    }

    /// The report.
    ///
    /// # Errors
    /// [`Error::Plot`](crate::Error::Plot) if a figure cannot be drawn.
    pub fn report(&self) -> Result<Report> {
        let mut report = Report::new(format!("{}: comparison of settings", self.title));
        if self.trials.iter().all(|trial| trial.explained_variance < LEAST_EXPLAINED) {
            report = report.warning(
                "None of the models explains 10 % of the variance; their ranks are not meaningful. Train for \
                 more steps.",
            );
        }
        let mut pairs = Section::new("Patches and reconstructions");
        let mut decoded = Section::new("Decoded content");
        let mut maps = Vec::new();
        for (index, trial) in self.trials.iter().enumerate() {
            let name = self.name(index);
            maps.extend(maps_of(trial, index)?);
            let figure = PairsFigure::new(trial.originals.view(), trial.reconstructions.view())?;
            pairs = pairs.figure(&figure, &name, "patches, reconstructions and residuals");
            if let Some(figure) = manifold(&trial.model, trial.content.view(), TILES)? {
                decoded = decoded.figure(&figure, &name, "patches decoded over the range of the content");
            }
        }
        let mut content = Section::new("Maps of the content");
        if !maps.is_empty() {
            let caption = "The first content latents of every trial, numbered as in the table.";
            let alt = "maps of the content latents of all trials";
            content = content.figure(&MapPanels::new(maps)?, caption, alt);
        }
        Ok(report
            .subtitle("brief trainings with a grid of settings")
            .card("trainings", self.trials.len().to_string(), "")
            .card("steps each", self.steps.to_string(), "")
            .card("length scale", format!("{:.1}", self.length.pixels), "px")
            .section(self.comparison())
            .section(content)
            .section(pairs)
            .section(decoded))
    }

    fn name(&self, index: usize) -> String {
        format!("Trial {}: {}", index + 1, self.trials[index].settings.describe(self.seeds))
    }

    fn comparison(&self) -> Section {
        let rank = |rank: Option<usize>| rank.map_or("–".into(), |rank| rank.to_string());
        let mut table = Table::new(COLUMNS);
        for (index, trial) in self.trials.iter().enumerate() {
            table = table.row([
                (index + 1).to_string(),
                trial.settings.describe(self.seeds),
                trial.patches.len().to_string(),
                format!("{:.5}", trial.elbo),
                rank(self.elbo_ranks[index]),
                format!("{:.1}", 100.0 * trial.explained_variance),
                format!("{}, {}", trial.active_pose, trial.active_content),
                trial.roughness.map_or("–".into(), |value| format!("{value:.3}")),
                rank(self.roughness_ranks[index]),
                format!("{:.1}", trial.seconds),
            ]);
        }
        let text = format!(
            "Each model was trained for about {} steps; only the order of the values is meaningful. ELBO: \
             mean per pixel over a held-out tenth of the patches (which overlap with training patches); \
             larger is better. Roughness: squared difference of the active content latents of patches within \
             {:.1} pixels, relative to their variance; 0 for smooth maps, 1 for uncorrelated noise. The two \
             ranks may differ; the maps show which latents are physical.",
            self.steps, self.length.pixels
        );
        Section::new("Comparison").paragraph(text).table(table)
    }

    fn save_table(&self, folder: &OutputFolder) -> Result<()> {
        let mut records = vec![FILE_COLUMNS.map(str::to_owned).to_vec()];
        let text = |rank: Option<usize>| rank.map_or(String::new(), |rank| rank.to_string());
        for (index, trial) in self.trials.iter().enumerate() {
            let settings = &trial.settings;
            records.push(vec![
                (index + 1).to_string(),
                settings.window.height().to_string(),
                settings.window.width().to_string(),
                settings.invariance_names(),
                settings.latent_dim.to_string(),
                settings.smoothness_weight.map_or(String::new(), |weight| weight.to_string()),
                settings.seed.to_string(),
                trial.patches.len().to_string(),
                trial.elbo.to_string(),
                text(self.elbo_ranks[index]),
                trial.explained_variance.to_string(),
                trial.active_pose.to_string(),
                trial.active_content.to_string(),
                trial.roughness.map_or(String::new(), |value| value.to_string()),
                text(self.roughness_ranks[index]),
                format!("{:.2}", trial.seconds),
            ]);
        }
        write_records(&folder.file("trials.csv"), &records)
    }

    /// The results of every trial as JSON objects.
    pub fn metrics(&self) -> Vec<Value> {
        let of = |(index, trial): (usize, &Trial)| {
            let settings = &trial.settings;
            json!({
                "trial": index + 1,
                "window": [settings.window.height(), settings.window.width()],
                "invariances": settings.invariance_names(),
                "content_latents": settings.latent_dim,
                "smooth_weight": settings.smoothness_weight,
                "seed": settings.seed,
                "patches": trial.patches.len(),
                "elbo_per_pixel": trial.elbo,
                "elbo_rank": self.elbo_ranks[index],
                "explained_variance": trial.explained_variance,
                "active_pose": trial.active_pose,
                "active_content": trial.active_content,
                "roughness": trial.roughness,
                "roughness_rank": self.roughness_ranks[index],
                "seconds": trial.seconds,
            })
        };
        self.trials.iter().enumerate().map(of).collect()
    }
}

/// Ranks from 1 for the smallest value; `None` for missing values.
fn ranks(values: impl Iterator<Item = Option<f64>>) -> Vec<Option<usize>> {
    let values: Vec<Option<f64>> = values.map(|value| value.filter(|value| value.is_finite())).collect();
    let rank = |own: f64| 1 + values.iter().flatten().filter(|&&other| other < own).count();
    values.iter().map(|value| value.map(rank)).collect()
}

fn maps_of(trial: &Trial, index: usize) -> Result<Vec<MapFigure>> {
    let k = trial.content.ncols();
    if k == 0 {
        return Ok(Vec::new());
    }
    let map = LatentMap::of_image(trial.patches.patch_grid(), trial.content.view(), 0)?;
    let figure = |layer: usize| {
        Ok(MapFigure::of_layer(&map, layer)?.title(format!("{}: content {}", index + 1, layer + 1)))
    };
    (0..k.min(MOST_MAPS)).map(figure).collect()
}
