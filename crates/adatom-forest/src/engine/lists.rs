//! Rows of a tree in increasing order of every column, kept sorted as nodes are split.
//!
//! Where most columns are candidates at every split, keeping them sorted (a stable partition) costs less than
//! sorting them anew in every node.

use std::ops::Range;

use rayon::prelude::*;

use super::columns::Columns;

/// `[p][n]`: the rows of a tree, sorted by each column within each node.
pub(super) struct Lists {
    rows: Vec<u16>,
    len: usize,
    spare: Vec<u16>,
}

impl Lists {
    /// The rows with a positive weight, `len` of them.
    pub(super) fn new(columns: &Columns<'_>, weights: &[f64], len: usize) -> Self {
        let drawn: Vec<u8> = weights.iter().map(|&weight| u8::from(weight > 0.0)).collect();
        let mut rows = Vec::with_capacity(len * columns.len());
        let mut list = vec![0u16; columns.rows() + 1];
        for column in 0..columns.len() {
            let order = columns.order(column).expect("lists are made only where the order is kept");
            let mut to = 0;
            for &row in order {
                list[to] = row;
                to += usize::from(drawn[usize::from(row)]);
            }
            rows.extend_from_slice(&list[..len]);
        }
        Self { rows, len, spare: Vec::new() }
    }

    /// The rows of a node in increasing order of a column.
    pub(super) fn node(&self, column: usize, at: &Range<usize>) -> &[u16] {
        &self.rows[column * self.len + at.start..column * self.len + at.end]
    }

    /// Moves the rows of a node that go left before the others, in every column, keeping their order.
    pub(super) fn split(&mut self, at: &Range<usize>, left: &[u8], inside: bool) {
        let len = at.len();
        if inside {
            let spare = || vec![0u16; len];
            self.rows.par_chunks_mut(self.len).for_each_init(spare, |right, list| {
                partition(&mut list[at.clone()], left, right);
            });
        } else {
            if self.spare.len() < len {
                self.spare.resize(len, 0);
            }
            let right = &mut self.spare[..len];
            self.rows.chunks_mut(self.len).for_each(|list| partition(&mut list[at.clone()], left, right));
        }
    }
}

/// A stable partition without branches that depend on data; `right` has room for all.
fn partition(rows: &mut [u16], left: &[u8], right: &mut [u16]) {
    let right = &mut right[..rows.len()];
    let (mut to_left, mut to_right) = (0, 0);
    for from in 0..rows.len() {
        let row = rows[from];
        let goes = usize::from(left[usize::from(row)]);
        rows[to_left] = row;
        right[to_right] = row;
        to_left += goes;
        to_right += 1 - goes;
    }
    rows[to_left..].copy_from_slice(&right[..to_right]);
}
