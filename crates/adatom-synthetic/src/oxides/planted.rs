//! What is planted at a site: its charge, its bonds, and what follows from their directions.
//!
//! Departure from inversion symmetry: η = (9/2) Σₐ Σ_b wₐ w_b (ûₐ · û_b)³ / (Σ w)², the squared length of the third moment
//! of the bond directions û, 1 for a tetrahedron and 0 wherever every bond has an opposite one. Weights fall with length
//! as bond valences do, w = exp(-(R - R̄) / 0.37 Å) (Brown and Altermatt, *Acta Cryst.* B41 (1985) 244).
//! Open directions: Σᵢ max(0, 1 - 3 λᵢ) over the eigenvalues λ of Σ w û ûᵀ / Σ w, 2 for a linear site, 1 for a planar one.

use adatom_core::Element;
use adatom_crystal::{Crystal, Neighbour, NeighbourFinder};

use super::eigen::eigenvalues;
use super::vector::dot;
use crate::{Error, Result};

/// How fast bond valences fall with length, Å.
const SOFTNESS: f64 = 0.37;

/// Bonds are looked for within this distance, Å; the longest of a prototype is below 2.6.
const REACH: f64 = 4.0;

/// A site whose labels are known because it was made so.
///
/// ```
/// use adatom_synthetic::PlantedSite;
/// use adatom_crystal::{Crystal, Lattice, Site, Species};
/// let cell = Lattice::from_parameters([4.2; 3], [60.0; 3])?;
/// let site = |symbol: &str, place| Site::new(Species::new(symbol.parse()?), place);
/// let oxide = Crystal::new(cell, vec![site("Ni", [0.0; 3])?, site("O", [0.5; 3])?])?;
/// let nickel = PlantedSite::new(&oxide, 0, 2, 6)?;
/// assert_eq!((nickel.valence(), nickel.bonds().len()), (2, 6));
/// assert!((nickel.mean_bond_length() - 4.2 / 2f64.sqrt()).abs() < 1e-12);
/// assert!(nickel.departure_from_inversion() < 1e-12);
///
/// let error = PlantedSite::new(&oxide, 0, 2, 60).unwrap_err();
/// assert_eq!(error.to_string(), "coordination number must be that of atoms within 4 Å, 1 to 6, found 60");
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
    /// A site of a crystal with its formal charge and so many of its nearest neighbours as bonds.
    ///
    /// # Errors
    /// No such site, or a number of bonds that is 0 or more than there are atoms within 4 Å.
    pub fn new(crystal: &Crystal, site: usize, valence: i32, coordination_number: usize) -> Result<Self> {
        Self::among(crystal, &NeighbourFinder::new(crystal, REACH)?, site, (valence, coordination_number))
    }

    /// The same with a finder that is made already.
    pub(super) fn among(
        crystal: &Crystal,
        finder: &NeighbourFinder,
        site: usize,
        (valence, coordination_number): (i32, usize),
    ) -> Result<Self> {
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

    /// What sits there.
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

    /// How far its bonds are from having opposite ones: 0 with inversion symmetry, 1 for a tetrahedron.
    pub fn departure_from_inversion(&self) -> f64 {
        let bonds = self.weighted();
        let whole: f64 = bonds.iter().map(|(weight, _)| weight).sum();
        let pairs = bonds.iter().flat_map(|left| bonds.iter().map(move |right| (left, right)));
        let sum: f64 = pairs.map(|((v, left), (w, right))| v * w * dot(*left, *right).powi(3)).sum();
        // Rounding can leave a little less than nothing.
        (4.5 * sum / (whole * whole)).max(0.0)
    }

    /// How many of the three p orbitals meet no bond: 2 for a linear site, 1 for a planar one, 0 for a regular octahedron or
    /// tetrahedron.
    pub fn open_directions(&self) -> f64 {
        let bonds = self.weighted();
        let whole: f64 = bonds.iter().map(|(weight, _)| weight).sum();
        let element = |i: usize, j: usize| {
            bonds.iter().map(|(weight, unit)| weight * unit[i] * unit[j]).sum::<f64>() / whole
        };
        let tensor = std::array::from_fn(|i| std::array::from_fn(|j| element(i, j)));
        eigenvalues(tensor).iter().map(|value| (1.0 - 3.0 * value).max(0.0)).sum()
    }

    /// Weights of the bonds, and their directions.
    fn weighted(&self) -> Vec<(f64, [f64; 3])> {
        let mean = self.mean_bond_length();
        let one = |bond: &Neighbour| {
            let weight = (-(bond.distance - mean) / SOFTNESS).exp();
            (weight, bond.displacement.map(|component| component / bond.distance))
        };
        self.bonds.iter().map(one).collect()
    }
}
