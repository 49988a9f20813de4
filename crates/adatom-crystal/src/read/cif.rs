//! CIF (Crystallographic Information File, CIF 1.1): the cell filled by the symmetry of each data block.
//!
//! | file | reads |
//! |---|---|
//! | `lex` | words, quotes, text fields |
//! | `block` | the values of each tag |
//! | `groups` | symmetry operations, listed or of the space group that is named |
//! | `atoms`, `displacement` | the atoms of the asymmetric unit |
//! | `fill` | their images in the cell |

mod atoms;
mod block;
mod displacement;
mod fill;
mod groups;
mod lex;

use super::Reader;
use super::source::Source;
use crate::{Crystal, Lattice, Result};
use block::Block;

const LENGTHS: [&str; 3] = ["_cell_length_a", "_cell_length_b", "_cell_length_c"];
const ANGLES: [&str; 3] = ["_cell_angle_alpha", "_cell_angle_beta", "_cell_angle_gamma"];
const FRACTIONAL: [&str; 3] = ["_atom_site_fract_x", "_atom_site_fract_y", "_atom_site_fract_z"];

pub(super) struct Cif;

impl Reader for Cif {
    fn format(&self) -> &'static str {
        "CIF"
    }

    fn recognises(&self, source: &Source) -> bool {
        let words = source.lines().map(|(_, line)| line.trim_start());
        let first = words.into_iter().find(|line| !line.is_empty() && !line.starts_with('#'));
        let begins = |line: &str, key: &str| {
            line.get(..key.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(key))
        };
        first.is_some_and(|line| {
            ["data_", "loop_", "_cell", "_atom", "_symm"].iter().any(|key| begins(line, key))
        })
    }

    fn read(&self, source: &Source) -> Result<Vec<Crystal>> {
        let blocks = block::blocks(source)?;
        let structures = blocks.iter().filter(|block| block.column(FRACTIONAL[0]).is_some());
        let crystals = structures.map(crystal).collect::<Result<Vec<_>>>()?;
        if crystals.is_empty() {
            let found = match blocks.len() {
                1 => "none in its one data block".to_owned(),
                several => format!("none in its {several} data blocks"),
            };
            return Err(source.malformed(None, format!("atoms with {}", FRACTIONAL.join(", ")), found));
        }
        Ok(crystals)
    }
}

fn crystal(block: &Block<'_>) -> Result<Crystal> {
    let lattice = lattice(block)?;
    let operations = groups::operations(block, &lattice)?;
    let atoms = atoms::atoms(block, &lattice)?;
    let sites = fill::fill(block, &lattice, &operations, &atoms)?;
    let crystal = Crystal::new(lattice, sites).map_err(|error| block.source.impossible(block.line, error))?;
    Ok(if block.name.is_empty() { crystal } else { crystal.with_name(block.name) })
}

/// The cell; angles that are not given are right ones, as the dictionary says.
fn lattice(block: &Block<'_>) -> Result<Lattice> {
    let mut lengths = [0.0; 3];
    for (length, tag) in lengths.iter_mut().zip(LENGTHS) {
        let missing = || block.source.malformed(block.line, tag, "no such value in this data block");
        *length = block.number(tag)?.ok_or_else(missing)?;
    }
    let mut angles = [90.0; 3];
    for (angle, tag) in angles.iter_mut().zip(ANGLES) {
        *angle = block.number(tag)?.unwrap_or(90.0);
    }
    let line = block.first(&LENGTHS).map(|(line, _)| line);
    Lattice::from_parameters(lengths, angles).map_err(|error| block.source.impossible(line, error))
}
