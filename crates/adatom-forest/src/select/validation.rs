//! Cross-validation, repeats, search and nested search.

use adatom_core::{Score, Split};
use ndarray::Array2;

use super::family::{Family, families, jobs};
use super::outcome::{Candidate, CrossPredictions, CrossValidation, Nested, Repeats, ScoreValues, Search};
use super::run::{Counter, Job, Watch, Work, check_splits, run, score};
use super::{Progress, SplitRule, Task};
use crate::{Error, ForestParams, Result};

/// A task, the scores to compute, and an observer of progress.
///
/// ```
/// use adatom_forest::ClassLabels;
/// use adatom_forest::ndarray::Array;
/// use adatom_forest::{Average, ClassScore, ParamsGrid, RandomForest, SplitRule, Task, Validation};
/// let features = Array::from_shape_fn((40, 2), |(row, column)| (row * (column + 1) % 40) as f64);
/// let classes = ClassLabels::of_names((0..40).map(|row| if row < 20 { "low" } else { "high" }));
/// let validation = Validation::new(Task::classify(features.view(), &classes))
///     .score(&ClassScore::F1(Average::Weighted))
///     .score(&ClassScore::LogLoss);
///
/// let rule = SplitRule::folds(40, 4).stratified(&classes);
/// let params = RandomForest::params().trees(20).seed(7);
/// let result = validation.cross_validate(&params, &rule.splits(7)?)?;
/// assert_eq!(result.scores[0].values.len(), 4);
/// assert!(result.score("weighted_f1").and_then(|score| score.mean()).unwrap() > 0.8);
///
/// let candidates = ParamsGrid::around(params).trees([5, 20]).min_samples_leaf([1, 5]).all()?;
/// let search = validation.search(&candidates, &rule.splits(7)?)?;
/// assert_eq!(search.candidates.len(), 4);
///
/// let error = validation.cross_validate(&search.best().params, &[]).unwrap_err();
/// assert_eq!(error.to_string(), "expected at least 1 split, found 0");
/// # Ok::<(), adatom_forest::Error>(())
/// ```
#[derive(Clone)]
pub struct Validation<'a> {
    pub(super) task: Task<'a>,
    scores: Vec<&'a dyn Score>,
    watch: Option<Watch<'a>>,
}

/// Scores and nodes of one candidate on one split.
type Found = (Vec<Option<f64>>, usize);

impl<'a> Validation<'a> {
    /// A validation of a task, without scores.
    #[must_use]
    pub fn new(task: Task<'a>) -> Self {
        Self { task, scores: Vec::new(), watch: None }
    }

    /// Adds a score; the first one decides which candidate is the best.
    #[must_use]
    pub fn score(mut self, score: &'a dyn Score) -> Self {
        self.scores.push(score);
        self
    }

    /// Calls `watch` after every tree and every forest, from any thread.
    #[must_use]
    pub fn watched(mut self, watch: &'a (dyn Fn(Progress) + Sync)) -> Self {
        self.watch = Some(watch);
        self
    }

    fn check(&self, candidates: &[ForestParams]) -> Result<()> {
        for (what, found) in [("score", self.scores.len()), ("set of parameters", candidates.len())] {
            if found == 0 {
                return Err(Error::TooFew { what, least: 1, found });
            }
        }
        self.task.check()?;
        candidates.iter().try_for_each(ForestParams::check)
    }

    fn check_splits(&self, splits: &[Split]) -> Result<()> {
        check_splits(splits, self.task.rows())?;
        self.check_scores(splits.iter())
    }

    /// Checks that every score is defined for perfect predictions of a split, before forests are fitted.
    fn check_scores<'s>(&self, splits: impl Iterator<Item = &'s Split>) -> Result<()> {
        let right = |split: &Split| {
            score(&self.task, &self.scores, &split.test, &self.task.perfect_predictions(&split.test))
        };
        Self::check_defined(&self.gather(splits.map(|split| (right(split), 0)).collect()).scores)
    }

    /// Scores on the test rows of every split, of forests that are fitted to its training rows.
    ///
    /// # Errors
    /// [`Error::TooFew`] when there is no score or split, or a side of a split is empty; [`Error::Parameter`]
    /// when a parameter is out of its range, a split has a row that is not there or twice, or a score is
    /// defined for no split; [`Error::Value`] and [`Error::Length`] when rows cannot be used, as for
    /// [`fit_classifier`](ForestParams::fit_classifier); [`Error::OneClass`] when the training rows of a
    /// split have one.
    pub fn cross_validate(&self, params: &ForestParams, splits: &[Split]) -> Result<CrossValidation> {
        let mut search = self.search(std::slice::from_ref(params), splits)?;
        Ok(search.candidates.remove(0).validation)
    }

    /// Cross-validation with several seeds, each for new splits and forests.
    ///
    /// # Errors
    /// As [`cross_validate`](Self::cross_validate); [`Error::TooFew`] when there is no seed; [`Error::Table`]
    /// when the rows cannot be split by the rule.
    ///
    /// ```
    /// use adatom_forest::ndarray::Array;
    /// use adatom_forest::{PropertyScore, RandomForest, SplitRule, Task, Validation};
    /// let features = Array::from_shape_fn((40, 1), |(row, _)| row as f64);
    /// let values = Array::from_shape_fn(40, |row| row as f64 / 4.0);
    /// let validation = Validation::new(Task::regress(features.view(), values.view()))
    ///     .score(&PropertyScore::RootMeanSquareError);
    /// let repeats = validation.repeat(
    ///     &RandomForest::params().trees(20),
    ///     &SplitRule::test_fraction(40, 0.25),
    ///     &[1, 2, 3],
    /// )?;
    /// let rmse = repeats.score("rmse").unwrap();
    /// println!("{:.2} +- {:.2}", rmse.mean().unwrap(), rmse.standard_deviation().unwrap());
    /// # assert_eq!(rmse.values.len(), 3);
    /// # Ok::<(), adatom_forest::Error>(())
    /// ```
    pub fn repeat(&self, params: &ForestParams, rule: &SplitRule<'_>, seeds: &[u64]) -> Result<Repeats> {
        self.check(std::slice::from_ref(params))?;
        if seeds.is_empty() {
            return Err(Error::TooFew { what: "seed", least: 1, found: 0 });
        }
        let splits = seeds.iter().map(|&seed| rule.splits(seed)).collect::<Result<Vec<_>>>()?;
        splits.iter().try_for_each(|splits| check_splits(splits, self.task.rows()))?;
        self.check_scores(splits.iter().flatten())?;
        let mut jobs = Vec::new();
        for (&seed, splits) in seeds.iter().zip(&splits) {
            jobs.extend(splits.iter().map(|split| Job::whole(params.clone().seed(seed), split)));
        }
        let counter = Counter::new(self.watch, Work::of(&jobs));
        let mut found = self.run(&jobs, &counter)?.into_iter().flatten();
        let runs = splits.iter().map(|splits| self.gather(found.by_ref().take(splits.len()).collect()));
        let repeats = Repeats::new(seeds.to_vec(), runs.collect());
        Self::check_defined(&repeats.scores)?;
        Ok(repeats)
    }

    /// Scores all candidates on the same splits and selects the best: by the mean of the first score, among
    /// equal ones (to 12 digits) the forest with the fewest nodes, then the first.
    ///
    /// # Errors
    /// As [`cross_validate`](Self::cross_validate); [`Error::Length`] when there is no candidate.
    pub fn search(&self, candidates: &[ForestParams], splits: &[Split]) -> Result<Search> {
        self.check(candidates)?;
        self.check_splits(splits)?;
        let families = families(candidates);
        let counter = Counter::new(self.watch, Work::of(&jobs(&families, splits)));
        self.searched(candidates, &families, splits, &counter)
    }

    /// Nested cross-validation: the score of the best candidate, with the selection inside the training rows
    /// (Varma and Simon 2006).
    ///
    /// Inside the training rows of each outer split the candidates are searched by the rule `inner`; the best
    /// is fitted on all of them and scored on the test rows. `inner` is a rule for all rows; the seed of its
    /// splits is that of the first candidate.
    ///
    /// # Errors
    /// As [`search`](Self::search); [`Error::Table`] when the training rows of a split cannot be split by the
    /// rule.
    ///
    /// ```
    /// use adatom_forest::ndarray::Array;
    /// use adatom_forest::{ParamsGrid, PropertyScore, RandomForest, SplitRule, Task, Validation};
    /// let features = Array::from_shape_fn((40, 1), |(row, _)| row as f64);
    /// let values = Array::from_shape_fn(40, |row| row as f64 / 4.0);
    /// let validation =
    ///     Validation::new(Task::regress(features.view(), values.view())).score(&PropertyScore::R2);
    /// let candidates =
    ///     ParamsGrid::around(RandomForest::params().trees(20)).min_samples_leaf([1, 10]).all()?;
    /// let rule = SplitRule::folds(40, 4);
    /// let nested = validation.nested(&candidates, &rule.splits(7)?, &rule)?;
    /// assert!(nested.searches.iter().all(|search| search.best == 0));
    /// assert!(nested.score("r2").and_then(|score| score.mean()).unwrap() > 0.9);
    /// # Ok::<(), adatom_forest::Error>(())
    /// ```
    pub fn nested(
        &self,
        candidates: &[ForestParams],
        outer: &[Split],
        inner: &SplitRule<'_>,
    ) -> Result<Nested> {
        self.check(candidates)?;
        self.check_splits(outer)?;
        let seed = candidates[0].seed;
        let families = families(candidates);
        let within =
            outer.iter().map(|split| inner.splits_of(&split.train, seed)).collect::<Result<Vec<_>>>()?;
        // The best are not known yet: the largest are counted instead of them.
        let largest = candidates.iter().map(|params| params.trees).max().unwrap_or(0);
        let inside = within.iter().map(|splits| Work::of(&jobs(&families, splits)));
        let chosen = Work { trees: largest.saturating_mul(outer.len()), forests: outer.len() };
        let all = inside.fold(chosen, |sum, work| Work {
            trees: sum.trees.saturating_add(work.trees),
            forests: sum.forests + work.forests,
        });
        let counter = Counter::new(self.watch, all);
        let (mut searches, mut found) = (Vec::new(), Vec::new());
        for (split, splits) in outer.iter().zip(&within) {
            let search = self.searched(candidates, &families, splits, &counter)?;
            let params = &search.best().params;
            found.extend(self.run(&[Job::whole(params.clone(), split)], &counter)?.into_iter().flatten());
            counter.skip(largest - params.trees);
            searches.push(search);
        }
        let scores = self.gather(found).scores;
        Self::check_defined(&scores)?;
        Ok(Nested { scores, searches })
    }

    /// Predictions for the test rows of all splits, by forests that were not fitted to them.
    ///
    /// # Errors
    /// As [`cross_validate`](Self::cross_validate); no score is needed.
    ///
    /// ```
    /// use adatom_forest::ndarray::Array;
    /// use adatom_forest::{RandomForest, SplitRule, Task, Validation};
    /// let features = Array::from_shape_fn((40, 1), |(row, _)| row as f64);
    /// let values = Array::from_shape_fn(40, |row| row as f64 / 4.0);
    /// let validation = Validation::new(Task::regress(features.view(), values.view()));
    /// let splits = SplitRule::folds(40, 4).splits(7)?;
    /// let predictions = validation.cross_predict(&RandomForest::params().trees(20), &splits)?;
    /// assert!(predictions.covered.iter().all(|&covered| covered));
    /// assert!((predictions.values[[20, 0]] - 5.0).abs() < 1.0);
    /// # Ok::<(), adatom_forest::Error>(())
    /// ```
    pub fn cross_predict(&self, params: &ForestParams, splits: &[Split]) -> Result<CrossPredictions> {
        self.task.check()?;
        params.check()?;
        check_splits(splits, self.task.rows())?;
        let jobs = jobs(&families(std::slice::from_ref(params)), splits);
        let counter = Counter::new(self.watch, Work::of(&jobs));
        let parts = run(&self.task, &jobs, &counter, |_, predictions| predictions)?;
        let mut sums = Array2::zeros((self.task.rows(), self.task.outputs()));
        let mut times = vec![0.0; self.task.rows()];
        for (split, part) in splits.iter().zip(parts.iter().flatten()) {
            for (&row, prediction) in split.test.iter().zip(part.values.rows()) {
                let mut sum = sums.row_mut(row);
                sum += &prediction;
                times[row] += 1.0;
            }
        }
        for (mut sum, &times) in sums.rows_mut().into_iter().zip(&times) {
            sum /= f64::max(times, 1.0);
        }
        Ok(CrossPredictions { values: sums, covered: times.iter().map(|&times| times > 0.0).collect() })
    }

    /// Fits and scores; for each job one finding a prefix.
    fn run(&self, jobs: &[Job<'_>], counter: &Counter<'_>) -> Result<Vec<Vec<Found>>> {
        run(&self.task, jobs, counter, |job, predictions| {
            let found = predictions
                .iter()
                .map(|first| (score(&self.task, &self.scores, &job.split.test, &first.values), first.nodes));
            found.collect()
        })
    }

    fn searched(
        &self,
        candidates: &[ForestParams],
        families: &[Family],
        splits: &[Split],
        counter: &Counter<'_>,
    ) -> Result<Search> {
        let found = self.run(&jobs(families, splits), counter)?;
        let mut validations = vec![None; candidates.len()];
        for (family, found) in families.iter().zip(found.chunks(splits.len())) {
            for (prefix, members) in family.members.values().enumerate() {
                let validation = self.gather(found.iter().map(|split| split[prefix].clone()).collect());
                Self::check_defined(&validation.scores)?;
                members.iter().for_each(|&member| validations[member] = Some(validation.clone()));
            }
        }
        let candidate = |(params, validation): (&ForestParams, Option<CrossValidation>)| Candidate {
            params: params.clone(),
            validation: validation.expect("every candidate belongs to a family"),
        };
        let candidates = candidates.iter().zip(validations).map(candidate).collect();
        Ok(Search::new(candidates).expect("the first score of every candidate is defined"))
    }

    /// Findings of splits, score by score.
    fn gather(&self, found: Vec<Found>) -> CrossValidation {
        let values = |(index, score): (usize, &&dyn Score)| {
            ScoreValues::new(*score, found.iter().map(|(scores, _)| scores[index]).collect())
        };
        let nodes = found.iter().map(|(_, nodes)| *nodes as f64).sum::<f64>() / found.len() as f64;
        CrossValidation { scores: self.scores.iter().enumerate().map(values).collect(), nodes }
    }

    /// Whether every score has a value at all.
    fn check_defined(scores: &[ScoreValues]) -> Result<()> {
        match scores.iter().find(|score| score.mean().is_none()) {
            Some(undefined) => {
                let (parameter, expected) = ("a score", "defined for the task and one of the splits");
                Err(Error::Parameter { parameter, expected, found: undefined.name.clone() })
            }
            None => Ok(()),
        }
    }
}
