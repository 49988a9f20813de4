//! The positions of patches on one or several images.
//!
//! A window of h × w pixels whose first pixel is (r, c) has its centre at (r + (h - 1)/2, c + (w - 1)/2), for
//! even and odd windows alike. Regular grids are stored as a rule, not as a list: the grid of every window of
//! an image takes no memory.

use std::ops::Range;

use ndarray::Array2;
use serde::{Deserialize, Serialize};

use crate::{Error, ImageFrame, Result, Window};

impl Window {
    /// Checks that the window has pixels and fits on an image.
    ///
    /// # Errors
    /// [`Error::Zero`] for a window without pixels, [`Error::WindowTooLarge`] when it does not fit on
    /// `frame`.
    pub fn check(&self, frame: &ImageFrame) -> Result<()> {
        if self.height == 0 || self.width == 0 {
            return Err(Error::Zero { what: "the window's side" });
        }
        if self.height > frame.height || self.width > frame.width {
            return Err(Error::WindowTooLarge {
                window: *self,
                height: frame.height,
                width: frame.width,
                image: frame.source.clone(),
            });
        }
        Ok(())
    }
}

/// The centre of one patch.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PatchCentre {
    /// The index of the image, from 0.
    pub image: usize,
    /// Row of the centre, in pixels.
    pub row: f64,
    /// Column of the centre, in pixels.
    pub column: f64,
}

/// Centres on a regular grid: `rows` × `columns` of them, `step` pixels apart.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct GridLayout {
    /// Row and column of the first centre, in pixels.
    pub first: [f64; 2],
    /// Pixels between neighbouring centres along rows and columns.
    pub step: [usize; 2],
    /// The numbers of centres along rows and columns.
    pub counts: [usize; 2],
}

impl GridLayout {
    fn len(&self) -> usize {
        self.counts[0] * self.counts[1]
    }

    fn centre(&self, index: usize) -> [f64; 2] {
        let (row, column) = (index / self.counts[1], index % self.counts[1]);
        [self.first[0] + (row * self.step[0]) as f64, self.first[1] + (column * self.step[1]) as f64]
    }
}

#[derive(Debug, Clone, PartialEq)]
enum Layout {
    Regular(GridLayout),
    Listed(Vec<[f64; 2]>),
}

impl Layout {
    fn len(&self) -> usize {
        match self {
            Self::Regular(grid) => grid.len(),
            Self::Listed(centres) => centres.len(),
        }
    }
}

/// The positions of patches of one window size on one or several images; patches of the first image come
/// first.
///
/// ```
/// use adatom_core::{ImageFrame, PatchGrid, Window};
/// let grid = PatchGrid::regular([ImageFrame::new(10, 12)], Window::new(4, 5), [2, 3])?;
/// assert_eq!(grid.len(), 4 * 3);
/// let second = grid.centre(1);
/// assert_eq!((second.image, second.row, second.column), (0, 1.5, 5.0));
///
/// let error = PatchGrid::regular([ImageFrame::new(10, 12)], Window::square(11), [1, 1]).unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "the window of 11 x 11 pixels does not fit on the image of 10 x 12 pixels"
/// );
/// # Ok::<(), adatom_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct PatchGrid {
    window: Window,
    frames: Vec<ImageFrame>,
    layouts: Vec<Layout>,
    /// `starts[i]` is the index of the first patch of image i; one more entry than images.
    starts: Vec<usize>,
}

impl PatchGrid {
    /// Every `step[0]`-th row and `step[1]`-th column at which the whole window lies inside the image.
    ///
    /// # Errors
    /// [`Error::NoImage`], [`Error::Zero`] for a step or window of 0, [`Error::WindowTooLarge`].
    pub fn regular(
        frames: impl IntoIterator<Item = ImageFrame>,
        window: Window,
        step: [usize; 2],
    ) -> Result<Self> {
        if step.contains(&0) {
            return Err(Error::Zero { what: "the stride" });
        }
        let frames: Vec<_> = frames.into_iter().collect();
        let layouts = frames
            .iter()
            .map(|frame| {
                window.check(frame)?;
                let counts = [
                    (frame.height - window.height) / step[0] + 1,
                    (frame.width - window.width) / step[1] + 1,
                ];
                Ok(Layout::Regular(GridLayout { first: window.half(), step, counts }))
            })
            .collect::<Result<Vec<_>>>()?;
        Self::assemble(window, frames, layouts)
    }

    /// The given centres (row, column) of each image, without those whose window reaches beyond the image.
    ///
    /// Returns the grid and, for every patch, the index of its centre among the given ones of its image.
    ///
    /// # Errors
    /// [`Error::NoImage`], [`Error::Length`] when there is not one list for each image,
    /// [`Error::WindowTooLarge`], [`Error::CentreNotFinite`], [`Error::NoCentreInside`] when no centre of any
    /// image is left.
    pub fn at(
        frames: impl IntoIterator<Item = ImageFrame>,
        window: Window,
        centres: &[Vec<[f64; 2]>],
    ) -> Result<(Self, Vec<usize>)> {
        let frames: Vec<_> = frames.into_iter().collect();
        if frames.len() != centres.len() {
            return Err(Error::Length {
                what: "lists of centres",
                expected: frames.len(),
                found: centres.len(),
            });
        }
        let (mut kept, mut layouts) = (Vec::new(), Vec::new());
        for (frame, centres) in frames.iter().zip(centres) {
            window.check(frame)?;
            let mut inside = Vec::with_capacity(centres.len());
            for (index, &[row, column]) in centres.iter().enumerate() {
                if !(row.is_finite() && column.is_finite()) {
                    return Err(Error::CentreNotFinite { index, row, column });
                }
                if is_inside(frame, window, [row, column]) {
                    inside.push([row, column]);
                    kept.push(index);
                }
            }
            layouts.push(Layout::Listed(inside));
        }
        if kept.is_empty() && !frames.is_empty() {
            return Err(Error::NoCentreInside { given: centres.iter().map(Vec::len).sum(), window });
        }
        Ok((Self::assemble(window, frames, layouts)?, kept))
    }

    fn assemble(window: Window, frames: Vec<ImageFrame>, layouts: Vec<Layout>) -> Result<Self> {
        if frames.is_empty() {
            return Err(Error::NoImage);
        }
        let mut starts = vec![0];
        for layout in &layouts {
            starts.push(starts[starts.len() - 1] + layout.len());
        }
        Ok(Self { window, frames, layouts, starts })
    }

    /// The number of patches on all images.
    pub fn len(&self) -> usize {
        self.starts[self.frames.len()]
    }

    /// Whether there is no patch; always false for a grid that was built without error.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The window of every patch.
    pub fn window(&self) -> Window {
        self.window
    }

    /// The images, in the order of their patches.
    pub fn frames(&self) -> &[ImageFrame] {
        &self.frames
    }

    /// The patches of image `image`.
    ///
    /// # Panics
    /// For an image that does not exist.
    pub fn range(&self, image: usize) -> Range<usize> {
        self.starts[image]..self.starts[image + 1]
    }

    /// The layout of the grid on image `image`, if it is regular.
    pub fn layout(&self, image: usize) -> Option<GridLayout> {
        match self.layouts.get(image)? {
            Layout::Regular(grid) => Some(*grid),
            Layout::Listed(_) => None,
        }
    }

    /// The image and the centre of patch `index`.
    ///
    /// # Panics
    /// When `index` is not below [`len`](Self::len).
    pub fn centre(&self, index: usize) -> PatchCentre {
        assert!(index < self.len(), "patch {index} of {}", self.len());
        let image = self.starts.partition_point(|&start| start <= index) - 1;
        let [row, column] = match &self.layouts[image] {
            Layout::Regular(grid) => grid.centre(index - self.starts[image]),
            Layout::Listed(centres) => centres[index - self.starts[image]],
        };
        PatchCentre { image, row, column }
    }

    /// All centres, `[n, 2]`: row and column in pixels.
    pub fn centres(&self) -> Array2<f64> {
        let mut all = Array2::zeros((self.len(), 2));
        for (index, mut row) in all.rows_mut().into_iter().enumerate() {
            let centre = self.centre(index);
            row[0] = centre.row;
            row[1] = centre.column;
        }
        all
    }
}

/// Tolerance for rounding of computed centres.
const EDGE_TOLERANCE: f64 = 1e-6;

fn is_inside(frame: &ImageFrame, window: Window, centre: [f64; 2]) -> bool {
    let extent = [frame.height as f64 - 1.0, frame.width as f64 - 1.0];
    (0..2).all(|axis| {
        let half = window.half()[axis];
        centre[axis] - half >= -EDGE_TOLERANCE && centre[axis] + half <= extent[axis] + EDGE_TOLERANCE
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_images_are_numbered_one_after_the_other() {
        let frames = [ImageFrame::new(4, 4), ImageFrame::new(3, 5)];
        let grid = PatchGrid::regular(frames, Window::square(3), [1, 1]).unwrap();
        assert_eq!((grid.range(0), grid.range(1)), (0..4, 4..7));
        assert_eq!(grid.centre(6), PatchCentre { image: 1, row: 1.0, column: 3.0 });
        assert_eq!(grid.centres().row(3).to_vec(), [2.0, 2.0]);
    }

    #[test]
    fn centres_beyond_the_edge_are_left_out_and_named() {
        let centres = vec![vec![[1.0, 1.0], [0.9, 1.0], [2.0, 2.25], [2.0, 2.0]]];
        let (grid, kept) = PatchGrid::at([ImageFrame::new(4, 4)], Window::square(3), &centres).unwrap();
        assert_eq!((grid.len(), kept), (2, vec![0, 3]));
        let (even, _) =
            PatchGrid::at([ImageFrame::new(4, 4)], Window::square(4), &[vec![[1.5, 1.5]]]).unwrap();
        assert_eq!(even.len(), 1);
    }

    #[test]
    fn errors_say_what_was_wrong() {
        let frame = || [ImageFrame::new(4, 4)];
        let text = |result: Result<(PatchGrid, Vec<usize>)>| result.unwrap_err().to_string();
        assert_eq!(
            text(PatchGrid::at(frame(), Window::square(3), &[vec![[9.0, 9.0]]])),
            "none of the 1 centres leaves a whole window of 3 x 3 pixels inside the image"
        );
        assert_eq!(
            text(PatchGrid::at(frame(), Window::square(3), &[vec![[f64::NAN, 0.0]]])),
            "centre 0 is not finite: (NaN, 0)"
        );
        assert_eq!(
            PatchGrid::regular(frame(), Window::square(2), [0, 1]).unwrap_err(),
            Error::Zero { what: "the stride" }
        );
    }
}
