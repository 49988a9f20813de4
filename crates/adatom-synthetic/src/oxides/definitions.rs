//! The structures of the prototypes: space group, cell, Wyckoff positions, charges.
//!
//! Cells and coordinates are those of the compounds that the prototypes are named for, rounded, as textbooks and the
//! ICSD have them; a cell gives the shape only, its size follows from the radii of the ions.

use super::Geometry::{
    self, Linear, Octahedral, SquarePlanar, SquarePyramidal, Tetrahedral, TrigonalBipyramidal,
};
use super::Prototype;
use super::ions::Room;
use Role::{A, B, M, O};

/// What sits on a position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// The metal that is looked at.
    M,
    /// A cation beside it.
    A,
    /// Another one.
    B,
    O,
}

/// A prototype as a table.
#[derive(Debug)]
pub(super) struct Definition {
    pub(super) name: &'static str,
    /// Hall symbol of the setting.
    pub(super) hall: &'static str,
    /// Conventional cell: Å, degrees.
    pub(super) cell: ([f64; 3], [f64; 3]),
    pub(super) atoms: &'static [(Role, [f64; 3])],
    pub(super) geometry: Geometry,
    /// Radius of oxygen with as many cations around it as here (Shannon), Å.
    pub(super) oxygen: f64,
    /// Charges of M, A and B that make the cell neutral.
    pub(super) charges: &'static [[i32; 3]],
    /// Where A and B sit.
    pub(super) rooms: [Room; 2],
}

const RIGHT: [f64; 3] = [90.0; 3];
const HEXAGONAL: [f64; 3] = [90.0, 90.0, 120.0];
const THIRD: f64 = 1.0 / 3.0;
const TWO_THIRDS: f64 = 2.0 / 3.0;
const LARGE: [Room; 2] = [Room::Large; 2];
const SMALL: [Room; 2] = [Room::Octahedral; 2];
const TETRAHEDRA: [Room; 2] = [Room::Tetrahedral, Room::Octahedral];

const fn table(name: &'static str, hall: &'static str, cell: ([f64; 3], [f64; 3])) -> Definition {
    Definition {
        name,
        hall,
        cell,
        atoms: &[],
        geometry: Octahedral,
        oxygen: 1.38,
        charges: &[[2, 0, 0]],
        rooms: LARGE,
    }
}

impl Definition {
    pub(super) fn of(prototype: Prototype) -> Self {
        match prototype {
            Prototype::RockSalt => Self {
                atoms: &[(M, [0.0; 3]), (O, [0.5; 3])],
                oxygen: 1.40,
                ..table("rock-salt", "-F 4 2 3", ([4.177; 3], RIGHT))
            },
            Prototype::ZincBlende => Self {
                atoms: &[(M, [0.0; 3]), (O, [0.25; 3])],
                geometry: Tetrahedral,
                ..table("zinc-blende", "F -4 2 3", ([4.55; 3], RIGHT))
            },
            Prototype::Wurtzite => Self {
                atoms: &[(M, [THIRD, TWO_THIRDS, 0.0]), (O, [THIRD, TWO_THIRDS, 0.382])],
                geometry: Tetrahedral,
                ..table("wurtzite", "P 6c -2c", ([3.25, 3.25, 5.207], HEXAGONAL))
            },
            Prototype::PalladiumOxide => Self {
                atoms: &[(M, [0.0, 0.5, 0.0]), (O, [0.0, 0.0, 0.25])],
                geometry: SquarePlanar,
                ..table("palladium-oxide", "-P 4c 2", ([3.04, 3.04, 5.33], RIGHT))
            },
            Prototype::Tenorite => Self {
                atoms: &[(M, [0.25, 0.25, 0.0]), (O, [0.0, 0.418, 0.25])],
                geometry: SquarePlanar,
                ..table("tenorite", "-C 2yc", ([4.684, 3.423, 5.129], [90.0, 99.54, 90.0]))
            },
            Prototype::Cuprite => Self {
                atoms: &[(M, [0.25; 3]), (O, [0.0; 3])],
                geometry: Linear,
                charges: &[[1, 0, 0]],
                ..table("cuprite", "P 4n 2 3 -1n", ([4.27; 3], RIGHT))
            },
            Prototype::Delafossite => Self {
                atoms: &[(M, [0.0; 3]), (B, [0.0, 0.0, 0.5]), (O, [0.0, 0.0, 0.11])],
                geometry: Linear,
                charges: &[[1, 0, 3]],
                rooms: SMALL,
                ..table("delafossite", "-R 3 2=", ([2.858, 2.858, 16.958], HEXAGONAL))
            },
            Prototype::Rutile => Self {
                atoms: &[(M, [0.0; 3]), (O, [0.305, 0.305, 0.0])],
                oxygen: 1.36,
                charges: &[[4, 0, 0]],
                ..table("rutile", "-P 4n 2n", ([4.594, 4.594, 2.959], RIGHT))
            },
            Prototype::Anatase => Self {
                atoms: &[(M, [0.0, 0.75, 0.125]), (O, [0.0, 0.75, 0.3331])],
                oxygen: 1.36,
                charges: &[[4, 0, 0]],
                ..table("anatase", "-I 4bd 2", ([3.785, 3.785, 9.514], RIGHT))
            },
            Prototype::Corundum => Self {
                atoms: &[(M, [0.0, 0.0, 0.3553]), (O, [0.3059, 0.0, 0.25])],
                charges: &[[3, 0, 0]],
                ..table("corundum", "-R 3 2=c", ([5.035, 5.035, 13.747], HEXAGONAL))
            },
            Prototype::Ilmenite => Self {
                atoms: &[(M, [0.0, 0.0, 0.3554]), (B, [0.0, 0.0, 0.1465]), (O, [0.3174, 0.0233, 0.2454])],
                charges: &[[2, 0, 4]],
                rooms: SMALL,
                ..table("ilmenite", "-R 3", ([5.088, 5.088, 14.086], HEXAGONAL))
            },
            Prototype::LayeredOxide => Self {
                atoms: &[(M, [0.0; 3]), (A, [0.0, 0.0, 0.5]), (O, [0.0, 0.0, 0.2605])],
                oxygen: 1.40,
                charges: &[[3, 1, 0]],
                rooms: SMALL,
                ..table("layered-oxide", "-R 3 2=", ([2.816, 2.816, 14.05], HEXAGONAL))
            },
            Prototype::LithiumAluminate => Self {
                atoms: &[
                    (M, [0.1759, 0.1759, 0.0]),
                    (A, [0.8126, 0.8126, 0.0]),
                    (O, [0.3369, 0.2906, 0.7723]),
                ],
                geometry: Tetrahedral,
                charges: &[[3, 1, 0]],
                rooms: TETRAHEDRA,
                ..table("lithium-aluminate", "P 4abw 2nw", ([5.169, 5.169, 6.268], RIGHT))
            },
            Prototype::SodiumCuprate => Self {
                atoms: &[(M, [0.0; 3]), (A, [0.0, 0.5, 0.5]), (O, [0.335, 0.0, 0.778])],
                geometry: SquarePlanar,
                charges: &[[3, 1, 0]],
                rooms: SMALL,
                ..table("sodium-cuprate", "-C 2y", ([6.351, 2.747, 6.103], [90.0, 120.77, 90.0]))
            },
            other => Self::of_ternary(other),
        }
    }

    /// Those with large cations, and the spinels.
    fn of_ternary(prototype: Prototype) -> Self {
        match prototype {
            Prototype::RuddlesdenPopper => Self {
                atoms: &[(M, [0.0; 3]), (A, [0.0, 0.0, 0.358]), (O, [0.0, 0.5, 0.0]), (O, [0.0, 0.0, 0.163])],
                charges: &[[2, 3, 0], [4, 2, 0]],
                ..table("ruddlesden-popper", "-I 4 2", ([3.87, 3.87, 12.6], RIGHT))
            },
            Prototype::NeodymiumCuprate => Self {
                atoms: &[(M, [0.0; 3]), (A, [0.0, 0.0, 0.3513]), (O, [0.0, 0.5, 0.0]), (O, [0.0, 0.5, 0.25])],
                geometry: SquarePlanar,
                charges: &[[2, 3, 0]],
                ..table("neodymium-cuprate", "-I 4 2", ([3.945, 3.945, 12.17], RIGHT))
            },
            Prototype::InfiniteLayer => Self {
                atoms: &[(M, [0.0; 3]), (A, [0.5; 3]), (O, [0.5, 0.0, 0.0])],
                geometry: SquarePlanar,
                charges: &[[2, 2, 0]],
                ..table("infinite-layer", "-P 4 2", ([3.926, 3.926, 3.432], RIGHT))
            },
            Prototype::OxygenDeficientPerovskite => Self {
                atoms: &[
                    (M, [0.5, 0.5, 0.265]),
                    (A, [0.0, 0.0, 0.5]),
                    (B, [0.0; 3]),
                    (O, [0.5, 0.5, 0.0]),
                    (O, [0.0, 0.5, 0.31]),
                ],
                geometry: SquarePyramidal,
                charges: &[[2, 3, 3], [3, 2, 2]],
                ..table("oxygen-deficient-perovskite", "-P 4 2", ([3.9, 3.9, 7.6], RIGHT))
            },
            Prototype::HexagonalManganite => Self {
                atoms: &[
                    (M, [THIRD, TWO_THIRDS, 0.25]),
                    (A, [0.0; 3]),
                    (O, [0.0, 0.0, 0.25]),
                    (O, [THIRD, TWO_THIRDS, 0.086]),
                ],
                geometry: TrigonalBipyramidal,
                charges: &[[3, 3, 0]],
                ..table("hexagonal-manganite", "-P 6c 2c", ([3.61, 3.61, 11.39], HEXAGONAL))
            },
            Prototype::TetrahedralSpinel => Self {
                atoms: &[(M, [0.125; 3]), (B, [0.5; 3]), (O, [0.2625; 3])],
                geometry: Tetrahedral,
                charges: &[[2, 0, 3]],
                rooms: SMALL,
                ..table("tetrahedral-spinel", "-F 4vw 2vw 3", ([8.1; 3], RIGHT))
            },
            Prototype::OctahedralSpinel => Self {
                atoms: &[(M, [0.5; 3]), (A, [0.125; 3]), (O, [0.2605; 3])],
                charges: &[[3, 2, 0]],
                rooms: TETRAHEDRA,
                ..table("octahedral-spinel", "-F 4vw 2vw 3", ([8.44; 3], RIGHT))
            },
            Prototype::GermanateSpinel => Self {
                atoms: &[(M, [0.5; 3]), (A, [0.125; 3]), (O, [0.2508; 3])],
                charges: &[[2, 4, 0]],
                rooms: TETRAHEDRA,
                ..table("germanate-spinel", "-F 4vw 2vw 3", ([8.318; 3], RIGHT))
            },
            Prototype::Zircon => Self {
                atoms: &[(M, [0.0, 0.25, 0.375]), (A, [0.0, 0.75, 0.125]), (O, [0.0, 0.4346, 0.2024])],
                geometry: Tetrahedral,
                oxygen: 1.36,
                charges: &[[5, 3, 0], [6, 2, 0]],
                ..table("zircon", "-I 4bd 2", ([7.118, 7.118, 6.289], RIGHT))
            },
            Prototype::Pyrochlore => Self {
                atoms: &[(M, [0.0; 3]), (A, [0.5; 3]), (O, [0.328, 0.125, 0.125]), (O, [0.375; 3])],
                oxygen: 1.36,
                charges: &[[4, 3, 0]],
                ..table("pyrochlore", "-F 4vw 2vw 3", ([10.09; 3], RIGHT))
            },
            // The perovskite itself; all others stand above.
            _ => Self {
                atoms: &[(M, [0.0; 3]), (A, [0.5; 3]), (O, [0.5, 0.0, 0.0])],
                oxygen: 1.35,
                charges: &[[4, 2, 0], [3, 3, 0]],
                ..table("perovskite", "-P 4 2 3", ([3.905; 3], RIGHT))
            },
        }
    }
}
