//! How a batch is divided into shares, the pieces of work of the threads.
//!
//! Each share adds up the weight gradient of its own samples in order, and the sums of the shares are added
//! in order. Shares follow from the numbers of samples and points alone, so results do not depend on the
//! number of threads.

use std::ops::Range;

use crate::decoder::tile::ShareGradient;
use crate::panels::Row;
use crate::partition::{parts, split};

/// Largest number of shares, and so of threads that work on a backward pass.
const SHARES: usize = 32;

/// Least points per share: with fewer, clearing and adding up its weight gradient would take noticeable time.
const SHARE_POINTS: usize = 384;

/// Number of shares for a batch of samples with `count` points each: a power of two, which divides well among
/// most numbers of threads, or the number of samples if that is smaller.
pub(crate) fn share_count(samples: usize, count: usize) -> usize {
    let worthwhile = (samples * count / SHARE_POINTS).clamp(1, SHARES);
    samples.min(1 << worthwhile.ilog2())
}

/// The samples of each share, and where it adds its gradients.
pub(crate) fn jobs<'a>(
    samples: usize,
    shares: &'a mut [Vec<Row>],
    affine: &'a mut [f32],
    latents: &'a mut [f32],
) -> Vec<(Range<usize>, ShareGradient<'a>)> {
    let count = shares.len();
    let affine = split(samples, count, affine);
    let latents = split(samples, count, latents);
    let slices = affine.into_iter().zip(latents).zip(shares);
    parts(samples, count)
        .zip(slices)
        .map(|(range, ((affine, latents), weights))| {
            let first_sample = range.start;
            (range, ShareGradient { weights, first_sample, affine, latents })
        })
        .collect()
}
