//! Columns converted to ranks without gaps, once for all trees.
//!
//! The rank of a value is the number of smaller distinct values in its column; equal values share one. Up to
//! 65,536 rows a value takes 4 bytes: its rank and its position in the sorted order, 16 bits each; beyond
//! that its rank, 32 bits.

use ndarray::{ArrayView1, ArrayView2};
use rayon::prelude::*;

/// Ranks `[p][n]` of all columns.
pub(crate) struct Columns<'a> {
    values: ArrayView2<'a, f64>,
    ranks: Ranks,
    /// The number of distinct ranks of each column.
    distinct: Vec<u32>,
    /// In binned mode: the largest value of every bin.
    tops: Option<Vec<Vec<f64>>>,
    /// For random cuts: the distinct values of every column.
    sorted: Vec<Vec<f64>>,
    /// Narrow ranks `[n][p]`, row by row.
    by_row: Option<Vec<u16>>,
}

enum Ranks {
    /// Ranks and, in increasing order of rank, rows.
    Narrow {
        ranks: Vec<u16>,
        order: Vec<u16>,
    },
    Wide(Vec<u32>),
}

/// The ranks of one column.
#[derive(Clone, Copy)]
pub(crate) enum RankColumn<'a> {
    Narrow(&'a [u16]),
    Wide(&'a [u32]),
}

/// A number that ranks and rows are stored in.
pub(crate) trait Index: Copy + Send + Sync {
    fn of(number: usize) -> Self;
    fn get(self) -> usize;
}

impl Index for u16 {
    fn of(number: usize) -> Self {
        number as u16
    }
    fn get(self) -> usize {
        usize::from(self)
    }
}

impl Index for u32 {
    fn of(number: usize) -> Self {
        number as u32
    }
    fn get(self) -> usize {
        self as usize
    }
}

/// Rows up to which 16 bits are enough.
const NARROW: usize = 1 << 16;

/// Bins of a column in binned mode.
pub(super) const BINS: usize = 255;

/// A column of whole numbers whose order is that of the values; both zeros are one value.
fn keys(column: ArrayView1<'_, f64>) -> Vec<(u64, u32)> {
    let key = |value: f64| {
        let bits = (value + 0.0).to_bits();
        if bits >> 63 == 0 { bits | 1 << 63 } else { !bits }
    };
    let mut keys: Vec<(u64, u32)> =
        column.iter().enumerate().map(|(row, &value)| (key(value), row as u32)).collect();
    keys.sort_unstable();
    keys
}

/// Writes the ranks of sorted keys; returns the number of distinct ones.
fn rank<T: Index>(keys: &[(u64, u32)], ranks: &mut [T]) -> u32 {
    let mut rank = 0;
    for (place, &(key, row)) in keys.iter().enumerate() {
        if place > 0 && key != keys[place - 1].0 {
            rank += 1;
        }
        ranks[row as usize] = T::of(rank);
    }
    rank as u32 + 1
}

/// Numbers of bins instead of ranks: bins of about equal numbers of rows, equal values in one. Also their
/// last rows.
fn bin<T: Index>(keys: &[(u64, u32)], ranks: &mut [T]) -> Vec<u32> {
    let few = keys.chunk_by(|left, right| left.0 == right.0).nth(BINS).is_none();
    let mut last = Vec::new();
    let mut filled = 0;
    for (place, &(key, row)) in keys.iter().enumerate() {
        ranks[row as usize] = T::of(last.len());
        filled += 1;
        let rest = keys.len() - place - 1;
        let ends = keys.get(place + 1).is_none_or(|next| next.0 != key);
        // What is left is shared evenly among the bins that are left; the last takes all of it.
        let open = BINS - last.len();
        if ends && (few || rest == 0 || (open > 1 && filled * open >= filled + rest)) {
            last.push(row);
            filled = 0;
        }
    }
    last
}

impl<'a> Columns<'a> {
    /// Ranks of the features `[n, p]`, which must be finite.
    pub(crate) fn exact(values: ArrayView2<'a, f64>) -> Self {
        let (rows, columns) = values.dim();
        if rows > NARROW {
            let mut ranks = vec![0u32; rows * columns];
            let distinct = (ranks.par_chunks_mut(rows).enumerate())
                .map(|(column, ranks)| rank(&keys(values.column(column)), ranks))
                .collect();
            return Self {
                values,
                ranks: Ranks::Wide(ranks),
                distinct,
                tops: None,
                sorted: Vec::new(),
                by_row: None,
            };
        }
        let mut ranks = vec![0u16; rows * columns];
        let mut order = vec![0u16; rows * columns];
        let distinct = (ranks.par_chunks_mut(rows).zip(order.par_chunks_mut(rows)).enumerate())
            .map(|(column, (ranks, order))| {
                let keys = keys(values.column(column));
                order.iter_mut().zip(&keys).for_each(|(place, &(_, row))| *place = row as u16);
                rank(&keys, ranks)
            })
            .collect();
        Self {
            values,
            ranks: Ranks::Narrow { ranks, order },
            distinct,
            tops: None,
            sorted: Vec::new(),
            by_row: None,
        }
    }

    /// Bins of the features `[n, p]` instead of ranks: at most 255 a column.
    pub(crate) fn binned(values: ArrayView2<'a, f64>) -> Self {
        let (rows, columns) = values.dim();
        let mut ranks = vec![0u16; rows * columns];
        let tops: Vec<Vec<f64>> = (ranks.par_chunks_mut(rows).enumerate())
            .map(|(column, ranks)| {
                let last = bin(&keys(values.column(column)), ranks);
                last.into_iter().map(|row| values[[row as usize, column]]).collect()
            })
            .collect();
        let distinct = tops.iter().map(|tops| tops.len() as u32).collect();
        Self {
            values,
            ranks: Ranks::Narrow { ranks, order: Vec::new() },
            distinct,
            tops: Some(tops),
            sorted: Vec::new(),
            by_row: None,
        }
    }

    /// Keeps the distinct values of every column too, 8 bytes each, for random cuts.
    pub(crate) fn with_values(mut self) -> Self {
        let values = |column: usize| {
            let mut distinct = vec![0.0; self.distinct[column] as usize];
            let ranks = self.ranks(column);
            (0..self.rows()).for_each(|row| distinct[ranks.at(row)] = self.value(row, column));
            distinct
        };
        self.sorted = (0..self.len()).into_par_iter().map(values).collect();
        self
    }

    /// Replaces the order, which lists do not need, by ranks row by row, which are faster to read in small
    /// nodes.
    pub(crate) fn by_rows(mut self) -> Self {
        let (rows, columns) = self.values.dim();
        if let Ranks::Narrow { ranks, order } = &mut self.ranks {
            *order = Vec::new();
            let mut by_row = vec![0u16; rows * columns];
            by_row.par_chunks_mut(columns).enumerate().for_each(|(row, line)| {
                line.iter_mut().enumerate().for_each(|(column, rank)| *rank = ranks[column * rows + row]);
            });
            self.by_row = Some(by_row);
        }
        self
    }

    /// Narrow ranks `[n][p]` row by row, where they are kept.
    pub(crate) fn by_row(&self) -> Option<&[u16]> {
        self.by_row.as_deref()
    }

    /// Whether ranks are numbers of bins.
    pub(crate) fn is_binned(&self) -> bool {
        self.tops.is_some()
    }

    pub(crate) fn rows(&self) -> usize {
        self.values.nrows()
    }

    pub(crate) fn len(&self) -> usize {
        self.values.ncols()
    }

    pub(crate) fn value(&self, row: usize, column: usize) -> f64 {
        self.values[[row, column]]
    }

    pub(crate) fn ranks(&self, column: usize) -> RankColumn<'_> {
        let at = column * self.rows()..(column + 1) * self.rows();
        match &self.ranks {
            Ranks::Narrow { ranks, .. } => RankColumn::Narrow(&ranks[at]),
            Ranks::Wide(ranks) => RankColumn::Wide(&ranks[at]),
        }
    }

    /// Whether all values of a column differ.
    pub(crate) fn all_differ(&self, column: usize) -> bool {
        self.distinct[column] as usize == self.rows()
    }

    /// Rows in increasing order of a column's values, where that is kept.
    pub(crate) fn order(&self, column: usize) -> Option<&[u16]> {
        match &self.ranks {
            Ranks::Narrow { order, .. } if !order.is_empty() => {
                Some(&order[column * self.rows()..(column + 1) * self.rows()])
            }
            _ => None,
        }
    }

    /// The largest rank of a column whose value is not above a threshold; at least `least`.
    pub(crate) fn last_rank(&self, column: usize, threshold: f64, least: usize) -> usize {
        let order = self.sorted.get(column).expect("sorted values are kept for random cuts");
        order.partition_point(|&value| value <= threshold).saturating_sub(1).max(least)
    }

    /// The cut between two neighbouring values of a node, given by rows: halfway, as in scikit-learn.
    ///
    /// In binned mode the middle between the bins, because rows that the node does not hold lie there too.
    pub(crate) fn cut(&self, column: usize, below: usize, above: usize) -> f64 {
        let (below, above) = match &self.tops {
            None => (self.value(below, column), self.value(above, column)),
            Some(tops) => {
                let bin = self.ranks(column).at(below);
                (tops[column][bin], self.value(above, column))
            }
        };
        let middle = below / 2.0 + above / 2.0;
        // The middle of neighbouring floats is one of them.
        if middle < above && middle >= below { middle } else { below }
    }
}

impl RankColumn<'_> {
    pub(crate) fn at(self, row: usize) -> usize {
        match self {
            Self::Narrow(ranks) => ranks[row].get(),
            Self::Wide(ranks) => ranks[row].get(),
        }
    }
}
