//! Oxides with other cations beside the metal M.

use super::Role::{A, B, M, O};
use super::{Definition, HEXAGONAL, RIGHT, atom, charges, definition};
use crate::oxides::Geometry::{Linear, SquarePlanar, SquarePyramidal, Tetrahedral, TrigonalBipyramidal};
use crate::oxides::ions::CationSite;

const THIRD: f64 = 1.0 / 3.0;
const TWO_THIRDS: f64 = 2.0 / 3.0;
const OCTAHEDRA: [CationSite; 2] = [CationSite::Octahedral; 2];
const TETRAHEDRA: [CationSite; 2] = [CationSite::Tetrahedral, CationSite::Octahedral];

pub(super) const DELAFOSSITE: Definition = Definition {
    atoms: &[atom(M, [0.0; 3]), atom(B, [0.0, 0.0, 0.5]), atom(O, [0.0, 0.0, 0.11])],
    geometry: Linear,
    charges: &[charges(1, 0, 3)],
    cation_sites: OCTAHEDRA,
    ..definition("delafossite", "-R 3 2=", [2.858, 2.858, 16.958], HEXAGONAL)
};

pub(super) const ILMENITE: Definition = Definition {
    atoms: &[atom(M, [0.0, 0.0, 0.3554]), atom(B, [0.0, 0.0, 0.1465]), atom(O, [0.3174, 0.0233, 0.2454])],
    charges: &[charges(2, 0, 4)],
    cation_sites: OCTAHEDRA,
    ..definition("ilmenite", "-R 3", [5.088, 5.088, 14.086], HEXAGONAL)
};

pub(super) const LAYERED_OXIDE: Definition = Definition {
    atoms: &[atom(M, [0.0; 3]), atom(A, [0.0, 0.0, 0.5]), atom(O, [0.0, 0.0, 0.2605])],
    oxygen: 1.40,
    charges: &[charges(3, 1, 0)],
    cation_sites: OCTAHEDRA,
    ..definition("layered-oxide", "-R 3 2=", [2.816, 2.816, 14.05], HEXAGONAL)
};

pub(super) const LITHIUM_ALUMINATE: Definition = Definition {
    atoms: &[
        atom(M, [0.1759, 0.1759, 0.0]),
        atom(A, [0.8126, 0.8126, 0.0]),
        atom(O, [0.3369, 0.2906, 0.7723]),
    ],
    geometry: Tetrahedral,
    charges: &[charges(3, 1, 0)],
    cation_sites: TETRAHEDRA,
    ..definition("lithium-aluminate", "P 4abw 2nw", [5.169, 5.169, 6.268], RIGHT)
};

pub(super) const SODIUM_CUPRATE: Definition = Definition {
    atoms: &[atom(M, [0.0; 3]), atom(A, [0.0, 0.5, 0.5]), atom(O, [0.335, 0.0, 0.778])],
    geometry: SquarePlanar,
    charges: &[charges(3, 1, 0)],
    cation_sites: OCTAHEDRA,
    ..definition("sodium-cuprate", "-C 2y", [6.351, 2.747, 6.103], [90.0, 120.77, 90.0])
};

pub(super) const RUDDLESDEN_POPPER: Definition = Definition {
    atoms: &[
        atom(M, [0.0; 3]),
        atom(A, [0.0, 0.0, 0.358]),
        atom(O, [0.0, 0.5, 0.0]),
        atom(O, [0.0, 0.0, 0.163]),
    ],
    charges: &[charges(2, 3, 0), charges(4, 2, 0)],
    ..definition("ruddlesden-popper", "-I 4 2", [3.87, 3.87, 12.6], RIGHT)
};

pub(super) const NEODYMIUM_CUPRATE: Definition = Definition {
    atoms: &[
        atom(M, [0.0; 3]),
        atom(A, [0.0, 0.0, 0.3513]),
        atom(O, [0.0, 0.5, 0.0]),
        atom(O, [0.0, 0.5, 0.25]),
    ],
    geometry: SquarePlanar,
    charges: &[charges(2, 3, 0)],
    ..definition("neodymium-cuprate", "-I 4 2", [3.945, 3.945, 12.17], RIGHT)
};

pub(super) const INFINITE_LAYER: Definition = Definition {
    atoms: &[atom(M, [0.0; 3]), atom(A, [0.5; 3]), atom(O, [0.5, 0.0, 0.0])],
    geometry: SquarePlanar,
    charges: &[charges(2, 2, 0)],
    ..definition("infinite-layer", "-P 4 2", [3.926, 3.926, 3.432], RIGHT)
};

pub(super) const OXYGEN_DEFICIENT_PEROVSKITE: Definition = Definition {
    atoms: &[
        atom(M, [0.5, 0.5, 0.265]),
        atom(A, [0.0, 0.0, 0.5]),
        atom(B, [0.0; 3]),
        atom(O, [0.5, 0.5, 0.0]),
        atom(O, [0.0, 0.5, 0.31]),
    ],
    geometry: SquarePyramidal,
    charges: &[charges(2, 3, 3), charges(3, 2, 2)],
    ..definition("oxygen-deficient-perovskite", "-P 4 2", [3.9, 3.9, 7.6], RIGHT)
};

pub(super) const HEXAGONAL_MANGANITE: Definition = Definition {
    atoms: &[
        atom(M, [THIRD, TWO_THIRDS, 0.25]),
        atom(A, [0.0; 3]),
        atom(O, [0.0, 0.0, 0.25]),
        atom(O, [THIRD, TWO_THIRDS, 0.086]),
    ],
    geometry: TrigonalBipyramidal,
    charges: &[charges(3, 3, 0)],
    ..definition("hexagonal-manganite", "-P 6c 2c", [3.61, 3.61, 11.39], HEXAGONAL)
};

pub(super) const TETRAHEDRAL_SPINEL: Definition = Definition {
    atoms: &[atom(M, [0.125; 3]), atom(B, [0.5; 3]), atom(O, [0.2625; 3])],
    geometry: Tetrahedral,
    charges: &[charges(2, 0, 3)],
    cation_sites: OCTAHEDRA,
    ..definition("tetrahedral-spinel", "-F 4vw 2vw 3", [8.1; 3], RIGHT)
};

pub(super) const OCTAHEDRAL_SPINEL: Definition = Definition {
    atoms: &[atom(M, [0.5; 3]), atom(A, [0.125; 3]), atom(O, [0.2605; 3])],
    charges: &[charges(3, 2, 0)],
    cation_sites: TETRAHEDRA,
    ..definition("octahedral-spinel", "-F 4vw 2vw 3", [8.44; 3], RIGHT)
};

pub(super) const GERMANATE_SPINEL: Definition = Definition {
    atoms: &[atom(M, [0.5; 3]), atom(A, [0.125; 3]), atom(O, [0.2508; 3])],
    charges: &[charges(2, 4, 0)],
    cation_sites: TETRAHEDRA,
    ..definition("germanate-spinel", "-F 4vw 2vw 3", [8.318; 3], RIGHT)
};

pub(super) const ZIRCON: Definition = Definition {
    atoms: &[atom(M, [0.0, 0.25, 0.375]), atom(A, [0.0, 0.75, 0.125]), atom(O, [0.0, 0.4346, 0.2024])],
    geometry: Tetrahedral,
    oxygen: 1.36,
    charges: &[charges(5, 3, 0), charges(6, 2, 0)],
    ..definition("zircon", "-I 4bd 2", [7.118, 7.118, 6.289], RIGHT)
};

pub(super) const PYROCHLORE: Definition = Definition {
    atoms: &[atom(M, [0.0; 3]), atom(A, [0.5; 3]), atom(O, [0.328, 0.125, 0.125]), atom(O, [0.375; 3])],
    oxygen: 1.36,
    charges: &[charges(4, 3, 0)],
    ..definition("pyrochlore", "-F 4vw 2vw 3", [10.09; 3], RIGHT)
};

pub(super) const PEROVSKITE: Definition = Definition {
    atoms: &[atom(M, [0.0; 3]), atom(A, [0.5; 3]), atom(O, [0.5, 0.0, 0.0])],
    oxygen: 1.35,
    charges: &[charges(4, 2, 0), charges(3, 3, 0)],
    ..definition("perovskite", "-P 4 2 3", [3.905; 3], RIGHT)
};
