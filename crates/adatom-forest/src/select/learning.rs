//! The learning curve: scores against the number of training rows.

use adatom_core::{Split, permutation};

use super::Validation;
use super::outcome::CrossValidation;
use crate::{Error, ForestParams, Result};

/// Scores of forests that were fitted to a fraction of the training rows.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
#[non_exhaustive]
pub struct LearningPoint {
    /// The number of rows to which each forest was fitted.
    pub rows: usize,
    /// Every score with a value for each draw of rows.
    pub validation: CrossValidation,
}

impl Validation<'_> {
    /// Scores on the test rows of a split, of forests fitted on growing parts of its training rows: for each
    /// of `parts` (above 0, at most 1) on `draws` random draws without replacement. Draws are nested: a
    /// smaller part of a draw lies in the larger ones. Of classes each draw has the share that all training
    /// rows have, and at least one row.
    ///
    /// # Errors
    /// [`Error::Parameter`] when a part is not above 0 and at most 1; [`Error::TooFew`] when there is no part
    /// or no draw; otherwise as [`cross_validate`](Self::cross_validate).
    ///
    /// ```
    /// use adatom_forest::ndarray::Array;
    /// use adatom_forest::{PropertyScore, RandomForest, Split, Task, Validation};
    /// let features = Array::from_shape_fn((80, 1), |(row, _)| row as f64);
    /// let values = Array::from_shape_fn(80, |row| (row as f64 / 8.0).sin());
    /// let validation =
    ///     Validation::new(Task::regress(features.view(), values.view())).score(&PropertyScore::R2);
    /// let split = Split {
    ///     train: (0..80).filter(|row| row % 4 != 0).collect(),
    ///     test: (0..80).step_by(4).collect(),
    /// };
    /// let curve = validation.learning_curve(&RandomForest::params().trees(10), &split, &[0.1, 1.0], 3)?;
    /// let means: Vec<f64> = curve.iter().filter_map(|point| point.validation.scores[0].mean()).collect();
    /// assert_eq!((curve[0].rows, curve[1].rows), (6, 60));
    /// assert!(means[1] > 0.9 && means[0] < means[1]);
    ///
    /// let error = validation.learning_curve(&RandomForest::params(), &split, &[1.5], 3).unwrap_err();
    /// assert_eq!(error.to_string(), "a part of the rows must be above 0 and at most 1, found 1.5");
    /// # Ok::<(), adatom_forest::Error>(())
    /// ```
    pub fn learning_curve(
        &self,
        params: &ForestParams,
        split: &Split,
        parts: &[f64],
        draws: usize,
    ) -> Result<Vec<LearningPoint>> {
        for (what, found) in [("part of the rows", parts.len()), ("draw", draws)] {
            if found == 0 {
                return Err(Error::TooFew { what, least: 1, found });
            }
        }
        if let Some(part) = parts.iter().find(|&&part| !(part > 0.0 && part <= 1.0)) {
            let (parameter, expected) = ("a part of the rows", "above 0 and at most 1");
            return Err(Error::Parameter { parameter, expected, found: part.to_string() });
        }
        let orders: Vec<Vec<Vec<usize>>> = (0..draws as u64)
            .map(|draw| self.shuffled(&split.train, params.seed.wrapping_add(draw)))
            .collect();
        let mut curve = Vec::with_capacity(parts.len());
        for &part in parts {
            // Of all rows there is one draw only.
            let orders = if part == 1.0 { &orders[..1] } else { &orders[..] };
            let splits: Vec<Split> = orders
                .iter()
                .map(|strata| Split { train: drawn(strata, part), test: split.test.clone() })
                .collect();
            let rows = splits[0].train.len();
            let validation = if part == 1.0 {
                // Forests of as many seeds show what the rows do not.
                self.seeds(params, &splits[0], draws)?
            } else {
                self.cross_validate(params, &splits)?
            };
            curve.push(LearningPoint { rows, validation });
        }
        Ok(curve)
    }

    /// Training rows in a random order: all of them, or those of every class.
    fn shuffled(&self, train: &[usize], seed: u64) -> Vec<Vec<usize>> {
        let strata = match self.task.codes() {
            None => vec![train.to_vec()],
            Some(codes) => {
                let classes = train.iter().map(|&row| codes[row]).max().map_or(0, |most| most + 1);
                let mut strata = vec![Vec::new(); classes];
                train.iter().for_each(|&row| strata[codes[row]].push(row));
                strata
            }
        };
        let shuffled = |(stream, rows): (usize, &Vec<usize>)| {
            permutation(rows.len(), seed, stream as u64).into_iter().map(|place| rows[place]).collect()
        };
        strata.iter().enumerate().map(shuffled).collect()
    }

    fn seeds(&self, params: &ForestParams, split: &Split, draws: usize) -> Result<CrossValidation> {
        let one = |draw: u64| {
            self.cross_validate(
                &params.clone().seed(params.seed.wrapping_add(draw)),
                std::slice::from_ref(split),
            )
        };
        let mut all = one(0)?;
        for draw in 1..draws as u64 {
            let next = one(draw)?;
            for (score, next) in all.scores.iter_mut().zip(next.scores) {
                score.values.extend(next.values);
            }
        }
        Ok(all)
    }
}

/// The first part of every stratum, at least a row of each that has one.
fn drawn(strata: &[Vec<usize>], part: f64) -> Vec<usize> {
    let take = |rows: &Vec<usize>| {
        ((part * rows.len() as f64).round() as usize).clamp(1.min(rows.len()), rows.len())
    };
    let mut rows: Vec<usize> = strata.iter().flat_map(|rows| &rows[..take(rows)]).copied().collect();
    rows.sort_unstable();
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn smaller_draws_lie_in_larger_ones_and_hold_every_class() {
        let strata = vec![(0..40).rev().collect::<Vec<usize>>(), vec![50, 41], vec![]];
        let (small, large) = (drawn(&strata, 0.1), drawn(&strata, 0.5));
        assert_eq!(small, [36, 37, 38, 39, 50]);
        assert!(small.iter().all(|row| large.contains(row)) && large.len() == 21);
        assert_eq!(drawn(&strata, 1.0).len(), 42);
    }
}
