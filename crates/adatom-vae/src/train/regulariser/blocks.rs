//! The order of samples in an epoch when batches are made of neighbours.

use rand::RngExt;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

use super::Positions;

/// The size of blocks of neighbours.
#[derive(Debug, Clone, Copy)]
pub(crate) struct BlockSize {
    /// Samples at most.
    pub(crate) samples: usize,
    /// Width at least, in pixels.
    pub(crate) width: f64,
}

/// The samples in blocks of neighbours on one image; the order of the blocks is random, and each call gives
/// other blocks: the samples of an image are divided repeatedly along a random direction. Where the blocks
/// would be too narrow, samples are first divided into groups at random, each with its own blocks.
pub(crate) fn order(
    samples: &[u32],
    positions: &Positions,
    size: BlockSize,
    random: &mut ChaCha8Rng,
) -> Vec<u32> {
    let size = BlockSize { samples: size.samples.max(1), ..size };
    let mut by_image: Vec<u32> = samples.to_vec();
    by_image.sort_by_key(|&sample| (positions.image[sample as usize], sample));
    let mut blocks: Vec<Vec<u32>> = Vec::new();
    for on_image in by_image.chunk_by(|&a, &b| positions.image[a as usize] == positions.image[b as usize]) {
        let groups = groups(on_image, positions, size);
        let mut divided = on_image.to_vec();
        if groups > 1 {
            divided.shuffle(random);
        }
        for group in divided.chunks(divided.len().div_ceil(groups)) {
            let turn: f64 = random.random_range(0.0..std::f64::consts::PI);
            let mut turned: Vec<Turned> =
                group.iter().map(|&sample| Turned::new(sample, positions, turn)).collect();
            halve(&mut turned, size.samples, random, &mut blocks);
        }
    }
    blocks.shuffle(random);
    blocks.concat()
}

/// Number of groups into which the samples of an image are divided, so that blocks of `size` have about its
/// width.
fn groups(samples: &[u32], positions: &Positions, size: BlockSize) -> usize {
    let BlockSize { samples: size, width } = size;
    if !(width.is_finite() && width > 0.0) {
        return 1;
    }
    let blocks_along = |axis: usize| {
        let ends = samples.iter().map(|&sample| positions.at[sample as usize][axis]);
        let (low, high) =
            ends.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), at| (low.min(at), high.max(at)));
        ((high - low) / width).max(1.0)
    };
    let filled = blocks_along(0) * blocks_along(1) * size as f64;
    ((samples.len() as f64 / filled) as usize).clamp(1, samples.len().div_ceil(size))
}

/// A sample with its position on turned axes.
struct Turned {
    sample: u32,
    at: [f64; 2],
}

impl Turned {
    fn new(sample: u32, positions: &Positions, turn: f64) -> Self {
        let ([row, column], (sin, cos)) = (positions.at[sample as usize], turn.sin_cos());
        Self { sample, at: [cos * row + sin * column, cos * column - sin * row] }
    }
}

/// Divides across the longer side, a little off the middle, until no part has more than `size` samples.
fn halve(samples: &mut [Turned], size: usize, random: &mut ChaCha8Rng, blocks: &mut Vec<Vec<u32>>) {
    if samples.len() <= size {
        blocks.push(samples.iter().map(|turned| turned.sample).collect());
        return;
    }
    let side = |axis: usize| {
        let ends = samples.iter().map(|turned| turned.at[axis]);
        let (low, high) =
            ends.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), at| (low.min(at), high.max(at)));
        high - low
    };
    let axis = usize::from(side(1) > side(0));
    // Whole blocks on both sides, as evenly as possible, so that few samples are left over.
    let blocks_in_all = samples.len().div_ceil(size);
    let left = (blocks_in_all / 2 * samples.len() / blocks_in_all).max(1);
    let slack = (size / 4).min(left - 1).min(samples.len() - left - 1);
    let at = random.random_range(left - slack..=left + slack);
    // Among equal positions the sample decides, so that the result does not depend on the order of the input.
    samples.select_nth_unstable_by(at, |one, other| {
        one.at[axis].total_cmp(&other.at[axis]).then(one.sample.cmp(&other.sample))
    });
    let (before, after) = samples.split_at_mut(at);
    halve(before, size, random, blocks);
    halve(after, size, random, blocks);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Purpose, stream};
    use ndarray::Array2;

    #[test]
    fn blocks_hold_all_samples_once_and_are_compact() {
        let positions = Array2::from_shape_fn((400, 2), |(n, axis)| [n / 20, n % 20][axis] as f64);
        let positions = Positions::new(positions.view()).unwrap();
        let samples: Vec<u32> = (0..400).collect();
        let found = order(
            &samples,
            &positions,
            BlockSize { samples: 25, width: 0.0 },
            &mut stream(1, Purpose::Order(1)),
        );
        let mut sorted = found.clone();
        sorted.sort_unstable();
        assert_eq!(sorted, samples);
        // 25 samples of a square grid lie within a square of 5, whose diagonal is 5.7; blocks are turned and
        // uneven. Two samples that follow each other at random are 10 apart in the mean.
        let apart: f64 =
            found.windows(2).filter_map(|pair| positions.distance(pair[0] as usize, pair[1] as usize)).sum();
        assert!(apart / 399.0 < 4.0, "{}", apart / 399.0);
        let other = order(
            &samples,
            &positions,
            BlockSize { samples: 25, width: 0.0 },
            &mut stream(1, Purpose::Order(2)),
        );
        assert_ne!(found, other);
        let mut backwards = samples.clone();
        backwards.reverse();
        assert_eq!(
            order(
                &backwards,
                &positions,
                BlockSize { samples: 25, width: 0.0 },
                &mut stream(1, Purpose::Order(1))
            ),
            found
        );
    }

    #[test]
    fn blocks_are_as_wide_as_they_must_be() {
        let positions = Array2::from_shape_fn((6400, 2), |(n, axis)| [n / 80, n % 80][axis] as f64);
        let positions = Positions::new(positions.view()).unwrap();
        let samples: Vec<u32> = (0..6400).collect();
        let width = |width: f64| {
            let found = order(
                &samples,
                &positions,
                BlockSize { samples: 16, width },
                &mut stream(1, Purpose::Order(1)),
            );
            let mut sorted = found.clone();
            sorted.sort_unstable();
            assert_eq!(sorted, samples);
            let apart = |pair: &[u32]| positions.distance(pair[0] as usize, pair[1] as usize);
            let mut apart: Vec<f64> = found.windows(2).filter_map(apart).collect();
            apart.sort_by(f64::total_cmp);
            apart[apart.len() / 2]
        };
        // Median distance of consecutive samples: in blocks of 4 × 4 pixels, of 16 × 16, and anywhere. Two
        // random positions in a square are 0.51 of its side apart; in a block they are slightly sorted.
        let (none, some, all) = (width(0.0), width(16.0), width(1e9));
        assert!(none < 2.1 && (5.0..8.2).contains(&some) && all > 38.0, "{none} {some} {all}");
        // On a line, and all at one position.
        let line = Positions { at: (0..90).map(|n| [0.0, n as f64]).collect(), image: vec![0; 90] };
        let same = Positions { at: vec![[1.0, 1.0]; 90], image: vec![0; 90] };
        for positions in [line, same] {
            let found = order(
                &samples[..90],
                &positions,
                BlockSize { samples: 9, width: 30.0 },
                &mut stream(1, Purpose::Order(1)),
            );
            assert_eq!(found.len(), 90);
        }
    }

    #[test]
    fn blocks_keep_to_one_image_and_survive_equal_places() {
        let positions = Positions { at: vec![[0.0, 0.0]; 30], image: (0..30).map(|n| n / 15).collect() };
        let samples: Vec<u32> = (0..30).collect();
        let found = order(
            &samples,
            &positions,
            BlockSize { samples: 15, width: 0.0 },
            &mut stream(1, Purpose::Order(1)),
        );
        assert!(found[..15].iter().all(|&n| (n < 15) == (found[0] < 15)));
        assert_eq!(
            order(
                &samples,
                &positions,
                BlockSize { samples: 1, width: 0.0 },
                &mut stream(1, Purpose::Order(1))
            )
            .len(),
            30
        );
    }
}
