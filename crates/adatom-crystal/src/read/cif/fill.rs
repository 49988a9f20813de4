//! The cell filled with the images of the asymmetric unit.
//!
//! Images of one atom that coincide are one site (the atom lies on a symmetry element); images of different
//! atoms that coincide share a site, each with its occupancy.

use std::collections::HashMap;

use super::atoms::Atom;
use super::block::Block;
use crate::lattice::dot;
use crate::site::wrapped;
use crate::symmetry::SymmetryOperation;
use crate::{Displacement, Lattice, Result, Site, Species};

/// Å; positions closer than this are the same. Special positions are written with three or four digits
/// (0.333), while atoms that are split between neighbouring positions lie some tenths of an ångström apart.
const SAME_POSITION: f64 = 0.05;

/// How many images of atoms are looked at, so that a small file with long lists cannot take hours.
const MOST_IMAGES: usize = 4_000_000;

/// A position of the cell and the atoms there.
struct MergedPosition {
    fractional: [f64; 3],
    /// Indices of atoms of the asymmetric unit, each once.
    atoms: Vec<usize>,
    displacement: Option<Displacement>,
    /// The occupancy of the atom whose displacement parameters these are.
    largest: f64,
}

pub(super) fn fill(
    block: &Block<'_>,
    lattice: &Lattice,
    operations: &[SymmetryOperation],
    atoms: &[Atom],
) -> Result<Vec<Site>> {
    let found = atoms.len().saturating_mul(operations.len());
    if found > MOST_IMAGES {
        let expected = format!("at most {MOST_IMAGES} images of atoms in the cell");
        return Err(block.source.malformed(block.line, expected, found.to_string()));
    }
    let mut positions: Vec<MergedPosition> = Vec::new();
    let mut bins = Bins::new(lattice);
    for (index, atom) in atoms.iter().enumerate() {
        for operation in operations {
            let fractional = operation.apply(atom.position).map(wrapped);
            match bins.near(fractional, &positions) {
                Some(at) if positions[at].atoms.contains(&index) => {}
                Some(at) => {
                    let position = &mut positions[at];
                    position.atoms.push(index);
                    if atom.displacement.is_some()
                        && (position.displacement.is_none() || atom.occupancy > position.largest)
                    {
                        position.displacement =
                            atom.displacement.map(|given| given.image(operation, lattice));
                        position.largest = atom.occupancy;
                    }
                }
                None => {
                    bins.insert(fractional, positions.len());
                    positions.push(MergedPosition {
                        fractional,
                        atoms: vec![index],
                        displacement: atom.displacement.map(|given| given.image(operation, lattice)),
                        largest: atom.occupancy,
                    });
                }
            }
        }
    }
    positions.into_iter().map(|position| site(block, atoms, position)).collect()
}

fn site(block: &Block<'_>, atoms: &[Atom], position: MergedPosition) -> Result<Site> {
    let mut species: Vec<(Species, f64)> = Vec::with_capacity(position.atoms.len());
    for atom in position.atoms.iter().map(|&at| &atoms[at]) {
        match species.iter_mut().find(|(other, _)| *other == atom.species) {
            Some((_, occupancy)) => *occupancy += atom.occupancy,
            None => species.push((atom.species, atom.occupancy)),
        }
    }
    let first = &atoms[position.atoms[0]];
    let site = Site::mixed(species, position.fractional).map_err(|error| {
        let last = position.atoms.last().map_or(first.line, |&at| atoms[at].line);
        block.source.impossible(last, error)
    })?;
    let site = match position.displacement {
        Some(displacement) => site.with_displacement(displacement),
        None => site,
    };
    Ok(match &first.label {
        Some(label) => site.with_label(label),
        None => site,
    })
}

/// Positions by the box of the cell in which they lie; boxes are at least [`SAME_POSITION`] wide.
struct Bins<'a> {
    lattice: &'a Lattice,
    counts: [i64; 3],
    bins: HashMap<[i64; 3], Vec<usize>>,
}

impl<'a> Bins<'a> {
    fn new(lattice: &'a Lattice) -> Self {
        // A thousand boxes an axis hold few enough positions each.
        let counts =
            lattice.plane_distances().map(|distance| (distance / SAME_POSITION).clamp(1.0, 1000.0) as i64);
        Self { lattice, counts, bins: HashMap::new() }
    }

    fn bin(&self, fractional: [f64; 3]) -> [i64; 3] {
        std::array::from_fn(|axis| {
            let count = self.counts[axis];
            ((fractional[axis] * count as f64) as i64).min(count - 1)
        })
    }

    fn insert(&mut self, fractional: [f64; 3], position: usize) {
        self.bins.entry(self.bin(fractional)).or_default().push(position);
    }

    fn near(&self, fractional: [f64; 3], positions: &[MergedPosition]) -> Option<usize> {
        let bin = self.bin(fractional);
        for step in 0..27 {
            let steps = [step / 9 - 1, step / 3 % 3 - 1, step % 3 - 1];
            let near = std::array::from_fn(|axis| (bin[axis] + steps[axis]).rem_euclid(self.counts[axis]));
            let Some(candidates) = self.bins.get(&near) else { continue };
            let same = |&&at: &&usize| self.distance(fractional, positions[at].fractional) < SAME_POSITION;
            if let Some(&at) = candidates.iter().find(same) {
                return Some(at);
            }
        }
        None
    }

    /// To the image that is nearest in fractional coordinates: the nearest of all, where it is nearer than
    /// half a cell.
    fn distance(&self, left: [f64; 3], right: [f64; 3]) -> f64 {
        let steps = std::array::from_fn(|axis| {
            let step: f64 = left[axis] - right[axis];
            step - step.round()
        });
        let step = self.lattice.cartesian(steps);
        dot(step, step).sqrt()
    }
}
