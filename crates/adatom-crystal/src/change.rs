//! Modified crystals: charges, substitutions, supercells, strain.

use crate::site::wrapped;
use crate::{Crystal, Element, Error, Lattice, Result, Species};

/// Sites of the largest supercell.
const MOST_SITES: usize = 1_000_000;

impl Crystal {
    /// The same crystal with a formal charge for every species of the elements that are given; others keep
    /// theirs.
    ///
    /// ```
    /// # use adatom_crystal::{Crystal, Lattice, Site, Species};
    /// # let (cu, o) = ("Cu".parse()?, "O".parse()?);
    /// # let cell = Lattice::from_parameters([3.0, 3.0, 3.0], [90.0, 90.0, 90.0])?;
    /// # let sites = vec![Site::new(Species::new(cu), [0.0; 3])?, Site::new(Species::new(o), [0.5; 3])?];
    /// # let crystal = Crystal::new(cell, sites)?;
    /// let ionic = crystal.with_charges([(cu, 2.0), (o, -2.0)]);
    /// assert_eq!(ionic.sites()[0].main_species().to_string(), "Cu2+");
    /// # Ok::<(), adatom_crystal::Error>(())
    /// ```
    pub fn with_charges(&self, charges: impl IntoIterator<Item = (Element, f64)>) -> Self {
        let charges: Vec<_> = charges.into_iter().collect();
        let charged = |species: Species| {
            let charge = charges.iter().find(|(element, _)| *element == species.element());
            charge.map_or(species, |(_, charge)| species.with_charge(*charge))
        };
        let sites = self.sites().iter().map(|site| {
            let species = site.species().iter().map(|(species, occupancy)| (charged(*species), *occupancy));
            site.with_species(species.collect()).expect("occupancies stay as they are")
        });
        self.replace(self.lattice().clone(), sites.collect())
    }

    /// The same crystal with one element replaced by a mixture of species with these occupancies, which sum
    /// to at most 1; the remainder is vacant.
    ///
    /// ```
    /// # use adatom_crystal::{Crystal, Lattice, Site, Species};
    /// # let (cu, zn) = ("Cu".parse()?, "Zn".parse()?);
    /// # let cell = Lattice::from_parameters([3.0, 3.0, 3.0], [90.0, 90.0, 90.0])?;
    /// # let crystal = Crystal::new(cell, vec![Site::new(Species::new(cu), [0.0; 3])?])?;
    /// let brass = crystal.substituted(cu, &[(Species::new(cu), 0.75), (Species::new(zn), 0.25)])?;
    /// assert_eq!(brass.composition()[&zn], 0.25);
    /// assert!(crystal.substituted(cu, &[(Species::new(zn), 1.5)]).is_err());
    /// # Ok::<(), adatom_crystal::Error>(())
    /// ```
    ///
    /// # Errors
    /// Shares that are not positive or sum to more than 1, or an element that the crystal does not have.
    pub fn substituted(&self, element: Element, by: &[(Species, f64)]) -> Result<Self> {
        if !self.composition().contains_key(&element) {
            let (what, expected) = ("the element that is replaced", "one of the crystal".to_owned());
            return Err(Error::Argument { what, expected, found: element.to_string() });
        }
        let sites = self.sites().iter().map(|site| {
            let mut species: Vec<(Species, f64)> = Vec::new();
            let mut add = |new: Species, occupancy: f64| match species.iter_mut().find(|(old, _)| *old == new)
            {
                Some((_, sum)) => *sum += occupancy,
                None => species.push((new, occupancy)),
            };
            for &(old, occupancy) in site.species() {
                match old.element() == element {
                    true => by.iter().for_each(|(new, share)| add(*new, occupancy * share)),
                    false => add(old, occupancy),
                }
            }
            site.with_species(species)
        });
        Ok(self.replace(self.lattice().clone(), sites.collect::<Result<_>>()?))
    }

    /// A supercell with this number of cells along each cell vector. The images of a site are adjacent.
    ///
    /// ```
    /// # use adatom_crystal::{Crystal, Lattice, Site, Species};
    /// # let cell = Lattice::from_parameters([3.0, 3.0, 3.0], [90.0, 90.0, 90.0])?;
    /// # let crystal = Crystal::new(cell, vec![Site::new(Species::new("Po".parse()?), [0.0; 3])?])?;
    /// let larger = crystal.supercell([1, 2, 3])?;
    /// assert_eq!((larger.len(), larger.lattice().lengths()), (6, [3.0, 6.0, 9.0]));
    /// assert!(crystal.supercell([1, 0, 1]).is_err());
    /// # Ok::<(), adatom_crystal::Error>(())
    /// ```
    ///
    /// # Errors
    /// A repeat of 0, or more than a million sites.
    pub fn supercell(&self, repeats: [usize; 3]) -> Result<Self> {
        if repeats.contains(&0) {
            let (what, expected) = ("repeats of the cell", "at least 1".to_owned());
            return Err(Error::Argument { what, expected, found: format!("{repeats:?}") });
        }
        let found = repeats.iter().fold(self.len(), |sites, repeat| sites.saturating_mul(*repeat));
        if found > MOST_SITES {
            return Err(Error::TooLarge { what: "sites of a supercell", limit: MOST_SITES, found });
        }
        let vectors = self.lattice().vectors();
        let vectors: [[f64; 3]; 3] =
            std::array::from_fn(|i| vectors[i].map(|component| component * repeats[i] as f64));
        let mut sites = Vec::with_capacity(found);
        for site in self.sites() {
            let place = site.fractional();
            for cell in 0..repeats.iter().product::<usize>() {
                let steps =
                    [cell / (repeats[1] * repeats[2]), cell / repeats[2] % repeats[1], cell % repeats[2]];
                let moved = |axis: usize| (place[axis] + steps[axis] as f64) / repeats[axis] as f64;
                sites.push(site.at(std::array::from_fn(moved)));
            }
        }
        Ok(self.replace(Lattice::new(vectors)?, sites))
    }

    /// The same crystal with all fractional coordinates in [0, 1).
    ///
    /// ```
    /// # use adatom_crystal::{Crystal, Lattice, Site, Species};
    /// # let cell = Lattice::from_parameters([3.0, 3.0, 3.0], [90.0, 90.0, 90.0])?;
    /// let site = Site::new(Species::new("Po".parse()?), [-0.25, 1.0, 0.5])?;
    /// assert_eq!(Crystal::new(cell, vec![site])?.wrapped().sites()[0].fractional(), [0.75, 0.0, 0.5]);
    /// # Ok::<(), adatom_crystal::Error>(())
    /// ```
    pub fn wrapped(&self) -> Self {
        let sites = self.sites().iter().map(|site| site.at(site.fractional().map(wrapped)));
        self.replace(self.lattice().clone(), sites.collect())
    }

    /// The crystal after a homogeneous deformation: every position x (a column) becomes F x; fractional
    /// coordinates and displacement parameters stay as they are. F = 1 + ε for a small strain ε.
    ///
    /// ```
    /// # use adatom_crystal::{Crystal, Lattice, Site, Species};
    /// # let cell = Lattice::new([[3.0, 0.0, 0.0], [0.0, 3.0, 0.0], [0.0, 0.0, 3.0]])?;
    /// # let crystal = Crystal::new(cell, vec![Site::new(Species::new("Po".parse()?), [0.0; 3])?])?;
    /// let stretched = crystal.deformed([[1.02, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]])?;
    /// assert_eq!(stretched.lattice().lengths(), [3.06, 3.0, 3.0]);
    /// assert!(crystal.deformed([[0.0; 3]; 3]).is_err());
    /// # Ok::<(), adatom_crystal::Error>(())
    /// ```
    ///
    /// # Errors
    /// A deformation that leaves no volume.
    pub fn deformed(&self, gradient: [[f64; 3]; 3]) -> Result<Self> {
        let moved = |vector: [f64; 3]| gradient.map(|row| crate::lattice::dot(row, vector));
        let lattice = Lattice::new(self.lattice().vectors().map(moved))?;
        Ok(self.replace(lattice, self.sites().to_vec()))
    }
}
