//! Covalent radii and electronegativities of the elements, by atomic number.
//!
//! Covalent radii: Cordero et al., *Dalton Trans.* 2008, 2832; where the paper distinguishes, carbon is sp2,
//! and manganese, iron and cobalt are the mean of low and high spin. Electronegativities: Pauling's scale;
//! both as pymatgen (MIT licence) has them.

use crate::Element;

/// Å, hydrogen to curium.
const COVALENT_RADII: [f64; 96] = [
    0.31, 0.28, 1.28, 0.96, 0.84, 0.73, 0.71, 0.66, 0.57, 0.58, 1.66, 1.41, 1.21, 1.11, 1.07, 1.05, 1.02,
    1.06, 2.03, 1.76, 1.7, 1.6, 1.53, 1.39, 1.5, 1.42, 1.38, 1.24, 1.32, 1.22, 1.22, 1.2, 1.19, 1.2, 1.2,
    1.16, 2.2, 1.95, 1.9, 1.75, 1.64, 1.54, 1.47, 1.46, 1.42, 1.39, 1.45, 1.44, 1.42, 1.39, 1.39, 1.38, 1.39,
    1.4, 2.44, 2.15, 2.07, 2.04, 2.03, 2.01, 1.99, 1.98, 1.98, 1.96, 1.94, 1.92, 1.92, 1.89, 1.9, 1.87, 1.87,
    1.75, 1.7, 1.62, 1.51, 1.44, 1.41, 1.36, 1.36, 1.32, 1.45, 1.46, 1.48, 1.4, 1.5, 1.5, 2.6, 2.21, 2.15,
    2.06, 2.0, 1.96, 1.9, 1.87, 1.8, 1.69,
];

/// Hydrogen to lawrencium; not a number where there is none.
const ELECTRONEGATIVITIES: [f64; 103] = [
    2.2, NAN, 0.98, 1.57, 2.04, 2.55, 3.04, 3.44, 3.98, NAN, 0.93, 1.31, 1.61, 1.9, 2.19, 2.58, 3.16, NAN,
    0.82, 1.0, 1.36, 1.54, 1.63, 1.66, 1.55, 1.83, 1.88, 1.91, 1.9, 1.65, 1.81, 2.01, 2.18, 2.55, 2.96, 3.0,
    0.82, 0.95, 1.22, 1.33, 1.6, 2.16, 1.9, 2.2, 2.28, 2.2, 1.93, 1.69, 1.78, 1.96, 2.05, 2.1, 2.66, 2.6,
    0.79, 0.89, 1.1, 1.12, 1.13, 1.14, 1.13, 1.17, 1.2, 1.2, 1.1, 1.22, 1.23, 1.24, 1.25, 1.1, 1.27, 1.3,
    1.5, 2.36, 1.9, 2.2, 2.2, 2.28, 2.54, 2.0, 1.62, 2.33, 2.02, 2.0, 2.2, 2.2, 0.7, 0.9, 1.1, 1.3, 1.5,
    1.38, 1.36, 1.28, 1.3, 1.3, 1.3, 1.3, 1.3, 1.3, 1.3, 1.3, 1.3,
];

const NAN: f64 = f64::NAN;

/// The covalent radius of an element (Å): Cordero et al., *Dalton Trans.* 2008, 2832; none beyond curium.
///
/// ```
/// use adatom_crystal::{Element, covalent_radius};
/// assert_eq!(covalent_radius("Cu".parse()?), Some(1.32));
/// assert_eq!(covalent_radius("Og".parse()?), None);
/// # Ok::<(), adatom_crystal::Error>(())
/// ```
pub fn covalent_radius(element: Element) -> Option<f64> {
    COVALENT_RADII.get(usize::from(element.atomic_number()) - 1).copied()
}

/// The electronegativity of an element on Pauling's scale; none for helium, neon, argon and beyond
/// lawrencium.
///
/// ```
/// use adatom_crystal::electronegativity;
/// assert_eq!(electronegativity("O".parse()?), Some(3.44));
/// assert_eq!(electronegativity("Ar".parse()?), None);
/// # Ok::<(), adatom_crystal::Error>(())
/// ```
pub fn electronegativity(element: Element) -> Option<f64> {
    let value = ELECTRONEGATIVITIES.get(usize::from(element.atomic_number()) - 1).copied();
    value.filter(|value| !value.is_nan())
}
