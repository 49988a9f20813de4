//! Columns drawn without replacement for each split; columns known to be constant are never drawn again
//! below.
//!
//! The array is `[constant | not drawn | drawn]`. A subtree permutes only what lies behind the constants that
//! its root inherited, so that these are still in place when the sibling's turn comes.

use super::bag::Stream;

pub(crate) struct Draw {
    columns: Vec<u32>,
    /// Constants of the node.
    constant: usize,
    /// Where the drawn ones begin.
    drawn: usize,
}

impl Draw {
    pub(crate) fn new(columns: usize) -> Self {
        Self { columns: (0..columns as u32).collect(), constant: 0, drawn: columns }
    }

    /// Begins a node whose ancestors knew so many constants.
    pub(crate) fn begin(&mut self, constant: usize) {
        self.constant = constant;
        self.drawn = self.columns.len();
    }

    /// Draws up to `count` more columns, which are then the first of [`drawn`](Self::drawn); says how many.
    pub(crate) fn more(&mut self, count: usize, random: &mut Stream) -> usize {
        let count = count.min(self.drawn - self.constant);
        for _ in 0..count {
            let open = self.drawn - self.constant;
            self.drawn -= 1;
            self.columns.swap(self.constant + random.below(open), self.drawn);
        }
        count
    }

    /// All columns drawn in this node, the latest first.
    pub(crate) fn drawn(&self) -> &[u32] {
        &self.columns[self.drawn..]
    }

    /// Of the latest `count` drawn, these (0 is the one drawn first) are constant, and no longer drawn.
    pub(crate) fn constant(&mut self, count: usize, indices: &[usize]) {
        // The array holds the latest first; constants of the round are brought to its front, then before the
        // rest.
        for (done, index) in indices.iter().rev().enumerate() {
            self.columns.swap(self.drawn + count - 1 - index, self.drawn + done);
        }
        for index in 0..indices.len() {
            self.columns.swap(self.drawn + index, self.constant + index);
        }
        self.drawn += indices.len();
        self.constant += indices.len();
    }

    /// How many constants are known now.
    pub(crate) fn constants(&self) -> usize {
        self.constant
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_round_draws_each_column_at_most_once_and_constants_never_again() {
        let mut random = Stream::new(3, 0);
        let mut draw = Draw::new(10);
        draw.begin(0);
        assert_eq!(draw.more(4, &mut random), 4);
        // The second and the fourth that were drawn.
        let constants = [draw.drawn()[2], draw.drawn()[0]];
        draw.constant(4, &[1, 3]);
        assert_eq!((draw.constants(), draw.drawn().len()), (2, 2));
        assert_eq!(draw.more(100, &mut random), 6);
        let sorted = |columns: &[u32]| {
            let mut columns = columns.to_vec();
            columns.sort_unstable();
            columns
        };
        let others: Vec<u32> = (0..10).filter(|column| !constants.contains(column)).collect();
        assert_eq!(sorted(draw.drawn()), others);
        // Below, constants are not drawn at all.
        draw.begin(2);
        assert_eq!(draw.more(100, &mut random), 8);
        assert_eq!(sorted(draw.drawn()), others);
        // All but one of them are constant.
        draw.constant(8, &[0, 1, 2, 4, 5, 6, 7]);
        assert_eq!((draw.constants(), draw.drawn().len(), draw.more(9, &mut random)), (9, 1, 0));
    }
}
