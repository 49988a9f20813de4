//! The shape of an image between the layers of a convolutional encoder.

use adatom_core::SampleShape;

/// Points of a kernel along each axis that has more than one.
const KERNEL: usize = 3;

/// Rows and columns, so that a signal has one row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Plane {
    pub(crate) channels: usize,
    pub(crate) height: usize,
    pub(crate) width: usize,
    /// Whether the rows are convolved too.
    pub(super) rows: bool,
}

impl Plane {
    pub(crate) fn of(shape: SampleShape) -> Self {
        let (channels, rows) = (shape.channels(), shape.dimensions() == 2);
        let extents = shape.extents();
        let (height, width) = if rows { (extents[0], extents[1]) } else { (1, extents[0]) };
        Self { channels, height, width, rows }
    }

    /// What a layer of so many channels makes of it.
    pub(crate) fn after(self, channels: usize) -> Self {
        let height = if self.rows { self.height.div_ceil(2) } else { 1 };
        Self { channels, height, width: self.width.div_ceil(2), rows: self.rows }
    }

    /// The shape of the kernels of a layer of so many channels on it.
    pub(crate) fn kernel(self, channels: usize) -> [usize; 4] {
        [channels, self.channels, if self.rows { KERNEL } else { 1 }, KERNEL]
    }

    pub(crate) fn len(self) -> usize {
        self.channels * self.height * self.width
    }
}
