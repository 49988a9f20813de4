//! Tuning on the training rows, then several forests tested on the rows held out.

use adatom::core::{Score, Split, Target, TreeEnsemble};
use adatom::forest::ndarray::{Array2, ArrayView2, Axis};
use adatom::forest::{
    Average, Calibration, ClassReport, ClassScore, Confusion, CrossValidation, ExtraTrees, ForestParams,
    LearningPoint, MaxFeatures, Model, ParamsGrid, Progress, PropertyScore, RandomForest, ReliabilityCurve,
    Rows, ScoreValues, Search, Validation,
};
use adatom::interpret::ShadowReport;
use indicatif::ProgressBar;

use super::choice::Chosen;
use super::importance::{Explained, Importances};
use super::learning;
use crate::args::Fit;
use crate::error::CliError;

/// Bins of a reliability curve.
pub(super) const BINS: usize = 10;

/// What the trial gave.
pub(super) struct Trial {
    pub(super) params: ForestParams,
    pub(super) split: Split,
    pub(super) search: Option<Search>,
    pub(super) validation: CrossValidation,
    pub(super) scores: Vec<ScoreValues>,
    pub(super) importance: Importances,
    /// Scores of forests that have learned from fewer rows.
    pub(super) learning: Vec<LearningPoint>,
    /// Which columns beat chance, where that was asked for.
    pub(super) shadows: Option<ShadowReport>,
    /// The first of the repeats.
    pub(super) model: Model,
    /// Its answers for the rows held out.
    pub(super) answers: Array2<f64>,
    pub(super) confusion: Option<(Confusion, ClassReport)>,
}

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

/// The scores of a target.
pub(super) fn scores(target: &Target) -> Vec<&'static dyn Score> {
    match target {
        Target::Classes(_) => CLASS_SCORES.iter().map(|score| score as &dyn Score).collect(),
        Target::Numbers(_) => PROPERTY_SCORES.iter().map(|score| score as &dyn Score).collect(),
    }
}

/// Predictions for `rows` rows that look at no feature: the shares of the classes, or the mean.
fn trivial(target: &Target, rows: usize) -> Array2<f64> {
    match target {
        Target::Classes(labels) => {
            let all: usize = labels.counts.iter().sum();
            Array2::from_shape_fn((rows, labels.names.len()), |(_, class)| {
                labels.counts[class] as f64 / all as f64
            })
        }
        Target::Numbers(values) => Array2::from_elem((rows, 1), values.mean().unwrap_or(f64::NAN)),
    }
}

/// What was chosen on the training rows, and how good it was on their folds.
struct Tuned {
    params: ForestParams,
    search: Option<Search>,
    validation: CrossValidation,
}

impl Trial {
    pub(super) fn run(chosen: &Chosen, command: &Fit, bar: &ProgressBar) -> Result<Self, CliError> {
        let split = chosen.split(command)?;
        if split.train.len() < 2 {
            let text =
                format!("{} rows are too few: one is left to learn from, folds need two", chosen.table.len());
            return Err(CliError::Argument(text));
        }
        let train = chosen.wanted.select(&split.train);
        let tuned = tune(chosen, command, (&split, &train), bar)?;
        let mut explained = Explained::new(chosen, &split);
        let mut each = |model: &Model| explained.see(model);
        let tested = Tested::run(chosen, command, (&tuned.params, &split), (bar, &mut each))?;
        bar.set_message("importances");
        let importance = Importances::of(chosen, &split, (&tested, explained), command.seed)?;
        let Tuned { params, search, validation } = tuned;
        let Tested { scores, model, answers, confusion, .. } = tested;
        let learning = learning::curve(chosen, (&params, &split), command, bar)?;
        let shadows = learning::against_chance(chosen, (&params, &split), command, bar)?;
        Ok(Self {
            params,
            split,
            search,
            validation,
            scores,
            importance,
            learning,
            shadows,
            model,
            answers,
            confusion,
        })
    }

    /// Scores of the chosen parameters on other columns, or with other rows held out.
    pub(super) fn elsewhere(
        chosen: &Chosen,
        params: &ForestParams,
        command: &Fit,
        bar: &ProgressBar,
    ) -> Result<Vec<ScoreValues>, CliError> {
        let split = chosen.split(command)?;
        Ok(Tested::run(chosen, command, (params, &split), (bar, &mut |_| Ok(())))?.scores)
    }

    /// The part of the rows held out whose truth lies in its interval of 90 %; none of classes.
    pub(super) fn cover(&self, chosen: &Chosen) -> Result<Option<f64>, CliError> {
        let (Model::Regressor(model), Target::Numbers(values)) = (&self.model, &chosen.wanted) else {
            return Ok(None);
        };
        let rows = chosen.table.features().select(Axis(0), &self.split.test);
        let ends = model.intervals(rows.view(), 0.9)?;
        let truth = self.split.test.iter().map(|&row| values[row]);
        let held = truth.zip(ends.rows()).filter(|(truth, ends)| (ends[0]..=ends[1]).contains(truth)).count();
        Ok(Some(held as f64 / self.split.test.len() as f64))
    }

    /// How far the probability of the predicted class is from its frequency among the rows held out; none of numbers.
    pub(super) fn calibration_error(&self, chosen: &Chosen) -> Result<Option<f64>, CliError> {
        let Target::Classes(labels) = &chosen.wanted else { return Ok(None) };
        let codes = labels.select(&self.split.test).codes;
        let curve = ReliabilityCurve::of_predicted(self.answers.view(), &codes)?;
        Ok(Some(curve.calibration_error(BINS)?))
    }

    /// The first score of one forest on a split; NaN where it is not defined.
    pub(super) fn once(
        chosen: &Chosen,
        params: &ForestParams,
        command: &Fit,
        split: &Split,
    ) -> Result<f64, CliError> {
        let features = |rows: &[usize]| chosen.table.features().select(Axis(0), rows);
        let (train, test) = (chosen.wanted.select(&split.train), chosen.wanted.select(&split.test));
        let model = fit(params, Rows::from(features(&split.train).view()), &train, command)?;
        let answers = answers(&model, features(&split.test).view())?;
        Ok(scores(&test)[0].score(test.view(), answers.view()).unwrap_or(f64::NAN))
    }
}

fn tune(
    chosen: &Chosen,
    command: &Fit,
    (split, train): (&Split, &Target),
    bar: &ProgressBar,
) -> Result<Tuned, CliError> {
    let table = &chosen.table;
    let watch = |progress: Progress| {
        bar.set_length(progress.of_trees as u64);
        bar.set_position(progress.trees as u64);
    };
    // Folds of the training rows are told by their places in the whole table.
    let task = chosen.task();
    let mut validation = Validation::new(task).watched(&watch);
    for score in scores(train) {
        validation = validation.score(score);
    }
    let folds = chosen.folds(&split.train, command)?;
    bar.set_message(if command.trial.tune { "tuning" } else { "cross-validation" });
    let candidates = candidates(command, train, table.columns().len())?;
    let search = validation.search(&candidates, &folds)?;
    let best = search.best().clone();
    let search = command.trial.tune.then_some(search);
    Ok(Tuned { params: best.params, search, validation: best.validation })
}

/// What is called with the forest of every repeat.
type Seen<'a> = dyn FnMut(&Model) -> Result<(), CliError> + 'a;

/// Forests of several seeds, asked about the rows held out.
pub(super) struct Tested {
    pub(super) scores: Vec<ScoreValues>,
    /// Impurity importance of every column `[repeats][columns]`.
    pub(super) impurity: Vec<Vec<f64>>,
    /// The first of the repeats.
    pub(super) model: Model,
    pub(super) answers: Array2<f64>,
    pub(super) confusion: Option<(Confusion, ClassReport)>,
}

impl Tested {
    fn run(
        chosen: &Chosen,
        command: &Fit,
        (params, split): (&ForestParams, &Split),
        (bar, each): (&ProgressBar, &mut Seen<'_>),
    ) -> Result<Self, CliError> {
        let features = chosen.table.features().select(Axis(0), &split.train);
        let held_out = chosen.table.features().select(Axis(0), &split.test);
        let (train, test) = (chosen.wanted.select(&split.train), chosen.wanted.select(&split.test));
        bar.set_message("test");
        bar.set_length((params.get_trees() * command.trial.repeats as usize) as u64);
        bar.set_position(0);
        let grown = |trees: usize| bar.inc(trees as u64);
        let scores = scores(&test);
        let trivial = trivial(&train, split.test.len());
        let mut scored: Vec<ScoreValues> = (scores.iter())
            .map(|score| {
                let baseline = score.score(test.view(), trivial.view());
                ScoreValues::new(*score, Vec::new()).with_baseline(baseline)
            })
            .collect();
        let mut impurity = Vec::new();
        let mut first = None;
        for repeat in 0..u64::from(command.trial.repeats) {
            let params = params.clone().seed(command.seed.wrapping_add(repeat));
            let rows = Rows::from(features.view()).watched(&grown);
            let model = fit(&params, rows, &train, command)?;
            let answers = answers(&model, held_out.view())?;
            for (score, scored) in scores.iter().zip(&mut scored) {
                scored.values.push(score.score(test.view(), answers.view()));
            }
            impurity.push(model.forest().impurity_importance());
            each(&model)?;
            first.get_or_insert((model, answers));
        }
        scored.retain(|scored| scored.mean().is_some());
        let (model, answers) = first.expect("there is at least one repeat");
        let confusion = match &test {
            Target::Numbers(_) => None,
            Target::Classes(labels) => {
                let predicted = adatom::forest::most_probable(answers.view());
                Some((
                    Confusion::new(&labels.names, &labels.codes, &predicted)?,
                    ClassReport::new(&labels.names, &labels.codes, &predicted)?,
                ))
            }
        };
        Ok(Self { scores: scored, impurity, model, answers, confusion })
    }
}

fn answers(model: &Model, rows: ArrayView2<'_, f64>) -> Result<Array2<f64>, CliError> {
    Ok(match model {
        Model::Classifier(model) => model.probabilities(rows)?,
        Model::Regressor(model) => model.predict_many(rows)?,
    })
}

/// Fits and, where asked for, calibrates a forest.
fn fit<'a>(
    params: &ForestParams,
    rows: Rows<'a>,
    train: &'a Target,
    command: &Fit,
) -> Result<Model, CliError> {
    Ok(match train {
        Target::Numbers(values) => params.fit_regressor(rows, values.view())?.into(),
        Target::Classes(labels) => {
            let model = params.fit_classifier(rows, labels)?;
            match command.trial.calibrate {
                None => model.into(),
                Some(method) => {
                    let left_out = model.forest().out_of_bag(rows.features())?;
                    let covered: Vec<bool> = left_out.trees().iter().map(|&trees| trees > 0).collect();
                    let calibration =
                        Calibration::fit_covered(method.into(), left_out.answers(), &labels.codes, &covered)?;
                    model.calibrated(calibration)?.into()
                }
            }
        }
    })
}

/// The model of the trial, fitted to all rows.
pub(super) fn on_all_rows(chosen: &Chosen, trial: &Trial, command: &Fit) -> Result<Model, CliError> {
    let rows: Vec<usize> = (0..chosen.table.len()).collect();
    fit(&trial.params, Rows::from(&chosen.table), &chosen.wanted.select(&rows), command)
}

/// The parameters that are tried.
fn candidates(command: &Fit, train: &Target, columns: usize) -> Result<Vec<ForestParams>, CliError> {
    let options = &command.forest;
    let several = [options.trees.len(), options.max_features.len(), options.min_samples_leaf.len()];
    let listed = several.iter().any(|&length| length > 1);
    if listed && !command.trial.tune {
        return Err(CliError::Argument("lists of parameters need --tune, which chooses among them".into()));
    }
    let base = if options.extra_trees { ExtraTrees::params() } else { RandomForest::params() };
    let mut base = base.seed(command.seed).class_weight(options.class_weight.into());
    if let Some(depth) = options.max_depth {
        base = base.max_depth(depth);
    }
    if let Some(criterion) = options.criterion {
        base = base.criterion(criterion.into());
    }
    let usual = match train {
        Target::Classes(_) => MaxFeatures::Sqrt,
        Target::Numbers(_) => MaxFeatures::Fraction(0.3),
    };
    let or =
        |given: &[usize], usual: &[usize]| if given.is_empty() { usual.to_vec() } else { given.to_vec() };
    let search = command.trial.tune && !listed;
    let trees = or(&options.trees, if search { &[25, 50, 100, 200, 300] } else { &[300] });
    let leaf = or(&options.min_samples_leaf, &[1]);
    let max_features = match (&options.max_features[..], search) {
        ([], true) => widths(columns),
        ([], false) => vec![usual],
        (given, _) => given.to_vec(),
    };
    let grid = ParamsGrid::around(base).trees(trees).max_features(max_features).min_samples_leaf(leaf);
    Ok(grid.all()?)
}

/// Numbers of columns to try: 10 to 35 as in arXiv 2410.17467, and a third of all.
fn widths(columns: usize) -> Vec<MaxFeatures> {
    let mut widths: Vec<usize> =
        [10, 15, 20, 25, 30, 35, columns.div_ceil(3)].map(|width| width.min(columns)).to_vec();
    widths.sort_unstable();
    widths.dedup();
    widths.into_iter().map(MaxFeatures::Count).collect()
}
