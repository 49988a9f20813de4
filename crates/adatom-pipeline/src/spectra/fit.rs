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
use crate::output::{OutputFolder, place, write_records};
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

/// A forest that was tuned on training rows and tested on rows held out, with everything that was calculated
/// of it.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Study {
    /// Its settings.
    pub settings: FitSettings,
    /// The rows and columns.
    pub samples: Samples,
    /// Training rows, rows held out, and the chosen parameters.
    pub tuning: Tuning,
    /// Forests and their scores on the rows held out.
    pub tested: TestedForest,
    /// What matters to them.
    pub importance: Importances,
    /// Scores of forests fitted to fewer rows.
    pub learning_curve: Vec<LearningPoint>,
    /// Which columns beat chance, where that is asked for.
    pub shadows: Option<ShadowReport>,
    /// The forest on other rows and other columns.
    pub comparison: Comparison,
    /// The forest of all rows, where that is asked for.
    final_model: Option<Model>,
}

impl Study {
    /// The file of the model.
    pub const MODEL: &str = "model.safetensors";
    /// The file of the predictions for rows held out and, out of bag, for training rows.
    pub const PREDICTIONS: &str = "predictions.csv";
    /// The file of the importances of columns.
    pub const IMPORTANCE: &str = "importance.csv";
    /// The file of the importances of regions.
    pub const REGIONS: &str = "regions.csv";
    /// The file of all results in numbers.
    pub const METRICS: &str = "metrics.json";
    /// The report.
    pub const REPORT: &str = "report.html";
    /// The folder of the figures.
    pub const FIGURES: &str = figures::FOLDER;

    /// Fits and tests a forest on a table.
    ///
    /// # Errors
    ///
    /// As [`Samples::select`] and [`Tuning::run`]; [`Error::Cancelled`] when the observer ends the work.
    pub fn run(table: &FeatureTable, settings: &FitSettings, observer: &dyn Observer) -> Result<Self, Error> {
        Self::of(Samples::select(table, settings, observer)?, settings, observer)
    }

    /// Fits and tests a forest on samples that are selected already.
    ///
    /// # Errors
    ///
    /// As [`Tuning::run`]; [`Error::Cancelled`] when the observer ends the work.
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

    /// The model with the names of its columns and its target: of the first tested forest or, where that is
    /// asked for, of all rows.
    #[must_use]
    pub fn model(&self) -> Model {
        let model = self.final_model.as_ref().unwrap_or(&self.tested.model);
        model.clone().of_table(&self.samples.table, &self.samples.target_name)
    }

    /// Whether the files of a study can be written to a folder without replacing its table.
    ///
    /// # Errors
    ///
    /// [`Error::Output`] where the table is one of them.
    pub fn check_folder(folder: &OutputFolder, table: &Path) -> Result<(), Error> {
        let names =
            [Self::MODEL, Self::PREDICTIONS, Self::IMPORTANCE, Self::REGIONS, Self::METRICS, Self::REPORT];
        if names.iter().any(|name| place(&folder.file(name)) == place(table)) {
            return Err(Error::Output { path: table.to_owned(), problem: OutputProblem::InUse });
        }
        Ok(())
    }

    /// Writes model, predictions, importances, metrics, figures and report.
    ///
    /// # Errors
    ///
    /// [`Error::File`] where a file cannot be written.
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
