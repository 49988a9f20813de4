//! Regularisers: properties that latents should have beside explaining the samples, such as smoothness over
//! the image.
//!
//! A regulariser is a penalty on the posterior means of a batch with its gradient, which reaches the encoder
//! through them. One that compares neighbours gives the positions of the samples; batches are then made of
//! blocks of neighbours. It can also make the decoder take the content that a sample shares with others in
//! place of its own. Another regulariser is an implementation of [`LatentRegulariser`], here or in a program.

mod blocks;
mod field;
mod positions;
mod sharing;
mod smoothness;

use std::fmt::Debug;
use std::ops::Range;

use ndarray::{ArrayView2, ArrayViewMut2};

pub(crate) use self::blocks::{BlockSize, order};
pub use self::field::MeasuredField;
pub use self::positions::Positions;
pub use self::sharing::Sharing;
pub(crate) use self::sharing::content_average;
pub use self::smoothness::{Roughness, Smoothness};

/// The posterior of the samples of a step.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct LatentBatch<'a> {
    /// The numbers of the samples, `[n]`.
    pub indices: &'a [usize],
    /// Their own means `[n, latents]`, also where content is shared ([`Sharing`]), in the order of the
    /// latents: rotation, shift, scale, content.
    pub means: ArrayView2<'a, f64>,
    /// Their standard deviations `[n, latents]`, above 0.
    pub sds: ArrayView2<'a, f64>,
    /// The columns of the content.
    pub content: Range<usize>,
}

impl<'a> LatentBatch<'a> {
    /// A batch of the samples `indices` `[n]` with `means` and `sds` `[n, latents]` and the content in these
    /// columns, as to try a regulariser.
    pub fn new(
        indices: &'a [usize],
        means: ArrayView2<'a, f64>,
        sds: ArrayView2<'a, f64>,
        content: Range<usize>,
    ) -> Self {
        Self { indices, means, sds, content }
    }

    /// The columns of the content latents `latents` (from 0) that the model has; all content latents for
    /// `None`.
    fn columns(&self, latents: Option<&[usize]>) -> Vec<usize> {
        content_columns(&self.content, latents)
    }
}

/// The columns of the content latents `latents` (from 0) inside `content`; all for `None`.
fn content_columns(content: &Range<usize>, latents: Option<&[usize]>) -> Vec<usize> {
    let Some(latents) = latents else { return content.clone().collect() };
    let columns = latents.iter().map(|&latent| content.start.saturating_add(latent));
    columns.filter(|column| content.contains(column)).collect()
}

/// A regulariser of the latents, added to the loss of every step.
///
/// This one makes the first content latent of the second half of the samples minus that of the first half, as
/// a quantity that is odd under a mirror has to be when the samples are patches followed by their mirror
/// images:
///
/// ```
/// use adatom_vae::ndarray::{Array2, ArrayViewMut2};
/// use adatom_vae::{LatentBatch, LatentRegulariser, ShiftVae, Trainer};
///
/// #[derive(Debug)]
/// struct Odd {
///     half: usize,
/// }
/// impl LatentRegulariser for Odd {
///     fn describe(&self) -> String {
///         format!("odd under the mirror, {} pairs", self.half)
///     }
///     fn penalty(&self, batch: &LatentBatch<'_>, gradient: &mut ArrayViewMut2<'_, f64>) -> f64 {
///         let (z, mut sum) = (batch.content.start, 0.0);
///         for (row, &sample) in batch.indices.iter().enumerate() {
///             let twin = batch.indices.iter().position(|&other| other == sample + self.half);
///             if let Some(twin) = twin {
///                 let both = batch.means[[row, z]] + batch.means[[twin, z]];
///                 sum += 0.5 * both * both;
///                 gradient[[row, z]] += both;
///                 gradient[[twin, z]] += both;
///             }
///         }
///         sum
///     }
/// }
///
/// let signals = Array2::from_shape_fn((40, 12), |(n, i)| if (n + i) % 6 < 3 { 1.0 } else { 0.0 });
/// let trainer =
///     Trainer::new(ShiftVae::signal_config(12).hidden([8])).epochs(2).regulariser(Odd { half: 20 });
/// let vae = trainer.fit(&signals)?;
/// assert!(vae.history().last().expect("2 epochs").penalty.is_some());
/// # Ok::<(), adatom_vae::TrainError>(())
/// ```
pub trait LatentRegulariser: Send + Sync + Debug {
    /// A description with all settings: a training is only resumed with the same regularisers.
    fn describe(&self) -> String;

    /// The penalty of the batch, in nat, summed over its samples as the log-likelihood is; adds its gradient
    /// with respect to the means to `gradient` `[n, latents]`.
    fn penalty(&self, batch: &LatentBatch<'_>, gradient: &mut ArrayViewMut2<'_, f64>) -> f64;

    /// The positions of the samples, if batches must contain neighbours. Those of the first regulariser that
    /// has some are used.
    fn positions(&self) -> Option<&Positions> {
        None
    }

    /// Number of blocks of neighbours in a batch.
    fn blocks(&self) -> usize {
        1
    }

    /// The smallest width of a block in pixels: where patches are denser, a block is a random part of the
    /// neighbours.
    fn block_width(&self) -> f64 {
        0.0
    }

    /// Content latents of which the decoder takes means over samples of the batch in place of the sample's
    /// own. Of several regularisers that share the same latent, the first one counts.
    fn sharing(&self, indices: &[usize]) -> Option<Sharing> {
        let _ = indices;
        None
    }
}
