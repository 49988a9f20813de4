//! Trained standard deviations in the fused step: repeated over the values of a sample, and their gradients
//! summed.

use crate::spec::VaeConfig;

/// The logarithm of the standard deviation of every value, with the gradient of the loss.
#[derive(Debug)]
pub(super) struct NoiseStep {
    /// `[points, channels]`.
    pub(super) log_sigma: Vec<f32>,
    /// `[points, channels]`.
    pub(super) gradient: Vec<f32>,
}

impl NoiseStep {
    /// `None` where no standard deviation is trained.
    pub(super) fn new(config: &VaeConfig) -> Option<Self> {
        config.get_likelihood().trained_noise()?;
        let values = config.sample_shape().len();
        Some(Self { log_sigma: vec![0.0; values], gradient: vec![0.0; values] })
    }

    /// Repeats the trained values, `[channels]` or `[points, channels]`, over all points.
    pub(super) fn spread(&mut self, trained: &[f32]) {
        for values in self.log_sigma.chunks_exact_mut(trained.len()) {
            values.copy_from_slice(trained);
        }
    }

    /// Sums of the gradient over the values that share a standard deviation.
    pub(super) fn gather(&self, gradient: &mut [f32]) {
        let mut sums = vec![0.0; gradient.len()];
        for values in self.gradient.chunks_exact(gradient.len()) {
            sums.iter_mut().zip(values).for_each(|(sum, &value)| *sum += f64::from(value));
        }
        gradient.iter_mut().zip(sums).for_each(|(gradient, sum)| *gradient = sum as f32);
    }
}
