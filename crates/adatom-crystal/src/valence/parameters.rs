//! Bond valences from sizes and electronegativities of the elements.
//!
//! s = exp((R - d) / b) with R = r₁ + r₂ - r₁ r₂ (√c₁ - √c₂)² / (c₁ r₁ + c₂ r₂) of O'Keeffe and Brese, *J.
//! Am. Chem. Soc.* 113 (1991) 3226; r is a size (Å), c close to the electronegativity of Allred and Rochow. b
//! is 0.31 Å here, the value with which the statistics of `statistics.rs` were made.

use crate::elements::electronegativity;
use crate::{Element, Error, Result};

/// How fast bond valences fall with distance, Å.
const SOFTNESS: f64 = 0.31;

/// Symbol, r, c.
const SIZES: [(&str, f64, f64); 75] = [
    ("H", 0.38, 0.89),
    ("Li", 1.0, 0.97),
    ("Be", 0.81, 1.47),
    ("B", 0.79, 1.6),
    ("C", 0.78, 2.0),
    ("N", 0.72, 2.61),
    ("O", 0.63, 3.15),
    ("F", 0.58, 3.98),
    ("Na", 1.36, 1.01),
    ("Mg", 1.21, 1.23),
    ("Al", 1.13, 1.47),
    ("Si", 1.12, 1.58),
    ("P", 1.09, 1.96),
    ("S", 1.03, 2.35),
    ("Cl", 0.99, 2.74),
    ("K", 1.73, 0.91),
    ("Ca", 1.5, 1.04),
    ("Sc", 1.34, 1.2),
    ("Ti", 1.27, 1.32),
    ("V", 1.21, 1.45),
    ("Cr", 1.16, 1.56),
    ("Mn", 1.17, 1.6),
    ("Fe", 1.16, 1.64),
    ("Co", 1.09, 1.7),
    ("Ni", 1.04, 1.75),
    ("Cu", 0.87, 1.75),
    ("Zn", 1.07, 1.66),
    ("Ga", 1.14, 1.82),
    ("Ge", 1.21, 1.51),
    ("As", 1.21, 2.23),
    ("Se", 1.18, 2.51),
    ("Br", 1.13, 2.58),
    ("Rb", 1.84, 0.89),
    ("Sr", 1.66, 0.99),
    ("Y", 1.52, 1.11),
    ("Zr", 1.43, 1.22),
    ("Nb", 1.4, 1.23),
    ("Mo", 1.37, 1.3),
    ("Ru", 1.21, 1.42),
    ("Rh", 1.18, 1.54),
    ("Pd", 1.11, 1.35),
    ("Ag", 1.12, 1.42),
    ("Cd", 1.28, 1.46),
    ("In", 1.34, 1.49),
    ("Sn", 1.37, 1.72),
    ("Sb", 1.41, 1.72),
    ("Te", 1.4, 2.72),
    ("I", 1.33, 2.38),
    ("Cs", 2.05, 0.86),
    ("Ba", 1.88, 0.97),
    ("La", 1.71, 1.08),
    ("Ce", 1.68, 1.08),
    ("Pr", 1.66, 1.07),
    ("Nd", 1.64, 1.07),
    ("Sm", 1.61, 1.07),
    ("Eu", 1.62, 1.01),
    ("Gd", 1.58, 1.11),
    ("Tb", 1.56, 1.1),
    ("Dy", 1.54, 1.1),
    ("Ho", 1.53, 1.1),
    ("Er", 1.51, 1.11),
    ("Tm", 1.5, 1.11),
    ("Yb", 1.49, 1.06),
    ("Lu", 1.47, 1.14),
    ("Hf", 1.42, 1.23),
    ("Ta", 1.39, 1.33),
    ("W", 1.38, 1.4),
    ("Re", 1.37, 1.46),
    ("Ir", 1.37, 1.55),
    ("Hg", 1.32, 1.44),
    ("Tl", 1.62, 1.44),
    ("Pb", 1.53, 1.55),
    ("Bi", 1.54, 1.67),
    ("Th", 1.7, 1.11),
    ("U", 1.59, 1.22),
];

/// Elements that take part in bonds of given valence; a bond has at least one of them.
const ELECTRONEGATIVE: [&str; 16] =
    ["H", "B", "C", "Si", "N", "P", "As", "Sb", "O", "S", "Se", "Te", "F", "Cl", "Br", "I"];

/// What bond valences need to know of an element.
#[derive(Debug, Clone, Copy)]
pub(super) struct Size {
    element: Element,
    radius: f64,
    root: f64,
    square: f64,
    electronegativity: f64,
    electronegative: bool,
}

impl Size {
    /// # Errors
    /// The tables lack the element.
    pub(super) fn of(element: Element) -> Result<Self> {
        let missing = || Error::NoParameter { table: "bond valence parameter", species: element.to_string() };
        let size = SIZES.iter().find(|(symbol, ..)| *symbol == element.symbol()).ok_or_else(missing)?;
        let electronegativity = electronegativity(element).ok_or_else(missing)?;
        let electronegative = ELECTRONEGATIVE.contains(&element.symbol());
        let (radius, square) = (size.1, size.2);
        Ok(Self { element, radius, root: square.sqrt(), square, electronegativity, electronegative })
    }

    fn bond_length(&self, other: &Self) -> f64 {
        let product = self.radius * other.radius * (self.root - other.root).powi(2);
        self.radius + other.radius - product / (self.square * self.radius + other.square * other.radius)
    }

    /// The valence that a bond of a length (Å) gives to this element: positive where it is the less
    /// electronegative one, 0 between equal elements and between metals.
    pub(super) fn valence(&self, other: &Self, distance: f64) -> f64 {
        if self.element == other.element || !(self.electronegative || other.electronegative) {
            return 0.0;
        }
        let valence = ((self.bond_length(other) - distance) / SOFTNESS).exp();
        if self.electronegativity < other.electronegativity { valence } else { -valence }
    }
}

/// The length of a bond of valence 1 between two elements (Å), after O'Keeffe and Brese, *J. Am. Chem. Soc.*
/// 113 (1991) 3226.
///
/// # Errors
/// The table, of 75 elements, lacks one of them.
///
/// ```
/// use adatom_crystal::unit_bond_length;
/// let length = unit_bond_length("Cu".parse()?, "O".parse()?)?;
/// assert!((length - 1.468).abs() < 1e-3);
/// assert!(unit_bond_length("Cu".parse()?, "Xe".parse()?).is_err());
/// # Ok::<(), adatom_crystal::Error>(())
/// ```
pub fn unit_bond_length(left: Element, right: Element) -> Result<f64> {
    Ok(Size::of(left)?.bond_length(&Size::of(right)?))
}
