//! Training samples of an autoencoder.

use std::fmt;

use ndarray::{Array2, Array3, ArrayView2, ArrayView3, ArrayViewMut2, Axis};
use serde::{Deserialize, Serialize};

use crate::Scaling;

/// The shape of one sample.
///
/// A sample has one value at each of its *points* (the pixels of a patch), or several, one for each
/// *channel*: detectors that measured the same area, or energy windows.
///
/// ```
/// use adatom_core::SampleShape;
/// assert_eq!(SampleShape::Image { height: 4, width: 3 }.len(), 12);
/// assert_eq!(SampleShape::Signal { points: 100 }.to_string(), "100");
/// let detectors = SampleShape::Image { height: 4, width: 3 }.with_channels(2);
/// assert_eq!((detectors.len(), detectors.points(), detectors.channels()), (24, 12, 2));
/// assert_eq!((detectors.extents(), detectors.array_shape()), (vec![4, 3], vec![2, 4, 3]));
/// assert_eq!(detectors.to_string(), "2 channels of 4 x 3");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum SampleShape {
    /// A 1-D signal.
    Signal {
        /// Points of the signal.
        points: usize,
    },
    /// A 2-D image patch.
    Image {
        /// Rows.
        height: usize,
        /// Columns.
        width: usize,
    },
    /// A 1-D signal with several values at each point.
    ChannelSignal {
        /// Values at each point.
        channels: usize,
        /// Points of the signal.
        points: usize,
    },
    /// A 2-D image patch with several values at each pixel.
    ChannelImage {
        /// Values at each pixel.
        channels: usize,
        /// Rows.
        height: usize,
        /// Columns.
        width: usize,
    },
}

impl SampleShape {
    /// The same points with `channels` channels; for 1 too, arrays have an axis of channels.
    pub fn with_channels(self, channels: usize) -> Self {
        match self {
            Self::Signal { points } | Self::ChannelSignal { points, .. } => {
                Self::ChannelSignal { channels, points }
            }
            Self::Image { height, width } | Self::ChannelImage { height, width, .. } => {
                Self::ChannelImage { channels, height, width }
            }
        }
    }

    /// The same points with one value at each and no axis for channels.
    pub fn without_channels(self) -> Self {
        match self {
            Self::Signal { points } | Self::ChannelSignal { points, .. } => Self::Signal { points },
            Self::Image { height, width } | Self::ChannelImage { height, width, .. } => {
                Self::Image { height, width }
            }
        }
    }

    /// Values at each point.
    pub fn channels(&self) -> usize {
        match *self {
            Self::Signal { .. } | Self::Image { .. } => 1,
            Self::ChannelSignal { channels, .. } | Self::ChannelImage { channels, .. } => channels,
        }
    }

    /// Points: pixels of a patch, points of a signal.
    pub fn points(&self) -> usize {
        self.extents().iter().product()
    }

    /// Numbers in one sample: points times channels.
    pub fn len(&self) -> usize {
        self.points() * self.channels()
    }

    /// Whether a sample contains no value.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Axes of space: 1 or 2.
    pub fn dimensions(&self) -> usize {
        match self {
            Self::Signal { .. } | Self::ChannelSignal { .. } => 1,
            Self::Image { .. } | Self::ChannelImage { .. } => 2,
        }
    }

    /// The extent along each axis of space: `[points]` or `[height, width]`.
    pub fn extents(&self) -> Vec<usize> {
        match *self {
            Self::Signal { points } | Self::ChannelSignal { points, .. } => vec![points],
            Self::Image { height, width } | Self::ChannelImage { height, width, .. } => vec![height, width],
        }
    }

    /// The shape of an array that holds a sample: the extents, for several channels with an axis for them in
    /// front.
    pub fn array_shape(&self) -> Vec<usize> {
        let mut shape = self.extents();
        if let Self::ChannelSignal { channels, .. } | Self::ChannelImage { channels, .. } = *self {
            shape.insert(0, channels);
        }
        shape
    }
}

impl fmt::Display for SampleShape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Signal { points } => write!(f, "{points}"),
            Self::Image { height, width } => write!(f, "{height} x {width}"),
            shape => write!(f, "{} channels of {}", shape.channels(), shape.without_channels()),
        }
    }
}

/// Training samples of an autoencoder: samples of one shape that can be written into a batch.
///
/// Samples are requested by index, so that an implementation may cut, read or generate them when they are
/// needed instead of holding all of them in memory. `Array2<f32>` `[n, points]` (signals), `Array3<f32>`
/// `[n, height, width]` (patches) and `Array4<f32>` `[n, channels, height, width]` (patches of several
/// channels), and views of them, are samples; signals of several channels are in
/// [`ChannelSignals`](crate::ChannelSignals).
///
/// ```
/// use adatom_core::{
///     SampleShape, Samples,
///     ndarray::{Array2, Array3},
/// };
/// let patches = Array3::from_shape_fn((5, 2, 3), |(n, r, c)| (n * 100 + r * 10 + c) as f32);
/// assert_eq!(
///     (patches.count(), Samples::shape(&patches)),
///     (5, SampleShape::Image { height: 2, width: 3 })
/// );
/// let mut batch = Array2::zeros((2, 6));
/// patches.fill(&[4, 0], &mut batch.view_mut());
/// assert_eq!(batch.row(0).to_vec(), [400.0, 401.0, 402.0, 410.0, 411.0, 412.0]);
/// ```
pub trait Samples: Sync {
    /// The number of samples.
    fn count(&self) -> usize;

    /// The shape of each.
    fn shape(&self) -> SampleShape;

    /// Writes the samples `indices` into `batch` `[indices.len(), shape().len()]`, each flattened row by row;
    /// of several channels, all values of the first pixel come first, then those of the second:
    /// `[height, width, channels]`.
    ///
    /// # Panics
    /// When an index is not below [`count`](Self::count), or `batch` has another shape.
    fn fill(&self, indices: &[usize], batch: &mut ArrayViewMut2<'_, f32>);

    /// The change of intensities between measured values and samples, if it is the same for all.
    ///
    /// A checkpoint stores it, so that other images can be brought to the same scale.
    fn scaling(&self) -> Option<Scaling> {
        None
    }

    /// The change of intensities of each channel, if they differ.
    ///
    /// A checkpoint stores them, as it does [`scaling`](Self::scaling).
    fn channel_scalings(&self) -> Option<Vec<Scaling>> {
        None
    }
}

impl<S: Samples + ?Sized> Samples for &S {
    fn count(&self) -> usize {
        (**self).count()
    }
    fn shape(&self) -> SampleShape {
        (**self).shape()
    }
    fn fill(&self, indices: &[usize], batch: &mut ArrayViewMut2<'_, f32>) {
        (**self).fill(indices, batch);
    }
    fn scaling(&self) -> Option<Scaling> {
        (**self).scaling()
    }
    fn channel_scalings(&self) -> Option<Vec<Scaling>> {
        (**self).channel_scalings()
    }
}

impl Samples for ArrayView2<'_, f32> {
    fn count(&self) -> usize {
        self.nrows()
    }
    fn shape(&self) -> SampleShape {
        SampleShape::Signal { points: self.ncols() }
    }
    fn fill(&self, indices: &[usize], batch: &mut ArrayViewMut2<'_, f32>) {
        for (&index, mut row) in indices.iter().zip(batch.rows_mut()) {
            row.assign(&self.row(index));
        }
    }
}

impl Samples for ArrayView3<'_, f32> {
    fn count(&self) -> usize {
        self.len_of(Axis(0))
    }
    fn shape(&self) -> SampleShape {
        SampleShape::Image { height: self.len_of(Axis(1)), width: self.len_of(Axis(2)) }
    }
    fn fill(&self, indices: &[usize], batch: &mut ArrayViewMut2<'_, f32>) {
        for (&index, row) in indices.iter().zip(batch.rows_mut()) {
            for (to, &from) in row.into_iter().zip(self.index_axis(Axis(0), index)) {
                *to = from;
            }
        }
    }
}

impl Samples for Array2<f32> {
    fn count(&self) -> usize {
        self.nrows()
    }
    fn shape(&self) -> SampleShape {
        Samples::shape(&self.view())
    }
    fn fill(&self, indices: &[usize], batch: &mut ArrayViewMut2<'_, f32>) {
        self.view().fill(indices, batch);
    }
}

impl Samples for Array3<f32> {
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
