//! Forests that learn from less, or from noise: the learning curve, and the test of columns against chance.

use adatom::core::{Split, TreeEnsemble};
use adatom::forest::ndarray::{ArrayView2, Axis};
use adatom::forest::{ForestParams, LearningPoint, Rows, Validation};
use adatom::interpret::{ShadowReport, ShadowTest};
use indicatif::ProgressBar;

use super::choice::Chosen;
use super::trial::scores;
use crate::args::Fit;
use crate::error::CliError;
use crate::say::tell;

/// Parts of the training rows.
const PARTS: [f64; 5] = [0.1, 0.2, 0.4, 0.7, 1.0];

/// Columns beat chance where all that do so by chance have at most this probability.
pub(super) const LEVEL: f64 = 0.05;

/// Draws of each part, at most.
const DRAWS: usize = 5;

/// Fewer rows than this are not divided further.
const FEWEST: f64 = 20.0;

/// Scores on the rows held out, of forests that have learned from parts of the others.
pub(super) fn curve(
    chosen: &Chosen,
    (params, split): (&ForestParams, &Split),
    command: &Fit,
    bar: &ProgressBar,
) -> Result<Vec<LearningPoint>, CliError> {
    bar.set_message("learning curve");
    let test = chosen.wanted.select(&split.test);
    let score = scores(&test)[0];
    let rows = split.train.len() as f64;
    let parts: Vec<f64> = PARTS.into_iter().filter(|part| part * rows >= FEWEST || *part == 1.0).collect();
    let draws = DRAWS.min(command.trial.repeats as usize);
    let validation = Validation::new(chosen.task()).score(score);
    Ok(validation.learning_curve(params, split, (&parts, draws))?)
}

/// Rounds without which none of so many columns can beat chance: that of all hits is 1/2 to their number, adjusted for all
/// columns.
pub(super) fn rounds_needed(columns: usize) -> usize {
    (columns as f64 / LEVEL).log2().ceil() as usize
}

/// Impurity importances beside those of shuffled copies of all columns.
pub(super) fn against_chance(
    chosen: &Chosen,
    (params, split): (&ForestParams, &Split),
    command: &Fit,
    bar: &ProgressBar,
) -> Result<Option<ShadowReport>, CliError> {
    let Some(rounds) = command.trial.shadows else { return Ok(None) };
    let needed = rounds_needed(chosen.table.columns().len());
    if (rounds as usize) < needed {
        let columns = chosen.table.columns().len();
        tell(format_args!("note: --shadows {rounds}: {columns} columns need {needed} rounds to beat chance"));
    }
    bar.set_message("shadows");
    bar.set_length(u64::from(rounds) * params.get_trees() as u64);
    bar.set_position(0);
    let grown = |trees: usize| bar.inc(trees as u64);
    let features = chosen.table.features().select(Axis(0), &split.train);
    let train = chosen.wanted.select(&split.train);
    let fit = |both: ArrayView2<'_, f64>, round: u64| {
        let params = params.clone().seed(command.seed.wrapping_add(round));
        let rows = Rows::from(both).watched(&grown);
        let forest = params.fit(rows, &train)?;
        Ok::<_, adatom::forest::Error>(forest.forest().impurity_importance())
    };
    let test = ShadowTest::new(rounds as usize).seed(command.seed);
    Ok(Some(test.run(chosen.table.columns(), features.view(), fit)?))
}
