//! Tables of the edges of a tree that do not depend on rows; see `path` for the mathematics.

use super::quadrature::Quadrature;
use crate::importance::plain_tree::{LEAF, PlainTree};

/// Tables of the edges of a tree.
///
/// An edge is identified by the node below it. `o` of its player before and after it can be 0 and 0, 1 and 1,
/// or 1 and 0.
pub(super) struct PathTree<'a> {
    pub(super) tree: &'a PlainTree,
    /// Player of the edge above a node.
    pub(super) player: Vec<u32>,
    /// The last node above whose edge has the same player; 0, the root, where there is none.
    pub(super) earlier: Vec<u32>,
    pub(super) steps: Vec<Step>,
    pub(super) lanes: usize,
    pub(super) weights: Vec<f64>,
    /// What Π f is multiplied with at each point, `[nodes][3 states][lanes]`.
    pub(super) factors: Vec<f64>,
    /// Change of (o - z) / f of the player, times the factor at leaves: zeros, then
    /// `[nodes][2 states][lanes]`.
    pub(super) slopes: Vec<f64>,
    /// Of two leaves of one parent, summed with their values:
    /// `[pairs][3 states][outputs][slope, factor][lanes]`.
    pub(super) pairs: Vec<f64>,
}

#[derive(Clone, Copy)]
pub(super) enum Step {
    Down(u32),
    Leaf(u32),
    /// The left of two leaves of one parent, and its place in `pairs`.
    Pair(u32, u32),
    Up(u32),
}

/// States of an edge: its player did not meet all conditions before; it met them and this one too; or this
/// one not.
pub(super) const GONE: u8 = 0;
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

    pub(super) fn has_leaves_alone(&self, node: usize) -> bool {
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
}

pub(super) fn factor_at(node: usize, state: u8, lanes: usize) -> usize {
    (node * 3 + usize::from(state)) * lanes
}

pub(super) fn slope_at(node: usize, state: u8, lanes: usize) -> usize {
    if state == GONE { 0 } else { (node * 2 + usize::from(state)) * lanes }
}
