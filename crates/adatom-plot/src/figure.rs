//! Figures: what is drawn and written as PNG or SVG.

use std::io::Write;
use std::path::Path;

use adatom_core::write_whole;

use crate::drawing::Drawing;
use crate::{Error, Result};

/// A figure that can be drawn and saved.
///
/// [`LatentMap`](crate::LatentMap) is a figure as well: all its layers side by side. A figure of your own
/// implements [`drawing`](Self::drawing) with the modules [`drawing`](crate::drawing), [`axes`](crate::axes),
/// [`layout`](crate::layout), [`scale`](crate::scale) and [`text`](crate::text).
///
/// ```
/// use adatom_plot::{Figure, MapFigure, ndarray::arr2};
/// let folder = tempfile::tempdir()?;
/// let figure = MapFigure::new(arr2(&[[1.0f32, 2.0], [3.0, f32::NAN]]).view())?.title("Content 1");
/// figure.save_png(folder.path().join("content.png"))?;
/// figure.save_svg(folder.path().join("content.svg"))?;
///
/// let error = figure.save_png(folder.path().join("missing/content.png")).unwrap_err();
/// assert!(error.to_string().starts_with("cannot write"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait Figure {
    /// The drawing of the figure.
    fn drawing(&self) -> Drawing;

    /// The figure as SVG, with text as outlines and maps as embedded PNG.
    fn to_svg(&self) -> String {
        self.drawing().svg()
    }

    /// The figure as PNG, with two pixels for each CSS pixel of the drawing.
    fn to_png(&self) -> Vec<u8> {
        self.drawing().png()
    }

    /// Writes the figure as PNG.
    ///
    /// # Errors
    /// [`Error::Write`] when the file cannot be written; an older file is then as it was.
    fn save_png(&self, path: impl AsRef<Path>) -> Result<()>
    where
        Self: Sized,
    {
        write_file(path.as_ref(), &self.to_png())
    }

    /// Writes the figure as SVG.
    ///
    /// # Errors
    /// [`Error::Write`] when the file cannot be written; an older file is then as it was.
    fn save_svg(&self, path: impl AsRef<Path>) -> Result<()>
    where
        Self: Sized,
    {
        write_file(path.as_ref(), self.to_svg().as_bytes())
    }
}

impl Figure for Drawing {
    fn drawing(&self) -> Drawing {
        self.clone()
    }
}

/// Writes a whole file or none.
pub(crate) fn write_file(path: &Path, bytes: &[u8]) -> Result<()> {
    write_whole(path, |file| file.write_all(bytes))
        .map_err(|source| Error::Write { path: path.to_owned(), source })
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_failed_write_leaves_nothing_behind() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("taken");
        fs::create_dir(&target).unwrap();
        assert!(matches!(write_file(&target, b"x"), Err(Error::Write { .. })));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        assert!(write_file(Path::new(""), b"x").is_err());
    }

    #[test]
    fn a_second_write_replaces_the_first() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("a.svg");
        write_file(&target, b"first").unwrap();
        write_file(&target, b"second").unwrap();
        assert_eq!(fs::read(&target).unwrap(), b"second");
    }
}
