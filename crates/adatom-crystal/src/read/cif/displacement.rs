//! Displacement parameters: U = B / 8π², and tensors U, B or β (Trueblood et al., *Acta Cryst.* A52 (1996)
//! 770).
//!
//! Tensors are kept as mean products <Δx_i Δx_j> of fractional displacements until the cell is filled: there
//! a symmetry operation turns them by W T Wᵀ. With a*_i the reciprocal lengths, <Δx_i Δx_j> = U_ij a*_i a*_j
//! = β_ij / 2π².

use std::collections::HashMap;
use std::f64::consts::PI;

use super::block::{Block, measured};
use crate::symmetry::SymmetryOperation;
use crate::{Displacement, Lattice, Result};

/// U in Å², or <Δx_i Δx_j>.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Parameters {
    Isotropic(f64),
    Fractional([[f64; 3]; 3]),
}

impl Parameters {
    /// What they are at the image that an operation makes of the atom.
    pub(super) fn image(self, operation: &SymmetryOperation, lattice: &Lattice) -> Displacement {
        match self {
            Self::Isotropic(u) => Displacement::Isotropic(u),
            Self::Fractional(tensor) => {
                Displacement::Anisotropic(lattice.cartesian_tensor(operation.rotate(tensor)))
            }
        }
    }
}

const ELEMENTS: [(&str, usize, usize); 6] =
    [("11", 0, 0), ("22", 1, 1), ("33", 2, 2), ("12", 0, 1), ("13", 0, 2), ("23", 1, 2)];
const ISOTROPIC: [(&str, f64); 4] = [
    ("_atom_site_u_iso_or_equiv", 1.0),
    ("_atom_site_b_iso_or_equiv", 1.0 / (8.0 * PI * PI)),
    ("_atom_site_u_equiv_geom_mean", 1.0),
    ("_atom_site_b_equiv_geom_mean", 1.0 / (8.0 * PI * PI)),
];

/// The displacement parameters of a block.
pub(super) struct Table<'a, 'b> {
    block: &'b Block<'a>,
    anisotropic: HashMap<&'a str, [[f64; 3]; 3]>,
}

impl<'a, 'b> Table<'a, 'b> {
    pub(super) fn new(block: &'b Block<'a>, lattice: &Lattice) -> Result<Self> {
        Ok(Self { block, anisotropic: anisotropic(block, lattice)? })
    }

    /// Of the atom of a row of the loop of atom sites.
    pub(super) fn of(&self, label: Option<&str>, row: usize) -> Result<Option<Parameters>> {
        if let Some(&tensor) = label.and_then(|label| self.anisotropic.get(label)) {
            return Ok(Some(Parameters::Fractional(tensor)));
        }
        for (tag, factor) in ISOTROPIC {
            let value = self.block.column(tag).and_then(|column| column.get(row));
            let Some((line, text)) = value.and_then(|value| Some((value.line, value.text?))) else {
                continue;
            };
            let number = measured(text.trim()).ok_or_else(|| self.block.not_a_number(tag, line, text))?;
            return Ok(Some(Parameters::Isotropic(number.value * factor)));
        }
        Ok(None)
    }
}

/// <Δx_i Δx_j> of each label that has all six elements.
fn anisotropic<'a>(block: &Block<'a>, lattice: &Lattice) -> Result<HashMap<&'a str, [[f64; 3]; 3]>> {
    let mut tensors = HashMap::new();
    let Some(labels) = block.column("_atom_site_aniso_label") else { return Ok(tensors) };
    let lengths = lattice.reciprocal().map(|vector| crate::lattice::dot(vector, vector).sqrt());
    let reciprocal = |i: usize, j: usize| lengths[i] * lengths[j];
    for kind in ["u", "b", "beta"] {
        let tags = ELEMENTS.map(|(name, ..)| format!("_atom_site_aniso_{kind}_{name}"));
        let [Some(a), Some(b), Some(c), Some(d), Some(e), Some(f)] =
            tags.each_ref().map(|tag| block.column(tag))
        else {
            continue;
        };
        let columns = [a, b, c, d, e, f];
        for (row, label) in labels.iter().enumerate() {
            let mut tensor = [[0.0; 3]; 3];
            let mut complete = true;
            for ((column, tag), (_, i, j)) in columns.iter().zip(&tags).zip(ELEMENTS) {
                let Some(text) = column.get(row).and_then(|value| value.text) else {
                    complete = false;
                    break;
                };
                let number = measured(text.trim());
                let number = number.ok_or_else(|| block.not_a_number(tag, column[row].line, text))?.value;
                let factor = match kind {
                    "u" => reciprocal(i, j),
                    "b" => reciprocal(i, j) / (8.0 * PI * PI),
                    _ => 1.0 / (2.0 * PI * PI),
                };
                tensor[i][j] = number * factor;
                tensor[j][i] = tensor[i][j];
            }
            if let Some(label) = label.text.filter(|_| complete) {
                tensors.entry(label.trim()).or_insert(tensor);
            }
        }
    }
    Ok(tensors)
}
