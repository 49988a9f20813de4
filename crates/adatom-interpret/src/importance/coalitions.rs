//! Predictions from coalitions of groups of columns, such as modalities.
//!
//! v(T) is the prediction for a row from the groups of the coalition T. The Shapley value of a group is its
//! mean gain over all orders of the groups. The interaction of two groups (Grabisch and Roubens 1999) is I_jk
//! = Σ_T |T|! (g - |T| - 2)! / (g - 1)! (v(T+j+k) - v(T+j) - v(T+k) + v(T)), T without j and k. Its halves
//! are the matrix elements (j, k) and (k, j); (j, j) is the rest of the Shapley value, so that rows sum to
//! Shapley values (Lundberg et al. 2020). I_jk < 0 where two groups are redundant.

use adatom_core::{FittedModel, Score, TargetView, TreeEnsemble};
use ndarray::{Array1, Array2, Array3, Array4, ArrayView2, ArrayView3, Axis};
use rayon::prelude::*;

use super::coalition_scores::CoalitionScores;
use super::error::{ImportanceError, Result, check_rows, exactly};
use super::plain_tree::{LEAF, PlainTree, PlainTrees};
use super::region::{ColumnGroup, check_groups};
use super::shap::ShapValues;
use super::target::{check_target, goodness};

/// Predictions from all coalitions of groups of columns, `[n, 2^g, outputs]`: bit k of a coalition is set
/// where it contains group k. Columns without a group are always known.
///
/// ```
/// use adatom_core::{
///     FittedModel,
///     ndarray::{Array2, ArrayView2, array},
/// };
/// use adatom_interpret::{Coalitions, ColumnGroup};
///
/// /// The larger of two columns that measure the same.
/// struct Larger;
/// impl FittedModel for Larger {
///     fn features(&self) -> usize {
///         2
///     }
///     fn outputs(&self) -> usize {
///         1
///     }
///     fn evaluate(&self, rows: ArrayView2<'_, f64>) -> Array2<f64> {
///         Array2::from_shape_fn((rows.nrows(), 1), |(row, _)| rows[[row, 0]].max(rows[[row, 1]]))
///     }
/// }
/// let group = |name: &str, column| ColumnGroup { name: name.into(), columns: vec![column] };
/// let groups = [group("xanes", 0), group("pdf", 1)];
/// let coalitions =
///     Coalitions::of_model(&Larger, array![[1.0, 1.0]].view(), array![[0.0, 0.0]].view(), &groups)?;
/// // None, xanes alone, pdf alone, both.
/// assert_eq!(coalitions.values().iter().copied().collect::<Vec<_>>(), [0.0, 1.0, 1.0, 1.0]);
/// assert_eq!(coalitions.shapley().values().iter().copied().collect::<Vec<_>>(), [0.5, 0.5]);
/// // The gain is 1 of each alone, and 1 of both together: the interaction is -1.
/// assert_eq!(coalitions.interactions().iter().copied().collect::<Vec<_>>(), [1.0, -0.5, -0.5, 1.0]);
///
/// let twice = [group("xanes", 0), group("edge", 0)];
/// let error =
///     Coalitions::of_model(&Larger, array![[1.0, 1.0]].view(), array![[0.0, 0.0]].view(), &twice);
/// assert_eq!(
///     error.unwrap_err().to_string(),
///     "the groups must be without a common column, found column 0 twice"
/// );
/// # Ok::<(), adatom_interpret::ImportanceError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Coalitions {
    names: Vec<String>,
    values: Array3<f64>,
}

/// The largest number of groups g, because there are 2^g predictions per row.
const MOST_GROUPS: usize = 12;

/// The group of each column.
fn owners(groups: &[ColumnGroup], features: usize) -> Result<Vec<Option<usize>>> {
    check_groups(groups, features)?;
    let refuse =
        |expected, found| Err(ImportanceError::Parameter { parameter: "the groups", expected, found });
    if groups.len() > MOST_GROUPS {
        return refuse("at most 12", groups.len().to_string());
    }
    let mut owners = vec![None; features];
    for (index, group) in groups.iter().enumerate() {
        for &column in &group.columns {
            if owners[column].is_some() {
                return refuse("without a common column", format!("column {column} twice"));
            }
            owners[column] = Some(index);
        }
    }
    Ok(owners)
}

impl Coalitions {
    /// Exact path-dependent predictions of trees for rows `[n, p]`: at splits on absent groups both branches
    /// are averaged with the weights of the training rows.
    ///
    /// # Errors
    /// [`ImportanceError::Length`] when rows have another number of columns; [`ImportanceError::TooFew`] when
    /// there is no row or no group, or a group has a column that rows do not have;
    /// [`ImportanceError::NotFinite`]; [`ImportanceError::NoColumns`] when a group is empty;
    /// [`ImportanceError::Parameter`] when there are more than 12 groups, or two share a column;
    /// [`ImportanceError::Tree`].
    pub fn of_trees(
        trees: &dyn TreeEnsemble,
        rows: ArrayView2<'_, f64>,
        groups: &[ColumnGroup],
    ) -> Result<Self> {
        check_rows(rows, trees.features())?;
        let owners = owners(groups, trees.features())?;
        let trees = PlainTrees::new(trees)?;
        let coalitions = 1usize << groups.len();
        let of_row = |row: usize| {
            let mut sums = trees.base.repeat(coalitions);
            let mut scratch = Vec::new();
            for tree in &trees.trees {
                let walk = Walk { tree, owners: &owners, coalitions };
                walk.add(rows.row(row), &mut scratch, &mut sums);
            }
            sums
        };
        let values: Vec<Vec<f64>> = (0..rows.nrows()).into_par_iter().map(of_row).collect();
        let values = Array3::from_shape_vec((rows.nrows(), coalitions, trees.outputs), values.concat())
            .expect("every row has its coalitions");
        Ok(Self { names: groups.iter().map(|group| group.name.clone()).collect(), values })
    }

    /// Interventional predictions of any model for rows `[n, p]`: absent groups are taken from `background`
    /// rows `[m, p]`, and predictions are averaged over these. The model is evaluated for n · m · 2^g rows.
    ///
    /// # Errors
    /// As [`of_trees`](Self::of_trees), of rows and of background rows.
    pub fn of_model(
        model: &dyn FittedModel,
        rows: ArrayView2<'_, f64>,
        background: ArrayView2<'_, f64>,
        groups: &[ColumnGroup],
    ) -> Result<Self> {
        check_rows(rows, model.features())?;
        check_rows(background, model.features())?;
        let owners = owners(groups, model.features())?;
        let coalitions = 1usize << groups.len();
        let mut values = Array3::zeros((rows.nrows(), coalitions, model.outputs()));
        for (row, mut values) in rows.rows().into_iter().zip(values.outer_iter_mut()) {
            for (coalition, mut value) in values.outer_iter_mut().enumerate() {
                let mut mixed = background.to_owned();
                for (column, owner) in owners.iter().enumerate() {
                    if owner.is_none_or(|group| coalition >> group & 1 == 1) {
                        mixed.column_mut(column).fill(row[column]);
                    }
                }
                value.assign(&model.evaluate(mixed.view()).mean_axis(Axis(0)).expect("there is a row"));
            }
        }
        Ok(Self { names: groups.iter().map(|group| group.name.clone()).collect(), values })
    }

    /// Names of the groups.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The predictions `[n, 2^g, outputs]`.
    #[must_use]
    pub fn values(&self) -> ArrayView3<'_, f64> {
        self.values.view()
    }

    fn game(&self, row: usize, output: usize) -> Vec<f64> {
        self.values.index_axis(Axis(0), row).column(output).to_vec()
    }

    /// Shapley values of the groups `[n, g, outputs]`. Their base is the mean prediction over rows from the
    /// empty coalition, which is the same for all rows unless some columns have no group.
    #[must_use]
    pub fn shapley(&self) -> ShapValues {
        let (rows, _, outputs) = self.values.dim();
        let mut values = Array3::zeros((rows, self.names.len(), outputs));
        for (row, mut values) in values.outer_iter_mut().enumerate() {
            for (output, mut values) in values.axis_iter_mut(Axis(1)).enumerate() {
                let game = self.game(row, output);
                values.assign(&Array1::from(shapley(&game, self.names.len())));
            }
        }
        let base = self.values.index_axis(Axis(1), 0).mean_axis(Axis(0)).expect("there is a row");
        ShapValues::new(base, values)
    }

    /// Interactions of the groups `[n, g, g, outputs]`, symmetric in the groups; their sum is the prediction
    /// less that of the empty coalition.
    #[must_use]
    pub fn interactions(&self) -> Array4<f64> {
        let (rows, _, outputs) = self.values.dim();
        let groups = self.names.len();
        let mut all = Array4::zeros((rows, groups, groups, outputs));
        for (row, mut all) in all.outer_iter_mut().enumerate() {
            for output in 0..outputs {
                let game = self.game(row, output);
                all.index_axis_mut(Axis(2), output).assign(&interactions(&game, groups));
            }
        }
        all
    }

    /// The score of the predictions from each coalition.
    ///
    /// # Errors
    /// [`ImportanceError::Length`] unless there is one true value per row; [`ImportanceError::TooFew`],
    /// [`ImportanceError::Constant`]; [`ImportanceError::Undefined`] when the score of a coalition is not
    /// defined.
    pub fn scores<'a>(
        &self,
        target: impl Into<TargetView<'a>>,
        score: &dyn Score,
    ) -> Result<CoalitionScores> {
        let truth = target.into();
        exactly("values of the truth", self.values.len_of(Axis(0)), truth.len())?;
        check_target(truth, truth.len())?;
        let coalitions = self.values.axis_iter(Axis(1));
        let scores =
            coalitions.map(|predictions| goodness(score, truth, predictions)).collect::<Result<_>>()?;
        Ok(CoalitionScores::new(self.names.clone(), scores))
    }
}

/// A tree that a row goes down for all coalitions at once.
struct Walk<'a> {
    tree: &'a PlainTree,
    owners: &'a [Option<usize>],
    coalitions: usize,
}

impl Walk<'_> {
    /// Adds predictions to `sums`, `[coalitions][outputs]`. `reach` is `[depth][coalitions]`: the part of the
    /// row that is here.
    fn add(&self, row: ndarray::ArrayView1<'_, f64>, reach: &mut Vec<f64>, sums: &mut [f64]) {
        reach.clear();
        reach.resize(self.coalitions, 1.0);
        let mut waiting = vec![(0usize, None)];
        while let Some((node, from)) = waiting.pop() {
            let here = self.tree.nodes[node];
            let level = here.depth as usize * self.coalitions;
            if let Some((column, goes)) = from {
                reach.resize(level + self.coalitions, 0.0);
                let (above, here_reach) = reach.split_at_mut(level);
                let above = &above[level - self.coalitions..];
                let own = if goes { 1.0 } else { 0.0 };
                let owner: Option<usize> = self.owners[column];
                for (coalition, (to, from)) in here_reach.iter_mut().zip(above).enumerate() {
                    let in_coalition = owner.is_none_or(|group| coalition >> group & 1 == 1);
                    *to = from * if in_coalition { own } else { here.share };
                }
            }
            if here.feature == LEAF {
                let value = self.tree.value(node);
                for (sums, reach) in sums.chunks_mut(value.len()).zip(&reach[level..]) {
                    sums.iter_mut().zip(value).for_each(|(sum, value)| *sum += reach * value);
                }
            } else {
                let column = here.feature as usize;
                let left = row[column] <= here.threshold;
                waiting.push((here.right as usize, Some((column, !left))));
                waiting.push((node + 1, Some((column, left))));
            }
        }
    }
}

/// s! (n - s)! / (n + 1)!, the weight of coalitions of s among n other players.
fn weight(size: u32, others: usize) -> f64 {
    let orders = (1..=size).map(|step| f64::from(step) / (others as f64 + 1.0 - f64::from(step)));
    orders.product::<f64>() / (others as f64 + 1.0)
}

/// Shapley values of a game `[2^g]`.
pub(crate) fn shapley(game: &[f64], groups: usize) -> Vec<f64> {
    let gain = |group: usize| {
        let without = (0..game.len()).filter(|coalition| coalition >> group & 1 == 0);
        without
            .map(|coalition| {
                weight(coalition.count_ones(), groups - 1) * (game[coalition | 1 << group] - game[coalition])
            })
            .sum()
    };
    (0..groups).map(gain).collect()
}

/// Interactions `[g, g]` of a game `[2^g]`.
fn interactions(game: &[f64], groups: usize) -> Array2<f64> {
    let mut matrix = Array2::zeros((groups, groups));
    for (group, value) in shapley(game, groups).into_iter().enumerate() {
        matrix[[group, group]] = value;
    }
    for one in 0..groups {
        for other in one + 1..groups {
            let (first, second) = (1 << one, 1 << other);
            let without = (0..game.len()).filter(|coalition| coalition & (first | second) == 0);
            let together = |coalition: usize| {
                game[coalition | first | second] - game[coalition | first] - game[coalition | second]
                    + game[coalition]
            };
            let index: f64 = without
                .map(|coalition| weight(coalition.count_ones(), groups - 2) * together(coalition))
                .sum();
            for (row, column) in [(one, other), (other, one)] {
                matrix[[row, column]] = index / 2.0;
                matrix[[row, row]] -= index / 2.0;
            }
        }
    }
    matrix
}
