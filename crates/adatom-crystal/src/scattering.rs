//! Scattering factors of X-rays and neutrons.
//!
//! | radiation | factor | table |
//! |---|---|---|
//! | X-rays | f0(Q) in electrons, of elements and ions | Waasmaier, Kirfel, Acta Cryst. A 51 (1995) 416 |
//! | neutrons | bound coherent scattering length of natural elements, fm | Rauch, Waschkowski (2003) |
//!
//! H. Rauch, W. Waschkowski, in: *Neutron Data Booklet*, 2nd ed. (2003).

mod neutron;
mod xray;

pub use neutron::neutron_scattering_length;
pub use xray::XRayFactor;

use crate::{Result, Species};

/// The radiation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Radiation {
    /// X-rays, scattered by electrons.
    #[default]
    XRay,
    /// Neutrons, scattered by nuclei.
    Neutron,
}

/// The scattering factors of atoms with a formal charge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Charges {
    /// Those of the ions in the structure; an ion without a tabulated factor is an error.
    #[default]
    AsGiven,
    /// Those of the neutral elements.
    Ignored,
}

impl Radiation {
    /// The factor by which an atom enters a pair distribution function: f0 at Q = 0 (electrons), or the
    /// coherent scattering length (fm).
    ///
    /// # Errors
    /// The table does not have the element or ion.
    ///
    /// ```
    /// use adatom_crystal::{Charges, Radiation, Species};
    /// let copper = Species::new("Cu".parse()?);
    /// assert!((Radiation::XRay.factor(copper, Charges::AsGiven)? - 28.992065).abs() < 1e-9);
    /// assert_eq!(Radiation::Neutron.factor(copper, Charges::AsGiven)?, 7.718);
    /// let error = Radiation::XRay.factor(copper.with_charge(3.0), Charges::AsGiven).unwrap_err();
    /// assert_eq!(error.to_string(), "no X-ray scattering factor is tabulated for Cu3+");
    /// assert!(Radiation::XRay.factor(copper.with_charge(3.0), Charges::Ignored).is_ok());
    /// # Ok::<(), adatom_crystal::Error>(())
    /// ```
    pub fn factor(self, species: Species, charges: Charges) -> Result<f64> {
        match (self, charges) {
            (Self::Neutron, _) if species.is_deuterium() => Ok(neutron::DEUTERIUM),
            (Self::Neutron, _) => neutron_scattering_length(species.element()),
            (Self::XRay, Charges::AsGiven) => Ok(XRayFactor::of(species)?.at_zero()),
            (Self::XRay, Charges::Ignored) => Ok(XRayFactor::of(Species::new(species.element()))?.at_zero()),
        }
    }

    /// Its name in headers of PDF files.
    pub(crate) fn mode(self) -> &'static str {
        match self {
            Self::XRay => "xray",
            Self::Neutron => "neutron",
        }
    }
}
