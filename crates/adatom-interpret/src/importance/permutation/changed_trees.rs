//! Predictions of trees after a permutation of columns, from the trees that it can change.
//!
//! A tree without a split on the group on the path of a row predicts as before. The others are evaluated
//! again from the first such split. Sums run over all trees in their order, as in
//! `TreeEnsemble::predictions`.

use ndarray::{Array2, ArrayView2};
use rayon::prelude::*;

use crate::importance::plain_tree::{LEAF, PlainTrees};
use crate::importance::region::ColumnGroup;

pub(super) struct ChangedTrees<'a> {
    trees: &'a PlainTrees,
    /// Row by row.
    rows: Vec<f64>,
    count: usize,
    /// Factors of the values of trees for each row `[n, trees]`; 1 without them.
    scale: Option<Array2<f64>>,
}

/// Which columns belong to a group, and which groups to a column.
struct Members {
    /// `[groups][p]`, for groups of more than one column.
    inside: Vec<Vec<bool>>,
    only: Vec<usize>,
    groups_of: Vec<Vec<u32>>,
}

impl Members {
    fn new(groups: &[ColumnGroup], features: usize) -> Self {
        let mut groups_of = vec![Vec::new(); features];
        let mut inside = Vec::with_capacity(groups.len());
        for (index, group) in groups.iter().enumerate() {
            let mut own = vec![false; if group.columns.len() > 1 { features } else { 0 }];
            for &column in &group.columns {
                if groups_of[column].last() != Some(&(index as u32)) {
                    groups_of[column].push(index as u32);
                }
                if let Some(own) = own.get_mut(column) {
                    *own = true;
                }
            }
            inside.push(own);
        }
        Self { inside, only: groups.iter().map(|group| group.columns[0]).collect(), groups_of }
    }

    fn contains(&self, group: usize, column: usize) -> bool {
        let inside = &self.inside[group];
        if inside.is_empty() { self.only[group] == column } else { inside[column] }
    }
}

/// A tree in which the row reaches another leaf.
struct Change {
    tree: u32,
    repeat: u32,
    leaf: u32,
}

/// Buffers of a thread.
struct Scratch {
    /// The last tree in which a group was met.
    met: Vec<u32>,
    changes: Vec<Vec<Change>>,
    /// `[trees][repeats][outputs]`: the contributions of trees to the prediction.
    added: Vec<f64>,
}

impl<'a> ChangedTrees<'a> {
    pub(super) fn new(trees: &'a PlainTrees, rows: ArrayView2<'_, f64>, scale: Option<Array2<f64>>) -> Self {
        Self { trees, rows: rows.iter().copied().collect(), count: rows.nrows(), scale }
    }

    /// Rows and outputs.
    pub(super) fn shape(&self) -> (usize, usize) {
        (self.count, self.trees.outputs)
    }

    fn row(&self, row: usize) -> &[f64] {
        &self.rows[row * self.trees.features..][..self.trees.features]
    }

    fn scale(&self, row: usize, tree: usize) -> f64 {
        self.scale.as_ref().map_or(1.0, |scale| scale[[row, tree]])
    }

    /// Predictions `[n, outputs]` before any permutation.
    pub(super) fn predictions(&self) -> Array2<f64> {
        let of_row = |row: usize| {
            let mut prediction = self.trees.base.clone();
            for (index, tree) in self.trees.trees.iter().enumerate() {
                let leaf = tree.descend(0, |column| self.row(row)[column]);
                let scale = self.scale(row, index);
                prediction.iter_mut().zip(tree.value(leaf)).for_each(|(sum, value)| *sum += scale * value);
            }
            prediction
        };
        let predictions: Vec<Vec<f64>> = (0..self.count).into_par_iter().map(of_row).collect();
        Array2::from_shape_vec(self.shape(), predictions.concat()).expect("every row has its outputs")
    }

    /// Predictions `[n][groups · repeats · outputs]` after permutations; `orders` `[groups · repeats]` are
    /// the rows from which the columns of a group are taken.
    pub(super) fn permuted(
        &self,
        groups: &[ColumnGroup],
        orders: &[Vec<usize>],
        repeats: usize,
    ) -> Vec<Vec<f64>> {
        let members = Members::new(groups, self.trees.features);
        let width = repeats * self.trees.outputs;
        let start = || Scratch {
            met: vec![u32::MAX; groups.len()],
            changes: groups.iter().map(|_| Vec::new()).collect(),
            added: vec![0.0; self.trees.trees.len() * width],
        };
        let of_row = |scratch: &mut Scratch, row: usize| {
            self.find_changes(row, &members, orders, scratch);
            self.sum(row, repeats, scratch)
        };
        (0..self.count).into_par_iter().map_init(start, of_row).collect()
    }

    /// Goes down all trees again where a group can change the way; notes what the trees add as they are.
    fn find_changes(&self, row: usize, members: &Members, orders: &[Vec<usize>], scratch: &mut Scratch) {
        let repeats = orders.len() / members.only.len();
        let width = repeats * self.trees.outputs;
        let own = self.row(row);
        scratch.met.fill(u32::MAX);
        for (index, tree) in self.trees.trees.iter().enumerate() {
            let scale = self.scale(row, index);
            let end = tree.descend(0, |column| own[column]);
            let added = &mut scratch.added[index * width..][..width];
            for added in added.chunks_mut(self.trees.outputs) {
                added.iter_mut().zip(tree.value(end)).for_each(|(added, value)| *added = scale * value);
            }
            if scale == 0.0 {
                continue;
            }
            let mut node = 0;
            while tree.nodes[node].feature != LEAF {
                let here = tree.nodes[node];
                for &group in &members.groups_of[here.feature as usize] {
                    let group = group as usize;
                    if scratch.met[group] == index as u32 {
                        continue;
                    }
                    scratch.met[group] = index as u32;
                    for repeat in 0..repeats {
                        let other = self.row(orders[group * repeats + repeat][row]);
                        let value = |column| {
                            if members.contains(group, column) { other[column] } else { own[column] }
                        };
                        let leaf = tree.descend(node, value);
                        if leaf != end {
                            let (tree, repeat, leaf) = (index as u32, repeat as u32, leaf as u32);
                            scratch.changes[group].push(Change { tree, repeat, leaf });
                        }
                    }
                }
                let left = own[here.feature as usize] <= here.threshold;
                node = if left { node + 1 } else { here.right as usize };
            }
        }
    }

    fn sum(&self, row: usize, repeats: usize, scratch: &mut Scratch) -> Vec<f64> {
        let outputs = self.trees.outputs;
        let width = repeats * outputs;
        let Scratch { changes, added, .. } = scratch;
        let whole = |added: &[f64]| {
            let mut sums = self.trees.base.repeat(repeats);
            for added in added.chunks(width) {
                sums.iter_mut().zip(added).for_each(|(sum, added)| *sum += added);
            }
            sums
        };
        let unchanged = whole(added);
        let mut predictions = Vec::with_capacity(changes.len() * width);
        for changes in changes {
            if changes.is_empty() {
                predictions.extend_from_slice(&unchanged);
                continue;
            }
            let mut before = Vec::with_capacity(changes.len() * outputs);
            for &Change { tree, repeat, leaf } in changes.iter() {
                let value = self.trees.trees[tree as usize].value(leaf as usize);
                let scale = self.scale(row, tree as usize);
                let place = &mut added[tree as usize * width + repeat as usize * outputs..][..outputs];
                before.extend_from_slice(place);
                place.iter_mut().zip(value).for_each(|(place, value)| *place = scale * value);
            }
            predictions.extend(whole(added));
            for (&Change { tree, repeat, .. }, before) in changes.iter().zip(before.chunks(outputs)) {
                let at = tree as usize * width + repeat as usize * outputs;
                added[at..][..outputs].copy_from_slice(before);
            }
            changes.clear();
        }
        predictions
    }
}
