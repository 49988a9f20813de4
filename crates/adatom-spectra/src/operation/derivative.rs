//! Derivatives on uneven grids, of second order inside (as NumPy's `gradient`):
//! y' = (h₋² y₊ + (h₊² - h₋²) y - h₊² y₋) / (h₋ h₊ (h₊ + h₋)); one-sided differences at the ends.

use ndarray::{Array1, ArrayView1};

use super::{Axis, Spectrum, contiguous};
use crate::grid::finite;
use crate::{Error, Result};

/// The order of a derivative.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum DerivativeOrder {
    /// dy/dx.
    First,
    /// d²y/dx²: the first derivative of the first derivative.
    Second,
}

/// The derivative of a spectrum at its points, `[points]`, in the unit of its values per unit of its axis
/// (squared for the second derivative).
///
/// # Errors
/// [`Error::TooFew`] for fewer than two points; [`Error::NotFinite`] when a difference overflows.
///
/// ```
/// use adatom_spectra::{DerivativeOrder, EnergyGrid, Xanes, derivative};
/// let square = Xanes::new(EnergyGrid::new(vec![0.0, 1.0, 3.0])?, vec![0.0, 1.0, 9.0])?;
/// assert_eq!(derivative(&square, DerivativeOrder::First)?.to_vec(), [1.0, 2.0, 4.0]);
/// let point = Xanes::new(EnergyGrid::new(vec![0.0])?, vec![0.0])?;
/// let error = derivative(&point, DerivativeOrder::First).unwrap_err();
/// assert_eq!(error.to_string(), "expected at least 2 points for a derivative, found 1");
/// # Ok::<(), adatom_spectra::Error>(())
/// ```
pub fn derivative<S: Spectrum>(spectrum: &S, order: DerivativeOrder) -> Result<Array1<f64>> {
    gradient(spectrum.axis().points(), spectrum.ordinates(), order)
}

/// The derivative of values at increasing points, both `[points]`.
pub(crate) fn gradient(
    points: ArrayView1<'_, f64>,
    values: ArrayView1<'_, f64>,
    order: DerivativeOrder,
) -> Result<Array1<f64>> {
    let (x, y) = (contiguous(points), contiguous(values));
    if x.len() < 2 {
        return Err(Error::TooFew { what: "points for a derivative".into(), least: 2, found: x.len() });
    }
    let first = first_derivative(&x, &y);
    let values = match order {
        DerivativeOrder::First => first,
        DerivativeOrder::Second => first_derivative(&x, &first),
    };
    finite(values.into(), "values of the derivative", x.len())
}

fn first_derivative(x: &[f64], y: &[f64]) -> Vec<f64> {
    let last = x.len() - 1;
    let one_sided = |i: usize| (y[i + 1] - y[i]) / (x[i + 1] - x[i]);
    let inner = |i: usize| {
        let (before, after) = (x[i] - x[i - 1], x[i + 1] - x[i]);
        // The mean of both differences, weighted by the width of the other one, does not overflow.
        let weight = before / (before + after);
        weight * one_sided(i) + (1.0 - weight) * one_sided(i - 1)
    };
    let at = |i: usize| match i {
        0 => one_sided(0),
        _ if i == last => one_sided(last - 1),
        _ => inner(i),
    };
    (0..=last).map(at).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{EnergyGrid, Xanes};

    #[test]
    fn the_second_derivative_of_a_parabola() {
        let energy: Vec<f64> = (0..20).map(|i| f64::from(i) * 0.5).collect();
        let mu: Vec<f64> = energy.iter().map(|e| 3.0 * e * e).collect();
        let xanes = Xanes::new(EnergyGrid::new(energy).unwrap(), mu).unwrap();
        let second = derivative(&xanes, DerivativeOrder::Second).unwrap();
        // The one-sided differences at the ends affect two points on either side.
        assert!(second.iter().skip(2).take(16).all(|value| (value - 6.0).abs() < 1e-12));
    }
}
