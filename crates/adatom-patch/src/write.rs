//! Writes images as NPY with unchanged pixels, or as 16-bit grey PNG with scaled pixels.

use std::io::Write;
use std::path::Path;

use adatom_core::npy::{self, NumberType};
use adatom_core::{Scaling, write_whole};

use crate::{Error, Image, Result};

impl Image {
    /// Writes the pixels as NPY (`<f4`, C order), without loss.
    ///
    /// # Errors
    /// [`Error::Io`] if the file cannot be written.
    ///
    /// ```
    /// # use adatom_patch::{Image, ndarray::arr2};
    /// # let folder = tempfile::tempdir()?;
    /// let image = Image::from_array(arr2(&[[1.5, f32::NAN]]));
    /// image.save_npy(folder.path().join("image.npy"))?;
    /// assert_eq!(Image::open(folder.path().join("image.npy"))?.pixels()[[0, 0]], 1.5);
    /// assert!(image.save_npy(folder.path().join("missing/image.npy")).is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn save_npy(&self, path: impl AsRef<Path>) -> Result<()> {
        let mut bytes = npy::header(NumberType::Float32, &[self.height(), self.width()]);
        bytes.reserve(4 * self.flat().len());
        self.flat().iter().for_each(|pixel| bytes.extend(pixel.to_le_bytes()));
        replace(path.as_ref(), &bytes)
    }

    /// Writes a 16-bit grey PNG of the scaled pixels: 0 and NaN are black, 1 is white.
    ///
    /// # Errors
    /// [`Error::Io`] if the file cannot be written or the image has no pixels.
    ///
    /// ```
    /// # use adatom_patch::{Image, Scaling, ndarray::arr2};
    /// # let folder = tempfile::tempdir()?;
    /// # let path = folder.path().join("image.png");
    /// Image::from_array(arr2(&[[0.0, 0.5, 2.0]])).save_png16(&path, &Scaling::identity())?;
    /// assert_eq!(Image::open(&path)?.pixels(), arr2(&[[0.0, 32768.0, 65535.0]]));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn save_png16(&self, path: impl AsRef<Path>, scaling: &Scaling) -> Result<()> {
        let path = path.as_ref();
        let failed = |error: png::EncodingError| Error::Io {
            path: path.into(),
            doing: "write",
            source: std::io::Error::other(error),
        };
        let side = |extent: usize| u32::try_from(extent).unwrap_or(u32::MAX);
        let mut pixels = Vec::with_capacity(2 * self.flat().len());
        for &pixel in self.flat() {
            // The conversion saturates, and NaN becomes 0.
            let grey = (scaling.apply(pixel) * f32::from(u16::MAX)).round() as u16;
            pixels.extend(grey.to_be_bytes());
        }
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, side(self.width()), side(self.height()));
        encoder.set_color(png::ColorType::Grayscale);
        encoder.set_depth(png::BitDepth::Sixteen);
        let mut writer = encoder.write_header().map_err(failed)?;
        writer.write_image_data(&pixels).map_err(failed)?;
        writer.finish().map_err(failed)?;
        replace(path, &bytes)
    }
}

fn replace(path: &Path, bytes: &[u8]) -> Result<()> {
    write_whole(path, |file| file.write_all(bytes)).map_err(|source| Error::Io {
        path: path.into(),
        doing: "write",
        source,
    })
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use ndarray::Array2;

    #[test]
    fn no_temporary_file_remains() {
        let folder = tempfile::tempdir().unwrap();
        let image = Image::from_array(Array2::zeros((3, 3)));
        image.save_npy(folder.path().join("a.npy")).unwrap();
        image.save_npy(folder.path().join("a.npy")).unwrap();
        fs::create_dir(folder.path().join("b.npy")).unwrap();
        assert!(image.save_npy(folder.path().join("b.npy")).is_err());
        let mut names: Vec<_> =
            fs::read_dir(folder.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
        names.sort();
        assert_eq!(names, ["a.npy", "b.npy"]);
    }

    #[test]
    fn the_numbers_of_an_npy_file_are_aligned() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.npy");
        Image::from_array(Array2::zeros((2, 3))).save_npy(&path).unwrap();
        assert_eq!(fs::read(&path).unwrap().len() % 64, 24);
    }
}
