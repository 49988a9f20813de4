//! Even partitions of a batch. The parts follow from the number of samples alone, never from the number of
//! threads.

use std::ops::Range;

/// The samples of each part; the larger parts are spread evenly.
pub(crate) fn parts(samples: usize, count: usize) -> impl Iterator<Item = Range<usize>> {
    (0..count).map(move |part| part * samples / count..(part + 1) * samples / count)
}

/// Splits a slice with the same number of elements for every sample into its [`parts`]; an empty slice into
/// empty ones.
pub(crate) fn split<T>(samples: usize, count: usize, mut slice: &mut [T]) -> Vec<&mut [T]> {
    let width = slice.len().checked_div(samples).unwrap_or(0);
    parts(samples, count)
        .map(|part| {
            let (head, tail) = std::mem::take(&mut slice).split_at_mut(part.len() * width);
            slice = tail;
            head
        })
        .collect()
}
