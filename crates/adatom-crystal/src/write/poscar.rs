//! POSCAR of VASP 5: sites in their order, neighbours of the same element counted together.

use std::fmt::Write;

use super::{DECIMALS, plain};
use crate::{Crystal, Error, Result};

/// How far an occupancy may be from 1 and be written as full.
const FULL: f64 = 1e-6;

pub(super) fn text(crystal: &Crystal) -> Result<String> {
    let mut groups: Vec<(&str, usize)> = Vec::new();
    for (index, site) in crystal.sites().iter().enumerate() {
        let [(species, occupancy)] = site.species() else {
            return Err(partial(format!("{} species at site {index}", site.species().len())));
        };
        if (occupancy - 1.0).abs() > FULL {
            return Err(partial(format!("{occupancy} at site {index}")));
        }
        let symbol = species.element().symbol();
        match groups.last_mut() {
            Some((last, count)) if *last == symbol => *count += 1,
            _ => groups.push((symbol, 1)),
        }
    }
    let comment = crystal.name().map_or_else(|| crystal.formula(), |name| plain(name, ' ', 200));
    let mut lines = vec![comment, "1.0".to_owned()];
    let row = |numbers: [f64; 3]| numbers.map(|number| format!("{number:.DECIMALS$}")).join(" ");
    lines.extend(crystal.lattice().vectors().map(row));
    lines.push(groups.iter().map(|(symbol, _)| *symbol).collect::<Vec<_>>().join(" "));
    lines.push(groups.iter().map(|(_, count)| count.to_string()).collect::<Vec<_>>().join(" "));
    lines.push("direct".to_owned());
    let mut text = lines.join("\n") + "\n";
    for site in crystal.sites() {
        let symbol = site.main_species().element().symbol();
        writeln!(text, "{} {symbol}", row(site.fractional())).expect("a string takes all");
    }
    Ok(text)
}

fn partial(found: String) -> Error {
    Error::Structure { what: "every site of a POSCAR", expected: "fully occupied by one species", found }
}
