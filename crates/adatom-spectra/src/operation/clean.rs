//! A spectrum from raw columns: unsorted, with repeated energies and missing values.
//!
//! Pairs with NaN or infinity are removed, and the others are sorted by energy. A point less than 0.0005 eV
//! above the previous one is moved up by 0.0005 eV more than the previous one was: the convention of Larch
//! (Newville, *J. Phys. Conf. Ser.* 430, 012007, 2013).

use ndarray::Array1;

use crate::{EnergyGrid, Error, Result, Xanes};

/// The smallest energy step that a monochromator can make, eV.
pub(crate) const SMALLEST_STEP: f64 = 0.0005;

impl Xanes {
    /// A spectrum from raw columns: `energy` (eV, in any order, possibly repeated) and μ, `[points]` each.
    /// Pairs with a value that is not finite are left out.
    ///
    /// Repeated energies are separated by 0.0005 eV, as in Larch. A point that would meet its successor moves
    /// the successor as well (Larch keeps two equal energies there).
    ///
    /// # Errors
    /// [`Error::Length`] for columns of different lengths; [`Error::TooFew`] without a finite pair.
    ///
    /// ```
    /// use adatom_spectra::Xanes;
    /// let xanes = Xanes::from_raw(&[3.0, 1.0, 2.0, 2.0], &[0.3, 0.1, f64::NAN, 0.2])?;
    /// assert_eq!(xanes.energy().values().to_vec(), [1.0, 2.0, 3.0]);
    /// assert_eq!(Xanes::from_raw(&[1.0, 1.0], &[0.0, 0.1])?.energy().last(), 1.0005);
    /// let error = Xanes::from_raw(&[1.0], &[f64::NAN]).unwrap_err();
    /// assert_eq!(error.to_string(), "expected at least 1 energies, found 0");
    /// # Ok::<(), adatom_spectra::Error>(())
    /// ```
    pub fn from_raw(energy: &[f64], mu: &[f64]) -> Result<Self> {
        if energy.len() != mu.len() {
            return Err(Error::Length { what: "values of mu", expected: energy.len(), found: mu.len() });
        }
        let pairs = energy.iter().copied().zip(mu.iter().copied());
        let mut pairs: Vec<(f64, f64)> = pairs.filter(|(e, mu)| e.is_finite() && mu.is_finite()).collect();
        pairs.sort_by(|(left, _), (right, _)| left.total_cmp(right));
        let (mut energy, mu): (Vec<f64>, Vec<f64>) = pairs.into_iter().unzip();
        separate_equal(&mut energy);
        Self::new(EnergyGrid::new(energy)?, Array1::from(mu))
    }
}

/// Separates equal energies of a sorted list; returns how many were moved.
pub(crate) fn separate_equal(energy: &mut [f64]) -> usize {
    let mut moved = 0;
    let (mut original, mut added) = (f64::NAN, 0.0);
    let mut before = f64::NEG_INFINITY;
    for value in energy {
        added = if *value - original < SMALLEST_STEP { added + SMALLEST_STEP } else { 0.0 };
        original = *value;
        *value += added;
        if *value <= before {
            *value = before + SMALLEST_STEP;
        }
        moved += usize::from(*value != original);
        before = *value;
    }
    moved
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repeated_energies_are_counted_up_as_larch_does() {
        let mut energy = [1.0, 2.0, 3.0, 3.0, 3.0, 4.0, 7.0, 7.0, 8.0];
        separate_equal(&mut energy);
        assert_eq!(energy, [1.0, 2.0, 3.0, 3.0 + 0.0005, 3.0 + 0.001, 4.0, 7.0, 7.0005, 8.0]);
    }

    #[test]
    fn a_moved_point_does_not_meet_its_successor() {
        let xanes = Xanes::from_raw(&[1.0, 1.0, 1.0, 1.0006, 2.0], &[0.0; 5]).unwrap();
        let energy = xanes.energy().values().to_vec();
        assert!(energy.windows(2).all(|pair| pair[0] < pair[1]), "{energy:?}");
        assert_eq!(energy[4], 2.0);
    }

    #[test]
    fn columns_of_different_lengths_are_refused() {
        let error = Xanes::from_raw(&[1.0, 2.0], &[0.0]).unwrap_err();
        assert_eq!(error.to_string(), "expected 2 values of mu, found 1");
    }
}
