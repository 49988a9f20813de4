//! Effective ionic radii: R. D. Shannon, *Acta Cryst.* A32 (1976) 751, high spin where the spin decides, Å.
//!
//! A bond is as long as the radius of the metal and that of oxygen together. An ion without a row takes no such sites;
//! square-planar Cu³⁺, which the paper lacks, is that of NaCuO₂ (1.84 Å).

use super::Geometry;
use super::Geometry::{Linear, Octahedral, SquarePlanar, SquarePyramidal, Tetrahedral, TrigonalBipyramidal};

/// Symbol, charge, geometry, radius.
const ABSORBERS: &[(&str, i32, Geometry, f64)] = &[
    ("Ti", 2, Octahedral, 0.86),
    ("Ti", 3, Octahedral, 0.67),
    ("Ti", 4, Octahedral, 0.605),
    ("V", 2, Octahedral, 0.79),
    ("V", 3, Octahedral, 0.64),
    ("V", 4, Octahedral, 0.58),
    ("V", 5, Tetrahedral, 0.355),
    ("Cr", 2, Octahedral, 0.80),
    ("Cr", 3, Octahedral, 0.615),
    ("Cr", 4, Octahedral, 0.55),
    ("Cr", 5, Tetrahedral, 0.345),
    ("Cr", 6, Tetrahedral, 0.26),
    ("Mn", 2, Tetrahedral, 0.66),
    ("Mn", 2, SquarePyramidal, 0.75),
    ("Mn", 2, Octahedral, 0.83),
    ("Mn", 3, SquarePyramidal, 0.58),
    ("Mn", 3, TrigonalBipyramidal, 0.58),
    ("Mn", 3, Octahedral, 0.645),
    ("Mn", 4, Octahedral, 0.53),
    ("Mn", 5, Tetrahedral, 0.33),
    ("Fe", 2, Tetrahedral, 0.63),
    ("Fe", 2, SquarePlanar, 0.64),
    ("Fe", 2, Octahedral, 0.78),
    ("Fe", 3, Tetrahedral, 0.49),
    ("Fe", 3, SquarePyramidal, 0.58),
    ("Fe", 3, TrigonalBipyramidal, 0.58),
    ("Fe", 3, Octahedral, 0.645),
    ("Fe", 4, Octahedral, 0.585),
    ("Co", 2, Tetrahedral, 0.58),
    ("Co", 2, SquarePyramidal, 0.67),
    ("Co", 2, Octahedral, 0.745),
    ("Co", 3, Octahedral, 0.61),
    ("Co", 4, Octahedral, 0.53),
    ("Ni", 2, Tetrahedral, 0.55),
    ("Ni", 2, SquarePlanar, 0.49),
    ("Ni", 2, SquarePyramidal, 0.63),
    ("Ni", 2, Octahedral, 0.69),
    ("Ni", 3, Octahedral, 0.60),
    ("Ni", 4, Octahedral, 0.48),
    ("Cu", 1, Linear, 0.46),
    ("Cu", 2, Tetrahedral, 0.57),
    ("Cu", 2, SquarePlanar, 0.57),
    ("Cu", 2, SquarePyramidal, 0.65),
    ("Cu", 2, Octahedral, 0.73),
    ("Cu", 3, SquarePlanar, 0.46),
    ("Cu", 3, Octahedral, 0.54),
    ("Zn", 2, Tetrahedral, 0.60),
    ("Zn", 2, SquarePyramidal, 0.68),
    ("Zn", 2, Octahedral, 0.74),
];

/// Where a cation that is not the absorber sits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Room {
    /// Eight to twelve oxygens.
    Large,
    Octahedral,
    Tetrahedral,
}

/// Symbol and radius.
type Ion = (&'static str, f64);

/// Room, charge, ions with their radii: twelve-, six- and fourfold.
const OTHERS: &[(Room, i32, &[Ion])] = &[
    (Room::Large, 1, &[("Na", 1.39), ("K", 1.64)]),
    (Room::Large, 2, &[("Ca", 1.34), ("Sr", 1.44), ("Ba", 1.61)]),
    (Room::Large, 3, &[("La", 1.36), ("Pr", 1.30), ("Nd", 1.27), ("Sm", 1.24), ("Y", 1.19)]),
    (Room::Octahedral, 1, &[("Li", 0.76), ("Na", 1.02)]),
    (Room::Octahedral, 3, &[("Al", 0.535), ("Ga", 0.62), ("Sc", 0.745), ("In", 0.80)]),
    (Room::Octahedral, 4, &[("Ge", 0.53), ("Ti", 0.605), ("Sn", 0.69)]),
    (Room::Tetrahedral, 1, &[("Li", 0.59)]),
    (Room::Tetrahedral, 2, &[("Mg", 0.57), ("Zn", 0.60), ("Cd", 0.78)]),
    (Room::Tetrahedral, 4, &[("Si", 0.26), ("Ge", 0.39)]),
];

/// Elements that can be the absorber, by atomic number.
pub(super) fn absorbers() -> Vec<&'static str> {
    let mut symbols: Vec<&str> = ABSORBERS.iter().map(|ion| ion.0).collect();
    symbols.dedup();
    symbols
}

pub(super) fn radius(symbol: &str, charge: i32, geometry: Geometry) -> Option<f64> {
    let same = |ion: &&(&str, i32, Geometry, f64)| (ion.0, ion.1, ion.2) == (symbol, charge, geometry);
    ABSORBERS.iter().find(same).map(|ion| ion.3)
}

/// Ions of a charge for a room, without one element.
pub(super) fn others(room: Room, charge: i32, without: &str) -> Vec<Ion> {
    let row = OTHERS.iter().find(|row| (row.0, row.1) == (room, charge));
    let ions = row.map_or(&[][..], |row| row.2);
    ions.iter().copied().filter(|ion| ion.0 != without).collect()
}
