//! A forest: fitted trees whose predictions are averaged.

use adatom_core::{FeatureColumn, FeatureTable, FittedModel, TreeEnsemble, TreeView};
use ndarray::{Array2, ArrayView1, ArrayView2, Axis};
use rayon::prelude::*;

use crate::tree::{Tree, block};
use crate::{Error, ForestParams, Result, rows};

/// Fitted trees; a prediction is the mean of the values of the leaves that a row reaches.
///
/// ```
/// use adatom_forest::ndarray::array;
/// use adatom_forest::{RandomForest, TreeEnsemble};
/// let features = array![[0.0, 1.0], [1.0, 1.0], [2.0, 1.0], [3.0, 1.0]];
/// let model = RandomForest::params()
///     .trees(30)
///     .fit_regressor(features.view(), array![0.0, 0.0, 5.0, 5.0].view())?;
/// let forest = model.forest();
/// assert_eq!(forest.trees(), 30);
/// // The second column is constant and cannot matter.
/// assert_eq!(forest.impurity_importance(), [1.0, 0.0]);
/// # Ok::<(), adatom_forest::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Forest {
    pub(crate) trees: Vec<Tree>,
    pub(crate) features: usize,
    pub(crate) outputs: usize,
    pub(crate) columns: Option<Vec<FeatureColumn>>,
    /// The name of the target, if the forest was fitted to a table.
    pub(crate) target: Option<String>,
    /// The settings of the fit; none for trees that were not fitted by this crate.
    pub(crate) origin: Option<Origin>,
}

/// The settings of a fit, from which the rows of each tree can be drawn again.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub(crate) struct Origin {
    pub(crate) params: ForestParams,
    pub(crate) rows: usize,
}

/// Rows that go through a tree before the next tree is fetched.
const BLOCK: usize = 64;

impl Forest {
    /// A forest of given trees, for rows of `features` columns.
    ///
    /// # Errors
    /// [`Error::TooFew`] when there is no tree; [`Error::Malformed`] when the values of trees differ in
    /// length, or a tree compares a column that rows do not have.
    pub fn from_trees(trees: Vec<Tree>, features: usize) -> Result<Self> {
        let outputs = trees.first().map(Tree::outputs);
        let Some(outputs) = outputs else {
            return Err(Error::TooFew { what: "tree", least: 1, found: 0 });
        };
        let malformed = |expected: String, found: String| {
            Err(Error::Malformed { origin: "trees".into(), expected, found })
        };
        if let Some(tree) = trees.iter().find(|tree| tree.outputs() != outputs) {
            return malformed(format!("values of {outputs} numbers"), tree.outputs().to_string());
        }
        if let Some(last) =
            trees.iter().filter_map(Tree::last_feature).max().filter(|&last| last as usize >= features)
        {
            return malformed(format!("columns below {features}"), format!("column {last}"));
        }
        Ok(Self { trees, features, outputs, columns: None, target: None, origin: None })
    }

    /// The trees.
    #[must_use]
    pub fn as_trees(&self) -> &[Tree] {
        &self.trees
    }

    /// A forest of the first `trees` trees: the same as a forest of this size fitted with the same seed.
    ///
    /// # Errors
    /// [`Error::Length`] when `trees` is 0 or larger than the number of trees.
    pub fn first(&self, trees: usize) -> Result<Self> {
        if trees == 0 || trees > self.trees.len() {
            return Err(Error::Length { what: "trees", expected: self.trees.len(), found: trees });
        }
        let mut forest = self.clone();
        forest.trees.truncate(trees);
        if let Some(origin) = &mut forest.origin {
            origin.params.trees = trees;
        }
        Ok(forest)
    }

    /// The parameters of the fit; `None` for trees that were not fitted by this crate.
    #[must_use]
    pub fn params(&self) -> Option<&ForestParams> {
        self.origin.as_ref().map(|origin| &origin.params)
    }

    /// The number of columns of rows.
    #[must_use]
    pub fn features(&self) -> usize {
        self.features
    }

    /// The number of values of a prediction: one per class, or one per property.
    #[must_use]
    pub fn outputs(&self) -> usize {
        self.outputs
    }

    /// Mean decrease of impurity of every column, summing to 1; see [`TreeEnsemble::impurity_importance`].
    #[must_use]
    pub fn impurity_importance(&self) -> Vec<f64> {
        TreeEnsemble::impurity_importance(self)
    }

    /// The meaning of the columns, if the forest was fitted to a table.
    #[must_use]
    pub fn columns(&self) -> Option<&[FeatureColumn]> {
        self.columns.as_deref()
    }

    /// The name of the target, if the forest was fitted to a table.
    #[must_use]
    pub fn target(&self) -> Option<&str> {
        self.target.as_deref()
    }

    /// The features `[n, p]` of a table, if its columns are those of the forest in the same order.
    ///
    /// # Errors
    /// [`Error::Columns`] names the missing and unknown columns, or the first difference in order;
    /// [`Error::Length`] when the forest was not fitted on a table and the number of columns differs.
    pub fn features_of<'a>(&self, table: &'a FeatureTable) -> Result<ArrayView2<'a, f64>> {
        match &self.columns {
            Some(columns) => compare(columns, table.columns())?,
            None => self.check_width(table.columns().len())?,
        }
        Ok(table.features())
    }

    fn check_width(&self, found: usize) -> Result<()> {
        let (what, expected) = ("columns of features", self.features);
        if found == expected { Ok(()) } else { Err(Error::Length { what, expected, found }) }
    }

    /// Checks features `[n, p]` that are to be predicted.
    pub(crate) fn check(&self, features: ArrayView2<'_, f64>) -> Result<()> {
        self.check_width(features.ncols())?;
        rows::finite(features)
    }

    /// Predicts blocks of rows, in parallel: first row, rows as a block, tree by tree the leaves.
    fn in_blocks<T: Send>(
        &self,
        features: ArrayView2<'_, f64>,
        start: impl Fn(usize) -> T + Sync,
        add: impl Fn(&mut T, usize, &[u32]) + Sync,
    ) -> Vec<T> {
        let rows = features.nrows();
        // Few rows are shared among all threads too.
        let threads = rayon::current_num_threads();
        let size = BLOCK.min(rows.div_ceil(threads).next_multiple_of(16)).max(16);
        // Rounding all columns pays where many trees look at them.
        let both = self.features <= 16 * self.trees.len();
        (0..rows.div_ceil(size))
            .into_par_iter()
            .map_init(
                || (Vec::new(), Vec::new(), vec![0u32; size]),
                |(spare, single, leaves), part| {
                    let at = part * size..rows.min((part + 1) * size);
                    let rows = features.slice_axis(Axis(0), at.clone().into());
                    let values = block(&rows, spare);
                    let mut sum = start(at.len());
                    if both {
                        single.clear();
                        single.extend(values.iter().map(|&value| value as f32));
                    }
                    for (index, tree) in self.trees.iter().enumerate() {
                        let leaves = &mut leaves[..at.len()];
                        if both {
                            tree.leaves_of_both(values, single, self.features, leaves);
                        } else {
                            tree.leaves_of(values, self.features, leaves);
                        }
                        add(&mut sum, index, leaves);
                    }
                    sum
                },
            )
            .collect()
    }

    /// Predictions `[n, outputs]`: means over trees.
    ///
    /// # Errors
    /// [`Error::Length`] when rows have another number of columns; [`Error::Value`] when a feature is not
    /// finite.
    pub fn predict(&self, features: ArrayView2<'_, f64>) -> Result<Array2<f64>> {
        self.check(features)?;
        let outputs = self.outputs;
        let parts = self.in_blocks(
            features,
            |rows| vec![0.0; rows * outputs],
            |sums, tree, leaves| {
                let value = &self.trees[tree].value;
                if outputs == 1 {
                    sums.iter_mut().zip(leaves).for_each(|(sum, &leaf)| *sum += value[leaf as usize]);
                    return;
                }
                for (sums, &leaf) in sums.chunks_mut(outputs).zip(leaves) {
                    let values = &value[leaf as usize * outputs..][..outputs];
                    sums.iter_mut().zip(values).for_each(|(sum, value)| *sum += value);
                }
            },
        );
        let mut means = parts.concat();
        let trees = self.trees.len() as f64;
        means.iter_mut().for_each(|sum| *sum /= trees);
        Ok(Array2::from_shape_vec((features.nrows(), outputs), means).expect("every row has its outputs"))
    }

    /// The node number of the leaf `[n, trees]` at which each row ends in each tree.
    ///
    /// # Errors
    /// As [`predict`](Self::predict).
    pub fn leaves(&self, features: ArrayView2<'_, f64>) -> Result<Array2<u32>> {
        self.check(features)?;
        let trees = self.trees.len();
        let parts = self.in_blocks(
            features,
            |rows| vec![0u32; rows * trees],
            |table, tree, leaves| {
                table
                    .iter_mut()
                    .skip(tree)
                    .step_by(trees)
                    .zip(leaves)
                    .for_each(|(place, &leaf)| *place = leaf);
            },
        );
        Ok(Array2::from_shape_vec((features.nrows(), trees), parts.concat())
            .expect("every row has its leaves"))
    }

    /// Predictions of single trees `[n, trees]` for one output.
    ///
    /// # Errors
    /// As [`predict`](Self::predict); [`Error::TooFew`] for an output that does not exist.
    pub fn predict_trees(&self, features: ArrayView2<'_, f64>, output: usize) -> Result<Array2<f64>> {
        if output >= self.outputs {
            return Err(Error::TooFew { what: "outputs", least: output + 1, found: self.outputs });
        }
        let leaves = self.leaves(features)?;
        Ok(Array2::from_shape_fn(leaves.dim(), |(row, tree)| {
            self.trees[tree].value[leaves[[row, tree]] as usize * self.outputs + output]
        }))
    }

    /// Standard deviation `[n, outputs]` of the predictions of single trees.
    ///
    /// # Errors
    /// As [`predict`](Self::predict).
    pub fn spread(&self, features: ArrayView2<'_, f64>) -> Result<Array2<f64>> {
        let mut spread = Array2::zeros((features.nrows(), self.outputs));
        for (output, mut column) in spread.columns_mut().into_iter().enumerate() {
            column.assign(&self.predict_trees(features, output)?.std_axis(Axis(1), 0.0));
        }
        Ok(spread)
    }

    /// Proximity `[n, m]` of rows to other rows: the part of the trees in which both end at one leaf (Breiman
    /// 2001).
    ///
    /// # Errors
    /// As [`predict`](Self::predict).
    pub fn proximity(&self, rows: ArrayView2<'_, f64>, others: ArrayView2<'_, f64>) -> Result<Array2<f64>> {
        let (own, other) = (self.leaves(rows)?, self.leaves(others)?);
        let near = |row: usize| {
            let own = own.row(row);
            let shared = |other: ArrayView1<'_, u32>| {
                own.iter().zip(other).filter(|(own, other)| own == other).count()
            };
            other
                .rows()
                .into_iter()
                .map(|other| shared(other) as f64 / self.trees.len() as f64)
                .collect::<Vec<_>>()
        };
        let near: Vec<f64> = (0..rows.nrows()).into_par_iter().flat_map_iter(near).collect();
        Ok(Array2::from_shape_vec((rows.nrows(), others.nrows()), near)
            .expect("every pair has its proximity"))
    }
}

/// The number of columns, and the names of the first ones.
struct Named {
    count: usize,
    shown: String,
}

/// Describes how columns differ.
fn compare(model: &[FeatureColumn], table: &[FeatureColumn]) -> Result<()> {
    if model == table {
        return Ok(());
    }
    let names = |columns: &[FeatureColumn], others: &[FeatureColumn]| {
        let missing: Vec<String> =
            columns.iter().filter(|column| !others.contains(column)).map(ToString::to_string).collect();
        let shown = missing.iter().take(5).cloned().collect::<Vec<_>>().join(", ");
        let count = missing.len();
        Named { count, shown: if count > 5 { format!("{shown}, ... ({count} in all)") } else { shown } }
    };
    let (missing, unknown) = (names(model, table), names(table, model));
    let mut faults = Vec::new();
    if missing.count > 0 {
        faults.push(format!("it lacks {}", missing.shown));
    }
    if unknown.count > 0 {
        faults.push(format!("the model does not know {}", unknown.shown));
    }
    if faults.is_empty() {
        let place = model.iter().zip(table).position(|(model, table)| model != table).unwrap_or(0);
        faults.push(format!("column {} is {} instead of {}", place + 1, table[place], model[place]));
    }
    Err(Error::Columns(faults.join("; ")))
}

impl TreeEnsemble for Forest {
    fn features(&self) -> usize {
        self.features
    }

    fn outputs(&self) -> usize {
        self.outputs
    }

    fn trees(&self) -> usize {
        self.trees.len()
    }

    fn tree(&self, index: usize) -> &dyn TreeView {
        &self.trees[index]
    }
}

impl FittedModel for Forest {
    fn features(&self) -> usize {
        self.features
    }

    fn outputs(&self) -> usize {
        self.outputs
    }

    /// # Panics
    /// When rows have another number of columns, or a feature is not finite; [`Forest::predict`] returns an
    /// error instead.
    fn evaluate(&self, rows: ArrayView2<'_, f64>) -> Array2<f64> {
        self.predict(rows).expect("rows have the columns of the forest, and finite features")
    }
}
