//! Crystal structures: files, neighbours, labels of local environments, pair distribution functions.
//!
//! | item | meaning |
//! |---|---|
//! | [`Lattice`] | three cell vectors in Å, right- or left-handed, of positive volume |
//! | [`Species`] | an element with its formal charge, if given |
//! | [`Site`] | species with occupancies, fractional coordinates and displacement parameters |
//! | [`Crystal`] | a lattice and its sites; reads CIF, POSCAR and extended XYZ |
//! | [`NeighbourFinder`] | the sites, in all cells, within a distance of a site |
//! | [`EnvironmentFinder`], [`BondRule`] | bonded neighbours, coordination numbers, bond lengths |
//! | [`SiteLabels`], [`OxidationSearch`] | the labels of sites; oxidation states from bond valences |
//! | [`PdfCalculator`] | total, partial and differential pair distribution functions of a crystal |
//!
//! ```
//! use adatom_crystal::{BondRule, Crystal, Lattice, PdfCalculator, Site, Species};
//!
//! // From a file: Crystal::open("POSCAR")?
//! let (copper, oxygen) = ("Cu".parse()?, "O".parse()?);
//! let site = |element, position| Site::new(Species::new(element), position);
//! let sites = vec![site(copper, [0.0; 3])?, site(oxygen, [0.5; 3])?];
//! let crystal = Crystal::new(Lattice::from_parameters([3.0; 3], [60.0; 3])?, sites)?;
//!
//! // G(r) of all pairs, and of the pairs with copper.
//! let pdfs = PdfCalculator::published().total_and_differential(&crystal, copper)?;
//! assert_eq!((pdfs.total.len(), pdfs.differential.element()), (1000, copper));
//!
//! let labels = crystal.labels(copper, BondRule::default())?;
//! assert_eq!((labels[0].coordination_number, labels[0].oxidation_state.clone()), (6, Ok(2)));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Lengths are in Å, displacement parameters U in Å². Fractional coordinates f denote the position f · L,
//! where the rows of L are the cell vectors.

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
pub use pdf::{Baseline, PartialPdf, PdfCalculator, TotalAndDifferential};
pub use read::StructureFile;
pub use scattering::{Charges, Radiation, XRayFactor, neutron_scattering_length};
pub use site::{Displacement, Site, Species};
pub use symmetry::{Centring, HallSymbol, SymmetryOperation};
pub use valence::{OxidationSearch, OxidationStates, unit_bond_length};
