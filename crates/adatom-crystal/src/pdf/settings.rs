//! The parameters of a calculation and their valid values.

use crate::{Charges, Error, Radiation, Result};

/// The baseline of a PDF to which only some pairs of atoms contribute.
///
/// The curve of all pairs has the baseline -4π ρ0 r in either case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Baseline {
    /// -4π ρ0 r times the fraction of the pairs, as libdiffpy has it and published differential PDFs are made
    /// with. The curve of an element that scatters more than the mean rises with r.
    #[default]
    ByNumber,
    /// -4π ρ0 r times the fraction of the scattering, so that every curve oscillates about 0.
    ByScattering,
    /// Nothing, for all curves: R(r)/r.
    Zero,
}

/// The parameters of a calculation; lengths in Å, wavenumbers in 1/Å.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Settings {
    pub(super) rmin: f64,
    pub(super) rmax: f64,
    pub(super) rstep: f64,
    pub(super) qmin: f64,
    /// 0 for none.
    pub(super) qmax: f64,
    pub(super) qdamp: f64,
    pub(super) qbroad: f64,
    pub(super) delta1: f64,
    pub(super) delta2: f64,
    pub(super) scale: f64,
    /// 0 for none.
    pub(super) spherical_diameter: f64,
    pub(super) radiation: Radiation,
    pub(super) charges: Charges,
    pub(super) baseline: Baseline,
    /// For sites without a displacement parameter, Å².
    pub(super) default_uiso: Option<f64>,
    /// For all sites, Å².
    pub(super) uniform_uiso: Option<f64>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            rmin: 0.0,
            rmax: 10.0,
            rstep: 0.01,
            qmin: 0.0,
            qmax: 0.0,
            qdamp: 0.0,
            qbroad: 0.0,
            delta1: 0.0,
            delta2: 0.0,
            scale: 1.0,
            spherical_diameter: 0.0,
            radiation: Radiation::XRay,
            charges: Charges::AsGiven,
            baseline: Baseline::ByNumber,
            default_uiso: None,
            uniform_uiso: None,
        }
    }
}

impl Settings {
    /// Checks what does not depend on the structure.
    pub(super) fn check(&self) -> Result<()> {
        let wrong = |what, expected: &str, found: f64| {
            Err(Error::Argument { what, expected: expected.into(), found: found.to_string() })
        };
        let not_negative = [
            ("rmin", self.rmin),
            ("qmin", self.qmin),
            ("qmax", self.qmax),
            ("qdamp", self.qdamp),
            ("qbroad", self.qbroad),
            ("spherical_diameter", self.spherical_diameter),
            ("default_uiso", self.default_uiso.unwrap_or(0.0)),
            ("uniform_uiso", self.uniform_uiso.unwrap_or(0.0)),
        ];
        for (what, found) in not_negative {
            if !(found.is_finite() && found >= 0.0) {
                return wrong(what, "0 or a positive number", found);
            }
        }
        for (what, found) in [("delta1", self.delta1), ("delta2", self.delta2), ("scale", self.scale)] {
            if !found.is_finite() {
                return wrong(what, "finite", found);
            }
        }
        if !(self.rstep.is_finite() && self.rstep > 1e-8) {
            return wrong("rstep", "a number above 1e-8", self.rstep);
        }
        if !(self.rmax.is_finite() && self.rmax > self.rmin) {
            return wrong("rmax", "larger than rmin", self.rmax);
        }
        let nyquist = std::f64::consts::PI / self.rstep;
        if self.qmin >= nyquist {
            return wrong("qmin", &format!("below π / rstep, {nyquist:.3} 1/Å"), self.qmin);
        }
        if self.qmax > 0.0 && self.qmax <= self.qmin {
            return wrong("qmax", "larger than qmin", self.qmax);
        }
        Ok(())
    }
}
