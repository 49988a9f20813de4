//! The rows that a tree has drawn, and its random numbers.
//!
//! Tree t of a forest draws from stream t of ChaCha (8 rounds) under the forest's seed: first its rows, then
//! columns and cuts as it grows. What a tree is depends on nothing but (seed, t, data).

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use crate::rows::MOST;
use crate::{Bootstrap, Error, Result};

/// How often each row was drawn by a tree `[n]`.
pub(crate) struct Bag {
    pub(crate) counts: Vec<u32>,
}

/// The random numbers of a tree.
pub(crate) struct Stream(ChaCha8Rng);

impl Stream {
    pub(crate) fn new(seed: u64, tree: usize) -> Self {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        random.set_stream(tree as u64);
        Self(random)
    }

    /// A whole number below `bound`, all equally likely but for 2⁻³² (Lemire 2019 without rejection).
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        if bound <= u32::MAX as usize {
            ((u64::from(self.0.next_u32()) * bound as u64) >> 32) as usize
        } else {
            ((u128::from(self.0.next_u64()) * bound as u128) >> 64) as usize
        }
    }

    /// A number in [0, 1) with 53 random bits.
    pub(crate) fn unit(&mut self) -> f64 {
        (self.0.next_u64() >> 11) as f64 * (1.0 / (1u64 << 53) as f64)
    }
}

impl Bag {
    /// How many rows a tree draws out of `rows`; none where it learns from all.
    fn draws(bootstrap: Bootstrap, rows: usize) -> Option<usize> {
        match bootstrap {
            Bootstrap::Off => None,
            Bootstrap::Full => Some(rows),
            Bootstrap::Count(draws) => Some(draws),
            Bootstrap::Fraction(part) => Some(((rows as f64 * part).round() as usize).max(1)),
        }
    }

    /// Whether so many rows can be drawn.
    pub(crate) fn check(bootstrap: Bootstrap, rows: usize) -> Result<()> {
        match Self::draws(bootstrap, rows) {
            Some(draws) if draws > MOST => {
                let (parameter, expected) = ("bootstrap", "at most 2147483647 draws");
                Err(Error::Parameter { parameter, expected, found: draws.to_string() })
            }
            _ => Ok(()),
        }
    }

    /// The rows of a tree out of `rows`; its stream goes on with columns and cuts.
    pub(crate) fn draw(bootstrap: Bootstrap, rows: usize, random: &mut Stream) -> Self {
        let Some(draws) = Self::draws(bootstrap, rows) else { return Self { counts: vec![1; rows] } };
        let mut counts = vec![0; rows];
        for _ in 0..draws {
            counts[random.below(rows)] += 1;
        }
        Self { counts }
    }
}
