//! Trained standard deviations in the fused step: repeated over the values of a sample, and their gradients summed.

use crate::spec::VaeConfig;
use adatom_kernel::Noise;

/// The logarithm of the standard deviation of every value, with the gradient of the loss.
#[derive(Debug)]
pub(super) struct NoiseStep {
    /// `[points, channels]`.
    log_sigma: Vec<f32>,
    slopes: Vec<f32>,
}

impl NoiseStep {
    /// `None` where no standard deviation is trained.
    pub(super) fn new(config: &VaeConfig) -> Option<Self> {
        config.get_likelihood().trained_noise()?;
        let values = config.sample_shape().len();
        Some(Self { log_sigma: vec![0.0; values], slopes: vec![0.0; values] })
    }

    /// Repeats the trained values, `[channels]` or `[points, channels]`, over all points.
    pub(super) fn spread(&mut self, trained: &[f32]) -> Noise<'_> {
        for values in self.log_sigma.chunks_exact_mut(trained.len()) {
            values.copy_from_slice(trained);
        }
        Noise { log_sigma: &self.log_sigma, slopes: &mut self.slopes }
    }

    /// Sums of the gradient over the values that share a standard deviation.
    pub(super) fn gather(&self, gradient: &mut [f32]) {
        let mut sums = vec![0.0; gradient.len()];
        for slopes in self.slopes.chunks_exact(gradient.len()) {
            sums.iter_mut().zip(slopes).for_each(|(sum, &slope)| *sum += f64::from(slope));
        }
        gradient.iter_mut().zip(sums).for_each(|(gradient, sum)| *gradient = sum as f32);
    }
}
