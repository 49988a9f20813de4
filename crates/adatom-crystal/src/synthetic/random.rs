//! Random numbers from a seed and a stream: ChaCha with 8 rounds, and the few distributions that are needed.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

pub(super) struct Random(ChaCha8Rng);

impl Random {
    /// Streams of one seed are independent of each other, so that a material does not depend on those before it.
    pub(super) fn new(seed: u64, stream: u64) -> Self {
        let mut generator = ChaCha8Rng::seed_from_u64(seed);
        generator.set_stream(stream);
        Self(generator)
    }

    /// Uniform in [0, 1), in steps of 2⁻⁵³.
    fn uniform(&mut self) -> f64 {
        (self.0.next_u64() >> 11) as f64 * (1.0 / (1u64 << 53) as f64)
    }

    /// Uniform in [-1, 1).
    pub(super) fn signed(&mut self) -> f64 {
        2.0 * self.uniform() - 1.0
    }

    /// One of a list that is not empty. The lists are short: the bias of the product is below 2⁻⁴⁰.
    pub(super) fn choose<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[((self.uniform() * list.len() as f64) as usize).min(list.len() - 1)]
    }

    /// Normal with mean 0 and standard deviation 1 (Box and Muller).
    pub(super) fn normal(&mut self) -> f64 {
        // 1 - u lies in (0, 1], where the logarithm is finite.
        let radius = (-2.0 * (1.0 - self.uniform()).ln()).sqrt();
        radius * (std::f64::consts::TAU * self.uniform()).cos()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_differ_and_normal_numbers_have_their_moments() {
        let first: Vec<f64> = (0..3).map(|stream| Random::new(1, stream).uniform()).collect();
        assert!(first[0] != first[1] && first[1] != first[2]);
        let mut random = Random::new(2, 0);
        let numbers: Vec<f64> = (0..40_000).map(|_| random.normal()).collect();
        let mean = numbers.iter().sum::<f64>() / 40_000.0;
        let variance = numbers.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / 40_000.0;
        // Five standard errors: 5 / √40,000 of the mean, 5 √(2 / 40,000) of the variance.
        assert!(mean.abs() < 0.025 && (variance - 1.0).abs() < 0.036, "{mean} {variance}");
    }

    #[test]
    fn everything_is_chosen() {
        let mut random = Random::new(3, 0);
        let mut counts = [0; 3];
        (0..300).for_each(|_| counts[*random.choose(&[0usize, 1, 2])] += 1);
        assert!(counts.iter().all(|&count| count > 60), "{counts:?}");
    }
}
