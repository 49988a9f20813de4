//! Replaces pixels that are NaN or infinite, such as the missing rows of a scan.

use ndarray::Array2;
use serde::{Deserialize, Serialize};

use crate::scale::percentile;
use crate::{Error, Image, Result};

/// The replacement for pixels that are NaN or infinite.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fill {
    /// A fixed value.
    Value(f32),
    /// The mean of the finite pixels.
    Mean,
    /// The median of the finite pixels.
    Median,
    /// The nearest finite pixel (Euclidean distance).
    Nearest,
}

impl Image {
    /// The image with all NaN and infinite pixels replaced.
    ///
    /// # Errors
    /// [`Error::Argument`] if the given value is not finite; [`Error::NotFinite`] if no pixel is finite and
    /// the replacement is not a fixed value.
    ///
    /// ```
    /// use adatom_patch::{Fill, Image, ndarray::arr2};
    /// let image = Image::from_array(arr2(&[[1.0, f32::NAN, 5.0, f32::INFINITY]]));
    /// assert_eq!(image.fill_non_finite(Fill::Mean)?.pixels(), arr2(&[[1.0, 3.0, 5.0, 3.0]]));
    /// assert_eq!(image.fill_non_finite(Fill::Nearest)?.pixels(), arr2(&[[1.0, 1.0, 5.0, 5.0]]));
    /// assert!(image.fill_non_finite(Fill::Value(f32::NAN)).is_err());
    /// # Ok::<(), adatom_patch::Error>(())
    /// ```
    pub fn fill_non_finite(&self, fill: Fill) -> Result<Self> {
        if let Fill::Value(value) = fill
            && !value.is_finite()
        {
            return Err(Error::Argument {
                what: "the replacement of pixels",
                expected: "finite".into(),
                found: value.to_string(),
            });
        }
        let count = self.non_finite();
        if count == 0 {
            return Ok(self.clone());
        }
        if count == self.flat().len() && !matches!(fill, Fill::Value(_)) {
            let image = self.source().map(Into::into);
            return Err(Error::NotFinite { count, pixels: count, image });
        }
        let replace = |value: f32| self.pixels().mapv(|pixel| if pixel.is_finite() { pixel } else { value });
        let pixels = match fill {
            Fill::Value(value) => replace(value),
            Fill::Mean => replace(self.statistics().expect("a pixel is finite").mean as f32),
            Fill::Median => {
                let mut finite: Vec<f32> = self.flat().iter().copied().filter(|x| x.is_finite()).collect();
                replace(percentile(&mut finite, 50.0) as f32)
            }
            Fill::Nearest => nearest(self),
        };
        Ok(self.with_pixels(pixels))
    }
}

/// The row of a column without finite pixels.
const NONE: usize = usize::MAX;

/// A parabola of the lower envelope.
#[derive(Clone, Copy)]
struct Parabola {
    column: usize,
    /// The position from which on it is the lowest.
    begin: f64,
}

/// Replaces each pixel that is not finite by the nearest finite one: first the nearest row within each
/// column, then, along each row, the column c' whose parabola (c - c')² + d(c')² is lowest at c (Felzenszwalb
/// and Huttenlocher 2012).
fn nearest(image: &Image) -> Array2<f32> {
    let pixels = image.pixels();
    let (height, width) = pixels.dim();
    let mut row_of = Array2::from_elem((height, width), NONE);
    for column in 0..width {
        let mut last = NONE;
        for row in 0..height {
            if pixels[[row, column]].is_finite() {
                last = row;
            }
            row_of[[row, column]] = last;
        }
        last = NONE;
        for row in (0..height).rev() {
            if pixels[[row, column]].is_finite() {
                last = row;
            }
            let above = row_of[[row, column]];
            if last != NONE && (above == NONE || last - row < row - above) {
                row_of[[row, column]] = last;
            }
        }
    }
    let mut filled = pixels.to_owned();
    // The lower envelope of a row.
    let mut envelope: Vec<Parabola> = Vec::with_capacity(width);
    for row in 0..height {
        if pixels.row(row).iter().all(|pixel| pixel.is_finite()) {
            continue;
        }
        let distance = |column: usize| (row_of[[row, column]] as f64 - row as f64).powi(2);
        envelope.clear();
        for column in (0..width).filter(|&column| row_of[[row, column]] != NONE) {
            let raised = |c: usize| distance(c) + (c as f64).powi(2);
            let mut begin = f64::NEG_INFINITY;
            while let Some(&Parabola { column: other, begin: other_begin }) = envelope.last() {
                begin = (raised(column) - raised(other)) / (2.0 * (column as f64 - other as f64));
                if begin > other_begin {
                    break;
                }
                envelope.pop();
                begin = f64::NEG_INFINITY;
            }
            envelope.push(Parabola { column, begin });
        }
        let mut part = 0;
        for column in 0..width {
            while envelope.get(part + 1).is_some_and(|next| next.begin < column as f64) {
                part += 1;
            }
            let from = envelope[part].column;
            filled[[row, column]] = pixels[[row_of[[row, from]], from]];
        }
    }
    filled
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Random;

    #[test]
    fn nearest_agrees_with_a_search_over_all_pixels() {
        let mut random = Random::new(3);
        for finite in [0.02, 0.3, 0.9] {
            let mut pixels = Array2::from_shape_fn((17, 23), |(row, column)| {
                if random.uniform() < finite { (row * 23 + column) as f32 } else { f32::NAN }
            });
            pixels[[4, 20]] = 1000.0;
            let image = Image::from_array(pixels.clone());
            let filled = image.fill_non_finite(Fill::Nearest).unwrap();
            let squared =
                |a: (usize, usize), b: (usize, usize)| a.0.abs_diff(b.0).pow(2) + a.1.abs_diff(b.1).pow(2);
            for (at, &value) in filled.pixels().indexed_iter() {
                let (from, _) = pixels.indexed_iter().find(|(_, pixel)| **pixel == value).unwrap();
                let best =
                    pixels.indexed_iter().filter(|(_, pixel)| pixel.is_finite()).map(|(c, _)| squared(at, c));
                assert_eq!(squared(at, from), best.min().unwrap(), "{at:?}");
            }
        }
    }

    #[test]
    fn an_image_without_finite_pixels_needs_a_fixed_value() {
        let image = Image::from_array(Array2::from_elem((2, 2), f32::NAN));
        assert_eq!(image.fill_non_finite(Fill::Value(0.5)).unwrap().flat(), [0.5; 4]);
        let error = image.fill_non_finite(Fill::Median).unwrap_err();
        assert_eq!(error.to_string(), "4 of 4 pixels are NaN or infinite");
    }
}
