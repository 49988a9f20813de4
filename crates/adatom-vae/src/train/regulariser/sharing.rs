//! Content that samples have in common.

use std::collections::BTreeSet;
use std::ops::Range;

use ndarray::Array2;

use crate::error::{Error, Result};
use crate::model::{AveragedColumns, ContentAverage};

/// Content latents of which the decoder is given, for every sample of a batch, a mean over the batch.
///
/// In a step the posterior of the content of sample i is then N(Σⱼ wᵢⱼ μⱼ, σᵢ²) in position of N(μᵢ, σᵢ²): it depends on
/// other samples too, and the ELBO stays a lower bound. What the mean leaves out is of no use to the decoder, so that the encoder does
/// not learn it. A sample without weights has the mean 0, as the prior.
///
/// Three scans of one area, of which each patch takes its content from the two other ones; noise is not shared:
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
///         Some(Sharing { weights, latents: None })
///     }
///     fn positions(&self) -> Option<&Positions> {
///         Some(&self.positions)
///     }
/// }
///
/// let signals = Array2::from_shape_fn((60, 12), |(n, i)| if (n / 3 + i) % 6 < 3 { 1.0 } else { 0.0 });
/// let positions = Positions::new(Array2::from_shape_fn((60, 2), |(n, _)| (n / 3) as f64).view())?;
/// let vae = Trainer::new(ShiftVae::signal_config(12).hidden([8])).epochs(2).regulariser(Scans { positions }).fit(&signals)?;
/// assert!(vae.history().last().expect("2 epochs").elbo.total().is_finite());
/// # Ok::<(), adatom_vae::TrainError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Sharing {
    /// How much of each sample of the batch (column) is in the mean of a sample (row), `[n, n]`; finite.
    pub weights: Array2<f64>,
    /// Which content latents, from 0; those that the model does not have are left out. `None` for all.
    pub latents: Option<Vec<usize>>,
}

impl Sharing {
    /// For a batch of `n` samples and a model with its `content` in these columns of the means.
    fn within(self, n: usize, content: &Range<usize>) -> Result<AveragedColumns> {
        if self.weights.dim() != (n, n) {
            let (expected, found) = (format!("[{n}, {n}]"), format!("{:?}", self.weights.shape()));
            return Err(Error::Shape { what: "the weights of shared content", expected, found });
        }
        if let Some(wrong) = self.weights.iter().find(|weight| !weight.is_finite()) {
            let (setting, expected) = ("a weight of shared content", "finite");
            return Err(Error::Setting { setting, expected, found: wrong.to_string() });
        }
        let columns = match self.latents {
            None => content.clone().collect(),
            Some(latents) => {
                let columns = latents.into_iter().map(|latent| content.start.saturating_add(latent));
                columns.filter(|column| content.contains(column)).collect()
            }
        };
        Ok(AveragedColumns { weights: self.weights, columns })
    }
}

/// The averages over a batch of `n` samples of a model with its `content` in these columns of the means; each column by the
/// first of `sharings` that has it.
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
