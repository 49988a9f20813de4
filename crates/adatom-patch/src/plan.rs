//! How patches are to be cut: images, window, scaling, background; and then where.

use adatom_core::{PatchGrid, Scaling, ScalingMethod, Window};
use ndarray::ArrayView2;

use crate::patches::Given;
use crate::random::Random;
use crate::scale::check_finite;
use crate::{Error, Image, Patches, Result, scaling_of, scaling_of_all};

/// Pixels from one patch to the next along rows and columns.
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
    /// Every `rows`-th row and every `columns`-th column.
    pub fn new(rows: usize, columns: usize) -> Self {
        Self { rows, columns }
    }

    /// The same stride along rows and columns.
    pub fn square(pixels: usize) -> Self {
        Self::new(pixels, pixels)
    }

    /// Pixels between neighbouring rows of patches.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Pixels between neighbouring columns of patches.
    pub fn columns(&self) -> usize {
        self.columns
    }
}

/// Which pixels a scaling is found from.
#[derive(Debug, Clone, Copy)]
enum Scale {
    Together(ScalingMethod),
    Each(ScalingMethod),
    Fixed(Scaling),
}

/// How patches are to be cut; begins with [`Patches::of`] and ends with [`grid`](Self::grid),
/// [`random`](Self::random) or [`at`](Self::at).
///
/// ```
/// use adatom_patch::{Image, Patches, ScalingMethod, Stride, Window, ndarray::Array2};
/// let haadf = Image::from_array(Array2::from_shape_fn((64, 64), |(row, column)| (row * column % 17) as f32));
/// let bf = Image::from_array(Array2::from_shape_fn((64, 80), |(row, column)| 3.0 + (row * column % 13) as f32));
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
#[must_use = "a plan cuts nothing before `grid`, `random` or `at`"]
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

    /// The window of every patch. Default: 32 × 32 pixels.
    pub fn window(mut self, window: Window) -> Self {
        self.window = window;
        self
    }

    /// How intensities are scaled; one scaling is found from all images together unless
    /// [`scale_each`](Self::scale_each) says otherwise. Default: [`ScalingMethod::MinMax`].
    pub fn scaling(mut self, method: ScalingMethod) -> Self {
        self.scale = match self.scale {
            Scale::Each(_) => Scale::Each(method),
            Scale::Together(_) | Scale::Fixed(_) => Scale::Together(method),
        };
        self
    }

    /// Every image is scaled by its own pixels, as images of different detectors need it. Default: all together,
    /// as frames of one series need it.
    pub fn scale_each(mut self) -> Self {
        self.scale = match self.scale {
            Scale::Together(method) | Scale::Each(method) => Scale::Each(method),
            Scale::Fixed(scaling) => Scale::Each(scaling.method),
        };
        self
    }

    /// A given scaling, such as that of the images a model was trained on. When it was found on flattened images,
    /// these are flattened in the same way.
    pub fn scaling_fixed(mut self, scaling: Scaling) -> Self {
        self.scale = Scale::Fixed(scaling);
        self
    }

    /// The Gaussian-smoothed background of standard deviation `sigma` pixels is subtracted before scaling.
    /// Default: none.
    pub fn flatten(mut self, sigma: f64) -> Self {
        self.flatten = Some(sigma);
        self
    }

    /// Given centres move to the nearest position at which pixels are copied, not interpolated; the centres
    /// reported are the moved ones. Default: they stay where they are.
    pub fn snap(mut self) -> Self {
        self.snap = true;
        self
    }

    /// Patches at every position of a regular grid.
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

    /// `n` patches at random whole-pixel positions, no position twice; all positions of all images are equally
    /// likely. The same seed gives the same positions, and a larger `n` only adds to those of each image.
    ///
    /// # Errors
    /// [`Error::Argument`] when `n` is 0, [`Error::TooManyPatches`] when there are fewer than `n` positions, and as for
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
            return Err(Error::TooManyPatches { asked: n, positions });
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

    /// Patches around given centres: for each image an array `[n, 2]` of row and column in pixels.
    ///
    /// Centres need not lie on whole pixels; between pixels, intensities are interpolated bilinearly. Centres whose
    /// window reaches beyond the image are left out (see [`Patches::kept`] and [`Patches::left_out`]).
    ///
    /// # Errors
    /// [`Error::Argument`] when an array has not 2 columns, [`Error::Core`] when there is not one array for each
    /// image, a centre is not finite or none is left, and as for [`grid`](Self::grid).
    ///
    /// ```
    /// use adatom_patch::{Image, Patches, Window, ndarray::{Array2, arr2}};
    /// let image = Image::from_array(Array2::from_shape_fn((64, 64), |(row, column)| (row * column % 17) as f32));
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
                    expected: "[n, 2] (row and column)".into(),
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
        self.cut(grid, Some(Given { kept, counts }))
    }

    /// Whole-pixel positions of the window along rows and columns of an image on which it fits.
    fn positions(&self, image: &Image) -> [usize; 2] {
        [image.height() - self.window.height() + 1, image.width() - self.window.width() + 1]
    }

    /// Flattens, finds the scalings and puts the view together.
    fn cut(mut self, grid: PatchGrid, given: Option<Given>) -> Result<Patches> {
        let flatten = self.flatten_of()?;
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

    fn flatten_of(&self) -> Result<Option<f64>> {
        match (self.scale, self.flatten) {
            (Scale::Fixed(scaling), Some(asked)) if scaling.flatten != Some(asked) => Err(Error::Argument {
                what: "the background to subtract",
                expected: match scaling.flatten {
                    Some(sigma) => format!("that of the given scaling, {sigma} pixels"),
                    None => "none, as for the given scaling".into(),
                },
                found: format!("{asked} pixels"),
            }),
            (Scale::Fixed(scaling), _) => Ok(scaling.flatten),
            (_, flatten) => Ok(flatten),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{Array2, arr2};

    fn ramp(height: usize, width: usize) -> Image {
        Image::from_array(Array2::from_shape_fn((height, width), |(row, column)| {
            (row * width + column) as f32
        }))
    }

    #[test]
    fn images_are_scaled_together_unless_each_is_asked_for() {
        let (dark, bright) = (ramp(4, 4), Image::from_array(arr2(&[[100.0f32; 4]; 4]) + ramp(4, 4).pixels()));
        let plan = || Patches::of([&dark, &bright]).window(Window::square(2));
        let together = plan().grid(Stride::square(2)).unwrap();
        assert_eq!((together.scaling_of(0).gain, together.scaling_of(1).gain), (1.0 / 115.0, 1.0 / 115.0));
        let each = plan().scale_each().scaling(ScalingMethod::MinMax).grid(Stride::square(2)).unwrap();
        assert_eq!((each.scaling_of(1).offset, each.scaling_of(1).gain), (100.0, 1.0 / 15.0));
    }

    #[test]
    fn a_given_scaling_brings_its_own_background() {
        let image = ramp(20, 20);
        let plan = || Patches::of([&image]).window(Window::square(4));
        let trained = plan().flatten(3.0).grid(Stride::square(4)).unwrap().scaling_of(0);
        assert_eq!(trained.flatten, Some(3.0));
        let again = plan().scaling_fixed(trained).grid(Stride::square(4)).unwrap();
        assert_eq!(again.images()[0], image.flattened(3.0).unwrap());
        assert_eq!(
            plan().scaling_fixed(trained).flatten(5.0).grid(Stride::square(4)).unwrap_err().to_string(),
            "the background to subtract must be that of the given scaling, 3 pixels, found 5 pixels"
        );
    }

    #[test]
    fn random_positions_are_different_and_can_be_all_of_them() {
        let images = [ramp(6, 5), ramp(4, 8)];
        let plan = || Patches::of(&images).window(Window::new(3, 4));
        // 4 · 2 positions on the first image, 2 · 5 on the second.
        let all = plan().random(18, 3).unwrap();
        let mut centres: Vec<_> = (0..18)
            .map(|index| all.patch_grid().centre(index))
            .map(|c| (c.image, c.row as u64, c.column as u64))
            .collect();
        centres.sort_unstable();
        centres.dedup();
        assert_eq!((centres.len(), all.patch_grid().range(0).len()), (18, 8));
        assert_eq!(
            all.patch_grid().centre(0).column.fract(),
            0.5,
            "an even window has its centre between pixels"
        );
        assert_eq!(
            plan().random(19, 3).unwrap_err().to_string(),
            "19 patches were asked for, there are 18 positions"
        );
        assert_eq!(
            plan().random(0, 3).unwrap_err().to_string(),
            "the number of random patches must be at least 1, found 0"
        );
        assert_eq!(plan().random(5, 3).unwrap().patch_grid(), plan().random(5, 3).unwrap().patch_grid());
    }

    #[test]
    fn centres_need_two_columns_and_an_array_for_each_image() {
        let image = ramp(8, 8);
        let message = |centres: &[Array2<f64>]| {
            Patches::of([&image])
                .window(Window::square(3))
                .at(centres.iter().map(|c| c.view()))
                .unwrap_err()
                .to_string()
        };
        assert_eq!(
            message(&[Array2::zeros((4, 3))]),
            "an array of centres must be [n, 2] (row and column), found [4, 3]"
        );
        assert_eq!(message(&[]), "expected 1 lists of centres, found 0");
        let nothing: [&Image; 0] = [];
        assert_eq!(
            Patches::of(nothing).random(1, 0).unwrap_err().to_string(),
            "1 patches were asked for, there are 0 positions"
        );
    }
}
