//! Permutation importance: the loss of score when the columns of a group are permuted over rows (Breiman
//! 2001).
//!
//! All columns of a group are permuted together, from row π(r) to row r, which preserves their correlations,
//! so that correlated columns of a group cannot replace each other. π is drawn for every group and repeat
//! from stream (group · 2³² + repeat) of ChaCha under the seed: results do not depend on the number of
//! threads.

mod changed_trees;

use adatom_core::{FeatureColumn, FittedModel, Score, TargetView, TreeEnsemble, permutation};
use ndarray::{Array2, ArrayView2, Axis};
use rayon::prelude::*;

use super::error::{Result, at_least, check_rows, exactly};
use super::feature_importance::{FeatureImportance, GroupImportance};
use super::plain_tree::PlainTrees;
use super::region::{ColumnGroup, check_groups};
use super::target::{check_target, goodness};
use changed_trees::ChangedTrees;

/// Permutation importance on held-out or out-of-bag rows: of columns, regions, modalities, or any groups of
/// columns.
///
/// The importance is the score of the predictions less that after the permutation (the negative where low
/// scores are good), so that it is positive where the model uses the group. The importance of a column that
/// is redundant with others is small; permute them together as a region or modality.
///
/// ```
/// use adatom_core::{
///     Better, ClassLabels, FittedModel, Score, TargetView,
///     ndarray::{Array2, ArrayView2, array},
/// };
/// use adatom_interpret::{ColumnGroup, PermutationImportance};
///
/// /// The first column.
/// struct First;
/// impl FittedModel for First {
///     fn features(&self) -> usize {
///         2
///     }
///     fn outputs(&self) -> usize {
///         1
///     }
///     fn evaluate(&self, rows: ArrayView2<'_, f64>) -> Array2<f64> {
///         rows.slice(adatom_core::ndarray::s![.., ..1]).to_owned()
///     }
/// }
///
/// /// Mean absolute error.
/// struct Error;
/// impl Score for Error {
///     fn name(&self) -> &str {
///         "error"
///     }
///     fn better(&self) -> Better {
///         Better::Lower
///     }
///     fn score(&self, target: TargetView<'_>, predictions: ArrayView2<'_, f64>) -> Option<f64> {
///         match target {
///             TargetView::Numbers(values) => (&values - &predictions.column(0)).mapv(f64::abs).mean(),
///             TargetView::Classes(_) => None,
///         }
///     }
/// }
/// let rows = array![[1.0, 5.0], [2.0, 3.0], [3.0, 4.0], [4.0, 9.0]];
/// let truth = rows.column(0);
/// let permutation = PermutationImportance::new(rows.view(), truth, &Error)?.repeats(20).seed(7);
/// let group = |name: &str, column| ColumnGroup { name: name.into(), columns: vec![column] };
/// let importance = permutation.of_model(&First, &[group("used", 0), group("not used", 1)])?;
/// assert!(importance.mean()[0] > 0.5 && importance.spread()[0] > 0.0);
/// assert_eq!(importance.mean()[1], 0.0);
///
/// let error = permutation.of_model(&First, &[group("third", 2)]).unwrap_err();
/// assert_eq!(error.to_string(), "expected at least 3 columns of features, found 2");
/// let error =
///     PermutationImportance::new(rows.view(), &ClassLabels::of_codes([1; 4]), &Error).unwrap_err();
/// assert_eq!(error.to_string(), "the code of the class has the constant value 1");
/// # Ok::<(), adatom_interpret::ImportanceError>(())
/// ```
#[derive(Clone, Copy)]
pub struct PermutationImportance<'a> {
    rows: ArrayView2<'a, f64>,
    truth: TargetView<'a>,
    score: &'a dyn Score,
    repeats: usize,
    seed: u64,
}

impl std::fmt::Debug for PermutationImportance<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { rows, repeats, seed, score, .. } = self;
        let mut this = formatter.debug_struct("PermutationImportance");
        this.field("rows", &rows.dim()).field("score", &score.name()).field("repeats", repeats);
        this.field("seed", seed).finish_non_exhaustive()
    }
}

/// The largest number of predictions that are kept at once: 64 MiB.
const KEPT: usize = 1 << 23;

impl<'a> PermutationImportance<'a> {
    /// Importances on rows `[n, p]` with known targets, which should be held out from the fit.
    ///
    /// # Errors
    /// [`ImportanceError::Length`](crate::ImportanceError::Length) unless there is one target value for each
    /// row; [`ImportanceError::TooFew`](crate::ImportanceError::TooFew) when there are fewer than 2 rows;
    /// [`ImportanceError::NotFinite`](crate::ImportanceError::NotFinite);
    /// [`ImportanceError::Constant`](crate::ImportanceError::Constant) when the truth is.
    pub fn new(
        rows: ArrayView2<'a, f64>,
        target: impl Into<TargetView<'a>>,
        score: &'a dyn Score,
    ) -> Result<Self> {
        let truth = target.into();
        check_rows(rows, rows.ncols())?;
        check_target(truth, rows.nrows())?;
        Ok(Self { rows, truth, score, repeats: 5, seed: 0 })
    }

    /// The number of permutations of each group, at least 1. Default: 5.
    #[must_use]
    pub fn repeats(mut self, repeats: usize) -> Self {
        self.repeats = repeats.max(1);
        self
    }

    /// The seed of the permutations. Default: 0.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Importances of groups for any model, which is evaluated on all rows for every group and repeat.
    ///
    /// # Errors
    /// [`ImportanceError::Length`](crate::ImportanceError::Length) when the model has another number of
    /// columns; [`ImportanceError::TooFew`](crate::ImportanceError::TooFew) when there is no group, or a
    /// group has a column that rows do not have;
    /// [`ImportanceError::NoColumns`](crate::ImportanceError::NoColumns) when a group is empty;
    /// [`ImportanceError::Undefined`](crate::ImportanceError::Undefined) when the score is not defined.
    pub fn of_model(&self, model: &dyn FittedModel, groups: &[ColumnGroup]) -> Result<GroupImportance> {
        self.check(model.features(), groups)?;
        let before = self.goodness(model.evaluate(self.rows).view())?;
        let one = |task: usize| {
            let (repeat, group) = (task / groups.len(), task % groups.len());
            let order = self.order(group, repeat);
            let mut rows = self.rows.to_owned();
            for &column in &groups[group].columns {
                for (row, &from) in order.iter().enumerate() {
                    rows[[row, column]] = self.rows[[from, column]];
                }
            }
            Ok(before - self.goodness(model.evaluate(rows.view()).view())?)
        };
        let values = (0..self.repeats * groups.len()).into_par_iter().map(one).collect::<Result<Vec<_>>>()?;
        self.shaped(groups, values)
    }

    /// Importances of groups for trees: bit-identical to those of a model that predicts as
    /// [`TreeEnsemble::predictions`], in much less time, because only trees with a split on the group on the
    /// path of a row are evaluated again.
    ///
    /// # Errors
    /// As [`of_model`](Self::of_model), and [`ImportanceError::Tree`](crate::ImportanceError::Tree).
    pub fn of_trees(&self, trees: &dyn TreeEnsemble, groups: &[ColumnGroup]) -> Result<GroupImportance> {
        self.check(trees.features(), groups)?;
        let trees = PlainTrees::new(trees)?;
        self.of_plain_trees(&ChangedTrees::new(&trees, self.rows, None), groups)
    }

    /// Out-of-bag importances of groups: each training row is predicted by the trees that were not fitted to
    /// it.
    ///
    /// `out_of_bag` `[trees, n]` is true where a row was not in the bootstrap sample of a tree. Rows without
    /// such a tree are omitted; of the others the weights of trees are rescaled to the sum of all.
    ///
    /// # Errors
    /// As [`of_trees`](Self::of_trees); [`ImportanceError::Length`](crate::ImportanceError::Length) when
    /// `out_of_bag` has another shape; [`ImportanceError::TooFew`](crate::ImportanceError::TooFew) when fewer
    /// than 2 rows are left, [`ImportanceError::Constant`](crate::ImportanceError::Constant) when their truth
    /// is.
    pub fn of_out_of_bag(
        &self,
        trees: &dyn TreeEnsemble,
        out_of_bag: ArrayView2<'_, bool>,
        groups: &[ColumnGroup],
    ) -> Result<GroupImportance> {
        self.check(trees.features(), groups)?;
        exactly("rows of out-of-bag flags", trees.trees(), out_of_bag.nrows())?;
        exactly("columns of out-of-bag flags", self.rows.nrows(), out_of_bag.ncols())?;
        let weights: Vec<f64> = (0..trees.trees()).map(|tree| trees.weight(tree)).collect();
        let kept: Vec<usize> = (0..self.rows.nrows())
            .filter(|&row| {
                out_of_bag.column(row).iter().zip(&weights).any(|(&out, &weight)| out && weight != 0.0)
            })
            .collect();
        let truth = self.truth.select(&kept);
        check_target(truth.view(), kept.len())?;
        let rows = self.rows.select(Axis(0), &kept);
        let whole: f64 = weights.iter().sum();
        let scale = Array2::from_shape_fn((kept.len(), weights.len()), |(row, tree)| {
            let own = out_of_bag.column(kept[row]);
            let part: f64 = own.iter().zip(&weights).filter(|(out, _)| **out).map(|(_, weight)| weight).sum();
            if own[tree] { whole / part } else { 0.0 }
        });
        let trees = PlainTrees::new(trees)?;
        let kept = PermutationImportance { rows: rows.view(), truth: truth.view(), ..*self };
        kept.of_plain_trees(&ChangedTrees::new(&trees, rows.view(), Some(scale)), groups)
    }

    /// Importances of single columns for trees; as [`of_trees`](Self::of_trees).
    ///
    /// # Errors
    /// As [`of_trees`](Self::of_trees); [`ImportanceError::Length`](crate::ImportanceError::Length) when
    /// there are not as many columns as in the rows.
    pub fn of_columns(
        &self,
        trees: &dyn TreeEnsemble,
        columns: &[FeatureColumn],
    ) -> Result<FeatureImportance> {
        exactly("columns", self.rows.ncols(), columns.len())?;
        self.of_trees(trees, &ColumnGroup::each(columns))?.of_columns(columns)
    }

    fn of_plain_trees(&self, trees: &ChangedTrees<'_>, groups: &[ColumnGroup]) -> Result<GroupImportance> {
        let before = self.goodness(trees.predictions().view())?;
        let (rows, outputs) = trees.shape();
        let at_once = (KEPT / (rows * outputs * self.repeats)).max(1);
        let mut drops = vec![0.0; groups.len() * self.repeats];
        for (part, block) in groups.chunks(at_once).enumerate() {
            let tasks = (0..block.len() * self.repeats).into_par_iter();
            let orders: Vec<Vec<usize>> = tasks
                .map(|task| self.order(part * at_once + task / self.repeats, task % self.repeats))
                .collect();
            let changed = trees.permuted(block, &orders, self.repeats);
            let one = |task: usize| {
                let predictions = Array2::from_shape_fn((rows, outputs), |(row, output)| {
                    changed[row][task * outputs + output]
                });
                Ok((task, before - self.goodness(predictions.view())?))
            };
            let found = (0..orders.len()).into_par_iter().map(one).collect::<Result<Vec<_>>>()?;
            for (task, drop) in found {
                let (group, repeat) = (part * at_once + task / self.repeats, task % self.repeats);
                drops[repeat * groups.len() + group] = drop;
            }
        }
        self.shaped(groups, drops)
    }

    fn check(&self, features: usize, groups: &[ColumnGroup]) -> Result<()> {
        exactly("columns of features", features, self.rows.ncols())?;
        at_least("columns of features", 1, features)?;
        check_groups(groups, features)
    }

    fn order(&self, group: usize, repeat: usize) -> Vec<usize> {
        permutation(self.rows.nrows(), self.seed, (group as u64) << 32 | repeat as u64)
    }

    fn goodness(&self, predictions: ArrayView2<'_, f64>) -> Result<f64> {
        goodness(self.score, self.truth, predictions)
    }

    fn shaped(&self, groups: &[ColumnGroup], values: Vec<f64>) -> Result<GroupImportance> {
        let names = groups.iter().map(|group| group.name.clone()).collect();
        let values = Array2::from_shape_vec((self.repeats, groups.len()), values)
            .expect("every group has its repeats");
        GroupImportance::new(names, values)
    }
}
