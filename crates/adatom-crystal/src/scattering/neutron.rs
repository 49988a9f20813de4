//! Bound coherent neutron scattering lengths b of the elements with natural isotopes, fm (real parts).
//!
//! H. Rauch, W. Waschkowski, Neutron Scattering Lengths, in: A.-J. Dianoux, G. Lander (eds.), Neutron Data
//! Booklet, 2nd ed. (2003); one element per line of `neutron_lengths.txt`.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::{Element, Error, Result};

static TABLE: LazyLock<HashMap<&'static str, f64>> = LazyLock::new(|| {
    let lines = include_str!("neutron_lengths.txt").lines();
    lines
        .map(|line| {
            let (symbol, length) = line.split_once(' ').expect("a symbol and a length a line");
            (symbol, length.parse().expect("lengths are numbers"))
        })
        .collect()
});

/// That of ²H, which crystals hold instead of natural hydrogen (-3.739 fm).
pub(super) const DEUTERIUM: f64 = 6.671;

/// The bound coherent scattering length of a natural element for thermal neutrons, fm; negative for some.
///
/// # Errors
/// No length is tabulated: radioactive elements, mostly.
///
/// ```
/// assert_eq!(adatom_crystal::neutron_scattering_length("Ti".parse()?)?, -3.37);
/// assert!(adatom_crystal::neutron_scattering_length("Po".parse()?).is_err());
/// # Ok::<(), adatom_crystal::Error>(())
/// ```
pub fn neutron_scattering_length(element: Element) -> Result<f64> {
    let missing = || Error::NoParameter { table: "neutron scattering length", species: element.to_string() };
    TABLE.get(element.symbol()).copied().ok_or_else(missing)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_an_element() {
        assert_eq!(TABLE.len(), 91);
        assert!(
            TABLE.iter().all(|(symbol, length)| symbol.parse::<Element>().unwrap().symbol() == *symbol
                && length.abs() < 20.0)
        );
    }
}
