//! A regulariser that ties a latent to a quantity that was measured at some of the patches.

use ndarray::ArrayViewMut2;

use super::{LatentBatch, LatentRegulariser};
use crate::error::{Error, Result};

/// Ties a content latent to given values at some samples, with the penalty λ/2 (μ - value)² for each of them.
///
/// ```
/// use adatom_vae::{MeasuredField, ShiftVae, Trainer, ndarray::Array2};
/// let signals = Array2::from_shape_fn((30, 12), |(n, i)| if (n + i) % 6 < 3 { 1.0 } else { 0.0 });
/// // Labels for the first ten samples only.
/// let mut values = vec![f64::NAN; 30];
/// (0..10).for_each(|n| values[n] = if n < 5 { -1.0 } else { 1.0 });
/// let trainer = Trainer::new(ShiftVae::signal_config(12).hidden([8])).epochs(2);
/// trainer.regulariser(MeasuredField::new(values, 0)?).fit(&signals)?;
/// assert!(MeasuredField::new(vec![f64::NAN; 3], 0).is_err());
/// # Ok::<(), adatom_vae::TrainError>(())
/// ```
#[derive(Debug, Clone)]
pub struct MeasuredField {
    values: Vec<f64>,
    latent: usize,
    weight: f64,
}

impl MeasuredField {
    /// Values `[samples]` of content latent `latent` (from 0), NaN where they are not known; best scaled to
    /// mean 0 and standard deviation 1, as the prior has. The weight is 10.
    ///
    /// # Errors
    /// [`Error::Setting`] when no value is finite.
    pub fn new(values: impl Into<Vec<f64>>, latent: usize) -> Result<Self> {
        let values = values.into();
        if !values.iter().any(|value| value.is_finite()) {
            let found = format!("{} values that are not", values.len());
            return Err(Error::setting("the measured field", "finite at one sample or more", found));
        }
        Ok(Self { values, latent, weight: 10.0 })
    }

    /// λ, the penalty of a sample in nat for a distance of √2 standard deviations of the prior. Default 10.
    /// Values that are negative or not finite count as 0.
    #[must_use]
    pub fn weight(mut self, nats: f64) -> Self {
        self.weight = if nats.is_finite() { nats.max(0.0) } else { 0.0 };
        self
    }
}

impl LatentRegulariser for MeasuredField {
    fn describe(&self) -> String {
        let known = self.values.iter().filter(|value| value.is_finite());
        let (count, sum) = known.fold((0, 0.0), |(count, sum), value| (count + 1, sum + value));
        format!("latent {} tied to {count} values of sum {sum}, weight {}", self.latent, self.weight)
    }

    fn penalty(&self, batch: &LatentBatch<'_>, gradient: &mut ArrayViewMut2<'_, f64>) -> f64 {
        let column = batch.content.start + self.latent;
        if !batch.content.contains(&column) {
            return 0.0;
        }
        let mut sum = 0.0;
        for (row, &sample) in batch.indices.iter().enumerate() {
            let Some(value) = self.values.get(sample).filter(|value| value.is_finite()) else { continue };
            let away = batch.means[[row, column]] - value;
            sum += 0.5 * self.weight * away * away;
            gradient[[row, column]] += self.weight * away;
        }
        sum
    }
}
