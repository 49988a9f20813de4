//! What latents should be like beside explaining the samples: smooth over the image, tied to a measured field, odd under a
//! mirror.
//!
//! A condition is a penalty on the posterior means of a batch with its slopes, which reach the encoder through them. Those
//! that compare neighbours say where samples lie; batches are then made of blocks of neighbours. A condition can also have
//! the decoder see the content that a sample shares with others, so that nothing else is rewarded.

mod blocks;
mod field;
mod positions;
mod sharing;
mod smoothness;

pub(crate) use blocks::order;
pub use field::MeasuredField;
pub use positions::Positions;
pub use sharing::Sharing;
pub(crate) use sharing::content_average;
pub use smoothness::{Roughness, Smoothness};

use std::fmt::Debug;
use std::ops::Range;

use ndarray::{ArrayView2, ArrayViewMut2};

/// The means and standard deviations that the encoder gives for the samples of a step.
#[derive(Debug, Clone)]
pub struct LatentBatch<'a> {
    /// Which samples `[n]`.
    pub indices: &'a [usize],
    /// Their own means `[n, latents]`, also where content is shared ([`Sharing`]), in the order of the latents: rotation,
    /// shift, scale, content.
    pub means: ArrayView2<'a, f64>,
    /// Their standard deviations `[n, latents]`, above 0.
    pub sds: ArrayView2<'a, f64>,
    /// The columns of the content.
    pub content: Range<usize>,
}

/// A condition on the latents, added to the loss of every step.
///
/// This one wants the first content latent of the second half of the samples to be minus that of the first half, as a
/// quantity that is odd under a mirror has to be when the samples are patches and then their mirror images:
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
///     fn penalty(&self, batch: &LatentBatch<'_>, slopes: &mut ArrayViewMut2<'_, f64>) -> f64 {
///         let (z, mut sum) = (batch.content.start, 0.0);
///         for (row, &sample) in batch.indices.iter().enumerate() {
///             let twin = batch.indices.iter().position(|&other| other == sample + self.half);
///             if let Some(twin) = twin {
///                 let both = batch.means[[row, z]] + batch.means[[twin, z]];
///                 sum += 0.5 * both * both;
///                 slopes[[row, z]] += both;
///                 slopes[[twin, z]] += both;
///             }
///         }
///         sum
///     }
/// }
///
/// let signals = Array2::from_shape_fn((40, 12), |(n, i)| if (n + i) % 6 < 3 { 1.0 } else { 0.0 });
/// let trainer = Trainer::new(ShiftVae::signal_config(12).hidden([8])).epochs(2).regulariser(Odd { half: 20 });
/// let vae = trainer.fit(&signals)?;
/// assert!(vae.history().last().expect("2 epochs").penalty.is_some());
/// # Ok::<(), adatom_vae::TrainError>(())
/// ```
pub trait LatentRegulariser: Send + Sync + Debug {
    /// What is wanted, with all settings: a training is only resumed under the same conditions.
    fn describe(&self) -> String;

    /// The penalty of the batch, in nat, summed over its samples as the log-likelihood is; its slopes with respect to the
    /// means are added to `slopes` `[n, latents]`.
    fn penalty(&self, batch: &LatentBatch<'_>, slopes: &mut ArrayViewMut2<'_, f64>) -> f64;

    /// Where the samples lie, if batches must hold neighbours. The first condition of a training that says so decides.
    fn positions(&self) -> Option<&Positions> {
        None
    }

    /// How many blocks of neighbours a batch has, where it is made of such.
    fn blocks(&self) -> usize {
        1
    }

    /// How wide a block should be at least, in pixels: where patches lie denser, it is a random part of the neighbours.
    fn block_width(&self) -> f64 {
        0.0
    }

    /// Which content latents the decoder is given as means over samples of the batch, in position of the sample's own. Of several
    /// conditions that say so of the same latent, the first decides.
    fn sharing(&self, indices: &[usize]) -> Option<Sharing> {
        let _ = indices;
        None
    }
}
