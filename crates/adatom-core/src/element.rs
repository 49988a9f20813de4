//! The chemical elements, by atomic number.

use std::fmt;
use std::str::FromStr;

use crate::{Error, Result};

const SYMBOLS: [&str; 118] = [
    "H", "He", "Li", "Be", "B", "C", "N", "O", "F", "Ne", "Na", "Mg", "Al", "Si", "P", "S", "Cl", "Ar", "K",
    "Ca", "Sc", "Ti", "V", "Cr", "Mn", "Fe", "Co", "Ni", "Cu", "Zn", "Ga", "Ge", "As", "Se", "Br", "Kr",
    "Rb", "Sr", "Y", "Zr", "Nb", "Mo", "Tc", "Ru", "Rh", "Pd", "Ag", "Cd", "In", "Sn", "Sb", "Te", "I", "Xe",
    "Cs", "Ba", "La", "Ce", "Pr", "Nd", "Pm", "Sm", "Eu", "Gd", "Tb", "Dy", "Ho", "Er", "Tm", "Yb", "Lu",
    "Hf", "Ta", "W", "Re", "Os", "Ir", "Pt", "Au", "Hg", "Tl", "Pb", "Bi", "Po", "At", "Rn", "Fr", "Ra",
    "Ac", "Th", "Pa", "U", "Np", "Pu", "Am", "Cm", "Bk", "Cf", "Es", "Fm", "Md", "No", "Lr", "Rf", "Db",
    "Sg", "Bh", "Hs", "Mt", "Ds", "Rg", "Cn", "Nh", "Fl", "Mc", "Lv", "Ts", "Og",
];

/// A chemical element; ordered by atomic number.
///
/// ```
/// use adatom_core::Element;
/// let copper: Element = "cu".parse()?;
/// assert_eq!((copper.symbol(), copper.atomic_number()), ("Cu", 29));
/// assert!("Xx".parse::<Element>().is_err());
/// # Ok::<(), adatom_core::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Element(u8);

impl Element {
    /// The element with an atomic number from 1 to 118.
    pub fn from_atomic_number(number: u8) -> Option<Self> {
        (1..=118).contains(&number).then_some(Self(number))
    }

    /// Its symbol, such as `Cu`.
    pub fn symbol(self) -> &'static str {
        SYMBOLS[usize::from(self.0) - 1]
    }

    /// Its atomic number, from 1.
    pub fn atomic_number(self) -> u8 {
        self.0
    }
}

impl fmt::Display for Element {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.symbol())
    }
}

impl FromStr for Element {
    type Err = Error;

    /// Reads a symbol in any case.
    fn from_str(text: &str) -> Result<Self> {
        let text = text.trim();
        let at = SYMBOLS.iter().position(|symbol| symbol.eq_ignore_ascii_case(text));
        at.map(|at| Self(at as u8 + 1))
            .ok_or_else(|| Error::UnknownElement { found: text.chars().take(20).collect() })
    }
}
