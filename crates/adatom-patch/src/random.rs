//! Random choices from a seed by ChaCha with 8 rounds, implemented here so that they do not depend on the
//! version of `rand`.

use std::collections::HashMap;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

pub(crate) struct Random(ChaCha8Rng);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(ChaCha8Rng::seed_from_u64(seed))
    }

    /// Uniform in [0, 1), in steps of 2⁻⁵³.
    #[cfg(test)]
    pub(crate) fn uniform(&mut self) -> f64 {
        (self.0.next_u64() >> 11) as f64 * (1.0 / (1u64 << 53) as f64)
    }

    /// Uniform among 0 to `bound` - 1; `bound` must not be 0.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        let bound = bound as u64;
        // Rejects the incomplete last run of `bound` numbers, which would favour small results.
        let usable = u64::MAX - u64::MAX % bound;
        loop {
            let number = self.0.next_u64();
            if number < usable {
                return usize::try_from(number % bound).expect("the bound is a usize");
            }
        }
    }

    /// `amount` distinct numbers below `length` in random order; the first k do not depend on `amount`.
    ///
    /// The first steps of a Fisher-Yates shuffle that stores only the exchanged positions.
    pub(crate) fn choose(&mut self, amount: usize, length: usize) -> Vec<usize> {
        let mut moved: HashMap<usize, usize> = HashMap::with_capacity(amount);
        (0..amount)
            .map(|position| {
                let other = position + self.below(length - position);
                let here = moved.remove(&position).unwrap_or(position);
                if other == position { here } else { moved.insert(other, here).unwrap_or(other) }
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chosen_numbers_differ_and_all_can_be_chosen() {
        for amount in 0..=20 {
            let mut chosen = Random::new(5).choose(amount, 20);
            assert_eq!(chosen, Random::new(5).choose(20, 20)[..amount]);
            chosen.sort_unstable();
            chosen.dedup();
            assert_eq!(chosen.len(), amount);
            assert!(chosen.iter().all(|&number| number < 20));
        }
    }

    #[test]
    fn every_number_is_chosen_equally_often() {
        // 3 of 8, 8000 times: each number 3000 times, with a standard deviation of sqrt(8000 · 3/8 · 5/8) =
        // 43.
        let mut random = Random::new(1);
        let mut counts = [0i32; 8];
        for _draw in 0..8000 {
            random.choose(3, 8).into_iter().for_each(|number| counts[number] += 1);
        }
        assert!(counts.iter().all(|count| (count - 3000).abs() < 5 * 43), "{counts:?}");
    }
}
