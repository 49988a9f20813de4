//! CIF 1.1 of a cell without symmetry, in tags of the core dictionary 2.4.

use std::collections::HashSet;
use std::fmt::Write;

use super::{DECIMALS, plain};
use crate::lattice::dot;
use crate::{Crystal, Displacement, Lattice, Site, Species};

pub(super) fn text(crystal: &Crystal) -> String {
    let rows = rows(crystal);
    let mut text = header(crystal);
    text += &types(&rows);
    text += &sites(&rows);
    text += &anisotropic(&rows, crystal.lattice());
    text
}

/// One species of one site.
struct Row<'a> {
    label: String,
    species: Species,
    occupancy: f64,
    site: &'a Site,
}

impl Row<'_> {
    /// The type symbol, with the charge where one is known.
    fn symbol(&self) -> String {
        match self.species.charge() {
            Some(0.0) => format!("{}0+", Species::to_string(&self.species)),
            _ => self.species.to_string(),
        }
    }
}

fn rows(crystal: &Crystal) -> Vec<Row<'_>> {
    let mut used = HashSet::new();
    let mut rows = Vec::with_capacity(crystal.len());
    for (index, site) in crystal.sites().iter().enumerate() {
        for &(species, occupancy) in site.species() {
            // A label can stand for one row only, and must name its element.
            let own = site.label().map(|label| plain(label, '_', 60)).filter(|label| {
                crate::read::symbol(label).is_some_and(|(element, _)| element == species.element())
                    && used.insert(label.clone())
            });
            let symbol = species.element().symbol();
            let mut label = own.unwrap_or_default();
            if label.is_empty() {
                label = format!("{symbol}{}", index + 1);
                while !used.insert(label.clone()) {
                    label.push('x');
                }
            }
            rows.push(Row { label, species, occupancy, site });
        }
    }
    rows
}

fn header(crystal: &Crystal) -> String {
    let name = crystal.name().map(|name| plain(name, '_', 75)).filter(|name| !name.is_empty());
    let mut text = format!("data_{}\n", name.unwrap_or_else(|| plain(&crystal.formula(), '_', 75)));
    let composition = crystal.composition();
    let sum = composition.iter().map(|(element, amount)| format!("{element}{amount}"));
    let lattice = crystal.lattice();
    let mut line = |tag: &str, value: String| writeln!(text, "{tag:<36}{value}").expect("a string takes all");
    line("_chemical_formula_sum", format!("'{}'", sum.collect::<Vec<_>>().join(" ")));
    for (tag, length) in ["a", "b", "c"].iter().zip(lattice.lengths()) {
        line(&format!("_cell_length_{tag}"), format!("{length:.12}"));
    }
    for (tag, angle) in ["alpha", "beta", "gamma"].iter().zip(lattice.angles()) {
        // An arc cosine is not good for more digits.
        line(&format!("_cell_angle_{tag}"), format!("{angle:.10}"));
    }
    line("_cell_volume", format!("{:.6}", lattice.volume()));
    line("_symmetry_space_group_name_H-M", "'P 1'".into());
    line("_symmetry_Int_Tables_number", "1".into());
    text + "loop_\n_symmetry_equiv_pos_as_xyz\n'x, y, z'\n"
}

/// The kinds of atoms, with their charges where all are known.
fn types(rows: &[Row<'_>]) -> String {
    let mut types: Vec<(String, Option<f64>)> = Vec::new();
    for row in rows {
        let symbol = row.symbol();
        if !types.iter().any(|(known, _)| *known == symbol) {
            types.push((symbol, row.species.charge()));
        }
    }
    if types.iter().all(|(_, charge)| charge.is_none()) {
        return String::new();
    }
    let mut text = "loop_\n_atom_type_symbol\n_atom_type_oxidation_number\n".to_owned();
    for (symbol, charge) in types {
        let charge = charge.map_or("?".to_owned(), |charge| charge.to_string());
        writeln!(text, "{symbol} {charge}").expect("a string takes all");
    }
    text
}

fn sites(rows: &[Row<'_>]) -> String {
    let tags =
        ["label", "type_symbol", "fract_x", "fract_y", "fract_z", "occupancy", "U_iso_or_equiv", "adp_type"];
    let mut text = "loop_\n".to_owned();
    for tag in tags {
        writeln!(text, "_atom_site_{tag}").expect("a string takes all");
    }
    for row in rows {
        let place = row.site.fractional().map(|coordinate| format!("{coordinate:.DECIMALS$}")).join(" ");
        let (u, kind) = match row.site.displacement() {
            None => ("?".to_owned(), "?"),
            Some(Displacement::Isotropic(u)) => (exact(u), "Uiso"),
            Some(Displacement::Anisotropic(u)) => (exact((u[0][0] + u[1][1] + u[2][2]) / 3.0), "Uani"),
        };
        let (label, symbol, occupancy) = (&row.label, row.symbol(), row.occupancy);
        writeln!(text, "{label} {symbol} {place} {occupancy} {u} {kind}").expect("a string takes all");
    }
    text
}

/// Tensors in the axes of the cell: U_ij = <Δx_i Δx_j> / (a*_i a*_j).
fn anisotropic(rows: &[Row<'_>], lattice: &Lattice) -> String {
    let reciprocal = lattice.reciprocal().map(|vector| dot(vector, vector).sqrt());
    let mut text = String::new();
    for row in rows {
        let Some(Displacement::Anisotropic(tensor)) = row.site.displacement() else { continue };
        if text.is_empty() {
            text += "loop_\n_atom_site_aniso_label\n";
            for element in ["11", "22", "33", "12", "13", "23"] {
                writeln!(text, "_atom_site_aniso_U_{element}").expect("a string takes all");
            }
        }
        let tensor = lattice.fractional_tensor(tensor);
        let element = |(i, j): (usize, usize)| exact(tensor[i][j] / (reciprocal[i] * reciprocal[j]));
        let elements = [(0, 0), (1, 1), (2, 2), (0, 1), (0, 2), (1, 2)].map(element).join(" ");
        writeln!(text, "{} {elements}", row.label).expect("a string takes all");
    }
    text
}

/// All digits of a number, with an exponent where it is needed.
fn exact(number: f64) -> String {
    if number == 0.0 || (1e-4..1e15).contains(&number.abs()) {
        number.to_string()
    } else {
        format!("{number:e}")
    }
}
