//! Random numbers: one ChaCha stream for each purpose and epoch, so that nothing depends on threads or on
//! interruptions of a training.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// The purpose of random numbers.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Purpose {
    /// Initial weights.
    Weights,
    /// The choice of held-out samples.
    HeldOut,
    /// The order of samples in an epoch.
    Order(usize),
    /// The latent noise of an epoch.
    Noise(usize),
    /// The points of each sample that an epoch scores.
    Points(usize),
    /// The points on which pose hypotheses are scored in an epoch.
    Hypotheses(usize),
    /// The latent noise with which held-out samples are scored; the same in every epoch, so that epochs
    /// compare.
    Evaluation,
}

/// The generator of `seed` for `purpose`.
pub(crate) fn stream(seed: u64, purpose: Purpose) -> ChaCha8Rng {
    let mut generator = ChaCha8Rng::seed_from_u64(seed);
    generator.set_stream(match purpose {
        Purpose::Weights => 0,
        Purpose::HeldOut => 1,
        Purpose::Evaluation => 2,
        Purpose::Order(epoch) => 4 + 4 * epoch as u64,
        Purpose::Noise(epoch) => 5 + 4 * epoch as u64,
        Purpose::Points(epoch) => 6 + 4 * epoch as u64,
        Purpose::Hypotheses(epoch) => 7 + 4 * epoch as u64,
    });
    generator
}

/// `count` numbers of the standard normal distribution (Box and Muller 1958).
pub(crate) fn normals(generator: &mut ChaCha8Rng, count: usize) -> Vec<f32> {
    let mut values = Vec::with_capacity(count + 1);
    while values.len() < count {
        // 1 - u lies in (0, 1], so that the logarithm is finite.
        let radius = (-2.0 * (1.0 - generator.random::<f64>()).ln()).sqrt();
        let (sine, cosine) = (std::f64::consts::TAU * generator.random::<f64>()).sin_cos();
        values.push((radius * cosine) as f32);
        values.push((radius * sine) as f32);
    }
    values.truncate(count);
    values
}

/// `m` different indices below `points`, for each of `n` samples: `[n · m]`.
pub(crate) fn subsets(generator: &mut ChaCha8Rng, n: usize, m: usize, points: usize) -> Vec<u32> {
    let mut order: Vec<u32> = (0..points as u32).collect();
    let mut chosen = Vec::with_capacity(n * m);
    for _ in 0..n {
        // The first m steps of a shuffle (Fisher and Yates); continuing from the last order is as random.
        for position in 0..m {
            order.swap(position, generator.random_range(position..points));
        }
        chosen.extend_from_slice(&order[..m]);
    }
    chosen
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn normals_have_mean_zero_and_variance_one() {
        let values = normals(&mut stream(3, Purpose::Noise(0)), 100_001);
        let n = values.len() as f64;
        let mean = values.iter().map(|&x| f64::from(x)).sum::<f64>() / n;
        let variance = values.iter().map(|&x| f64::from(x).powi(2)).sum::<f64>() / n;
        let fourth = values.iter().map(|&x| f64::from(x).powi(4)).sum::<f64>() / n;
        // Standard errors: 1/√n = 0.003, √2/√n = 0.0045, √96/√n = 0.031; four of each.
        assert!(mean.abs() < 0.013 && (variance - 1.0).abs() < 0.018 && (fourth - 3.0).abs() < 0.13);
    }
}
