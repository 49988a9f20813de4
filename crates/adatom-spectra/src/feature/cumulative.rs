//! The cumulative distribution function of a spectrum: C(x) = ∫ y from the first point to x, divided by ∫ y
//! over all points (trapezoidal rule).
//!
//! Small shifts in energy change it little: "Robust machine learning inference from X-ray absorption near
//! edge spectra through featurization" (Chen et al. 2023).

use ndarray::{Array1, ArrayView1};

use crate::{Error, Result};

/// The cumulative integral of `values` over `points` (both `[points]`), normalised to 1 at the last point.
///
/// Where values are negative, as in a PDF, it can be below 0 or above 1.
///
/// ```
/// use adatom_spectra::{cumulative, ndarray::array};
/// let fractions = cumulative(array![0.0, 1.0, 3.0].view(), array![1.0, 1.0, 1.0].view())?;
/// assert_eq!(fractions, array![0.0, 1.0 / 3.0, 1.0]);
/// let error = cumulative(array![0.0, 1.0, 2.0].view(), array![-1.0, 0.0, 1.0].view()).unwrap_err();
/// assert_eq!(error.to_string(), "the integral of a spectrum must be different from zero, found 0");
/// # Ok::<(), adatom_spectra::Error>(())
/// ```
///
/// # Errors
/// [`Error::Length`] unless there is one value per point; [`Error::TooFew`] for fewer than 2 points;
/// [`Error::Argument`] when the integral is zero within rounding.
pub fn cumulative(points: ArrayView1<'_, f64>, values: ArrayView1<'_, f64>) -> Result<Array1<f64>> {
    if points.len() != values.len() {
        let (expected, found) = (points.len(), values.len());
        return Err(Error::Length { what: "values to integrate", expected, found });
    }
    if points.len() < 2 {
        return Err(Error::TooFew { what: "points to integrate".into(), least: 2, found: points.len() });
    }
    let (mut sum, mut size) = (0.0, 0.0);
    let mut fractions = Array1::zeros(points.len());
    for index in 1..points.len() {
        let step = points[index] - points[index - 1];
        sum += 0.5 * step * (values[index] + values[index - 1]);
        size += 0.5 * step * (values[index].abs() + values[index - 1].abs());
        fractions[index] = sum;
    }
    // A generous bound for the rounding of the sums.
    if sum.abs() <= 1e-12 * size {
        let (what, expected) = ("the integral of a spectrum", "different from zero".to_owned());
        return Err(Error::Argument { what, expected, found: sum.to_string() });
    }
    Ok(fractions / sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_straight_line_it_is_the_parabola() {
        // ∫ x from 0 to x is x²/2, and trapezoids are exact on a straight line: x²/4 of the whole on [0, 2].
        let points = Array1::from(vec![0.0, 0.5, 0.6, 1.5, 2.0]);
        let fractions = cumulative(points.view(), points.view()).unwrap();
        for (fraction, x) in fractions.iter().zip(&points) {
            assert!((fraction - x * x / 4.0).abs() < 1e-15, "{fraction} at {x}");
        }
        assert_eq!(fractions[4], 1.0);
    }
}
