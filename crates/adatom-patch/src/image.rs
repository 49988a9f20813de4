//! The image: 2-D pixels as `f32`, with the pixel size and the source.

use std::ops::Range;

use adatom_core::{ImageFrame, PixelSize};
use ndarray::{ArcArray2, Array2, ArrayView2, Axis, Slice};

use crate::{Error, Result};

/// A 2-D image: pixels `[height, width]` as `f32`, the pixel size where it is known, and the source.
///
/// Clones share the memory of the pixels.
///
/// ```
/// use adatom_patch::{Image, PixelSize, ndarray::Array2};
/// let image =
///     Image::from_array(Array2::from_shape_fn((2, 3), |(row, column)| (10 * row + column) as f32))
///         .with_pixel_size(PixelSize::square(10.0, "pm"));
/// assert_eq!((image.height(), image.width()), (2, 3));
/// assert_eq!(image.pixels()[[1, 2]], 12.0);
/// assert_eq!(image.pixel_size().unwrap().to_string(), "10 pm");
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Image {
    /// Always in row-major layout.
    pixels: ArcArray2<f32>,
    pixel_size: Option<PixelSize>,
    source: Option<String>,
}

/// The smallest, largest and mean value of the finite pixels of an image.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Statistics {
    /// The smallest pixel.
    pub min: f32,
    /// The largest pixel.
    pub max: f32,
    /// The mean.
    pub mean: f64,
    /// The number of finite pixels.
    pub finite: usize,
}

impl Image {
    /// An image from pixels `[height, width]`, without pixel size and source.
    pub fn from_array(pixels: Array2<f32>) -> Self {
        let pixels =
            if pixels.is_standard_layout() { pixels } else { pixels.as_standard_layout().into_owned() };
        Self { pixels: pixels.into_shared(), pixel_size: None, source: None }
    }

    /// Sets the pixel size.
    #[must_use]
    pub fn with_pixel_size(mut self, size: PixelSize) -> Self {
        self.pixel_size = Some(size);
        self
    }

    /// Sets the source: a path or a description.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<String>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// The pixels, `[height, width]`.
    pub fn pixels(&self) -> ArrayView2<'_, f32> {
        self.pixels.view()
    }

    /// The pixels in row-major order.
    pub(crate) fn flat(&self) -> &[f32] {
        self.pixels.as_slice().expect("the layout is row-major by construction")
    }

    /// The number of rows.
    pub fn height(&self) -> usize {
        self.pixels.nrows()
    }

    /// The number of columns.
    pub fn width(&self) -> usize {
        self.pixels.ncols()
    }

    /// The size of a pixel, where it is known.
    pub fn pixel_size(&self) -> Option<&PixelSize> {
        self.pixel_size.as_ref()
    }

    /// The source: a path, with the number of the frame in a stack, or a description.
    pub fn source(&self) -> Option<&str> {
        self.source.as_deref()
    }

    /// Extent, pixel size and source.
    pub fn frame(&self) -> ImageFrame {
        ImageFrame {
            height: self.height(),
            width: self.width(),
            pixel_size: self.pixel_size.clone(),
            source: self.source.clone(),
        }
    }

    /// The number of pixels that are NaN or infinite.
    pub fn non_finite(&self) -> usize {
        self.flat().iter().filter(|pixel| !pixel.is_finite()).count()
    }

    /// The smallest, largest and mean value of the finite pixels; `None` if no pixel is finite.
    ///
    /// ```
    /// use adatom_patch::{Image, ndarray::arr2};
    /// let statistics = Image::from_array(arr2(&[[1.0, 3.0, f32::NAN]])).statistics().unwrap();
    /// assert_eq!(
    ///     (statistics.min, statistics.max, statistics.mean, statistics.finite),
    ///     (1.0, 3.0, 2.0, 2)
    /// );
    /// ```
    pub fn statistics(&self) -> Option<Statistics> {
        let (mut min, mut max, mut sum, mut finite) = (f32::INFINITY, f32::NEG_INFINITY, 0.0, 0usize);
        for &pixel in self.flat().iter().filter(|pixel| pixel.is_finite()) {
            min = min.min(pixel);
            max = max.max(pixel);
            sum += f64::from(pixel);
            finite += 1;
        }
        (finite > 0).then(|| Statistics { min, max, mean: sum / finite as f64, finite })
    }

    /// The part of the image in `rows` × `columns`, with the same pixel size and source.
    ///
    /// # Errors
    /// [`Error::Argument`] for a range that is empty or exceeds the image.
    ///
    /// ```
    /// use adatom_patch::{
    ///     Image,
    ///     ndarray::{Array2, arr2},
    /// };
    /// let pixels = Array2::from_shape_fn((4, 5), |(row, column)| (10 * row + column) as f32);
    /// let image = Image::from_array(pixels);
    /// assert_eq!(image.crop(1..3, 4..5)?.pixels(), arr2(&[[14.0], [24.0]]));
    /// let error = image.crop(1..3, 4..6).unwrap_err();
    /// assert_eq!(error.to_string(), "the columns of a crop must be within 0..5, found 4..6");
    /// # Ok::<(), adatom_patch::Error>(())
    /// ```
    pub fn crop(&self, rows: Range<usize>, columns: Range<usize>) -> Result<Self> {
        let ranges =
            [("the rows of a crop", &rows, self.height()), ("the columns of a crop", &columns, self.width())];
        for (what, range, extent) in ranges {
            if range.is_empty() || range.end > extent {
                return Err(Error::Argument {
                    what,
                    expected: format!("within 0..{extent}"),
                    found: format!("{range:?}"),
                });
            }
        }
        let mut part = self.pixels.view();
        part.slice_axis_inplace(Axis(0), Slice::from(rows));
        part.slice_axis_inplace(Axis(1), Slice::from(columns));
        Ok(self.with_pixels(part.to_owned()))
    }

    /// An image with other pixels and the same pixel size and source.
    pub(crate) fn with_pixels(&self, pixels: Array2<f32>) -> Self {
        Self { pixel_size: self.pixel_size.clone(), source: self.source.clone(), ..Self::from_array(pixels) }
    }

    pub(crate) fn from_file(pixels: Array2<f32>, pixel_size: Option<PixelSize>, source: String) -> Self {
        Self { pixel_size, source: Some(source), ..Self::from_array(pixels) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::ShapeBuilder;

    #[test]
    fn column_major_arrays_become_row_major() {
        let columns = Array2::from_shape_vec((2, 3).f(), vec![0.0, 10.0, 1.0, 11.0, 2.0, 12.0]).unwrap();
        assert_eq!(Image::from_array(columns).flat(), [0.0, 1.0, 2.0, 10.0, 11.0, 12.0]);
    }

    #[test]
    fn clones_share_their_pixels() {
        let image = Image::from_array(Array2::zeros((3, 3)));
        assert_eq!(image.clone().flat().as_ptr(), image.flat().as_ptr());
    }

    #[test]
    fn an_image_without_finite_pixels_has_no_statistics() {
        let image = Image::from_array(Array2::from_elem((2, 2), f32::NAN));
        assert_eq!((image.statistics(), image.non_finite()), (None, 4));
        assert_eq!(Image::from_array(Array2::zeros((0, 3))).statistics(), None);
    }
}
