//! Scores of coalitions of groups, and how much of them is shared.

use super::coalitions::shapley;

/// The score of every coalition of groups, with the sign of errors reversed so that more is better.
///
/// ```
/// # use adatom_core::{Better, FittedModel, Score, TargetView, ndarray::{Array2, ArrayView2, array}};
/// # struct Mean;
/// # impl FittedModel for Mean {
/// #     fn features(&self) -> usize { 2 }
/// #     fn outputs(&self) -> usize { 1 }
/// #     fn evaluate(&self, rows: ArrayView2<'_, f64>) -> Array2<f64> {
/// #         Array2::from_shape_fn((rows.nrows(), 1), |(row, _)| rows[[row, 0]].max(rows[[row, 1]]))
/// #     }
/// # }
/// # struct Error;
/// # impl Score for Error {
/// #     fn name(&self) -> &str { "error" }
/// #     fn better(&self) -> Better { Better::Lower }
/// #     fn score(&self, target: TargetView<'_>, predictions: ArrayView2<'_, f64>) -> Option<f64> {
/// #         let values = target.numbers()?;
/// #         (&values - &predictions.column(0)).mapv(f64::abs).mean()
/// #     }
/// # }
/// use adatom_interpret::{Coalitions, ColumnGroup};
/// // A model that predicts the larger of two columns, both of which equal the target.
/// let rows = array![[1.0, 1.0], [3.0, 3.0]];
/// let groups = ["xanes", "pdf"].into_iter().enumerate();
/// let groups: Vec<_> =
///     groups.map(|(column, name)| ColumnGroup { name: name.into(), columns: vec![column] }).collect();
/// let coalitions = Coalitions::of_model(&Mean, rows.view(), array![[0.0, 0.0]].view(), &groups)?;
/// let scores = coalitions.scores(rows.column(0), &Error)?;
/// assert_eq!(scores.scores(), [-2.0, 0.0, 0.0, 0.0]);
/// assert_eq!((scores.alone(0), scores.unique(0), scores.shared(0, 1)), (2.0, 0.0, 2.0));
/// assert_eq!(scores.shapley(), [1.0, 1.0]);
/// # Ok::<(), adatom_interpret::ImportanceError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct CoalitionScores {
    names: Vec<String>,
    scores: Vec<f64>,
}

impl CoalitionScores {
    pub(super) fn new(names: Vec<String>, scores: Vec<f64>) -> Self {
        Self { names, scores }
    }

    /// Names of the groups.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Scores `[2^g]`; bit k of the index is set where the coalition contains group k.
    #[must_use]
    pub fn scores(&self) -> &[f64] {
        &self.scores
    }

    /// Shapley values of the groups `[g]`, which sum to the gain of all groups over none (Covert, Lundberg,
    /// Lee 2020).
    #[must_use]
    pub fn shapley(&self) -> Vec<f64> {
        shapley(&self.scores, self.names.len())
    }

    /// The gain of a group over the empty coalition.
    ///
    /// # Panics
    /// For a group that does not exist.
    #[must_use]
    pub fn alone(&self, group: usize) -> f64 {
        self.scores[self.bit(group)] - self.scores[0]
    }

    /// The gain of a group over all others: the unique contribution of the group.
    ///
    /// # Panics
    /// For a group that does not exist.
    #[must_use]
    pub fn unique(&self, group: usize) -> f64 {
        let all = self.scores.len() - 1;
        self.scores[all] - self.scores[all & !self.bit(group)]
    }

    /// The sum of the gains of two groups alone, less their gain together: redundant information. Negative
    /// where they complement each other.
    ///
    /// # Panics
    /// For a group that does not exist.
    #[must_use]
    pub fn shared(&self, one: usize, other: usize) -> f64 {
        let together = self.scores[self.bit(one) | self.bit(other)] - self.scores[0];
        self.alone(one) + self.alone(other) - together
    }

    fn bit(&self, group: usize) -> usize {
        assert!(group < self.names.len(), "there is no group {group}: there are {}", self.names.len());
        1 << group
    }
}
