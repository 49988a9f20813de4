//! Forests fitted in parallel, and their scores.

use std::sync::atomic::{AtomicUsize, Ordering};

use adatom_core::{Score, Split, TreeView};
use ndarray::{Array2, Axis};
use rayon::prelude::*;

use super::Task;
use crate::{Error, Forest, ForestParams, Result};

/// The progress of a validation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress {
    /// Trees grown so far.
    pub trees: usize,
    /// Total number of trees.
    pub of_trees: usize,
    /// Forests fitted and scored so far.
    pub forests: usize,
    /// Total number of forests.
    pub of_forests: usize,
}

/// The observer of progress; called from any thread.
pub(super) type Watch<'a> = &'a (dyn Fn(Progress) + Sync);

/// Counts trees and forests.
pub(super) struct Counter<'a> {
    watch: Option<Watch<'a>>,
    trees: AtomicUsize,
    forests: AtomicUsize,
    of_trees: usize,
    of_forests: usize,
}

impl<'a> Counter<'a> {
    pub(super) fn new(watch: Option<Watch<'a>>, work: Work) -> Self {
        let Work { trees: of_trees, forests: of_forests } = work;
        Self { watch, trees: AtomicUsize::new(0), forests: AtomicUsize::new(0), of_trees, of_forests }
    }

    /// Trees that were counted as work but need not be grown.
    pub(super) fn skip(&self, trees: usize) {
        self.add(trees, 0);
    }

    fn add(&self, trees: usize, forests: usize) {
        let trees = self.trees.fetch_add(trees, Ordering::Relaxed) + trees;
        let forests = self.forests.fetch_add(forests, Ordering::Relaxed) + forests;
        if let Some(watch) = self.watch {
            watch(Progress { trees, of_trees: self.of_trees, forests, of_forests: self.of_forests });
        }
    }
}

/// A forest to fit, and the numbers of its first trees that predictions are made with.
#[derive(Debug, Clone)]
pub(super) struct Job<'a> {
    pub(super) params: ForestParams,
    /// In increasing order; the last are all trees.
    pub(super) prefixes: Vec<usize>,
    pub(super) split: &'a Split,
}

impl<'a> Job<'a> {
    /// A forest whose predictions are made with all trees.
    pub(super) fn whole(params: ForestParams, split: &'a Split) -> Self {
        Self { prefixes: vec![params.trees], params, split }
    }
}

/// The number of trees and forests to fit.
#[derive(Debug, Clone, Copy)]
pub(super) struct Work {
    pub(super) trees: usize,
    pub(super) forests: usize,
}

impl Work {
    pub(super) fn of(jobs: &[Job<'_>]) -> Self {
        let trees = jobs.iter().fold(0, |sum: usize, job| sum.saturating_add(job.params.trees));
        Self { trees, forests: jobs.len() }
    }
}

/// Predictions of the first trees of a forest.
pub(super) struct Predictions {
    /// `[test rows, outputs]`.
    pub(super) values: Array2<f64>,
    pub(super) nodes: usize,
}

/// Features of forests that are fitted at once may take so many bytes.
const MOST_BYTES: usize = 1 << 30;

/// Bytes a feature takes while a forest is fitted: copied, ranked, and sorted for random cuts.
const BYTES_A_FEATURE: usize = 24;

/// Fits all forests and calls `then` with the predictions of their first trees; results are in the order of
/// the jobs.
///
/// The first job that fails decides the error.
pub(super) fn run<T: Send>(
    task: &Task<'_>,
    jobs: &[Job<'_>],
    counter: &Counter<'_>,
    then: impl Fn(&Job<'_>, Vec<Predictions>) -> T + Sync,
) -> Result<Vec<T>> {
    let bytes = BYTES_A_FEATURE.saturating_mul(task.size()).max(1);
    let at_once = (MOST_BYTES / bytes).clamp(1, rayon::current_num_threads());
    let mut results = Vec::with_capacity(jobs.len());
    for jobs in jobs.chunks(at_once) {
        let one = |job: &Job<'_>| {
            let forest = task.fit(&job.params, &job.split.train, &|trees| counter.add(trees, 0))?;
            let predictions = predictions(&forest, &job.prefixes, task.features(&job.split.test))?;
            let result = then(job, predictions);
            counter.add(0, 1);
            Ok(result)
        };
        let done: Vec<Result<T>> = jobs.par_iter().with_max_len(1).map(one).collect();
        for result in done {
            results.push(result?);
        }
    }
    Ok(results)
}

/// Rows whose leaves are held at once.
const BLOCK: usize = 1024;

/// Predictions of the first trees, for each number of them; bit for bit those of a forest of as many trees.
fn predictions(forest: &Forest, prefixes: &[usize], features: Array2<f64>) -> Result<Vec<Predictions>> {
    let nodes = |trees: usize| forest.trees[..trees].iter().map(TreeView::nodes).sum();
    if let &[trees] = prefixes {
        return Ok(vec![Predictions { values: forest.predict(features.view())?, nodes: nodes(trees) }]);
    }
    let shape = (features.nrows(), forest.outputs);
    let zeros = |&trees: &usize| Predictions { values: Array2::zeros(shape), nodes: nodes(trees) };
    let mut found: Vec<Predictions> = prefixes.iter().map(zeros).collect();
    for (block, rows) in features.axis_chunks_iter(Axis(0), BLOCK).enumerate() {
        for (row, leaves) in forest.leaves(rows)?.rows().into_iter().enumerate() {
            let mut sums = vec![0.0; forest.outputs];
            let mut added = 0;
            for (predictions, &trees) in found.iter_mut().zip(prefixes) {
                for tree in added..trees {
                    let value = forest.trees[tree].value(leaves[tree] as usize);
                    sums.iter_mut().zip(value).for_each(|(sum, value)| *sum += value);
                }
                added = trees;
                let mut mean = predictions.values.row_mut(block * BLOCK + row);
                mean.iter_mut().zip(&sums).for_each(|(mean, sum)| *mean = sum / trees as f64);
            }
        }
    }
    Ok(found)
}

/// Whether every split has rows on both sides, no row twice, and only rows that there are.
pub(super) fn check_splits(splits: &[Split], rows: usize) -> Result<()> {
    if splits.is_empty() {
        return Err(Error::TooFew { what: "split", least: 1, found: 0 });
    }
    for split in splits {
        for (what, side) in [("training row", &split.train), ("test row", &split.test)] {
            if side.is_empty() {
                return Err(Error::TooFew { what, least: 1, found: 0 });
            }
        }
        let mut seen = vec![false; rows];
        for &row in split.train.iter().chain(&split.test) {
            let (parameter, found) = ("a row of a split", row.to_string());
            match seen.get_mut(row) {
                None => {
                    return Err(Error::Parameter { parameter, expected: "below the number of rows", found });
                }
                Some(true) => {
                    return Err(Error::Parameter { parameter, expected: "on one side, once", found });
                }
                Some(seen) => *seen = true,
            }
        }
    }
    Ok(())
}

/// The scores of predictions for the test rows of a split.
pub(super) fn score(
    task: &Task<'_>,
    scores: &[&dyn Score],
    test: &[usize],
    predictions: &Array2<f64>,
) -> Vec<Option<f64>> {
    let target = task.target(test);
    scores.iter().map(|score| score.score(target.view(), predictions.view())).collect()
}
