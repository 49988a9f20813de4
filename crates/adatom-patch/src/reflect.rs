//! Continues an image beyond its edges, so that a window fits around each pixel.

use ndarray::Array2;

use crate::{Error, Image, Result, Window};

impl Image {
    /// The image continued by reflection, without repeating the pixel at the edge, by h/2 rows above, (h -
    /// 1)/2 rows below, w/2 columns to the left and (w - 1)/2 columns to the right: a window of h × w fits
    /// around each pixel of the image.
    ///
    /// # Errors
    /// [`Error::Core`] for a window without pixels or larger than the image.
    ///
    /// ```
    /// use adatom_patch::{Image, Window, ndarray::arr2};
    /// let image = Image::from_array(arr2(&[[1.0, 2.0, 3.0]]));
    /// assert_eq!(image.reflected(Window::new(1, 3))?.pixels(), arr2(&[[2.0, 1.0, 2.0, 3.0, 2.0]]));
    /// assert!(image.reflected(Window::new(2, 2)).is_err());
    /// # Ok::<(), adatom_patch::Error>(())
    /// ```
    pub fn reflected(&self, window: Window) -> Result<Self> {
        window.check(&self.frame()).map_err(Error::Core)?;
        let before = [window.height() / 2, window.width() / 2];
        let extent = (self.height() + window.height() - 1, self.width() + window.width() - 1);
        // Half a window is smaller than the image, so one reflection is sufficient.
        let mirrored = |at: usize, before: usize, extent: usize| {
            let from = at.abs_diff(before);
            if from < extent { from } else { 2 * (extent - 1) - from }
        };
        let pixels = self.pixels();
        Ok(self.with_pixels(Array2::from_shape_fn(extent, |(row, column)| {
            pixels[[mirrored(row, before[0], self.height()), mirrored(column, before[1], self.width())]]
        })))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_around_a_pixel_is_centred() {
        let image = Image::from_array(Array2::from_shape_fn((5, 7), |(r, c)| (10 * r + c) as f32));
        for window in [Window::new(5, 7), Window::new(3, 5), Window::new(1, 1), Window::new(4, 6)] {
            let wide = image.reflected(window).unwrap();
            assert_eq!(wide.height() - window.height() + 1, 5);
            assert_eq!(wide.width() - window.width() + 1, 7);
            let (top, left) = (window.height() / 2, window.width() / 2);
            assert_eq!(wide.pixels()[[top + 2, left + 3]], 23.0);
            // Symmetric about the first row and column, as far as half a window reaches.
            for d in 1..=top.min((window.height() - 1) / 2) {
                assert_eq!(wide.pixels()[[top - d, left]], wide.pixels()[[top + d, left]]);
            }
        }
    }
}
