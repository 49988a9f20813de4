//! What a pair sum needs to know of the atoms: how they scatter, how they move, which group they belong to.

use super::settings::Settings;
use crate::lattice::dot;
use crate::{Crystal, Displacement, Element, Error, Result, Site};

/// The atoms of a cell; a site that several species share counts as that many atoms at one position.
#[derive(Debug, Clone)]
pub(super) struct Atoms {
    pub(super) sites: Vec<Atom>,
    /// The elements in the order in which the sites have them.
    pub(super) elements: Vec<Part>,
    /// N: occupancies summed.
    pub(super) count: f64,
    /// ⟨f⟩.
    pub(super) mean_factor: f64,
    /// ρ0, 1/Å³.
    pub(super) density: f64,
}

#[derive(Debug, Clone)]
pub(super) struct Atom {
    pub(super) shares: Vec<Share>,
    pub(super) displacement: Displacement,
}

/// What an element has at a site.
#[derive(Debug, Clone, Copy)]
pub(super) struct Share {
    /// Index of the element.
    pub(super) element: usize,
    pub(super) occupancy: f64,
    /// Times the occupancy.
    pub(super) factor: f64,
}

/// What an element has in the cell.
#[derive(Debug, Clone, Copy)]
pub(super) struct Part {
    pub(super) element: Element,
    pub(super) count: f64,
    /// Summed over the atoms.
    pub(super) factor: f64,
}

impl Atoms {
    pub(super) fn of(settings: &Settings, crystal: &Crystal) -> Result<Self> {
        let mut elements: Vec<Part> = Vec::new();
        let mut sites = Vec::with_capacity(crystal.len());
        for (index, site) in crystal.sites().iter().enumerate() {
            let displacement = displacement(settings, index, site)?;
            let mut shares: Vec<Share> = Vec::with_capacity(site.species().len());
            for &(species, occupancy) in site.species() {
                let factor = occupancy * settings.radiation.factor(species, settings.charges)?;
                let element = species.element();
                let at = elements.iter().position(|part| part.element == element).unwrap_or_else(|| {
                    elements.push(Part { element, count: 0.0, factor: 0.0 });
                    elements.len() - 1
                });
                elements[at].count += occupancy;
                elements[at].factor += factor;
                shares.push(Share { element: at, occupancy, factor });
            }
            sites.push(Atom { shares, displacement });
        }
        let count: f64 = elements.iter().map(|part| part.count).sum();
        let mean_factor = elements.iter().map(|part| part.factor).sum::<f64>() / count;
        if mean_factor.abs() < 1e-9 {
            let (what, expected) = ("the mean scattering factor", "different from 0");
            return Err(Error::Structure { what, expected, found: mean_factor.to_string() });
        }
        Ok(Self { sites, elements, count, mean_factor, density: count / crystal.lattice().volume() })
    }

    /// The largest component U_ii along the Cartesian axes.
    pub(super) fn largest_u(&self) -> f64 {
        let largest = |atom: &Atom| match atom.displacement {
            Displacement::Isotropic(u) => u,
            Displacement::Anisotropic(u) => u[0][0].max(u[1][1]).max(u[2][2]),
        };
        self.sites.iter().map(largest).fold(0.0, f64::max)
    }

    /// Which of the elements it is.
    pub(super) fn find(&self, element: Element) -> Result<usize> {
        self.elements.iter().position(|part| part.element == element).ok_or_else(|| {
            let names: Vec<_> = self.elements.iter().map(|part| part.element.symbol()).collect();
            let expected = format!("one of the crystal's, {}", names.join(", "));
            Error::Argument { what: "element", expected, found: element.to_string() }
        })
    }

    /// The same atoms with factors relative to the mean of their element, so that elements count alike.
    pub(super) fn relative(&self) -> Self {
        let mut atoms = self.clone();
        for share in atoms.sites.iter_mut().flat_map(|atom| &mut atom.shares) {
            let Part { count, factor, .. } = self.elements[share.element];
            share.factor = if factor == 0.0 { share.occupancy } else { share.factor * count / factor };
        }
        atoms.elements.iter_mut().for_each(|part| part.factor = part.count);
        atoms.mean_factor = 1.0;
        atoms
    }

    /// The same atoms with what an element has at one site as an element of its own, the last.
    pub(super) fn apart(&self, site: usize, element: usize) -> Self {
        let mut atoms = self.clone();
        let alone = atoms.elements.len();
        let mut part = Part { count: 0.0, factor: 0.0, ..self.elements[element] };
        for share in atoms.sites[site].shares.iter_mut().filter(|share| share.element == element) {
            part.count += share.occupancy;
            part.factor += share.factor;
            share.element = alone;
        }
        atoms.elements[element].count -= part.count;
        atoms.elements[element].factor -= part.factor;
        atoms.elements.push(part);
        atoms
    }

    /// The number fraction of an element.
    pub(super) fn fraction(&self, element: usize) -> f64 {
        self.elements[element].count / self.count
    }

    /// The fraction of the mean factor that comes from an element.
    pub(super) fn scattering_fraction(&self, element: usize) -> f64 {
        self.elements[element].factor / (self.count * self.mean_factor)
    }
}

/// The mean squared displacement along a bond, Å².
pub(super) fn along(displacement: &Displacement, bond: [f64; 3], squared: f64) -> f64 {
    match displacement {
        Displacement::Isotropic(u) => *u,
        Displacement::Anisotropic(u) => dot(bond, u.map(|row| dot(row, bond))) / squared,
    }
}

fn displacement(settings: &Settings, index: usize, site: &Site) -> Result<Displacement> {
    if let Some(u) = settings.uniform_uiso {
        return Ok(Displacement::Isotropic(u));
    }
    let given = site.displacement().or(settings.default_uiso.map(Displacement::Isotropic));
    let name =
        || format!("site {index} ({})", site.label().unwrap_or(site.main_species().element().symbol()));
    let wrong = |expected, found| {
        let found = format!("{found} at {}", name());
        Err(Error::Structure { what: "the displacement parameter", expected, found })
    };
    match given {
        None => wrong("known or given by default_uiso", "none".to_owned()),
        Some(Displacement::Isotropic(u)) if !(u.is_finite() && u >= 0.0) => {
            wrong("0 or a positive number", u.to_string())
        }
        Some(Displacement::Anisotropic(u)) if !positive(u) => {
            wrong("a symmetric tensor without negative eigenvalues", format!("{u:?}"))
        }
        Some(displacement) => Ok(displacement),
    }
}

/// Whether a tensor is symmetric and no principal minor is negative, within rounding of what files state.
fn positive(u: [[f64; 3]; 3]) -> bool {
    let size = u[0][0].abs().max(u[1][1].abs()).max(u[2][2].abs());
    let minor = |i: usize, j: usize| u[i][i] * u[j][j] - u[i][j] * u[j][i];
    let pairs = [(0, 1), (0, 2), (1, 2)];
    size.is_finite()
        && (0..3).all(|i| u[i][i] >= 0.0)
        && pairs.iter().all(|&(i, j)| (u[i][j] - u[j][i]).abs() <= 1e-9 * size)
        && pairs.iter().all(|&(i, j)| minor(i, j) >= -1e-9 * size * size)
        && dot(u[0], crate::lattice::cross(u[1], u[2])) >= -1e-9 * size.powi(3)
}
