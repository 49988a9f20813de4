//! Random orders from a seed, the same on every machine and with every version of a library.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// A random order of 0 to n - 1 (Fisher and Yates), from stream `stream` of ChaCha with 8 rounds under
/// `seed`.
///
/// ```
/// let order = adatom_core::permutation(5, 7, 0);
/// let mut sorted = order.clone();
/// sorted.sort_unstable();
/// assert_eq!(sorted, [0, 1, 2, 3, 4]);
/// assert_eq!(order, adatom_core::permutation(5, 7, 0));
/// ```
#[must_use]
pub fn permutation(n: usize, seed: u64, stream: u64) -> Vec<usize> {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    random.set_stream(stream);
    drawn(n, &mut random)
}

/// The next random order of a generator.
pub(crate) fn drawn(n: usize, random: &mut ChaCha8Rng) -> Vec<usize> {
    let mut order: Vec<usize> = (0..n).collect();
    for last in (1..n).rev() {
        let bound = last as u64 + 1;
        // Numbers from the incomplete last run of `bound` would make small results more likely.
        let usable = u64::MAX - u64::MAX % bound;
        let number = std::iter::repeat_with(|| random.next_u64())
            .find(|&number| number < usable)
            .expect("the generator never ends");
        order.swap(last, (number % bound) as usize);
    }
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_are_equally_likely() {
        let mut counts = std::collections::HashMap::new();
        (0..6000).for_each(|stream| *counts.entry(permutation(3, 1, stream)).or_insert(0) += 1);
        // A sixth of 6000 each, with a standard deviation of sqrt(6000 · 5/36) = 29.
        assert!(counts.len() == 6 && counts.values().all(|&count: &i32| (count - 1000).abs() < 5 * 29));
    }
}
