//! A fitted tree as flat arrays.

mod arrays;
mod quick;

use std::hint::select_unpredictable;

use adatom_core::{TreeSplit, TreeView};
use ndarray::ArrayView2;

use self::quick::{Quick, TOGETHER};
use crate::engine::{Grown, LEAF};
use crate::{Error, Result};

pub use self::arrays::TreeArrays;

/// A fitted tree: nodes depth first, left before right, as flat arrays.
///
/// ```
/// use adatom_forest::TreeView;
/// use adatom_forest::{Tree, TreeArrays};
/// // One split of column 0 at 0.5 and two leaves, in scikit-learn's arrays.
/// let tree = Tree::from_arrays(TreeArrays {
///     feature: vec![0, -2, -2],
///     threshold: vec![0.5, -2.0, -2.0],
///     left: vec![1, -1, -1],
///     right: vec![2, -1, -1],
///     cover: vec![4.0, 3.0, 1.0],
///     impurity: vec![0.1875, 0.0, 0.0],
///     value: vec![vec![0.25], vec![0.0], vec![1.0]],
/// })?;
/// assert_eq!((tree.nodes(), tree.leaves(), tree.depth()), (3, 2, 1));
/// assert_eq!(tree.value(tree.leaf(ndarray::array![0.7].view())), [1.0]);
/// # Ok::<(), adatom_forest::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Tree {
    nodes: Vec<Node>,
    pub(crate) cover: Vec<f64>,
    pub(crate) impurity: Vec<f64>,
    /// `[nodes][outputs]`.
    pub(crate) value: Vec<f64>,
    outputs: usize,
    /// The same nodes in half the memory.
    quick: Option<Quick>,
    /// Training rows leaf by leaf, as often as they were drawn, and where each node's begin; empty where not
    /// kept.
    pub(crate) samples: LeafSamples,
}

/// A node in 16 bytes. The left child is the next node; at a leaf no row goes left, and
/// the right child is the leaf itself, so that rows can descend until all have arrived.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Node {
    threshold: f64,
    feature: u32,
    right: u32,
}

impl Node {
    fn leaf(at: usize) -> Self {
        Self { threshold: f64::NEG_INFINITY, feature: 0, right: at as u32 }
    }

    fn next(self, at: u32, row: &[f64]) -> u32 {
        // Features are finite: none is at most the threshold of a leaf.
        select_unpredictable(row[self.feature as usize] <= self.threshold, at + 1, self.right)
    }
}

/// Columns, right children and thresholds `[nodes]`.
pub(crate) struct Parts {
    pub(crate) feature: Vec<u32>,
    pub(crate) right: Vec<u32>,
    pub(crate) threshold: Vec<f64>,
}

/// Training rows of the leaves of a tree.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct LeafSamples {
    pub(crate) rows: Vec<u32>,
    /// `[nodes + 1]`.
    pub(crate) begins: Vec<u32>,
}

fn malformed(expected: impl Into<String>, found: impl Into<String>) -> Error {
    Error::Malformed { origin: "arrays of a tree".into(), expected: expected.into(), found: found.into() }
}

impl Tree {
    pub(crate) fn new(grown: Grown, outputs: usize, samples: LeafSamples) -> Self {
        let inner = |node: usize| Node {
            threshold: grown.threshold[node],
            feature: grown.feature[node],
            right: grown.right[node],
        };
        let leaf = |node: usize| grown.feature[node] == LEAF;
        let nodes = 0..grown.feature.len();
        let nodes: Vec<Node> =
            nodes.map(|node| if leaf(node) { Node::leaf(node) } else { inner(node) }).collect();
        let Grown { cover, impurity, value, .. } = grown;
        Self { quick: Quick::of(&nodes), nodes, cover, impurity, value, outputs, samples }
    }

    /// Columns, right children and thresholds of the nodes.
    pub(crate) fn parts(&self) -> Parts {
        Parts {
            feature: self.nodes.iter().map(|node| node.feature).collect(),
            right: self.nodes.iter().map(|node| node.right).collect(),
            // Files contain finite numbers only: leaves are recognised by their right child.
            threshold: self.nodes.iter().map(|node| node.threshold.max(f64::MIN)).collect(),
        }
    }

    /// The inverse of [`parts`](Self::parts); fails unless nodes are depth first, left before right.
    pub(crate) fn from_parts(
        parts: Parts,
        cover: Vec<f64>,
        impurity: Vec<f64>,
        value: Vec<f64>,
    ) -> Result<Self> {
        let count = cover.len();
        if count == 0 {
            return Err(malformed("at least 1 node", "0"));
        }
        let outputs = value.len() / count;
        let mut nodes = Vec::with_capacity(count);
        // Right children that are still to come, the next one last.
        let mut coming: Vec<u32> = Vec::new();
        for index in 0..count {
            let (feature, right) = (parts.feature[index], parts.right[index]);
            if right as usize == index {
                nodes.push(Node::leaf(index));
                let next = coming.pop().map_or(count, |next| next as usize);
                if next != index + 1 {
                    return Err(malformed(
                        format!("node {next} after leaf {index}"),
                        format!("node {}", index + 1),
                    ));
                }
                continue;
            }
            if (right as usize) < index + 2 || right as usize >= count {
                let expected = format!("a right child from {} to {}", index + 2, count - 1);
                return Err(malformed(expected, right.to_string()));
            }
            coming.push(right);
            nodes.push(Node { threshold: parts.threshold[index], feature, right });
        }
        if !coming.is_empty() {
            return Err(malformed("every right child", "a tree that ends before"));
        }
        let quick = Quick::of(&nodes);
        Ok(Self { nodes, cover, impurity, value, outputs, quick, samples: LeafSamples::default() })
    }

    /// The number of leaves.
    #[must_use]
    pub fn leaves(&self) -> usize {
        (0..self.nodes.len()).filter(|&node| self.is_leaf(node)).count()
    }

    fn is_leaf(&self, node: usize) -> bool {
        self.nodes[node].right as usize == node
    }

    /// The number of outputs of a value.
    pub(crate) fn outputs(&self) -> usize {
        self.outputs
    }

    /// The largest column that a split compares.
    pub(crate) fn last_feature(&self) -> Option<u32> {
        (0..self.nodes.len()).filter(|&node| !self.is_leaf(node)).map(|node| self.nodes[node].feature).max()
    }

    /// The leaf of every row of a block `[rows][columns]`.
    ///
    /// Rows walk together, so that the processor works on one while it waits for the memory of another.
    pub(crate) fn leaves_of(&self, block: &[f64], columns: usize, leaves: &mut [u32]) {
        for (leaves, rows) in leaves.chunks_mut(TOGETHER).zip(block.chunks(columns * TOGETHER)) {
            if 2 * leaves.len() > TOGETHER {
                self.walk::<TOGETHER>(rows, columns, leaves);
            } else {
                self.walk::<{ TOGETHER / 2 }>(rows, columns, leaves);
            }
        }
    }

    /// The leaf of every row of a block, which is given in single precision too.
    pub(crate) fn leaves_of_both(&self, block: &[f64], single: &[f32], columns: usize, leaves: &mut [u32]) {
        let Some(quick) = &self.quick else { return self.leaves_of(block, columns, leaves) };
        for (part, leaves) in leaves.chunks_mut(TOGETHER).enumerate() {
            let at = part * TOGETHER * columns..(part * TOGETHER + leaves.len()) * columns;
            let exact = |at: u32, lane: usize| {
                let lane = lane.min(leaves.len() - 1);
                self.nodes[at as usize].next(at, &block[(part * TOGETHER + lane) * columns..][..columns])
            };
            let found = quick.walk(&single[at], columns, exact);
            leaves.copy_from_slice(&found[..leaves.len()]);
        }
    }

    /// At most `N` rows together.
    fn walk<const N: usize>(&self, rows: &[f64], columns: usize, leaves: &mut [u32]) {
        let row = |lane: usize| &rows[lane.min(leaves.len() - 1) * columns..][..columns];
        let rows: [&[f64]; N] = std::array::from_fn(row);
        let mut at = [0u32; N];
        loop {
            let mut moved = 0;
            // Checking after every step whether all have arrived costs more than a few superfluous steps.
            for _ in 0..4 {
                moved = 0;
                for (at, row) in at.iter_mut().zip(&rows) {
                    let next = self.nodes[*at as usize].next(*at, row);
                    moved |= next ^ *at;
                    *at = next;
                }
            }
            if moved == 0 {
                break;
            }
        }
        leaves.copy_from_slice(&at[..leaves.len()]);
    }

    /// Training rows of a leaf, as often as they were drawn.
    pub(crate) fn samples_of(&self, leaf: usize) -> &[u32] {
        let LeafSamples { rows, begins } = &self.samples;
        &rows[begins[leaf] as usize..begins[leaf + 1] as usize]
    }

    /// Whether every leaf holds a training row.
    pub(crate) fn leaves_hold_samples(&self) -> bool {
        (0..self.nodes.len()).all(|node| !self.is_leaf(node) || !self.samples_of(node).is_empty())
    }

    /// Whether the training rows of leaves were kept.
    pub(crate) fn has_samples(&self) -> bool {
        !self.samples.begins.is_empty()
    }
}

impl TreeView for Tree {
    fn nodes(&self) -> usize {
        self.nodes.len()
    }

    fn split(&self, node: usize) -> Option<TreeSplit> {
        let Node { threshold, feature, right } = self.nodes[node];
        let split = TreeSplit { feature: feature as usize, threshold, left: node + 1, right: right as usize };
        (split.right != node).then_some(split)
    }

    fn cover(&self, node: usize) -> f64 {
        self.cover[node]
    }

    fn impurity(&self, node: usize) -> f64 {
        self.impurity[node]
    }

    fn value(&self, node: usize) -> &[f64] {
        &self.value[node * self.outputs..(node + 1) * self.outputs]
    }
}

/// All numbers of features as one block, row by row.
pub(crate) fn block<'a>(rows: &'a ArrayView2<'_, f64>, spare: &'a mut Vec<f64>) -> &'a [f64] {
    match rows.as_slice() {
        Some(block) => block,
        None => {
            spare.clear();
            spare.extend(rows.iter());
            spare
        }
    }
}
