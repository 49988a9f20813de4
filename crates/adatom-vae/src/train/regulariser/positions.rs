//! Positions of samples on images.

use adatom_core::PatchGrid;
use ndarray::ArrayView2;

use crate::error::{Error, Result};

/// The position of every sample: the image, and row and column on it in pixels.
///
/// ```
/// use adatom_vae::{Positions, ndarray::array};
/// let positions = Positions::new(array![[0.0, 0.0], [0.0, 3.0], [4.0, 0.0]].view())?;
/// assert_eq!(positions.distance(0, 1), Some(3.0));
/// let error = Positions::new(array![[0.0], [1.0]].view()).unwrap_err();
/// assert_eq!(error.to_string(), "the positions must have the shape [samples, 2], found [2, 1]");
/// # Ok::<(), adatom_vae::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Positions {
    pub(super) at: Vec<[f64; 2]>,
    pub(super) image: Vec<u32>,
}

impl Positions {
    /// Positions `[n, 2]` (row, column; pixels) on one image.
    ///
    /// # Errors
    /// [`Error::Shape`] for another number of columns, [`Error::Setting`] for a position that is not finite.
    pub fn new(positions: ArrayView2<'_, f64>) -> Result<Self> {
        if positions.ncols() != 2 {
            return Err(Error::shape("the positions", "[samples, 2]", format!("{:?}", positions.shape())));
        }
        if let Some(wrong) = positions.iter().find(|position| !position.is_finite()) {
            return Err(Error::Setting {
                setting: "a position",
                expected: "finite",
                found: wrong.to_string(),
            });
        }
        let at: Vec<[f64; 2]> = positions.rows().into_iter().map(|row| [row[0], row[1]]).collect();
        Ok(Self { image: vec![0; at.len()], at })
    }

    /// The centres of patches on one or several images.
    #[must_use]
    pub fn of_patches(grid: &PatchGrid) -> Self {
        let (mut at, mut image) = (Vec::with_capacity(grid.len()), Vec::with_capacity(grid.len()));
        for index in 0..grid.len() {
            let centre = grid.centre(index);
            at.push([centre.row, centre.column]);
            image.push(u32::try_from(centre.image).unwrap_or(u32::MAX));
        }
        Self { at, image }
    }

    /// Number of positions.
    #[must_use]
    pub fn len(&self) -> usize {
        self.at.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.at.is_empty()
    }

    /// The distance of two samples in pixels; `None` on different images.
    ///
    /// # Panics
    /// When there is no such sample.
    #[must_use]
    pub fn distance(&self, one: usize, other: usize) -> Option<f64> {
        let ([a, b], [c, d]) = (self.at[one], self.at[other]);
        (self.image[one] == self.image[other]).then(|| (a - c).hypot(b - d))
    }
}
