//! Generated images of a crystal lattice in which every displacement is known.
//!
//! The lattice has two sublattices, like a perovskite along a main axis: bright columns A at the corners of
//! the cells, and weaker columns B that a smooth field displaces from the centres:
//!
//! A at p = o + R (i a, j b) + s(p),  B at the same with i + ½, j + ½, plus u(p),
//!
//! where s is a slowly varying strain and u a displacement as by polarisation. Columns are Gaussian; a slowly
//! varying background and noise are added.

mod geometry;
mod render;

use adatom_core::PixelSize;
use adatom_patch::Image;
use ndarray::Array2;

use crate::{Error, Result};
use geometry::{Columns, Geometry};

/// Settings of a generated image of a lattice; [`generate`](Self::generate) makes the image.
///
/// ```
/// use adatom_synthetic::LatticeImage;
/// let lattice = LatticeImage::new(128, 160)
///     .cell([20.3, 19.7])
///     .displacement(1.5)
///     .noise(0.1)
///     .seed(4)
///     .generate()?;
/// assert_eq!((lattice.image.height(), lattice.image.width()), (128, 160));
/// assert_eq!(lattice.b_columns.dim(), lattice.displacement.dim());
///
/// let error = LatticeImage::new(128, 160).cell([1.0, 20.0]).generate().unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "the unit cell must be at least 4 pixels along both axes, found 1 x 20"
/// );
/// # Ok::<(), adatom_synthetic::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[must_use = "nothing is generated before `generate`"]
pub struct LatticeImage {
    height: usize,
    width: usize,
    cell: [f64; 2],
    angle: f64,
    displacement: f64,
    period: Option<f64>,
    wall: Option<f64>,
    strain: f64,
    column_width: f64,
    b_intensity: f64,
    composition: f64,
    background: f64,
    noise: f64,
    dose: Option<f64>,
    pixel_size: PixelSize,
    seed: u64,
}

impl LatticeImage {
    /// A lattice on an image of `height` × `width` pixels.
    pub fn new(height: usize, width: usize) -> Self {
        Self {
            height,
            width,
            cell: [19.52, 19.52],
            angle: 0.0,
            displacement: 2.0,
            period: None,
            wall: None,
            strain: 0.0,
            column_width: 2.6,
            b_intensity: 0.5,
            composition: 0.0,
            background: 0.2,
            noise: 0.05,
            dose: None,
            pixel_size: PixelSize::square(20.0, "pm"),
            seed: 0,
        }
    }

    /// Height and width of the unit cell in pixels, fractions allowed. Default: 19.52 × 19.52.
    pub fn cell(mut self, cell: [f64; 2]) -> Self {
        self.cell = cell;
        self
    }

    /// The rotation of the lattice in radians, from rows towards columns. Default: 0.
    pub fn angle(mut self, angle: f64) -> Self {
        self.angle = angle;
        self
    }

    /// The largest displacement of B from the cell's centre, in pixels. Default: 2.
    pub fn displacement(mut self, amplitude: f64) -> Self {
        self.displacement = amplitude;
        self
    }

    /// The period in pixels of the displacement's waves. Default: the longer side of the image.
    pub fn period(mut self, period: f64) -> Self {
        self.period = Some(period);
        self
    }

    /// Two domains instead of waves: B is displaced along +(1, 1)/√2 right of a wall through the middle and
    /// along -(1, 1)/√2 left of it; across the wall the displacement follows tanh(distance / `width`),
    /// `width` in pixels. Default: none.
    pub fn domain_wall(mut self, width: f64) -> Self {
        self.wall = Some(width);
        self
    }

    /// The largest local strain, which varies over the image. Default: 0.
    pub fn strain(mut self, strain: f64) -> Self {
        self.strain = strain;
        self
    }

    /// The standard deviation of a column's Gaussian, in pixels. Default: 2.6.
    pub fn column_width(mut self, deviation: f64) -> Self {
        self.column_width = deviation;
        self
    }

    /// The height of a column B, where that of A is 1. Default: 0.5.
    pub fn b_intensity(mut self, intensity: f64) -> Self {
        self.b_intensity = intensity;
        self
    }

    /// The contrast of the composition: the height of B is multiplied by 1 + `contrast` c, where c is a
    /// smooth field of composition from -1 to 1. At most 1. Default: 0.
    pub fn composition(mut self, contrast: f64) -> Self {
        self.composition = contrast;
        self
    }

    /// The background, which varies slowly between ½ and 1½ of this level, in units of the height of A.
    /// Default: 0.2.
    pub fn background(mut self, level: f64) -> Self {
        self.background = level;
        self
    }

    /// The standard deviation of normal noise, in units of the height of A. Default: 0.05.
    pub fn noise(mut self, deviation: f64) -> Self {
        self.noise = deviation;
        self
    }

    /// Shot noise: the mean number of electrons counted in a pixel of intensity 1; intensities are counts
    /// divided by the dose. Default: none.
    pub fn dose(mut self, counts: f64) -> Self {
        self.dose = Some(counts);
        self
    }

    /// The length of a pixel. Default: 20 pm, which makes the default cell that of SrTiO₃.
    pub fn pixel_size(mut self, size: PixelSize) -> Self {
        self.pixel_size = size;
        self
    }

    /// The seed of the noise and of the lattice's origin. Default: 0.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Makes the image; the same settings and seed give the same pixels.
    ///
    /// # Errors
    /// [`Error::Argument`] when the image has no pixel, a cell is shorter than 4 pixels, the strain is not in
    /// [0, 0.2], or another length or intensity is negative or not finite.
    pub fn generate(&self) -> Result<GeneratedLattice> {
        self.check()?;
        let geometry = Geometry::new(self);
        let Columns { a, b } = geometry.columns();
        let pixels = render::render(self, &a, &b);
        let image = Image::from_array(pixels)
            .with_pixel_size(self.pixel_size.clone())
            .with_source(format!("generated lattice, seed {}", self.seed));
        let inside = |at: &[f64; 2]| {
            (0.0..=self.height as f64 - 1.0).contains(&at[0])
                && (0.0..=self.width as f64 - 1.0).contains(&at[1])
        };
        let table =
            |rows: Vec<[f64; 2]>| Array2::from_shape_fn((rows.len(), 2), |(row, axis)| rows[row][axis]);
        let a = a.into_iter().filter(inside).collect();
        let (b, shifts) =
            b.into_iter().filter(|column| inside(&column.at)).map(|column| (column.at, column.shift)).unzip();
        Ok(GeneratedLattice {
            image,
            a_columns: table(a),
            b_columns: table(b),
            displacement: table(shifts),
            geometry,
        })
    }

    fn check(&self) -> Result<()> {
        let wrong = |what, expected: &str, found: String| {
            Err(Error::Argument { what, expected: expected.into(), found })
        };
        if self.height == 0 || self.width == 0 {
            return wrong(
                "a generated image",
                "at least 1 x 1 pixels",
                format!("{} x {}", self.height, self.width),
            );
        }
        if !self.cell.iter().all(|side| side.is_finite() && *side >= 4.0) {
            return wrong(
                "the unit cell",
                "at least 4 pixels along both axes",
                format!("{} x {}", self.cell[0], self.cell[1]),
            );
        }
        if !(0.0..=0.2).contains(&self.strain) {
            return wrong("the strain", "in [0, 0.2]", self.strain.to_string());
        }
        if !(0.0..=1.0).contains(&self.composition) {
            return wrong("the contrast of composition", "in [0, 1]", self.composition.to_string());
        }
        let positive = [
            ("the period", self.period.unwrap_or(1.0)),
            ("the width of a domain wall", self.wall.unwrap_or(1.0)),
            ("the width of a column", self.column_width),
            ("the dose", self.dose.unwrap_or(1.0)),
        ];
        for (what, value) in positive {
            if !(value.is_finite() && value > 0.0) {
                return wrong(what, "positive and finite", value.to_string());
            }
        }
        let not_negative = [
            ("the displacement", self.displacement),
            ("the intensity of B", self.b_intensity),
            ("the background", self.background),
            ("the noise", self.noise),
        ];
        for (what, value) in not_negative {
            if !(value.is_finite() && value >= 0.0) {
                return wrong(what, "finite and not negative", value.to_string());
            }
        }
        if !self.angle.is_finite() {
            return wrong("the angle", "finite", self.angle.to_string());
        }
        Ok(())
    }
}

/// A generated image and its known structure; positions are (row, column) in pixels.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct GeneratedLattice {
    /// The image, with noise.
    pub image: Image,
    /// Columns A whose centre lies on the image, `[n, 2]`.
    pub a_columns: Array2<f64>,
    /// Columns B whose centre lies on the image, `[m, 2]`.
    pub b_columns: Array2<f64>,
    /// The displacement of each column B from the centre of its cell, `[m, 2]`.
    pub displacement: Array2<f64>,
    geometry: Geometry,
}

impl GeneratedLattice {
    /// The displacement of a column B whose cell is centred at this position.
    ///
    /// ```
    /// use adatom_synthetic::LatticeImage;
    /// let lattice = LatticeImage::new(100, 100).displacement(3.0).domain_wall(5.0).generate()?;
    /// let [row, column] = lattice.displacement_at(50.0, 99.0);
    /// assert!((row.hypot(column) - 3.0).abs() < 1e-6 && row > 0.0);
    /// assert!(lattice.displacement_at(50.0, 0.0)[0] < 0.0);
    /// # Ok::<(), adatom_synthetic::Error>(())
    /// ```
    pub fn displacement_at(&self, row: f64, column: f64) -> [f64; 2] {
        self.geometry.displacement([row, column])
    }

    /// The field of composition, from -1 to 1: waves across the image, independent of those of the
    /// displacement.
    ///
    /// ```
    /// use adatom_synthetic::LatticeImage;
    /// let lattice = LatticeImage::new(100, 100).composition(0.3).generate()?;
    /// assert!(lattice.composition_at(10.0, 20.0).abs() <= 1.0);
    /// # Ok::<(), adatom_synthetic::Error>(())
    /// ```
    pub fn composition_at(&self, row: f64, column: f64) -> f64 {
        self.geometry.composition([row, column])
    }

    /// The position in the unit cell: (0, 0) on a column A, (±½, ±½) at the centre of a cell; both numbers
    /// are in [-½, ½].
    ///
    /// ```
    /// # use adatom_synthetic::LatticeImage;
    /// let lattice = LatticeImage::new(100, 100).strain(0.02).generate()?;
    /// let [row, column] = lattice.phase(lattice.a_columns[[0, 0]], lattice.a_columns[[0, 1]]);
    /// assert!(row.abs() < 1e-9 && column.abs() < 1e-9);
    /// # Ok::<(), adatom_synthetic::Error>(())
    /// ```
    pub fn phase(&self, row: f64, column: f64) -> [f64; 2] {
        self.geometry.lattice_coordinates([row, column]).map(|coordinate| coordinate - coordinate.round())
    }

    /// The column A nearest to a position in lattice coordinates; it may lie outside of the image.
    ///
    /// ```
    /// # use adatom_synthetic::LatticeImage;
    /// let lattice = LatticeImage::new(100, 100).strain(0.02).generate()?;
    /// let [row, column] = [lattice.a_columns[[4, 0]], lattice.a_columns[[4, 1]]];
    /// let [found_row, found_column] = lattice.nearest_a(row + 5.0, column - 4.0);
    /// assert!((found_row - row).abs() < 1e-9 && (found_column - column).abs() < 1e-9);
    /// # Ok::<(), adatom_synthetic::Error>(())
    /// ```
    pub fn nearest_a(&self, row: f64, column: f64) -> [f64; 2] {
        let whole = self.geometry.lattice_coordinates([row, column]).map(f64::round);
        self.geometry.position(whole)
    }

    /// The displacement from a position to the column A of [`nearest_a`](Self::nearest_a), in pixels: the
    /// true shift of the lattice in a patch with this centre.
    pub fn shift_at(&self, row: f64, column: f64) -> [f64; 2] {
        let [a_row, a_column] = self.nearest_a(row, column);
        [a_row - row, a_column - column]
    }
}
