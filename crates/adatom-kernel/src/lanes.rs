//! How a batch is dealt to lanes, which threads share out.
//!
//! Each lane adds up the weight gradient of its own patches in order, and the sums of the lanes are added in order.
//! Lanes follow from the numbers of patches and pixels alone, so every number of threads gives the same bytes.

use std::ops::Range;

use crate::rows::Row;
use crate::tile::LaneGradient;

/// Most lanes that a batch is dealt to, and so most threads that share a backward pass.
const LANES: usize = 32;

/// Least pixels per lane: below, clearing and adding up its weight gradient would show.
const LANE_ROWS: usize = 384;

/// Number of lanes for a batch of patches with `count` pixels each: a power of two, to suit most numbers of threads,
/// unless there are fewer patches.
pub(crate) fn lane_count(patches: usize, count: usize) -> usize {
    let worthwhile = (patches * count / LANE_ROWS).clamp(1, LANES);
    patches.min(1 << worthwhile.ilog2())
}

/// The patches of each lane; the longer lanes are spread evenly.
pub(crate) fn lane_patches(patches: usize, lanes: usize) -> impl Iterator<Item = Range<usize>> {
    (0..lanes).map(move |lane| lane * patches / lanes..(lane + 1) * patches / lanes)
}

/// Cuts a slice with as many elements for each patch by lane; an empty one, where none is wanted, into empty parts.
pub(crate) fn lane_slices<T>(patches: usize, lanes: usize, mut slice: &mut [T]) -> Vec<&mut [T]> {
    let width = slice.len().checked_div(patches).unwrap_or(0);
    lane_patches(patches, lanes)
        .map(|lane| {
            let (head, tail) = std::mem::take(&mut slice).split_at_mut(lane.len() * width);
            slice = tail;
            head
        })
        .collect()
}

/// What each lane works on.
pub(crate) fn jobs<'a>(
    patches: usize,
    lanes: &'a mut [Vec<Row>],
    affine: &'a mut [f32],
    latents: &'a mut [f32],
) -> Vec<(Range<usize>, LaneGradient<'a>)> {
    let count = lanes.len();
    let affine = lane_slices(patches, count, affine);
    let latents = lane_slices(patches, count, latents);
    let slices = affine.into_iter().zip(latents).zip(lanes);
    lane_patches(patches, count)
        .zip(slices)
        .map(|(range, ((affine, latents), weights))| {
            let first_patch = range.start;
            (range, LaneGradient { weights, first_patch, affine, latents })
        })
        .collect()
}
