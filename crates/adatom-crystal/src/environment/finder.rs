//! The environments of many sites of one crystal.

use rayon::prelude::*;

use super::voronoi::VoronoiCell;
use super::{BondRule, Centre, Environment, SolidAngle};
use crate::lattice::dot;
use crate::{Crystal, Element, Error, Neighbour, NeighbourFinder, Result, Site};

/// The nearest neighbour is looked for within this distance at first, Å.
const NEAR: f64 = 3.0;

/// Finds the environments of the sites of a crystal by one rule.
///
/// ```
/// use adatom_crystal::{BondRule, Crystal, EnvironmentFinder, Lattice, Site, Species};
/// let cell = Lattice::from_parameters([4.1; 3], [90.0; 3])?;
/// let site = |symbol: &str, place| Site::new(Species::new(symbol.parse()?), place);
/// let salt = Crystal::new(cell, vec![site("Cs", [0.0; 3])?, site("Cl", [0.5; 3])?])?;
/// let finder = EnvironmentFinder::new(&salt, BondRule::Nearest(0.1))?;
/// let around_caesium = finder.of_element("Cs".parse()?)?;
/// assert_eq!(around_caesium[0].coordination_number(), 8);
/// assert!(EnvironmentFinder::new(&salt, BondRule::Within(-1.0)).is_err());
/// # Ok::<(), adatom_crystal::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct EnvironmentFinder<'a> {
    crystal: &'a Crystal,
    rule: BondRule,
    finder: NeighbourFinder,
    centres: Vec<Centre>,
    diagonal: f64,
}

impl<'a> EnvironmentFinder<'a> {
    /// Prepares the search.
    ///
    /// # Errors
    /// Parameters outside their range, a site without a species of more than half occupancy (solid angles
    /// only), or what [`NeighbourFinder::new`] finds wrong.
    pub fn new(crystal: &'a Crystal, rule: BondRule) -> Result<Self> {
        let diagonal = diagonal(crystal);
        let (cutoff, strict) = match rule {
            BondRule::Within(distance) => (distance, false),
            BondRule::Nearest(tolerance) => {
                if !(tolerance.is_finite() && tolerance >= 0.0) {
                    return Err(Error::Argument {
                        what: "tolerance",
                        expected: "finite and not negative".into(),
                        found: tolerance.to_string(),
                    });
                }
                (NEAR, false)
            }
            BondRule::SolidAngle(weights) => {
                weights.check()?;
                (weights.cutoff, true)
            }
        };
        let centre = |(index, site)| match majority(index, site) {
            Err(error) if strict => Err(error),
            _ => Ok(Centre::new(site.main_species().element())),
        };
        let centres = crystal.sites().iter().enumerate().map(centre).collect::<Result<_>>()?;
        let finder = NeighbourFinder::new(crystal, cutoff)?;
        Ok(Self { crystal, rule, finder, centres, diagonal })
    }

    /// The environment of one site.
    ///
    /// # Errors
    /// No such site; by solid angles also another site at the same position, a Voronoi cell that is not
    /// closed by the neighbours, or an element without a covalent radius.
    pub fn of(&self, site: usize) -> Result<Environment> {
        match self.rule {
            BondRule::Within(_) => Ok(certain(site, self.finder.of(site)?)),
            BondRule::Nearest(tolerance) => self.nearest(site, tolerance),
            BondRule::SolidAngle(weights) => self.by_solid_angle(site, weights),
        }
    }

    /// The environments of all sites where an element is the main species, by index, in parallel; none if
    /// the crystal lacks it.
    ///
    /// # Errors
    /// As [`of`](Self::of), for the first such site.
    pub fn of_element(&self, element: Element) -> Result<Vec<Environment>> {
        let sites: Vec<usize> =
            (0..self.centres.len()).filter(|&site| self.centres[site].element == element).collect();
        sites.into_par_iter().map(|site| self.of(site)).collect()
    }

    fn nearest(&self, site: usize, tolerance: f64) -> Result<Environment> {
        // Images of the site itself repeat with every cell, so that a wide enough sphere is never empty.
        let mut neighbours = self.finder.of(site)?;
        let mut cutoff = self.finder.cutoff();
        while neighbours.first().is_none_or(|first| first.distance * (1.0 + tolerance) > cutoff) {
            let needed = neighbours.first().map(|first| first.distance * (1.0 + tolerance));
            cutoff = needed.unwrap_or(2.0 * cutoff) * (1.0 + 1e-9);
            neighbours = NeighbourFinder::new(self.crystal, cutoff)?.of(site)?;
        }
        let limit = neighbours[0].distance * (1.0 + tolerance);
        // The nearest stays even with no tolerance.
        neighbours.retain({
            let nearest = neighbours[0].distance;
            move |neighbour| neighbour.distance < limit || neighbour.distance == nearest
        });
        Ok(certain(site, neighbours))
    }

    fn by_solid_angle(&self, site: usize, weights: SolidAngle) -> Result<Environment> {
        if let Some(cell) = VoronoiCell::among(&self.finder.of(site)?)? {
            return weights.environment(site, &cell, &self.centres);
        }
        // Beyond the longest diagonal of the cell, images of the site itself close its Voronoi cell.
        let mut cutoff = weights.cutoff;
        while cutoff < self.diagonal {
            cutoff = (2.0 * cutoff).min(self.diagonal + 1e-3);
            let neighbours = NeighbourFinder::new(self.crystal, cutoff)?.of(site)?;
            if let Some(cell) = VoronoiCell::among(&neighbours)? {
                return weights.environment(site, &cell, &self.centres);
            }
        }
        Err(Error::Structure {
            what: "Voronoi cell",
            expected: "closed",
            found: format!("open among the neighbours of site {site} within {cutoff} Å"),
        })
    }
}

fn certain(site: usize, neighbours: Vec<Neighbour>) -> Environment {
    let likelihoods = vec![(neighbours.len(), 1.0)];
    Environment { site, neighbours, likelihoods }
}

/// # Errors
/// No species occupies more than half of the site.
fn majority(index: usize, site: &Site) -> Result<()> {
    let largest = site.species().iter().map(|(_, occupancy)| *occupancy).fold(0.0, f64::max);
    if largest > 0.5 {
        return Ok(());
    }
    Err(Error::Structure {
        what: "occupancy of the main species",
        expected: "more than half",
        found: format!("{largest} at site {index}"),
    })
}

/// The longest diagonal of the cell, and a little more.
fn diagonal(crystal: &Crystal) -> f64 {
    let corners = [[1.0, 1.0, 1.0], [-1.0, 1.0, 1.0], [1.0, -1.0, 1.0], [1.0, 1.0, -1.0]];
    let length = |corner| {
        let place = crystal.lattice().cartesian(corner);
        dot(place, place).sqrt()
    };
    corners.map(length).into_iter().fold(0.0, f64::max) + 0.01
}
