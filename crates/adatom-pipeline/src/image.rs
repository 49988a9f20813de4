//! Images: open, prepare, place patches, train, encode, interpret, report.
//!
//! | stage | settings | result |
//! |---|---|---|
//! | open | [`SourceSettings`] | [`OpenedImages`] |
//! | prepare | [`PreparationSettings`] | [`PreparedImages`] |
//! | place patches | [`Placement`] | [`PlacedPatches`] |
//! | train | [`ModelSettings`], [`TrainingSettings`], [`RegularisationSettings`] | [`TrainedModel`] |
//! | encode | | [`EncodedPatches`] |
//! | interpret | [`InterpretationSettings`] | [`Interpretation`] |
//! | report | | [`ImageResults`]: values, maps, report, files |
//!
//! [`run`] executes all stages with [`ImageSettings`]. [`Exploration`] compares brief trainings with a grid
//! of settings, [`ImageEncoder`] encodes other images with a trained model, and [`ImageDemo`] runs on a
//! generated image.
//!
//! ```
//! use adatom_pipeline::image::{ImageSettings, Placement, Window};
//! use adatom_pipeline::output::{Existing, OutputFolder};
//! use adatom_pipeline::ndarray::Array2;
//!
//! let folder = tempfile::tempdir()?;
//! # let file = folder.path().join("sto.npy");
//! # let distance = |r: usize, c: usize| ((r % 12) as f32 - 5.0).hypot((c % 12) as f32 - 5.0);
//! # let pixels = Array2::from_shape_fn((48, 48), |(r, c)| distance(r, c));
//! # adatom_pipeline::image::Image::from_array(pixels).save_npy(&file)?;
//! let placement = Placement::Random { count: 40 };
//! let settings = ImageSettings::new().window(Window::square(12)).placement(placement).epochs(2);
//! let results = adatom_pipeline::image::run(&settings, [&file], &())?; // or ["sto.ser"]
//! assert_eq!(results.posterior().content().dim(), (40, 2));
//! let maps = results.maps(0)?;
//! assert_eq!(maps[0].names, ["content 1", "content 2"]);
//! // Model, latents, maps and report.html.
//! results.save(&OutputFolder::prepare(&folder.path().join("sto"), Existing::Refuse)?)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod demo;
mod encode;
mod explore;
mod files;
mod interpretation;
mod model;
mod notice;
mod open;
mod place;
mod prepare;
mod regularisation;
mod report;
mod results;
mod settings;
mod sliding;
mod training;

use std::path::Path;

pub use adatom_core::{FeatureTable, LatentMap};
pub use adatom_interpret::{FieldCorrelation, FieldSampling, ImageReport, LatentClusters, Report};
pub use adatom_patch::{Fill, Image, PatchGrid, Patches, ScalingMethod, Window};
pub use adatom_vae::{Capacity, Invariance, KlWeight, Likelihood, Posterior, Roughness, ShiftVae, VaeConfig};

pub use demo::{DemoSize, ImageDemo, ImageDemoResults, RecoveredQuantity};
pub use encode::EncodedPatches;
pub use explore::{Exploration, ExplorationResults, ExploreSettings, RoughnessLength, Trial, TrialSettings};
pub use interpretation::{ClusterCount, Field, FieldFile, Interpretation, InterpretationSettings};
pub use model::{Coordinates, ModelSettings, UnitCell};
pub use notice::{LatticeLength, Notice};
pub use open::{OpenedImages, SourceSettings};
pub use place::{PlacedPatches, Placement};
pub use prepare::{PreparationSettings, PreparedImages, ScalingScope};
pub use regularisation::{DecodedContent, RegularisationSettings, SmoothnessLength, SmoothnessSettings};
pub use results::{ImageResults, NamedMap, TRAINING_STATE, save_metrics, save_report};
pub use settings::ImageSettings;
pub use sliding::{Edge, EncodeSettings, ImageEncoder, IntensityScale, LatentTable, SlidingWindows};
pub use training::{ComputeDevice, TrainedModel, TrainingOutcome, TrainingPlan, TrainingSettings};

use crate::error::Result;
use crate::observer::Observer;

/// Runs all stages on image files: one model is trained on all of them.
///
/// # Errors
/// Those of [`ImageSettings::run`].
pub fn run<P: AsRef<Path>>(
    settings: &ImageSettings,
    paths: impl IntoIterator<Item = P>,
    observer: &dyn Observer,
) -> Result<ImageResults> {
    settings.run(paths, observer)
}
