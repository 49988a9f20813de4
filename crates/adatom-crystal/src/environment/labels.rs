//! The labels of local structure that spectra are learned from, for all sites of an element.

use super::{BondRule, EnvironmentFinder};
use crate::{Crystal, Element, OxidationSearch, OxidationStates, Result};

/// What is to be known of a site.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct SiteLabels {
    /// The index of the site in its crystal.
    pub site: usize,
    /// Its main species' element.
    pub element: Element,
    /// How many neighbours are bonded to it.
    pub coordination_number: usize,
    /// The mean distance of the bonded neighbours, Å; none where there are none.
    pub mean_bond_length: Option<f64>,
    /// Its formal charge; none where no likely charges make the cell neutral, or several species share the site.
    pub oxidation_state: Option<i32>,
}

impl Crystal {
    /// The labels of all sites of an element, by index; none where the crystal lacks it.
    ///
    /// Neighbours and bond lengths by `rule`, oxidation states by [`OxidationSearch`] with its defaults.
    ///
    /// # Errors
    /// As [`EnvironmentFinder::new`] and [`EnvironmentFinder::of`].
    ///
    /// ```
    /// use adatom_crystal::{BondRule, Crystal, Lattice, Site, Species};
    /// // Cuprite.
    /// let cell = Lattice::from_parameters([4.27; 3], [90.0; 3])?;
    /// let copper = [[0.25, 0.25, 0.25], [0.75, 0.75, 0.25], [0.75, 0.25, 0.75], [0.25, 0.75, 0.75]];
    /// let oxygen = [[0.0, 0.0, 0.0], [0.5, 0.5, 0.5]];
    /// let site = |symbol: &str, place| Site::new(Species::new(symbol.parse()?), place);
    /// let sites = copper.map(|place| site("Cu", place)).into_iter().chain(oxygen.map(|place| site("O", place)));
    /// let cuprite = Crystal::new(cell, sites.collect::<Result<_, _>>()?)?;
    /// let labels = cuprite.labels("Cu".parse()?, BondRule::default())?;
    /// assert_eq!((labels.len(), labels[0].coordination_number, labels[0].oxidation_state), (4, 2, Some(1)));
    /// assert!(cuprite.labels("Fe".parse()?, BondRule::default())?.is_empty());
    /// # Ok::<(), adatom_crystal::Error>(())
    /// ```
    pub fn labels(&self, element: Element, rule: BondRule) -> Result<Vec<SiteLabels>> {
        let environments = EnvironmentFinder::new(self, rule)?.of_element(element)?;
        if environments.is_empty() {
            return Ok(Vec::new());
        }
        let states = OxidationSearch::new().assign(self).ok();
        let label = |environment: &super::Environment| SiteLabels {
            site: environment.site(),
            element,
            coordination_number: environment.coordination_number(),
            mean_bond_length: environment.mean_bond_length(),
            oxidation_state: states
                .as_ref()
                .and_then(|states: &OxidationStates| states.of_site(environment.site())),
        };
        Ok(environments.iter().map(label).collect())
    }
}
