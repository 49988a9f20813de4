//! The plan of patches: images, window, scaling and background, and then the positions.

use adatom_core::{PatchGrid, Scaling, ScalingMethod, Window};
use ndarray::ArrayView2;

use crate::patches::GivenCentres;
use crate::random::Random;
use crate::scale::check_finite;
use crate::{Error, Image, Patches, Result, scaling_of, scaling_of_all};

/// The distance of neighbouring patches on a grid, in pixels.
///
/// ```
/// use adatom_patch::Stride;
/// assert_eq!(Stride::square(4), Stride::new(4, 4));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Stride {
    rows: usize,
    columns: usize,
}

impl Stride {
    /// A patch at every `rows`-th row and every `columns`-th column.
    pub fn new(rows: usize, columns: usize) -> Self {
        Self { rows, columns }
    }

    /// The same stride along rows and columns.
    pub fn square(pixels: usize) -> Self {
        Self::new(pixels, pixels)
    }

    /// The distance along rows, in pixels.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The distance along columns, in pixels.
    pub fn columns(&self) -> usize {
        self.columns
    }
}

/// How the scaling is determined.
#[derive(Debug, Clone, Copy)]
enum Scale {
    /// From the pixels of all images.
    Together(ScalingMethod),
    /// For each image from its own pixels.
    Each(ScalingMethod),
    Fixed(Scaling),
}

/// The settings of patches; created by [`Patches::of`] and executed by [`grid`](Self::grid),
/// [`random`](Self::random) or [`at`](Self::at).
///
/// ```
/// use adatom_patch::{Image, Patches, ScalingMethod, Stride, Window, ndarray::Array2};
/// let pixels = Array2::from_shape_fn((64, 64), |(row, column)| (row * column % 17) as f32);
/// let haadf = Image::from_array(pixels);
/// let pixels = Array2::from_shape_fn((64, 80), |(row, column)| 3.0 + (row * column % 13) as f32);
/// let bf = Image::from_array(pixels);
/// let patches = Patches::of([&haadf, &bf])
///     .window(Window::new(24, 16))
///     .scaling(ScalingMethod::Percentile { low: 1.0, high: 99.0 })
///     .scale_each()
///     .flatten(12.0)
///     .grid(Stride::new(8, 8))?;
/// assert_eq!(patches.len(), 6 * 7 + 6 * 9);
/// # Ok::<(), adatom_patch::Error>(())
/// ```
#[derive(Debug, Clone)]
#[must_use = "a plan does nothing before `grid`, `random` or `at`"]
pub struct PatchPlan {
    images: Vec<Image>,
    window: Window,
    scale: Scale,
    flatten: Option<f64>,
    snap: bool,
}

impl PatchPlan {
    pub(crate) fn new(images: Vec<Image>) -> Self {
        Self {
            images,
            window: Window::square(32),
            scale: Scale::Together(ScalingMethod::MinMax),
            flatten: None,
            snap: false,
        }
    }

    /// The window of the patches. Default: 32 × 32 pixels.
    pub fn window(mut self, window: Window) -> Self {
        self.window = window;
        self
    }

    /// The scaling method, applied to all images together or, with [`scale_each`](Self::scale_each), to each
    /// image. Default: [`ScalingMethod::MinMax`].
    pub fn scaling(mut self, method: ScalingMethod) -> Self {
        self.scale = match self.scale {
            Scale::Each(_) => Scale::Each(method),
            Scale::Together(_) | Scale::Fixed(_) => Scale::Together(method),
        };
        self
    }

    /// Scales each image by its own pixels, as is appropriate for different detectors. Default: all together,
    /// as is appropriate for the frames of a series.
    pub fn scale_each(mut self) -> Self {
        self.scale = match self.scale {
            Scale::Together(method) | Scale::Each(method) => Scale::Each(method),
            Scale::Fixed(scaling) => Scale::Each(scaling.method),
        };
        self
    }

    /// Uses a given scaling, such as that of the training images of a model. If it was determined on
    /// flattened images, the images are flattened in the same way.
    pub fn scaling_fixed(mut self, scaling: Scaling) -> Self {
        self.scale = Scale::Fixed(scaling);
        self
    }

    /// Subtracts the background, the image smoothed by a Gaussian with a standard deviation of `sigma`
    /// pixels, before scaling. Default: no subtraction.
    pub fn flatten(mut self, sigma: f64) -> Self {
        self.flatten = Some(sigma);
        self
    }

    /// Moves given centres to the nearest position without interpolation; the patches report the moved
    /// centres. Default: no change.
    pub fn snap(mut self) -> Self {
        self.snap = true;
        self
    }

    /// Cuts patches at all positions of a regular grid.
    ///
    /// # Errors
    /// [`Error::Core`] without images, for a window or stride of 0 and a window larger than an image;
    /// [`Error::Constant`], [`Error::NotFinite`], [`Error::Argument`] as in [`scaling_of`] and
    /// [`Image::flattened`].
    pub fn grid(self, stride: Stride) -> Result<Patches> {
        let frames = self.images.iter().map(Image::frame);
        let grid = PatchGrid::regular(frames, self.window, [stride.rows, stride.columns])?;
        self.cut(grid, None)
    }

    /// Cuts `n` patches at distinct random whole-pixel positions; all positions of all images are equally
    /// likely. The same seed gives the same positions, and a larger `n` only adds positions to those of each
    /// image.
    ///
    /// # Errors
    /// [`Error::Argument`] if `n` is 0; [`Error::TooManyPatches`] for fewer than `n` positions; those of
    /// [`grid`](Self::grid).
    pub fn random(self, n: usize, seed: u64) -> Result<Patches> {
        if n == 0 {
            return Err(Error::Argument {
                what: "the number of random patches",
                expected: "at least 1".into(),
                found: "0".into(),
            });
        }
        let mut ends = Vec::with_capacity(self.images.len());
        let mut positions = 0usize;
        for image in &self.images {
            self.window.check(&image.frame())?;
            let [rows, columns] = self.positions(image);
            positions = positions.saturating_add(rows * columns);
            ends.push(positions);
        }
        if n > positions {
            return Err(Error::TooManyPatches { requested: n, positions });
        }
        let half = self.window.half();
        let mut centres = vec![Vec::new(); self.images.len()];
        for position in Random::new(seed).choose(n, positions) {
            let image = ends.partition_point(|&end| end <= position);
            let [rows, columns] = self.positions(&self.images[image]);
            let within = position - (ends[image] - rows * columns);
            let first = [within / columns, within % columns];
            centres[image].push([first[0] as f64 + half[0], first[1] as f64 + half[1]]);
        }
        let (grid, _) = PatchGrid::at(self.images.iter().map(Image::frame), self.window, &centres)?;
        self.cut(grid, None)
    }

    /// Cuts patches around given centres: one array `[centres, 2]` (row, column; pixels) per image.
    ///
    /// Between pixels, intensities are interpolated bilinearly. Centres whose window exceeds the image are
    /// left out (see [`Patches::kept`] and [`Patches::left_out`]).
    ///
    /// # Errors
    /// [`Error::Argument`] for an array without 2 columns; [`Error::Core`] unless there is one array per
    /// image, and if a centre is not finite or none is left; those of [`grid`](Self::grid).
    ///
    /// ```
    /// use adatom_patch::{
    ///     Image, Patches, Window,
    ///     ndarray::{Array2, arr2},
    /// };
    /// let pixels = Array2::from_shape_fn((64, 64), |(row, column)| (row * column % 17) as f32);
    /// let image = Image::from_array(pixels);
    /// let centres = arr2(&[[20.2, 30.4], [1.0, 1.0], [40.6, 40.5]]);
    /// let patches = Patches::of([&image]).window(Window::square(9)).snap().at([centres.view()])?;
    /// assert_eq!((patches.kept(), patches.left_out(0)), (Some(&[0, 2][..]), vec![1]));
    /// assert_eq!(patches.patch_grid().centres(), arr2(&[[20.0, 30.0], [41.0, 41.0]]));
    /// # Ok::<(), adatom_patch::Error>(())
    /// ```
    pub fn at<'a>(self, centres: impl IntoIterator<Item = ArrayView2<'a, f64>>) -> Result<Patches> {
        let half = self.window.half();
        let mut lists = Vec::new();
        for given in centres {
            if given.ncols() != 2 {
                return Err(Error::Argument {
                    what: "an array of centres",
                    expected: "[centres, 2] (row, column)".into(),
                    found: format!("[{}, {}]", given.nrows(), given.ncols()),
                });
            }
            let centre = |row: ndarray::ArrayView1<'_, f64>| {
                let at = [row[0], row[1]];
                if self.snap { [0, 1].map(|axis| (at[axis] - half[axis]).round() + half[axis]) } else { at }
            };
            lists.push(given.rows().into_iter().map(centre).collect::<Vec<_>>());
        }
        let (grid, kept) = PatchGrid::at(self.images.iter().map(Image::frame), self.window, &lists)?;
        let counts = lists.iter().map(Vec::len).collect();
        self.cut(grid, Some(GivenCentres { kept, counts }))
    }

    /// The number of whole-pixel positions of the window along rows and columns of an image.
    fn positions(&self, image: &Image) -> [usize; 2] {
        [image.height() - self.window.height() + 1, image.width() - self.window.width() + 1]
    }

    /// Flattens the images and determines the scalings.
    fn cut(mut self, grid: PatchGrid, given: Option<GivenCentres>) -> Result<Patches> {
        let flatten = self.background()?;
        if let Some(sigma) = flatten {
            self.images = self.images.iter().map(|image| image.flattened(sigma)).collect::<Result<_>>()?;
        }
        let fitted = match self.scale {
            Scale::Together(method) => vec![scaling_of_all(&self.images, method)?; self.images.len()],
            Scale::Each(method) => {
                self.images.iter().map(|image| scaling_of(image, method)).collect::<Result<_>>()?
            }
            Scale::Fixed(scaling) => {
                self.images.iter().try_for_each(check_finite)?;
                vec![scaling; self.images.len()]
            }
        };
        let scalings = fitted.into_iter().map(|scaling| Scaling { flatten, ..scaling }).collect();
        Ok(Patches::assemble(self.images, grid, scalings, given))
    }

    fn background(&self) -> Result<Option<f64>> {
        match (self.scale, self.flatten) {
            (Scale::Fixed(scaling), Some(requested)) if scaling.flatten != Some(requested) => {
                Err(Error::Argument {
                    what: "the standard deviation of the background",
                    expected: match scaling.flatten {
                        Some(sigma) => format!("that of the given scaling, {sigma} pixels"),
                        None => "unset, as in the given scaling".into(),
                    },
                    found: format!("{requested} pixels"),
                })
            }
            (Scale::Fixed(scaling), _) => Ok(scaling.flatten),
            (_, flatten) => Ok(flatten),
        }
    }
}

impl Patches {
    /// The patches of one image on a regular grid, scaled to [0, 1] by its smallest and largest pixel.
    ///
    /// # Errors
    /// As [`PatchPlan::grid`].
    pub fn grid(image: &Image, window: Window, stride: Stride) -> Result<Self> {
        Self::of([image]).window(window).grid(stride)
    }

    /// `n` patches of one image at distinct random whole-pixel positions, scaled as by [`grid`](Self::grid).
    ///
    /// # Errors
    /// As [`PatchPlan::random`].
    ///
    /// ```
    /// use adatom_patch::{Image, Patches, Window, ndarray::Array2};
    /// let pixels = Array2::from_shape_fn((40, 40), |(row, column)| (row * column % 17) as f32);
    /// let image = Image::from_array(pixels);
    /// let patches = Patches::random(&image, Window::square(32), 50, 7)?;
    /// assert_eq!(patches.len(), 50);
    /// let error = Patches::random(&image, Window::square(32), 100, 7).unwrap_err();
    /// assert_eq!(error.to_string(), "100 patches were requested, but there are only 81 positions");
    /// # Ok::<(), adatom_patch::Error>(())
    /// ```
    pub fn random(image: &Image, window: Window, n: usize, seed: u64) -> Result<Self> {
        Self::of([image]).window(window).random(n, seed)
    }

    /// The patches of one image around given `centres` `[centres, 2]` (row, column; pixels, possibly
    /// fractional).
    ///
    /// # Errors
    /// As [`PatchPlan::at`].
    ///
    /// ```
    /// use adatom_patch::{
    ///     Image, Patches, Window,
    ///     ndarray::{Array2, arr2},
    /// };
    /// let pixels = Array2::from_shape_fn((80, 80), |(row, column)| (row * column % 17) as f32);
    /// let image = Image::from_array(pixels);
    /// let centres = arr2(&[[20.5, 30.0], [2.0, 40.0], [60.2, 50.7]]);
    /// let patches = Patches::at(&image, Window::square(15), centres.view())?;
    /// assert_eq!((patches.len(), patches.left_out(0)), (2, vec![1]));
    /// # Ok::<(), adatom_patch::Error>(())
    /// ```
    pub fn at(image: &Image, window: Window, centres: ArrayView2<'_, f64>) -> Result<Self> {
        Self::of([image]).window(window).at([centres])
    }

    /// A plan of patches of these images.
    pub fn of<'a>(images: impl IntoIterator<Item = &'a Image>) -> PatchPlan {
        PatchPlan::new(images.into_iter().cloned().collect())
    }
}

#[cfg(test)]
mod tests;
