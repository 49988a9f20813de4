//! The structures of the prototypes: space group, cell, Wyckoff positions, charges.
//!
//! Cells and coordinates are the rounded textbook values of the compounds that the prototypes are named
//! after. A cell gives only the shape; its size follows from the ionic radii.

mod binary;
mod ternary;

use super::Geometry::{self, Octahedral};
use super::Prototype;
use super::ions::CationSite;

/// The kind of atom at a position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// The metal whose sites are labelled.
    M,
    /// Another cation.
    A,
    /// A second other cation.
    B,
    /// Oxygen.
    O,
}

/// An atom of the asymmetric unit; its position is fractional.
#[derive(Debug, Clone, Copy)]
pub(super) struct Atom {
    pub(super) role: Role,
    pub(super) position: [f64; 3],
}

const fn atom(role: Role, position: [f64; 3]) -> Atom {
    Atom { role, position }
}

/// Charges that make the cell neutral; 0 for a cation that the prototype does not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Charges {
    pub(super) m: i32,
    pub(super) a: i32,
    pub(super) b: i32,
}

const fn charges(m: i32, a: i32, b: i32) -> Charges {
    Charges { m, a, b }
}

/// The parameters of a prototype.
#[derive(Debug)]
pub(super) struct Definition {
    pub(super) name: &'static str,
    /// Hall symbol of the setting.
    pub(super) hall: &'static str,
    /// Lengths of the conventional cell, Å.
    pub(super) lengths: [f64; 3],
    /// Its angles, degrees.
    pub(super) angles: [f64; 3],
    pub(super) atoms: &'static [Atom],
    pub(super) geometry: Geometry,
    /// Shannon's radius of oxygen with as many cations around it as here, Å.
    pub(super) oxygen: f64,
    pub(super) charges: &'static [Charges],
    /// The sites of A and B.
    pub(super) cation_sites: [CationSite; 2],
}

const BIVALENT: &[Charges] = &[charges(2, 0, 0)];
const RIGHT: [f64; 3] = [90.0; 3];
const HEXAGONAL: [f64; 3] = [90.0, 90.0, 120.0];

/// A definition without atoms, with the values that most prototypes share.
const fn definition(
    name: &'static str,
    hall: &'static str,
    lengths: [f64; 3],
    angles: [f64; 3],
) -> Definition {
    Definition {
        name,
        hall,
        lengths,
        angles,
        atoms: &[],
        geometry: Octahedral,
        oxygen: 1.38,
        charges: BIVALENT,
        cation_sites: [CationSite::Large; 2],
    }
}

impl Definition {
    pub(super) fn of(prototype: Prototype) -> &'static Self {
        match prototype {
            Prototype::RockSalt => &binary::ROCK_SALT,
            Prototype::ZincBlende => &binary::ZINC_BLENDE,
            Prototype::Wurtzite => &binary::WURTZITE,
            Prototype::PalladiumOxide => &binary::PALLADIUM_OXIDE,
            Prototype::Tenorite => &binary::TENORITE,
            Prototype::Cuprite => &binary::CUPRITE,
            Prototype::Delafossite => &ternary::DELAFOSSITE,
            Prototype::Rutile => &binary::RUTILE,
            Prototype::Anatase => &binary::ANATASE,
            Prototype::Corundum => &binary::CORUNDUM,
            Prototype::Ilmenite => &ternary::ILMENITE,
            Prototype::LayeredOxide => &ternary::LAYERED_OXIDE,
            Prototype::LithiumAluminate => &ternary::LITHIUM_ALUMINATE,
            Prototype::SodiumCuprate => &ternary::SODIUM_CUPRATE,
            Prototype::Perovskite => &ternary::PEROVSKITE,
            Prototype::RuddlesdenPopper => &ternary::RUDDLESDEN_POPPER,
            Prototype::NeodymiumCuprate => &ternary::NEODYMIUM_CUPRATE,
            Prototype::InfiniteLayer => &ternary::INFINITE_LAYER,
            Prototype::OxygenDeficientPerovskite => &ternary::OXYGEN_DEFICIENT_PEROVSKITE,
            Prototype::HexagonalManganite => &ternary::HEXAGONAL_MANGANITE,
            Prototype::TetrahedralSpinel => &ternary::TETRAHEDRAL_SPINEL,
            Prototype::OctahedralSpinel => &ternary::OCTAHEDRAL_SPINEL,
            Prototype::GermanateSpinel => &ternary::GERMANATE_SPINEL,
            Prototype::Zircon => &ternary::ZIRCON,
            Prototype::Pyrochlore => &ternary::PYROCHLORE,
        }
    }
}
