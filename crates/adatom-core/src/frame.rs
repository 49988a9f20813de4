//! The metadata of an image.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The length of one pixel along rows and along columns, in one unit.
///
/// ```
/// use adatom_core::PixelSize;
/// let size = PixelSize::square(10.0, "pm");
/// assert_eq!(size.to_string(), "10 pm");
/// assert_eq!(PixelSize { row: 0.5, column: 0.25, unit: "nm".into() }.to_string(), "0.5 x 0.25 nm");
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PixelSize {
    /// Distance between neighbouring rows, in `unit`.
    pub row: f64,
    /// Distance between neighbouring columns, in `unit`.
    pub column: f64,
    /// The unit as the field writes it: `nm`, `pm`, `Å`, `µm`, `m`, `1/nm`.
    pub unit: String,
}

impl PixelSize {
    /// A square pixel.
    pub fn square(size: f64, unit: impl Into<String>) -> Self {
        Self { row: size, column: size, unit: unit.into() }
    }

    /// A pixel size given in metres, converted to a suitable unit (pm, nm, µm, mm or m).
    ///
    /// ```
    /// use adatom_core::PixelSize;
    /// assert_eq!(PixelSize::from_metres(1.001e-11, 1.001e-11).to_string(), "10.01 pm");
    /// assert_eq!(PixelSize::from_metres(2e-9, 2e-9).to_string(), "2 nm");
    /// ```
    pub fn from_metres(row: f64, column: f64) -> Self {
        let (scale, unit) = match column.abs() {
            size if size >= 1.0 => (1.0, "m"),
            size if size >= 1e-3 => (1e3, "mm"),
            size if size >= 1e-6 => (1e6, "µm"),
            size if size >= 1e-9 => (1e9, "nm"),
            _ => (1e12, "pm"),
        };
        let round = |length: f64| {
            let scaled = length * scale;
            // Removes the rounding noise of the change of unit, far below what a microscope calibrates.
            let digits = 10f64.powf(12.0 - scaled.abs().log10().floor());
            if digits.is_finite() { (scaled * digits).round() / digits } else { scaled }
        };
        Self { row: round(row), column: round(column), unit: unit.into() }
    }

    /// Whether rows and columns are equally far apart (within one part in 10⁶).
    pub fn is_square(&self) -> bool {
        (self.row - self.column).abs() <= 1e-6 * self.column.abs()
    }
}

impl fmt::Display for PixelSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let short = |x: f64| format!("{x:.6}").trim_end_matches('0').trim_end_matches('.').to_owned();
        let text = |x: f64| if x.abs() >= 1e-3 { short(x) } else { format!("{x:e}") };
        if self.is_square() {
            write!(f, "{} {}", text(self.column), self.unit)
        } else {
            write!(f, "{} x {} {}", text(self.row), text(self.column), self.unit)
        }
    }
}

/// Extent, pixel size and source of an image: what a map needs to know of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ImageFrame {
    /// Rows.
    pub height: usize,
    /// Columns.
    pub width: usize,
    /// Length of a pixel, if the file contains it.
    pub pixel_size: Option<PixelSize>,
    /// The source of the image: a path, with the frame number for a stack.
    pub source: Option<String>,
}

impl ImageFrame {
    /// An image of which only the extent is known.
    pub fn new(height: usize, width: usize) -> Self {
        Self { height, width, pixel_size: None, source: None }
    }
}
