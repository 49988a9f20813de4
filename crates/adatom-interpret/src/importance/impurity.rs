//! Mean decrease of impurity (Breiman 2001).

use adatom_core::{FeatureColumn, TreeEnsemble};
use ndarray::Array2;

use super::error::{ImportanceError, Result, exactly};
use super::feature_importance::FeatureImportance;

impl FeatureImportance {
    /// Mean decrease of impurity of every column, normalised to 1 for each tree: one repeat for each tree
    /// with a split.
    ///
    /// It is cheap but biased: irrelevant columns have positive importances, because it is computed from the
    /// training rows; columns with many distinct values are preferred; and correlated columns share their
    /// importance. [`ShadowTest`](crate::ShadowTest) tests which columns are relevant, and
    /// [`PermutationImportance`](crate::PermutationImportance) uses held-out rows.
    ///
    /// # Errors
    /// [`ImportanceError::Length`] when there are not as many columns as the trees have;
    /// [`ImportanceError::Constant`] when no tree has a split.
    ///
    /// ```
    /// use adatom_core::{FeatureColumn, Modality, TreeEnsemble, TreeSplit, TreeView};
    /// use adatom_interpret::FeatureImportance;
    /// struct Step;
    /// impl TreeView for Step {
    ///     fn nodes(&self) -> usize {
    ///         3
    ///     }
    ///     fn split(&self, node: usize) -> Option<TreeSplit> {
    ///         (node == 0).then_some(TreeSplit { feature: 1, threshold: 0.5, left: 1, right: 2 })
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
    /// let columns = [2.0, 3.0].map(|r| FeatureColumn::new(Modality::Pdf, r));
    /// let columns: Vec<_> = columns.into_iter().collect::<Result<_, _>>()?;
    /// let importance = FeatureImportance::of_impurity(&Steps, &columns)?;
    /// assert_eq!(importance.mean().to_vec(), [0.0, 1.0]);
    ///
    /// let error = FeatureImportance::of_impurity(&Steps, &columns[..1]).unwrap_err();
    /// assert_eq!(error.to_string(), "expected 2 columns, found 1");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn of_impurity(trees: &dyn TreeEnsemble, columns: &[FeatureColumn]) -> Result<Self> {
        let features = trees.features();
        exactly("columns", features, columns.len())?;
        let mut shares = Vec::new();
        for index in 0..trees.trees() {
            let tree = trees.tree(index);
            let weighted = |node: usize| tree.cover(node) * tree.impurity(node);
            let mut decrease = vec![0.0; features];
            for node in 0..tree.nodes() {
                if let Some(split) = tree.split(node) {
                    decrease[split.feature] += weighted(node) - weighted(split.left) - weighted(split.right);
                }
            }
            let whole: f64 = decrease.iter().sum();
            if whole > 0.0 {
                shares.extend(decrease.iter().map(|decrease| decrease / whole));
            }
        }
        if shares.is_empty() {
            let what = "the impurity of nodes".to_owned();
            return Err(ImportanceError::Constant { what, value: 0.0 });
        }
        let values = Array2::from_shape_vec((shares.len() / features, features), shares)
            .expect("every tree has its columns");
        Self::new(columns.to_vec(), values)
    }

    /// Importances of refits of one model: the mean of each refit is a repeat, so that the spread is that
    /// over refits.
    ///
    /// # Errors
    /// [`ImportanceError::TooFew`] when there is none; [`ImportanceError::Length`] when their columns differ.
    pub fn of_refits(refits: &[Self]) -> Result<Self> {
        super::error::at_least("refits", 1, refits.len())?;
        let columns = refits[0].columns();
        for refit in refits {
            let same = refit.columns().iter().zip(columns).filter(|(own, first)| own == first).count();
            exactly("columns of the first refit", columns.len(), same)?;
            exactly("columns of refits", columns.len(), refit.columns().len())?;
        }
        let means: Vec<f64> = refits.iter().flat_map(|refit| refit.mean().to_vec()).collect();
        let values = Array2::from_shape_vec((refits.len(), columns.len()), means)
            .expect("every refit has its columns");
        Self::new(columns.to_vec(), values)
    }
}
