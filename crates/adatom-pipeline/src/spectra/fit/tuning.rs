//! Split of the rows, and choice of the hyperparameters on the training rows.

use adatom_core::{Score, Split, Target};
use adatom_forest::{
    Average, ClassScore, CrossValidation, ForestParams, Progress, PropertyScore, Search, Validation,
};

use super::samples::Samples;
use super::settings::FitSettings;
use crate::error::Error;
use crate::observer::{Activity, Observer};

const CLASS_SCORES: [ClassScore; 6] = [
    ClassScore::F1(Average::Weighted),
    ClassScore::F1(Average::Macro),
    ClassScore::Accuracy,
    ClassScore::BalancedAccuracy,
    ClassScore::LogLoss,
    ClassScore::Brier,
];
const PROPERTY_SCORES: [PropertyScore; 4] = [
    PropertyScore::RootMeanSquareError,
    PropertyScore::RmseOverMean,
    PropertyScore::MeanAbsoluteError,
    PropertyScore::R2,
];

/// The scores of a kind of target; the first determines the hyperparameters.
pub(super) fn scores(target: &Target) -> Vec<&'static dyn Score> {
    match target {
        Target::Classes(_) => CLASS_SCORES.iter().map(|score| score as &dyn Score).collect(),
        Target::Numbers(_) => PROPERTY_SCORES.iter().map(|score| score as &dyn Score).collect(),
    }
}

/// The first of the [`scores`].
pub(super) fn main_score(target: &Target) -> &'static dyn Score {
    scores(target)[0]
}

/// The split, and the hyperparameters that were chosen on the training rows.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Tuning {
    /// Training and test rows.
    pub split: Split,
    /// The chosen parameters.
    pub params: ForestParams,
    /// All candidates, if hyperparameters were tuned.
    pub search: Option<Search>,
    /// Scores of the chosen parameters on folds of the training rows.
    pub validation: CrossValidation,
}

impl Tuning {
    /// Splits the rows and cross-validates parameters on the training rows.
    ///
    /// # Errors
    ///
    /// [`Error::Samples`] for too few rows; [`Error::Forest`] for parameters or folds that are impossible;
    /// [`Error::Cancelled`] if the observer stops the work.
    pub fn run(samples: &Samples, settings: &FitSettings, observer: &dyn Observer) -> Result<Self, Error> {
        let split = samples.split(settings, observer)?;
        if split.train.len() < 2 {
            let rows = samples.table.len();
            let problem =
                format!("{rows} rows are too few: one training row is left, cross-validation needs two");
            return Err(Error::Samples { problem });
        }
        let name = if settings.forest.tuned { "tuning" } else { "cross-validation" };
        let activity = Activity::start(observer, name, 1, "trees");
        let watch = |progress: Progress| activity.at(progress.trees, progress.of_trees);
        let mut validation = Validation::new(samples.task()).watched(&watch);
        for score in scores(&samples.target) {
            validation = validation.score(score);
        }
        let folds = samples.folds(&split.train, settings, observer)?;
        let columns = samples.table.columns().len();
        let candidates = settings.forest.candidates(samples.target.kind(), columns, settings.seed)?;
        let search = validation.search(&candidates, &folds)?;
        activity.check()?;
        let best = search.best().clone();
        let search = settings.forest.tuned.then_some(search);
        Ok(Self { split, params: best.params, search, validation: best.validation })
    }
}
