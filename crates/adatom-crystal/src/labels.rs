//! Labels of the sites of an element: coordination number, bond length, oxidation state.

use crate::{BondRule, Crystal, Element, Environment, EnvironmentFinder, Error, OxidationSearch, Result};

/// Why the oxidation state of a site is unknown.
///
/// ```
/// use adatom_crystal::{BondRule, Crystal, Lattice, NoOxidationState, Site, Species};
/// // Metallic copper: no charges other than 0 make the cell neutral.
/// let cell = Lattice::from_parameters([3.6; 3], [90.0; 3])?;
/// let positions = [[0.0, 0.0, 0.0], [0.0, 0.5, 0.5], [0.5, 0.0, 0.5], [0.5, 0.5, 0.0]];
/// let copper = positions.map(|position| Site::new(Species::new("Cu".parse()?), position));
/// let metal = Crystal::new(cell, copper.into_iter().collect::<Result<_, _>>()?)?;
/// let labels = metal.labels("Cu".parse()?, BondRule::default())?;
/// assert_eq!(labels[0].oxidation_state, Err(NoOxidationState::NotNeutral));
/// # Ok::<(), adatom_crystal::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum NoOxidationState {
    /// No combination of probable charges is neutral.
    #[error("no probable charges make the cell neutral")]
    NotNeutral,
    /// An element of the crystal has no bond valence parameters.
    #[error("no {table} is tabulated for {species}")]
    NoParameter {
        /// The table.
        table: &'static str,
        /// The element.
        species: String,
    },
    /// The search is too large.
    #[error("too many {what}: {found}, at most {limit} are supported")]
    TooLarge {
        /// The quantity.
        what: &'static str,
        /// The largest supported number.
        limit: usize,
        /// The number of the crystal.
        found: usize,
    },
    /// Several species share the site.
    #[error("several species share the site")]
    MixedSite,
}

impl NoOxidationState {
    /// Converts an error of [`OxidationSearch::assign`]; other errors are returned.
    fn of(error: Error) -> Result<Self> {
        match error {
            Error::Unassigned => Ok(Self::NotNeutral),
            Error::NoParameter { table, species } => Ok(Self::NoParameter { table, species }),
            Error::TooLarge { what, limit, found } => Ok(Self::TooLarge { what, limit, found }),
            other => Err(other),
        }
    }
}

/// The labels of a site.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct SiteLabels {
    /// The index of the site in its crystal.
    pub site: usize,
    /// The element of its main species.
    pub element: Element,
    /// The number of bonded neighbours.
    pub coordination_number: usize,
    /// The mean distance of the bonded neighbours, Å; none if there are none.
    pub mean_bond_length: Option<f64>,
    /// The formal charge, or why it is unknown.
    pub oxidation_state: Result<i32, NoOxidationState>,
}

impl Crystal {
    /// The labels of all sites of an element, by index; empty if the crystal lacks it.
    ///
    /// `rule` decides on coordination numbers and bond lengths; oxidation states are those of
    /// [`OxidationSearch`] with its defaults.
    ///
    /// # Errors
    /// As [`EnvironmentFinder::new`] and [`EnvironmentFinder::of`]. A crystal whose oxidation states cannot
    /// be assigned is not an error; the labels contain the reason.
    ///
    /// ```
    /// use adatom_crystal::{BondRule, Crystal, Lattice, Site, Species};
    /// // Cuprite.
    /// let cell = Lattice::from_parameters([4.27; 3], [90.0; 3])?;
    /// let copper = [[0.25, 0.25, 0.25], [0.75, 0.75, 0.25], [0.75, 0.25, 0.75], [0.25, 0.75, 0.75]];
    /// let oxygen = [[0.0, 0.0, 0.0], [0.5, 0.5, 0.5]];
    /// let site = |symbol: &str, position| Site::new(Species::new(symbol.parse()?), position);
    /// let sites =
    ///     copper.map(|position| site("Cu", position)).into_iter().chain(oxygen.map(|position| site("O", position)));
    /// let cuprite = Crystal::new(cell, sites.collect::<Result<_, _>>()?)?;
    /// let labels = cuprite.labels("Cu".parse()?, BondRule::default())?;
    /// assert_eq!(
    ///     (labels.len(), labels[0].coordination_number, labels[0].oxidation_state.clone()),
    ///     (4, 2, Ok(1))
    /// );
    /// assert!(cuprite.labels("Fe".parse()?, BondRule::default())?.is_empty());
    /// # Ok::<(), adatom_crystal::Error>(())
    /// ```
    pub fn labels(&self, element: Element, rule: BondRule) -> Result<Vec<SiteLabels>> {
        let environments = EnvironmentFinder::new(self, rule)?.of_element(element)?;
        if environments.is_empty() {
            return Ok(Vec::new());
        }
        let states = match OxidationSearch::new().assign(self) {
            Ok(states) => Ok(states),
            Err(error) => Err(NoOxidationState::of(error)?),
        };
        let state = |site: usize| {
            let states = states.as_ref().map_err(Clone::clone)?;
            states.of_site(site).ok_or(NoOxidationState::MixedSite)
        };
        let label = |environment: &Environment| SiteLabels {
            site: environment.site(),
            element,
            coordination_number: environment.coordination_number(),
            mean_bond_length: environment.mean_bond_length(),
            oxidation_state: state(environment.site()),
        };
        Ok(environments.iter().map(label).collect())
    }
}
