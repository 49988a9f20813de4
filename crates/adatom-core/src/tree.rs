//! Fitted trees and ensembles of them.
//!
//! A tree is binary. Its nodes are numbered from 0, the root. At an inner node a row goes left where
//! `row[feature] <= threshold`, right otherwise. Explanations (impurity, SHAP) need no more than this, so
//! that trees of any library can be explained.

use ndarray::{Array2, ArrayView1, ArrayView2};

/// The split of an inner node.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TreeSplit {
    /// Index of the column that is compared.
    pub feature: usize,
    /// Rows whose value is at most this go left.
    pub threshold: f64,
    /// The left child.
    pub left: usize,
    /// The right child.
    pub right: usize,
}

/// One fitted tree; see the [example of an ensemble](TreeEnsemble).
pub trait TreeView {
    /// The number of nodes including leaves, at least 1.
    fn nodes(&self) -> usize;

    /// The split of a node; `None` at a leaf. Children have larger numbers than their parent.
    fn split(&self, node: usize) -> Option<TreeSplit>;

    /// Sum of the weights of the training rows that reached the node.
    fn cover(&self, node: usize) -> f64;

    /// Impurity of those rows (Gini, entropy, variance ...); 0 where it is not known.
    fn impurity(&self, node: usize) -> f64;

    /// The prediction for rows that end at the node: one number for each output.
    fn value(&self, node: usize) -> &[f64];

    /// The leaf at which a row `[p]` ends.
    fn leaf(&self, row: ArrayView1<'_, f64>) -> usize {
        let mut node = 0;
        while let Some(split) = self.split(node) {
            node = if row[split.feature] <= split.threshold { split.left } else { split.right };
        }
        node
    }

    /// The largest number of splits between the root and a leaf.
    fn depth(&self) -> usize {
        let mut depths = vec![0; self.nodes()];
        for node in 0..self.nodes() {
            if let Some(split) = self.split(node) {
                depths[split.left] = depths[node] + 1;
                depths[split.right] = depths[node] + 1;
            }
        }
        depths.into_iter().max().unwrap_or(0)
    }
}

/// Fitted trees whose predictions are summed: base + Σ weight · value of the leaf.
///
/// ```
/// use adatom_core::{TreeEnsemble, TreeSplit, TreeView, ndarray::array};
///
/// /// 0 below a half, 1 above it.
/// struct Step;
/// impl TreeView for Step {
///     fn nodes(&self) -> usize {
///         3
///     }
///     fn split(&self, node: usize) -> Option<TreeSplit> {
///         (node == 0).then_some(TreeSplit { feature: 0, threshold: 0.5, left: 1, right: 2 })
///     }
///     fn cover(&self, node: usize) -> f64 {
///         [4.0, 2.0, 2.0][node]
///     }
///     fn impurity(&self, node: usize) -> f64 {
///         [0.25, 0.0, 0.0][node]
///     }
///     fn value(&self, node: usize) -> &[f64] {
///         &[[0.5], [0.0], [1.0]][node]
///     }
/// }
///
/// struct Steps;
/// impl TreeEnsemble for Steps {
///     fn features(&self) -> usize {
///         2
///     }
///     fn outputs(&self) -> usize {
///         1
///     }
///     fn trees(&self) -> usize {
///         1
///     }
///     fn tree(&self, _: usize) -> &dyn TreeView {
///         &Step
///     }
/// }
/// let rows = array![[0.2, 9.0], [0.7, 9.0]];
/// assert_eq!(Steps.predictions(rows.view()), array![[0.0], [1.0]]);
/// assert_eq!(Steps.impurity_importance(), [1.0, 0.0]);
/// ```
pub trait TreeEnsemble: Sync {
    /// The number of columns of rows.
    fn features(&self) -> usize;

    /// The number of values of a prediction: one per class, or one per property.
    fn outputs(&self) -> usize;

    /// The number of trees.
    fn trees(&self) -> usize;

    /// A tree.
    ///
    /// # Panics
    /// When there is no tree of this index.
    fn tree(&self, index: usize) -> &dyn TreeView;

    /// The factor of the values of a tree; by default 1 / trees, which gives the mean.
    fn weight(&self, _index: usize) -> f64 {
        1.0 / self.trees() as f64
    }

    /// The constant added to the sum over trees, one number for each output; by default zeros.
    fn base(&self) -> Vec<f64> {
        vec![0.0; self.outputs()]
    }

    /// Predictions `[n, outputs]` for rows `[n, features]`.
    fn predictions(&self, rows: ArrayView2<'_, f64>) -> Array2<f64> {
        let base = self.base();
        let mut predictions =
            Array2::from_shape_fn((rows.nrows(), self.outputs()), |(_, output)| base[output]);
        for index in 0..self.trees() {
            let (tree, weight) = (self.tree(index), self.weight(index));
            for (row, mut prediction) in rows.rows().into_iter().zip(predictions.rows_mut()) {
                let value = tree.value(tree.leaf(row));
                prediction.iter_mut().zip(value).for_each(|(sum, value)| *sum += weight * value);
            }
        }
        predictions
    }

    /// Mean decrease of impurity of every column (Breiman 2001), summing to 1; all 0 where no tree has a
    /// split.
    ///
    /// Of each tree the decreases, weighted with cover, are divided by their sum; trees without a split are
    /// left out. Columns with many distinct values are favoured, and correlated columns share their
    /// importance.
    fn impurity_importance(&self) -> Vec<f64> {
        let mut mean = vec![0.0; self.features()];
        for index in 0..self.trees() {
            let mut decrease = vec![0.0; self.features()];
            let tree = self.tree(index);
            let weighted = |node: usize| tree.cover(node) * tree.impurity(node);
            for node in 0..tree.nodes() {
                if let Some(split) = tree.split(node) {
                    decrease[split.feature] += weighted(node) - weighted(split.left) - weighted(split.right);
                }
            }
            add_share(&mut mean, &decrease);
        }
        let whole = mean.clone();
        mean.fill(0.0);
        add_share(&mut mean, &whole);
        mean
    }
}

/// Adds values divided by their sum, if that is positive.
fn add_share(sums: &mut [f64], values: &[f64]) {
    let whole: f64 = values.iter().sum();
    if whole > 0.0 {
        sums.iter_mut().zip(values).for_each(|(sum, value)| *sum += value / whole);
    }
}
