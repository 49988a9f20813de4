//! The pipeline on generated iron oxides with known labels.

mod materials;
mod page;
mod planted;

use adatom_core::FeatureTable;
use adatom_synthetic::{SyntheticOxide, XanesModel};
use serde_json::{Map, Value, json};

use super::fit::{FitSettings, ReportContext, Study};
use crate::error::Error;
use crate::observer::{Event, Observer};
use crate::output::{Existing, OutputFolder};
use planted::{Data, questions, spread};
pub use planted::{Experiment, Finding, Question};

/// The target of the fit, and the folder of its results.
pub const TARGET: &str = "coordination_number";
/// The folder of the generated materials.
pub const MATERIALS: &str = "materials";
/// The file of their labels.
pub const LABELS: &str = "labels.csv";
/// The file of the table.
pub const TABLE: &str = "table.csv";
/// The report.
pub const REPORT: &str = page::REPORT;
/// The absorber: iron has tetrahedral, square-planar, pyramidal and octahedral sites with charges 2+ to 4+
/// and a well-known pre-edge.
pub const ELEMENT: &str = "Fe";

/// The size of the demonstration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct DemonstrationSettings {
    /// Number of materials.
    pub materials: usize,
    /// Number of trees of each forest.
    pub trees: usize,
    /// Number of tested forests.
    pub repeats: usize,
    /// Number of folds of the cross-validation.
    pub folds: usize,
    /// Seed of oxides and forests.
    pub seed: u64,
}

impl DemonstrationSettings {
    /// A thousand materials: about a minute on two cores.
    #[must_use]
    pub fn full(seed: u64) -> Self {
        Self { materials: 1000, trees: 200, repeats: 5, folds: 5, seed }
    }

    /// 240 materials and smaller forests: some seconds.
    #[must_use]
    pub fn quick(seed: u64) -> Self {
        Self { materials: 240, trees: 60, repeats: 2, folds: 2, seed }
    }

    fn fit(&self) -> FitSettings {
        FitSettings::new(TARGET)
            .grouped_by("formula")
            .trees([self.trees])
            .repeats(self.repeats)
            .folds(self.folds)
            .seed(self.seed)
            .compared()
    }
}

/// Commands that reproduce table and fit, for the report.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Commands {
    /// From the folder of materials to the table.
    pub table: String,
    /// From the table to the forest.
    pub fit: String,
}

impl Commands {
    /// The commands of the table and of the fit.
    pub fn new(table: impl Into<String>, fit: impl Into<String>) -> Self {
        Self { table: table.into(), fit: fit.into() }
    }
}

/// The generated data and the results.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Demonstration {
    /// The generated materials.
    pub oxides: Vec<SyntheticOxide>,
    /// Their table.
    pub table: FeatureTable,
    /// The fit of the coordination number with all modalities.
    pub study: Study,
    /// The importances of the regions that determine the targets.
    pub experiments: Vec<Experiment>,
}

impl Demonstration {
    /// Generates the materials, writes them, their table, the fit and the report into the folder.
    ///
    /// # Errors
    ///
    /// [`Error::File`] if a file cannot be written; [`Error::Cancelled`] if the observer stops the work.
    pub fn run(
        folder: &OutputFolder,
        settings: &DemonstrationSettings,
        commands: &Commands,
        observer: &dyn Observer,
    ) -> Result<Self, Error> {
        let model = XanesModel::default();
        let oxides = materials::generate(settings.materials, settings.seed)?;
        observer.event(&Event::Note(&format!("{} oxides of {ELEMENT}", oxides.len())));
        materials::write(folder, &oxides, &model)?;
        let table = materials::table(folder, observer)?;
        let study = Study::run(&table, &settings.fit(), observer)?;
        let results = OutputFolder::prepare(&folder.file(TARGET), Existing::Replace)?;
        let context = ReportContext::new(folder.file(TABLE).display().to_string()).command(&commands.fit);
        study.save(&results, &context)?;
        let data = Data { oxides: &oxides, model: &model, table: &table };
        let experiments = questions(&model)
            .into_iter()
            .map(|question| Experiment::run(question, &data, settings))
            .collect::<Result<_, _>>()?;
        let demonstration = Self { oxides, table, study, experiments };
        demonstration.save_page(folder, commands)?;
        Ok(demonstration)
    }

    /// The results for `metrics.json`.
    ///
    /// # Errors
    ///
    /// [`Error::Table`] where the table lacks a target, which does not occur for a finished demonstration.
    pub fn metrics(&self) -> Result<Value, Error> {
        let planted: Map<_, _> = (self.experiments.iter())
            .map(|experiment| (experiment.question.target.to_owned(), experiment.metrics()))
            .collect();
        Ok(json!({
            "element": ELEMENT,
            "materials": self.oxides.len(),
            "coordination_numbers": spread(&self.table, TARGET)?,
            "fit": {
                "target": TARGET,
                "scores": self.study.scores_json(),
                "comparison": self.study.comparison.json(),
            },
            "planted": planted,
        }))
    }
}
