//! A fitted tree as flat arrays.

use std::hint::select_unpredictable;

use adatom_core::{TreeSplit, TreeView};
use ndarray::ArrayView2;

use crate::engine::{Grown, LEAF};
use crate::{Error, Result};

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

/// 16 bytes: what a row meets on its way. The left child is the next node; at a leaf no row goes left, and
/// the right child is the leaf itself, so that rows can walk on until all have arrived.
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

/// What rows meet on their way, as arrays `[nodes]`.
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

/// A tree as scikit-learn's arrays `[nodes]`: at a leaf `feature` is negative and children are ignored.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct TreeArrays {
    /// The column compared, negative at leaves.
    pub feature: Vec<i64>,
    /// Rows whose value is at most this go left.
    pub threshold: Vec<f64>,
    /// Left children.
    pub left: Vec<i64>,
    /// Right children.
    pub right: Vec<i64>,
    /// Weights of the training rows that reached the nodes.
    pub cover: Vec<f64>,
    /// Their impurity.
    pub impurity: Vec<f64>,
    /// Values of the nodes `[nodes][outputs]`.
    pub value: Vec<Vec<f64>>,
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

    /// A tree from arrays in any order of nodes; node 0 is the root.
    ///
    /// # Errors
    /// [`Error::Malformed`] when the arrays have different lengths or no node, a child is no node or has two
    /// parents, a node cannot be reached, a number is not finite, or values differ in length.
    pub fn from_arrays(arrays: TreeArrays) -> Result<Self> {
        let count = arrays.feature.len();
        let lengths = [
            arrays.threshold.len(),
            arrays.left.len(),
            arrays.right.len(),
            arrays.cover.len(),
            arrays.impurity.len(),
            arrays.value.len(),
        ];
        if count == 0 || count >= LEAF as usize || lengths.iter().any(|&length| length != count) {
            return Err(malformed("arrays of one length, at least 1", format!("{count} and {lengths:?}")));
        }
        let outputs = arrays.value[0].len();
        if outputs == 0 || arrays.value.iter().any(|value| value.len() != outputs) {
            return Err(malformed("values of one length, at least 1", "others"));
        }
        let numbers = [&arrays.threshold, &arrays.cover, &arrays.impurity];
        let mut all = numbers.into_iter().chain(&arrays.value).flatten();
        if let Some(number) = all.find(|number| !number.is_finite()) {
            return Err(malformed("finite numbers", number.to_string()));
        }
        let mut tree = Self {
            nodes: Vec::with_capacity(count),
            cover: Vec::with_capacity(count),
            impurity: Vec::with_capacity(count),
            value: Vec::with_capacity(count * outputs),
            outputs,
            quick: None,
            samples: LeafSamples::default(),
        };
        // (node, the parent whose right child it is)
        let mut waiting = vec![(0usize, None)];
        let mut seen = vec![false; count];
        while let Some((node, right_of)) = waiting.pop() {
            let index = tree.nodes.len();
            if std::mem::replace(&mut seen[node], true) {
                return Err(malformed("every node to have one parent", "a node with two"));
            }
            if let Some(parent) = right_of {
                let parent: &mut Node = &mut tree.nodes[parent];
                parent.right = index as u32;
            }
            tree.cover.push(arrays.cover[node]);
            tree.impurity.push(arrays.impurity[node]);
            tree.value.extend_from_slice(&arrays.value[node]);
            if arrays.feature[node] < 0 {
                tree.nodes.push(Node::leaf(index));
                continue;
            }
            let feature = u32::try_from(arrays.feature[node]).ok().filter(|&feature| feature != LEAF);
            let feature = feature.ok_or_else(|| malformed("a column", arrays.feature[node].to_string()))?;
            tree.nodes.push(Node { threshold: arrays.threshold[node], feature, right: 0 });
            let child = |child: i64| {
                let inside = usize::try_from(child).ok().filter(|&child| child < count && child != 0);
                inside.ok_or_else(|| malformed(format!("a child from 1 to {}", count - 1), child.to_string()))
            };
            waiting.push((child(arrays.right[node])?, Some(index)));
            waiting.push((child(arrays.left[node])?, None));
        }
        if tree.nodes.len() < count {
            return Err(malformed("every node to be reached", format!("{} of {count}", tree.nodes.len())));
        }
        tree.quick = Quick::of(&tree.nodes);
        Ok(tree)
    }

    /// Columns, right children and thresholds of the nodes.
    pub(crate) fn parts(&self) -> Parts {
        Parts {
            feature: self.nodes.iter().map(|node| node.feature).collect(),
            right: self.nodes.iter().map(|node| node.right).collect(),
            // What is below all numbers is no number for a file: leaves are known by their right child.
            threshold: self.nodes.iter().map(|node| node.threshold.max(f64::MIN)).collect(),
        }
    }

    /// A tree from what [`parts`](Self::parts) gave, if it is one: every node depth first, left before right.
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

    /// The tree as scikit-learn's arrays.
    #[must_use]
    pub fn to_arrays(&self) -> TreeArrays {
        let inner = |node: usize| !self.is_leaf(node);
        let each = |at: &dyn Fn(usize) -> i64, leaf: i64| {
            (0..self.nodes.len()).map(|node| if inner(node) { at(node) } else { leaf }).collect()
        };
        let threshold = |node: usize| if inner(node) { self.nodes[node].threshold } else { -2.0 };
        TreeArrays {
            feature: each(&|node| i64::from(self.nodes[node].feature), -2),
            threshold: (0..self.nodes.len()).map(threshold).collect(),
            left: each(&|node| node as i64 + 1, -1),
            right: each(&|node| i64::from(self.nodes[node].right), -1),
            cover: self.cover.clone(),
            impurity: self.impurity.clone(),
            value: self.value.chunks(self.outputs).map(<[f64]>::to_vec).collect(),
        }
    }

    /// How many leaves the tree has.
    #[must_use]
    pub fn leaves(&self) -> usize {
        (0..self.nodes.len()).filter(|&node| self.is_leaf(node)).count()
    }

    fn is_leaf(&self, node: usize) -> bool {
        self.nodes[node].right as usize == node
    }

    /// How many numbers a value has.
    pub(crate) fn outputs(&self) -> usize {
        self.outputs
    }

    /// The largest column that is compared.
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
            // Looking at every step whether all have arrived costs more than some steps too many.
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

/// Nodes of 8 bytes, for rows in single precision.
///
/// Rounding keeps order: where the rounded value and threshold differ, they compare as the exact ones do.
/// Where they are equal, the exact ones are asked.
#[derive(Debug, Clone, PartialEq)]
struct Quick {
    nodes: Vec<QuickNode>,
    /// Bits of a link that hold the column; the others hold the right child.
    bits: u32,
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct QuickNode {
    threshold: f32,
    link: u32,
}

impl Quick {
    /// None where column and child do not fit into 32 bits.
    fn of(nodes: &[Node]) -> Option<Self> {
        let bits = |number: u32| u32::BITS - number.leading_zeros();
        let columns = bits(nodes.iter().map(|node| node.feature).max()?);
        if columns + bits(u32::try_from(nodes.len()).ok()?) > u32::BITS || columns == u32::BITS {
            return None;
        }
        let quick = |node: &Node| QuickNode {
            threshold: node.threshold as f32,
            link: node.right << columns | node.feature,
        };
        Some(Self { nodes: nodes.iter().map(quick).collect(), bits: columns })
    }

    /// The leaves of up to [`TOGETHER`] rows; `exact` says where a row of the block goes next where rounding
    /// cannot.
    fn walk(&self, rows: &[f32], columns: usize, exact: impl Fn(u32, usize) -> u32) -> [u32; TOGETHER] {
        let count = rows.len() / columns;
        let rows: [&[f32]; TOGETHER] =
            std::array::from_fn(|lane| &rows[lane.min(count - 1) * columns..][..columns]);
        let mask = (1u32 << self.bits) - 1;
        let mut at = [0u32; TOGETHER];
        loop {
            let mut moved = 0;
            // Looking at every step whether all have arrived costs more than some steps too many.
            for _ in 0..4 {
                moved = 0;
                for (lane, (at, row)) in at.iter_mut().zip(&rows).enumerate() {
                    let QuickNode { threshold, link } = self.nodes[*at as usize];
                    let value = row[(link & mask) as usize];
                    let mut next = select_unpredictable(value <= threshold, *at + 1, link >> self.bits);
                    if value == threshold {
                        next = exact(*at, lane);
                    }
                    moved |= next ^ *at;
                    *at = next;
                }
            }
            if moved == 0 {
                return at;
            }
        }
    }
}

/// Rows that walk down a tree together.
const TOGETHER: usize = 16;

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
