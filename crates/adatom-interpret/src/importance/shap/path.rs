//! Path-dependent Shapley values of trees, in time linear in the depth of a leaf.
//!
//! On the path to a leaf of value v let o_j be 1 where a row meets all conditions of player j (a column or a
//! group), else 0, and z_j the product of the fractions of cover at the splits of j. A present player
//! contributes the factor o_j, an absent one z_j. The Shapley value of player i is the integral φ_i = v ∫₀¹
//! (o_i - z_i) Π_{j≠i} f_j(t) dt, f_j(t) = t o_j + (1 - t) z_j (Owen 1972). The integrand is a polynomial,
//! for which Gauss-Legendre quadrature is exact, and all factors are positive, so that there is no
//! cancellation at any depth. One pass down (Π f_j) and up (sums over leaves) serves all players.

use super::edges::{PathTree, Step, factor_at, slope_at};
use super::lanes::{add, add_product, dot, multiply, part, part_mut};
use crate::importance::plain_tree::LEAF;

/// The number of rows that pass through a tree together, which amortises the access to its tables.
pub(super) const BLOCK: usize = 16;
/// Buffers of the walk.
#[derive(Default)]
pub(super) struct Scratch {
    /// `[nodes][BLOCK]`: whether the conditions of the player hold so far, and the state of the edge.
    holds: Vec<u8>,
    state: Vec<u8>,
    /// `[depth][BLOCK][lanes]`.
    down: Vec<f64>,
    /// `[depth][BLOCK][outputs][lanes]`.
    up: Vec<f64>,
}

impl PathTree<'_> {
    /// Adds the Shapley values of at most [`BLOCK`] rows to `sums`, `[rows][players][outputs]`.
    pub(super) fn explain(&self, rows: &[&[f64]], scratch: &mut Scratch, sums: &mut [f64]) {
        let depth = self.tree.nodes.iter().map(|node| node.depth as usize).max().unwrap_or(0);
        let outputs = self.tree.outputs;
        self.follow(rows, scratch);
        scratch.down.resize((depth + 1) * BLOCK * self.lanes, 0.0);
        scratch.up.resize((depth + 1) * BLOCK * outputs * self.lanes, 0.0);
        for row in 0..rows.len() {
            scratch.down[row * self.lanes..][..self.lanes].copy_from_slice(&self.weights);
        }
        match self.lanes {
            2 => self.walk::<2>(rows.len(), scratch, sums),
            4 => self.walk::<4>(rows.len(), scratch, sums),
            6 => self.walk::<6>(rows.len(), scratch, sums),
            8 => self.walk::<8>(rows.len(), scratch, sums),
            10 => self.walk::<10>(rows.len(), scratch, sums),
            12 => self.walk::<12>(rows.len(), scratch, sums),
            14 => self.walk::<14>(rows.len(), scratch, sums),
            16 => self.walk::<16>(rows.len(), scratch, sums),
            20 => self.walk::<20>(rows.len(), scratch, sums),
            24 => self.walk::<24>(rows.len(), scratch, sums),
            _ => self.walk::<0>(rows.len(), scratch, sums),
        }
    }

    /// Finds which conditions hold.
    fn follow(&self, rows: &[&[f64]], scratch: &mut Scratch) {
        let nodes = &self.tree.nodes;
        scratch.holds.resize(nodes.len() * BLOCK, 0);
        scratch.state.resize(nodes.len() * BLOCK, 0);
        let Scratch { holds, state, .. } = scratch;
        holds[..BLOCK].fill(1);
        for (node, here) in nodes.iter().enumerate() {
            if here.feature == LEAF {
                continue;
            }
            let (left, right) = (node + 1, here.right as usize);
            for (row, values) in rows.iter().enumerate() {
                let goes_left = u8::from(values[here.feature as usize] <= here.threshold);
                for (child, goes) in [(left, goes_left), (right, 1 - goes_left)] {
                    let held = holds[self.earlier[child] as usize * BLOCK + row];
                    let holds_now = held & goes;
                    holds[child * BLOCK + row] = holds_now;
                    state[child * BLOCK + row] = (2 * held) - holds_now;
                }
            }
        }
    }

    /// `M` is the number of lanes, or 0 where it is not among [`LANES`].
    fn walk<const M: usize>(&self, rows: usize, scratch: &mut Scratch, sums: &mut [f64]) {
        let lanes = if M == 0 { self.lanes } else { M };
        let outputs = self.tree.outputs;
        let of_row = sums.len() / rows;
        let (level, upper) = (BLOCK * lanes, BLOCK * outputs * lanes);
        let Scratch { state, down, up, .. } = scratch;
        up[..rows * outputs * lanes].fill(0.0);
        for &step in &self.steps {
            let node = match step {
                Step::Down(node) | Step::Leaf(node) | Step::Pair(node, _) | Step::Up(node) => node as usize,
            };
            let depth = self.tree.nodes[node].depth as usize;
            let states = &state[node * BLOCK..][..rows];
            let players = sums[self.player[node] as usize * outputs..].chunks_mut(of_row);
            let rows = states.iter().zip(players).enumerate();
            match step {
                Step::Down(_) => {
                    let (above, here) = down.split_at_mut(depth * level);
                    let above = &above[(depth - 1) * level..];
                    for (row, (&state, _)) in rows {
                        let factor = part(&self.factors, factor_at(node, state, lanes), lanes);
                        multiply(part_mut(here, row * lanes, lanes), part(above, row * lanes, lanes), factor);
                    }
                    if !self.has_leaves_alone(node) {
                        up[depth * upper..][..upper].fill(0.0);
                    }
                }
                Step::Leaf(_) => {
                    let above = &down[(depth - 1) * level..][..level];
                    let gathered = &mut up[(depth - 1) * upper..][..upper];
                    let values = self.tree.value(node);
                    for (row, (&state, sums)) in rows {
                        let factor = part(&self.factors, factor_at(node, state, lanes), lanes);
                        let from = part(above, row * lanes, lanes);
                        let change = dot(from, part(&self.slopes, slope_at(node, state, lanes), lanes));
                        for (output, value) in values.iter().enumerate() {
                            sums[output] += value * change;
                            let to = part_mut(gathered, (row * outputs + output) * lanes, lanes);
                            add_product(to, from, (factor, *value));
                        }
                    }
                }
                Step::Pair(_, pair) => {
                    let above = &down[(depth - 1) * level..][..level];
                    let gathered = &mut up[(depth - 1) * upper..][..upper];
                    let tables = &self.pairs[pair as usize * 6 * outputs * lanes..][..6 * outputs * lanes];
                    for (row, (&state, sums)) in rows {
                        let from = part(above, row * lanes, lanes);
                        for (output, sum) in sums[..outputs].iter_mut().enumerate() {
                            let at = (usize::from(state) * outputs + output) * 2 * lanes;
                            *sum += dot(from, part(tables, at, lanes));
                            let to = part_mut(gathered, (row * outputs + output) * lanes, lanes);
                            multiply(to, from, part(tables, at + lanes, lanes));
                        }
                    }
                }
                Step::Up(_) => {
                    let (above, here) = up.split_at_mut(depth * upper);
                    let above = &mut above[(depth - 1) * upper..];
                    for (row, (&state, sums)) in rows {
                        let slope = part(&self.slopes, slope_at(node, state, lanes), lanes);
                        for (output, sum) in sums[..outputs].iter_mut().enumerate() {
                            let at = (row * outputs + output) * lanes;
                            let from = part(here, at, lanes);
                            *sum += dot(from, slope);
                            add(part_mut(above, at, lanes), from);
                        }
                    }
                }
            }
        }
    }
}
