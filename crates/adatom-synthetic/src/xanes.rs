//! A model of K-edge absorption near the edge of 3d metals in oxides.
//!
//! μ(E) = I_p V(E - E_p) + I_s V(E - E_s) + ⟨I_w V(E - E_w)⟩ + ⟨step(E - E_e)⟩ (1 + χ(k)), ⟨⟩ the mean over
//! the bonds R. Threshold E₀ = E_K + s v (Kunzl 1932); edge, white line and shoulder by Natoli's rule (E -
//! E₀) R² = const. (in *EXAFS and Near Edge Structure*, Springer 1983, 43); pre-edge I_p = n_h / 10 (I_d η +
//! I_q) (de Groot, *Chem. Rev.* 101 (2001) 1779). The constants are chosen so that oxides look like
//! themselves within an electron volt or two; they are fitted to nothing.

mod line;
mod oscillation;
mod terms;

use adatom_crystal::Crystal;
use adatom_spectra::{Absorption, Edge, EnergyGrid, Metadata, Xanes};
use rayon::prelude::*;

use crate::oxides::{PlantedSite, SyntheticOxide};
use crate::random::Random;
use crate::{Error, Result};
use oscillation::Shells;

pub use terms::XanesTerms;

/// The streams of the noise begin here, behind those of the crystals.
const NOISE: u64 = 1 << 32;

/// Spectra by closed formulas, for demonstrations and tests; the formulas stand in
/// `docs/synthetic-oxides.md`.
///
/// ```
/// use adatom_synthetic::{EnergyGrid, ndarray::Array1};
/// use adatom_synthetic::{SyntheticOxides, XanesModel};
/// let oxides = SyntheticOxides::new(7).materials(5).generate()?;
/// let energy = EnergyGrid::new(Array1::linspace(7100.0, 7190.0, 181))?;
/// let spectra = XanesModel::default().noise(0.0).spectra(&oxides, &energy)?;
/// assert_eq!((spectra.len(), spectra[0].len()), (5, oxides[0].sites().len()));
/// assert!(spectra[0][0].mu()[0] < 0.1 && spectra[0][0].mu()[180] > 0.8);
///
/// let error = XanesModel::default().noise(-0.1).spectra(&oxides, &energy).unwrap_err();
/// assert_eq!(error.to_string(), "noise must be finite and not negative, found -0.1");
/// # Ok::<(), adatom_synthetic::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[must_use = "a model only calculates when its spectra are requested"]
pub struct XanesModel {
    valence_shift: f64,
    /// Of edge, white line and shoulder.
    natoli: [f64; 3],
    dipole: f64,
    quadrupole: f64,
    shoulder: f64,
    white_line: f64,
    phase: [f64; 2],
    debye_waller: f64,
    mean_free_path: f64,
    resolution: f64,
    noise: f64,
}

impl Default for XanesModel {
    fn default() -> Self {
        Self {
            valence_shift: 2.0,
            natoli: [27.0, 60.0, 8.0],
            dipole: 0.6,
            quadrupole: 0.1,
            shoulder: 1.3,
            white_line: 4.5,
            phase: [1.6, -0.9],
            debye_waller: 0.007,
            mean_free_path: 8.0,
            resolution: 1.0,
            noise: 0.004,
        }
    }
}

impl XanesModel {
    /// s: how far the threshold rises with every charge, eV. Default: 2.
    pub fn valence_shift(mut self, shift: f64) -> Self {
        self.valence_shift = shift;
        self
    }

    /// (E - E₀) R² of the edge, the white line and the shoulder, eV Å². Default: 27, 60 and 8.
    pub fn natoli(mut self, [edge, white_line, shoulder]: [f64; 3]) -> Self {
        self.natoli = [edge, white_line, shoulder];
        self
    }

    /// I_d: area of the pre-edge of an ion without d electrons in a tetrahedron, eV. Default: 0.6.
    pub fn dipole(mut self, area: f64) -> Self {
        self.dipole = area;
        self
    }

    /// I_q: what of it is left where there is inversion symmetry, eV. Default: 0.1.
    pub fn quadrupole(mut self, area: f64) -> Self {
        self.quadrupole = area;
        self
    }

    /// Area of the shoulder for every p orbital that meets no bond, eV. Default: 1.3.
    pub fn shoulder(mut self, area: f64) -> Self {
        self.shoulder = area;
        self
    }

    /// I_w: area of the white line, eV. Default: 4.5.
    pub fn white_line(mut self, area: f64) -> Self {
        self.white_line = area;
        self
    }

    /// φ₀ and φ₁ of the phase φ₀ + φ₁ k of the oscillations, rad and Å. Default: 1.6 and -0.9.
    pub fn phase(mut self, constant: f64, slope: f64) -> Self {
        self.phase = [constant, slope];
        self
    }

    /// σ²: mean squared variation of distances, Å². Default: 0.007.
    pub fn debye_waller(mut self, variance: f64) -> Self {
        self.debye_waller = variance;
        self
    }

    /// λ: mean free path of the photoelectron, Å. Default: 8.
    pub fn mean_free_path(mut self, length: f64) -> Self {
        self.mean_free_path = length;
        self
    }

    /// Full width of the monochromator's Gaussian, eV. Default: 1.
    pub fn resolution(mut self, width: f64) -> Self {
        self.resolution = width;
        self
    }

    /// Standard deviation of normal noise of every point of [`spectra`](Self::spectra), edge steps. Default:
    /// 0.004.
    pub fn noise(mut self, deviation: f64) -> Self {
        self.noise = deviation;
        self
    }

    /// Where the terms of a site's spectrum lie.
    ///
    /// # Errors
    /// A parameter outside its range, or an element outside titanium to zinc.
    ///
    /// ```
    /// use adatom_synthetic::{Prototype, SyntheticOxides, XanesModel};
    /// let oxides = SyntheticOxides::new(7).prototypes([Prototype::RockSalt]).materials(1).generate()?;
    /// let site = &oxides[0].sites()[0];
    /// let terms = XanesModel::default().terms(site)?;
    /// assert_eq!(terms.threshold, 7112.0 + 2.0 * 2.0);
    /// assert!((terms.edges[0] - terms.threshold - 27.0 / site.bonds()[0].distance.powi(2)).abs() < 1e-9);
    /// assert!(XanesModel::default().valence_shift(f64::NAN).terms(site).is_err());
    /// # Ok::<(), adatom_synthetic::Error>(())
    /// ```
    pub fn terms(&self, site: &PlantedSite) -> Result<XanesTerms> {
        self.check()?;
        XanesTerms::of(site, self)
    }

    /// The spectrum of one site of any crystal, without noise.
    ///
    /// # Errors
    /// As [`terms`](Self::terms), and a site that the crystal does not have.
    pub fn site(&self, crystal: &Crystal, site: &PlantedSite, energy: &EnergyGrid) -> Result<Xanes> {
        let terms = self.terms(site)?;
        let shells = Shells::of(crystal, site.site())?;
        let mu = energy.values().mapv(|energy| terms.at(energy, &shells, self));
        let mut metadata = Metadata::default();
        metadata.push("comment", "modelled by closed formulas: for demonstrations and tests");
        let xanes = Xanes::new(energy.clone(), mu)?;
        let name = format!("{}_{}", site.site(), site.element());
        Ok(xanes
            .with_element(site.element())
            .with_edge(Edge::K)
            .with_absorption(Absorption::Normalized)
            .with_name(name)
            .with_metadata(metadata))
    }

    /// The spectra of all sites of generated oxides, with noise, in parallel; the result depends on the seed
    /// of the oxides and not on the number of threads.
    ///
    /// # Errors
    /// As [`terms`](Self::terms).
    pub fn spectra(&self, oxides: &[SyntheticOxide], energy: &EnergyGrid) -> Result<Vec<Vec<Xanes>>> {
        self.check()?;
        let of = |oxide: &SyntheticOxide| {
            let mut random = Random::new(oxide.seed, NOISE + oxide.index);
            let noisy = |site: &PlantedSite| {
                let clean = self.site(oxide.crystal(), site, energy)?;
                let mu = clean.mu().mapv(|value| value + self.noise * random.normal());
                let xanes = Xanes::new(energy.clone(), mu)?
                    .with_edge(Edge::K)
                    .with_element(site.element())
                    .with_absorption(Absorption::Normalized)
                    .with_metadata(clean.metadata().clone());
                Ok(xanes.with_name(format!("{}/{}", oxide.name(), clean.name().unwrap_or_default())))
            };
            oxide.sites().iter().map(noisy).collect()
        };
        oxides.par_iter().map(of).collect()
    }

    fn check(&self) -> Result<()> {
        let [edge, white_line, shoulder] = self.natoli;
        let not_negative = [
            ("Natoli's constant of the edge", edge),
            ("Natoli's constant of the white line", white_line),
            ("Natoli's constant of the shoulder", shoulder),
            ("dipole area of the pre-edge", self.dipole),
            ("quadrupole area of the pre-edge", self.quadrupole),
            ("area of the shoulder", self.shoulder),
            ("area of the white line", self.white_line),
            ("mean squared variation of distances", self.debye_waller),
            ("resolution", self.resolution),
            ("noise", self.noise),
        ];
        let finite = [
            ("shift of the threshold", self.valence_shift),
            ("constant of the phase", self.phase[0]),
            ("slope of the phase", self.phase[1]),
        ];
        let wrong = |what, expected: &str, found: f64| {
            Err(Error::Argument { what, expected: expected.into(), found: found.to_string() })
        };
        if let Some(&(what, found)) = not_negative.iter().find(|(_, x)| !(x.is_finite() && *x >= 0.0)) {
            return wrong(what, "finite and not negative", found);
        }
        if let Some(&(what, found)) = finite.iter().find(|(_, x)| !x.is_finite()) {
            return wrong(what, "finite", found);
        }
        match self.mean_free_path {
            path if path > 0.0 => Ok(()),
            found => wrong("mean free path", "positive", found),
        }
    }
}
