//! From microscope images to latent maps, and from folders of spectra to forests, as stages that a program calls.

#![forbid(unsafe_code)]

mod error;
#[cfg(feature = "image")]
pub mod image;
#[cfg(all(feature = "image", feature = "spectra"))]
mod inspect;
mod observer;
pub mod output;
#[cfg(feature = "spectra")]
pub mod spectra;

pub use error::{Error, OutputProblem, Result, with_sources};
#[cfg(all(feature = "image", feature = "spectra"))]
pub use inspect::{FileDescription, InspectError, inspect};
pub use observer::{Control, Event, Observer, Progress};
