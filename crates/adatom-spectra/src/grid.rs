//! The axes of spectra, which are finite and strictly increasing by construction, and the check of their
//! values.

use ndarray::{Array1, ArrayView1};

use crate::{Error, Result};

fn checked(values: Array1<f64>, quantity: &'static str) -> Result<Array1<f64>> {
    if values.is_empty() {
        return Err(Error::TooFew { what: quantity.into(), least: 1, found: 0 });
    }
    if let Some((index, &found)) = values.iter().enumerate().find(|(_, value)| !value.is_finite()) {
        return Err(Error::Grid { quantity, expected: "finite", index, found });
    }
    let mut pairs = values.iter().zip(values.iter().skip(1)).enumerate();
    if let Some((index, (_, &found))) = pairs.find(|(_, (left, right))| left >= right) {
        return Err(Error::Grid { quantity, expected: "strictly increasing", index: index + 1, found });
    }
    Ok(values)
}

/// Checks the ordinates of a spectrum: as many as the grid has points, all finite.
pub(crate) fn finite(values: Array1<f64>, quantity: &'static str, expected: usize) -> Result<Array1<f64>> {
    if values.len() != expected {
        return Err(Error::Length { what: quantity, expected, found: values.len() });
    }
    match values.iter().enumerate().find(|(_, value)| !value.is_finite()) {
        Some((index, &found)) => Err(Error::NotFinite { quantity, index, found }),
        None => Ok(values),
    }
}

/// Energies in eV, finite and strictly increasing.
///
/// ```
/// use adatom_spectra::EnergyGrid;
/// let grid = EnergyGrid::new(vec![8979.0, 8979.5, 8980.0])?;
/// assert_eq!((grid.len(), grid.first(), grid.last()), (3, 8979.0, 8980.0));
/// let error = EnergyGrid::new(vec![8979.0, 8979.0]).unwrap_err();
/// assert_eq!(error.to_string(), "energies must be strictly increasing; point 1 is 8979");
/// # Ok::<(), adatom_spectra::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct EnergyGrid(Array1<f64>);

/// Distances in Å, finite, strictly increasing and not negative.
///
/// ```
/// use adatom_spectra::DistanceGrid;
/// let grid = DistanceGrid::new(vec![0.0, 0.01, 0.02])?;
/// assert_eq!(grid.len(), 3);
/// assert!(DistanceGrid::new(vec![-1.0, 0.0]).is_err());
/// # Ok::<(), adatom_spectra::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct DistanceGrid(Array1<f64>);

/// Wavenumbers in 1/Å (momentum transfers Q, or k of a photoelectron), finite, strictly increasing and not
/// negative.
#[derive(Debug, Clone, PartialEq)]
pub struct WavenumberGrid(Array1<f64>);

fn not_negative(values: Array1<f64>, quantity: &'static str) -> Result<Array1<f64>> {
    let values = checked(values, quantity)?;
    match values[0] {
        found if found < 0.0 => Err(Error::Grid { quantity, expected: "not negative", index: 0, found }),
        _ => Ok(values),
    }
}

impl EnergyGrid {
    /// A grid of energies (eV).
    ///
    /// # Errors
    /// [`Error::TooFew`] without a point; [`Error::Grid`] for a point that is not finite or not larger than
    /// the previous one.
    pub fn new(values: impl Into<Array1<f64>>) -> Result<Self> {
        checked(values.into(), "energies").map(Self)
    }
}

impl DistanceGrid {
    /// A grid of distances (Å).
    ///
    /// # Errors
    /// [`Error::TooFew`] without a point; [`Error::Grid`] for a point that is negative, not finite or not
    /// larger than the previous one.
    pub fn new(values: impl Into<Array1<f64>>) -> Result<Self> {
        not_negative(values.into(), "distances").map(Self)
    }
}

impl WavenumberGrid {
    /// A grid of wavenumbers (1/Å).
    ///
    /// # Errors
    /// [`Error::TooFew`] without a point; [`Error::Grid`] for a point that is negative, not finite or not
    /// larger than the previous one.
    pub fn new(values: impl Into<Array1<f64>>) -> Result<Self> {
        not_negative(values.into(), "wavenumbers").map(Self)
    }
}

impl EnergyGrid {
    /// The points, `[n]`, in eV.
    pub fn values(&self) -> ArrayView1<'_, f64> {
        self.0.view()
    }

    /// The number of points, at least 1.
    #[expect(clippy::len_without_is_empty, reason = "a grid is never empty")]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// The smallest energy, eV.
    pub fn first(&self) -> f64 {
        self.0[0]
    }

    /// The largest energy, eV.
    pub fn last(&self) -> f64 {
        self.0[self.0.len() - 1]
    }
}

impl DistanceGrid {
    /// The points, `[n]`, in Å.
    pub fn values(&self) -> ArrayView1<'_, f64> {
        self.0.view()
    }

    /// The number of points, at least 1.
    #[expect(clippy::len_without_is_empty, reason = "a grid is never empty")]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// The smallest distance, Å.
    pub fn first(&self) -> f64 {
        self.0[0]
    }

    /// The largest distance, Å.
    pub fn last(&self) -> f64 {
        self.0[self.0.len() - 1]
    }
}

impl WavenumberGrid {
    /// The points, `[n]`, in 1/Å.
    pub fn values(&self) -> ArrayView1<'_, f64> {
        self.0.view()
    }

    /// The number of points, at least 1.
    #[expect(clippy::len_without_is_empty, reason = "a grid is never empty")]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// The smallest wavenumber, 1/Å.
    pub fn first(&self) -> f64 {
        self.0[0]
    }

    /// The largest wavenumber, 1/Å.
    pub fn last(&self) -> f64 {
        self.0[self.0.len() - 1]
    }
}
