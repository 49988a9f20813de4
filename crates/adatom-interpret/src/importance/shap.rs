//! Shapley values of the predictions of trees (Lundberg et al., *Nat. Mach. Intell.* 2020).

mod edges;
mod interventional;
mod lanes;
mod path;
mod quadrature;
mod values;

use adatom_core::TreeEnsemble;
use ndarray::{Array1, Array3, ArrayView2, Axis};
use rayon::prelude::*;

use super::error::{ImportanceError, Result, check_rows, exactly};
use super::plain_tree::{PlainTree, PlainTrees};
use edges::PathTree;
use interventional::Pair;

pub use values::ShapValues;

/// Exact Shapley values of the predictions of trees for single rows: the contribution of each column to each
/// output.
///
/// [`path_dependent`](Self::path_dependent) values need no data: at splits on absent columns both branches
/// are averaged with the weights of the training rows (cover). [`interventional`](Self::interventional)
/// values take absent columns from background rows, which breaks their correlation with the others and may
/// evaluate the model at unrealistic rows. In both cases base + Σ values is the prediction.
///
/// The path-dependent values take time proportional to rows · leaves · depth by quadrature of Owen's
/// integral, not the depth squared of Lundberg's algorithm. Rounding errors stay near 1e-15 of the values at
/// any depth.
///
/// ```
/// use adatom_interpret::{TreeShap, ndarray::array};
/// # use adatom_core::{TreeEnsemble, TreeSplit, TreeView};
/// # struct Step;
/// # impl TreeView for Step {
/// #     fn nodes(&self) -> usize { 3 }
/// #     fn split(&self, node: usize) -> Option<TreeSplit> {
/// #         (node == 0).then_some(TreeSplit { feature: 0, threshold: 0.5, left: 1, right: 2 })
/// #     }
/// #     fn cover(&self, node: usize) -> f64 { [4.0, 3.0, 1.0][node] }
/// #     fn impurity(&self, _: usize) -> f64 { 0.0 }
/// #     fn value(&self, node: usize) -> &[f64] { &[[0.5], [0.0], [1.0]][node] }
/// # }
/// # struct Steps;
/// # impl TreeEnsemble for Steps {
/// #     fn features(&self) -> usize { 2 }
/// #     fn outputs(&self) -> usize { 1 }
/// #     fn trees(&self) -> usize { 1 }
/// #     fn tree(&self, _: usize) -> &dyn TreeView { &Step }
/// # }
/// // 0 where column 0 is at most a half, as it was for three of four training rows; 1 elsewhere.
/// let shap = TreeShap::new(&Steps)?;
/// let values = shap.path_dependent(array![[0.7, 9.0]].view())?;
/// assert_eq!(values.base(), [0.25]);
/// assert!((values.values()[[0, 0, 0]] - 0.75).abs() < 1e-15 && values.values()[[0, 1, 0]] == 0.0);
/// assert!((values.predictions()[[0, 0]] - 1.0).abs() < 1e-15);
///
/// let values =
///     shap.interventional(array![[0.7, 9.0]].view(), array![[0.1, 0.0], [0.9, 0.0]].view())?;
/// assert_eq!((values.base(), values.values()[[0, 0, 0]]), ([0.5].as_slice(), 0.5));
///
/// let error = shap.path_dependent(array![[0.7]].view()).unwrap_err();
/// assert_eq!(error.to_string(), "expected 2 columns of features, found 1");
/// # Ok::<(), adatom_interpret::ImportanceError>(())
/// ```
#[derive(Debug, Clone)]
pub struct TreeShap {
    trees: PlainTrees,
    expected: Vec<f64>,
}

/// The number of rows of a task.
const ROWS: usize = 128;
/// The largest number of tasks that share rows; fixed, so that sums do not depend on the number of threads.
const GROUPS: usize = 16;

impl TreeShap {
    /// Validates the trees and prepares them.
    ///
    /// # Errors
    /// [`ImportanceError::TooFew`] when there is no tree or no output; [`ImportanceError::Tree`] when the
    /// children of a node do not follow it, or its column, values or covers are not valid.
    pub fn new(ensemble: &dyn TreeEnsemble) -> Result<Self> {
        let trees = PlainTrees::new(ensemble)?;
        let mut expected = trees.base.clone();
        trees.trees.iter().for_each(|tree| tree.add_expected(&mut expected));
        Ok(Self { trees, expected })
    }

    /// The number of columns of rows.
    #[must_use]
    pub fn features(&self) -> usize {
        self.trees.features
    }

    /// The number of outputs.
    #[must_use]
    pub fn outputs(&self) -> usize {
        self.trees.outputs
    }

    /// Path-dependent Shapley values of rows `[n, features]`; the base is the mean prediction for the
    /// training rows.
    ///
    /// # Errors
    /// [`ImportanceError::TooFew`] when there is no row; [`ImportanceError::Length`] when rows have another
    /// number of columns; [`ImportanceError::NotFinite`].
    pub fn path_dependent(&self, rows: ArrayView2<'_, f64>) -> Result<ShapValues> {
        check_rows(rows, self.trees.features)?;
        let each: Vec<u32> = (0..self.trees.features as u32).collect();
        Ok(self.of_players(rows, &each, self.trees.features))
    }

    /// Path-dependent Shapley values `[n, players, outputs]` of groups of columns, such as modalities;
    /// `owner` is the player of each column.
    ///
    /// This is the exact Shapley value of the game of groups, which differs from the sum over the columns of
    /// a group where columns of different groups interact.
    ///
    /// # Errors
    /// As [`path_dependent`](Self::path_dependent), and [`ImportanceError::Length`] when `owner` has another
    /// length than rows have columns; [`ImportanceError::TooFew`] when there are more players than columns.
    pub fn path_dependent_of_groups(&self, rows: ArrayView2<'_, f64>, owner: &[usize]) -> Result<ShapValues> {
        check_rows(rows, self.trees.features)?;
        exactly("owners of columns", self.trees.features, owner.len())?;
        let players = owner.iter().max().map_or(0, |&last| last.saturating_add(1));
        if players > owner.len() {
            let (what, least) = ("columns, one for each player,", players);
            return Err(ImportanceError::TooFew { what, least, found: owner.len() });
        }
        let owner: Vec<u32> = owner.iter().map(|&player| player as u32).collect();
        Ok(self.of_players(rows, &owner, players))
    }

    fn of_players(&self, rows: ArrayView2<'_, f64>, owner: &[u32], players: usize) -> ShapValues {
        let width = players * self.trees.outputs;
        let values = self.in_parts(rows, width, |rows, trees, sums| {
            let mut scratch = path::Scratch::default();
            for tree in trees {
                let tree = PathTree::new(tree, owner);
                for (rows, sums) in rows.chunks(path::BLOCK).zip(sums.chunks_mut(path::BLOCK * width.max(1)))
                {
                    tree.explain(rows, &mut scratch, sums);
                }
            }
        });
        self.shaped(rows.nrows(), players, (self.expected.clone(), values))
    }

    /// Shapley values of rows `[n, features]` against `background` `[m, features]`, whose mean prediction is
    /// the base.
    ///
    /// # Errors
    /// As [`path_dependent`](Self::path_dependent), of rows and of background rows.
    pub fn interventional(
        &self,
        rows: ArrayView2<'_, f64>,
        background: ArrayView2<'_, f64>,
    ) -> Result<ShapValues> {
        check_rows(rows, self.trees.features)?;
        check_rows(background, self.trees.features)?;
        let others = background.as_standard_layout();
        let others: Vec<&[f64]> =
            others.rows().into_iter().map(|row| row.to_slice().expect("rows are whole")).collect();
        let scale = 1.0 / others.len() as f64;
        let weights = interventional::Weights::new();
        let width = self.trees.features * self.trees.outputs;
        let values = self.in_parts(rows, width, |rows, trees, sums| {
            let mut scratch = interventional::Scratch::new(self.trees.features);
            for tree in trees {
                for (row, sums) in rows.iter().zip(sums.chunks_mut(width.max(1))) {
                    for background in &others {
                        let pair = Pair { tree, weights: &weights, row, background, scale };
                        pair.explain(&mut scratch, sums);
                    }
                }
            }
        });
        let mut base = self.trees.base.clone();
        for tree in &self.trees.trees {
            for row in &others {
                let leaf = tree.descend(0, |column| row[column]);
                base.iter_mut().zip(tree.value(leaf)).for_each(|(sum, value)| *sum += scale * value);
            }
        }
        Ok(self.shaped(rows.nrows(), self.trees.features, (base, values)))
    }

    fn shaped(&self, rows: usize, players: usize, (base, values): (Vec<f64>, Vec<f64>)) -> ShapValues {
        let values = Array3::from_shape_vec((rows, players, self.trees.outputs), values)
            .expect("every row has its values");
        ShapValues::new(Array1::from(base), values)
    }

    /// Sums what `explain` adds for parts of the rows and parts of the trees.
    fn in_parts(
        &self,
        rows: ArrayView2<'_, f64>,
        width: usize,
        explain: impl Fn(&[&[f64]], &[PlainTree], &mut [f64]) + Sync,
    ) -> Vec<f64> {
        let rows = rows.as_standard_layout();
        let rows: Vec<&[f64]> =
            rows.axis_iter(Axis(0)).map(|row| row.to_slice().expect("rows are whole")).collect();
        // Many rows are enough tasks; few are shared among trees.
        let groups = GROUPS.div_ceil(rows.len().div_ceil(ROWS)).max(2);
        let trees = self.trees.trees.chunks(self.trees.trees.len().div_ceil(groups));
        let trees: Vec<_> = trees.collect();
        let mut all = Vec::with_capacity(rows.len() * width);
        for part in rows.chunks(ROWS * GROUPS) {
            let blocks: Vec<&[&[f64]]> = part.chunks(ROWS).collect();
            let tasks = (0..blocks.len() * trees.len()).into_par_iter();
            let sums: Vec<Vec<f64>> = tasks
                .map(|task| {
                    let rows = blocks[task / trees.len()];
                    let mut sums = vec![0.0; rows.len() * width];
                    explain(rows, trees[task % trees.len()], &mut sums);
                    sums
                })
                .collect();
            for of_block in sums.chunks(trees.len()) {
                let begin = all.len();
                all.extend_from_slice(&of_block[0]);
                for others in &of_block[1..] {
                    all[begin..].iter_mut().zip(others).for_each(|(sum, value)| *sum += value);
                }
            }
        }
        all
    }
}
