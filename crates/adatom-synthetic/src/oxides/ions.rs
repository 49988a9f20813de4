//! Effective ionic radii: R. D. Shannon, *Acta Cryst.* A32 (1976) 751, high spin where the spin decides, Å.
//!
//! The length of a bond is the sum of the radii of the metal and of oxygen. An ion without a row is not
//! placed on such sites. The radius of square-planar Cu³⁺, which the paper lacks, is that of NaCuO₂ (bonds of
//! 1.84 Å).

use super::Geometry;
use super::Geometry::{Linear, Octahedral, SquarePlanar, SquarePyramidal, Tetrahedral, TrigonalBipyramidal};

/// An ion of the metal whose sites are labelled.
struct Absorber {
    symbol: &'static str,
    charge: i32,
    geometry: Geometry,
    radius: f64,
}

const fn absorber(symbol: &'static str, charge: i32, geometry: Geometry, radius: f64) -> Absorber {
    Absorber { symbol, charge, geometry, radius }
}

const ABSORBERS: &[Absorber] = &[
    absorber("Ti", 2, Octahedral, 0.86),
    absorber("Ti", 3, Octahedral, 0.67),
    absorber("Ti", 4, Octahedral, 0.605),
    absorber("V", 2, Octahedral, 0.79),
    absorber("V", 3, Octahedral, 0.64),
    absorber("V", 4, Octahedral, 0.58),
    absorber("V", 5, Tetrahedral, 0.355),
    absorber("Cr", 2, Octahedral, 0.80),
    absorber("Cr", 3, Octahedral, 0.615),
    absorber("Cr", 4, Octahedral, 0.55),
    absorber("Cr", 5, Tetrahedral, 0.345),
    absorber("Cr", 6, Tetrahedral, 0.26),
    absorber("Mn", 2, Tetrahedral, 0.66),
    absorber("Mn", 2, SquarePyramidal, 0.75),
    absorber("Mn", 2, Octahedral, 0.83),
    absorber("Mn", 3, SquarePyramidal, 0.58),
    absorber("Mn", 3, TrigonalBipyramidal, 0.58),
    absorber("Mn", 3, Octahedral, 0.645),
    absorber("Mn", 4, Octahedral, 0.53),
    absorber("Mn", 5, Tetrahedral, 0.33),
    absorber("Fe", 2, Tetrahedral, 0.63),
    absorber("Fe", 2, SquarePlanar, 0.64),
    absorber("Fe", 2, Octahedral, 0.78),
    absorber("Fe", 3, Tetrahedral, 0.49),
    absorber("Fe", 3, SquarePyramidal, 0.58),
    absorber("Fe", 3, TrigonalBipyramidal, 0.58),
    absorber("Fe", 3, Octahedral, 0.645),
    absorber("Fe", 4, Octahedral, 0.585),
    absorber("Co", 2, Tetrahedral, 0.58),
    absorber("Co", 2, SquarePyramidal, 0.67),
    absorber("Co", 2, Octahedral, 0.745),
    absorber("Co", 3, Octahedral, 0.61),
    absorber("Co", 4, Octahedral, 0.53),
    absorber("Ni", 2, Tetrahedral, 0.55),
    absorber("Ni", 2, SquarePlanar, 0.49),
    absorber("Ni", 2, SquarePyramidal, 0.63),
    absorber("Ni", 2, Octahedral, 0.69),
    absorber("Ni", 3, Octahedral, 0.60),
    absorber("Ni", 4, Octahedral, 0.48),
    absorber("Cu", 1, Linear, 0.46),
    absorber("Cu", 2, Tetrahedral, 0.57),
    absorber("Cu", 2, SquarePlanar, 0.57),
    absorber("Cu", 2, SquarePyramidal, 0.65),
    absorber("Cu", 2, Octahedral, 0.73),
    absorber("Cu", 3, SquarePlanar, 0.46),
    absorber("Cu", 3, Octahedral, 0.54),
    absorber("Zn", 2, Tetrahedral, 0.60),
    absorber("Zn", 2, SquarePyramidal, 0.68),
    absorber("Zn", 2, Octahedral, 0.74),
];

/// The site of a cation other than the labelled metal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CationSite {
    /// With eight to twelve oxygen neighbours.
    Large,
    /// With six.
    Octahedral,
    /// With four.
    Tetrahedral,
}

/// A cation other than the labelled metal; the radius is in Å.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cation {
    pub(super) symbol: &'static str,
    pub(super) radius: f64,
}

/// The cations of one charge for one kind of site.
struct Cations {
    site: CationSite,
    charge: i32,
    ions: &'static [Cation],
}

const fn cations(site: CationSite, charge: i32, ions: &'static [Cation]) -> Cations {
    Cations { site, charge, ions }
}

/// Radii are twelvefold on large sites, sixfold in octahedra and fourfold in tetrahedra.
const OTHERS: &[Cations] = &[
    cations(
        CationSite::Large,
        1,
        &[Cation { symbol: "Na", radius: 1.39 }, Cation { symbol: "K", radius: 1.64 }],
    ),
    cations(
        CationSite::Large,
        2,
        &[
            Cation { symbol: "Ca", radius: 1.34 },
            Cation { symbol: "Sr", radius: 1.44 },
            Cation { symbol: "Ba", radius: 1.61 },
        ],
    ),
    cations(
        CationSite::Large,
        3,
        &[
            Cation { symbol: "La", radius: 1.36 },
            Cation { symbol: "Pr", radius: 1.30 },
            Cation { symbol: "Nd", radius: 1.27 },
            Cation { symbol: "Sm", radius: 1.24 },
            Cation { symbol: "Y", radius: 1.19 },
        ],
    ),
    cations(
        CationSite::Octahedral,
        1,
        &[Cation { symbol: "Li", radius: 0.76 }, Cation { symbol: "Na", radius: 1.02 }],
    ),
    cations(
        CationSite::Octahedral,
        3,
        &[
            Cation { symbol: "Al", radius: 0.535 },
            Cation { symbol: "Ga", radius: 0.62 },
            Cation { symbol: "Sc", radius: 0.745 },
            Cation { symbol: "In", radius: 0.80 },
        ],
    ),
    cations(
        CationSite::Octahedral,
        4,
        &[
            Cation { symbol: "Ge", radius: 0.53 },
            Cation { symbol: "Ti", radius: 0.605 },
            Cation { symbol: "Sn", radius: 0.69 },
        ],
    ),
    cations(CationSite::Tetrahedral, 1, &[Cation { symbol: "Li", radius: 0.59 }]),
    cations(
        CationSite::Tetrahedral,
        2,
        &[
            Cation { symbol: "Mg", radius: 0.57 },
            Cation { symbol: "Zn", radius: 0.60 },
            Cation { symbol: "Cd", radius: 0.78 },
        ],
    ),
    cations(
        CationSite::Tetrahedral,
        4,
        &[Cation { symbol: "Si", radius: 0.26 }, Cation { symbol: "Ge", radius: 0.39 }],
    ),
];

/// Symbols of the elements that can be the labelled metal, by atomic number.
pub(super) fn absorbers() -> Vec<&'static str> {
    let mut symbols: Vec<&str> = ABSORBERS.iter().map(|ion| ion.symbol).collect();
    symbols.dedup();
    symbols
}

pub(super) fn radius(symbol: &str, charge: i32, geometry: Geometry) -> Option<f64> {
    let same = |ion: &&Absorber| (ion.symbol, ion.charge, ion.geometry) == (symbol, charge, geometry);
    ABSORBERS.iter().find(same).map(|ion| ion.radius)
}

/// Cations of a charge for a kind of site, except one element.
pub(super) fn others(site: CationSite, charge: i32, except: &str) -> Vec<Cation> {
    let row = OTHERS.iter().find(|row| (row.site, row.charge) == (site, charge));
    let ions = row.map_or(&[][..], |row| row.ions);
    ions.iter().copied().filter(|ion| ion.symbol != except).collect()
}
