//! Subtracts the background of an image: its convolution with a Gaussian g(d) ∝ exp(-d²/2σ²), truncated at 4
//! σ, along rows and then along columns.

use ndarray::{Array2, Axis};
use rayon::prelude::*;

use crate::scale::check_finite;
use crate::{Error, Image, Result};

impl Image {
    /// The image minus its background, the image smoothed by a Gaussian with a standard deviation of `sigma`
    /// pixels.
    ///
    /// Beyond the edges, the image is continued by reflection. The mean of the result is near 0.
    ///
    /// # Errors
    /// [`Error::Argument`] unless `sigma` is positive and finite; [`Error::NotFinite`].
    ///
    /// ```
    /// use adatom_patch::{Image, ndarray::Array2};
    /// let slope = Image::from_array(Array2::from_shape_fn((60, 60), |(row, _)| 100.0 + 0.5 * row as f32));
    /// let flat = slope.flattened(4.0)?;
    /// assert!(flat.pixels()[[30, 30]].abs() < 1e-4);
    /// assert_eq!(
    ///     slope.flattened(0.0).unwrap_err().to_string(),
    ///     "the standard deviation of the background must be positive and finite, found 0"
    /// );
    /// # Ok::<(), adatom_patch::Error>(())
    /// ```
    pub fn flattened(&self, sigma: f64) -> Result<Self> {
        if !(sigma.is_finite() && sigma > 0.0) {
            return Err(Error::Argument {
                what: "the standard deviation of the background",
                expected: "positive and finite".into(),
                found: sigma.to_string(),
            });
        }
        check_finite(self)?;
        let Some(statistics) = self.statistics() else { return Ok(self.clone()) };
        // Subtracting the mean reduces the rounding errors of the sums.
        let level = statistics.mean as f32;
        let centred = self.pixels().mapv(|pixel| pixel - level);
        let rows = smooth_rows(&centred, sigma);
        let columns = smooth_rows(&transposed(&rows), sigma);
        Ok(self.with_pixels(centred - columns.t()))
    }
}

fn transposed(array: &Array2<f32>) -> Array2<f32> {
    array.t().as_standard_layout().into_owned()
}

/// Convolves each row of an array in row-major layout with the Gaussian.
fn smooth_rows(array: &Array2<f32>, sigma: f64) -> Array2<f32> {
    let width = array.len_of(Axis(1));
    let kernel = kernel(sigma, width);
    let radius = kernel.len() - 1;
    let mut smooth = Array2::zeros(array.raw_dim());
    let from = array.as_slice().expect("the array is in standard layout");
    let to = smooth.as_slice_mut().expect("a new array is in standard layout");
    to.par_chunks_mut(width).zip(from.par_chunks(width)).for_each_init(
        || vec![0.0; width + 2 * radius],
        |padded, (out, row)| {
            padded[radius..radius + width].copy_from_slice(row);
            for distance in 0..radius {
                padded[radius - 1 - distance] = row[distance];
                padded[radius + width + distance] = row[width - 1 - distance];
            }
            for (out, &pixel) in out.iter_mut().zip(row) {
                *out = kernel[0] * pixel;
            }
            // One pass over the row per distance, which the compiler can vectorise.
            for (distance, &weight) in kernel.iter().enumerate().skip(1) {
                let left = &padded[radius - distance..][..width];
                let right = &padded[radius + distance..][..width];
                for ((out, &left), &right) in out.iter_mut().zip(left).zip(right) {
                    *out += weight * (left + right);
                }
            }
        },
    );
    smooth
}

/// The weights at distances 0, 1, ..., at most `width`; the sum over both sides is 1.
fn kernel(sigma: f64, width: usize) -> Vec<f32> {
    // The conversion saturates, and `min` limits the radius to the width.
    let radius = ((4.0 * sigma).ceil() as usize).min(width);
    let weights: Vec<f64> = (0..=radius).map(|d| (-0.5 * (d as f64 / sigma).powi(2)).exp()).collect();
    let sum = 2.0 * weights.iter().sum::<f64>() - weights[0];
    weights.iter().map(|weight| (weight / sum) as f32).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Random;

    /// Sums of a few hundred f32 of size 1 lose at most about this much.
    const ROUNDING: f64 = 1e-5;

    #[test]
    fn agrees_with_the_two_dimensional_sum() {
        let mut random = Random::new(1);
        let image = Image::from_array(Array2::from_shape_fn((9, 13), |_| random.uniform() as f32));
        let sigma = 1.3;
        let flat = image.flattened(sigma).unwrap();
        let mirror = |at: i64, extent: i64| {
            let at = at.rem_euclid(2 * extent);
            usize::try_from(if at < extent { at } else { 2 * extent - 1 - at }).unwrap()
        };
        for ((row, column), &found) in flat.pixels().indexed_iter() {
            let (mut sum, mut weights) = (0.0, 0.0);
            // ceil(4 · 1.3) = 6 pixels on each side.
            for dr in -6i64..=6 {
                for dc in -6i64..=6 {
                    let weight = (-0.5 * (dr * dr + dc * dc) as f64 / (sigma * sigma)).exp();
                    let at = [mirror(row as i64 + dr, 9), mirror(column as i64 + dc, 13)];
                    sum += weight * f64::from(image.pixels()[at]);
                    weights += weight;
                }
            }
            let expected = f64::from(image.pixels()[[row, column]]) - sum / weights;
            assert!((f64::from(found) - expected).abs() < ROUNDING);
        }
    }

    #[test]
    fn a_background_wider_than_the_image_is_its_mean() {
        let image =
            Image::from_array(Array2::from_shape_fn((8, 5), |(row, column)| (row * 5 + column) as f32));
        let flat = image.flattened(1e9).unwrap();
        let sum: f32 = flat.flat().iter().sum();
        assert!(sum.abs() < 20.0, "{sum}");
        assert_eq!(Image::from_array(Array2::from_elem((1, 1), 3.0)).flattened(50.0).unwrap().flat(), [0.0]);
    }

    #[test]
    fn a_large_offset_does_not_reduce_the_precision() {
        let wave = |row: usize| (row as f32 * 0.8).sin();
        let low = Image::from_array(Array2::from_shape_fn((64, 64), |(row, _)| wave(row)));
        let high = Image::from_array(Array2::from_shape_fn((64, 64), |(row, _)| 1000.0 + wave(row)));
        let (low, high) = (low.flattened(8.0).unwrap(), high.flattened(8.0).unwrap());
        // The spacing of f32 at 1000 is 6e-5.
        assert!(low.flat().iter().zip(high.flat()).all(|(a, b)| (a - b).abs() < 2e-4));
    }
}
