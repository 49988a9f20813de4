//! Interventional values of trees with one output, in double precision or in the precisions of the shap
//! package.
//!
//! shap 0.51.0 rounds to single precision: thresholds, values of leaves (once divided by the number of
//! trees), weights of coalitions, the products of these two, and their sums on the way up a tree. Sums over
//! splits, trees and background rows are in double precision. For forests of scikit-learn it rounds the rows
//! before; those of the references are single-precision numbers already, and none of them changes sides by
//! the rounding of a threshold.

use adatom_core::{TreeSplit, TreeView};
use ndarray::{ArrayView1, ArrayView2};

use crate::trees::{ArrayForest, ArrayTree};

/// The number that is kept of an exact one, or of a sum or product of kept ones.
pub(crate) type Rounding = fn(f64) -> f64;

pub(crate) fn double(number: f64) -> f64 {
    number
}

/// Sums and products of two single-precision numbers come out as if calculated in single precision: rounding
/// twice harms only where the first time keeps fewer than 2 · 24 + 2 bits.
pub(crate) fn single(number: f64) -> f64 {
    f64::from(number as f32)
}

/// Values `[rows][features]` of the mean of the trees.
pub(crate) fn interventional(
    forest: &ArrayForest,
    rows: ArrayView2<'_, f64>,
    background: ArrayView2<'_, f64>,
    round: Rounding,
) -> Vec<f64> {
    let scale = 1.0 / forest.trees.len() as f64;
    let mut values = Vec::new();
    for row in rows.rows() {
        let mut sums = vec![0.0; forest.features];
        for other in background.rows() {
            let mut part = vec![0.0; forest.features];
            for tree in &forest.trees {
                let mut walk = Walk { tree, scale, row, other, round, owners: vec![None; forest.features] };
                walk.below(0, [0, 0], &mut part);
            }
            sums.iter_mut().zip(part).for_each(|(sum, part)| *sum += part);
        }
        values.extend(sums.iter().map(|sum| sum / background.nrows() as f64));
    }
    values
}

struct Walk<'a> {
    tree: &'a ArrayTree,
    scale: f64,
    row: ArrayView1<'a, f64>,
    other: ArrayView1<'a, f64>,
    round: Rounding,
    /// At columns where the two parted above: whether the row, not the other, goes on from there.
    owners: Vec<Option<bool>>,
}

/// What leaves give to each column that leads to them from the row, and to each that does from the other.
struct Shares {
    row: f64,
    other: f64,
}

impl Walk<'_> {
    /// Adds to `sums` what is due to splits from `node` on. `owned` counts the columns at which the two
    /// parted above, by who goes on from there: the row, the other.
    fn below(&mut self, node: usize, owned: [usize; 2], sums: &mut [f64]) -> Shares {
        let round = self.round;
        let Some(TreeSplit { feature, threshold, left, right }) = self.tree.split(node) else {
            return self.leaf(node, owned);
        };
        let way = |row: &ArrayView1<'_, f64>| if row[feature] <= round(threshold) { left } else { right };
        let (ours, theirs) = (way(&self.row), way(&self.other));
        match self.owners[feature] {
            Some(row) => return self.below(if row { ours } else { theirs }, owned, sums),
            None if ours == theirs => return self.below(ours, owned, sums),
            None => {}
        }
        // The package goes left first, too; sums come in its order.
        let [lower, upper] = [left, right].map(|child| {
            let row = child == ours;
            self.owners[feature] = Some(row);
            self.below(child, [owned[0] + usize::from(row), owned[1] + usize::from(!row)], sums)
        });
        self.owners[feature] = None;
        let (with, without) = if ours == left { (lower, upper) } else { (upper, lower) };
        sums[feature] += round(with.row + without.other);
        Shares { row: round(with.row + without.row), other: round(with.other + without.other) }
    }

    fn leaf(&self, node: usize, [row, other]: [usize; 2]) -> Shares {
        let value = (self.round)(self.scale * self.tree.value(node)[0]);
        // The chance that, of the parted columns in random order, just `before` certain ones come before
        // another.
        let parted = row + other;
        let weight = |before: usize| {
            let choices =
                (0..before).fold(1.0, |choices, i| choices * (parted - 1 - i) as f64 / (i + 1) as f64);
            (self.round)(1.0 / (parted as f64 * choices))
        };
        Shares {
            row: if row > 0 { (self.round)(value * weight(row - 1)) } else { 0.0 },
            other: if other > 0 { -(self.round)(value * weight(row)) } else { 0.0 },
        }
    }
}
