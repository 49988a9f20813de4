//! Arrays of several channels as samples: `[n, channels, ...]` in an array, `[..., channels]` in a batch.

use ndarray::{Array4, ArrayView3, ArrayView4, ArrayViewMut2, Axis};

use crate::{SampleShape, Samples};

/// Signals `[n, channels, points]` of several channels; an `Array3` by itself holds patches.
///
/// ```
/// use adatom_core::{
///     ChannelSignals, SampleShape, Samples,
///     ndarray::{Array2, Array3},
/// };
/// let values =
///     Array3::from_shape_fn((5, 2, 3), |(n, channel, i)| (n * 100 + channel * 10 + i) as f32);
/// let signals = ChannelSignals(values.view());
/// assert_eq!(signals.shape(), SampleShape::ChannelSignal { channels: 2, points: 3 });
/// let mut batch = Array2::zeros((1, 6));
/// signals.fill(&[4], &mut batch.view_mut());
/// assert_eq!(batch.row(0).to_vec(), [400.0, 410.0, 401.0, 411.0, 402.0, 412.0]);
/// ```
#[derive(Debug, Clone, Copy)]
pub struct ChannelSignals<'a>(
    /// `[n, channels, points]`.
    pub ArrayView3<'a, f32>,
);

impl Samples for ChannelSignals<'_> {
    fn count(&self) -> usize {
        self.0.len_of(Axis(0))
    }
    fn shape(&self) -> SampleShape {
        SampleShape::ChannelSignal { channels: self.0.len_of(Axis(1)), points: self.0.len_of(Axis(2)) }
    }
    fn fill(&self, indices: &[usize], batch: &mut ArrayViewMut2<'_, f32>) {
        for (&index, row) in indices.iter().zip(batch.rows_mut()) {
            let by_point = self.0.index_axis(Axis(0), index).reversed_axes();
            row.into_iter().zip(by_point).for_each(|(to, &from)| *to = from);
        }
    }
}

impl Samples for ArrayView4<'_, f32> {
    fn count(&self) -> usize {
        self.len_of(Axis(0))
    }
    fn shape(&self) -> SampleShape {
        let [channels, height, width] = [1, 2, 3].map(|axis| self.len_of(Axis(axis)));
        SampleShape::ChannelImage { channels, height, width }
    }
    fn fill(&self, indices: &[usize], batch: &mut ArrayViewMut2<'_, f32>) {
        for (&index, row) in indices.iter().zip(batch.rows_mut()) {
            let by_pixel = self.index_axis(Axis(0), index).permuted_axes([1, 2, 0]);
            row.into_iter().zip(by_pixel).for_each(|(to, &from)| *to = from);
        }
    }
}

impl Samples for Array4<f32> {
    fn count(&self) -> usize {
        self.len_of(Axis(0))
    }
    fn shape(&self) -> SampleShape {
        Samples::shape(&self.view())
    }
    fn fill(&self, indices: &[usize], batch: &mut ArrayViewMut2<'_, f32>) {
        self.view().fill(indices, batch);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::Array2;

    #[test]
    fn channels_of_a_pixel_stand_together_in_a_batch() {
        let patches = Array4::from_shape_fn((4, 2, 2, 3), |(n, channel, r, c)| {
            (n * 1000 + channel * 100 + r * 10 + c) as f32
        });
        assert_eq!(Samples::shape(&patches).to_string(), "2 channels of 2 x 3");
        let mut batch = Array2::zeros((2, 12));
        patches.fill(&[3, 1], &mut batch.view_mut());
        assert_eq!(
            batch.row(1).to_vec(),
            [1000., 1100., 1001., 1101., 1002., 1102., 1010., 1110., 1011., 1111., 1012., 1112.]
        );
        assert_eq!(batch[[0, 11]], 3112.0);
    }
}
