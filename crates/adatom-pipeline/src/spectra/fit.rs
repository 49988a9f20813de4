//! From a table to a forest that is tuned, tested and explained: split and validate → fit → explain → report.

mod comparison;
mod figures;
mod groups;
mod importance;
mod learning;
mod metrics;
mod records;
mod report;
mod samples;
mod settings;
mod tested;
mod tuning;

use std::path::Path;

use adatom_core::FeatureTable;
use adatom_forest::{LearningPoint, Model};
use adatom_interpret::ShadowReport;

use crate::error::{Error, OutputProblem};
use crate::observer::{Activity, Observer};
use crate::output::{OutputFolder, canonical, write_records};
pub use comparison::{Comparison, ComparisonEntry, WithoutModality};
pub use groups::{Groups, Holdout};
pub use importance::{Effect, Importances, MeanAndSpread, ModalityImportance, PermutationImportances};
pub use report::ReportContext;
pub use samples::{LeftOut, Samples};
pub use settings::{FitSettings, ForestSettings, HeldOut, SampleSettings, SplitSettings, TreeFamily};
use tested::ForestRun;
pub use tested::{ClassResults, TestedForest};
pub use tuning::Tuning;

use importance::ShapleySizes;

/// A forest that was tuned on training rows and tested on test rows, with scores and importances.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Study {
    /// The settings.
    pub settings: FitSettings,
    /// The rows and columns.
    pub samples: Samples,
    /// The split and the chosen hyperparameters.
    pub tuning: Tuning,
    /// Forests and their scores on the test rows.
    pub tested: TestedForest,
    /// Their importances.
    pub importance: Importances,
    /// The learning curve.
    pub learning_curve: Vec<LearningPoint>,
    /// The test of columns against shuffled copies, if requested.
    pub shadows: Option<ShadowReport>,
    /// Scores of other splits and modalities.
    pub comparison: Comparison,
    /// The forest fitted to all rows, if requested.
    final_model: Option<Model>,
}

impl Study {
    /// The file of the model.
    pub const MODEL: &str = "model.safetensors";
    /// The file of the predictions for test rows and, out of bag, for training rows.
    pub const PREDICTIONS: &str = "predictions.csv";
    /// The file of the importances of columns.
    pub const IMPORTANCE: &str = "importance.csv";
    /// The file of the importances of regions.
    pub const REGIONS: &str = "regions.csv";
    /// The file of the metrics.
    pub const METRICS: &str = "metrics.json";
    /// The report.
    pub const REPORT: &str = "report.html";
    /// The folder of the figures.
    pub const FIGURES: &str = figures::FOLDER;

    /// Fits and tests a forest on a table.
    ///
    /// # Errors
    ///
    /// As [`Samples::select`] and [`Tuning::run`]; [`Error::Cancelled`] if the observer stops the work.
    pub fn run(table: &FeatureTable, settings: &FitSettings, observer: &dyn Observer) -> Result<Self, Error> {
        Self::of(Samples::select(table, settings, observer)?, settings, observer)
    }

    /// Fits and tests a forest on samples that have been selected.
    ///
    /// # Errors
    ///
    /// As [`Tuning::run`]; [`Error::Cancelled`] if the observer stops the work.
    pub fn of(samples: Samples, settings: &FitSettings, observer: &dyn Observer) -> Result<Self, Error> {
        let tuning = Tuning::run(&samples, settings, observer)?;
        let run = ForestRun { params: &tuning.params, split: &tuning.split, settings };
        let mut shapley = ShapleySizes::new(&samples, &tuning.split);
        let tested = TestedForest::fit(&samples, &run, observer, |model| shapley.add(model))?;
        Activity::start(observer, "importances", 1, "steps").check()?;
        let importance = Importances::of(&samples, &tuning.split, &tested, shapley, settings.seed)?;
        let learning_curve = learning::learning_curve(&samples, &run, observer)?;
        let shadows = learning::shadow_test(&samples, &run, observer)?;
        let comparison = Comparison::run(&samples, &run, &tested.scores, observer)?;
        let final_model = settings.final_on_all.then(|| run.fit_all(&samples)).transpose()?;
        let settings = settings.clone();
        Ok(Self {
            settings,
            samples,
            tuning,
            tested,
            importance,
            learning_curve,
            shadows,
            comparison,
            final_model,
        })
    }

    /// The model with the names of its columns and its target: of the first tested forest or, if
    /// requested, of all rows.
    #[must_use]
    pub fn model(&self) -> Model {
        let model = self.final_model.as_ref().unwrap_or(&self.tested.model);
        model.clone().of_table(&self.samples.table, &self.samples.target_name)
    }

    /// Checks that the files of a study do not replace its table.
    ///
    /// # Errors
    ///
    /// [`Error::Output`] if the table is one of them.
    pub fn check_folder(folder: &OutputFolder, table: &Path) -> Result<(), Error> {
        let names =
            [Self::MODEL, Self::PREDICTIONS, Self::IMPORTANCE, Self::REGIONS, Self::METRICS, Self::REPORT];
        if names.iter().any(|name| canonical(&folder.file(name)) == canonical(table)) {
            return Err(Error::Output { path: table.to_owned(), problem: OutputProblem::InUse });
        }
        Ok(())
    }

    /// Writes model, predictions, importances, metrics, figures and report.
    ///
    /// # Errors
    ///
    /// [`Error::File`] if a file cannot be written.
    pub fn save(&self, folder: &OutputFolder, context: &ReportContext) -> Result<(), Error> {
        self.model().save(folder.file(Self::MODEL))?;
        write_records(&folder.file(Self::PREDICTIONS), &self.prediction_records()?)?;
        write_records(&folder.file(Self::IMPORTANCE), &self.importance_records())?;
        write_records(&folder.file(Self::REGIONS), &self.region_records()?)?;
        folder.write_text(Self::METRICS, &format!("{:#}\n", self.metrics(&context.table)?))?;
        self.report(folder, context)?.save(folder.file(Self::REPORT))?;
        Ok(())
    }
}
