//! Reduced formulas as pymatgen writes them, so that its tables can be compared and split by formula.
//!
//! Elements by Pauling electronegativity, the most positive first, in the smallest whole numbers. The last
//! two of at least three elements that differ by less than 1.65 are taken for a poly-anion and put in
//! brackets where it is there several times: `Cu3(PO4)2`. Peroxides and diatomic gases keep their molecules.

use std::collections::BTreeMap;

use crate::Element;
use crate::elements::electronegativity;

/// Reduced formulas of which chemistry knows the molecule.
const MOLECULES: [(&str, &str); 11] = [
    ("LiO", "Li2O2"),
    ("NaO", "Na2O2"),
    ("KO", "K2O2"),
    ("HO", "H2O2"),
    ("CsO", "Cs2O2"),
    ("RbO", "Rb2O2"),
    ("O", "O2"),
    ("N", "N2"),
    ("F", "F2"),
    ("Cl", "Cl2"),
    ("H", "H2"),
];

/// Amounts closer than this to a whole number are whole.
const WHOLE: f64 = 1e-8;

/// Between the last two elements, at most so much for a poly-anion.
const POLY_ANION: f64 = 1.65;

/// The electronegativity by which elements are ordered; elements without one stand last.
fn order(element: Element) -> f64 {
    electronegativity(element).unwrap_or(f64::INFINITY)
}

/// The reduced formula of amounts; amounts that are not whole are not reduced.
pub(crate) fn reduced(composition: &BTreeMap<Element, f64>) -> String {
    let mut amounts: Vec<(Element, f64)> =
        composition.iter().map(|(element, amount)| (*element, *amount)).collect();
    amounts.sort_by(|(left, _), (right, _)| {
        let order = order(*left).total_cmp(&order(*right));
        order.then_with(|| left.symbol().cmp(right.symbol()))
    });
    let whole = amounts.iter().map(|(element, amount)| {
        let rounded = amount.round();
        // Beyond 2^53 every number is whole.
        ((amount - rounded).abs() < WHOLE && rounded < 9e15).then_some((*element, rounded as u64))
    });
    let Some(whole) = whole.collect::<Option<Vec<_>>>() else {
        return amounts.iter().map(|(element, amount)| format!("{element}{}", decimal(*amount))).collect();
    };
    let whole: Vec<_> = whole.into_iter().filter(|(_, amount)| *amount > 0).collect();
    let formula = of_integers(&whole).0;
    let molecule = MOLECULES.iter().find(|(reduced, _)| *reduced == formula);
    molecule.map_or(formula, |(_, molecule)| (*molecule).to_owned())
}

/// The formula of ordered amounts, and the factor that was taken out of them.
fn of_integers(amounts: &[(Element, u64)]) -> (String, u64) {
    let factor = amounts.iter().fold(0, |factor, (_, amount)| common_factor(factor, *amount)).max(1);
    let (mut single, mut anion) = (amounts, String::new());
    if let [first @ .., last_but_one, last] = amounts
        && !first.is_empty()
        && order(last.0) - order(last_but_one.0) < POLY_ANION
    {
        let pair = [*last_but_one, *last].map(|(element, amount)| (element, amount / factor));
        let (formula, times) = of_integers(&pair);
        if times != 1 {
            (single, anion) = (first, format!("({formula}){times}"));
        }
    }
    let count = |amount: u64| if amount == 1 { String::new() } else { amount.to_string() };
    let single = single.iter().map(|(element, amount)| format!("{element}{}", count(amount / factor)));
    (single.collect::<String>() + &anion, factor)
}

fn common_factor(left: u64, right: u64) -> u64 {
    if right == 0 { left } else { common_factor(right, left % right) }
}

/// At most eight decimals, without zeros at the end.
fn decimal(amount: f64) -> String {
    let text = format!("{amount:.8}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn formula(amounts: &[(&str, f64)]) -> String {
        reduced(&amounts.iter().map(|(symbol, amount)| (symbol.parse().unwrap(), *amount)).collect())
    }

    #[test]
    fn formulas_are_those_of_pymatgen() {
        assert_eq!(formula(&[("O", 2.0), ("Cu", 4.0)]), "Cu2O");
        assert_eq!(formula(&[("O", 8.0), ("Cu", 3.0), ("P", 2.0)]), "Cu3(PO4)2");
        assert_eq!(formula(&[("O", 4.0), ("Cu", 1.0), ("S", 1.0)]), "CuSO4");
        assert_eq!(formula(&[("O", 2.0), ("H", 2.0), ("Cu", 1.0)]), "Cu(HO)2");
        assert_eq!(formula(&[("O", 4.0), ("Na", 4.0)]), "Na2O2");
        assert_eq!(formula(&[("N", 4.0)]), "N2");
        assert_eq!(formula(&[("Cu", 0.5), ("Zn", 1.5), ("O", 2.0)]), "Zn1.5Cu0.5O2");
    }
}
