//! Generated oxides of one element: a prototype, its other cations, the length of its bonds, strain.
//!
//! Bond length d = (r(M) + r(O)) p (1 + ε), with Shannon's radii, the strain ε and the chemical pressure p =
//! 1 + ¼ mean (r(A) - r̄) / (r̄ + 1.40 Å) over the other cations; r̄ is the mean radius of the cations that
//! the site can have. The distortion then stretches the axes by factors whose mean is 1.

mod cell;
mod definitions;
mod eigen;
mod ions;
mod planted;
mod prototype;
mod vector;

use adatom_core::Element;
use adatom_crystal::{Crystal, Lattice, Site, Species};
use rayon::prelude::*;

use crate::random::Random;
use crate::{Error, Result};
use cell::Cell;
use definitions::{Atom, Charges, Definition, Role};
use ions::{CationSite, absorbers, others, radius};
use planted::nearest;

pub use planted::PlantedSite;
pub use prototype::{Geometry, Prototype};

/// The part of a misfit of the other cations' radii that changes the metal's bonds.
const CHEMICAL_PRESSURE: f64 = 0.25;

/// Radius of O²⁻ beside the large cations, Å.
const OXYGEN: f64 = 1.40;

/// More materials do not fit into memory with their spectra.
const MOST: usize = 100_000;

/// Larger values would mix the shells of neighbours, so that bonds are no longer the planted ones.
const MOST_STRAIN: f64 = 0.06;
const MOST_DISTORTION: f64 = 0.02;

/// Settings of a set of oxides of one element with known labels; [`generate`](Self::generate) makes them.
///
/// ```
/// use adatom_synthetic::SyntheticOxides;
/// let oxides = SyntheticOxides::new(7).element("Cu".parse()?).materials(20).generate()?;
/// let first = &oxides[0];
/// assert_eq!(oxides.len(), 20);
/// assert_eq!(
///     first.sites()[0].coordination_number(),
///     first.prototype().geometry().coordination_number()
/// );
///
/// let error = SyntheticOxides::new(7).element("Au".parse()?).generate().unwrap_err();
/// let message = "element must be one of Ti, V, Cr, Mn, Fe, Co, Ni, Cu, Zn, found Au";
/// assert_eq!(error.to_string(), message);
/// # Ok::<(), adatom_synthetic::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[must_use = "nothing is generated before `generate`"]
pub struct SyntheticOxides {
    seed: u64,
    element: Element,
    materials: usize,
    strain: f64,
    distortion: f64,
    prototypes: Vec<Prototype>,
}

/// A structure that the element can have.
#[derive(Debug, Clone, Copy)]
struct Choice {
    prototype: Prototype,
    charges: Charges,
}

impl SyntheticOxides {
    /// Oxides of iron. A seed always gives the same crystals, and the number of materials changes none of
    /// them.
    pub fn new(seed: u64) -> Self {
        Self {
            seed,
            element: Element::from_atomic_number(26).expect("iron has number 26"),
            materials: 100,
            strain: 0.03,
            distortion: 0.005,
            prototypes: Prototype::ALL.to_vec(),
        }
    }

    /// The metal whose sites are labelled. Default: iron.
    pub fn element(mut self, element: Element) -> Self {
        self.element = element;
        self
    }

    /// How many materials. Default: 100.
    pub fn materials(mut self, count: usize) -> Self {
        self.materials = count;
        self
    }

    /// The largest strain: all lengths are multiplied by 1 + ε, with ε uniform between minus and plus this
    /// value. Default: 0.03.
    pub fn strain(mut self, largest: f64) -> Self {
        self.strain = largest;
        self
    }

    /// The largest relative stretch of one axis, which makes bonds unequal. Default: 0.005.
    pub fn distortion(mut self, largest: f64) -> Self {
        self.distortion = largest;
        self
    }

    /// The prototypes to choose from. Default: all in which the element occurs.
    pub fn prototypes(mut self, prototypes: impl IntoIterator<Item = Prototype>) -> Self {
        self.prototypes = prototypes.into_iter().collect();
        self
    }

    /// Makes the crystals, in parallel; the result does not depend on the number of threads.
    ///
    /// # Errors
    /// No material or more than 100,000; an element other than titanium to zinc, or one that occurs in none
    /// of the prototypes; a strain outside [0, 0.06] or a distortion outside [0, 0.02].
    pub fn generate(&self) -> Result<Vec<SyntheticOxide>> {
        let choices = self.choices()?;
        (0..self.materials).into_par_iter().map(|index| self.make(index, &choices)).collect()
    }

    /// Checks the settings, and lists the prototypes that the element can have, with the charges of their
    /// ions.
    fn choices(&self) -> Result<Vec<Choice>> {
        let wrong =
            |what, expected: &str, found: String| Error::Argument { what, expected: expected.into(), found };
        if self.materials == 0 {
            return Err(wrong("number of materials", "at least 1", "0".into()));
        }
        if self.materials > MOST {
            return Err(Error::TooLarge { what: "materials", limit: MOST, found: self.materials });
        }
        if !(0.0..=MOST_STRAIN).contains(&self.strain) {
            return Err(wrong("strain", "in [0, 0.06]", self.strain.to_string()));
        }
        if !(0.0..=MOST_DISTORTION).contains(&self.distortion) {
            return Err(wrong("distortion", "in [0, 0.02]", self.distortion.to_string()));
        }
        let symbol = self.element.symbol();
        if !absorbers().contains(&symbol) {
            let expected = format!("one of {}", absorbers().join(", "));
            return Err(wrong("element", &expected, symbol.into()));
        }
        let mut prototypes = self.prototypes.clone();
        prototypes.sort_unstable();
        prototypes.dedup();
        let mut choices = Vec::new();
        for prototype in prototypes {
            let definition = Definition::of(prototype);
            let possible = |charges: &&Charges| {
                let has_ions =
                    |site: CationSite, charge: i32| charge == 0 || !others(site, charge, symbol).is_empty();
                let [a, b] = definition.cation_sites;
                radius(symbol, charges.m, definition.geometry).is_some()
                    && has_ions(a, charges.a)
                    && has_ions(b, charges.b)
            };
            let charges = definition.charges.iter().filter(possible);
            choices.extend(charges.map(|&charges| Choice { prototype, charges }));
        }
        if choices.is_empty() {
            let found = self.prototypes.iter().map(|prototype| prototype.name()).collect::<Vec<_>>();
            let expected = format!("some in which {symbol} occurs");
            return Err(wrong("prototypes", &expected, format!("{found:?}")));
        }
        Ok(choices)
    }

    fn make(&self, index: usize, choices: &[Choice]) -> Result<SyntheticOxide> {
        let mut random = Random::new(self.seed, index as u64);
        let &Choice { prototype, charges } = random.choose(choices);
        let definition = Definition::of(prototype);
        let symbol = self.element.symbol();
        let mut cation = |site: CationSite, charge: i32| {
            let ions = others(site, charge, symbol);
            if ions.is_empty() {
                return None;
            }
            let chosen = *random.choose(&ions);
            let mean = ions.iter().map(|ion| ion.radius).sum::<f64>() / ions.len() as f64;
            Some((chosen.symbol, (chosen.radius - mean) / (mean + OXYGEN)))
        };
        let [a_site, b_site] = definition.cation_sites;
        let (a, b) = (cation(a_site, charges.a), cation(b_site, charges.b));
        let misfits: Vec<f64> = [a, b].into_iter().flatten().map(|(_, misfit)| misfit).collect();
        let pressure = misfits.iter().sum::<f64>() / misfits.len().max(1) as f64;
        let strain = self.strain * random.signed();
        let stretch = [0; 3].map(|_| self.distortion * random.signed());
        let even = stretch.iter().sum::<f64>() / 3.0;
        let bond = radius(symbol, charges.m, definition.geometry).expect("choices have a radius")
            + definition.oxygen;
        let bond = bond * (1.0 + CHEMICAL_PRESSURE * pressure) * (1.0 + strain);

        let cell = Cell::of(definition);
        let name = format!("{index:05}-{}", prototype.name());
        let crystal = |lattice: Lattice| -> Result<Crystal> {
            let site = |atom: &Atom| {
                let (symbol, charge) = match atom.role {
                    Role::M => (symbol, charges.m),
                    Role::A => (a.map_or("O", |(symbol, _)| symbol), charges.a),
                    Role::B => (b.map_or("O", |(symbol, _)| symbol), charges.b),
                    Role::O => ("O", -2),
                };
                let element = symbol.parse().expect("the tables name elements");
                Site::new(Species::new(element).with_charge(charge.into()), atom.position)
            };
            let sites = cell.atoms.iter().map(site).collect::<adatom_crystal::Result<_>>()?;
            Ok(Crystal::new(lattice, sites)?.with_name(&name))
        };
        // The bonds of the definition's cell say by how much every length has to be scaled.
        let number = prototype.geometry().coordination_number();
        let metal = cell.atoms.iter().position(|atom| atom.role == Role::M).expect("a prototype has a metal");
        let unscaled =
            PlantedSite::new(&crystal(cell.lattice.clone())?, metal, charges.m, number)?.mean_bond_length();
        let scale = bond / unscaled;
        let vectors = cell.lattice.vectors();
        let vectors = vectors
            .map(|vector| std::array::from_fn(|axis| vector[axis] * scale * (1.0 + stretch[axis] - even)));
        let crystal = crystal(Lattice::new(vectors)?)?;
        let finder = PlantedSite::finder(&crystal)?;
        let metals = cell.atoms.iter().enumerate().filter(|(_, atom)| atom.role == Role::M);
        let sites = metals
            .map(|(site, _)| {
                PlantedSite::with_bonds(&crystal, site, charges.m, nearest(&finder, site, number)?)
            })
            .collect::<Result<_>>()?;
        Ok(SyntheticOxide { name, prototype, crystal, sites, strain, seed: self.seed, index: index as u64 })
    }
}

/// A generated crystal, with the known labels of the sites of its metal.
#[derive(Debug, Clone, PartialEq)]
pub struct SyntheticOxide {
    name: String,
    prototype: Prototype,
    crystal: Crystal,
    sites: Vec<PlantedSite>,
    strain: f64,
    /// The seed of the set and the index in it, from which the noise of its spectra follows.
    pub(crate) seed: u64,
    pub(crate) index: u64,
}

impl SyntheticOxide {
    /// Its number in the set, then its prototype: unique among oxides of one seed.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its structure type.
    pub fn prototype(&self) -> Prototype {
        self.prototype
    }

    /// The primitive cell, named as the material; species have their charges.
    pub fn crystal(&self) -> &Crystal {
        &self.crystal
    }

    /// The sites of the metal by index, at least one; all have the same charge and number of bonds.
    pub fn sites(&self) -> &[PlantedSite] {
        &self.sites
    }

    /// The relative change ε of every length.
    pub fn strain(&self) -> f64 {
        self.strain
    }

    /// The mean over the sites of their mean bond lengths, Å.
    ///
    /// ```
    /// use adatom_synthetic::{Prototype, SyntheticOxides};
    /// let made = SyntheticOxides::new(1).prototypes([Prototype::RockSalt]).distortion(0.0).generate()?;
    /// // Shannon: 0.78 Å and 1.40 Å.
    /// assert!((made[0].mean_bond_length() - 2.18 * (1.0 + made[0].strain())).abs() < 1e-12);
    /// # Ok::<(), adatom_synthetic::Error>(())
    /// ```
    pub fn mean_bond_length(&self) -> f64 {
        self.sites.iter().map(PlantedSite::mean_bond_length).sum::<f64>() / self.sites.len() as f64
    }
}
