//! From S(Q) to F(Q) = Q (S(Q) - 1) and back: S(Q) = 1 + F(Q)/Q.

use ndarray::{ArrayView1, Axis, Slice};

use crate::{Error, Result, ScatteringKind, Spectrum, StructureFunction, WavenumberGrid};

impl StructureFunction {
    /// F(Q) = Q (S(Q) - 1), 1/Å; uncertainties are multiplied by Q. F(Q) is returned as it is.
    ///
    /// # Errors
    /// A measured intensity: what turns it into S(Q) (background, composition, form factors) is not known here.
    ///
    /// ```
    /// use adatom_spectra::{ScatteringKind, StructureFunction, WavenumberGrid};
    /// let q = WavenumberGrid::new(vec![0.5, 2.0])?;
    /// let s = StructureFunction::new(ScatteringKind::Structure, q.clone(), vec![0.0, 1.5])?;
    /// assert_eq!(s.to_reduced()?.values().to_vec(), [-0.5, 1.0]);
    /// let intensity = StructureFunction::new(ScatteringKind::Intensity, q, vec![10.0, 20.0])?;
    /// let error = intensity.to_reduced().unwrap_err();
    /// assert_eq!(error.to_string(), "scattering must be S(Q) or F(Q), found I(Q)");
    /// # Ok::<(), adatom_spectra::Error>(())
    /// ```
    pub fn to_reduced(&self) -> Result<Self> {
        match self.kind() {
            ScatteringKind::Reduced => Ok(self.clone()),
            ScatteringKind::Intensity => Err(not_an_intensity()),
            ScatteringKind::Structure => {
                let q = self.q().values();
                let values = &q * &(&self.values() - 1.0);
                let made = Self::new(ScatteringKind::Reduced, self.q().clone(), values)?;
                let made = made.with_metadata(self.metadata().clone());
                match self.uncertainty() {
                    Some(uncertainty) => made.with_uncertainty(&q * &uncertainty),
                    None => Ok(made),
                }
            }
        }
    }

    /// S(Q) = 1 + F(Q)/Q; uncertainties are divided by Q. S(Q) is returned as it is. A point at Q = 0 is left out:
    /// F(0) = 0 does not tell S(0).
    ///
    /// # Errors
    /// A measured intensity, or no point above Q = 0.
    ///
    /// ```
    /// use adatom_spectra::{ScatteringKind, StructureFunction, WavenumberGrid};
    /// let q = WavenumberGrid::new(vec![0.0, 0.5, 2.0])?;
    /// let f = StructureFunction::new(ScatteringKind::Reduced, q, vec![0.0, -0.5, 1.0])?;
    /// let s = f.to_structure()?;
    /// assert_eq!((s.q().first(), s.values().to_vec()), (0.5, vec![0.0, 1.5]));
    /// let origin = WavenumberGrid::new(vec![0.0])?;
    /// assert!(StructureFunction::new(ScatteringKind::Reduced, origin, vec![0.0])?.to_structure().is_err());
    /// # Ok::<(), adatom_spectra::Error>(())
    /// ```
    pub fn to_structure(&self) -> Result<Self> {
        match self.kind() {
            ScatteringKind::Structure => Ok(self.clone()),
            ScatteringKind::Intensity => Err(not_an_intensity()),
            ScatteringKind::Reduced => {
                let begin = usize::from(self.q().first() == 0.0);
                let part =
                    |values: ArrayView1<'_, f64>| values.slice_axis(Axis(0), Slice::from(begin..)).to_owned();
                let q = WavenumberGrid::new(part(self.q().values()))?;
                let values = 1.0 + part(self.values()) / q.values();
                let uncertainty = self.uncertainty().map(|u| part(u) / q.values());
                let made = Self::new(ScatteringKind::Structure, q.clone(), values.clone())?;
                made.with_metadata(self.metadata().clone()).with_points(q, values, uncertainty)
            }
        }
    }
}

pub(super) fn not_an_intensity() -> Error {
    Error::Argument { what: "scattering", expected: "S(Q) or F(Q)".into(), found: "I(Q)".into() }
}
