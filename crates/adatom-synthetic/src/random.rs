//! Random numbers from a seed and a stream: ChaCha with 8 rounds, and the few distributions that are needed.
//!
//! The distributions are written out here so that a seed gives the same numbers with every version of `rand`.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

pub(crate) struct Random(ChaCha8Rng);

impl Random {
    /// Streams of one seed are independent of each other.
    pub(crate) fn new(seed: u64, stream: u64) -> Self {
        let mut generator = ChaCha8Rng::seed_from_u64(seed);
        generator.set_stream(stream);
        Self(generator)
    }

    /// Uniform in [0, 1), in steps of 2⁻⁵³.
    pub(crate) fn uniform(&mut self) -> f64 {
        (self.0.next_u64() >> 11) as f64 * (1.0 / (1u64 << 53) as f64)
    }

    /// Uniform in [-1, 1).
    #[cfg(feature = "oxides")]
    pub(crate) fn signed(&mut self) -> f64 {
        2.0 * self.uniform() - 1.0
    }

    /// One of a list that is not empty. The lists are short: the bias of the product is below 2⁻⁴⁰.
    #[cfg(feature = "oxides")]
    pub(crate) fn choose<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[((self.uniform() * list.len() as f64) as usize).min(list.len() - 1)]
    }

    /// Normal with mean 0 and standard deviation 1 (Box and Muller).
    pub(crate) fn normal(&mut self) -> f64 {
        // 1 - u lies in (0, 1], where the logarithm is finite.
        let radius = (-2.0 * (1.0 - self.uniform()).ln()).sqrt();
        radius * (std::f64::consts::TAU * self.uniform()).cos()
    }

    /// Poisson with the given mean (product of uniforms); a rounded normal where the mean is large.
    #[cfg(feature = "images")]
    pub(crate) fn poisson(&mut self, mean: f64) -> f64 {
        const NORMAL_FROM: f64 = 30.0;
        if mean >= NORMAL_FROM {
            return (mean + mean.sqrt() * self.normal()).round().max(0.0);
        }
        let limit = (-mean.max(0.0)).exp();
        let (mut product, mut count) = (self.uniform(), 0.0);
        while product > limit {
            product *= self.uniform();
            count += 1.0;
        }
        count
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DRAWS: usize = 40_000;

    fn check_moments(mut draw: impl FnMut() -> f64, mean: f64, variance: f64) {
        let numbers: Vec<f64> = (0..DRAWS).map(|_| draw()).collect();
        let found = numbers.iter().sum::<f64>() / DRAWS as f64;
        let spread = numbers.iter().map(|x| (x - found).powi(2)).sum::<f64>() / DRAWS as f64;
        // Five standard errors of a mean of 40,000.
        assert!((found - mean).abs() < 5.0 * (variance / DRAWS as f64).sqrt(), "{found}");
        assert!((spread / variance - 1.0).abs() < 0.05, "{spread}");
    }

    #[test]
    fn streams_differ_and_normal_numbers_have_their_moments() {
        let first: Vec<f64> = (0..3).map(|stream| Random::new(1, stream).uniform()).collect();
        assert!(first[0] != first[1] && first[1] != first[2]);
        let mut random = Random::new(2, 0);
        check_moments(|| random.normal(), 0.0, 1.0);
    }

    #[cfg(feature = "images")]
    #[test]
    fn poisson_numbers_have_their_moments() {
        let mut random = Random::new(2, 0);
        check_moments(|| random.poisson(4.0), 4.0, 4.0);
        check_moments(|| random.poisson(50.0), 50.0, 50.0);
    }

    #[cfg(feature = "oxides")]
    #[test]
    fn everything_is_chosen() {
        let mut random = Random::new(3, 0);
        let mut counts = [0; 3];
        (0..300).for_each(|_| counts[*random.choose(&[0usize, 1, 2])] += 1);
        assert!(counts.iter().all(|&count| count > 60), "{counts:?}");
    }
}
