//! Predictions of training rows by the trees that did not draw them: an unbiased score without a test set.

use adatom_core::{Score, TargetView};
use ndarray::{Array2, ArrayView2, Axis};
use rayon::prelude::*;

use crate::engine::{Bag, Stream};
use crate::tree::block;
use crate::{Error, Forest, Result};

/// Out-of-bag predictions of the training rows.
///
/// ```
/// use adatom_forest::RandomForest;
/// use adatom_forest::ndarray::{Array, array};
/// let features = Array::from_shape_fn((60, 1), |(row, _)| row as f64);
/// let values = Array::from_shape_fn(60, |row| (row / 30) as f64);
/// let model = RandomForest::params().trees(50).fit_regressor(features.view(), values.view())?;
/// let held_out = model.forest().out_of_bag(features.view())?;
/// assert_eq!(held_out.covered().len(), 60);
/// assert!(held_out.predictions()[[3, 0]] < 0.1);
///
/// // With a single tree most rows were drawn, and have no such prediction.
/// let tree = RandomForest::params().trees(1).fit_regressor(features.view(), values.view())?;
/// let held_out = tree.forest().out_of_bag(features.view())?;
/// assert!(held_out.covered().len() < 40);
/// # Ok::<(), adatom_forest::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct OutOfBag {
    predictions: Array2<f64>,
    trees: Vec<u32>,
}

impl OutOfBag {
    /// Means over the trees that did not draw the row `[n, outputs]`; zeros for rows that every tree drew,
    /// which [`covered`](Self::covered) leaves out.
    #[must_use]
    pub fn predictions(&self) -> ArrayView2<'_, f64> {
        self.predictions.view()
    }

    /// For each row the number of trees that did not draw it, `[n]`.
    #[must_use]
    pub fn trees(&self) -> &[u32] {
        &self.trees
    }

    /// The rows that at least one tree did not draw, in increasing order.
    #[must_use]
    pub fn covered(&self) -> Vec<usize> {
        (0..self.trees.len()).filter(|&row| self.trees[row] > 0).collect()
    }

    /// A score over the covered rows; `None` where it is not defined.
    #[must_use]
    pub fn score<'a>(&self, score: &dyn Score, target: impl Into<TargetView<'a>>) -> Option<f64> {
        let target = target.into();
        if target.len() != self.trees.len() {
            return None;
        }
        let rows = self.covered();
        score.score(target.select(&rows).view(), self.predictions.select(Axis(0), &rows).view())
    }
}

impl Forest {
    /// How often each training row was drawn by a tree `[n]`, drawn anew from the seed.
    ///
    /// # Errors
    /// [`Error::Unavailable`] for trees that were not fitted by this crate; [`Error::TooFew`] for a tree
    /// that does not exist.
    pub fn drawn(&self, tree: usize) -> Result<Vec<u32>> {
        let Some(origin) = &self.origin else {
            return Err(Error::Unavailable(
                "the rows that these trees drew are not known: they were not fitted here",
            ));
        };
        if tree >= self.trees.len() {
            return Err(Error::TooFew { what: "trees", least: tree + 1, found: self.trees.len() });
        }
        let mut random = Stream::new(origin.params.seed, tree);
        Ok(Bag::draw(origin.params.bootstrap, origin.rows, &mut random).counts)
    }

    /// Out-of-bag predictions of the rows `[n, p]` that the forest was fitted on, in the same order.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when the trees were not fitted by this crate, or drew no rows
    /// ([`Bootstrap::Off`](crate::Bootstrap)); [`Error::Length`] when there are not as many rows as training
    /// rows; as [`predict`](Self::predict).
    pub fn out_of_bag(&self, features: ArrayView2<'_, f64>) -> Result<OutOfBag> {
        self.check(features)?;
        let Some(origin) = &self.origin else {
            return Err(Error::Unavailable(
                "the rows that these trees drew are not known: they were not fitted here",
            ));
        };
        if origin.params.bootstrap == crate::Bootstrap::Off {
            return Err(Error::Unavailable("every tree was fitted to all rows: no row is out of bag"));
        }
        let (rows, outputs) = (origin.rows, self.outputs);
        if features.nrows() != rows {
            return Err(Error::Length { what: "training rows", expected: rows, found: features.nrows() });
        }
        // Chunks of trees of a fixed size, so that sums are the same for any number of threads.
        let parts: Vec<(Vec<f64>, Vec<u32>)> = (0..self.trees.len().div_ceil(CHUNK))
            .into_par_iter()
            .map(|part| {
                let (mut sums, mut counts) = (vec![0.0; rows * outputs], vec![0u32; rows]);
                for tree in part * CHUNK..self.trees.len().min((part + 1) * CHUNK) {
                    self.add_left_out(tree, features, &mut sums, &mut counts);
                }
                (sums, counts)
            })
            .collect();
        let (mut sums, mut trees) = (vec![0.0; rows * outputs], vec![0u32; rows]);
        for (part, counts) in parts {
            sums.iter_mut().zip(part).for_each(|(sum, value)| *sum += value);
            trees.iter_mut().zip(counts).for_each(|(count, value)| *count += value);
        }
        for (sums, &count) in sums.chunks_mut(outputs).zip(&trees) {
            sums.iter_mut().for_each(|sum| *sum /= f64::from(count.max(1)));
        }
        let predictions = Array2::from_shape_vec((rows, outputs), sums).expect("every row has its outputs");
        Ok(OutOfBag { predictions, trees })
    }

    fn add_left_out(
        &self,
        index: usize,
        features: ArrayView2<'_, f64>,
        sums: &mut [f64],
        counts: &mut [u32],
    ) {
        let drawn = self.drawn(index).expect("the tree is there, and was grown here");
        let left_out: Vec<usize> = (0..drawn.len()).filter(|&row| drawn[row] == 0).collect();
        let rows = features.select(Axis(0), &left_out);
        let mut leaves = vec![0; left_out.len()];
        let tree = &self.trees[index];
        tree.leaves_of(block(&rows.view(), &mut Vec::new()), self.features, &mut leaves);
        for (&row, &leaf) in left_out.iter().zip(&leaves) {
            let value = &tree.value[leaf as usize * self.outputs..][..self.outputs];
            sums[row * self.outputs..][..self.outputs]
                .iter_mut()
                .zip(value)
                .for_each(|(sum, value)| *sum += value);
            counts[row] += 1;
        }
    }
}

/// Trees whose predictions are added one after another.
const CHUNK: usize = 16;
