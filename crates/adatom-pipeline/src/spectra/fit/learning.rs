//! The learning curve, and the test of columns against shuffled copies.

use adatom_core::Split;
use adatom_forest::ndarray::{ArrayView2, Axis};
use adatom_forest::{LearningPoint, Rows, Validation};
use adatom_interpret::{ShadowReport, ShadowTest};

use super::samples::Samples;
use super::settings::FitSettings;
use super::tested::ForestRun;
use super::tuning::main_score;
use crate::error::Error;
use crate::observer::{Activity, Event, Observer};

/// Fractions of the training rows.
const PARTS: [f64; 5] = [0.1, 0.2, 0.4, 0.7, 1.0];

/// Level of significance, corrected for the number of columns.
pub(super) const LEVEL: f64 = 0.05;

/// Largest number of draws of each fraction.
const DRAWS: usize = 5;

/// The smallest number of rows of a fraction.
const FEWEST: f64 = 20.0;

/// Scores on the test rows of forests fitted to fractions of the training rows.
pub(super) fn learning_curve(
    samples: &Samples,
    run: &ForestRun<'_>,
    observer: &dyn Observer,
) -> Result<Vec<LearningPoint>, Error> {
    let Split { train, test } = run.split;
    let rows = train.len() as f64;
    let parts: Vec<f64> = PARTS.into_iter().filter(|part| part * rows >= FEWEST || *part == 1.0).collect();
    let draws = DRAWS.min(run.settings.repeats);
    let activity = Activity::start(observer, "learning curve", 1, "trees");
    let score = main_score(&samples.target.select(test));
    let validation = Validation::new(samples.task()).score(score);
    let curve = validation.learning_curve(run.params, run.split, &parts, draws)?;
    activity.check()?;
    Ok(curve)
}

/// The smallest number of rounds in which a column can be significant: n hits in n rounds have the
/// probability 2⁻ⁿ by chance, corrected for the number of columns.
pub(super) fn rounds_needed(columns: usize) -> usize {
    (columns as f64 / LEVEL).log2().ceil() as usize
}

/// Impurity importances with those of shuffled copies of all columns.
pub(super) fn shadow_test(
    samples: &Samples,
    run: &ForestRun<'_>,
    observer: &dyn Observer,
) -> Result<Option<ShadowReport>, Error> {
    let ForestRun { params, split, settings: FitSettings { shadow_rounds, seed, .. } } = *run;
    let Some(rounds) = *shadow_rounds else { return Ok(None) };
    let columns = samples.table.columns();
    let needed = rounds_needed(columns.len());
    if rounds < needed {
        let text = format!(
            "significance among {} columns needs at least {needed} rounds, found {rounds}",
            columns.len()
        );
        observer.event(&Event::Warning(&text));
    }
    let activity = Activity::start(observer, "shuffled copies", rounds * params.get_trees(), "trees");
    let grown = |trees: usize| activity.advance(trees);
    let features = samples.table.features().select(Axis(0), &split.train);
    let train = samples.target.select(&split.train);
    let fit = |both: ArrayView2<'_, f64>, round: u64| {
        let params = params.clone().seed(seed.wrapping_add(round));
        let model = params.fit(Rows::from(both).watched(&grown), &train)?;
        activity.check()?;
        Ok::<_, Error>(model.forest().impurity_importance())
    };
    let test = ShadowTest::new(rounds).seed(*seed);
    let report = test.run(columns, features.view(), fit);
    activity.check()?;
    Ok(Some(report?))
}
