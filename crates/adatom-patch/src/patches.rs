//! The patches of images as a view: images, centres and scalings. A patch is cut when it is read.

use adatom_core::{LatentMap, PatchGrid, SampleShape, Samples, Scaling, Window};
use ndarray::{Array2, ArrayView2, ArrayViewMut2};
use rayon::prelude::*;

use crate::{Image, Result, clipped_fraction};

/// Patches of one or several images.
///
/// A view that shares the pixels of its images. It stores nothing for the patches of a regular grid and 16
/// bytes for each centre of a list. It implements [`Samples`], so that an autoencoder can be trained on it.
///
/// ```
/// use adatom_patch::{Image, Patches, Samples, Stride, Window, ndarray::Array2};
/// let pixels = Array2::from_shape_fn((64, 80), |(row, column)| (row * column % 17) as f32);
/// let image = Image::from_array(pixels);
/// let patches = Patches::grid(&image, Window::new(16, 20), Stride::new(4, 4))?;
/// assert_eq!(patches.len(), 13 * 16);
///
/// let mut batch = Array2::zeros((2, 16 * 20));
/// patches.fill(&[5, 100], &mut batch.view_mut());
/// assert_eq!(batch.row(1).to_vec(), patches.patch(100).into_raw_vec_and_offset().0);
///
/// let error = Patches::grid(&image, Window::new(65, 20), Stride::new(4, 4)).unwrap_err();
/// let message = "the window of 65 x 20 pixels does not fit on the image of 64 x 80 pixels";
/// assert!(error.to_string().starts_with(message));
/// # Ok::<(), adatom_patch::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Patches {
    images: Vec<Image>,
    grid: PatchGrid,
    /// One per image.
    scalings: Vec<Scaling>,
    given: Option<GivenCentres>,
}

/// The centres given by the caller, of which some may have no patch.
#[derive(Debug, Clone)]
pub(crate) struct GivenCentres {
    /// For each patch, the index of its centre among those given for its image.
    pub(crate) kept: Vec<usize>,
    /// The number of centres given for each image.
    pub(crate) counts: Vec<usize>,
}

/// The smallest number of values in a batch for which several threads are faster than one; starting them
/// takes about 10 µs.
pub(crate) const PARALLEL_FROM: usize = 1 << 16;

/// A patch is copied and not interpolated if its first pixel is nearer than this to a whole position.
const WHOLE: f64 = 1e-6;

impl Patches {
    pub(crate) fn assemble(
        images: Vec<Image>,
        grid: PatchGrid,
        scalings: Vec<Scaling>,
        given: Option<GivenCentres>,
    ) -> Self {
        Self { images, grid, scalings, given }
    }

    /// The positions of the patches.
    pub fn patch_grid(&self) -> &PatchGrid {
        &self.grid
    }

    /// The number of patches of all images.
    pub fn len(&self) -> usize {
        self.grid.len()
    }

    /// Whether there is no patch; never true for patches from a [`PatchPlan`](crate::PatchPlan).
    pub fn is_empty(&self) -> bool {
        self.grid.is_empty()
    }

    /// The window of the patches.
    pub fn window(&self) -> Window {
        self.grid.window()
    }

    /// The images from which patches are cut: flattened if requested, not scaled.
    pub fn images(&self) -> &[Image] {
        &self.images
    }

    /// The scaling of image `image`.
    ///
    /// # Panics
    /// If there is no such image.
    pub fn scaling_of(&self, image: usize) -> Scaling {
        self.scalings[image]
    }

    /// The fraction of the pixels of image `image` that its scaling clips.
    ///
    /// # Panics
    /// If there is no such image.
    pub fn clipped_fraction(&self, image: usize) -> f64 {
        clipped_fraction(&self.images[image], &self.scalings[image])
    }

    /// For each patch, the index of its centre among those given for its image; `None` if no centres were
    /// given.
    pub fn kept(&self) -> Option<&[usize]> {
        self.given.as_ref().map(|given| given.kept.as_slice())
    }

    /// The indices of the centres given for image `image` that have no patch, because their window exceeds
    /// the image.
    ///
    /// # Panics
    /// If there is no such image.
    pub fn left_out(&self, image: usize) -> Vec<usize> {
        let range = self.grid.range(image);
        let Some(given) = &self.given else { return Vec::new() };
        // Patches keep the order of their centres, so the kept indices increase.
        let mut kept = given.kept[range].iter().peekable();
        (0..given.counts[image]).filter(|index| kept.next_if_eq(&index).is_none()).collect()
    }

    /// Patch `index`, scaled, `[height, width]`.
    ///
    /// # Panics
    /// If `index` is not below [`len`](Self::len).
    pub fn patch(&self, index: usize) -> Array2<f32> {
        let window = self.window();
        let mut pixels = vec![0.0; window.pixels()];
        self.cut(index, &mut pixels);
        Array2::from_shape_vec((window.height(), window.width()), pixels)
            .expect("there are as many pixels as in the window")
    }

    /// The map of `values` `[patches, k]` on one image: k layers with one value per patch of the image.
    ///
    /// # Errors
    /// [`Error::Core`](crate::Error::Core) unless there is one row per patch and such an image.
    ///
    /// ```
    /// use adatom_patch::{Image, Patches, PixelSize, Stride, Window, ndarray::Array2};
    /// let pixels = Array2::from_shape_fn((40, 48), |(row, column)| (row * column % 17) as f32);
    /// let image = Image::from_array(pixels);
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

    /// Writes patch `index`, scaled, in row-major order.
    pub(crate) fn cut(&self, index: usize, to: &mut [f32]) {
        let window = self.window();
        let centre = self.grid.centre(index);
        let half = window.half();
        let image = &self.images[centre.image];
        let scaling = self.scalings[centre.image];
        let Position { whole: row, fraction: down } = Position::of(centre.row - half[0]);
        let Position { whole: column, fraction: right } = Position::of(centre.column - half[1]);
        let rows = |row: usize| &image.flat()[row * image.width()..][..image.width()];
        for (number, to) in to.chunks_exact_mut(window.width()).enumerate() {
            let upper = rows(row + number);
            if down == 0.0 && right == 0.0 {
                for (to, &pixel) in to.iter_mut().zip(&upper[column..]) {
                    *to = scaling.apply(pixel);
                }
                continue;
            }
            // With a fraction of 0, the next row or column is not read, because it may be outside of the
            // image.
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

/// The position of the first pixel of a patch along one axis.
struct Position {
    whole: usize,
    /// The weight of the next pixel; 0 at whole positions.
    fraction: f32,
}

impl Position {
    fn of(first: f64) -> Self {
        let whole = first.round();
        // Not negative beyond rounding, because a patch is inside of its image.
        if (first - whole).abs() <= WHOLE {
            Self { whole: whole as usize, fraction: 0.0 }
        } else {
            Self { whole: first.floor() as usize, fraction: (first - first.floor()) as f32 }
        }
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
        assert_eq!(batch.dim(), (indices.len(), pixels), "the batch must be [indices, pixels of the window]");
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

    /// The scaling of all images, if it is the same.
    fn scaling(&self) -> Option<Scaling> {
        let first = self.scalings.first()?;
        self.scalings.iter().all(|scaling| scaling == first).then_some(*first)
    }
}
