//! Oxidation states of all sites, from bond valences.
//!
//! The bond valence sum of a site is compared with the sums that ions of its element have in known crystals
//! (`statistics.rs`); equivalent sites (`equivalence.rs`) get the same charge, and of all choices that make
//! the cell neutral (`search.rs`) the likeliest is taken: the method and numbers of `BVAnalyzer` in pymatgen.

mod equivalence;
mod parameters;
mod search;
mod statistics;

use std::collections::BTreeMap;

pub use parameters::unit_bond_length;

use crate::elements::electronegativity;
use crate::{Crystal, Element, Error, Neighbour, NeighbourFinder, Result, Site, Species};
use parameters::Size;
use search::Unit;
use statistics::Ion;

/// The search for equivalent sites grows faster than the square of their number: 500 take a second.
const MAX_SITES: usize = 500;

/// The assignment of oxidation states; the defaults are those of `BVAnalyzer`.
///
/// ```
/// use adatom_crystal::{Crystal, Lattice, OxidationSearch, Site, Species};
/// let site = |symbol: &str, place| Site::new(Species::new(symbol.parse()?), place);
/// let cell = Lattice::from_parameters([4.12; 3], [90.0; 3])?;
/// let salt = Crystal::new(cell.clone(), vec![site("Cs", [0.0; 3])?, site("Cl", [0.5; 3])?])?;
/// let states = OxidationSearch::new().assign(&salt)?;
/// assert_eq!((states.of_site(0), states.of_site(1)), (Some(1), Some(-1)));
///
/// let metal = Crystal::new(cell, vec![site("Cs", [0.0; 3])?])?;
/// let error = OxidationSearch::new().assign(&metal).unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "oxidation states cannot be assigned: no probable charges make the cell neutral"
/// );
/// # Ok::<(), adatom_crystal::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OxidationSearch {
    radius: f64,
    scale: f64,
    tolerance: Option<f64>,
}

impl Default for OxidationSearch {
    fn default() -> Self {
        Self { radius: 4.0, scale: 1.015, tolerance: Some(0.1) }
    }
}

impl OxidationSearch {
    /// The defaults.
    pub fn new() -> Self {
        Self::default()
    }

    /// Neighbours within this distance (Å) count. Default 4.
    pub fn radius(mut self, distance: f64) -> Self {
        self.radius = distance;
        self
    }

    /// Distances are multiplied by this: 1 for measured structures, 1.015 for those relaxed with a GGA
    /// functional. Default 1.015.
    pub fn distance_scale(mut self, factor: f64) -> Self {
        self.scale = factor;
        self
    }

    /// Sites that a symmetry operation carries onto each other within this distance (Å) are equivalent.
    /// Default 0.1.
    pub fn symmetry_tolerance(mut self, distance: f64) -> Self {
        self.tolerance = Some(distance);
        self
    }

    /// Every site is assigned for itself.
    pub fn without_symmetry(mut self) -> Self {
        self.tolerance = None;
        self
    }

    /// The bond valence sum of one site: positive where its neighbours are more electronegative.
    ///
    /// # Errors
    /// No such site, parameters outside their range, or an element without bond valence parameters.
    pub fn bond_valence_sum(&self, crystal: &Crystal, site: usize) -> Result<f64> {
        self.check()?;
        if self.tolerance.is_some() && crystal.len() > MAX_SITES {
            let what = "sites whose equivalence is looked for";
            return Err(Error::TooLarge { what, limit: MAX_SITES, found: crystal.len() });
        }
        let sizes = Sizes::of(crystal)?;
        let neighbours = NeighbourFinder::new(crystal, self.radius)?.of(site)?;
        Ok(self.sum(crystal, &sizes, site, &neighbours))
    }

    /// The oxidation states of all sites.
    ///
    /// Charges that the species carry already are not used, except that sites of different charge are not
    /// equivalent.
    ///
    /// # Errors
    /// Parameters outside their range, an element without bond valence parameters, no probable charges that
    /// make the cell neutral, too many combinations, or more than 500 sites unless
    /// [`without_symmetry`](Self::without_symmetry).
    pub fn assign(&self, crystal: &Crystal) -> Result<OxidationStates> {
        self.check()?;
        let sizes = Sizes::of(crystal)?;
        let finder = NeighbourFinder::new(crystal, self.radius)?;
        let first = match self.tolerance {
            Some(tolerance) => equivalence::equivalent_sites(crystal, tolerance),
            None => (0..crystal.len()).collect(),
        };
        let mut orbits: BTreeMap<usize, usize> = BTreeMap::new();
        first.iter().for_each(|site| *orbits.entry(*site).or_insert(0) += 1);
        let mut orbits: Vec<(usize, usize)> = orbits.into_iter().collect();
        let sites = crystal.sites();
        orbits.sort_by(|left, right| {
            let mean = |orbit: &(usize, usize)| mean_electronegativity(&sites[orbit.0]);
            mean(right).total_cmp(&mean(left))
        });
        let ordered = sites.iter().all(|site| site.species().len() == 1);
        // Mixed sites have vaguer sums: less likely charges, and more different ones, are let in.
        let (likely, spread) = if ordered { (0.01, 1) } else { (1e-3, 2) };
        let mut units = Vec::new();
        for &(site, count) in &orbits {
            let sum = self.sum(crystal, &sizes, site, &finder.of(site)?);
            for (species, occupancy) in sites[site].species() {
                units.push(Unit {
                    kind: usize::from(species.element().atomic_number()),
                    weight: count as f64 * occupancy,
                    charges: likely_charges(species.element(), sum, likely),
                });
            }
        }
        // The search needs the units of an element next to each other; the sort keeps all else in order.
        let place = |unit: &Unit| units.iter().position(|other| other.kind == unit.kind);
        let mut order: Vec<usize> = (0..units.len()).collect();
        order.sort_by_key(|&at| place(&units[at]));
        let sorted: Vec<Unit> = order.iter().map(|&at| units[at].clone()).collect();
        let charges = search::neutral_charges(&sorted, spread)?.ok_or(Error::Unassigned)?;
        let mut by_unit = vec![0; units.len()];
        order.into_iter().zip(charges).for_each(|(at, charge)| by_unit[at] = charge);
        let mut rest = by_unit.as_slice();
        let mut of_orbit = BTreeMap::new();
        for (site, _) in orbits {
            let (own, after) = rest.split_at(sites[site].species().len());
            of_orbit.insert(site, own.to_vec());
            rest = after;
        }
        Ok(OxidationStates { charges: first.iter().map(|site| of_orbit[site].clone()).collect() })
    }

    fn check(&self) -> Result<()> {
        let positive = |value: f64| value.is_finite() && value > 0.0;
        if positive(self.radius) && positive(self.scale) && self.tolerance.is_none_or(positive) {
            return Ok(());
        }
        Err(Error::Argument {
            what: "parameters of the search for oxidation states",
            expected: "positive and finite".into(),
            found: format!("{self:?}"),
        })
    }

    fn sum(&self, crystal: &Crystal, sizes: &Sizes, site: usize, neighbours: &[Neighbour]) -> f64 {
        let bond = |neighbour: &Neighbour| {
            let distance = neighbour.distance * self.scale;
            let mut valence = 0.0;
            for (own, occupancy) in crystal.sites()[site].species() {
                for (other, share) in crystal.sites()[neighbour.site].species() {
                    let (own, other) = (sizes.get(own.element()), sizes.get(other.element()));
                    valence += occupancy * share * own.valence(other, distance);
                }
            }
            valence
        };
        neighbours.iter().map(bond).sum()
    }
}

/// The oxidation states of a crystal, which make its cell neutral.
#[derive(Debug, Clone, PartialEq)]
pub struct OxidationStates {
    charges: Vec<Vec<i32>>,
}

impl OxidationStates {
    /// The charge of a site that one species holds; none for mixed sites and sites the crystal does not have.
    pub fn of_site(&self, site: usize) -> Option<i32> {
        match self.of_species(site) {
            [charge] => Some(*charge),
            _ => None,
        }
    }

    /// The charges of the species of a site, in their order; empty for a site the crystal does not have.
    pub fn of_species(&self, site: usize) -> &[i32] {
        self.charges.get(site).map_or(&[], Vec::as_slice)
    }

    /// The same crystal with these charges of its species.
    ///
    /// # Errors
    /// The states are those of another crystal.
    ///
    /// ```
    /// use adatom_crystal::{Crystal, Lattice, OxidationSearch, Site, Species};
    /// let site = |symbol: &str, place| Site::new(Species::new(symbol.parse()?), place);
    /// let cell = Lattice::from_parameters([4.12; 3], [90.0; 3])?;
    /// let salt = Crystal::new(cell.clone(), vec![site("Cs", [0.0; 3])?, site("Cl", [0.5; 3])?])?;
    /// let states = OxidationSearch::new().assign(&salt)?;
    /// assert_eq!(states.decorate(&salt)?.sites()[0].main_species().to_string(), "Cs1+");
    /// let other = Crystal::new(cell, vec![site("Cs", [0.0; 3])?])?;
    /// assert!(states.decorate(&other).is_err());
    /// # Ok::<(), adatom_crystal::Error>(())
    /// ```
    pub fn decorate(&self, crystal: &Crystal) -> Result<Crystal> {
        let species = |site: &Site| site.species().len();
        if !crystal.sites().iter().map(species).eq(self.charges.iter().map(Vec::len)) {
            return Err(Error::Argument {
                what: "oxidation states",
                expected: format!("those of {} sites with their species", crystal.len()),
                found: format!("those of {}", self.charges.len()),
            });
        }
        let decorated = crystal.sites().iter().zip(&self.charges).map(|(site, charges)| {
            let charged = site.species().iter().zip(charges).map(|((species, occupancy), charge)| {
                (Species::new(species.element()).with_charge(f64::from(*charge)), *occupancy)
            });
            let mut decorated = Site::mixed(charged.collect(), site.fractional())?;
            if let Some(displacement) = site.displacement() {
                decorated = decorated.with_displacement(displacement);
            }
            if let Some(label) = site.label() {
                decorated = decorated.with_label(label);
            }
            Ok(decorated)
        });
        let charged = Crystal::new(crystal.lattice().clone(), decorated.collect::<Result<_>>()?)?;
        Ok(match crystal.name() {
            Some(name) => charged.with_name(name),
            None => charged,
        })
    }
}

/// Charges with the logarithms of their probabilities given a bond valence sum, the likeliest first; only
/// those of at least a part of the likeliest.
fn likely_charges(element: Element, sum: f64, part: f64) -> Vec<(i32, f64)> {
    let mut densities: Vec<(i32, f64)> =
        Ion::of(element).iter().map(|ion| (ion.charge, ion.density(sum))).collect();
    densities.sort_by(|left, right| right.1.total_cmp(&left.1));
    let total: f64 = densities.iter().map(|(_, density)| density).sum();
    let least = part * densities.first().map_or(0.0, |(_, density)| *density);
    densities.retain(|(_, density)| *density > least);
    densities.into_iter().map(|(charge, density)| (charge, (density / total).ln())).collect()
}

fn mean_electronegativity(site: &Site) -> f64 {
    let mean = |(species, occupancy): &(Species, f64)| {
        electronegativity(species.element()).unwrap_or(0.0) * occupancy
    };
    let occupied: f64 = site.species().iter().map(|(_, occupancy)| occupancy).sum();
    site.species().iter().map(mean).sum::<f64>() / occupied
}

/// Sizes of the elements of a crystal.
struct Sizes(BTreeMap<Element, Size>);

impl Sizes {
    fn of(crystal: &Crystal) -> Result<Self> {
        let elements = crystal.composition().into_keys();
        Ok(Self(elements.map(|element| Ok((element, Size::of(element)?))).collect::<Result<_>>()?))
    }

    fn get(&self, element: Element) -> &Size {
        &self.0[&element]
    }
}
