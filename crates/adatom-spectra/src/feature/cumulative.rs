//! The share of a spectrum's integral that lies up to every point:
//! C(x) = ∫ y from the first point to x, divided by ∫ y over all points (trapezoids).
//!
//! The cumulative distribution function of "Robust machine learning inference from X-ray absorption near edge
//! spectra through featurization" (Chen et al. 2023): a small shift in energy changes it little.

use ndarray::{Array1, ArrayView1};

use crate::{Error, Result};

/// The share of the integral of `values` over `points` (both `[n]`) up to every point: from 0 to 1.
///
/// Between its ends it leaves 0 to 1 where values are negative, as those of a PDF are.
///
/// ```
/// use adatom_spectra::{cumulative, ndarray::array};
/// let shares = cumulative(array![0.0, 1.0, 3.0].view(), array![1.0, 1.0, 1.0].view())?;
/// assert_eq!(shares, array![0.0, 1.0 / 3.0, 1.0]);
/// let error = cumulative(array![0.0, 1.0, 2.0].view(), array![-1.0, 0.0, 1.0].view()).unwrap_err();
/// assert_eq!(error.to_string(), "the integral of a spectrum must be other than zero, found 0");
/// # Ok::<(), adatom_spectra::Error>(())
/// ```
///
/// # Errors
/// Fewer than 2 points, another number of values than of points, or an integral that vanishes against that of the
/// absolute values (within rounding).
pub fn cumulative(points: ArrayView1<'_, f64>, values: ArrayView1<'_, f64>) -> Result<Array1<f64>> {
    if points.len() != values.len() || points.len() < 2 {
        let (expected, found) = (points.len().max(2), values.len());
        return Err(Error::Length { what: "values to integrate", expected, found });
    }
    let (mut sum, mut size) = (0.0, 0.0);
    let mut shares = Array1::zeros(points.len());
    for index in 1..points.len() {
        let step = points[index] - points[index - 1];
        sum += 0.5 * step * (values[index] + values[index - 1]);
        size += 0.5 * step * (values[index].abs() + values[index - 1].abs());
        shares[index] = sum;
    }
    // Rounding of n sums, generously.
    if sum.abs() <= 1e-12 * size {
        let (what, expected) = ("the integral of a spectrum", "other than zero".to_owned());
        return Err(Error::Argument { what, expected, found: sum.to_string() });
    }
    Ok(shares / sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_straight_line_it_is_the_parabola() {
        // ∫ x from 0 to x is x²/2, and trapezoids are exact on a straight line: x²/4 of the whole on [0, 2].
        let points = Array1::from(vec![0.0, 0.5, 0.6, 1.5, 2.0]);
        let shares = cumulative(points.view(), points.view()).unwrap();
        for (share, x) in shares.iter().zip(&points) {
            assert!((share - x * x / 4.0).abs() < 1e-15, "{share} at {x}");
        }
        assert_eq!(shares[4], 1.0);
    }
}
