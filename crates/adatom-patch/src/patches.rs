//! A view of images as patches: images, centres and scaling. A patch is cut when it is asked for.

use adatom_core::{LatentMap, PatchGrid, SampleShape, Samples, Scaling, Window};
use ndarray::{Array2, ArrayView2, ArrayViewMut2};
use rayon::prelude::*;

use crate::{Image, PatchPlan, Result, Stride, clipped_fraction};

/// Patches of one or several images.
///
/// A view: it shares the pixels of its images and stores nothing for the patches of a regular grid, 16 bytes for each
/// listed centre. It is [`Samples`], so that an autoencoder can train on it.
///
/// ```
/// use adatom_patch::{Image, Patches, Samples, Stride, Window, ndarray::Array2};
/// let image = Image::from_array(Array2::from_shape_fn((64, 80), |(row, column)| (row * column % 17) as f32));
/// let patches = Patches::grid(&image, Window::new(16, 20), Stride::new(4, 4))?;
/// assert_eq!(patches.len(), 13 * 16);
///
/// let mut batch = Array2::zeros((2, 16 * 20));
/// patches.fill(&[5, 100], &mut batch.view_mut());
/// assert_eq!(batch.row(1).to_vec(), patches.patch(100).into_raw_vec_and_offset().0);
///
/// let error = Patches::grid(&image, Window::new(65, 20), Stride::new(4, 4)).unwrap_err();
/// assert!(error.to_string().starts_with("the window of 65 x 20 pixels does not fit on the image of 64 x 80 pixels"));
/// # Ok::<(), adatom_patch::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Patches {
    images: Vec<Image>,
    grid: PatchGrid,
    /// One for each image.
    scalings: Vec<Scaling>,
    given: Option<Given>,
}

/// Where the patches came from, when centres were given.
#[derive(Debug, Clone)]
pub(crate) struct Given {
    /// For each patch, the index of its centre among those given for its image.
    pub(crate) kept: Vec<usize>,
    /// How many centres were given for each image.
    pub(crate) counts: Vec<usize>,
}

/// From this many numbers on, filling a batch on several threads repays their start (some 10 µs).
pub(crate) const PARALLEL_FROM: usize = 1 << 16;

/// A patch whose first pixel is this near to a whole position is copied, not interpolated.
const WHOLE: f64 = 1e-6;

impl Patches {
    /// Patches of one image on a regular grid, scaled to [0, 1] by its smallest and largest pixel.
    ///
    /// # Errors
    /// As [`PatchPlan::grid`].
    pub fn grid(image: &Image, window: Window, stride: Stride) -> Result<Self> {
        Self::of([image]).window(window).grid(stride)
    }

    /// `n` patches of one image at random whole-pixel positions, no position twice; scaled as by
    /// [`grid`](Self::grid).
    ///
    /// # Errors
    /// As [`PatchPlan::random`].
    ///
    /// ```
    /// use adatom_patch::{Image, Patches, Window, ndarray::Array2};
    /// let image = Image::from_array(Array2::from_shape_fn((40, 40), |(row, column)| (row * column % 17) as f32));
    /// let patches = Patches::random(&image, Window::square(32), 50, 7)?;
    /// assert_eq!(patches.len(), 50);
    /// let error = Patches::random(&image, Window::square(32), 100, 7).unwrap_err();
    /// assert_eq!(error.to_string(), "100 patches were asked for, there are 81 positions");
    /// # Ok::<(), adatom_patch::Error>(())
    /// ```
    pub fn random(image: &Image, window: Window, n: usize, seed: u64) -> Result<Self> {
        Self::of([image]).window(window).random(n, seed)
    }

    /// Patches of one image around given centres `[n, 2]` (row and column in pixels, not only whole ones).
    ///
    /// # Errors
    /// As [`PatchPlan::at`].
    ///
    /// ```
    /// use adatom_patch::{Image, Patches, Window, ndarray::{Array2, arr2}};
    /// let image = Image::from_array(Array2::from_shape_fn((80, 80), |(row, column)| (row * column % 17) as f32));
    /// let centres = arr2(&[[20.5, 30.0], [2.0, 40.0], [60.2, 50.7]]);
    /// let patches = Patches::at(&image, Window::square(15), centres.view())?;
    /// assert_eq!((patches.len(), patches.left_out(0)), (2, vec![1]));
    /// # Ok::<(), adatom_patch::Error>(())
    /// ```
    pub fn at(image: &Image, window: Window, centres: ArrayView2<'_, f64>) -> Result<Self> {
        Self::of([image]).window(window).at([centres])
    }

    /// Begins a plan of how patches of these images are to be cut.
    pub fn of<'a>(images: impl IntoIterator<Item = &'a Image>) -> PatchPlan {
        PatchPlan::new(images.into_iter().cloned().collect())
    }

    pub(crate) fn assemble(
        images: Vec<Image>,
        grid: PatchGrid,
        scalings: Vec<Scaling>,
        given: Option<Given>,
    ) -> Self {
        Self { images, grid, scalings, given }
    }

    /// Where the patches lie.
    pub fn patch_grid(&self) -> &PatchGrid {
        &self.grid
    }

    /// How many patches there are, over all images.
    pub fn len(&self) -> usize {
        self.grid.len()
    }

    /// Whether there is no patch at all; never so for patches that were planned without error.
    pub fn is_empty(&self) -> bool {
        self.grid.is_empty()
    }

    /// The window of every patch.
    pub fn window(&self) -> Window {
        self.grid.window()
    }

    /// The images that patches are cut from: flattened where that was asked for, and not yet scaled.
    pub fn images(&self) -> &[Image] {
        &self.images
    }

    /// The scaling of image `image`.
    ///
    /// # Panics
    /// When there is no such image.
    pub fn scaling_of(&self, image: usize) -> Scaling {
        self.scalings[image]
    }

    /// The fraction of the pixels of image `image` that its scaling clips.
    ///
    /// # Panics
    /// When there is no such image.
    pub fn clipped_fraction(&self, image: usize) -> f64 {
        clipped_fraction(&self.images[image], &self.scalings[image])
    }

    /// For each patch, the index of its centre among those given for its image; `None` when no centres were given.
    pub fn kept(&self) -> Option<&[usize]> {
        self.given.as_ref().map(|given| given.kept.as_slice())
    }

    /// The indices of the centres given for image `image` that are no patch, because their window reaches beyond
    /// the image.
    ///
    /// # Panics
    /// When there is no such image.
    pub fn left_out(&self, image: usize) -> Vec<usize> {
        let range = self.grid.range(image);
        let Some(given) = &self.given else { return Vec::new() };
        // Patches keep the order of their centres, so that the kept indices increase.
        let mut kept = given.kept[range].iter().peekable();
        (0..given.counts[image]).filter(|index| kept.next_if_eq(&index).is_none()).collect()
    }

    /// Patch `index`, scaled, `[height, width]`.
    ///
    /// # Panics
    /// When `index` is not below [`len`](Self::len).
    pub fn patch(&self, index: usize) -> Array2<f32> {
        let window = self.window();
        let mut pixels = vec![0.0; window.pixels()];
        self.cut(index, &mut pixels);
        Array2::from_shape_vec((window.height(), window.width()), pixels)
            .expect("as many pixels were made as the window has")
    }

    /// The values of one image's patches, out of the `values` `[n, k]` of all, put back on the image.
    ///
    /// # Errors
    /// [`Error::Core`](crate::Error::Core) when there is not one row for each patch, or no such image.
    ///
    /// ```
    /// use adatom_patch::{Image, Patches, PixelSize, Stride, Window, ndarray::Array2};
    /// let image = Image::from_array(Array2::from_shape_fn((40, 48), |(row, column)| (row * column % 17) as f32));
    /// let image = image.with_pixel_size(PixelSize::square(20.0, "pm"));
    /// let patches = Patches::grid(&image, Window::square(16), Stride::square(8))?;
    /// let map = patches.put_back(Array2::zeros((patches.len(), 2)).view(), 0)?;
    /// assert_eq!(map.values().dim(), (2, 4, 5));
    /// assert_eq!(map.frame().pixel_size.as_ref(), image.pixel_size());
    /// let error = patches.put_back(Array2::zeros((3, 2)).view(), 0).unwrap_err();
    /// assert_eq!(error.to_string(), "expected 20 rows of values, found 3");
    /// # Ok::<(), adatom_patch::Error>(())
    /// ```
    pub fn put_back(&self, values: ArrayView2<'_, f32>, image: usize) -> Result<LatentMap> {
        Ok(LatentMap::of_image(&self.grid, values, image)?)
    }

    /// Writes patch `index`, scaled, row after row.
    pub(crate) fn cut(&self, index: usize, to: &mut [f32]) {
        let window = self.window();
        let centre = self.grid.centre(index);
        let half = window.half();
        let image = &self.images[centre.image];
        let scaling = self.scalings[centre.image];
        let (row, down) = place(centre.row - half[0]);
        let (column, right) = place(centre.column - half[1]);
        let rows = |row: usize| &image.flat()[row * image.width()..][..image.width()];
        for (number, to) in to.chunks_exact_mut(window.width()).enumerate() {
            let upper = rows(row + number);
            if down == 0.0 && right == 0.0 {
                for (to, &pixel) in to.iter_mut().zip(&upper[column..]) {
                    *to = scaling.apply(pixel);
                }
                continue;
            }
            // At a weight of 0 the next row or column may lie beyond the image, and is not looked at.
            let lower = if down == 0.0 { upper } else { rows(row + number + 1) };
            let ahead = usize::from(right != 0.0);
            let along = |line: &[f32], at: usize| line[at] + right * (line[at + ahead] - line[at]);
            for (at, to) in (column..).zip(to) {
                let above = along(upper, at);
                *to = scaling.apply(above + down * (along(lower, at) - above));
            }
        }
    }
}

/// The whole position of a first pixel and the weight of the one after it; 0 where the position is whole.
fn place(first: f64) -> (usize, f32) {
    let whole = first.round();
    // Not negative beyond rounding, because a patch lies inside its image.
    if (first - whole).abs() <= WHOLE {
        (whole as usize, 0.0)
    } else {
        (first.floor() as usize, (first - first.floor()) as f32)
    }
}

impl Samples for Patches {
    fn count(&self) -> usize {
        self.len()
    }

    fn shape(&self) -> SampleShape {
        SampleShape::Image { height: self.window().height(), width: self.window().width() }
    }

    fn fill(&self, indices: &[usize], batch: &mut ArrayViewMut2<'_, f32>) {
        let pixels = self.window().pixels();
        assert_eq!(batch.dim(), (indices.len(), pixels), "the shape of the batch");
        match batch.as_slice_mut() {
            Some(flat) if flat.len() >= PARALLEL_FROM => {
                flat.par_chunks_mut(pixels).zip(indices).for_each(|(to, &index)| self.cut(index, to));
            }
            Some(flat) => {
                flat.chunks_exact_mut(pixels).zip(indices).for_each(|(to, &index)| self.cut(index, to));
            }
            None => {
                let mut patch = vec![0.0; pixels];
                for (row, &index) in batch.rows_mut().into_iter().zip(indices) {
                    self.cut(index, &mut patch);
                    row.into_iter().zip(&patch).for_each(|(to, &pixel)| *to = pixel);
                }
            }
        }
    }

    /// The scaling that all images share, where they share one.
    fn scaling(&self) -> Option<Scaling> {
        let first = self.scalings.first()?;
        self.scalings.iter().all(|scaling| scaling == first).then_some(*first)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{Axis, arr2};

    fn ramp(height: usize, width: usize) -> Image {
        Image::from_array(Array2::from_shape_fn((height, width), |(row, column)| {
            (row * width + column) as f32
        }))
    }

    fn plain(image: &Image, window: Window) -> PatchPlan {
        Patches::of([image]).window(window).scaling(adatom_core::ScalingMethod::None)
    }

    #[test]
    fn centres_at_the_very_edge_are_copied_without_looking_beyond() {
        let image = ramp(4, 5);
        let centres = arr2(&[[2.0 + 4e-7, 3.0 + 9e-7], [1.0 - 5e-7, 1.0], [2.0, 2.5]]);
        let patches = plain(&image, Window::square(3)).at([centres.view()]).unwrap();
        assert_eq!(patches.patch(0), arr2(&[[7.0, 8.0, 9.0], [12.0, 13.0, 14.0], [17.0, 18.0, 19.0]]));
        assert_eq!(patches.patch(1)[[0, 0]], 0.0);
        assert_eq!(patches.patch(2).row(0).to_vec(), [6.5, 7.5, 8.5]);
    }

    #[test]
    fn what_is_left_out_is_told_for_each_image() {
        let images = [ramp(6, 6), ramp(6, 6)];
        let first = arr2(&[[0.0, 0.0], [2.0, 2.0], [9.0, 9.0]]);
        let second = arr2(&[[3.0, 3.0], [5.0, 3.0]]);
        let patches =
            Patches::of(&images).window(Window::square(3)).at([first.view(), second.view()]).unwrap();
        assert_eq!(patches.kept(), Some(&[1, 0][..]));
        assert_eq!((patches.left_out(0), patches.left_out(1)), (vec![0, 2], vec![1]));
    }

    #[test]
    fn batches_are_filled_alike_whatever_their_layout_and_size() {
        let image = ramp(40, 40);
        let patches = Patches::grid(&image, Window::square(16), Stride::square(1)).unwrap();
        let indices: Vec<usize> = (0..400).map(|i| (i * 37) % patches.len()).collect();
        assert!(indices.len() * 256 >= PARALLEL_FROM);
        let mut rows = Array2::zeros((400, 256));
        patches.fill(&indices, &mut rows.view_mut());
        let mut columns = Array2::zeros((256, 400));
        patches.fill(&indices, &mut columns.view_mut().reversed_axes());
        assert_eq!(rows, columns.t());
        for (row, &index) in rows.axis_iter(Axis(0)).zip(&indices) {
            assert_eq!(row.to_vec(), patches.patch(index).into_raw_vec_and_offset().0);
        }
    }

    #[test]
    fn the_scaling_of_all_is_told_only_when_there_is_one() {
        let images = [ramp(6, 6), ramp(7, 7)];
        let plan = || Patches::of(&images).window(Window::square(3));
        assert!(plan().grid(Stride::square(1)).unwrap().scaling().is_some());
        assert_eq!(plan().scale_each().grid(Stride::square(1)).unwrap().scaling(), None);
    }
}
