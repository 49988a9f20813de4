//! Crystal structures: read, neighbours, labels of local environments, pair distribution functions.
//!
//! | word | is |
//! |---|---|
//! | [`Lattice`] | three cell vectors in Å, right- or left-handed, of positive volume |
//! | [`Species`] | an element with its formal charge, where one is given |
//! | [`Site`] | a place in the cell: species with occupancies, fractional coordinates, displacement parameters |
//! | [`Crystal`] | a lattice and its sites |
//! | [`NeighbourFinder`] | which sites, in all cells, lie within a distance of a site |
//! | [`PdfCalculator`] | total, partial and differential pair distribution functions of a crystal |
//!
//! Lengths are in Å, displacement parameters U in Å². Fractional coordinates f mean the place f · L, where
//! the rows of L are the cell vectors.

#![forbid(unsafe_code)]

mod change;
mod crystal;
mod elements;
mod environment;
mod error;
mod formula;
mod labels;
mod lattice;
mod neighbours;
mod number;
mod pdf;
mod read;
mod scattering;
mod site;
mod symmetry;
mod valence;
mod write;

pub use adatom_core::Element;
pub use adatom_spectra::{DifferentialPdf, DistanceGrid, Pdf, ndarray};
pub use crystal::Crystal;
pub use elements::{covalent_radius, electronegativity};
pub use environment::{BondRule, Environment, EnvironmentFinder, SolidAngle, VoronoiCell, VoronoiFace};
pub use error::{Error, Result};
pub use labels::{NoOxidationState, SiteLabels};
pub use lattice::Lattice;
pub use neighbours::{Neighbour, NeighbourFinder};
pub use pdf::{Baseline, PartialPdf, PdfCalculator};
pub use read::StructureFile;
pub use scattering::{Charges, Radiation, XRayFactor, neutron_scattering_length};
pub use site::{Displacement, Site, Species};
pub use symmetry::{Centring, HallSymbol, SymmetryOperation};
pub use valence::{OxidationSearch, OxidationStates, unit_bond_length};
