//! Local structure in materials data: the crates of adatom under one name.
//!
//! | module | crate | content |
//! |---|---|---|
//! | [`core`] | `adatom-core` | shared types: windows, patch grids, samples, latent maps, feature tables |
//! | [`patch`] | `adatom-patch` | reads images, cuts them into patches, maps values back onto the image |
//! | [`vae`] | `adatom-vae` | the shift-, rotation- and scale-invariant autoencoder |
//! | [`plot`] | `adatom-plot` | figures as PNG and SVG, HTML reports |
//! | [`interpret`] | `adatom-interpret` | importances, interpretation of latents, and their figures |
//! | [`spectra`] | `adatom-spectra` | reads, normalises and tabulates XANES and PDFs |
//! | [`forest`] | `adatom-forest` | random forests, extremely randomised trees, validation, scores |
//! | [`crystal`] | `adatom-crystal` | structures, local environments, oxidation states, calculated PDFs |
//! | [`synthetic`] | `adatom-synthetic` | generated images, oxides and spectra with known structure |
//! | [`pipeline`] | `adatom-pipeline` | complete analyses of images and of spectra, stage by stage |
//!
//! A complete analysis of an image is one call:
//!
//! ```no_run
//! use adatom::pipeline::image::{self, ImageSettings, Window};
//! use adatom::pipeline::output::{Existing, OutputFolder};
//!
//! let settings = ImageSettings::new().window(Window::square(40)).epochs(50);
//! let results = image::run(&settings, ["sto.ser"], &())?; // open, prepare, place, train, encode, interpret
//! // Model, latents, maps and report.html.
//! results.save(&OutputFolder::prepare("sto".as_ref(), Existing::Refuse)?)?;
//! # Ok::<(), adatom::pipeline::Error>(())
//! ```
//!
//! The same with the parts, on a generated image:
//!
//! ```
//! use adatom::interpret::Figure;
//! use adatom::patch::{LatentMap, Patches, Stride, Window};
//! use adatom::synthetic::LatticeImage;
//! use adatom::vae::{ShiftVae, Trainer};
//!
//! let image = LatticeImage::new(64, 64).seed(7).generate()?.image; // or Image::open("sto.ser")?
//! let patches = Patches::grid(&image, Window::new(12, 12), Stride::new(8, 8))?;
//! let vae = Trainer::new(ShiftVae::image_config(12, 12).hidden([16, 16]).shift_prior(0.25))
//!     .epochs(2)
//!     .seed(7)
//!     .fit(&patches)?;
//! let posterior = vae.encode(&patches)?;
//! let map = LatentMap::new(patches.patch_grid(), posterior.content())?;
//! let folder = tempfile::tempdir()?;
//! map.save_png(folder.path().join("content.png"))?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A structure, its PDF, the differential PDF of an element, and the labels of the sites of that element:
//!
//! ```
//! use adatom::crystal::{BondRule, Crystal, Lattice, PdfCalculator, Site, Species};
//!
//! let (copper, oxygen) = ("Cu".parse()?, "O".parse()?);
//! let site = |element, position| Site::new(Species::new(element), position); // or Crystal::open("POSCAR")?
//! let sites = vec![site(copper, [0.0; 3])?, site(oxygen, [0.5; 3])?];
//! let crystal = Crystal::new(Lattice::from_parameters([3.0; 3], [60.0; 3])?, sites)?;
//! let pdfs = PdfCalculator::published().total_and_differential(&crystal, copper)?;
//! assert_eq!((pdfs.total.len(), pdfs.differential.element()), (1000, copper));
//! assert_eq!(crystal.labels(copper, BondRule::default())?[0].coordination_number, 6);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A feature table, a forest, and its score on groups that were held out:
//!
//! ```
//! use adatom::core::{FeatureColumn, FeatureTable, Modality, Target};
//! use adatom::forest::ndarray::Array2;
//! use adatom::forest::{Average, ClassScore, RandomForest, SplitRule, Task, Validation};
//!
//! let ids = (0..40).map(|row| row.to_string());
//! let columns = vec![FeatureColumn::new(Modality::Xanes, 8985.0)?];
//! let features = Array2::from_shape_fn((40, 1), |(row, _)| (row % 4) as f64);
//! let valence = (0..40).map(|row| if row % 4 < 2 { "1+" } else { "2+" });
//! let table = FeatureTable::new(ids, columns, features)? // or FeatureTable::load("table.csv")?
//!     .with_group("formula", (0..40).map(|row| format!("M{}", row / 4)))?
//!     .with_target("valence", Target::classes(valence))?;
//!
//! let classes = table.classes("valence")?;
//! let rule = SplitRule::folds(table.len(), 5).stratified(&classes).by_group(table.group("formula")?);
//! let score = ClassScore::F1(Average::Weighted);
//! let validation = Validation::new(Task::classify(&table, &classes)).score(&score);
//! let params = RandomForest::params().trees(20).seed(7);
//! let scores = validation.cross_validate(&params, &rule.splits(7)?)?.scores;
//! assert_eq!(scores[0].mean(), Some(1.0));
//! let model = params.fit_table(&table, "valence")?;
//! # assert_eq!(model.forest().target(), Some("valence"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Each crate can be used separately; the features with their names select which are compiled.

#![forbid(unsafe_code)]

pub use adatom_core as core;
#[cfg(feature = "crystal")]
pub use adatom_crystal as crystal;
#[cfg(feature = "forest")]
pub use adatom_forest as forest;
#[cfg(feature = "interpret")]
pub use adatom_interpret as interpret;
#[cfg(feature = "patch")]
pub use adatom_patch as patch;
#[cfg(feature = "pipeline")]
pub use adatom_pipeline as pipeline;
#[cfg(feature = "plot")]
pub use adatom_plot as plot;
#[cfg(feature = "spectra")]
pub use adatom_spectra as spectra;
#[cfg(feature = "synthetic")]
pub use adatom_synthetic as synthetic;
#[cfg(feature = "vae")]
pub use adatom_vae as vae;

/// A `Result` with [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// The errors of all crates, for programs that use several of them.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Error of grids, maps and scalings.
    #[error(transparent)]
    Core(#[from] adatom_core::Error),
    /// Error of tables of features.
    #[error(transparent)]
    Table(#[from] adatom_core::TableError),
    /// Error of images and patches.
    #[cfg(feature = "patch")]
    #[error(transparent)]
    Patch(#[from] adatom_patch::Error),
    /// Error of the autoencoder.
    #[cfg(feature = "vae")]
    #[error(transparent)]
    Vae(#[from] adatom_vae::Error),
    /// Error of the training of the autoencoder.
    #[cfg(feature = "vae")]
    #[error(transparent)]
    Train(#[from] adatom_vae::TrainError),
    /// Error of figures and reports.
    #[cfg(feature = "plot")]
    #[error(transparent)]
    Plot(#[from] adatom_plot::Error),
    /// Error of importances.
    #[cfg(feature = "interpret")]
    #[error(transparent)]
    Importance(#[from] adatom_interpret::ImportanceError),
    /// Error of latent variables.
    #[cfg(feature = "interpret")]
    #[error(transparent)]
    Latents(#[from] adatom_interpret::LatentError),
    /// Error of spectra.
    #[cfg(feature = "spectra")]
    #[error(transparent)]
    Spectra(Box<adatom_spectra::Error>),
    /// Error of structures.
    #[cfg(feature = "crystal")]
    #[error(transparent)]
    Crystal(Box<adatom_crystal::Error>),
    /// Error of generated data.
    #[cfg(feature = "synthetic")]
    #[error(transparent)]
    Synthetic(Box<adatom_synthetic::Error>),
    /// Error of forests.
    #[cfg(feature = "forest")]
    #[error(transparent)]
    Forest(#[from] adatom_forest::Error),
    /// Error of the pipelines.
    #[cfg(feature = "pipeline")]
    #[error(transparent)]
    Pipeline(Box<adatom_pipeline::Error>),
}

// The errors of these crates are large.
macro_rules! from_boxed {
    ($($feature:literal $variant:ident $error:ty;)*) => {$(
        #[cfg(feature = $feature)]
        impl From<$error> for Error {
            fn from(error: $error) -> Self {
                Self::$variant(Box::new(error))
            }
        }
    )*};
}

from_boxed! {
    "spectra" Spectra adatom_spectra::Error;
    "crystal" Crystal adatom_crystal::Error;
    "synthetic" Synthetic adatom_synthetic::Error;
    "pipeline" Pipeline adatom_pipeline::Error;
}
