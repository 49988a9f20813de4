//! A lattice and its sites.

use std::collections::BTreeMap;

use crate::formula;
use crate::{Displacement, Element, Error, Lattice, Result, Site};

/// A lattice and the sites of one cell.
///
/// ```
/// use adatom_crystal::{Crystal, Lattice, Site, Species};
/// let copper = Species::new("Cu".parse()?);
/// let cell = Lattice::from_parameters([3.6, 3.6, 3.6], [90.0, 90.0, 90.0])?;
/// let positions = [[0.0, 0.0, 0.0], [0.0, 0.5, 0.5], [0.5, 0.0, 0.5], [0.5, 0.5, 0.0]];
/// let sites = positions.into_iter().map(|position| Site::new(copper, position)).collect::<Result<_, _>>()?;
/// let crystal = Crystal::new(cell, sites)?;
/// assert_eq!((crystal.len(), crystal.formula().as_str()), (4, "Cu"));
/// # Ok::<(), adatom_crystal::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Crystal {
    lattice: Lattice,
    sites: Vec<Site>,
    name: Option<String>,
}

impl Crystal {
    /// A crystal of at least one site.
    ///
    /// # Errors
    /// No site.
    pub fn new(lattice: Lattice, sites: Vec<Site>) -> Result<Self> {
        if sites.is_empty() {
            return Err(Error::Structure {
                what: "crystal",
                expected: "of at least one site",
                found: "none".into(),
            });
        }
        Ok(Self { lattice, sites, name: None })
    }

    /// Sets the name.
    pub fn with_name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// The same crystal with one isotropic displacement parameter (Å²) for all sites.
    pub fn with_uiso(mut self, uiso: f64) -> Self {
        let sites = self.sites.into_iter();
        self.sites = sites.map(|site| site.with_displacement(Displacement::Isotropic(uiso))).collect();
        self
    }

    /// The same cell with other sites, for changes that keep at least one.
    pub(crate) fn replace(&self, lattice: Lattice, sites: Vec<Site>) -> Self {
        Self { lattice, sites, name: self.name.clone() }
    }

    /// The cell.
    pub fn lattice(&self) -> &Lattice {
        &self.lattice
    }

    /// The sites, at least one.
    pub fn sites(&self) -> &[Site] {
        &self.sites
    }

    /// The number of sites, at least 1.
    #[expect(clippy::len_without_is_empty, reason = "a crystal is never empty")]
    pub fn len(&self) -> usize {
        self.sites.len()
    }

    /// The name, if there is one.
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// Atoms of each element in the cell, weighted by occupancies.
    pub fn composition(&self) -> BTreeMap<Element, f64> {
        let mut composition = BTreeMap::new();
        for (species, occupancy) in self.sites.iter().flat_map(Site::species) {
            *composition.entry(species.element()).or_insert(0.0) += occupancy;
        }
        composition
    }

    /// The reduced formula as pymatgen writes it, such as `Cu2O` or `Cu3(PO4)2`: elements by
    /// electronegativity, the most positive first; amounts that are not whole are not reduced.
    pub fn formula(&self) -> String {
        formula::reduced(&self.composition())
    }

    /// Atoms per Å³, weighted by occupancies.
    pub fn number_density(&self) -> f64 {
        self.composition().values().sum::<f64>() / self.lattice.volume()
    }
}
