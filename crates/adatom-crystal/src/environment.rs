//! The local environment of a site: bonded neighbours, coordination number, bond lengths.
//!
//! | rule | bonded neighbours |
//! |---|---|
//! | [`BondRule::Within`] | within a distance |
//! | [`BondRule::Nearest`] | up to a relative tolerance farther than the nearest one |
//! | [`BondRule::SolidAngle`] | with the largest faces of the Voronoi cell (`solid_angle.rs`, `voronoi.rs`) |

mod finder;
mod solid_angle;
mod voronoi;

pub use finder::EnvironmentFinder;
pub use solid_angle::SolidAngle;
pub use voronoi::{VoronoiCell, VoronoiFace};

use crate::elements::{covalent_radius, electronegativity};
use crate::{Crystal, Element, Error, Neighbour, Result};

/// The criterion of bonded neighbours.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum BondRule {
    /// All within this distance, Å.
    Within(f64),
    /// All nearer than (1 + tolerance) times the distance of the nearest neighbour; 0.1 is usual
    /// (`MinimumDistanceNN` in pymatgen).
    Nearest(f64),
    /// The most probable set by the solid angles of the Voronoi cell.
    SolidAngle(SolidAngle),
}

impl Default for BondRule {
    fn default() -> Self {
        Self::SolidAngle(SolidAngle::default())
    }
}

/// The bonded neighbours of a site.
#[derive(Debug, Clone, PartialEq)]
pub struct Environment {
    site: usize,
    neighbours: Vec<Neighbour>,
    likelihoods: Vec<(usize, f64)>,
}

impl Environment {
    /// The index of the site in its crystal.
    pub fn site(&self) -> usize {
        self.site
    }

    /// The bonded neighbours, by increasing distance.
    pub fn neighbours(&self) -> &[Neighbour] {
        &self.neighbours
    }

    /// The number of bonded neighbours.
    pub fn coordination_number(&self) -> usize {
        self.neighbours.len()
    }

    /// The mean distance of the bonded neighbours, Å; none if no neighbour is bonded.
    pub fn mean_bond_length(&self) -> Option<f64> {
        let total: f64 = self.neighbours.iter().map(|neighbour| neighbour.distance).sum();
        (!self.neighbours.is_empty()).then(|| total / self.neighbours.len() as f64)
    }

    /// Coordination numbers with their probabilities, which sum to 1; only [`BondRule::SolidAngle`] gives
    /// more than one.
    pub fn likelihoods(&self) -> &[(usize, f64)] {
        &self.likelihoods
    }
}

impl Crystal {
    /// The environment of one site.
    ///
    /// For many sites an [`EnvironmentFinder`] is faster.
    ///
    /// # Errors
    /// As [`EnvironmentFinder::new`] and [`EnvironmentFinder::of`].
    ///
    /// ```
    /// use adatom_crystal::{BondRule, Crystal, Lattice, Site, Species};
    /// let cell = Lattice::from_parameters([4.2; 3], [90.0; 3])?;
    /// let magnesium = [[0.0, 0.0, 0.0], [0.0, 0.5, 0.5], [0.5, 0.0, 0.5], [0.5, 0.5, 0.0]];
    /// let oxygen = [[0.5, 0.0, 0.0], [0.0, 0.5, 0.0], [0.0, 0.0, 0.5], [0.5, 0.5, 0.5]];
    /// let site = |symbol: &str, place| Site::new(Species::new(symbol.parse()?), place);
    /// let sites = magnesium
    ///     .map(|place| site("Mg", place))
    ///     .into_iter()
    ///     .chain(oxygen.map(|place| site("O", place)));
    /// let rock_salt = Crystal::new(cell, sites.collect::<Result<_, _>>()?)?;
    /// let environment = rock_salt.environment(0, BondRule::default())?;
    /// assert_eq!(environment.coordination_number(), 6);
    /// assert_eq!(environment.mean_bond_length(), Some(2.1));
    /// assert!(rock_salt.environment(8, BondRule::default()).is_err());
    /// # Ok::<(), adatom_crystal::Error>(())
    /// ```
    pub fn environment(&self, site: usize, rule: BondRule) -> Result<Environment> {
        EnvironmentFinder::new(self, rule)?.of(site)
    }
}

/// Properties of a site for the weights.
#[derive(Debug, Clone, Copy)]
struct Centre {
    element: Element,
    electronegativity: Option<f64>,
    radius: Option<f64>,
}

impl Centre {
    fn new(element: Element) -> Self {
        let (electronegativity, radius) = (electronegativity(element), covalent_radius(element));
        Self { element, electronegativity, radius }
    }

    fn radius(self) -> Result<f64> {
        self.radius
            .ok_or_else(|| Error::NoParameter { table: "covalent radius", species: self.element.to_string() })
    }
}
