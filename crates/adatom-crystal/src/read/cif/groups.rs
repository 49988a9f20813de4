//! The symmetry operations of a data block: listed, or those of the space group that it names.
//!
//! Operations of a named group come from the Hall symbols of *International Tables for Crystallography* B,
//! 1.4. Groups with two origins are not guessed between: the wrong one would give a wrong structure without a
//! word.

use super::block::Block;
use crate::lattice::dot;
use crate::read::source::quoted;
use crate::symmetry::{Setting, SymmetryOperation};
use crate::{Error, Lattice, Result};

const LISTED: [&str; 3] = [
    "_space_group_symop_operation_xyz",
    "_symmetry_equiv_pos_as_xyz",
    "_space_group_symop_magn_operation_xyz",
];
const CENTRINGS: &str = "_space_group_symop_magn_centering_xyz";
const HALL: [&str; 2] = ["_space_group_name_hall", "_symmetry_space_group_name_hall"];
const HERMANN_MAUGUIN: [&str; 3] =
    ["_space_group_name_h-m_alt", "_symmetry_space_group_name_h-m", "_space_group_name_h-m_full"];
const NUMBER: [&str; 2] = ["_space_group_it_number", "_symmetry_int_tables_number"];

/// More than any space group has in a cell with every centring, eight times over.
const MOST_OPERATIONS: usize = 8 * 192;

/// How far an operation may be from keeping the lengths of the cell, of the square of a length: cells are
/// rounded, but a group that is written for other axes is another matter.
const METRIC_TOLERANCE: f64 = 0.1;

/// Operations of a block.
struct Found {
    /// The line of the first, or of the name of the group.
    line: usize,
    operations: Vec<SymmetryOperation>,
}

/// The operations of a block, the identity first.
pub(super) fn operations(block: &Block<'_>, lattice: &Lattice) -> Result<Vec<SymmetryOperation>> {
    let Found { line, operations } = match listed(block)? {
        Some(listed) => listed,
        None => named(block, lattice)?,
    };
    if operations.len() > MOST_OPERATIONS {
        return Err(too_many(block, line, operations.len()));
    }
    if let Some(wrong) = operations.iter().find(|operation| !keeps_metric(operation, lattice)) {
        let found = format!("lengths {:?}, angles {:?}", lattice.lengths(), lattice.angles());
        let expected = format!("a cell that has the symmetry operation {}", wrong.rotation_text());
        return Err(block.source.malformed(line, expected, found));
    }
    let identity = SymmetryOperation::identity();
    let others = operations.into_iter().filter(|operation| *operation != identity);
    Ok(std::iter::once(identity.clone()).chain(others).collect())
}

fn too_many(block: &Block<'_>, line: usize, found: usize) -> Error {
    block.source.malformed(line, format!("at most {MOST_OPERATIONS} symmetry operations"), found.to_string())
}

/// The operations that the block lists.
fn listed(block: &Block<'_>) -> Result<Option<Found>> {
    let read = |tag: &str| -> Result<Option<Found>> {
        let Some(column) = block.column(tag) else { return Ok(None) };
        let known = column.iter().filter_map(|value| Some((value.line, value.text?)));
        let operations = known.clone().map(|(line, text)| {
            let expected = "a symmetry operation such as -y, x-y, z+1/3";
            text.parse().map_err(|_| block.source.malformed(line, expected, quoted(text)))
        });
        let operations = operations.collect::<Result<Vec<_>>>()?;
        Ok(known.clone().next().map(|(line, _)| Found { line, operations }))
    };
    for tag in LISTED {
        let Some(Found { line, operations }) = read(tag)? else { continue };
        let Some(Found { operations: centrings, .. }) = read(CENTRINGS)? else {
            return Ok(Some(Found { line, operations }));
        };
        // Bounded before they are multiplied.
        let found = operations.len().saturating_mul(centrings.len());
        if found > MOST_OPERATIONS {
            return Err(too_many(block, line, found));
        }
        let all = centrings.iter().flat_map(|centring| operations.iter().map(|one| centring.after(one)));
        return Ok(Some(Found { line, operations: all.collect() }));
    }
    Ok(None)
}

/// The operations of the space group that the block names.
fn named(block: &Block<'_>, lattice: &Lattice) -> Result<Found> {
    if let Some((line, text)) = block.first(&HALL)
        && let Some(setting) = Setting::with_hall_symbol(text)
    {
        return Ok(Found { line, operations: setting.operations() });
    }
    if let Some((line, text)) = block.first(&HERMANN_MAUGUIN) {
        let expected = "the name of a space group, with its origin (:1 or :2) where it has two, or a list of \
                        its symmetry operations";
        let setting = Setting::with_name(text, lattice);
        let setting = setting.ok_or_else(|| block.source.malformed(line, expected, quoted(text)))?;
        return Ok(Found { line, operations: setting.operations() });
    }
    if let Some((line, text)) = block.first(&NUMBER) {
        let expected =
            "the number of a space group (1 to 230) with a single origin, or a list of symmetry operations";
        let setting = text.parse().ok().and_then(|number| Setting::with_number(number, lattice));
        let setting = setting.ok_or_else(|| block.source.malformed(line, expected, quoted(text)))?;
        return Ok(Found { line, operations: setting.operations() });
    }
    let found = format!("neither in block {}", quoted(block.name));
    Err(block.source.malformed(block.line, "symmetry operations or the name of a space group", found))
}

/// Whether Wᵀ G W = G, G the products of the cell vectors.
fn keeps_metric(operation: &SymmetryOperation, lattice: &Lattice) -> bool {
    let vectors = lattice.vectors();
    let moved: [[f64; 3]; 3] = std::array::from_fn(|j| {
        std::array::from_fn(|k| (0..3).map(|i| operation.rotation[i][j] * vectors[i][k]).sum())
    });
    let lengths = lattice.lengths();
    let pairs = (0..3).flat_map(|i| (i..3).map(move |j| (i, j)));
    let mut changes = pairs.map(|(i, j)| {
        let change = dot(moved[i], moved[j]) - dot(vectors[i], vectors[j]);
        change.abs() / (lengths[i] * lengths[j])
    });
    changes.all(|change| change <= METRIC_TOLERANCE)
}
