//! Generated data with known structure, for tests, documentation and demonstrations.
//!
//! | type | is | feature |
//! |---|---|---|
//! | [`LatticeImage`] | settings of a generated image of a crystal lattice | `images` |
//! | [`GeneratedLattice`] | the image, its atomic columns and their displacements | `images` |
//! | [`SyntheticOxides`] | settings of a set of generated oxides of one element | `oxides` |
//! | [`SyntheticOxide`], [`PlantedSite`] | a crystal; charge and bonds of its metal sites | `oxides` |
//! | [`Prototype`], [`Geometry`] | the structure types, and their coordination polyhedra | `oxides` |
//! | [`XanesModel`] | a closed formula for the K-edge absorption of a site | `oxides` |
//!
//! Both features are on by default. Nothing here is measured, and nothing is a calculation of electronic
//! structure: the spectra are no substitute for FEFF or another program that solves the scattering problem.
//!
//! ```
//! # #[cfg(feature = "images")]
//! # {
//! use adatom_synthetic::LatticeImage;
//!
//! let lattice = LatticeImage::new(128, 160)
//!     .cell([20.3, 19.7])
//!     .displacement(1.5)
//!     .noise(0.1)
//!     .seed(4)
//!     .generate()?;
//! assert_eq!((lattice.image.height(), lattice.image.width()), (128, 160));
//! assert_eq!(lattice.b_columns.dim(), lattice.displacement.dim());
//! # }
//! # #[cfg(feature = "oxides")]
//! # {
//! use adatom_synthetic::{EnergyGrid, SyntheticOxides, XanesModel, ndarray::Array1};
//!
//! let oxides = SyntheticOxides::new(7).element("Cu".parse()?).materials(20).generate()?;
//! let energy = EnergyGrid::new(Array1::linspace(8960.0, 9060.0, 101))?;
//! let spectra = XanesModel::default().spectra(&oxides, &energy)?;
//! assert_eq!(spectra[0].len(), oxides[0].sites().len());
//! # }
//! # Ok::<(), adatom_synthetic::Error>(())
//! ```

#![forbid(unsafe_code)]

mod error;
#[cfg(feature = "images")]
mod images;
#[cfg(feature = "oxides")]
mod oxides;
#[cfg(any(feature = "images", feature = "oxides"))]
mod random;
#[cfg(feature = "oxides")]
mod xanes;

pub use adatom_core::{Element, PixelSize};
#[cfg(feature = "oxides")]
pub use adatom_crystal::{Crystal, Neighbour};
#[cfg(feature = "images")]
pub use adatom_patch::Image;
#[cfg(feature = "oxides")]
pub use adatom_spectra::{EnergyGrid, Xanes};
pub use error::{Error, Result};
#[cfg(feature = "images")]
pub use images::{GeneratedLattice, LatticeImage};
pub use ndarray;
#[cfg(feature = "oxides")]
pub use oxides::{Geometry, PlantedSite, Prototype, SyntheticOxide, SyntheticOxides};
#[cfg(feature = "oxides")]
pub use xanes::{XanesModel, XanesTerms};
