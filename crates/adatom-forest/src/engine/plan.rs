//! Parameters of a forest as numbers for given data.

use crate::{ForestParams, MaxFeatures, Splitter};

/// The conditions for splitting a node, and the number of candidate columns.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plan {
    pub(crate) max_depth: usize,
    pub(crate) min_samples_split: usize,
    pub(crate) min_samples_leaf: usize,
    /// As a part of the sum of all weights.
    pub(crate) min_weight_leaf: f64,
    pub(crate) min_impurity_decrease: f64,
    pub(crate) candidates: usize,
    pub(crate) random_cuts: bool,
    /// Whether several threads work on one tree.
    pub(crate) inside: bool,
}

impl Plan {
    pub(crate) fn new(params: &ForestParams, columns: usize, default: MaxFeatures) -> Self {
        Self {
            max_depth: params.max_depth.unwrap_or(usize::MAX),
            min_samples_split: params.min_samples_split.max(2),
            min_samples_leaf: params.min_samples_leaf.max(1),
            min_weight_leaf: params.min_weight_leaf,
            min_impurity_decrease: params.min_impurity_decrease,
            candidates: params.max_features.unwrap_or(default).of(columns),
            random_cuts: params.splitter == Splitter::Random,
            inside: params.trees < rayon::current_num_threads(),
        }
    }

    /// Whether sorted lists of rows `[n, p]` pay: they fit into memory, and many columns are looked at in
    /// every node.
    pub(crate) fn in_lists(&self, rows: usize, columns: usize) -> bool {
        !self.random_cuts && MOST * self.candidates >= columns && 2 * rows * columns <= MOST_BYTES
    }
}

/// Lists pay if at least one of so many columns is a candidate.
const MOST: usize = 5;

/// Lists of a tree may take so much memory; larger trees sort in every node.
const MOST_BYTES: usize = 64 << 20;
