//! The size of a patch.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Height × width of a patch in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Window {
    pub(crate) height: usize,
    pub(crate) width: usize,
}

impl Window {
    /// A window of `height` rows and `width` columns.
    pub fn new(height: usize, width: usize) -> Self {
        Self { height, width }
    }

    /// A window with sides of `side` pixels.
    pub fn square(side: usize) -> Self {
        Self::new(side, side)
    }

    /// Rows.
    pub fn height(&self) -> usize {
        self.height
    }

    /// Columns.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Pixels in the window.
    pub fn pixels(&self) -> usize {
        self.height * self.width
    }

    /// The distance from the first pixel to the centre: ((h - 1)/2, (w - 1)/2).
    pub fn half(&self) -> [f64; 2] {
        [(self.height as f64 - 1.0) / 2.0, (self.width as f64 - 1.0) / 2.0]
    }
}

impl fmt::Display for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} x {}", self.height, self.width)
    }
}
