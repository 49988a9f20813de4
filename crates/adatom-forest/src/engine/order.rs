//! Rows of a node in increasing order of one column.

use super::columns::Index;

/// Rows up to which every pair is compared.
const PAIRS: usize = 32;

/// A row with its rank in one column: sorts by rank, then by row.
#[derive(Clone, Copy, Default)]
pub(super) struct Ranked(u64);

impl Ranked {
    fn new(rank: u32, row: u32) -> Self {
        Self(u64::from(rank) << 32 | u64::from(row))
    }

    pub(super) fn row(self) -> usize {
        (self.0 & 0xffff_ffff) as usize
    }

    pub(super) fn rank(self) -> usize {
        (self.0 >> 32) as usize
    }
}

/// Buffers that are used again and again.
#[derive(Default)]
pub(super) struct Sorter {
    /// Ranks of the rows of the node, in its order.
    own: Vec<u32>,
    counts: Vec<u32>,
    sorted: Vec<Ranked>,
}

impl Sorter {
    /// Reads the ranks of rows; returns the smallest and the largest.
    pub(super) fn fetch<R: Index>(&mut self, rows: &[u32], rank: impl Fn(u32) -> R) -> (usize, usize) {
        let (mut low, mut high) = (u32::MAX, 0);
        self.own.clear();
        self.own.extend(rows.iter().map(|&row| {
            let rank = rank(row).get() as u32;
            low = low.min(rank);
            high = high.max(rank);
            rank
        }));
        (low as usize, high as usize)
    }

    /// The ranks fetched.
    pub(super) fn ranks(&self) -> &[u32] {
        &self.own
    }

    /// Rows in increasing order of the ranks fetched; rows of equal rank in the order given.
    pub(super) fn sort(&mut self, rows: &[u32], low: usize, high: usize) -> &[Ranked] {
        if self.sorted.len() < rows.len() {
            self.sorted.resize(rows.len(), Ranked::default());
        }
        if rows.len() <= PAIRS {
            by_pairs(rows, &self.own, &mut self.sorted);
        } else {
            self.by_counting(rows, low, high);
        }
        &self.sorted[..rows.len()]
    }

    /// Sorts into buckets of neighbouring ranks, about two a row, then what is left to do within them.
    fn by_counting(&mut self, rows: &[u32], low: usize, high: usize) {
        let range = high - low + 1;
        let most = 2 * rows.len();
        let shift = if range > most { (range / most).ilog2() + 1 } else { 0 };
        self.counts.clear();
        self.counts.resize((range >> shift) + 2, 0);
        for &rank in &self.own {
            self.counts[((rank as usize - low) >> shift) + 1] += 1;
        }
        let (mut before, mut fullest) = (0, 0);
        for count in &mut self.counts {
            before += *count;
            fullest = fullest.max(*count);
            *count = before;
        }
        let sorted = &mut self.sorted[..rows.len()];
        for (&row, &rank) in rows.iter().zip(&self.own) {
            let place = &mut self.counts[(rank as usize - low) >> shift];
            sorted[*place as usize] = Ranked::new(rank, row);
            *place += 1;
        }
        if shift > 0 {
            if fullest > FULL { sorted.sort_by_key(|ranked| ranked.rank()) } else { insertion(sorted) }
        }
    }
}

/// Rows of a bucket up to which they are sorted by insertion.
const FULL: u32 = 32;

/// Sorts what is nearly sorted.
fn insertion(sorted: &mut [Ranked]) {
    for place in 1..sorted.len() {
        let moving = sorted[place];
        let mut to = place;
        while to > 0 && sorted[to - 1].rank() > moving.rank() {
            sorted[to] = sorted[to - 1];
            to -= 1;
        }
        sorted[to] = moving;
    }
}

/// The position of a row is the number of rows of smaller rank: no branch depends on data, and compilers
/// vectorise the loop.
fn by_pairs(rows: &[u32], ranks: &[u32], sorted: &mut [Ranked]) {
    let mut own = [i32::MAX; PAIRS];
    own.iter_mut().zip(ranks).for_each(|(own, &rank)| *own = rank as i32);
    match rows.len() {
        0..=8 => place::<8>(&own, rows, sorted),
        9..=16 => place::<16>(&own, rows, sorted),
        _ => place::<PAIRS>(&own, rows, sorted),
    }
}

fn place<const N: usize>(ranks: &[i32; PAIRS], rows: &[u32], sorted: &mut [Ranked]) {
    let ranks: &[i32; N] = ranks.first_chunk().expect("N is at most PAIRS");
    let mut equal = [0u8; PAIRS];
    for (&row, &rank) in rows.iter().zip(ranks) {
        let mut smaller = 0i32;
        for &other in ranks {
            smaller += i32::from(other < rank);
        }
        let smaller = smaller as usize;
        sorted[smaller + usize::from(equal[smaller])] = Ranked::new(rank as u32, row);
        equal[smaller] += 1;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_way_sorts_stably(ranks in prop::collection::vec(0u32..5000, 1..300), narrow in 1u32..5000) {
            let ranks: Vec<u32> = ranks.into_iter().map(|rank| rank % narrow).collect();
            let rows: Vec<u32> = (0..ranks.len() as u32).collect();
            let mut expected = rows.clone();
            expected.sort_by_key(|&row| ranks[row as usize]);
            let mut sorter = Sorter::default();
            let (low, high) = sorter.fetch(&rows, |row| ranks[row as usize]);
            let sorted: Vec<u32> =
                sorter.sort(&rows, low, high).iter().map(|ranked| ranked.row() as u32).collect();
            prop_assert_eq!(&sorted, &expected);
            sorter.by_counting(&rows, low, high);
            let sorted: Vec<u32> =
                sorter.sorted[..rows.len()].iter().map(|ranked| ranked.row() as u32).collect();
            prop_assert_eq!(&sorted, &expected);
        }
    }
}
