//! Complete analyses of microscope images and of X-ray spectra and structures as library calls.
//!
//! | module | stages |
//! |---|---|
//! | [`image`] | open → prepare → place patches → train → encode → interpret → report |
//! | [`spectra`] | collect → tabulate → split and validate → fit → explain → report |
//!
//! Each stage is a type with its own inputs, outputs and settings; settings implement serde's traits. An
//! [`Observer`] receives progress and notices and can stop a run; `()` ignores them. [`inspect`] describes
//! the content of a file, [`output`] contains the files and folders of results.
//!
//! ```
//! use adatom_pipeline::image::{Image, ImageSettings, Placement, Window};
//! use adatom_pipeline::ndarray::Array2;
//! use adatom_pipeline::output::{Existing, OutputFolder};
//!
//! // An image of a square lattice; or from files: adatom_pipeline::image::run(&settings, ["sto.ser"], &())?
//! let distance = |row: usize, column: usize| ((row % 12) as f32 - 5.0).hypot((column % 12) as f32 - 5.0);
//! let image = Image::from_array(Array2::from_shape_fn((48, 48), |(row, column)| distance(row, column)));
//!
//! let settings =
//!     ImageSettings::new().window(Window::square(12)).placement(Placement::Random { count: 40 }).epochs(2);
//! let results = settings.run_on([image], &())?;
//! assert_eq!(results.posterior().content().dim(), (40, 2));
//!
//! // Model, latents, maps and report.html.
//! let path = std::env::temp_dir().join("adatom-pipeline-example");
//! results.save(&OutputFolder::prepare(&path, Existing::Replace)?)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Features: `image` and `spectra` (both default); `cuda` and `metal` train on an NVIDIA or Apple GPU.

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
