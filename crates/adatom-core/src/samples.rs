//! What an autoencoder can train on.

use std::fmt;

use ndarray::{Array2, Array3, ArrayView2, ArrayView3, ArrayViewMut2, Axis};
use serde::{Deserialize, Serialize};

use crate::Scaling;

/// The shape of one sample.
///
/// ```
/// use adatom_core::SampleShape;
/// assert_eq!(SampleShape::Image { height: 4, width: 3 }.len(), 12);
/// assert_eq!(SampleShape::Signal { points: 100 }.to_string(), "100");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum SampleShape {
    /// A 1-D signal of so many points.
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
}

impl SampleShape {
    /// Numbers in one sample.
    pub fn len(&self) -> usize {
        match *self {
            Self::Signal { points } => points,
            Self::Image { height, width } => height * width,
        }
    }

    /// Whether a sample holds no number at all.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Axes of a sample: 1 or 2.
    pub fn dimensions(&self) -> usize {
        match self {
            Self::Signal { .. } => 1,
            Self::Image { .. } => 2,
        }
    }

    /// The extent along each axis: `[points]` or `[height, width]`.
    pub fn extents(&self) -> Vec<usize> {
        match *self {
            Self::Signal { points } => vec![points],
            Self::Image { height, width } => vec![height, width],
        }
    }
}

impl fmt::Display for SampleShape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Signal { points } => write!(f, "{points}"),
            Self::Image { height, width } => write!(f, "{height} x {width}"),
        }
    }
}

/// Anything an autoencoder can train on: a number of samples of one shape that can be written into a batch.
///
/// Samples are asked for by index, so that an implementation may cut, read or generate them when they are needed
/// instead of holding all of them in memory. `Array2<f32>` `[n, points]` (signals) and `Array3<f32>`
/// `[n, height, width]` (patches), and views of them, are samples.
///
/// ```
/// use adatom_core::{SampleShape, Samples, ndarray::{Array2, Array3}};
/// let patches = Array3::from_shape_fn((5, 2, 3), |(n, r, c)| (n * 100 + r * 10 + c) as f32);
/// assert_eq!((patches.count(), Samples::shape(&patches)), (5, SampleShape::Image { height: 2, width: 3 }));
/// let mut batch = Array2::zeros((2, 6));
/// patches.fill(&[4, 0], &mut batch.view_mut());
/// assert_eq!(batch.row(0).to_vec(), [400.0, 401.0, 402.0, 410.0, 411.0, 412.0]);
/// ```
pub trait Samples: Sync {
    /// How many samples there are.
    fn count(&self) -> usize;

    /// The shape of each.
    fn shape(&self) -> SampleShape;

    /// Writes the samples `indices` into `batch` `[indices.len(), shape().len()]`, each flattened row by row.
    ///
    /// # Panics
    /// When an index is not below [`count`](Self::count), or `batch` has another shape.
    fn fill(&self, indices: &[usize], batch: &mut ArrayViewMut2<'_, f32>);

    /// The change of intensities that made the samples out of measured ones, where there is one for all.
    ///
    /// A checkpoint stores it, so that other images can be brought to the same scale.
    fn scaling(&self) -> Option<Scaling> {
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
