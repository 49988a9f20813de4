//! The prototypes of oxide structures, and the surroundings they give to their metal.

use std::fmt;

use super::definitions::Definition;

/// How oxygen stands around a metal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Geometry {
    /// Two, opposite each other.
    Linear,
    /// Four, at the corners of a tetrahedron.
    Tetrahedral,
    /// Four, in one plane.
    SquarePlanar,
    /// Five: four nearly in one plane, one above.
    SquarePyramidal,
    /// Five: three in one plane, one above and one below.
    TrigonalBipyramidal,
    /// Six.
    Octahedral,
}

impl Geometry {
    /// How many oxygens there are.
    ///
    /// ```
    /// use adatom_synthetic::Geometry;
    /// assert_eq!(Geometry::SquarePlanar.coordination_number(), 4);
    /// ```
    pub fn coordination_number(self) -> usize {
        match self {
            Self::Linear => 2,
            Self::Tetrahedral | Self::SquarePlanar => 4,
            Self::SquarePyramidal | Self::TrigonalBipyramidal => 5,
            Self::Octahedral => 6,
        }
    }
}

impl fmt::Display for Geometry {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            Self::Linear => "linear",
            Self::Tetrahedral => "tetrahedral",
            Self::SquarePlanar => "square planar",
            Self::SquarePyramidal => "square pyramidal",
            Self::TrigonalBipyramidal => "trigonal bipyramidal",
            Self::Octahedral => "octahedral",
        })
    }
}

/// A structure type of oxides, M being the metal that is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Prototype {
    /// MO as NiO, Fm-3m.
    RockSalt,
    /// MO as cubic CoO, F-43m.
    ZincBlende,
    /// MO as ZnO, P6₃mc.
    Wurtzite,
    /// MO as PdO, P4₂/mmc.
    PalladiumOxide,
    /// MO as CuO, C2/c.
    Tenorite,
    /// M₂O as Cu₂O, Pn-3m.
    Cuprite,
    /// MBO₂ as CuAlO₂, R-3m.
    Delafossite,
    /// MO₂ as TiO₂, P4₂/mnm.
    Rutile,
    /// MO₂ as TiO₂, I4₁/amd.
    Anatase,
    /// M₂O₃ as Fe₂O₃, R-3c.
    Corundum,
    /// MBO₃ as FeTiO₃, R-3.
    Ilmenite,
    /// AMO₂ as LiCoO₂, R-3m.
    LayeredOxide,
    /// AMO₂ as γ-LiAlO₂, P4₁2₁2.
    LithiumAluminate,
    /// AMO₂ as NaCuO₂, C2/m.
    SodiumCuprate,
    /// AMO₃ as SrTiO₃, Pm-3m.
    Perovskite,
    /// A₂MO₄ as La₂NiO₄ and Sr₂TiO₄, I4/mmm.
    RuddlesdenPopper,
    /// A₂MO₄ as Nd₂CuO₄, I4/mmm.
    NeodymiumCuprate,
    /// AMO₂ as SrCuO₂ and SrFeO₂, P4/mmm.
    InfiniteLayer,
    /// AA'M₂O₅ as YBaFe₂O₅ (cells of equal metals), P4/mmm.
    OxygenDeficientPerovskite,
    /// AMO₃ as YMnO₃ above its transition, P6₃/mmc.
    HexagonalManganite,
    /// MB₂O₄ as CoAl₂O₄, Fd-3m: M in the tetrahedra.
    TetrahedralSpinel,
    /// AM₂O₄ as ZnFe₂O₄, Fd-3m: M in the octahedra.
    OctahedralSpinel,
    /// AM₂O₄ as GeCo₂O₄, Fd-3m: M in the octahedra, and small tetrahedra.
    GermanateSpinel,
    /// AMO₄ as YVO₄, I4₁/amd.
    Zircon,
    /// A₂M₂O₇ as Y₂Ti₂O₇, Fd-3m.
    Pyrochlore,
}

impl Prototype {
    /// All of them.
    pub const ALL: [Self; 25] = [
        Self::RockSalt,
        Self::ZincBlende,
        Self::Wurtzite,
        Self::PalladiumOxide,
        Self::Tenorite,
        Self::Cuprite,
        Self::Delafossite,
        Self::Rutile,
        Self::Anatase,
        Self::Corundum,
        Self::Ilmenite,
        Self::LayeredOxide,
        Self::LithiumAluminate,
        Self::SodiumCuprate,
        Self::Perovskite,
        Self::RuddlesdenPopper,
        Self::NeodymiumCuprate,
        Self::InfiniteLayer,
        Self::OxygenDeficientPerovskite,
        Self::HexagonalManganite,
        Self::TetrahedralSpinel,
        Self::OctahedralSpinel,
        Self::GermanateSpinel,
        Self::Zircon,
        Self::Pyrochlore,
    ];

    /// Its name in words that fit file names, such as `rock-salt`.
    ///
    /// ```
    /// use adatom_synthetic::{Geometry, Prototype};
    /// assert_eq!(Prototype::InfiniteLayer.name(), "infinite-layer");
    /// assert_eq!(Prototype::InfiniteLayer.geometry(), Geometry::SquarePlanar);
    /// assert_eq!(Prototype::ALL.len(), 25);
    /// ```
    pub fn name(self) -> &'static str {
        Definition::of(self).name
    }

    /// What stands around M.
    pub fn geometry(self) -> Geometry {
        Definition::of(self).geometry
    }

    /// Charges that M can have.
    ///
    /// ```
    /// use adatom_synthetic::Prototype;
    /// assert_eq!(Prototype::Perovskite.valences(), [4, 3]);
    /// ```
    pub fn valences(self) -> Vec<i32> {
        Definition::of(self).charges.iter().map(|charges| charges.m).collect()
    }
}

impl fmt::Display for Prototype {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.name())
    }
}
