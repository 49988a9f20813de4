//! Values of patches, put back on the image.
//!
//! Centres on a regular grid give one cell per patch. Other centres (random, around atoms) are interpolated
//! by the nearest centre onto cells about half as far apart as the centres; a cell that lies in no part of
//! its nearest centre's window is NaN, because no patch covers it.

use ndarray::{Array2, Array3, ArrayView2, Axis};

use crate::nearest::NearestPoint;
use crate::{Error, ImageFrame, PatchGrid, Result};

/// Values of patches on one image, `[k, rows, columns]`, with the position of each cell.
///
/// ```
/// use adatom_core::{ImageFrame, LatentMap, PatchGrid, Window, ndarray::Array2};
/// let grid = PatchGrid::regular([ImageFrame::new(10, 12)], Window::new(4, 4), [2, 2])?;
/// let values = Array2::from_shape_fn((grid.len(), 1), |(patch, _)| patch as f32);
/// let map = LatentMap::new(&grid, values.view())?;
/// assert_eq!(map.values().dim(), (1, 4, 5));
/// assert_eq!((map.values()[[0, 1, 0]], map.position([1, 0])), (5.0, [3.5, 1.5]));
///
/// let short = Array2::zeros((3, 1));
/// assert_eq!(
///     LatentMap::new(&grid, short.view()).unwrap_err().to_string(),
///     "expected 20 rows of values, found 3"
/// );
/// # Ok::<(), adatom_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct LatentMap {
    values: Array3<f32>,
    first: [f64; 2],
    step: [f64; 2],
    image: usize,
    frame: ImageFrame,
}

impl LatentMap {
    /// The `values` `[n, k]` of all patches of a grid on one image.
    ///
    /// # Errors
    /// [`Error::Length`] when there is not one row of values for each patch. For a grid on several images use
    /// [`of_image`](Self::of_image); this one maps the first.
    pub fn new(grid: &PatchGrid, values: ArrayView2<'_, f32>) -> Result<Self> {
        Self::of_image(grid, values, 0)
    }

    /// The patches of image `image`, out of the `values` `[n, k]` of all patches.
    ///
    /// # Errors
    /// [`Error::Length`] as for [`new`](Self::new), [`Error::NoSuchImage`], [`Error::NoCentreInside`] when
    /// the image has no patch.
    pub fn of_image(grid: &PatchGrid, values: ArrayView2<'_, f32>, image: usize) -> Result<Self> {
        if values.nrows() != grid.len() {
            return Err(Error::Length {
                what: "rows of values",
                expected: grid.len(),
                found: values.nrows(),
            });
        }
        let frame = grid
            .frames()
            .get(image)
            .ok_or(Error::NoSuchImage { index: image, images: grid.frames().len() })?
            .clone();
        let range = grid.range(image);
        if range.is_empty() {
            return Err(Error::NoCentreInside { given: 0, window: grid.window() });
        }
        let (first, step, source) = match grid.layout(image) {
            Some(layout) => {
                let indices = Array2::from_shape_fn(layout.counts, |(row, column)| {
                    Some(range.start + row * layout.counts[1] + column)
                });
                (layout.first, layout.step.map(|pixels| pixels as f64), indices)
            }
            None => nearest_cells(grid, image, &frame),
        };
        let (rows, columns) = source.dim();
        let values = Array3::from_shape_fn((values.ncols(), rows, columns), |(k, row, column)| {
            source[[row, column]].map_or(f32::NAN, |index| values[[index, k]])
        });
        Ok(Self { values, first, step, image, frame })
    }

    /// The cells, `[k, rows, columns]`; NaN where no patch lies.
    pub fn values(&self) -> &Array3<f32> {
        &self.values
    }

    /// One of the k layers, `[rows, columns]`.
    ///
    /// # Panics
    /// When `index` is not below k.
    pub fn layer(&self, index: usize) -> ArrayView2<'_, f32> {
        self.values.index_axis(Axis(0), index)
    }

    /// Row and column of the centre of cell `[row, column]` on the image, in pixels.
    pub fn position(&self, cell: [usize; 2]) -> [f64; 2] {
        [0, 1].map(|axis| self.first[axis] + cell[axis] as f64 * self.step[axis])
    }

    /// Image pixels from one cell to the next along rows and columns.
    pub fn step(&self) -> [f64; 2] {
        self.step
    }

    /// The index of the image in the grid.
    pub fn image(&self) -> usize {
        self.image
    }

    /// The image's extent, pixel size and source.
    pub fn frame(&self) -> &ImageFrame {
        &self.frame
    }
}

/// First cell, cell size and, for each cell, the patch that is nearest.
fn nearest_cells(
    grid: &PatchGrid,
    image: usize,
    frame: &ImageFrame,
) -> ([f64; 2], [f64; 2], Array2<Option<usize>>) {
    let range = grid.range(image);
    let centres: Vec<[f64; 2]> = range
        .clone()
        .map(|index| {
            let centre = grid.centre(index);
            [centre.row, centre.column]
        })
        .collect();
    let spacing = (frame.height as f64 * frame.width as f64 / centres.len() as f64).sqrt();
    let step = (spacing / 2.0).round().clamp(1.0, frame.height.min(frame.width) as f64) as usize;
    let first = (step as f64 - 1.0) / 2.0;
    let counts = [frame.height.div_ceil(step), frame.width.div_ceil(step)];
    let nearest = NearestPoint::new(&centres);
    let reach = grid.window().half().map(|half| half + 0.5);
    let cells = Array2::from_shape_fn(counts, |(row, column)| {
        let at = [first + (row * step) as f64, first + (column * step) as f64];
        let index = nearest.of(at);
        let seen = (0..2).all(|axis| (centres[index][axis] - at[axis]).abs() <= reach[axis]);
        seen.then_some(range.start + index)
    });
    ([first; 2], [step as f64; 2], cells)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Window;

    #[test]
    fn scattered_centres_take_the_value_of_the_nearest_and_nan_beyond_their_windows() {
        let frames = [ImageFrame::new(20, 40)];
        let centres = vec![vec![[10.0, 6.0], [10.0, 16.0]]];
        let (grid, _) = PatchGrid::at(frames, Window::new(19, 11), &centres).unwrap();
        let values = ndarray::arr2(&[[1.0f32], [2.0]]);
        let map = LatentMap::new(&grid, values.view()).unwrap();
        let layer = map.layer(0);
        for ((row, column), &value) in layer.indexed_iter() {
            let at = map.position([row, column])[1];
            let expected = match at {
                at if (0.5..11.0).contains(&at) => 1.0,
                at if at > 11.0 && at <= 21.5 => 2.0,
                _ => f32::NAN,
            };
            if at != 11.0 && map.position([row, column])[0] > 0.5 {
                assert!(value == expected || (value.is_nan() && expected.is_nan()), "{at}: {value}");
            }
        }
    }

    #[test]
    fn every_image_has_its_own_map() {
        let frames = [ImageFrame::new(4, 4), ImageFrame::new(3, 5)];
        let grid = PatchGrid::regular(frames, Window::square(3), [1, 1]).unwrap();
        let values = Array2::from_shape_fn((7, 2), |(patch, k)| (patch * 10 + k) as f32);
        let map = LatentMap::of_image(&grid, values.view(), 1).unwrap();
        assert_eq!(map.layer(1), ndarray::arr2(&[[41.0f32, 51.0, 61.0]]));
        assert!(LatentMap::of_image(&grid, values.view(), 2).is_err());
    }
}
