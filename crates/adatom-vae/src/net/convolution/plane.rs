//! The shape of an image between the layers of a convolutional encoder.

use adatom_core::SampleShape;

/// Points of a kernel along each axis that has more than one.
const KERNEL: usize = 3;

/// The extents of an image with channels; a signal is an image of one row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::net) struct Plane {
    pub(in crate::net) channels: usize,
    pub(in crate::net) height: usize,
    pub(in crate::net) width: usize,
    /// Whether there is a convolution along the rows too: not for signals.
    pub(super) rows: bool,
}

impl Plane {
    pub(in crate::net) fn of(shape: SampleShape) -> Self {
        let (channels, rows) = (shape.channels(), shape.dimensions() == 2);
        let extents = shape.extents();
        let (height, width) = if rows { (extents[0], extents[1]) } else { (1, extents[0]) };
        Self { channels, height, width, rows }
    }

    /// The output of a layer with `channels` channels.
    pub(in crate::net) fn after(self, channels: usize) -> Self {
        let height = if self.rows { self.height.div_ceil(2) } else { 1 };
        Self { channels, height, width: self.width.div_ceil(2), rows: self.rows }
    }

    /// The shape of the kernels of a layer with `channels` channels.
    pub(in crate::net) fn kernel(self, channels: usize) -> [usize; 4] {
        [channels, self.channels, if self.rows { KERNEL } else { 1 }, KERNEL]
    }

    pub(in crate::net) fn len(self) -> usize {
        self.channels * self.height * self.width
    }
}
