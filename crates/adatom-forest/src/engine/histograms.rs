//! Sums of the rows of a node by bin, of every column, in binned mode with all columns as candidates.
//!
//! Of two children only the smaller is counted: the larger is what is left of the parent. All three must hold
//! cells on the same grid, so that the properties are not rounded anew in between.

use std::ops::Range;

use rayon::prelude::*;

use super::columns::{BINS, Columns, RankColumn};
use super::gain::Cell;

/// `[p][BINS]`: sums and numbers of rows.
pub(super) struct Histograms<const M: usize> {
    cells: Vec<Cell<M>>,
    counts: Vec<u32>,
}

/// A larger child of so many rows is cheaper to subtract than to count.
pub(super) const LEAST: usize = 1024;

/// Histograms of a node may take so much memory.
const MOST_BYTES: usize = 32 << 20;

impl<const M: usize> Histograms<M> {
    /// Whether histograms of so many columns fit.
    pub(super) fn fit(columns: usize) -> bool {
        columns.saturating_mul(BINS * (size_of::<Cell<M>>() + size_of::<u32>())) <= MOST_BYTES
    }

    /// Counts rows.
    pub(super) fn of(columns: &Columns<'_>, cells: &[Cell<M>], rows: &[u32], inside: bool) -> Self {
        let mut own =
            Self { cells: vec![[0.0; M]; columns.len() * BINS], counts: vec![0; columns.len() * BINS] };
        let one = |(column, (sums, counts)): (usize, (&mut [Cell<M>], &mut [u32]))| {
            let RankColumn::Narrow(bins) = columns.ranks(column) else {
                unreachable!("bins are stored in 16 bits")
            };
            for &row in rows {
                let bin = usize::from(bins[row as usize]);
                sums[bin].iter_mut().zip(&cells[row as usize]).for_each(|(sum, value)| *sum += value);
                counts[bin] += 1;
            }
        };
        if inside {
            let counts = own.counts.par_chunks_mut(BINS);
            own.cells.par_chunks_mut(BINS).zip(counts).enumerate().for_each(one);
        } else {
            own.cells.chunks_mut(BINS).zip(own.counts.chunks_mut(BINS)).enumerate().for_each(one);
        }
        own
    }

    /// The histograms without the rows of another node.
    pub(super) fn without(mut self, other: &Self) -> Self {
        for (own, other) in self.cells.iter_mut().zip(&other.cells) {
            own.iter_mut().zip(other).for_each(|(own, other)| *own -= other);
        }
        self.counts.iter_mut().zip(&other.counts).for_each(|(own, other)| *own -= other);
        self
    }

    /// Sums and numbers of rows of a column, and the bins that hold any.
    pub(super) fn column(&self, column: usize) -> (&[Cell<M>], &[u32], Range<usize>) {
        let at = column * BINS..(column + 1) * BINS;
        let counts = &self.counts[at.clone()];
        let first = counts.iter().position(|&count| count > 0).unwrap_or(0);
        let last = counts.iter().rposition(|&count| count > 0).unwrap_or(0);
        (&self.cells[at], counts, first..last + 1)
    }
}
