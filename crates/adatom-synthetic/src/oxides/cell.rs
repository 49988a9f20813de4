//! The primitive cell of a prototype, filled by the operations of its space group.

use adatom_crystal::{Centring, HallSymbol, Lattice};

use super::definitions::{Atom, Definition};
use super::vector::dot;

/// Images closer than this are the same atom on a symmetry element, Å.
const SAME_POSITION: f64 = 0.05;

/// A lattice and its atoms.
pub(super) struct Cell {
    pub(super) lattice: Lattice,
    pub(super) atoms: Vec<Atom>,
}

impl Cell {
    /// The cell with the lengths of the definition.
    pub(super) fn of(definition: &Definition) -> Self {
        let conventional =
            Lattice::from_parameters(definition.lengths, definition.angles).expect("the table's cells close");
        let symbol: HallSymbol = definition.hall.parse().expect("the table's Hall symbols are right");
        let lattice = primitive(&conventional, symbol.centring());
        let mut atoms: Vec<Atom> = Vec::new();
        for &Atom { role, position } in definition.atoms {
            for operation in symbol.representatives() {
                let image =
                    lattice.fractional(conventional.cartesian(operation.apply(position))).map(wrapped);
                if !atoms.iter().any(|other| distance(&lattice, image, other.position) < SAME_POSITION) {
                    atoms.push(Atom { role, position: image });
                }
            }
        }
        Self { lattice, atoms }
    }
}

/// The primitive cell of a conventional one.
fn primitive(conventional: &Lattice, centring: Centring) -> Lattice {
    const THIRD: f64 = 1.0 / 3.0;
    let vectors = match centring {
        Centring::P => [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]],
        Centring::A => [[1.0, 0.0, 0.0], [0.0, 0.5, 0.5], [0.0, -0.5, 0.5]],
        Centring::B => [[0.5, 0.0, 0.5], [0.0, 1.0, 0.0], [-0.5, 0.0, 0.5]],
        Centring::C => [[0.5, 0.5, 0.0], [-0.5, 0.5, 0.0], [0.0, 0.0, 1.0]],
        Centring::I => [[-0.5, 0.5, 0.5], [0.5, -0.5, 0.5], [0.5, 0.5, -0.5]],
        Centring::F => [[0.0, 0.5, 0.5], [0.5, 0.0, 0.5], [0.5, 0.5, 0.0]],
        Centring::R => [[2.0 * THIRD, THIRD, THIRD], [-THIRD, THIRD, THIRD], [-THIRD, -2.0 * THIRD, THIRD]],
    };
    let vectors = vectors.map(|vector| conventional.cartesian(vector));
    Lattice::new(vectors).expect("a part of a cell spans a volume")
}

/// A fractional coordinate in [0, 1).
fn wrapped(coordinate: f64) -> f64 {
    let wrapped = coordinate - coordinate.floor();
    // What is a little less than 0 is rounded up to 1.
    if wrapped >= 1.0 { 0.0 } else { wrapped }
}

fn distance(lattice: &Lattice, left: [f64; 3], right: [f64; 3]) -> f64 {
    let step = std::array::from_fn(|axis| {
        let step: f64 = left[axis] - right[axis];
        step - step.round()
    });
    let step = lattice.cartesian(step);
    dot(step, step).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Prototype;
    use crate::oxides::definitions::Role;

    /// Atoms of M, A, B and O in the primitive cell: formula units of the conventional cell over the points
    /// of its lattice.
    #[test]
    fn cells_hold_their_formula() {
        let expected = [
            (Prototype::RockSalt, [1, 0, 0, 1]),
            (Prototype::Tenorite, [2, 0, 0, 2]),
            (Prototype::Cuprite, [4, 0, 0, 2]),
            (Prototype::Delafossite, [1, 0, 1, 2]),
            (Prototype::Anatase, [2, 0, 0, 4]),
            (Prototype::Corundum, [4, 0, 0, 6]),
            (Prototype::Ilmenite, [2, 0, 2, 6]),
            (Prototype::LithiumAluminate, [4, 4, 0, 8]),
            (Prototype::RuddlesdenPopper, [1, 2, 0, 4]),
            (Prototype::OxygenDeficientPerovskite, [2, 1, 1, 5]),
            (Prototype::HexagonalManganite, [2, 2, 0, 6]),
            (Prototype::TetrahedralSpinel, [2, 0, 4, 8]),
            (Prototype::OctahedralSpinel, [4, 2, 0, 8]),
            (Prototype::Zircon, [2, 2, 0, 8]),
            (Prototype::Pyrochlore, [4, 4, 0, 14]),
        ];
        for (prototype, counts) in expected {
            let cell = Cell::of(Definition::of(prototype));
            let count = |role| cell.atoms.iter().filter(|atom| atom.role == role).count();
            assert_eq!([Role::M, Role::A, Role::B, Role::O].map(count), counts, "{prototype}");
        }
    }

    #[test]
    fn every_prototype_has_its_own_definition() {
        let names: std::collections::BTreeSet<&str> =
            Prototype::ALL.iter().map(|prototype| Definition::of(*prototype).name).collect();
        assert_eq!(names.len(), Prototype::ALL.len());
        assert_eq!(Definition::of(Prototype::Perovskite).name, "perovskite");
    }

    #[test]
    fn charges_are_neutral() {
        for prototype in Prototype::ALL {
            let definition = Definition::of(prototype);
            let cell = Cell::of(definition);
            for charges in definition.charges {
                let charge = |atom: &Atom| match atom.role {
                    Role::M => charges.m,
                    Role::A => charges.a,
                    Role::B => charges.b,
                    Role::O => -2,
                };
                let total: i32 = cell.atoms.iter().map(charge).sum();
                assert_eq!(total, 0, "{prototype}");
            }
        }
    }
}
