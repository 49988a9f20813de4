//! Sliding-window encoding with windows that are cut out and encoded in batches, for convolutional encoders.

use candle_core::{DType, Tensor};
use ndarray::{Array2, ArrayView3};

use super::GridRows;
use crate::error::Result;
use crate::model::{Posterior, ShiftVae};

/// Windows of a batch; bounds the memory, not the result.
const BATCH: usize = 256;

impl ShiftVae {
    /// Mean and standard deviation of the windows in some rows of the grid on a valid image
    /// `[channels, rows, columns]`.
    pub(super) fn encode_windows(&self, image: ArrayView3<'_, f32>, grid: &GridRows) -> Result<Posterior> {
        let GridRows { stride, rows, columns } = grid;
        let config = self.config();
        let (extents, channels) = (config.sample_shape().extents(), config.sample_shape().channels());
        let n = rows.len() * columns;
        let (mut means, mut sds) = (Vec::new(), Vec::new());
        for first in (0..n).step_by(BATCH) {
            let count = BATCH.min(n - first);
            let mut values = Vec::with_capacity(count * config.sample_shape().len());
            for index in first..first + count {
                let at = [(rows.start + index / columns) * stride[0], index % columns * stride[1]];
                for r in at[0]..at[0] + extents[0] {
                    for c in at[1]..at[1] + extents[1] {
                        values.extend((0..channels).map(|channel| image[[channel, r, c]]));
                    }
                }
            }
            let batch = Tensor::from_vec(values, (count, config.sample_shape().len()), self.device())?;
            let latents = self.encode_tensor(&batch.to_dtype(self.dtype())?)?;
            for (to, tensor) in [(&mut means, latents.mean), (&mut sds, latents.sd)] {
                to.extend(tensor.to_dtype(DType::F32)?.flatten_all()?.to_vec1::<f32>()?);
            }
        }
        let array = |values| {
            Array2::from_shape_vec((n, config.latents()), values).expect("the latents of every window")
        };
        Ok(Posterior::new(config.clone(), array(means), array(sds)))
    }
}
