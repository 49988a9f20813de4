//! Oxides of the metal M alone.

use super::Role::{M, O};
use super::{Definition, HEXAGONAL, RIGHT, atom, charges, definition};
use crate::oxides::Geometry::{Linear, SquarePlanar, Tetrahedral};

const THIRD: f64 = 1.0 / 3.0;
const TWO_THIRDS: f64 = 2.0 / 3.0;

pub(super) const ROCK_SALT: Definition = Definition {
    atoms: &[atom(M, [0.0; 3]), atom(O, [0.5; 3])],
    oxygen: 1.40,
    ..definition("rock-salt", "-F 4 2 3", [4.177; 3], RIGHT)
};

pub(super) const ZINC_BLENDE: Definition = Definition {
    atoms: &[atom(M, [0.0; 3]), atom(O, [0.25; 3])],
    geometry: Tetrahedral,
    ..definition("zinc-blende", "F -4 2 3", [4.55; 3], RIGHT)
};

pub(super) const WURTZITE: Definition = Definition {
    atoms: &[atom(M, [THIRD, TWO_THIRDS, 0.0]), atom(O, [THIRD, TWO_THIRDS, 0.382])],
    geometry: Tetrahedral,
    ..definition("wurtzite", "P 6c -2c", [3.25, 3.25, 5.207], HEXAGONAL)
};

pub(super) const PALLADIUM_OXIDE: Definition = Definition {
    atoms: &[atom(M, [0.0, 0.5, 0.0]), atom(O, [0.0, 0.0, 0.25])],
    geometry: SquarePlanar,
    ..definition("palladium-oxide", "-P 4c 2", [3.04, 3.04, 5.33], RIGHT)
};

pub(super) const TENORITE: Definition = Definition {
    atoms: &[atom(M, [0.25, 0.25, 0.0]), atom(O, [0.0, 0.418, 0.25])],
    geometry: SquarePlanar,
    ..definition("tenorite", "-C 2yc", [4.684, 3.423, 5.129], [90.0, 99.54, 90.0])
};

pub(super) const CUPRITE: Definition = Definition {
    atoms: &[atom(M, [0.25; 3]), atom(O, [0.0; 3])],
    geometry: Linear,
    charges: &[charges(1, 0, 0)],
    ..definition("cuprite", "P 4n 2 3 -1n", [4.27; 3], RIGHT)
};

pub(super) const RUTILE: Definition = Definition {
    atoms: &[atom(M, [0.0; 3]), atom(O, [0.305, 0.305, 0.0])],
    oxygen: 1.36,
    charges: &[charges(4, 0, 0)],
    ..definition("rutile", "-P 4n 2n", [4.594, 4.594, 2.959], RIGHT)
};

pub(super) const ANATASE: Definition = Definition {
    atoms: &[atom(M, [0.0, 0.75, 0.125]), atom(O, [0.0, 0.75, 0.3331])],
    oxygen: 1.36,
    charges: &[charges(4, 0, 0)],
    ..definition("anatase", "-I 4bd 2", [3.785, 3.785, 9.514], RIGHT)
};

pub(super) const CORUNDUM: Definition = Definition {
    atoms: &[atom(M, [0.0, 0.0, 0.3553]), atom(O, [0.3059, 0.0, 0.25])],
    charges: &[charges(3, 0, 0)],
    ..definition("corundum", "-R 3 2=c", [5.035, 5.035, 13.747], HEXAGONAL)
};
