//! Content that is shared by samples of a batch.

use std::collections::BTreeSet;
use std::ops::Range;

use ndarray::Array2;

use super::content_columns;
use crate::error::{Error, Result};
use crate::model::{AveragedColumns, ContentAverage};

/// Content latents of which the decoder takes, for every sample of a batch, a mean over the batch.
///
/// In a step the posterior of the content of sample i is then N(Σⱼ wᵢⱼ μⱼ, σᵢ²) in place of N(μᵢ, σᵢ²): it
/// depends on other samples too, and the ELBO stays a lower bound. The encoder does not learn what the mean
/// averages out, because the decoder does not see it. A sample without weights has the mean 0, as the prior.
///
/// Three scans of one area, where each patch takes its content from the two other scans, which have other
/// noise:
///
/// ```
/// use adatom_vae::ndarray::{Array2, ArrayViewMut2};
/// use adatom_vae::{LatentBatch, LatentRegulariser, Positions, Sharing, ShiftVae, Trainer};
///
/// #[derive(Debug)]
/// struct Scans {
///     positions: Positions,
/// }
/// impl LatentRegulariser for Scans {
///     fn describe(&self) -> String {
///         "content of the other scans".into()
///     }
///     fn penalty(&self, _: &LatentBatch<'_>, _: &mut ArrayViewMut2<'_, f64>) -> f64 {
///         0.0
///     }
///     fn sharing(&self, indices: &[usize]) -> Option<Sharing> {
///         let n = indices.len();
///         let mut weights = Array2::from_shape_fn((n, n), |(one, other)| {
///             let same = self.positions.distance(indices[one], indices[other]) == Some(0.0);
///             if same && one != other { 1.0f64 } else { 0.0 }
///         });
///         for mut row in weights.rows_mut() {
///             let others = row.sum().max(1.0);
///             row /= others;
///         }
///         Some(Sharing::new(weights))
///     }
///     fn positions(&self) -> Option<&Positions> {
///         Some(&self.positions)
///     }
/// }
///
/// let signals = Array2::from_shape_fn((60, 12), |(n, i)| if (n / 3 + i) % 6 < 3 { 1.0 } else { 0.0 });
/// let positions = Positions::new(Array2::from_shape_fn((60, 2), |(n, _)| (n / 3) as f64).view())?;
/// let trainer = Trainer::new(ShiftVae::signal_config(12).hidden([8])).epochs(2);
/// let vae = trainer.regulariser(Scans { positions }).fit(&signals)?;
/// assert!(vae.history().last().expect("2 epochs").elbo.total().is_finite());
/// # Ok::<(), adatom_vae::TrainError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Sharing {
    weights: Array2<f64>,
    latents: Option<Vec<usize>>,
}

impl Sharing {
    /// With the weight of each sample of the batch (column) in the mean of a sample (row), `[n, n]`, finite;
    /// of all content latents.
    pub fn new(weights: Array2<f64>) -> Self {
        Self { weights, latents: None }
    }

    /// Of these content latents, from 0; those that the model does not have are ignored.
    #[must_use]
    pub fn latents(mut self, content: impl Into<Vec<usize>>) -> Self {
        self.latents = Some(content.into());
        self
    }

    /// The weight of each sample of the batch (column) in the mean of a sample (row), `[n, n]`.
    pub fn weights(&self) -> &Array2<f64> {
        &self.weights
    }

    /// The content latents; `None` for all.
    pub fn get_latents(&self) -> Option<&[usize]> {
        self.latents.as_deref()
    }

    /// For a batch of `n` samples and a model with its `content` in these columns of the means.
    fn within(self, n: usize, content: &Range<usize>) -> Result<AveragedColumns> {
        if self.weights.dim() != (n, n) {
            let expected = format!("[{n} samples, {n} samples]");
            return Err(Error::shape(
                "the weights of shared content",
                expected,
                format!("{:?}", self.weights.shape()),
            ));
        }
        if let Some(wrong) = self.weights.iter().find(|weight| !weight.is_finite()) {
            return Err(Error::setting("a weight of shared content", "finite", wrong));
        }
        let columns = content_columns(content, self.latents.as_deref());
        Ok(AveragedColumns { weights: self.weights, columns })
    }
}

/// The averages over a batch of `n` samples of a model with its `content` in these columns of the means; each
/// column by the first of `sharings` that has it.
pub(crate) fn content_average(
    sharings: impl IntoIterator<Item = Sharing>,
    n: usize,
    content: &Range<usize>,
) -> Result<Option<ContentAverage>> {
    let (mut parts, mut taken) = (Vec::new(), BTreeSet::new());
    for sharing in sharings {
        let mut part = sharing.within(n, content)?;
        part.columns.retain(|&column| taken.insert(column));
        if !part.columns.is_empty() {
            parts.push(part);
        }
    }
    Ok(ContentAverage::new(parts))
}
