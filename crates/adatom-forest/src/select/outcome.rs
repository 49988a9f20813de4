//! What validation found: scores of every split, their means, and who was best.

use adatom_core::Better;
use ndarray::Array2;

use crate::ForestParams;

/// The values of one score.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct ScoreValues {
    /// The score's name.
    pub name: String,
    /// One a split (or a repeat); none where the score is not defined, such as R² of a single row.
    pub values: Vec<Option<f64>>,
    /// Which values are the good ones.
    #[serde(skip)]
    pub better: Better,
}

impl ScoreValues {
    fn defined(&self) -> impl Iterator<Item = f64> + Clone + '_ {
        self.values.iter().flatten().copied()
    }

    /// The mean of the values that are defined, if any is.
    ///
    /// ```
    /// use adatom_core::Better;
    /// use adatom_forest::ScoreValues;
    /// let values = vec![Some(0.5), None, Some(0.7)];
    /// let scores = ScoreValues { name: "r2".into(), values, better: Better::Higher };
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
pub struct CrossValidation {
    /// Every score, in the order asked for, with a value for each split.
    pub scores: Vec<ScoreValues>,
    /// The mean number of nodes of the forests.
    pub nodes: f64,
}

/// The score of a name, if there is one.
fn named<'a>(scores: &'a [ScoreValues], name: &str) -> Option<&'a ScoreValues> {
    scores.iter().find(|score| score.name == name)
}

impl CrossValidation {
    /// The score of a name, if it was asked for.
    #[must_use]
    pub fn score(&self, name: &str) -> Option<&ScoreValues> {
        named(&self.scores, name)
    }
}

/// Scores of one set of parameters over splits that were drawn anew with every seed.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Repeats {
    /// The seeds of splits and forests.
    pub seeds: Vec<u64>,
    /// What each gave.
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

    /// The score of a name, if it was asked for.
    #[must_use]
    pub fn score(&self, name: &str) -> Option<&ScoreValues> {
        named(&self.scores, name)
    }
}

/// Parameters and what they are worth.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Candidate {
    /// The parameters.
    pub params: ForestParams,
    /// Their scores.
    pub validation: CrossValidation,
}

/// Candidates and the best of them.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Search {
    /// All candidates, in the order given.
    pub candidates: Vec<Candidate>,
    /// Index of the best.
    pub best: usize,
}

/// Means nearer to each other are equal: sums of the same numbers in another order differ so.
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
}

/// How good a search is: the test rows of the outer splits have no say in the choice of parameters.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Nested {
    /// Every score with a value for each outer split.
    pub scores: Vec<ScoreValues>,
    /// The search inside the training rows of each outer split.
    pub searches: Vec<Search>,
}

impl Nested {
    /// The score of a name, if it was asked for.
    #[must_use]
    pub fn score(&self, name: &str) -> Option<&ScoreValues> {
        named(&self.scores, name)
    }
}

/// Answers for rows by forests that have not learned from them.
#[derive(Debug, Clone, PartialEq)]
pub struct CrossPredictions {
    /// Probabilities `[n, classes]` or values `[n, 1]`: the mean over the splits in which a row is tested; zeros where
    /// it never is.
    pub answers: Array2<f64>,
    /// Whether a row was tested, `[n]`.
    pub covered: Vec<bool>,
}
