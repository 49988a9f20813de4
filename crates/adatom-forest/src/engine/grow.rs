//! One tree, grown depth first.

use std::ops::Range;

use rayon::prelude::*;

use super::bag::Stream;
use super::columns::Columns;
use super::draw::Draw;
use super::gain::Gain;
use super::histograms::{Histograms, LEAST};
use super::lists::Lists;
use super::plan::Plan;
use super::search::{Best, Buffers, Cut, Node};
use super::target::{Summary, TreeTarget};

/// A grown tree as flat arrays in the order depth first, left before right: the left child follows its
/// parent.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Grown {
    /// The column compared, or [`LEAF`].
    pub(crate) feature: Vec<u32>,
    pub(crate) threshold: Vec<f64>,
    /// The right child.
    pub(crate) right: Vec<u32>,
    pub(crate) cover: Vec<f64>,
    pub(crate) impurity: Vec<f64>,
    /// `[nodes][outputs]`.
    pub(crate) value: Vec<f64>,
    /// Training rows in the order of the leaves.
    pub(crate) rows: Vec<u32>,
    /// For every leaf in order: how many of them it holds.
    pub(crate) leaf_rows: Vec<u32>,
}

/// The column number of a leaf.
pub(crate) const LEAF: u32 = u32::MAX;

/// A node still to be processed.
struct Pending<const M: usize> {
    at: Range<usize>,
    depth: usize,
    /// The parent whose right child this is.
    right_of: Option<usize>,
    constants: usize,
    summary: Summary<M>,
    /// Left by the parent; the cells of the rows are then on its grid.
    histograms: Option<Histograms<M>>,
}

/// Nodes of so few rows do without lists: a column that reaches the bound is soon found.
const FEW: usize = 8;

/// Rows times columns from which several threads look for the cut of one node.
const SHARED: usize = 1 << 15;

struct Grower<'a, 'd, const M: usize, G: Gain<M>> {
    columns: &'a Columns<'d>,
    target: TreeTarget<'d, M>,
    gain: G,
    plan: Plan,
    random: Stream,
    rows: Vec<u32>,
    lists: Option<Lists>,
    draw: Draw,
    buffers: Buffers<M>,
    /// Candidates of the node, and the place of random cuts.
    candidates: Vec<(u32, f64)>,
    goes_left: Vec<u8>,
    right: Vec<u32>,
    min_weight: f64,
    weight: f64,
    grown: Grown,
}

/// Grows a tree on the rows with a positive weight.
pub(crate) fn grow<'d, const M: usize, G: Gain<M>>(
    columns: &Columns<'d>,
    target: TreeTarget<'d, M>,
    gain: G,
    plan: Plan,
    random: Stream,
) -> Grown {
    let rows: Vec<u32> =
        (0..columns.rows() as u32).filter(|&row| target.weights()[row as usize] > 0.0).collect();
    let lists = plan.in_lists(columns.rows(), columns.len()) && columns.order(0).is_some();
    let lists = lists.then(|| Lists::new(columns, target.weights(), rows.len()));
    let total = target.total(&rows);
    Grower {
        min_weight: plan.min_weight_leaf * total[0],
        weight: 0.0,
        columns,
        gain,
        plan,
        random,
        lists,
        draw: Draw::new(columns.len()),
        buffers: Buffers::default(),
        candidates: Vec::new(),
        goes_left: vec![0; columns.rows()],
        right: Vec::new(),
        rows,
        target,
        grown: Grown::default(),
    }
    .run()
}

impl<const M: usize, G: Gain<M>> Grower<'_, '_, M, G> {
    fn run(mut self) -> Grown {
        let summary = self.target.summary(&self.rows);
        self.weight = summary.cover;
        let mut waiting = vec![Pending {
            at: 0..self.rows.len(),
            depth: 0,
            right_of: None,
            constants: 0,
            summary,
            histograms: None,
        }];
        while let Some(mut pending) = waiting.pop() {
            let node = self.grown.feature.len();
            if let Some(parent) = pending.right_of {
                self.grown.right[parent] = node as u32;
            }
            self.push(&pending.summary);
            let Some((cut, children)) = self.split(&mut pending) else {
                self.grown.leaf_rows.push(pending.at.len() as u32);
                continue;
            };
            let middle = pending.at.start + children.rows;
            let constants = self.draw.constants();
            let child = |at, right_of, (summary, histograms)| Pending {
                at,
                depth: pending.depth + 1,
                right_of,
                constants,
                summary,
                histograms,
            };
            self.grown.feature[node] = cut.column;
            self.grown.threshold[node] = children.threshold;
            waiting.push(child(middle..pending.at.end, Some(node), (children.right, children.histograms.1)));
            waiting.push(child(pending.at.start..middle, None, (children.left, children.histograms.0)));
        }
        self.grown.rows = self.rows;
        self.grown
    }

    fn push(&mut self, summary: &Summary<M>) {
        let grown = &mut self.grown;
        grown.feature.push(LEAF);
        grown.threshold.push(0.0);
        grown.right.push(0);
        grown.cover.push(summary.cover);
        grown.impurity.push(summary.impurity);
        grown.value.extend_from_slice(&summary.value[..self.target.outputs()]);
    }

    /// Whether a node stays a leaf whatever its columns are.
    fn ends(&self, rows: usize, depth: usize, pure: bool) -> bool {
        let plan = &self.plan;
        pure || rows < plan.min_samples_split || rows < 2 * plan.min_samples_leaf || depth >= plan.max_depth
    }

    fn split(&mut self, pending: &mut Pending<M>) -> Option<(Cut, Children<M>)> {
        if self.ends(pending.at.len(), pending.depth, pending.summary.pure) {
            return None;
        }
        let histograms = pending.histograms.take();
        if histograms.is_none() {
            self.target.enter(&self.rows[pending.at.clone()], &pending.summary);
        }
        let histograms = histograms.or_else(|| self.count(pending.at.clone()));
        let cut = self.search(pending, histograms.as_ref())?;
        let mut children = self.divide(pending, cut);
        if let Some(whole) = histograms {
            children.histograms = self.share(whole, &pending.at, children.rows);
        }
        let decrease = {
            let weighted = |summary: &Summary<M>| summary.cover * summary.impurity;
            let before = weighted(&pending.summary);
            (before - weighted(&children.left) - weighted(&children.right)) / self.weight
        };
        // As in scikit-learn, a decrease of rounding size counts as enough where no limit is set.
        if decrease + f64::EPSILON < self.plan.min_impurity_decrease {
            return None;
        }
        let depth = pending.depth + 1;
        let go_on = [(children.rows, &children.left), (pending.at.len() - children.rows, &children.right)]
            .iter()
            .any(|&(rows, summary)| rows > FEW && !self.ends(rows, depth, summary.pure));
        if go_on && let Some(lists) = &mut self.lists {
            let inside = self.plan.inside && pending.at.len() * self.columns.len() >= SHARED;
            lists.split(&pending.at, &self.goes_left, inside);
        }
        Some((cut, children))
    }

    /// Histograms of a node whose larger child can be had by subtraction.
    fn count(&self, at: Range<usize>) -> Option<Histograms<M>> {
        let columns = self.columns.len();
        let all = self.plan.candidates == columns && self.columns.is_binned();
        if !all || at.len() < LEAST || !Histograms::<M>::fit(columns) {
            return None;
        }
        Some(Histograms::of(self.columns, self.target.cells(), &self.rows[at], self.plan.inside))
    }

    /// Histograms of the children, where they are worth it.
    fn share(
        &self,
        whole: Histograms<M>,
        at: &Range<usize>,
        left: usize,
    ) -> (Option<Histograms<M>>, Option<Histograms<M>>) {
        let right = at.len() - left;
        if left.max(right) < LEAST {
            return (None, None);
        }
        let middle = at.start + left;
        let smaller = if left <= right { at.start..middle } else { middle..at.end };
        let worth = smaller.len() >= LEAST;
        let small = Histograms::of(self.columns, self.target.cells(), &self.rows[smaller], self.plan.inside);
        let large = Some(whole.without(&small));
        let small = worth.then_some(small);
        if left <= right { (small, large) } else { (large, small) }
    }

    fn search(&mut self, pending: &Pending<M>, histograms: Option<&Histograms<M>>) -> Option<Cut> {
        let rows = &self.rows[pending.at.clone()];
        let total = self.target.total(rows);
        let node = Node {
            columns: self.columns,
            target: &self.target,
            gain: &self.gain,
            prepared: self.gain.node(&total),
            rows,
            histograms,
            total,
            min_rows: self.plan.min_samples_leaf,
            min_weight: self.min_weight,
            bound: None,
        };
        let node = node.bounded();
        let mut best = Best::NONE;
        self.draw.begin(pending.constants);
        let columns = self.columns.len();
        let in_lists =
            self.lists.as_ref().filter(|_| node.rows.len() > FEW).map(|lists| (lists, &pending.at));
        if self.plan.candidates == columns && !self.plan.random_cuts {
            // All columns in a random order of the form a + b i: quicker than a permutation, and no column is
            // favoured.
            every_column(columns, &mut self.random, &mut self.candidates);
            look(&node, in_lists, &self.candidates, (&mut best, &mut self.buffers, self.plan.inside));
            return best.cut;
        }
        let mut wanted = self.plan.candidates;
        while wanted > 0 {
            let count = self.draw.more(wanted, &mut self.random);
            if count == 0 {
                break;
            }
            self.candidates.clear();
            for &column in self.draw.drawn()[..count].iter().rev() {
                let part = if self.plan.random_cuts { self.random.unit() } else { f64::NAN };
                self.candidates.push((column, part));
            }
            let constant =
                look(&node, in_lists, &self.candidates, (&mut best, &mut self.buffers, self.plan.inside));
            if best.perfect {
                // Which columns were looked at before depends on the number of threads: none of them is
                // remembered.
                break;
            }
            wanted = constant.len();
            self.draw.constant(count, &constant);
        }
        best.cut
    }

    /// Moves the rows of a node that go left before the others.
    fn divide(&mut self, pending: &Pending<M>, cut: Cut) -> Children<M> {
        let column = cut.column as usize;
        let ranks = self.columns.ranks(column);
        let rows = &mut self.rows[pending.at.clone()];
        self.right.clear();
        let mut to = 0;
        let (mut below, mut above) = ((0, 0), (usize::MAX, 0));
        for from in 0..rows.len() {
            let row = rows[from];
            let rank = ranks.at(row as usize);
            let left = rank <= cut.rank;
            self.goes_left[row as usize] = u8::from(left);
            if left {
                rows[to] = row;
                to += 1;
                below = below.max((rank, row as usize));
            } else {
                self.right.push(row);
                above = above.min((rank, row as usize));
            }
        }
        rows[to..].copy_from_slice(&self.right);
        let threshold = cut.threshold.unwrap_or_else(|| self.columns.cut(column, below.1, above.1));
        let (left, right) = rows.split_at(to);
        let (left, right) = (self.target.summary(left), self.target.summary(right));
        Children { rows: to, threshold, left, right, histograms: (None, None) }
    }
}

/// The two sides of a cut.
struct Children<const M: usize> {
    /// The number of rows that go left.
    rows: usize,
    threshold: f64,
    left: Summary<M>,
    right: Summary<M>,
    histograms: (Option<Histograms<M>>, Option<Histograms<M>>),
}

fn every_column(columns: usize, random: &mut Stream, candidates: &mut Vec<(u32, f64)>) {
    let gcd = |mut a: usize, mut b: usize| {
        while b != 0 {
            (a, b) = (b, a % b);
        }
        a
    };
    let mut column = random.below(columns);
    let step = loop {
        let step = 1 + random.below(columns.max(2) - 1);
        if gcd(step, columns) == 1 {
            break step;
        }
    };
    candidates.clear();
    for _ in 0..columns {
        candidates.push((column as u32, f64::NAN));
        column += step;
        if column >= columns {
            column -= columns;
        }
    }
}

/// Evaluates candidates in order; returns the indices of the constant ones.
fn look<const M: usize, G: Gain<M>>(
    node: &Node<'_, '_, M, G>,
    lists: Option<(&Lists, &Range<usize>)>,
    candidates: &[(u32, f64)],
    (best, buffers, inside): (&mut Best, &mut Buffers<M>, bool),
) -> Vec<usize> {
    let one = |(column, part): (u32, f64), best: &mut Best, buffers: &mut Buffers<M>| match lists {
        Some((lists, at)) => node.in_list(column, lists.node(column as usize, at), best),
        None if part.is_nan() => node.in_column(column, best, buffers),
        None => node.at_random(column, part, best),
    };
    if !inside || node.rows.len() * candidates.len() < SHARED {
        let mut constant = Vec::new();
        for (index, &candidate) in candidates.iter().enumerate() {
            if !one(candidate, best, buffers) {
                constant.push(index);
            }
            if best.perfect {
                break;
            }
        }
        return constant;
    }
    let chunk = candidates.len().div_ceil(4 * rayon::current_num_threads()).max(1);
    let parts: Vec<(Best, Vec<usize>)> = (candidates.par_chunks(chunk).enumerate())
        .map_init(Buffers::default, |buffers, (part, candidates)| {
            let (mut best, mut constant) = (Best::NONE, Vec::new());
            for (index, &candidate) in candidates.iter().enumerate() {
                if !one(candidate, &mut best, buffers) {
                    constant.push(part * chunk + index);
                }
                if best.perfect {
                    break;
                }
            }
            (best, constant)
        })
        .collect();
    let mut constants = Vec::new();
    for (part, constant) in parts {
        *best = best.or(part);
        constants.extend(constant);
    }
    constants
}
