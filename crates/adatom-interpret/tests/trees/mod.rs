//! Trees of scikit-learn and random trees, as a foreign crate would show them to this one.

#![allow(dead_code, reason = "each test uses a part")]
#![allow(clippy::unwrap_used)]

use std::path::Path;

use adatom_core::{FittedModel, TreeEnsemble, TreeSplit, TreeView};
use ndarray::{Array2, ArrayView2};
use serde_json::Value;

pub(crate) struct ArrayTree {
    pub(crate) splits: Vec<Option<TreeSplit>>,
    pub(crate) cover: Vec<f64>,
    pub(crate) impurity: Vec<f64>,
    pub(crate) value: Vec<Vec<f64>>,
}

impl TreeView for ArrayTree {
    fn nodes(&self) -> usize {
        self.splits.len()
    }
    fn split(&self, node: usize) -> Option<TreeSplit> {
        self.splits[node]
    }
    fn cover(&self, node: usize) -> f64 {
        self.cover[node]
    }
    fn impurity(&self, node: usize) -> f64 {
        self.impurity[node]
    }
    fn value(&self, node: usize) -> &[f64] {
        &self.value[node]
    }
}

pub(crate) struct ArrayForest {
    pub(crate) trees: Vec<ArrayTree>,
    pub(crate) features: usize,
}

impl TreeEnsemble for ArrayForest {
    fn features(&self) -> usize {
        self.features
    }
    fn outputs(&self) -> usize {
        self.trees[0].value[0].len()
    }
    fn trees(&self) -> usize {
        self.trees.len()
    }
    fn tree(&self, index: usize) -> &dyn TreeView {
        &self.trees[index]
    }
}

impl FittedModel for ArrayForest {
    fn features(&self) -> usize {
        self.features
    }
    fn outputs(&self) -> usize {
        self.trees[0].value[0].len()
    }
    fn evaluate(&self, rows: ArrayView2<'_, f64>) -> Array2<f64> {
        self.predictions(rows)
    }
}

pub(crate) fn read(path: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

pub(crate) fn reference(name: &str) -> Value {
    read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/reference/trees").join(name))
}

pub(crate) fn numbers(value: &Value) -> Vec<f64> {
    match value {
        Value::Array(items) => items.iter().flat_map(numbers).collect(),
        number => vec![number.as_f64().unwrap()],
    }
}

pub(crate) fn matrix(value: &Value) -> Array2<f64> {
    let rows = value.as_array().unwrap();
    let all = numbers(value);
    Array2::from_shape_vec((rows.len(), all.len() / rows.len()), all).unwrap()
}

/// `trees` of a JSON of scikit-learn's arrays, as the references have them.
pub(crate) fn forest(document: &Value, features: usize) -> ArrayForest {
    let trees = document["trees"].as_array().unwrap();
    ArrayForest { trees: trees.iter().map(tree).collect(), features }
}

fn tree(arrays: &Value) -> ArrayTree {
    let list = |name: &str| numbers(&arrays[name]);
    let (feature, threshold) = (list("feature"), list("threshold"));
    let (left, right) = (list("left"), list("right"));
    let split = |node: usize| TreeSplit {
        feature: feature[node] as usize,
        threshold: threshold[node],
        left: left[node] as usize,
        right: right[node] as usize,
    };
    let split = |node: usize| (feature[node] >= 0.0).then(|| split(node));
    ArrayTree {
        splits: (0..feature.len()).map(split).collect(),
        cover: list("cover"),
        impurity: list("impurity"),
        value: arrays["value"].as_array().unwrap().iter().map(numbers).collect(),
    }
}

/// Numbers that look random, the same on every machine.
pub(crate) struct Numbers(pub(crate) u64);

impl Numbers {
    pub(crate) fn unit(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1u64 << 53) as f64
    }
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        ((self.unit() * bound as f64) as usize).min(bound - 1)
    }
}

/// A tree of `leaves` leaves with random splits of `features` columns of numbers from 0 to 1; covers may be
/// 0.
pub(crate) fn random_tree(leaves: usize, features: usize, outputs: usize, random: &mut Numbers) -> ArrayTree {
    let mut tree =
        ArrayTree { splits: vec![None], cover: vec![64.0], impurity: vec![0.0], value: Vec::new() };
    for _ in 1..leaves {
        let open: Vec<usize> = (0..tree.splits.len()).filter(|&node| tree.splits[node].is_none()).collect();
        // The deepest leaves more often, so that paths get long.
        let node = open[open.len() - 1 - random.below(open.len()).min(random.below(open.len()))];
        let (left, right) = (tree.splits.len(), tree.splits.len() + 1);
        let (feature, threshold) = (random.below(features), (random.unit() * 20.0).round() / 20.0);
        tree.splits[node] = Some(TreeSplit { feature, threshold, left, right });
        tree.splits.extend([None, None]);
        let part = (tree.cover[node] * random.unit() * 1.2 - 1.0).round().clamp(0.0, tree.cover[node]);
        tree.cover.extend([part, tree.cover[node] - part]);
    }
    tree.impurity = vec![0.0; tree.splits.len()];
    tree.value =
        (0..tree.splits.len()).map(|_| (0..outputs).map(|_| random.unit() - 0.5).collect()).collect();
    tree
}

pub(crate) fn random_forest(shape: [usize; 4], seed: u64) -> ArrayForest {
    let [trees, leaves, features, outputs] = shape;
    let mut random = Numbers(seed);
    let trees = (0..trees).map(|_| random_tree(leaves, features, outputs, &mut random)).collect();
    ArrayForest { trees, features }
}

pub(crate) fn random_rows(rows: usize, features: usize, seed: u64) -> Array2<f64> {
    let mut random = Numbers(seed);
    Array2::from_shape_fn((rows, features), |_| random.unit())
}
