//! Labels of the local structure of all sites of an element: coordination number, bond length, oxidation
//! state.

use crate::{BondRule, Crystal, Element, Environment, EnvironmentFinder, Error, OxidationSearch, Result};

/// Why the oxidation state of a site is not known.
///
/// ```
/// use adatom_crystal::{BondRule, Crystal, Lattice, NoOxidationState, Site, Species};
/// // Copper alone: no charge but 0 makes the cell neutral.
/// let cell = Lattice::from_parameters([3.6; 3], [90.0; 3])?;
/// let places = [[0.0, 0.0, 0.0], [0.0, 0.5, 0.5], [0.5, 0.0, 0.5], [0.5, 0.5, 0.0]];
/// let copper = places.map(|place| Site::new(Species::new("Cu".parse()?), place));
/// let metal = Crystal::new(cell, copper.into_iter().collect::<Result<_, _>>()?)?;
/// let labels = metal.labels("Cu".parse()?, BondRule::default())?;
/// assert_eq!(labels[0].oxidation_state, Err(NoOxidationState::NotNeutral));
/// # Ok::<(), adatom_crystal::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum NoOxidationState {
    /// No choice of likely charges is neutral.
    #[error("no likely charges make the cell neutral")]
    NotNeutral,
    /// An element of the crystal has no bond valence parameters.
    #[error("there is no {table} of {species}")]
    NoParameter {
        /// Which table.
        table: &'static str,
        /// The element.
        species: String,
    },
    /// The search is too large.
    #[error("{what}: {found} is more than the limit of {limit}")]
    TooLarge {
        /// What is too large.
        what: &'static str,
        /// The limit.
        limit: usize,
        /// What the crystal needs.
        found: usize,
    },
    /// Several species share the site.
    #[error("several species share the site")]
    MixedSite,
}

impl NoOxidationState {
    /// The reason that an error of [`OxidationSearch::assign`] is; other errors are returned.
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
    /// Its main species' element.
    pub element: Element,
    /// How many neighbours are bonded to it.
    pub coordination_number: usize,
    /// The mean distance of the bonded neighbours, Å; none where there are none.
    pub mean_bond_length: Option<f64>,
    /// Its formal charge, or why it is not known.
    pub oxidation_state: Result<i32, NoOxidationState>,
}

impl Crystal {
    /// The labels of all sites of an element, by index; none where the crystal lacks it.
    ///
    /// `rule` decides on coordination numbers and bond lengths; oxidation states are those of
    /// [`OxidationSearch`] with its defaults.
    ///
    /// # Errors
    /// As [`EnvironmentFinder::new`] and [`EnvironmentFinder::of`]. A crystal whose oxidation states cannot
    /// be assigned is no error; its labels have the reason.
    ///
    /// ```
    /// use adatom_crystal::{BondRule, Crystal, Lattice, Site, Species};
    /// // Cuprite.
    /// let cell = Lattice::from_parameters([4.27; 3], [90.0; 3])?;
    /// let copper = [[0.25, 0.25, 0.25], [0.75, 0.75, 0.25], [0.75, 0.25, 0.75], [0.25, 0.75, 0.75]];
    /// let oxygen = [[0.0, 0.0, 0.0], [0.5, 0.5, 0.5]];
    /// let site = |symbol: &str, place| Site::new(Species::new(symbol.parse()?), place);
    /// let sites =
    ///     copper.map(|place| site("Cu", place)).into_iter().chain(oxygen.map(|place| site("O", place)));
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
