//! Oxides of one element, made from prototypes: which structure, which other cations, how large, how strained.
//!
//! Bond length of a cell as made: d = r(M) + r(O) (Shannon); times the chemical pressure
//! 1 + ¼ mean (r(A) - r̄) / (r̄ + 1.40 Å) over the other cations, r̄ the mean of those that may stand there; times the strain
//! 1 + ε. The distortion then stretches the axes by factors whose mean is 1.

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
use definitions::{Definition, Role};
use ions::{absorbers, others, radius};

pub use planted::PlantedSite;
pub use prototype::{Geometry, Prototype};

/// Part of a misfit of radii by which the metal's own bonds give way.
const CHEMICAL_PRESSURE: f64 = 0.25;

/// Radius of O²⁻ beside the large cations, Å.
const OXYGEN: f64 = 1.40;

/// More materials than this do not fit into memory with their spectra.
const MOST: usize = 100_000;

/// Beyond this, shells of neighbours would cross and bonds no longer be those that were planted.
const MOST_STRAIN: f64 = 0.06;
const MOST_DISTORTION: f64 = 0.02;

/// Oxides of one element with known labels; [`generate`](Self::generate) makes them.
///
/// ```
/// use adatom_synthetic::SyntheticOxides;
/// let oxides = SyntheticOxides::new(7).element("Cu".parse()?).materials(20).generate()?;
/// let first = &oxides[0];
/// assert_eq!(oxides.len(), 20);
/// assert_eq!(first.sites()[0].coordination_number(), first.prototype().geometry().coordination_number());
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

impl SyntheticOxides {
    /// Oxides of iron with these random numbers; the same seed gives the same crystals, and another number of materials
    /// changes none of them.
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

    /// How many. Default: 100.
    pub fn materials(mut self, count: usize) -> Self {
        self.materials = count;
        self
    }

    /// The largest strain: all lengths are multiplied by 1 + ε, ε evenly distributed up to this on either side. Default:
    /// 0.03.
    pub fn strain(mut self, largest: f64) -> Self {
        self.strain = largest;
        self
    }

    /// The largest stretch of one axis against the others, which makes bonds unequal. Default: 0.005.
    pub fn distortion(mut self, largest: f64) -> Self {
        self.distortion = largest;
        self
    }

    /// The prototypes to choose from. Default: all that the element takes.
    pub fn prototypes(mut self, prototypes: impl IntoIterator<Item = Prototype>) -> Self {
        self.prototypes = prototypes.into_iter().collect();
        self
    }

    /// Makes the crystals, in parallel; the result does not depend on the number of threads.
    ///
    /// # Errors
    /// No material or more than 100,000; an element that is not known here, or takes none of the prototypes; a strain
    /// outside [0, 0.06] or a distortion outside [0, 0.02].
    pub fn generate(&self) -> Result<Vec<SyntheticOxide>> {
        let choices = self.choices()?;
        (0..self.materials).into_par_iter().map(|index| self.make(index, &choices)).collect()
    }

    /// Checks everything, and lists prototypes with the charges of the ions.
    fn choices(&self) -> Result<Vec<(Prototype, [i32; 3])>> {
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
            let charges = definition.charges.iter().filter(|charges| {
                let lacks = |at: usize| {
                    let charge = charges[at + 1];
                    charge != 0 && others(definition.rooms[at], charge, symbol).is_empty()
                };
                radius(symbol, charges[0], definition.geometry).is_some() && !lacks(0) && !lacks(1)
            });
            choices.extend(charges.map(|&charges| (prototype, charges)));
        }
        if choices.is_empty() {
            let found = self.prototypes.iter().map(|prototype| prototype.name()).collect::<Vec<_>>();
            let expected = format!("some that {symbol} takes");
            return Err(wrong("prototypes", &expected, format!("{found:?}")));
        }
        Ok(choices)
    }

    fn make(&self, index: usize, choices: &[(Prototype, [i32; 3])]) -> Result<SyntheticOxide> {
        let mut random = Random::new(self.seed, index as u64);
        let &(prototype, charges) = random.choose(choices);
        let definition = Definition::of(prototype);
        let symbol = self.element.symbol();
        let mut species = [symbol, "O", "O"];
        let mut pressure = Vec::new();
        for at in 0..2 {
            let ions = others(definition.rooms[at], charges[at + 1], symbol);
            if ions.is_empty() {
                continue;
            }
            let &(other, size) = random.choose(&ions);
            let mean = ions.iter().map(|ion| ion.1).sum::<f64>() / ions.len() as f64;
            species[at + 1] = other;
            pressure.push((size - mean) / (mean + OXYGEN));
        }
        let pressure = pressure.iter().sum::<f64>() / pressure.len().max(1) as f64;
        let strain = self.strain * random.signed();
        let stretch = [0; 3].map(|_| self.distortion * random.signed());
        let even = stretch.iter().sum::<f64>() / 3.0;
        let bond = radius(symbol, charges[0], definition.geometry).expect("choices have a radius")
            + definition.oxygen;
        let size = bond * (1.0 + CHEMICAL_PRESSURE * pressure) * (1.0 + strain);

        let cell = Cell::of(&definition);
        let name = format!("{index:05}-{}", prototype.name());
        let crystal = |lattice: Lattice| -> Result<Crystal> {
            let site = |&(role, place): &(Role, [f64; 3])| {
                let (symbol, charge) = match role {
                    Role::M => (species[0], charges[0]),
                    Role::A => (species[1], charges[1]),
                    Role::B => (species[2], charges[2]),
                    Role::O => ("O", -2),
                };
                let element = symbol.parse().expect("the tables name elements");
                Site::new(Species::new(element).with_charge(charge.into()), place)
            };
            let sites = cell.places.iter().map(site).collect::<adatom_crystal::Result<_>>()?;
            Ok(Crystal::new(lattice, sites)?.with_name(&name))
        };
        // The table's cell says how long bonds are in its size; then every length is scaled alike.
        let number = prototype.geometry().coordination_number();
        let metal = cell.places.iter().position(|place| place.0 == Role::M).expect("a prototype has a metal");
        let as_tabled =
            PlantedSite::new(&crystal(cell.lattice.clone())?, metal, charges[0], number)?.mean_bond_length();
        let scale = size / as_tabled;
        let vectors = cell.lattice.vectors();
        let vectors = vectors
            .map(|vector| std::array::from_fn(|axis| vector[axis] * scale * (1.0 + stretch[axis] - even)));
        let crystal = crystal(Lattice::new(vectors)?)?;
        let finder = PlantedSite::finder(&crystal)?;
        let metals = cell.places.iter().enumerate().filter(|(_, place)| place.0 == Role::M);
        let sites = metals
            .map(|(site, _)| PlantedSite::among(&crystal, &finder, site, (charges[0], number)))
            .collect::<Result<_>>()?;
        let random = (self.seed, index as u64);
        Ok(SyntheticOxide { name, prototype, crystal, sites, strain, random })
    }
}

/// A crystal and what is known of the sites of its metal.
#[derive(Debug, Clone, PartialEq)]
pub struct SyntheticOxide {
    name: String,
    prototype: Prototype,
    crystal: Crystal,
    sites: Vec<PlantedSite>,
    strain: f64,
    /// The seed and which material of it, so that its noise is its own.
    pub(crate) random: (u64, u64),
}

impl SyntheticOxide {
    /// A name that no other of the same seed has: its number, then its prototype.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its structure type.
    pub fn prototype(&self) -> Prototype {
        self.prototype
    }

    /// The primitive cell, of the name of the material; species carry their charges.
    pub fn crystal(&self) -> &Crystal {
        &self.crystal
    }

    /// The sites of the metal, by index, at least one; all have the same charge and number of bonds.
    pub fn sites(&self) -> &[PlantedSite] {
        &self.sites
    }

    /// ε, by which every length is longer than without strain.
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
