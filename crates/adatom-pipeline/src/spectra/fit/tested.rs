//! Forests with several seeds, fitted to the training rows and tested on the test rows.

use adatom_core::{Split, Target};
use adatom_forest::ndarray::{Array2, ArrayView2, Axis};
use adatom_forest::{
    Calibration, ClassReport, Confusion, ForestParams, Model, ReliabilityCurve, Rows, ScoreValues,
    most_probable,
};

use super::samples::Samples;
use super::settings::FitSettings;
use super::tuning::{main_score, scores};
use crate::error::Error;
use crate::observer::{Activity, Observer};

/// Bins of a reliability curve.
pub(super) const BINS: usize = 10;

/// Nominal coverage of prediction intervals.
pub(super) const COVERAGE: f64 = 0.9;

/// Confusion matrix and scores by class.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ClassResults {
    /// The confusion matrix.
    pub confusion: Confusion,
    /// Precision and recall of each class.
    pub report: ClassReport,
}

/// Forests with several seeds, and their scores on the test rows.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct TestedForest {
    /// The scores that are defined, each with a value for every forest.
    pub scores: Vec<ScoreValues>,
    /// Impurity importance of every column `[repeats][columns]`.
    pub impurity: Vec<Vec<f64>>,
    /// The first of the forests.
    pub model: Model,
    /// Its predictions for the test rows: probabilities `[rows, classes]`, or numbers `[rows, 1]`.
    pub predictions: Array2<f64>,
    /// Confusion matrix and scores by class; none for numbers.
    pub classes: Option<ClassResults>,
}

impl TestedForest {
    /// Fits and tests the forests; `each` is called with every one of them, which are not all kept.
    ///
    /// # Errors
    ///
    /// [`Error::Forest`] if no forest can be fitted; [`Error::Cancelled`] if the observer stops the work; the
    /// error of `each`.
    pub(super) fn fit(
        samples: &Samples,
        run: &ForestRun<'_>,
        observer: &dyn Observer,
        mut each: impl FnMut(&Model) -> Result<(), Error>,
    ) -> Result<Self, Error> {
        let ForestRun { params, split, settings } = *run;
        let features = samples.table.features().select(Axis(0), &split.train);
        let held_out = samples.table.features().select(Axis(0), &split.test);
        let (train, test) = (samples.target.select(&split.train), samples.target.select(&split.test));
        let activity = Activity::start(observer, "test", params.get_trees() * settings.repeats, "trees");
        let grown = |trees: usize| activity.advance(trees);
        let scores = scores(&test);
        let trivial = trivial(&train, split.test.len());
        let mut results: Vec<ScoreValues> = (scores.iter())
            .map(|&score| {
                let baseline = score.score(test.view(), trivial.view());
                ScoreValues::new(score, Vec::new()).with_baseline(baseline)
            })
            .collect();
        let mut impurity = Vec::new();
        let mut first = None;
        for repeat in 0..settings.repeats as u64 {
            let params = params.clone().seed(settings.seed.wrapping_add(repeat));
            let model = run.fit(&params, Rows::from(features.view()).watched(&grown), &train)?;
            activity.check()?;
            let predictions = predictions(&model, held_out.view())?;
            for (score, result) in scores.iter().zip(&mut results) {
                result.values.push(score.score(test.view(), predictions.view()));
            }
            impurity.push(model.forest().impurity_importance());
            each(&model)?;
            first.get_or_insert((model, predictions));
        }
        results.retain(|result| result.mean().is_some());
        let (model, predictions) = first.expect("there is at least one repeat");
        let classes = match &test {
            Target::Numbers(_) => None,
            Target::Classes(labels) => {
                let predicted = most_probable(predictions.view());
                Some(ClassResults {
                    confusion: Confusion::new(&labels.names, &labels.codes, &predicted)?,
                    report: ClassReport::new(&labels.names, &labels.codes, &predicted)?,
                })
            }
        };
        Ok(Self { scores: results, impurity, model, predictions, classes })
    }

    /// The fraction of test rows whose true value is in its prediction interval; none for classes.
    pub(super) fn interval_coverage(&self, samples: &Samples, split: &Split) -> Result<Option<f64>, Error> {
        let (Model::Regressor(model), Target::Numbers(values)) = (&self.model, &samples.target) else {
            return Ok(None);
        };
        let rows = samples.table.features().select(Axis(0), &split.test);
        let ends = model.intervals(rows.view(), COVERAGE)?;
        let truth = split.test.iter().map(|&row| values[row]);
        let held = truth.zip(ends.rows()).filter(|(truth, ends)| (ends[0]..=ends[1]).contains(truth)).count();
        Ok(Some(held as f64 / split.test.len() as f64))
    }

    /// The expected calibration error of the predicted class on the test rows; none for numbers.
    pub(super) fn calibration_error(&self, samples: &Samples, split: &Split) -> Result<Option<f64>, Error> {
        let Target::Classes(labels) = &samples.target else { return Ok(None) };
        let codes = labels.select(&split.test).codes;
        let curve = ReliabilityCurve::of_predicted(self.predictions.view(), &codes)?;
        Ok(Some(curve.calibration_error(BINS)?))
    }
}

/// Settings of a forest.
#[derive(Clone, Copy)]
pub(super) struct ForestRun<'a> {
    pub(super) params: &'a ForestParams,
    pub(super) split: &'a Split,
    pub(super) settings: &'a FitSettings,
}

impl ForestRun<'_> {
    /// The scores of forests that are not kept.
    pub(super) fn scores(
        &self,
        samples: &Samples,
        observer: &dyn Observer,
    ) -> Result<Vec<ScoreValues>, Error> {
        Ok(TestedForest::fit(samples, self, observer, |_| Ok(()))?.scores)
    }

    /// The main score of one forest; NaN where it is not defined.
    pub(super) fn main_score(&self, samples: &Samples) -> Result<f64, Error> {
        let features = |rows: &[usize]| samples.table.features().select(Axis(0), rows);
        let (train, test) =
            (samples.target.select(&self.split.train), samples.target.select(&self.split.test));
        let model = self.fit(self.params, Rows::from(features(&self.split.train).view()), &train)?;
        let predictions = predictions(&model, features(&self.split.test).view())?;
        Ok(main_score(&test).score(test.view(), predictions.view()).unwrap_or(f64::NAN))
    }

    /// A forest of all rows.
    pub(super) fn fit_all(&self, samples: &Samples) -> Result<Model, Error> {
        self.fit(self.params, Rows::from(&samples.table), &samples.target)
    }

    /// Fits a forest and calibrates it, if requested.
    fn fit<'a>(&self, params: &ForestParams, rows: Rows<'a>, target: &'a Target) -> Result<Model, Error> {
        let model = params.fit(rows, target)?;
        let (Some(method), Model::Classifier(model), Target::Classes(labels)) =
            (self.settings.calibration, &model, target)
        else {
            return Ok(model);
        };
        let out_of_bag = model.forest().out_of_bag(rows.features())?;
        let covered: Vec<bool> = out_of_bag.trees().iter().map(|&trees| trees > 0).collect();
        let calibration =
            Calibration::fit_covered(method, out_of_bag.predictions(), &labels.codes, &covered)?;
        Ok(model.clone().calibrated(calibration)?.into())
    }
}

fn predictions(model: &Model, rows: ArrayView2<'_, f64>) -> Result<Array2<f64>, Error> {
    Ok(match model {
        Model::Classifier(model) => model.probabilities(rows)?,
        Model::Regressor(model) => model.predict_many(rows)?,
    })
}

/// Predictions for `rows` rows without features: the class frequencies, or the mean.
fn trivial(train: &Target, rows: usize) -> Array2<f64> {
    match train {
        Target::Classes(labels) => {
            let all: usize = labels.counts.iter().sum();
            Array2::from_shape_fn((rows, labels.names.len()), |(_, class)| {
                labels.counts[class] as f64 / all as f64
            })
        }
        Target::Numbers(values) => Array2::from_elem((rows, 1), values.mean().unwrap_or(f64::NAN)),
    }
}
