//! Results of a validation: scores of every split, their means, and the best candidate.

use adatom_core::{Better, Score};
use ndarray::Array2;

use crate::ForestParams;

/// The values of one score over splits or repeats.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
#[non_exhaustive]
pub struct ScoreValues {
    /// The score's name.
    pub name: String,
    /// One per split (or repeat); `None` where the score is not defined, such as R² of a single row.
    pub values: Vec<Option<f64>>,
    /// Whether higher or lower values are better.
    #[serde(skip)]
    pub better: Better,
    /// The score of predictions without features (the class fractions, or the mean), if it was computed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub baseline: Option<f64>,
}

impl ScoreValues {
    /// Values of a score, none where it is not defined.
    #[must_use]
    pub fn new(score: &dyn Score, values: Vec<Option<f64>>) -> Self {
        Self { name: score.name().to_owned(), values, better: score.better(), baseline: None }
    }

    /// Adds the score of predictions without features.
    #[must_use]
    pub fn with_baseline(mut self, baseline: Option<f64>) -> Self {
        self.baseline = baseline;
        self
    }

    fn defined(&self) -> impl Iterator<Item = f64> + Clone + '_ {
        self.values.iter().flatten().copied()
    }

    /// The mean of the values that are defined, if any is.
    ///
    /// ```
    /// use adatom_forest::{PropertyScore, ScoreValues};
    /// let scores = ScoreValues::new(&PropertyScore::R2, vec![Some(0.5), None, Some(0.7)]);
    /// assert!((scores.mean().unwrap() - 0.6).abs() < 1e-12);
    /// assert!((scores.standard_deviation().unwrap() - 0.02f64.sqrt()).abs() < 1e-12);
    /// ```
    #[must_use]
    pub fn mean(&self) -> Option<f64> {
        let count = self.defined().count();
        (count > 0).then(|| self.defined().sum::<f64>() / count as f64)
    }

    /// The standard deviation of the sample of values that are defined (n - 1), if there are two.
    #[must_use]
    pub fn standard_deviation(&self) -> Option<f64> {
        let mean = self.mean()?;
        let count = self.defined().count();
        let squares: f64 = self.defined().map(|value| (value - mean).powi(2)).sum();
        (count > 1).then(|| (squares / (count - 1) as f64).sqrt())
    }
}

/// Scores of one set of parameters over splits.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
#[non_exhaustive]
pub struct CrossValidation {
    /// Every score, in the order in which they were added, with a value for each split.
    pub scores: Vec<ScoreValues>,
    /// The mean number of nodes of the forests.
    pub nodes: f64,
}

/// The score of a name, if there is one.
fn named<'a>(scores: &'a [ScoreValues], name: &str) -> Option<&'a ScoreValues> {
    scores.iter().find(|score| score.name == name)
}

impl CrossValidation {
    /// The score of a name, if it was computed.
    #[must_use]
    pub fn score(&self, name: &str) -> Option<&ScoreValues> {
        named(&self.scores, name)
    }
}

/// Scores of one set of parameters over splits that were drawn anew with every seed.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
#[non_exhaustive]
pub struct Repeats {
    /// The seeds of splits and forests.
    pub seeds: Vec<u64>,
    /// The scores of each seed.
    pub runs: Vec<CrossValidation>,
    /// Every score with a value for each seed, the mean over its splits.
    pub scores: Vec<ScoreValues>,
}

impl Repeats {
    pub(super) fn new(seeds: Vec<u64>, runs: Vec<CrossValidation>) -> Self {
        let Some(first) = runs.first() else { return Self { seeds, runs, scores: Vec::new() } };
        let score = |(index, score): (usize, &ScoreValues)| ScoreValues {
            values: runs.iter().map(|run| run.scores[index].mean()).collect(),
            ..score.clone()
        };
        let scores = first.scores.iter().enumerate().map(score).collect();
        Self { seeds, runs, scores }
    }

    /// The score of a name, if it was computed.
    #[must_use]
    pub fn score(&self, name: &str) -> Option<&ScoreValues> {
        named(&self.scores, name)
    }
}

/// Parameters and their scores.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
#[non_exhaustive]
pub struct Candidate {
    /// The parameters.
    pub params: ForestParams,
    /// Their scores.
    pub validation: CrossValidation,
}

/// Candidates and the best of them.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
#[non_exhaustive]
pub struct Search {
    /// All candidates, in the order given.
    pub candidates: Vec<Candidate>,
    /// Index of the best.
    pub best: usize,
}

/// Means that differ by less count as equal: sums of the same numbers in another order differ by rounding.
const EQUAL: f64 = 1e-12;

impl Search {
    /// The best mean of the first score; among equal ones the forest with the fewest nodes, then the first.
    pub(super) fn new(candidates: Vec<Candidate>) -> Option<Self> {
        let worth = |candidate: &Candidate| {
            let first = candidate.validation.scores.first()?;
            let mean = first.mean()?;
            Some(if first.better == Better::Higher { mean } else { -mean })
        };
        let highest = candidates.iter().filter_map(worth).max_by(f64::total_cmp)?;
        let equal = |candidate: &Candidate| {
            worth(candidate).is_some_and(|worth| worth >= highest - EQUAL * highest.abs().max(1.0))
        };
        let nodes = |&index: &usize| candidates[index].validation.nodes;
        let best = (0..candidates.len())
            .filter(|&index| equal(&candidates[index]))
            .min_by(|left, right| nodes(left).total_cmp(&nodes(right)))?;
        Some(Self { candidates, best })
    }

    /// The best candidate.
    #[must_use]
    pub fn best(&self) -> &Candidate {
        &self.candidates[self.best]
    }

    /// The candidate with the fewest nodes whose mean is within one standard error of the best one's (Breiman
    /// et al. 1984); the best itself where it has no standard error.
    #[must_use]
    pub fn simplest(&self) -> &Candidate {
        let first = |candidate: &Candidate| candidate.validation.scores.first().cloned();
        let Some(best) = first(self.best()) else { return self.best() };
        let (Some(mean), Some(deviation)) = (best.mean(), best.standard_deviation()) else {
            return self.best();
        };
        let error = deviation / (best.defined().count() as f64).sqrt();
        let near = |candidate: &&Candidate| {
            first(candidate).and_then(|score| score.mean()).is_some_and(|own| (own - mean).abs() <= error)
        };
        let nodes = |candidate: &&Candidate| candidate.validation.nodes;
        let near = self.candidates.iter().filter(near);
        near.min_by(|left, right| nodes(left).total_cmp(&nodes(right))).unwrap_or(self.best())
    }
}

/// Scores of a search on rows that were not used to choose the parameters.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
#[non_exhaustive]
pub struct Nested {
    /// Every score with a value for each outer split.
    pub scores: Vec<ScoreValues>,
    /// The search inside the training rows of each outer split.
    pub searches: Vec<Search>,
}

impl Nested {
    /// The score of a name, if it was computed.
    #[must_use]
    pub fn score(&self, name: &str) -> Option<&ScoreValues> {
        named(&self.scores, name)
    }
}

/// Predictions for rows by forests that were not fitted to them.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct CrossPredictions {
    /// Probabilities `[n, classes]` or values `[n, 1]`: the mean over the splits in which a row is tested;
    /// zeros where it never is.
    pub values: Array2<f64>,
    /// Whether a row was tested, `[n]`.
    pub covered: Vec<bool>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{PropertyScore, RandomForest};

    fn candidate(values: [f64; 4], nodes: f64) -> Candidate {
        let values = values.into_iter().map(Some).collect();
        let scores = vec![ScoreValues::new(&PropertyScore::R2, values)];
        Candidate { params: RandomForest::params(), validation: CrossValidation { scores, nodes } }
    }

    #[test]
    fn the_simplest_is_within_one_standard_error_of_the_best() {
        // Best: mean 0.8, deviation sqrt(4 · 0.01 / 3) = 0.115, standard error 0.058.
        let best = candidate([0.7, 0.9, 0.7, 0.9], 100.0);
        let near = candidate([0.75; 4], 10.0);
        let search = Search::new(vec![candidate([0.7; 4], 5.0), near, best]).unwrap();
        assert_eq!((search.best, search.simplest().validation.nodes), (2, 10.0));
    }

    #[test]
    fn means_that_differ_by_rounding_are_equal_and_the_smaller_forest_is_the_best() {
        let found = [candidate([0.5; 4], 9.0), candidate([0.5 - 1e-14; 4], 3.0), candidate([0.4; 4], 1.0)];
        assert_eq!(Search::new(found.to_vec()).unwrap().best, 1);
    }

    #[test]
    fn undefined_values_are_left_out_of_means() {
        let scores = |values: &[Option<f64>]| ScoreValues::new(&PropertyScore::R2, values.to_vec());
        assert_eq!(scores(&[None, Some(2.0), Some(4.0)]).mean(), Some(3.0));
        assert_eq!(scores(&[None, Some(2.0)]).standard_deviation(), None);
        assert_eq!(scores(&[None]).mean(), None);
    }
}
