//! Converts S(Q) to F(Q) = Q (S(Q) - 1) and F(Q) to S(Q) = 1 + F(Q)/Q.

use ndarray::{ArrayView1, Axis, Slice};

use crate::{Error, Result, ScatteringKind, Spectrum, StructureFunction, WavenumberGrid};

impl StructureFunction {
    /// F(Q) = Q (S(Q) - 1), 1/Å; uncertainties are multiplied by Q. An F(Q) is returned unchanged.
    ///
    /// # Errors
    /// [`Error::Argument`] for a measured intensity, because its background, composition and form factors are
    /// unknown.
    ///
    /// ```
    /// use adatom_spectra::{ScatteringKind, StructureFunction, WavenumberGrid};
    /// let q = WavenumberGrid::new(vec![0.5, 2.0])?;
    /// let s = StructureFunction::new(ScatteringKind::Structure, q.clone(), vec![0.0, 1.5])?;
    /// assert_eq!(s.to_reduced()?.values().to_vec(), [-0.5, 1.0]);
    /// let intensity = StructureFunction::new(ScatteringKind::Intensity, q, vec![10.0, 20.0])?;
    /// let error = intensity.to_reduced().unwrap_err();
    /// assert_eq!(error.to_string(), "the scattering must be S(Q) or F(Q), found I(Q)");
    /// # Ok::<(), adatom_spectra::Error>(())
    /// ```
    pub fn to_reduced(&self) -> Result<Self> {
        match self.kind() {
            ScatteringKind::Reduced => Ok(self.clone()),
            ScatteringKind::Intensity => Err(not_an_intensity()),
            ScatteringKind::Structure => {
                let q = self.q().values();
                let values = &q * &(&self.values() - 1.0);
                let reduced = Self::new(ScatteringKind::Reduced, self.q().clone(), values)?;
                let reduced = reduced.with_metadata(self.metadata().clone());
                match self.uncertainty() {
                    Some(uncertainty) => reduced.with_uncertainty(&q * &uncertainty),
                    None => Ok(reduced),
                }
            }
        }
    }

    /// S(Q) = 1 + F(Q)/Q; uncertainties are divided by Q. An S(Q) is returned unchanged. A point at Q = 0 is
    /// left out, because F(0) = 0 does not determine S(0).
    ///
    /// # Errors
    /// [`Error::Argument`] for a measured intensity; [`Error::TooFew`] without a point above Q = 0.
    ///
    /// ```
    /// use adatom_spectra::{ScatteringKind, StructureFunction, WavenumberGrid};
    /// let q = WavenumberGrid::new(vec![0.0, 0.5, 2.0])?;
    /// let f = StructureFunction::new(ScatteringKind::Reduced, q, vec![0.0, -0.5, 1.0])?;
    /// let s = f.to_structure()?;
    /// assert_eq!((s.q().first(), s.values().to_vec()), (0.5, vec![0.0, 1.5]));
    /// let origin = WavenumberGrid::new(vec![0.0])?;
    /// assert!(
    ///     StructureFunction::new(ScatteringKind::Reduced, origin, vec![0.0])?.to_structure().is_err()
    /// );
    /// # Ok::<(), adatom_spectra::Error>(())
    /// ```
    pub fn to_structure(&self) -> Result<Self> {
        match self.kind() {
            ScatteringKind::Structure => Ok(self.clone()),
            ScatteringKind::Intensity => Err(not_an_intensity()),
            ScatteringKind::Reduced => {
                let begin = usize::from(self.q().first() == 0.0);
                let rest =
                    |values: ArrayView1<'_, f64>| values.slice_axis(Axis(0), Slice::from(begin..)).to_owned();
                let q = WavenumberGrid::new(rest(self.q().values()))?;
                let values = 1.0 + rest(self.values()) / q.values();
                let uncertainty = self.uncertainty().map(|u| rest(u) / q.values());
                let structure = Self::new(ScatteringKind::Structure, q.clone(), values.clone())?;
                structure.with_metadata(self.metadata().clone()).with_points(q, values, uncertainty)
            }
        }
    }
}

pub(super) fn not_an_intensity() -> Error {
    Error::Argument { what: "the scattering", expected: "S(Q) or F(Q)".into(), found: "I(Q)".into() }
}
