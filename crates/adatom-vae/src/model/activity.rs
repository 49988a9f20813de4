//! Which latents a model uses: the variance of the posterior means over the samples (Burda et al., arXiv
//! 1509.00519).

use ndarray::Axis;

use crate::model::Posterior;

/// The variance of the posterior means above which a latent counts as active (Burda et al., arXiv 1509.00519,
/// § 5.2).
pub const ACTIVE_VARIANCE: f64 = 0.01;

/// How much a latent varies over the samples.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct LatentActivity {
    /// The latent's name.
    pub name: String,
    /// The variance of the posterior means over the samples, in units of the prior's variance. For an angle
    /// on the circle or a phase, the variance of the mean direction, |E(cos φ, sin φ)|² averaged less that of
    /// the average: from 0 to 1.
    pub variance: f64,
    /// The mean KL divergence from the prior, nat.
    pub kl: f64,
}

impl LatentActivity {
    /// Whether the variance is above [`ACTIVE_VARIANCE`].
    pub fn is_active(&self) -> bool {
        self.variance > ACTIVE_VARIANCE
    }
}

impl Posterior {
    /// The activity of every latent, in order.
    ///
    /// ```
    /// use adatom_vae::{Device, ShiftVae, ndarray::Array2};
    /// let vae = ShiftVae::init(ShiftVae::signal_config(10).hidden([8]), 7, &Device::Cpu)?;
    /// // All samples are the same: no latent varies.
    /// let activity = vae.encode(&Array2::<f32>::zeros((5, 10)))?.activity();
    /// assert_eq!(activity[0].name, "shift");
    /// assert!(activity.iter().all(|latent| !latent.is_active() && latent.kl > 0.0));
    /// # Ok::<(), adatom_vae::Error>(())
    /// ```
    pub fn activity(&self) -> Vec<LatentActivity> {
        let (n, kl) = (self.len().max(1) as f64, self.kl_per_latent());
        let directions = self.config().directions();
        let (means, sds) = (self.mean(), self.sd());
        let columns = means.axis_iter(Axis(1)).zip(sds.axis_iter(Axis(1))).enumerate();
        let variances: Vec<f64> = columns
            .map(|(latent, (means, sds))| {
                if directions.contains(latent) {
                    // E cos φ = exp(-σ²/2) cos μ of a wrapped normal distribution.
                    let (mut sums, mut squares) = ([0.0, 0.0], 0.0);
                    for (&mean, &sd) in means.iter().zip(sds) {
                        let (length, angle) = ((-0.5 * f64::from(sd).powi(2)).exp(), f64::from(mean));
                        sums[0] += length * angle.cos();
                        sums[1] += length * angle.sin();
                        squares += length * length;
                    }
                    squares / n - (sums[0] / n).powi(2) - (sums[1] / n).powi(2)
                } else {
                    let average = means.iter().map(|&mean| f64::from(mean)).sum::<f64>() / n;
                    means.iter().map(|&mean| (f64::from(mean) - average).powi(2)).sum::<f64>() / n
                }
            })
            .collect();
        let named = self.names().into_iter().zip(variances).zip(kl);
        named.map(|((name, variance), kl)| LatentActivity { name, variance: variance.max(0.0), kl }).collect()
    }
}
