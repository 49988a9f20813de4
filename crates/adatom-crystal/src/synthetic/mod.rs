//! Generated oxides whose labels are known, and a model of their X-ray absorption.
//!
//! Not measured data and not a calculation of electronic structure: for demonstrations, documentation and tests, where one
//! must know what is to be found. [`SyntheticOxides`] puts an element into prototypes of oxide structures
//! ([`Prototype`]), strains them and exchanges their other cations; [`XanesModel`] gives each site a spectrum by closed
//! formulas of its valence, its bonds and the shells around it. It is no substitute for FEFF or any other code that solves the
//! scattering problem.

mod cell;
mod definitions;
mod eigen;
mod ions;
mod line;
mod oscillation;
mod oxides;
mod parts;
mod planted;
mod prototype;
mod random;
mod xanes;

pub use oxides::{SyntheticOxide, SyntheticOxides};
pub use parts::XanesParts;
pub use planted::PlantedSite;
pub use prototype::{Geometry, Prototype};
pub use xanes::XanesModel;
