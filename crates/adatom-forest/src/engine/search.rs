//! The best cut of one column of a node.

use super::columns::{Columns, Index, RankColumn};
use super::gain::{Cell, Fraction, Gain};
use super::histograms::Histograms;
use super::order::{Ranked, Sorter};
use super::target::TreeTarget;

/// The node to be cut.
pub(super) struct Node<'a, 'd, const M: usize, G: Gain<M>> {
    pub(super) columns: &'a Columns<'d>,
    pub(super) target: &'a TreeTarget<'d, M>,
    pub(super) gain: &'a G,
    pub(super) prepared: G::Node,
    pub(super) rows: &'a [u32],
    /// Of all columns, where they are kept.
    pub(super) histograms: Option<&'a Histograms<M>>,
    pub(super) total: Cell<M>,
    pub(super) min_rows: usize,
    /// In units of the cells.
    pub(super) min_weight: f64,
    /// No cut of any column can gain more, where that is known.
    pub(super) bound: Option<Fraction>,
}

/// The best cut known so far.
#[derive(Clone, Copy)]
pub(super) struct Best {
    pub(super) gain: Fraction,
    pub(super) cut: Option<Cut>,
    /// Nothing can be better.
    pub(super) perfect: bool,
}

/// Rows whose rank in a column is at most this go left.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Cut {
    pub(super) column: u32,
    pub(super) rank: usize,
    /// Where the threshold was drawn rather than lies halfway.
    pub(super) threshold: Option<f64>,
}

impl Best {
    pub(super) const NONE: Self = Self { gain: Fraction::LEAST, cut: None, perfect: false };

    /// The better one; of equally good ones the first.
    pub(super) fn or(self, later: Self) -> Self {
        if !self.perfect && later.cut.is_some() && (self.cut.is_none() || later.gain.exceeds(self.gain)) {
            later
        } else {
            self
        }
    }
}

/// Buffers of one thread.
#[derive(Default)]
pub(super) struct Buffers<const M: usize> {
    sorter: Sorter,
    histogram: Vec<Cell<M>>,
    counts: Vec<u32>,
}

/// Rows of a node in the order of a column.
trait Sorted: Copy {
    fn len(self) -> usize;
    fn row(self, place: usize) -> usize;
    fn rank(self, place: usize) -> usize;
}

/// A list, and the ranks of all rows.
#[derive(Clone, Copy)]
struct List<'a> {
    rows: &'a [u16],
    ranks: &'a [u16],
}

impl Sorted for List<'_> {
    fn len(self) -> usize {
        self.rows.len()
    }
    fn row(self, place: usize) -> usize {
        self.rows[place].get()
    }
    fn rank(self, place: usize) -> usize {
        self.ranks[self.rows[place].get()].get()
    }
}

impl Sorted for &[Ranked] {
    fn len(self) -> usize {
        <[Ranked]>::len(self)
    }
    fn row(self, place: usize) -> usize {
        self[place].row()
    }
    fn rank(self, place: usize) -> usize {
        self[place].rank()
    }
}

/// Nodes of so few rows read ranks row by row: the rows of the whole branch stay in the cache.
const BY_ROW: usize = 128;

/// Ranks up to which sums are collected by rank instead of sorting rows.
const HISTOGRAM: usize = 256;

fn add<const M: usize>(sums: &mut Cell<M>, cell: &Cell<M>) {
    sums.iter_mut().zip(cell).for_each(|(sum, value)| *sum += value);
}

impl<const M: usize, G: Gain<M>> Node<'_, '_, M, G> {
    /// Looks at a cut with these sums on the left.
    #[inline(always)]
    fn consider(&self, left: &Cell<M>, best: &mut Fraction) -> bool {
        let gain = self.gain.gain(&self.prepared, &self.total, left);
        if gain.exceeds(*best) && left[0] >= self.min_weight && self.total[0] - left[0] >= self.min_weight {
            *best = gain;
            return true;
        }
        false
    }

    /// Finds the bound of a small node.
    pub(super) fn bounded(mut self) -> Self {
        if self.min_rows > 1 || self.min_weight > 0.0 {
            return self;
        }
        if let Some(rows) = self.target.in_order(self.rows) {
            let (mut left, mut bound) = ([0.0; M], Fraction::LEAST);
            for &row in &rows[..rows.len() - 1] {
                add(&mut left, &self.target.cells()[row as usize]);
                self.consider(&left, &mut bound);
            }
            self.bound = Some(bound);
        }
        self
    }

    fn found(&self, best: &mut Best, gain: Fraction, cut: Cut, left: &Cell<M>) {
        let perfect = match self.bound {
            Some(bound) => gain.reaches(bound),
            None => self.target.separates(self.rows.len(), &self.total, left),
        };
        *best = Best { gain, cut: Some(cut), perfect };
    }

    /// Cuts rows that are sorted by a column.
    #[inline(always)]
    fn scan<S: Sorted, const TIES: bool>(&self, column: u32, sorted: S, best: &mut Best) {
        let cells = self.target.cells();
        let (mut left, mut at_best) = ([0.0; M], [0.0; M]);
        let (mut gain, mut found) = (best.gain, None);
        let last = sorted.len() - self.min_rows;
        for place in 0..self.min_rows - 1 {
            add(&mut left, &cells[sorted.row(place)]);
        }
        for place in self.min_rows - 1..last {
            add(&mut left, &cells[sorted.row(place)]);
            if TIES && sorted.rank(place) == sorted.rank(place + 1) {
                continue;
            }
            if self.consider(&left, &mut gain) {
                found = Some(place);
                at_best = left;
            }
        }
        if let Some(place) = found {
            self.found(best, gain, Cut { column, rank: sorted.rank(place), threshold: None }, &at_best);
        }
    }

    /// The best cut of a column whose rows are given in order; false where it is constant.
    pub(super) fn in_list(&self, column: u32, sorted: &[u16], best: &mut Best) -> bool {
        let RankColumn::Narrow(ranks) = self.columns.ranks(column as usize) else {
            unreachable!("lists are made only where ranks are narrow")
        };
        let (first, last) = (sorted[0].get(), sorted[sorted.len() - 1].get());
        if ranks[first] == ranks[last] {
            return false;
        }
        let list = List { rows: sorted, ranks };
        if self.columns.all_differ(column as usize) {
            self.scan::<_, false>(column, list, best);
        } else {
            self.scan::<_, true>(column, list, best);
        }
        true
    }

    /// The best cut of a column; false where it is constant.
    pub(super) fn in_column(&self, column: u32, best: &mut Best, buffers: &mut Buffers<M>) -> bool {
        let at = column as usize;
        if let Some(histograms) = self.histograms {
            let (cells, counts, bins) = histograms.column(at);
            if bins.len() == 1 {
                return false;
            }
            self.scan_bins(column, bins.start, (&cells[bins.clone()], &counts[bins]), best);
            return true;
        }
        let sorter = &mut buffers.sorter;
        let by_row = if self.rows.len() <= BY_ROW { self.columns.by_row() } else { None };
        let (low, high) = match (by_row, self.columns.ranks(at)) {
            (Some(ranks), _) => {
                let columns = self.columns.len();
                sorter.fetch(self.rows, |row| ranks[row as usize * columns + at])
            }
            (None, RankColumn::Narrow(ranks)) => sorter.fetch(self.rows, |row| ranks[row as usize]),
            (None, RankColumn::Wide(ranks)) => sorter.fetch(self.rows, |row| ranks[row as usize]),
        };
        if low == high {
            return false;
        }
        let distinct = high - low + 1;
        if distinct <= HISTOGRAM && 2 * distinct <= self.rows.len() {
            self.in_histogram(column, low..=high, best, buffers);
        } else {
            let sorted = sorter.sort(self.rows, low, high);
            if self.columns.all_differ(at) {
                self.scan::<_, false>(column, sorted, best);
            } else {
                self.scan::<_, true>(column, sorted, best);
            }
        }
        true
    }

    /// Few ranks and many rows: sums of the rows of every rank.
    fn in_histogram(
        &self,
        column: u32,
        extent: std::ops::RangeInclusive<usize>,
        best: &mut Best,
        buffers: &mut Buffers<M>,
    ) {
        let low = *extent.start();
        let distinct = extent.end() - low + 1;
        let Buffers { histogram, counts, sorter } = buffers;
        histogram.clear();
        histogram.resize(distinct, [0.0; M]);
        counts.clear();
        counts.resize(distinct, 0);
        let cells = self.target.cells();
        for (&row, &rank) in self.rows.iter().zip(sorter.ranks()) {
            let bin = rank as usize - low;
            add(&mut histogram[bin], &cells[row as usize]);
            counts[bin] += 1;
        }
        self.scan_bins(column, low, (histogram, counts), best);
    }

    /// Cuts between ranks from `low` on, by the sums and numbers of their rows.
    fn scan_bins(&self, column: u32, low: usize, (cells, counts): (&[Cell<M>], &[u32]), best: &mut Best) {
        let (mut left, mut at_best) = ([0.0; M], [0.0; M]);
        let (mut gain, mut found, mut rows) = (best.gain, None, 0);
        for (bin, (cell, &count)) in cells.iter().zip(counts).enumerate() {
            add(&mut left, cell);
            rows += count as usize;
            let few = rows < self.min_rows || self.rows.len() - rows < self.min_rows;
            if count > 0 && !few && self.consider(&left, &mut gain) {
                found = Some(low + bin);
                at_best = left;
            }
        }
        if let Some(rank) = found {
            self.found(best, gain, Cut { column, rank, threshold: None }, &at_best);
        }
    }

    /// One random cut of a column, at `part` of the way from its smallest to its largest value in the node;
    /// false where it is constant.
    pub(super) fn at_random(&self, column: u32, part: f64, best: &mut Best) -> bool {
        match self.columns.ranks(column as usize) {
            RankColumn::Narrow(ranks) => self.cut_at(column, ranks, part, best),
            RankColumn::Wide(ranks) => self.cut_at(column, ranks, part, best),
        }
    }

    fn cut_at<R: Index>(&self, column: u32, ranks: &[R], part: f64, best: &mut Best) -> bool {
        let (mut lowest, mut highest) = (self.rows[0], self.rows[0]);
        for &row in self.rows {
            let rank = ranks[row as usize].get();
            if rank < ranks[lowest as usize].get() {
                lowest = row;
            }
            if rank > ranks[highest as usize].get() {
                highest = row;
            }
        }
        if ranks[lowest as usize].get() == ranks[highest as usize].get() {
            return false;
        }
        let value = |row: u32| self.columns.value(row as usize, column as usize);
        let (low, high) = (value(lowest), value(highest));
        let drawn = low * (1.0 - part) + high * part;
        let threshold = if drawn < high && drawn >= low { drawn } else { low };
        let last = self.columns.last_rank(column as usize, threshold, ranks[lowest as usize].get());
        let cells = self.target.cells();
        let (mut left, mut rows) = ([0.0; M], 0);
        for &row in self.rows {
            if ranks[row as usize].get() <= last {
                add(&mut left, &cells[row as usize]);
                rows += 1;
            }
        }
        let mut gain = best.gain;
        let few = rows < self.min_rows || self.rows.len() - rows < self.min_rows;
        if !few && self.consider(&left, &mut gain) {
            self.found(best, gain, Cut { column, rank: last, threshold: Some(threshold) }, &left);
        }
        true
    }
}
