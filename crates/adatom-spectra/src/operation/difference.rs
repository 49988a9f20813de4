//! The difference of two spectra, Δ(x) = a(x) - b(x).

use ndarray::Array1;

use super::merge::shared_grid;
use super::{Axis, Resampling, Spectrum};
use crate::Result;

/// The first spectrum minus the second, at the points of the first that lie inside the second; the second is
/// interpolated linearly. Name, metadata and the like are those of the first.
///
/// If both have uncertainties, u² = u_a² + u_b²; otherwise the difference has none.
///
/// # Errors
/// [`Error::OutOfRange`](crate::Error::OutOfRange) when the ranges do not overlap.
///
/// ```
/// use adatom_spectra::{EnergyGrid, Xanes, difference};
/// let a = Xanes::new(EnergyGrid::new(vec![0.0, 1.0, 2.0])?, vec![1.0, 2.0, 3.0])?;
/// let b = Xanes::new(EnergyGrid::new(vec![0.5, 2.5])?, vec![1.0, 5.0])?;
/// let delta = difference(&a, &b)?;
/// assert_eq!(delta.energy().values().to_vec(), [1.0, 2.0]);
/// assert_eq!(delta.mu().to_vec(), [0.0, -1.0]);
///
/// let far = Xanes::new(EnergyGrid::new(vec![7.0, 8.0])?, vec![1.0, 5.0])?;
/// let error = difference(&a, &far).unwrap_err();
/// assert_eq!(error.to_string(), "the spectrum covers 7 to 8 eV; 0 eV lies outside");
/// # Ok::<(), adatom_spectra::Error>(())
/// ```
pub fn difference<S: Spectrum>(first: &S, second: &S) -> Result<S> {
    let grid = shared_grid(&[first, second])?;
    let (a, b) =
        (Resampling::linear().resample(first, &grid)?, Resampling::linear().resample(second, &grid)?);
    let uncertainty: Option<Array1<f64>> = match (a.ordinate_uncertainty(), b.ordinate_uncertainty()) {
        (Some(a), Some(b)) => Some(a.iter().zip(b).map(|(a, b)| a.hypot(*b)).collect()),
        _ => None,
    };
    debug_assert_eq!(a.axis().points(), b.axis().points());
    first.with_points(grid, &a.ordinates() - &b.ordinates(), uncertainty)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{DistanceGrid, Pdf};

    #[test]
    fn uncertainties_add_in_quadrature() {
        let pdf = |g: f64, u: f64| {
            let pdf = Pdf::new(DistanceGrid::new(vec![0.0, 1.0]).unwrap(), vec![g; 2]).unwrap();
            pdf.with_uncertainty(vec![u; 2]).unwrap()
        };
        let delta = difference(&pdf(5.0, 3.0), &pdf(2.0, 4.0)).unwrap();
        assert_eq!((delta.g()[0], delta.uncertainty().unwrap()[1]), (3.0, 5.0));
    }
}
