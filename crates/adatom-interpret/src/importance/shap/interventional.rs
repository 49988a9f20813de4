//! Interventional Shapley values of trees against background rows.
//!
//! For a row x and a background row b a coalition takes its columns from x and the others from b. A leaf is
//! reachable only if x or b meets the conditions of every column on its path. With a columns met by x alone
//! and c by b alone, a leaf of value v adds v (a - 1)! c! / (a + c)! to each of the former and -v a! (c - 1)!
//! / (a + c)! to each of the latter (Lundberg et al. 2020). Only nodes that x or b can reach are visited.

use crate::importance::plain_tree::{LEAF, PlainTree};

/// Buffers of the walk.
pub(super) struct Scratch {
    /// Which row provides a column on the path: neither yet, x, or b.
    decided: Vec<Side>,
    waiting: Vec<Visit>,
    /// Columns that have been decided on the way, in order.
    parted: Vec<u32>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Nobody,
    Row,
    Background,
}

/// A node to go to: `parted` was so long where it was found, and `column` is decided by `side` from there on.
struct Visit {
    node: u32,
    parted: u32,
    side: Side,
    column: u32,
}

impl Scratch {
    pub(super) fn new(features: usize) -> Self {
        Self { decided: vec![Side::Nobody; features], waiting: Vec::new(), parted: Vec::new() }
    }
}

/// (a - 1)! c! / (a + c)! = 1 / (a · binomial(a + c, a)).
pub(super) fn weight(a: usize, c: usize) -> f64 {
    let mut binomial = 1.0;
    for step in 1..=a.min(c) {
        binomial *= (a + c - a.min(c) + step) as f64 / step as f64;
    }
    1.0 / (a as f64 * binomial)
}

/// Weights for small a and c, which nearly all are: `[a][c]`.
pub(super) struct Weights(Vec<f64>);

const SMALL: usize = 32;

impl Weights {
    pub(super) fn new() -> Self {
        Self((0..SMALL * SMALL).map(|at| weight(at / SMALL, at % SMALL)).collect())
    }

    fn get(&self, a: usize, c: usize) -> f64 {
        if a < SMALL && c < SMALL { self.0[a * SMALL + c] } else { weight(a, c) }
    }
}

/// Adds `scale` times the values of `row` against `background` to `sums`, `[features][outputs]`.
pub(super) struct Pair<'a> {
    pub(super) tree: &'a PlainTree,
    pub(super) weights: &'a Weights,
    pub(super) row: &'a [f64],
    pub(super) background: &'a [f64],
    pub(super) scale: f64,
}

impl Pair<'_> {
    pub(super) fn explain(&self, scratch: &mut Scratch, sums: &mut [f64]) {
        let nobody = Visit { node: 0, parted: 0, side: Side::Nobody, column: 0 };
        scratch.waiting.push(nobody);
        while let Some(Visit { node, parted, side, column }) = scratch.waiting.pop() {
            while scratch.parted.len() > parted as usize {
                let column = scratch.parted.pop().expect("it is longer than that");
                scratch.decided[column as usize] = Side::Nobody;
            }
            if side != Side::Nobody {
                scratch.parted.push(column);
                scratch.decided[column as usize] = side;
            }
            self.go(node as usize, scratch, sums);
        }
        scratch.parted.drain(..).for_each(|column| scratch.decided[column as usize] = Side::Nobody);
    }

    /// Descends until x and b take different branches, both of which are then queued.
    fn go(&self, mut node: usize, scratch: &mut Scratch, sums: &mut [f64]) {
        loop {
            let here = self.tree.nodes[node];
            if here.feature == LEAF {
                return self.leaf(node, scratch, sums);
            }
            let column = here.feature as usize;
            let next = |left: bool| if left { node + 1 } else { here.right as usize };
            let row = next(self.row[column] <= here.threshold);
            let background = next(self.background[column] <= here.threshold);
            node = match scratch.decided[column] {
                Side::Row => row,
                Side::Background => background,
                Side::Nobody if row == background => row,
                Side::Nobody => {
                    let parted = scratch.parted.len() as u32;
                    for (node, side) in [(row, Side::Row), (background, Side::Background)] {
                        let (node, column) = (node as u32, here.feature);
                        scratch.waiting.push(Visit { node, parted, side, column });
                    }
                    return;
                }
            };
        }
    }

    fn leaf(&self, node: usize, scratch: &Scratch, sums: &mut [f64]) {
        let Scratch { decided, parted, .. } = scratch;
        let of_row = parted.iter().filter(|&&column| decided[column as usize] == Side::Row).count();
        let of_background = parted.len() - of_row;
        let values = self.tree.value(node);
        let gain = if of_row > 0 { self.scale * self.weights.get(of_row, of_background) } else { 0.0 };
        let loss =
            if of_background > 0 { -self.scale * self.weights.get(of_background, of_row) } else { 0.0 };
        for &column in parted {
            let part = if decided[column as usize] == Side::Row { gain } else { loss };
            let sums = &mut sums[column as usize * values.len()..][..values.len()];
            sums.iter_mut().zip(values).for_each(|(sum, value)| *sum += part * value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::weight;

    #[test]
    fn weights_are_those_of_factorials() {
        // 2! 2! / 5! = 4 / 120; 0! 3! / 4! = 6 / 24; 4! 0! / 5! = 24 / 120.
        for (a, c, expected) in [(3, 2, 4.0 / 120.0), (1, 3, 6.0 / 24.0), (5, 0, 24.0 / 120.0)] {
            assert!((weight(a, c) - expected).abs() < 1e-16, "{a}, {c}");
        }
        assert!(weight(2000, 3000) >= 0.0);
    }
}
