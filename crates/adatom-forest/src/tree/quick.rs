//! Nodes in half the memory, for rows in single precision.

use std::hint::select_unpredictable;

use super::Node;

/// Rows that walk down a tree together.
pub(super) const TOGETHER: usize = 16;

/// Nodes of 8 bytes, for rows in single precision.
///
/// Rounding keeps order: where the rounded value and threshold differ, they compare as the exact ones do.
/// Where they are equal, the exact ones are compared.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Quick {
    nodes: Vec<QuickNode>,
    /// Bits of a link that hold the column; the others hold the right child.
    bits: u32,
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct QuickNode {
    threshold: f32,
    link: u32,
}

impl Quick {
    /// None where column and child do not fit into 32 bits.
    pub(super) fn of(nodes: &[Node]) -> Option<Self> {
        let bits = |number: u32| u32::BITS - number.leading_zeros();
        let columns = bits(nodes.iter().map(|node| node.feature).max()?);
        if columns + bits(u32::try_from(nodes.len()).ok()?) > u32::BITS || columns == u32::BITS {
            return None;
        }
        let quick = |node: &Node| QuickNode {
            threshold: node.threshold as f32,
            link: node.right << columns | node.feature,
        };
        Some(Self { nodes: nodes.iter().map(quick).collect(), bits: columns })
    }

    /// The leaves of up to [`TOGETHER`] rows; `exact` gives the next node of a row where the rounded
    /// values are equal.
    pub(super) fn walk(
        &self,
        rows: &[f32],
        columns: usize,
        exact: impl Fn(u32, usize) -> u32,
    ) -> [u32; TOGETHER] {
        let count = rows.len() / columns;
        let rows: [&[f32]; TOGETHER] =
            std::array::from_fn(|lane| &rows[lane.min(count - 1) * columns..][..columns]);
        let mask = (1u32 << self.bits) - 1;
        let mut at = [0u32; TOGETHER];
        loop {
            let mut moved = 0;
            // Checking after every step whether all have arrived costs more than a few superfluous steps.
            for _ in 0..4 {
                moved = 0;
                for (lane, (at, row)) in at.iter_mut().zip(&rows).enumerate() {
                    let QuickNode { threshold, link } = self.nodes[*at as usize];
                    let value = row[(link & mask) as usize];
                    let mut next = select_unpredictable(value <= threshold, *at + 1, link >> self.bits);
                    if value == threshold {
                        next = exact(*at, lane);
                    }
                    moved |= next ^ *at;
                    *at = next;
                }
            }
            if moved == 0 {
                return at;
            }
        }
    }
}
