//! Windows of 3 points at every second point of an image as rows of a matrix, so that a convolution is a
//! matrix product.
//!
//! Image `[n, height, width, channels]`, matrix `[n · ⌈height/2⌉ · ⌈width/2⌉, kernel · channels]`, zeros
//! beyond the edges. Used on the CPU, where candle's own convolution takes several times as long for the
//! small images of an encoder, mostly in the backward pass.

use candle_core::{CpuStorage, CustomOp1, Error, Layout, Result, Shape, Tensor, WithDType};
use rayon::prelude::*;

use super::plane::Plane;

/// From an image to its windows.
pub(super) struct Unfold {
    pub(super) from: Plane,
}

/// The reverse: sums the entries of the windows at every point of the image.
struct Fold {
    to: Plane,
}

impl Plane {
    /// Rows and columns after a layer, and of its kernels.
    fn sizes(self) -> [usize; 4] {
        let (after, kernel) = (self.after(1), self.kernel(1));
        [after.height, after.width, kernel[2], kernel[3]]
    }

    /// Numbers in the windows of one image.
    fn unfolded(self) -> usize {
        self.sizes().iter().product::<usize>() * self.channels
    }

    /// Calls `each` with the index of every pixel of every window in the matrix, and its index in the image
    /// unless it lies beyond the edges; both are the indices of the first channel.
    fn windows(self, mut each: impl FnMut(usize, Option<usize>)) {
        let [rows, columns, kernel_rows, kernel_columns] = self.sizes();
        let along = |window: usize, offset: usize, kernel: usize, extent: usize| {
            let at = if kernel == 1 { Some(window) } else { (2 * window + offset).checked_sub(1) };
            at.filter(|&at| at < extent)
        };
        let mut index = 0;
        for row in 0..rows {
            for column in 0..columns {
                for a in 0..kernel_rows {
                    let r = along(row, a, kernel_rows, self.height);
                    for b in 0..kernel_columns {
                        let c = along(column, b, kernel_columns, self.width);
                        each(index, r.zip(c).map(|(r, c)| (r * self.width + c) * self.channels));
                        index += self.channels;
                    }
                }
            }
        }
    }

    fn unfold<T: WithDType>(self, images: &[T]) -> Vec<T> {
        let n = images.len() / self.len();
        let mut out = vec![T::zero(); n * self.unfolded()];
        out.par_chunks_mut(self.unfolded()).zip(images.par_chunks(self.len())).for_each(|(out, image)| {
            self.windows(|index, from| {
                if let Some(from) = from {
                    out[index..][..self.channels].copy_from_slice(&image[from..][..self.channels]);
                }
            });
        });
        out
    }

    fn fold<T: WithDType>(self, windows: &[T]) -> Vec<T> {
        let n = windows.len() / self.unfolded();
        let mut out = vec![T::zero(); n * self.len()];
        out.par_chunks_mut(self.len()).zip(windows.par_chunks(self.unfolded())).for_each(|(out, windows)| {
            self.windows(|index, to| {
                if let Some(to) = to {
                    let windows = &windows[index..][..self.channels];
                    out[to..][..self.channels].iter_mut().zip(windows).for_each(|(sum, &part)| *sum += part);
                }
            });
        });
        out
    }
}

fn slice<'a, T: WithDType>(storage: &'a CpuStorage, layout: &Layout) -> Result<&'a [T]> {
    let (first, last) =
        layout.contiguous_offsets().ok_or_else(|| Error::msg("images to unfold must be contiguous"))?;
    Ok(&storage.as_slice::<T>()?[first..last])
}

impl CustomOp1 for Unfold {
    fn name(&self) -> &'static str {
        "windows of an image"
    }

    fn cpu_fwd(&self, storage: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let [rows, columns, a, b] = self.from.sizes();
        let shape = Shape::from((layout.dims()[0] * rows * columns, a * b * self.from.channels));
        let windows = match storage {
            CpuStorage::F32(_) => CpuStorage::F32(self.from.unfold(slice(storage, layout)?)),
            CpuStorage::F64(_) => CpuStorage::F64(self.from.unfold(slice(storage, layout)?)),
            _ => return Err(Error::msg("images to unfold are of single or double precision")),
        };
        Ok((windows, shape))
    }

    fn bwd(&self, image: &Tensor, _windows: &Tensor, gradient: &Tensor) -> Result<Option<Tensor>> {
        // Samples are constant: the first layer needs no gradient with respect to its input.
        if !image.track_op() {
            return Ok(None);
        }
        gradient.contiguous()?.apply_op1_no_bwd(&Fold { to: self.from })?.reshape(image.shape()).map(Some)
    }
}

impl CustomOp1 for Fold {
    fn name(&self) -> &'static str {
        "image of its windows"
    }

    fn cpu_fwd(&self, storage: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let image = match storage {
            CpuStorage::F32(_) => CpuStorage::F32(self.to.fold(slice(storage, layout)?)),
            CpuStorage::F64(_) => CpuStorage::F64(self.to.fold(slice(storage, layout)?)),
            _ => return Err(Error::msg("images to unfold are of single or double precision")),
        };
        let numbers = layout.shape().elem_count() / self.to.unfolded() * self.to.len();
        Ok((image, Shape::from(numbers)))
    }
}
