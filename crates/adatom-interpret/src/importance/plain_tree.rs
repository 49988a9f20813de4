//! Trees in depth-first order, validated, with the fraction of the rows of the parent at each node.

use adatom_core::{TreeEnsemble, TreeView};
use rayon::prelude::*;

use super::error::{ImportanceError, Result, at_least, exactly};

/// Nodes depth first, left before right: the left child of a node is the next one.
#[derive(Debug, Clone)]
pub(crate) struct PlainTree {
    pub(crate) nodes: Vec<PlainNode>,
    /// The contribution of each leaf to the prediction `[nodes][outputs]`: its value times the weight of the
    /// tree; 0 at inner nodes.
    pub(crate) value: Vec<f64>,
    pub(crate) outputs: usize,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct PlainNode {
    pub(crate) threshold: f64,
    /// The fraction of the cover of the parent; 1 at the root.
    pub(crate) share: f64,
    /// [`LEAF`] at leaves.
    pub(crate) feature: u32,
    pub(crate) right: u32,
    pub(crate) depth: u32,
}

pub(crate) const LEAF: u32 = u32::MAX;

impl PlainTree {
    pub(crate) fn value(&self, node: usize) -> &[f64] {
        &self.value[node * self.outputs..][..self.outputs]
    }

    pub(crate) fn is_leaf(&self, node: usize) -> bool {
        self.nodes[node].feature == LEAF
    }

    /// Adds the mean of the leaves `[outputs]`, weighted with their cover.
    pub(crate) fn add_expected(&self, sums: &mut [f64]) {
        let mut reach = vec![1.0; self.nodes.len()];
        for (node, here) in self.nodes.iter().enumerate() {
            if here.feature == LEAF {
                sums.iter_mut().zip(self.value(node)).for_each(|(sum, value)| *sum += reach[node] * value);
            } else {
                for child in [node + 1, here.right as usize] {
                    reach[child] = reach[node] * self.nodes[child].share;
                }
            }
        }
    }

    /// The leaf below a node.
    pub(crate) fn descend(&self, mut node: usize, value: impl Fn(usize) -> f64) -> usize {
        loop {
            let PlainNode { feature, threshold, right, .. } = self.nodes[node];
            if feature == LEAF {
                return node;
            }
            node = if value(feature as usize) <= threshold { node + 1 } else { right as usize };
        }
    }
}

/// A validated ensemble.
#[derive(Debug, Clone)]
pub(crate) struct PlainTrees {
    pub(crate) trees: Vec<PlainTree>,
    pub(crate) base: Vec<f64>,
    pub(crate) features: usize,
    pub(crate) outputs: usize,
}

impl PlainTrees {
    pub(crate) fn new(ensemble: &dyn TreeEnsemble) -> Result<Self> {
        let (features, outputs) = (ensemble.features(), ensemble.outputs());
        at_least("trees", 1, ensemble.trees())?;
        at_least("outputs", 1, outputs)?;
        let base = ensemble.base();
        exactly("numbers in the base of the ensemble", outputs, base.len())?;
        if let Some((output, found)) = base.iter().enumerate().find(|(_, value)| !value.is_finite()) {
            let (what, column, found) = ("the base", output, *found);
            return Err(ImportanceError::NotFinite { what, row: 0, column, found });
        }
        let one = |index: usize| {
            let check = Check { tree: ensemble.tree(index), index, features, outputs };
            check.plain(ensemble.weight(index))
        };
        let trees = (0..ensemble.trees()).into_par_iter().map(one).collect::<Result<_>>()?;
        Ok(Self { trees, base, features, outputs })
    }
}

/// A node that is visited next.
struct Visit {
    node: usize,
    /// The fraction of the cover of the parent.
    share: f64,
    depth: u32,
    /// The parent of a right child.
    right_of: Option<usize>,
}

struct Check<'a> {
    tree: &'a dyn TreeView,
    index: usize,
    features: usize,
    outputs: usize,
}

impl Check<'_> {
    fn refuse<T>(&self, node: usize, expected: impl Into<String>, found: impl ToString) -> Result<T> {
        let (expected, found) = (expected.into(), found.to_string());
        Err(ImportanceError::Tree { tree: self.index, node, expected, found })
    }

    fn plain(&self, weight: f64) -> Result<PlainTree> {
        let count = self.tree.nodes();
        if count == 0 || count >= LEAF as usize {
            return self.refuse(0, "at least one node and fewer than 2^32 - 1", count);
        }
        if !weight.is_finite() {
            return self.refuse(0, "a finite weight of the tree", weight);
        }
        let mut plain = PlainTree {
            nodes: Vec::with_capacity(count),
            value: Vec::with_capacity(count * self.outputs),
            outputs: self.outputs,
        };
        let mut waiting = vec![Visit { node: 0, share: 1.0, depth: 0, right_of: None }];
        while let Some(Visit { node, share, depth, right_of }) = waiting.pop() {
            if plain.nodes.len() == count {
                return self.refuse(node, "one parent", "several");
            }
            let at = plain.nodes.len();
            if let Some(parent) = right_of {
                plain.nodes[parent].right = at as u32;
            }
            let mut here = PlainNode { threshold: 0.0, share, feature: LEAF, right: at as u32, depth };
            match self.tree.split(node) {
                None => self.leaf(node, weight, &mut plain.value)?,
                Some(split) => {
                    for child in [split.left, split.right] {
                        if child <= node || child >= count {
                            return self.refuse(
                                node,
                                format!("children {} to {}", node + 1, count - 1),
                                child,
                            );
                        }
                    }
                    if split.feature >= self.features {
                        return self.refuse(node, format!("a column below {}", self.features), split.feature);
                    }
                    (here.feature, here.threshold) = (split.feature as u32, split.threshold);
                    plain.value.extend(std::iter::repeat_n(0.0, self.outputs));
                    let left = self.left_share(split.left, split.right)?;
                    let depth = depth + 1;
                    waiting.push(Visit { node: split.right, share: 1.0 - left, depth, right_of: Some(at) });
                    waiting.push(Visit { node: split.left, share: left, depth, right_of: None });
                }
            }
            plain.nodes.push(here);
        }
        Ok(plain)
    }

    fn leaf(&self, node: usize, weight: f64, values: &mut Vec<f64>) -> Result<()> {
        let value = self.tree.value(node);
        if value.len() != self.outputs {
            return self.refuse(node, format!("{} values", self.outputs), value.len());
        }
        if let Some(wrong) = value.iter().find(|value| !value.is_finite()) {
            return self.refuse(node, "finite values", wrong);
        }
        values.extend(value.iter().map(|value| weight * value));
        Ok(())
    }

    /// The fraction of the cover in the left child; 0.5 without cover.
    fn left_share(&self, left: usize, right: usize) -> Result<f64> {
        let covers = [left, right].map(|child| self.tree.cover(child));
        for (child, cover) in [left, right].into_iter().zip(covers) {
            if !(cover.is_finite() && cover >= 0.0) {
                return self.refuse(child, "a finite non-negative cover", cover);
            }
        }
        let whole = covers[0] + covers[1];
        Ok(if whole > 0.0 { covers[0] / whole } else { 0.5 })
    }
}
