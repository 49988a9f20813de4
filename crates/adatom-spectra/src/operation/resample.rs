//! Interpolates a spectrum onto another grid: linearly, y = (1 - t) yᵢ + t yᵢ₊₁, or by the cubic spline with
//! not-a-knot ends (the default of SciPy). A spectrum is unknown beyond its ends; points there are an error
//! unless the caller chooses an extension.

use ndarray::Array1;

use super::spline::{Knot, hermite, slopes};
use super::{Axis, Spectrum, contiguous};
use crate::{Error, Result};

/// The interpolation between points.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Interpolation {
    /// Straight lines between points.
    #[default]
    Linear,
    /// The cubic spline with not-a-knot ends.
    Cubic,
}

/// The extension of a spectrum beyond its ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Extension {
    /// None; points beyond the ends are an error.
    #[default]
    Refuse,
    /// The first and the last value.
    Hold,
    /// Zeros.
    Zero,
    /// The tangents at the ends.
    Linear,
}

/// Interpolates spectra onto other grids.
///
/// ```
/// use adatom_spectra::{DistanceGrid, Extension, Pdf, Resampling};
/// let pdf = Pdf::new(DistanceGrid::new(vec![0.0, 1.0, 2.0])?, vec![0.0, 2.0, 2.0])?;
/// let grid = DistanceGrid::new(vec![0.5, 1.5])?;
/// assert_eq!(Resampling::linear().resample(&pdf, &grid)?.g().to_vec(), [1.0, 2.0]);
///
/// let wider = DistanceGrid::new(vec![1.0, 3.0])?;
/// let error = Resampling::linear().resample(&pdf, &wider).unwrap_err();
/// assert_eq!(error.to_string(), "the PDF covers 0 to 2 Å; 3 Å lies outside");
/// let held = Resampling::linear().outside(Extension::Hold).resample(&pdf, &wider)?;
/// assert_eq!(held.g().to_vec(), [2.0, 2.0]);
/// # Ok::<(), adatom_spectra::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Resampling {
    interpolation: Interpolation,
    extension: Extension,
}

/// Tolerance for points outside of the range, relative to its length: grids are written with few digits.
const TOLERANCE: f64 = 1e-9;

/// The position of a point of the new grid in the old grid.
#[derive(Debug, Clone, Copy)]
struct Position {
    /// The first point of the interval.
    index: usize,
    /// The fraction of the interval, below 0 or above 1 outside of the grid.
    t: f64,
}

impl Resampling {
    /// Linear interpolation without extension.
    pub fn linear() -> Self {
        Self::new(Interpolation::Linear)
    }

    /// The cubic spline with not-a-knot ends, without extension.
    pub fn cubic() -> Self {
        Self::new(Interpolation::Cubic)
    }

    /// The given interpolation without extension.
    pub fn new(interpolation: Interpolation) -> Self {
        Self { interpolation, extension: Extension::Refuse }
    }

    /// The extension beyond the ends. Default: [`Extension::Refuse`].
    pub fn outside(mut self, extension: Extension) -> Self {
        self.extension = extension;
        self
    }

    /// The spectrum on another grid; on its own grid it is returned unchanged.
    ///
    /// Linear interpolation propagates the uncertainties of independent points exactly, u² = (1 - t)² uᵢ² +
    /// t² uᵢ₊₁², but not the correlation of neighbouring results. Uncertainties are dropped by the spline,
    /// each value of which depends on all points, and when the spectrum is extended by zeros.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] for a point outside of the spectrum, by more than 10⁻⁹ of its range, with
    /// [`Extension::Refuse`]; [`Error::NotFinite`] when a value overflows.
    pub fn resample<S: Spectrum>(&self, spectrum: &S, grid: &S::Axis) -> Result<S> {
        if spectrum.axis() == grid {
            return Ok(spectrum.clone());
        }
        let (x, y) = (contiguous(spectrum.axis().points()), contiguous(spectrum.ordinates()));
        let requested = contiguous(grid.points());
        let (first, last) = (x[0], x[x.len() - 1]);
        let tolerance = TOLERANCE * (last - first);
        let outside = requested.iter().copied().find(|&at| at < first - tolerance || at > last + tolerance);
        if let (Some(requested), Extension::Refuse) = (outside, self.extension) {
            let what = S::NAME.into();
            return Err(Error::OutOfRange { what, from: first, to: last, unit: S::Axis::UNIT, requested });
        }
        let positions = self.positions(&x, &requested, tolerance);
        let values = self.values(&x, &y, &positions);
        let uncertainty = spectrum.ordinate_uncertainty();
        let kept = self.interpolation == Interpolation::Linear
            && !(outside.is_some() && self.extension == Extension::Zero);
        let uncertainty = uncertainty.filter(|_| kept).map(|u| {
            let u = contiguous(u);
            let after = |i: usize| u[(i + 1).min(u.len() - 1)];
            let propagated =
                |&Position { index, t }: &Position| ((1.0 - t) * u[index]).hypot(t * after(index));
            positions.iter().map(propagated).collect()
        });
        spectrum.with_points(grid.clone(), values, uncertainty)
    }

    /// The positions of the requested points in x; both lists are sorted.
    fn positions(&self, x: &[f64], requested: &[f64], tolerance: f64) -> Vec<Position> {
        let last = x.len() - 1;
        if last == 0 {
            // With a single point, the fraction distinguishes inside (0) from outside (2).
            let single = |&at: &f64| Position { index: 0, t: if at == x[0] { 0.0 } else { 2.0 } };
            return requested.iter().map(single).collect();
        }
        let beyond_is_end = matches!(self.extension, Extension::Refuse | Extension::Hold);
        let mut left = 0;
        let position = |&at: &f64| {
            while left + 1 < last && x[left + 1] <= at {
                left += 1;
            }
            let t = (at - x[left]) / (x[left + 1] - x[left]);
            let near = at >= x[0] - tolerance && at <= x[last] + tolerance;
            Position { index: left, t: if near || beyond_is_end { t.clamp(0.0, 1.0) } else { t } }
        };
        requested.iter().map(position).collect()
    }

    fn values(&self, x: &[f64], y: &[f64], positions: &[Position]) -> Array1<f64> {
        let zero = |t: f64| self.extension == Extension::Zero && !(0.0..=1.0).contains(&t);
        if x.len() == 1 {
            return positions.iter().map(|at| if zero(at.t) { 0.0 } else { y[0] }).collect();
        }
        let linear = |&Position { index: i, t }: &Position| {
            if zero(t) { 0.0 } else { (1.0 - t) * y[i] + t * y[i + 1] }
        };
        if self.interpolation == Interpolation::Linear {
            return positions.iter().map(linear).collect();
        }
        let slopes = slopes(x, y);
        let knot = |i: usize| Knot { value: y[i], slope: slopes[i] };
        let cubic = |&Position { index: i, t }: &Position| {
            let width = x[i + 1] - x[i];
            match t {
                _ if zero(t) => 0.0,
                _ if t < 0.0 => y[i] + t * width * slopes[i],
                _ if t > 1.0 => y[i + 1] + (t - 1.0) * width * slopes[i + 1],
                1.0 => y[i + 1],
                _ => hermite(width, knot(i), knot(i + 1), t),
            }
        };
        positions.iter().map(cubic).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{DistanceGrid, EnergyGrid, Pdf, Xanes};

    fn xanes(energy: &[f64], mu: &[f64]) -> Xanes {
        Xanes::new(EnergyGrid::new(energy.to_vec()).unwrap(), mu.to_vec()).unwrap()
    }

    fn grid(energy: &[f64]) -> EnergyGrid {
        EnergyGrid::new(energy.to_vec()).unwrap()
    }

    #[test]
    fn the_spline_is_that_of_scipy() {
        // scipy.interpolate.CubicSpline([0, 1, 2.5, 3, 5], [0, 2, 1, 1.5, -1]) at these points.
        let spectrum = xanes(&[0.0, 1.0, 2.5, 3.0, 5.0], &[0.0, 2.0, 1.0, 1.5, -1.0]);
        let at = [0.5, 1.7, 2.6, 4.0];
        let found = Resampling::cubic().resample(&spectrum, &grid(&at)).unwrap();
        for (found, expected) in found.mu().iter().zip(SCIPY) {
            assert!((found - expected).abs() < 1e-14, "{found} {expected}");
        }
    }
    const SCIPY: [f64; 4] = [1.6161538461538458, 1.465243076923077, 1.0518646153846154, 2.464615384615384];

    #[test]
    fn uncertainties_are_propagated_by_lines_and_dropped_by_splines() {
        let spectrum = xanes(&[0.0, 1.0, 2.0], &[0.0; 3]).with_uncertainty(vec![3.0, 4.0, 0.5]).unwrap();
        let middle = Resampling::linear().resample(&spectrum, &grid(&[0.5, 1.0])).unwrap();
        // √((3/2)² + (4/2)²) = 2.5.
        assert_eq!(middle.uncertainty().unwrap().to_vec(), [2.5, 4.0]);
        assert!(Resampling::cubic().resample(&spectrum, &grid(&[0.5])).unwrap().uncertainty().is_none());
        let zeros = Resampling::linear().outside(Extension::Zero);
        assert!(zeros.resample(&spectrum, &grid(&[0.5])).unwrap().uncertainty().is_some());
        assert!(zeros.resample(&spectrum, &grid(&[0.5, 3.0])).unwrap().uncertainty().is_none());
    }

    #[test]
    fn beyond_the_ends() {
        let spectrum = xanes(&[1.0, 2.0, 3.0], &[1.0, 4.0, 9.0]);
        let outside = grid(&[0.0, 4.0]);
        let go_on = |resampling: Resampling, extension| {
            resampling.outside(extension).resample(&spectrum, &outside).unwrap().mu().to_vec()
        };
        assert_eq!(go_on(Resampling::linear(), Extension::Hold), [1.0, 9.0]);
        assert_eq!(go_on(Resampling::linear(), Extension::Zero), [0.0, 0.0]);
        assert_eq!(go_on(Resampling::linear(), Extension::Linear), [-2.0, 14.0]);
        // E² has the slopes 2 and 6 at the ends.
        assert_eq!(go_on(Resampling::cubic(), Extension::Linear), [-1.0, 15.0]);
        assert_eq!(go_on(Resampling::cubic(), Extension::Hold), [1.0, 9.0]);
    }

    #[test]
    fn rounding_errors_of_a_grid_are_tolerated() {
        let last: f64 = (1..=99).map(|_| 0.1).sum();
        assert_ne!(last, 9.9);
        let pdf = Pdf::new(DistanceGrid::new(vec![0.0, last]).unwrap(), vec![0.0, 1.0]).unwrap();
        let found = Resampling::linear().resample(&pdf, &DistanceGrid::new(vec![9.9]).unwrap()).unwrap();
        assert!((found.g()[0] - 1.0).abs() < 1e-12);
    }

    #[test]
    fn a_single_point() {
        let spectrum = xanes(&[1.0], &[5.0]);
        let held =
            Resampling::cubic().outside(Extension::Hold).resample(&spectrum, &grid(&[0.0, 1.0])).unwrap();
        assert_eq!(held.mu().to_vec(), [5.0, 5.0]);
        let zero =
            Resampling::linear().outside(Extension::Zero).resample(&spectrum, &grid(&[0.0, 1.0])).unwrap();
        assert_eq!(zero.mu().to_vec(), [0.0, 5.0]);
    }
}
