//! Minimal cost-complexity pruning (Breiman, Friedman, Olshen, Stone 1984, chapter 3).
//!
//! R(t) is the impurity of node t weighted with the fraction of the rows that reach it. The weakest branch,
//! that with the smallest (R(t) - R(leaves below t)) / (leaves - 1), is made a leaf until none is weaker than
//! α.

use adatom_core::TreeView;

use crate::tree::{LeafSamples, Tree, TreeArrays};

impl Tree {
    pub(crate) fn pruned(self, alpha: f64) -> Self {
        let cut = self.weak_branches(alpha);
        if cut.iter().all(|&cut| !cut) { self } else { self.without_below(&cut) }
    }

    /// The nodes that become leaves.
    fn weak_branches(&self, alpha: f64) -> Vec<bool> {
        let count = self.nodes();
        let whole = self.cover(0);
        let risk: Vec<f64> = (0..count).map(|node| self.cover(node) * self.impurity(node) / whole).collect();
        let mut leaf: Vec<bool> = (0..count).map(|node| self.split(node).is_none()).collect();
        loop {
            // (risk of the leaves below, how many they are); children have larger numbers.
            let mut below = vec![(0.0, 0usize); count];
            let mut weakest: Option<(f64, usize)> = None;
            for node in (0..count).rev() {
                let Some(split) = self.split(node).filter(|_| !leaf[node]) else {
                    below[node] = (risk[node], 1);
                    continue;
                };
                let (left, right) = (below[split.left], below[split.right]);
                below[node] = (left.0 + right.0, left.1 + right.1);
            }
            let mut waiting = vec![0];
            while let Some(node) = waiting.pop() {
                let Some(split) = self.split(node).filter(|_| !leaf[node]) else { continue };
                let strength = (risk[node] - below[node].0) / (below[node].1 - 1) as f64;
                if weakest.is_none_or(|(least, _)| strength < least) {
                    weakest = Some((strength, node));
                }
                waiting.extend([split.right, split.left]);
            }
            match weakest {
                Some((strength, node)) if strength <= alpha => leaf[node] = true,
                _ => return (0..count).map(|node| leaf[node] && self.split(node).is_some()).collect(),
            }
        }
    }

    /// The tree with some inner nodes made leaves, which take the training rows of what was below.
    fn without_below(&self, cut: &[bool]) -> Self {
        let arrays = self.to_arrays();
        let mut kept = Vec::new();
        let mut waiting = vec![0usize];
        // End of the subtree of every node, in numbers depth first.
        let mut ends: Vec<usize> = (1..=self.nodes()).collect();
        for node in (0..self.nodes()).rev() {
            if let Some(split) = self.split(node) {
                ends[node] = ends[split.right];
            }
        }
        while let Some(node) = waiting.pop() {
            kept.push(node);
            if let Some(split) = self.split(node).filter(|_| !cut[node]) {
                waiting.extend([split.right, split.left]);
            }
        }
        let place = |node: i64| kept.binary_search(&(node as usize)).map_or(-1, |place| place as i64);
        let pick = |values: &[f64]| kept.iter().map(|&node| values[node]).collect();
        let pruned = TreeArrays {
            feature: kept.iter().map(|&node| if cut[node] { -2 } else { arrays.feature[node] }).collect(),
            threshold: pick(&arrays.threshold),
            left: kept.iter().map(|&node| place(arrays.left[node])).collect(),
            right: kept.iter().map(|&node| place(arrays.right[node])).collect(),
            cover: pick(&arrays.cover),
            impurity: pick(&arrays.impurity),
            value: kept.iter().map(|&node| arrays.value[node].clone()).collect(),
        };
        let mut tree = Self::from_arrays(pruned).expect("a part of a tree is a tree");
        if self.has_samples() {
            let LeafSamples { rows, begins } = &self.samples;
            let leaf = |node: usize| cut[node] || self.split(node).is_none();
            let mut samples = LeafSamples { rows: rows.clone(), begins: vec![0] };
            for &node in &kept {
                let last = *samples.begins.last().expect("it begins with 0");
                samples.begins.push(if leaf(node) { begins[ends[node]] } else { last });
            }
            tree.samples = samples;
        }
        tree
    }
}
