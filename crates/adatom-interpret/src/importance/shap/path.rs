//! Path-dependent Shapley values of trees, in time linear in the depth of a leaf.
//!
//! Let player j (a column, or a modality) hold on the way to a leaf of value v the conditions that a row meets (o_j = 1)
//! or not (o_j = 0), and z_j the product of the shares of cover at its splits. A player who is asked decides with o_j, one
//! who is not lets z_j of the rows pass. The Shapley value of player i is the integral
//!     φ_i = v ∫₀¹ (o_i - z_i) Π_{j≠i} f_j(t) dt,   f_j(t) = t o_j + (1 - t) z_j
//! (Owen 1972). The integrand is a polynomial: Gauss-Legendre points are exact, and all they multiply is positive, so that
//! nothing cancels at any depth. One walk down (Π f_j) and up (sums over leaves below) serves all players.

use super::quadrature::Quadrature;
use crate::importance::plain_tree::{LEAF, PlainTree};

/// Rows that go through a tree together, so that what is known of an edge is fetched once for all of them.
pub(super) const BLOCK: usize = 16;

/// What is known of the edges of a tree before any row comes.
///
/// An edge is named by the node below it. `o` of its player before and after it can be 0 and 0, 1 and 1, or 1 and 0.
pub(super) struct PathTree<'a> {
    tree: &'a PlainTree,
    /// Player of the edge above a node.
    player: Vec<u32>,
    /// The last node above whose edge has the same player; 0, the root, where there is none.
    earlier: Vec<u32>,
    steps: Vec<Step>,
    lanes: usize,
    weights: Vec<f64>,
    /// What Π f is multiplied with at each point, `[nodes][3 states][lanes]`.
    factors: Vec<f64>,
    /// Change of (o - z) / f of the player, times the factor at leaves: zeros, then `[nodes][2 states][lanes]`.
    slopes: Vec<f64>,
    /// Of two leaves of one parent, summed with their values: `[pairs][3 states][outputs][slope, factor][lanes]`.
    pairs: Vec<f64>,
}

#[derive(Clone, Copy)]
enum Step {
    Down(u32),
    Leaf(u32),
    /// The left of two leaves of one parent, and its place in `pairs`.
    Pair(u32, u32),
    Up(u32),
}

/// What the walk keeps, once for all trees.
#[derive(Default)]
pub(super) struct Scratch {
    /// `[nodes][BLOCK]`: whether the conditions of the player have held so far, and the state of the edge.
    holds: Vec<u8>,
    state: Vec<u8>,
    /// `[depth][BLOCK][lanes]`.
    down: Vec<f64>,
    /// `[depth][BLOCK][outputs][lanes]`.
    up: Vec<f64>,
}

/// States of an edge: its player did not meet all conditions before; it met them and this one too; or this one not.
const GONE: u8 = 0;
const STAYS: u8 = 1;
const LEAVES: u8 = 2;

/// Lanes for which the walk is compiled, so that its inner loops have a known length.
const LANES: [usize; 10] = [2, 4, 6, 8, 10, 12, 14, 16, 20, 24];

impl<'a> PathTree<'a> {
    /// `players` are the numbers of the players of columns.
    pub(super) fn new(tree: &'a PlainTree, players: &[u32]) -> Self {
        let nodes = tree.nodes.len();
        let mut this = Self {
            tree,
            player: vec![0; nodes],
            earlier: vec![0; nodes],
            steps: Vec::with_capacity(nodes + nodes / 2),
            lanes: 0,
            weights: Vec::new(),
            factors: Vec::new(),
            slopes: Vec::new(),
            pairs: Vec::new(),
        };
        let (remaining, most) = this.connect(players);
        this.tabulate(&remaining, most);
        this.join_pairs();
        this
    }

    /// Finds earlier edges and the order of steps; gives z of every edge, and the most players on a path.
    fn connect(&mut self, players: &[u32]) -> (Vec<f64>, usize) {
        let nodes = &self.tree.nodes;
        let mut remaining = vec![1.0; nodes.len()];
        let mut most = 0;
        // For each player the last edge on the way to where we are.
        let mut last = vec![0u32; players.iter().max().map_or(0, |&most| most as usize + 1)];
        let (mut distinct, mut pairs) = (0, 0);
        let mut way: Vec<u32> = Vec::new();
        for node in 0..nodes.len() {
            while way.last().is_some_and(|&other| nodes[other as usize].depth >= nodes[node].depth) {
                let over = way.pop().expect("there is a last one") as usize;
                if over > 0 {
                    last[self.player[over] as usize] = self.earlier[over];
                    distinct -= usize::from(self.earlier[over] == 0);
                    if nodes[over].feature != LEAF {
                        self.steps.push(Step::Up(over as u32));
                    }
                }
            }
            if let Some(&parent) = way.last() {
                let player = players[nodes[parent as usize].feature as usize];
                let earlier = last[player as usize];
                (self.player[node], self.earlier[node]) = (player, earlier);
                last[player as usize] = node as u32;
                distinct += usize::from(earlier == 0);
                most = most.max(distinct);
                remaining[node] = remaining[earlier as usize] * nodes[node].share;
                let (parent, here) = (parent as usize, node as u32);
                match (nodes[node].feature == LEAF, self.has_leaves_alone(parent)) {
                    (true, false) => self.steps.push(Step::Leaf(here)),
                    (true, true) if node == parent + 1 => {
                        self.steps.push(Step::Pair(here, pairs));
                        pairs += 1;
                    }
                    (true, true) => {}
                    (false, _) => self.steps.push(Step::Down(here)),
                }
            }
            way.push(node as u32);
        }
        way.into_iter().skip(1).rev().filter(|&node| nodes[node as usize].feature != LEAF).for_each(|node| {
            self.steps.push(Step::Up(node));
        });
        (remaining, most)
    }

    fn has_leaves_alone(&self, node: usize) -> bool {
        self.tree.is_leaf(node + 1) && self.tree.is_leaf(self.tree.nodes[node].right as usize)
    }

    fn tabulate(&mut self, remaining: &[f64], most: usize) {
        // The integrand has degree most - 1.
        let points = most.div_ceil(2).max(1);
        let lanes = LANES.into_iter().find(|&lanes| lanes >= points).unwrap_or(points.next_multiple_of(2));
        let mut rule = Quadrature::new(points);
        rule.points.resize(lanes, 0.5);
        rule.weights.resize(lanes, 0.0);
        let nodes = self.tree.nodes.len();
        self.factors = vec![1.0; nodes * 3 * lanes];
        self.slopes = vec![0.0; (1 + nodes * 2) * lanes];
        for node in 1..nodes {
            let (before, now) = (remaining[self.earlier[node] as usize], remaining[node]);
            let factors = &mut self.factors[node * 3 * lanes..][..3 * lanes];
            let slopes = &mut self.slopes[(1 + node * 2) * lanes..][..2 * lanes];
            let share = self.tree.nodes[node].share;
            let leaf = self.tree.is_leaf(node);
            for (lane, &t) in rule.points.iter().enumerate() {
                let met = |z: f64| z + (1.0 - z) * t;
                let (old, new) = (1.0 / met(before), 1.0 / met(now));
                let stays = met(now) * old;
                let leaves = now * (1.0 - t) * old;
                factors[lane] = share;
                factors[lanes + lane] = stays;
                factors[2 * lanes + lane] = leaves;
                let slope = (1.0 - before) * old;
                let (on, off) = ((1.0 - now) * new - slope, -1.0 / (1.0 - t) - slope);
                slopes[lane] = if leaf { stays * on } else { on };
                slopes[lanes + lane] = if leaf { leaves * off } else { off };
            }
        }
        (self.lanes, self.weights) = (lanes, rule.weights);
    }

    fn join_pairs(&mut self) {
        let (lanes, outputs) = (self.lanes, self.tree.outputs);
        for &step in &self.steps {
            let Step::Pair(left, _) = step else { continue };
            let left = left as usize;
            // In preorder the right leaf follows.
            for (one, other) in [(GONE, GONE), (STAYS, LEAVES), (LEAVES, STAYS)] {
                let own = [(left, one), (left + 1, other)];
                for output in 0..outputs {
                    let value = |node: usize| self.tree.value(node)[output];
                    let sum = |lane: usize, table: &dyn Fn(usize, u8) -> usize, from: &[f64]| -> f64 {
                        own.iter().map(|&(node, state)| value(node) * from[table(node, state) + lane]).sum()
                    };
                    let (slope, factor) = (
                        |node, state| slope_at(node, state, lanes),
                        |node, state| factor_at(node, state, lanes),
                    );
                    self.pairs.extend((0..lanes).map(|lane| sum(lane, &slope, &self.slopes)));
                    self.pairs.extend((0..lanes).map(|lane| sum(lane, &factor, &self.factors)));
                }
            }
        }
    }

    /// What a row gets where no player is asked `[outputs]`: the mean of the leaves, weighted with their cover.
    pub(super) fn add_expected(tree: &PlainTree, sums: &mut [f64]) {
        let mut reach = vec![1.0; tree.nodes.len()];
        for node in 0..tree.nodes.len() {
            let here = tree.nodes[node];
            if here.feature == LEAF {
                sums.iter_mut().zip(tree.value(node)).for_each(|(sum, value)| *sum += reach[node] * value);
            } else {
                for child in [node + 1, here.right as usize] {
                    reach[child] = reach[node] * tree.nodes[child].share;
                }
            }
        }
    }

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
                        for output in 0..outputs {
                            let at = (usize::from(state) * outputs + output) * 2 * lanes;
                            sums[output] += dot(from, part(tables, at, lanes));
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
                        for output in 0..outputs {
                            let at = (row * outputs + output) * lanes;
                            let from = part(here, at, lanes);
                            sums[output] += dot(from, slope);
                            add(part_mut(above, at, lanes), from);
                        }
                    }
                }
            }
        }
    }
}

fn factor_at(node: usize, state: u8, lanes: usize) -> usize {
    (node * 3 + usize::from(state)) * lanes
}

fn slope_at(node: usize, state: u8, lanes: usize) -> usize {
    if state == GONE { 0 } else { (node * 2 + usize::from(state)) * lanes }
}

/// Lanes two by two, as processors of every make calculate them; there always is an even number.
#[inline(always)]
fn part(values: &[f64], at: usize, lanes: usize) -> &[[f64; 2]] {
    values[at..][..lanes].as_chunks().0
}

#[inline(always)]
fn part_mut(values: &mut [f64], at: usize, lanes: usize) -> &mut [[f64; 2]] {
    values[at..][..lanes].as_chunks_mut().0
}

#[inline(always)]
fn multiply(to: &mut [[f64; 2]], from: &[[f64; 2]], factor: &[[f64; 2]]) {
    for ((to, from), factor) in to.iter_mut().zip(from).zip(factor) {
        *to = [from[0] * factor[0], from[1] * factor[1]];
    }
}

#[inline(always)]
fn add_product(to: &mut [[f64; 2]], from: &[[f64; 2]], (factor, value): (&[[f64; 2]], f64)) {
    for ((to, from), factor) in to.iter_mut().zip(from).zip(factor) {
        *to = [to[0] + value * (from[0] * factor[0]), to[1] + value * (from[1] * factor[1])];
    }
}

#[inline(always)]
fn add(to: &mut [[f64; 2]], from: &[[f64; 2]]) {
    for (to, from) in to.iter_mut().zip(from) {
        *to = [to[0] + from[0], to[1] + from[1]];
    }
}

/// Σ left · right, in two chains of sums that do not wait for each other.
#[inline(always)]
fn dot(left: &[[f64; 2]], right: &[[f64; 2]]) -> f64 {
    let mut sums = [[0.0; 2]; 2];
    for (at, (left, right)) in left.iter().zip(right).enumerate() {
        let sum = &mut sums[at % 2];
        *sum = [sum[0] + left[0] * right[0], sum[1] + left[1] * right[1]];
    }
    (sums[0][0] + sums[1][0]) + (sums[0][1] + sums[1][1])
}
