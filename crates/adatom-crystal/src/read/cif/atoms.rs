//! The atoms of the asymmetric unit, one per row of the loop of atom sites.
//!
//! What an atom is comes from its type symbol, else from its label. Dummy atoms (`_atom_site_calc_flag dum`)
//! and rows without occupancy or coordinates are left out; a symbol that is no element is refused.

use std::collections::{HashMap, HashSet};

use super::FRACTIONAL;
use super::block::{Block, measured};
use super::displacement;
use super::lex::Value;
use crate::number::number;
use crate::read::source::quoted;
use crate::read::symbol;
use crate::{Element, Lattice, Result, Species};

/// An atom of the asymmetric unit.
pub(super) struct Atom {
    pub(super) species: Species,
    pub(super) position: [f64; 3],
    pub(super) occupancy: f64,
    pub(super) displacement: Option<displacement::Parameters>,
    pub(super) label: Option<String>,
    pub(super) line: usize,
}

/// How many standard uncertainties a refined occupancy may be above 1 and still mean 1.
const UNCERTAINTIES_ABOVE_ONE: f64 = 3.0;

pub(super) fn atoms(block: &Block<'_>, lattice: &Lattice) -> Result<Vec<Atom>> {
    let rows = Rows::new(block)?;
    let known = Known::new(block)?;
    let displacements = displacement::Table::new(block, lattice)?;
    let mut atoms = Vec::with_capacity(rows.len());
    for row in 0..rows.len() {
        let Some(position) = rows.position(row)? else { continue };
        let occupancy = rows.occupancy(row)?;
        let dummy =
            rows.text("_atom_site_calc_flag", row).is_some_and(|flag| flag.eq_ignore_ascii_case("dum"));
        if occupancy == 0.0 || dummy {
            continue;
        }
        let label = rows.text("_atom_site_label", row);
        let species = match (rows.text("_atom_site_type_symbol", row), label) {
            (Some(text), _) => known.species(text),
            (None, Some(label)) => known.of_label(label),
            (None, None) => None,
        };
        let line = rows.line(row);
        let species = species.ok_or_else(|| {
            let found = rows.text("_atom_site_type_symbol", row).or(label).unwrap_or("?");
            block.source.malformed(line, "a chemical element as the type or label of an atom", quoted(found))
        })?;
        let displacement = displacements.of(label, row)?;
        atoms.push(Atom {
            species,
            position,
            occupancy,
            displacement,
            label: label.map(str::to_owned),
            line,
        });
    }
    match atoms.is_empty() {
        true => Err(block.source.malformed(rows.line(0), "at least one atom with coordinates", "none")),
        false => Ok(atoms),
    }
}

/// The loop of atom sites.
struct Rows<'a, 'b> {
    block: &'b Block<'a>,
    positions: [&'b [Value<'a>]; 3],
}

impl<'a, 'b> Rows<'a, 'b> {
    fn new(block: &'b Block<'a>) -> Result<Self> {
        let mut positions = [&[] as &[_]; 3];
        for (position, tag) in positions.iter_mut().zip(FRACTIONAL) {
            let missing = || block.source.malformed(block.line, tag, "no such values in this data block");
            *position = block.column(tag).ok_or_else(missing)?;
        }
        let rows = Self { block, positions };
        for tag in FRACTIONAL.into_iter().chain([
            "_atom_site_label",
            "_atom_site_type_symbol",
            "_atom_site_occupancy",
        ]) {
            let Some(column) = block.column(tag) else { continue };
            if column.len() != rows.len() {
                let (expected, found) = (format!("{} values of {tag}", rows.len()), column.len().to_string());
                return Err(block.source.malformed(column.first().map(|value| value.line), expected, found));
            }
        }
        Ok(rows)
    }

    fn len(&self) -> usize {
        self.positions[0].len()
    }

    fn line(&self, row: usize) -> usize {
        self.positions[0].get(row).map_or(self.block.line, |value| value.line)
    }

    fn text(&self, tag: &str, row: usize) -> Option<&'a str> {
        self.block.column(tag)?.get(row)?.text.map(str::trim).filter(|text| !text.is_empty())
    }

    /// Coordinates of a row; `None` if none is known.
    fn position(&self, row: usize) -> Result<Option<[f64; 3]>> {
        let mut position = [0.0; 3];
        if self.positions.iter().all(|column| column[row].text.is_none()) {
            return Ok(None);
        }
        for ((coordinate, column), tag) in position.iter_mut().zip(self.positions).zip(FRACTIONAL) {
            let Value { text, line } = column[row];
            let text = text.unwrap_or("?");
            *coordinate =
                measured(text.trim()).ok_or_else(|| self.block.not_a_number(tag, line, text))?.value;
        }
        Ok(Some(position))
    }

    fn occupancy(&self, row: usize) -> Result<f64> {
        const TAG: &str = "_atom_site_occupancy";
        let Some(text) = self.text(TAG, row) else { return Ok(1.0) };
        let line = self.line(row);
        let occupancy = measured(text).ok_or_else(|| self.block.not_a_number(TAG, line, text))?;
        let most = 1.0 + UNCERTAINTIES_ABOVE_ONE * occupancy.uncertainty;
        if !(0.0..=most.max(1.001)).contains(&occupancy.value) {
            return Err(self.block.source.malformed(line, "an occupancy from 0 to 1", quoted(text)));
        }
        Ok(occupancy.value.min(1.0))
    }
}

/// What the block says of its elements outside of the loop of atom sites.
struct Known {
    charges: HashMap<String, f64>,
    /// Elements of the chemical formula; empty where there is none.
    formula: HashSet<Element>,
}

impl Known {
    fn new(block: &Block<'_>) -> Result<Self> {
        let column = |tag: &str| block.column(tag).unwrap_or_default();
        let mut charges = HashMap::new();
        let symbols = column("_atom_type_symbol").iter();
        const TAG: &str = "_atom_type_oxidation_number";
        for (symbol, charge) in symbols.zip(column(TAG)) {
            if let (Some(symbol), Some(text)) = (symbol.text, charge.text) {
                let number = measured(text.trim());
                let number = number.ok_or_else(|| block.not_a_number(TAG, charge.line, text))?;
                charges.insert(symbol.trim().to_owned(), number.value);
            }
        }
        let formula = block.first(&["_chemical_formula_sum"]).map_or("", |(_, text)| text);
        let formula = formula.split_whitespace().filter_map(|word| Some(symbol(word)?.0)).collect();
        Ok(Self { charges, formula })
    }

    /// A type symbol: an element with or without a charge, such as `Cu2+`, `O-2`, `D` or `Cval`.
    fn species(&self, text: &str) -> Option<Species> {
        let (element, rest) = symbol(text).or_else(|| {
            // Names of scattering factors for bound atoms.
            symbol(text.strip_suffix("val").or_else(|| text.strip_suffix("va"))?)
        })?;
        let given = self.charges.get(text).copied();
        let species = nuclide(text, element);
        Some(given.or_else(|| charge(rest)).map_or(species, |charge| species.with_charge(charge)))
    }

    /// A label: an element that anything may follow, such as `Cu1`, `OW2`, `SiT1` or `O_a`.
    fn of_label(&self, label: &str) -> Option<Species> {
        // Vacancies, water as one atom, dummies: none of them begins with its element.
        const NO_ELEMENTS: [&str; 5] = ["vac", "va", "wat", "dum", "du"];
        let letters = label.bytes().take_while(u8::is_ascii_alphabetic).count();
        if NO_ELEMENTS.contains(&label[..letters].to_ascii_lowercase().as_str()) {
            return None;
        }
        let candidates = [2, 1].into_iter().filter(|&length| length <= letters);
        let mut elements = candidates.filter_map(|length| Some(symbol(&label[..length])?.0));
        let element = elements.find(|element| self.formula.is_empty() || self.formula.contains(element))?;
        let species = nuclide(label, element);
        Some(self.charges.get(element.symbol()).map_or(species, |&charge| species.with_charge(charge)))
    }
}

/// An element whose name may say that it is deuterium.
fn nuclide(name: &str, element: Element) -> Species {
    let heavy = element.atomic_number() == 1 && name.starts_with(['D', 'd']);
    if heavy { Species::deuterium() } else { Species::new(element) }
}

/// A charge such as `2+`, `+2`, `-` or `0+`; other text behind a symbol numbers the atom.
fn charge(text: &str) -> Option<f64> {
    let sign = |sign: &str| if sign == "+" { 1.0 } else { -1.0 };
    let size = |digits: &str| if digits.is_empty() { Some(1.0) } else { number(digits) };
    if let Some(digits) = text.strip_suffix(['+', '-']) {
        return Some(sign(&text[digits.len()..]) * size(digits)?);
    }
    let digits = text.strip_prefix(['+', '-'])?;
    Some(sign(&text[..1]) * size(digits)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(formula: &[&str]) -> Known {
        Known { charges: HashMap::new(), formula: formula.iter().map(|text| text.parse().unwrap()).collect() }
    }

    #[test]
    fn type_symbols_name_elements_and_charges() {
        let cases = [
            ("Cu2+", Some("Cu2+")),
            ("Cu+2", Some("Cu2+")),
            ("O2-", Some("O2-")),
            ("Cl-", Some("Cl1-")),
            ("Ba0+", Some("Ba")),
            ("Cu2", Some("Cu")),
            ("Fe2.5+", Some("Fe2.5+")),
            ("Cval", Some("C")),
            ("Siva", Some("Si")),
            ("D", Some("D")),
            ("OH", None),
            ("Va", None),
            ("X", None),
            ("", None),
            ("+", None),
        ];
        for (text, expected) in cases {
            let found = known(&[]).species(text).map(|species| species.to_string());
            assert_eq!(found.as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn labels_begin_with_elements() {
        let cases = [
            ("Cu1", Some("Cu")),
            ("CU1", Some("Cu")),
            ("OW2", Some("O")),
            ("SiT1", Some("Si")),
            ("O_a", Some("O")),
            ("D12", Some("D")),
            ("Dy1", Some("Dy")),
            ("Va1", None),
            ("Wat", None),
            ("1Cu", None),
        ];
        for (text, expected) in cases {
            let found = known(&[]).of_label(text).map(|species| species.to_string());
            assert_eq!(found.as_deref(), expected, "{text}");
        }
        // In a hydrate HO1 is hydrogen, and CA1 carbon where there is no calcium.
        assert_eq!(known(&["H", "O", "C"]).of_label("HO1").unwrap().to_string(), "H");
        assert_eq!(known(&["H", "O", "C"]).of_label("CA1").unwrap().to_string(), "C");
        assert_eq!(known(&["H", "O"]).of_label("W1"), None);
    }
}
