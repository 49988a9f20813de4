//! Trees from and as the arrays of scikit-learn.

use super::{LeafSamples, Node, Quick, Tree, malformed};
use crate::Result;
use crate::engine::LEAF;

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

impl Tree {
    /// A tree from arrays in any order of nodes; node 0 is the root.
    ///
    /// # Errors
    /// [`Error::Malformed`](crate::Error::Malformed) when the arrays have different lengths or no node, a
    /// child is not a node or has two parents, a node cannot be reached, a number is not finite, or values
    /// differ in length.
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
}
