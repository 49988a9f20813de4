//! Energy calibration, E' = E + ΔE.

use super::{Spectrum, find_e0};
use crate::{EnergyGrid, Error, Result, Xanes};

/// The spectrum with `by` eV added to all energies.
///
/// # Errors
/// [`Error::Argument`] unless the shift is finite; [`Error::Grid`] when neighbouring energies become equal by
/// rounding.
///
/// ```
/// use adatom_spectra::{EnergyGrid, Xanes, shift};
/// let xanes = Xanes::new(EnergyGrid::new(vec![8979.0, 8980.0])?, vec![0.0, 1.0])?;
/// assert_eq!(shift(&xanes, -0.5)?.energy().values().to_vec(), [8978.5, 8979.5]);
/// let error = shift(&xanes, f64::NAN).unwrap_err();
/// assert_eq!(error.to_string(), "the energy shift must be a finite number of eV, found NaN");
/// # Ok::<(), adatom_spectra::Error>(())
/// ```
pub fn shift(xanes: &Xanes, by: f64) -> Result<Xanes> {
    if !by.is_finite() {
        let expected = "a finite number of eV".into();
        return Err(Error::Argument { what: "the energy shift", expected, found: by.to_string() });
    }
    let energy = EnergyGrid::new(xanes.energy().values().mapv(|energy| energy + by))?;
    let uncertainty = xanes.uncertainty().map(|uncertainty| uncertainty.to_owned());
    xanes.with_points(energy, xanes.mu().to_owned(), uncertainty)
}

/// The spectrum shifted so that its edge, as found by [`find_e0`], is at `e0` eV, up to one rounding error.
///
/// # Errors
/// Those of [`find_e0`] and [`shift`].
///
/// ```
/// use adatom_spectra::{EnergyGrid, Xanes, align, find_e0};
/// let energy = EnergyGrid::new((0..200).map(|i| 8900.0 + f64::from(i)).collect::<Vec<_>>())?;
/// let mu = energy.values().mapv(|e| ((e - 8981.0) / 2.0).atan());
/// let foil = align(&Xanes::new(energy, mu)?, 8979.0)?;
/// assert_eq!(find_e0(&foil)?, 8979.0);
/// # Ok::<(), adatom_spectra::Error>(())
/// ```
pub fn align(xanes: &Xanes, e0: f64) -> Result<Xanes> {
    shift(xanes, e0 - find_e0(xanes)?)
}
