//! From microscope images to latent maps, and from folders of spectra to forests, as stages that a program
//! calls.

#![forbid(unsafe_code)]

mod error;
#[cfg(feature = "image")]
pub mod image;
#[cfg(all(feature = "image", feature = "spectra"))]
mod inspect;
#[cfg(feature = "image")]
mod npz;
mod observer;
pub mod output;
#[cfg(feature = "spectra")]
pub mod spectra;

pub use ndarray;

pub use error::{Error, IntensityConflict, OutputProblem, Result, with_sources};
#[cfg(all(feature = "image", feature = "spectra"))]
pub use inspect::{FileDescription, InspectError, inspect};
pub use observer::{Control, Event, Observer, Progress};
