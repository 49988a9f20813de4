//! Random orders from a seed: stream s of ChaCha with 8 rounds under the seed.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// A random order of 0 to n - 1 (Fisher and Yates).
pub(crate) fn permutation(n: usize, seed: u64, stream: u64) -> Vec<usize> {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    random.set_stream(stream);
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
