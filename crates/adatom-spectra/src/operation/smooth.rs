//! Smoothing: running mean, convolution with a Gaussian or a Lorentzian, local polynomials.
//!
//! The running mean and the convolution follow Larch's `boxcar` and `smooth`. The local polynomials are those
//! of Savitzky and Golay (*Anal. Chem.* 36, 1627, 1964), fitted at the actual points, so that they apply to
//! uneven grids as well.

use ndarray::Array1;

use super::convolve::{EvenGrid, Kernel, convolve};
use super::polynomial::{MAX_DEGREE, Polynomial};
use super::{Axis, Spectrum, contiguous};
use crate::{Error, Result};

/// A method of smoothing.
///
/// ```
/// use adatom_spectra::{EnergyGrid, Smoothing, Xanes};
/// let xanes = Xanes::new(EnergyGrid::new(vec![0.0, 1.0, 2.0])?, vec![0.0, 3.0, 0.0])?;
/// assert_eq!(Smoothing::Boxcar { half_width: 1 }.smooth(&xanes)?.mu().to_vec(), [1.0, 1.0, 1.0]);
/// let error = Smoothing::Gaussian { sigma: 0.0 }.smooth(&xanes).unwrap_err();
/// assert_eq!(error.to_string(), "sigma must be positive and finite, found 0");
/// # Ok::<(), adatom_spectra::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum Smoothing {
    /// The mean of 2·`half_width` + 1 points; the first and last values are repeated beyond the ends.
    Boxcar {
        /// Number of points on either side.
        half_width: usize,
    },
    /// Convolution with exp(-x²/2σ²) on an even grid with the smallest step of the spectrum.
    Gaussian {
        /// σ in the unit of the axis.
        sigma: f64,
    },
    /// Convolution with 1/(1 + (x/σ)²) on an even grid with the smallest step of the spectrum.
    Lorentzian {
        /// σ, half the full width at half maximum, in the unit of the axis.
        sigma: f64,
    },
    /// The value of the polynomial fitted to the `window` points around each point; near the ends, of the
    /// polynomial fitted to the first or last `window` points.
    SavitzkyGolay {
        /// Number of points, odd.
        window: usize,
        /// The degree of the polynomial, less than `window`, at most 9.
        degree: usize,
    },
}

impl Smoothing {
    /// The smoothed spectrum on the same grid, without uncertainties: smoothing correlates neighbours, which
    /// standard uncertainties cannot express.
    ///
    /// # Errors
    /// [`Error::Argument`] for a width that is not positive, and for a window that is even, wider than the
    /// spectrum, or too narrow for the degree.
    pub fn smooth<S: Spectrum>(&self, spectrum: &S) -> Result<S> {
        let (x, y) = (contiguous(spectrum.axis().points()), contiguous(spectrum.ordinates()));
        let smooth = match *self {
            Self::Boxcar { half_width } => boxcar(&y, half_width),
            Self::Gaussian { sigma } => convolved(&x, &y, sigma, Kernel::Gaussian)?,
            Self::Lorentzian { sigma } => convolved(&x, &y, sigma, Kernel::Lorentzian)?,
            Self::SavitzkyGolay { window, degree } => {
                check_window(window, degree, x.len())?;
                local_polynomials(&x, &y, window, degree)
            }
        };
        spectrum.with_points(spectrum.axis().clone(), Array1::from(smooth), None)
    }
}

fn boxcar(y: &[f64], half_width: usize) -> Vec<f64> {
    let last = y.len() - 1;
    // Values beyond the ends are counted and not summed one by one.
    let mean = |index: usize| {
        let (begin, end) = (index.saturating_sub(half_width), index.saturating_add(half_width).min(last));
        let before = half_width - (index - begin);
        let behind = half_width - (end - index);
        let inner: f64 = y[begin..=end].iter().sum();
        (inner + before as f64 * y[0] + behind as f64 * y[last]) / (2.0 * half_width as f64 + 1.0)
    };
    (0..=last).map(mean).collect()
}

fn convolved(x: &[f64], y: &[f64], sigma: f64, kernel: impl Fn(f64) -> Kernel) -> Result<Vec<f64>> {
    if !(sigma > 0.0 && sigma.is_finite()) {
        let expected = "positive and finite".into();
        return Err(Error::Argument { what: "sigma", expected, found: sigma.to_string() });
    }
    if x.len() < 2 {
        return Ok(y.to_vec());
    }
    let smallest = x.windows(2).map(|pair| pair[1] - pair[0]).fold(f64::INFINITY, f64::min);
    let grid = EvenGrid::over(x, smallest);
    Ok(convolve(x, y, grid, kernel(sigma / grid.step())))
}

fn check_window(window: usize, degree: usize, count: usize) -> Result<()> {
    if window.is_multiple_of(2) || window > count {
        let expected = format!("odd and at most {count}, the number of points");
        return Err(Error::Argument { what: "window", expected, found: window.to_string() });
    }
    if degree >= window || degree > MAX_DEGREE {
        let expected = format!("less than the window of {window} points and at most {MAX_DEGREE}");
        return Err(Error::Argument { what: "degree", expected, found: degree.to_string() });
    }
    Ok(())
}

fn local_polynomials(x: &[f64], y: &[f64], window: usize, degree: usize) -> Vec<f64> {
    let at = |index: usize| {
        let begin = index.saturating_sub(window / 2).min(x.len() - window);
        let chosen = begin..begin + window;
        Polynomial::fit(&x[chosen.clone()], &y[chosen], degree).at(x[index])
    };
    (0..x.len()).map(at).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{EnergyGrid, Xanes};

    fn xanes(energy: Vec<f64>, mu: impl Fn(f64) -> f64) -> Xanes {
        let values: Vec<f64> = energy.iter().map(|&e| mu(e)).collect();
        Xanes::new(EnergyGrid::new(energy).unwrap(), values).unwrap()
    }

    fn even(count: u32, step: f64) -> Vec<f64> {
        (0..count).map(|i| 100.0 + step * f64::from(i)).collect()
    }

    #[test]
    fn savitzky_golay_on_an_even_grid_has_the_published_weights() {
        // Five points, degree 2: (-3, 12, 17, 12, -3)/35.
        let impulse = xanes(even(9, 1.0), |e| if e == 104.0 { 35.0 } else { 0.0 });
        let with = Smoothing::SavitzkyGolay { window: 5, degree: 2 };
        let smooth = with.smooth(&impulse).unwrap().mu().to_vec();
        for (found, expected) in smooth[2..7].iter().zip([-3.0, 12.0, 17.0, 12.0, -3.0]) {
            assert!((found - expected).abs() < 1e-12, "{smooth:?}");
        }
    }

    #[test]
    fn savitzky_golay_keeps_a_cubic_on_an_uneven_grid_up_to_its_ends() {
        let energy: Vec<f64> = (0..30).map(|i| f64::from(i) + 0.01 * f64::from(i * i)).collect();
        let cubic = xanes(energy, |e| 1.0 + e - 0.1 * e * e + 0.002 * e * e * e);
        let smooth = Smoothing::SavitzkyGolay { window: 7, degree: 3 }.smooth(&cubic).unwrap();
        assert!(smooth.mu().iter().zip(cubic.mu()).all(|(found, expected)| (found - expected).abs() < 1e-12));
    }

    #[test]
    fn gaussians_become_wider_in_squares() {
        // σ² = 3² + 4² = 5², and the peak falls by 3/5.
        let peak = xanes(even(401, 0.25), |e| (-0.5 * ((e - 150.0) / 3.0).powi(2)).exp());
        let smooth = Smoothing::Gaussian { sigma: 4.0 }.smooth(&peak).unwrap();
        for (e, found) in smooth.energy().values().iter().zip(smooth.mu()) {
            let expected = 0.6 * (-0.5 * ((e - 150.0) / 5.0).powi(2)).exp();
            assert!((found - expected).abs() < 1e-8, "{e} {found} {expected}");
        }
    }

    #[test]
    fn invalid_settings_are_refused() {
        let flat = xanes(even(5, 1.0), |_| 1.0);
        let failed = |with: Smoothing| with.smooth(&flat).unwrap_err().to_string();
        let window = "window must be odd and at most 5, the number of points, found ";
        assert_eq!(failed(Smoothing::SavitzkyGolay { window: 4, degree: 2 }), format!("{window}4"));
        assert_eq!(failed(Smoothing::SavitzkyGolay { window: 7, degree: 2 }), format!("{window}7"));
        let degree = "degree must be less than the window of 3 points and at most 9, found 3";
        assert_eq!(failed(Smoothing::SavitzkyGolay { window: 3, degree: 3 }), degree);
    }

    #[test]
    fn a_boxcar_wider_than_the_spectrum_repeats_its_ends() {
        assert_eq!(boxcar(&[0.0, 3.0], 2), [6.0 / 5.0, 9.0 / 5.0]);
        assert!(boxcar(&[1.0, 1.0], usize::MAX / 2).iter().all(|value| (value - 1.0).abs() < 1e-12));
    }
}
