//! The evidence lower bound, E_q[ln p(x | z)] - KL(q(z | x) ‖ N(0, 1)), with its two parts.

use candle_core::{Result, Tensor};
use serde::{Deserialize, Serialize};

use crate::spec::{VaeConfig, circle_kl_of};

/// The evidence lower bound per sample, in nat.
///
/// ```
/// use adatom_vae::Elbo;
/// let elbo = Elbo::new(-60.0, 2.5);
/// assert_eq!((elbo.total(), elbo.loss(0.5)), (-62.5, 61.25));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Elbo {
    /// ln p(x | z), summed over the pixels of a sample.
    pub log_likelihood: f64,
    /// KL divergence of the posterior from the prior, summed over latents.
    pub kl: f64,
}

impl Elbo {
    /// From log-likelihood and KL divergence.
    pub fn new(log_likelihood: f64, kl: f64) -> Self {
        Self { log_likelihood, kl }
    }

    /// The bound itself: log-likelihood minus KL.
    pub fn total(&self) -> f64 {
        self.log_likelihood - self.kl
    }

    /// The loss of a training: -(log-likelihood - β · KL).
    pub fn loss(&self, beta: f64) -> f64 {
        -(self.log_likelihood - beta * self.kl)
    }
}

/// KL(N(mean, sd²) ‖ N(0, 1)) of every latent, `[n, latents]`: ½ (μ² + σ² - 1) - ln σ.
pub(crate) fn kl_divergence(mean: &Tensor, sd: &Tensor) -> Result<Tensor> {
    (((mean.sqr()? + sd.sqr()?)? - 1.0)? * 0.5)? - sd.log()?
}

/// KL divergence of every latent of a model from its prior, `[n, latents]`.
pub(crate) fn latent_kl(config: &VaeConfig, mean: &Tensor, sd: &Tensor) -> Result<Tensor> {
    config.directions().by_column([mean, sd], circle_kl_of, kl_divergence)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Purpose, normals, stream};
    use candle_core::Device;

    #[test]
    fn closed_form_agrees_with_monte_carlo() {
        let (mean, sd) = (0.7f64, 0.4f64);
        // ln q - ln p of draws from q; q's own constant cancels.
        let draws = normals(&mut stream(1, Purpose::Noise(0)), 400_000);
        let samples = draws.iter().map(|&e| {
            let (e, z) = (f64::from(e), mean + sd * f64::from(e));
            -0.5 * e * e - sd.ln() + 0.5 * z * z
        });
        let estimate = samples.sum::<f64>() / draws.len() as f64;
        let tensor = |x: f64| Tensor::new(&[[x]], &Device::Cpu).unwrap();
        let closed = kl_divergence(&tensor(mean), &tensor(sd)).unwrap().to_vec2::<f64>().unwrap()[0][0];
        // Standard deviation of a draw 0.66, so four standard errors are 0.0042.
        assert!((closed - estimate).abs() < 0.0042, "{closed} against {estimate}");
        let prior = kl_divergence(&tensor(0.0), &tensor(1.0)).unwrap().to_vec2::<f64>().unwrap()[0][0];
        assert_eq!(prior, 0.0);
    }
}
