//! Sites and species.

use std::fmt;

use crate::{Element, Error, Result};

/// An element with its formal charge, if given.
///
/// ```
/// use adatom_crystal::Species;
/// assert_eq!(Species::new("Cu".parse()?).with_charge(2.0).to_string(), "Cu2+");
/// # Ok::<(), adatom_crystal::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Species {
    element: Element,
    charge: Option<f64>,
    deuterium: bool,
}

impl Species {
    /// An element whose charge is not known.
    pub fn new(element: Element) -> Self {
        Self { element, charge: None, deuterium: false }
    }

    /// Deuterium (`D` in files), whose neutron scattering length differs from that of hydrogen.
    ///
    /// ```
    /// use adatom_crystal::Species;
    /// let heavy = Species::deuterium();
    /// assert_eq!((heavy.element().symbol(), heavy.to_string().as_str()), ("H", "D"));
    /// assert!(heavy.is_deuterium() && heavy != Species::new(heavy.element()));
    /// ```
    pub fn deuterium() -> Self {
        let hydrogen = Element::from_atomic_number(1).expect("hydrogen is the first element");
        Self { deuterium: true, ..Self::new(hydrogen) }
    }

    /// Sets the formal charge.
    pub fn with_charge(mut self, charge: f64) -> Self {
        self.charge = Some(charge);
        self
    }

    /// The element.
    pub fn element(&self) -> Element {
        self.element
    }

    /// Whether it is hydrogen-2.
    pub fn is_deuterium(&self) -> bool {
        self.deuterium
    }

    /// The formal charge, where it is known.
    pub fn charge(&self) -> Option<f64> {
        self.charge
    }
}

impl fmt::Display for Species {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let symbol = if self.deuterium { "D" } else { self.element.symbol() };
        match self.charge {
            Some(charge) if charge != 0.0 => {
                let sign = if charge < 0.0 { '-' } else { '+' };
                write!(formatter, "{symbol}{}{sign}", charge.abs())
            }
            _ => formatter.pad(symbol),
        }
    }
}

/// Displacement parameters: mean squared displacements of an atom, Å².
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Displacement {
    /// Isotropic: U_iso.
    Isotropic(f64),
    /// The symmetric tensor U in Cartesian axes.
    Anisotropic([[f64; 3]; 3]),
}

/// A site of the unit cell: its species, fractional coordinates and displacement parameters.
#[derive(Debug, Clone, PartialEq)]
pub struct Site {
    species: Vec<(Species, f64)>,
    fractional: [f64; 3],
    displacement: Option<Displacement>,
    label: Option<String>,
}

impl Site {
    /// A site that is fully occupied by one species.
    ///
    /// # Errors
    /// A coordinate that is not finite.
    pub fn new(species: Species, fractional: [f64; 3]) -> Result<Self> {
        Self::mixed(vec![(species, 1.0)], fractional)
    }

    /// A site that several species share; the occupancies are positive and sum to at most 1 (within 1e-3).
    ///
    /// # Errors
    /// A coordinate that is not finite, no species, or occupancies outside their range.
    pub fn mixed(species: Vec<(Species, f64)>, fractional: [f64; 3]) -> Result<Self> {
        if !fractional.iter().all(|coordinate| coordinate.is_finite()) {
            let found = format!("{fractional:?}");
            return Err(Error::Structure { what: "fractional coordinates", expected: "finite", found });
        }
        let total: f64 = species.iter().map(|(_, occupancy)| occupancy).sum();
        let positive = species.iter().all(|(_, occupancy)| *occupancy > 0.0);
        if species.is_empty() || !positive || total > 1.001 {
            let found = format!("{:?}", species.iter().map(|(_, occupancy)| occupancy).collect::<Vec<_>>());
            let expected = "positive, with a sum of at most 1";
            return Err(Error::Structure { what: "occupancies", expected, found });
        }
        Ok(Self { species, fractional, displacement: None, label: None })
    }

    /// Sets the displacement parameters.
    pub fn with_displacement(mut self, displacement: Displacement) -> Self {
        self.displacement = Some(displacement);
        self
    }

    /// Sets the label.
    pub fn with_label(mut self, label: impl Into<String>) -> Self {
        self.label = Some(label.into());
        self
    }

    /// The same site with other species and the rest as it is.
    pub(crate) fn with_species(&self, species: Vec<(Species, f64)>) -> Result<Self> {
        let checked = Self::mixed(species, self.fractional)?;
        Ok(Self { displacement: self.displacement, label: self.label.clone(), ..checked })
    }

    /// The same site elsewhere.
    pub(crate) fn at(&self, fractional: [f64; 3]) -> Self {
        Self { fractional, ..self.clone() }
    }

    /// The species with their occupancies, at least one.
    pub fn species(&self) -> &[(Species, f64)] {
        &self.species
    }

    /// The species with the largest occupancy.
    pub fn main_species(&self) -> Species {
        let largest = self.species.iter().max_by(|left, right| left.1.total_cmp(&right.1));
        largest.expect("a site has at least one species").0
    }

    /// Fractional coordinates, as given.
    pub fn fractional(&self) -> [f64; 3] {
        self.fractional
    }

    /// Displacement parameters, where they are known.
    pub fn displacement(&self) -> Option<Displacement> {
        self.displacement
    }

    /// The label in the file.
    pub fn label(&self) -> Option<&str> {
        self.label.as_deref()
    }
}

/// A fractional coordinate in [0, 1).
pub(crate) fn wrapped(coordinate: f64) -> f64 {
    let wrapped = coordinate - coordinate.floor();
    // What is a little less than 0 is rounded up to 1.
    if wrapped >= 1.0 { 0.0 } else { wrapped }
}
