//! X-ray scattering factors f0(Q) = c + Σ aᵢ exp(-bᵢ s²) with s = Q / 4π, in electrons, for 0 ≤ s ≤ 6 1/Å.
//!
//! Coefficients: D. Waasmaier, A. Kirfel, Acta Cryst. A 51 (1995) 416; one element or ion per line of
//! `waasmaier_kirfel.txt`: name, c, five a, five b.

use std::collections::HashMap;
use std::f64::consts::PI;
use std::sync::LazyLock;

use crate::{Error, Result, Species};

static TABLE: LazyLock<HashMap<&'static str, XRayFactor>> = LazyLock::new(|| {
    include_str!("waasmaier_kirfel.txt")
        .lines()
        .map(|line| {
            let mut words = line.split_whitespace();
            let name = words.next().expect("every line has a name");
            let mut number = || words.next().and_then(|word| word.parse().ok()).expect("and eleven numbers");
            let (c, a, b) = (number(), std::array::from_fn(|_| number()), std::array::from_fn(|_| number()));
            (name, XRayFactor { c, a, b })
        })
        .collect()
});

/// The X-ray scattering factor of an element or ion: five Gaussians and a constant.
///
/// ```
/// use adatom_crystal::{Species, XRayFactor};
/// let oxygen = XRayFactor::of(Species::new("O".parse()?))?;
/// assert!((oxygen.at_zero() - 7.999706).abs() < 1e-9);
/// assert!(oxygen.at(5.0) < 5.0);
/// assert!(XRayFactor::of(Species::new("Og".parse()?)).is_err());
/// # Ok::<(), adatom_crystal::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct XRayFactor {
    c: f64,
    a: [f64; 5],
    b: [f64; 5],
}

impl XRayFactor {
    /// The factor of a species; a charge names its ion, such as Cu2+ or O1-.
    ///
    /// # Errors
    /// The table does not have the element or ion.
    pub fn of(species: Species) -> Result<Self> {
        let name = match species.charge() {
            Some(charge) if charge != 0.0 => {
                format!("{}{}{}", species.element(), charge.abs(), if charge < 0.0 { '-' } else { '+' })
            }
            _ => species.element().symbol().to_owned(),
        };
        let missing =
            || Error::NoParameter { table: "X-ray scattering factor", species: species.to_string() };
        TABLE.get(name.as_str()).copied().ok_or_else(missing)
    }

    /// At a momentum transfer Q = 4π sin θ / λ in 1/Å, in electrons.
    pub fn at(&self, q: f64) -> f64 {
        let s2 = (q / (4.0 * PI)).powi(2);
        self.c + self.a.iter().zip(&self.b).map(|(a, b)| a * (-b * s2).exp()).sum::<f64>()
    }

    /// At Q = 0: nearly, not exactly, the number of electrons.
    pub fn at_zero(&self) -> f64 {
        self.a.iter().sum::<f64>() + self.c
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Element;

    #[test]
    fn every_line_is_an_ion_with_its_electrons() {
        assert_eq!(TABLE.len(), 209);
        for (name, factor) in TABLE.iter() {
            let letters = name.trim_end_matches(|letter: char| !letter.is_ascii_alphabetic());
            let element: Element = letters.parse().unwrap();
            let charge = match name[letters.len()..].split_at(name.len().saturating_sub(letters.len() + 1)) {
                ("", _) => 0.0,
                (digits, "-") => -digits.parse::<f64>().unwrap(),
                (digits, _) => digits.parse().unwrap(),
            };
            let electrons = f64::from(element.atomic_number()) - charge;
            // The fits are good to some hundredths of an electron.
            assert!((factor.at_zero() - electrons).abs() < 0.07, "{name} {}", factor.at_zero());
            assert!((factor.at(0.0) - factor.at_zero()).abs() < 1e-12);
        }
    }

    #[test]
    fn ions_as_given() {
        let factor = |symbol: &str, charge| {
            let species = Species::new(symbol.parse().unwrap()).with_charge(charge);
            XRayFactor::of(species).map(|factor| factor.at_zero())
        };
        assert!((factor("Cu", 2.0).unwrap() - 26.999873).abs() < 1e-9);
        assert!((factor("O", -2.0).unwrap() - 9.998401).abs() < 1e-9);
        assert!((factor("Cu", 0.0).unwrap() - 28.992065).abs() < 1e-9);
        for charge in [3.0, 0.5, f64::NAN, -1.0] {
            assert!(matches!(factor("Cu", charge), Err(Error::NoParameter { .. })), "{charge}");
        }
    }
}
