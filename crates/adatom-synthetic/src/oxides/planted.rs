//! The known charge and bonds of a site, and two measures of the directions of its bonds.
//!
//! Departure from inversion symmetry: η = (9/2) Σₐ Σ_b wₐ w_b (ûₐ · û_b)³ / (Σ w)², the squared length of the
//! third moment of the bond directions û, 1 for a tetrahedron and 0 wherever every bond has an opposite one.
//! Weights fall with length as bond valences do, w = exp(-(R - R̄) / 0.37 Å) (Brown and Altermatt, *Acta
//! Cryst.* B41 (1985) 244). Open directions: Σᵢ max(0, 1 - 3 λᵢ) over the eigenvalues λ of Σ w û ûᵀ / Σ w, 2
//! for a linear site, 1 for a planar one.

use adatom_core::Element;
use adatom_crystal::{Crystal, Neighbour, NeighbourFinder};

use super::eigen::eigenvalues;
use super::vector::dot;
use crate::{Error, Result};

/// The length over which bond valences fall by the factor e, Å.
const SOFTNESS: f64 = 0.37;

/// Bonds are searched within this distance, Å; the longest bond of a prototype is shorter than 2.6 Å.
const REACH: f64 = 4.0;

/// A site whose labels are known by construction.
///
/// ```
/// use adatom_crystal::{Crystal, Lattice, Site, Species};
/// use adatom_synthetic::PlantedSite;
/// let cell = Lattice::from_parameters([4.2; 3], [60.0; 3])?;
/// let site = |symbol: &str, place| Site::new(Species::new(symbol.parse()?), place);
/// let oxide = Crystal::new(cell, vec![site("Ni", [0.0; 3])?, site("O", [0.5; 3])?])?;
/// let nickel = PlantedSite::new(&oxide, 0, 2, 6)?;
/// assert_eq!((nickel.valence(), nickel.bonds().len()), (2, 6));
/// assert!((nickel.mean_bond_length() - 4.2 / 2f64.sqrt()).abs() < 1e-12);
/// assert!(nickel.departure_from_inversion() < 1e-12);
///
/// let error = PlantedSite::new(&oxide, 0, 2, 60).unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "coordination number must be that of atoms within 4 Å, 1 to 6, found 60"
/// );
/// # Ok::<(), adatom_synthetic::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct PlantedSite {
    site: usize,
    element: Element,
    valence: i32,
    bonds: Vec<Neighbour>,
}

impl PlantedSite {
    /// A site of a crystal with a formal charge, bonded to its `coordination_number` nearest neighbours.
    ///
    /// # Errors
    /// No such site, or a coordination number that is 0 or larger than the number of atoms within 4 Å.
    pub fn new(crystal: &Crystal, site: usize, valence: i32, coordination_number: usize) -> Result<Self> {
        let bonds = nearest(&Self::finder(crystal)?, site, coordination_number)?;
        Self::with_bonds(crystal, site, valence, bonds)
    }

    /// The same with bonds that have been found already.
    pub(super) fn with_bonds(
        crystal: &Crystal,
        site: usize,
        valence: i32,
        bonds: Vec<Neighbour>,
    ) -> Result<Self> {
        let element = crystal.sites()[site].main_species().element();
        Ok(Self { site, element, valence, bonds })
    }

    pub(super) fn finder(crystal: &Crystal) -> Result<NeighbourFinder> {
        Ok(NeighbourFinder::new(crystal, REACH)?)
    }

    /// The index of the site in its crystal.
    pub fn site(&self) -> usize {
        self.site
    }

    /// Its element.
    pub fn element(&self) -> Element {
        self.element
    }

    /// Its formal charge.
    pub fn valence(&self) -> i32 {
        self.valence
    }

    /// Its bonds, by increasing length.
    pub fn bonds(&self) -> &[Neighbour] {
        &self.bonds
    }

    /// How many bonds it has.
    pub fn coordination_number(&self) -> usize {
        self.bonds.len()
    }

    /// The mean length of its bonds, Å.
    pub fn mean_bond_length(&self) -> f64 {
        self.bonds.iter().map(|bond| bond.distance).sum::<f64>() / self.bonds.len() as f64
    }

    /// The departure of its bonds from inversion symmetry: 0 with inversion symmetry, 1 for a tetrahedron.
    pub fn departure_from_inversion(&self) -> f64 {
        let bonds = self.weighted();
        let whole: f64 = bonds.iter().map(|bond| bond.weight).sum();
        let pairs = bonds.iter().flat_map(|left| bonds.iter().map(move |right| (left, right)));
        let product = |(left, right): (&WeightedBond, &WeightedBond)| {
            left.weight * right.weight * dot(left.direction, right.direction).powi(3)
        };
        let sum: f64 = pairs.map(product).sum();
        // Rounding can leave a small negative number.
        (4.5 * sum / (whole * whole)).max(0.0)
    }

    /// The number of p orbitals without a bond along them: 2 for a linear site, 1 for a planar one, 0 for a
    /// regular octahedron or tetrahedron.
    pub fn open_directions(&self) -> f64 {
        let bonds = self.weighted();
        let whole: f64 = bonds.iter().map(|bond| bond.weight).sum();
        let element = |i: usize, j: usize| {
            let product = |bond: &WeightedBond| bond.weight * bond.direction[i] * bond.direction[j];
            bonds.iter().map(product).sum::<f64>() / whole
        };
        let tensor = std::array::from_fn(|i| std::array::from_fn(|j| element(i, j)));
        eigenvalues(tensor).iter().map(|value| (1.0 - 3.0 * value).max(0.0)).sum()
    }

    fn weighted(&self) -> Vec<WeightedBond> {
        let mean = self.mean_bond_length();
        let one = |bond: &Neighbour| {
            let weight = (-(bond.distance - mean) / SOFTNESS).exp();
            WeightedBond { weight, direction: bond.displacement.map(|component| component / bond.distance) }
        };
        self.bonds.iter().map(one).collect()
    }
}

/// A bond by its weight and its unit vector.
struct WeightedBond {
    weight: f64,
    direction: [f64; 3],
}

/// The nearest neighbours of a site, as many as its coordination number.
pub(super) fn nearest(
    finder: &NeighbourFinder,
    site: usize,
    coordination_number: usize,
) -> Result<Vec<Neighbour>> {
    let mut bonds = finder.of(site)?;
    let near = bonds.len();
    if coordination_number == 0 || coordination_number > near {
        return Err(Error::Argument {
            what: "coordination number",
            expected: format!("that of atoms within {REACH} Å, 1 to {near}"),
            found: coordination_number.to_string(),
        });
    }
    bonds.truncate(coordination_number);
    Ok(bonds)
}
