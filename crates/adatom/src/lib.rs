//! Local structure in materials data: the crates of adatom under one name.
//!
//! | module | crate | does |
//! |---|---|---|
//! | [`core`] | `adatom-core` | the words the others share: windows, patch grids, samples, latent maps, tables of features |
//! | [`patch`] | `adatom-patch` | reads images, cuts them into patches, puts values back |
//! | [`vae`] | `adatom-vae` | the shift-, rotation- and scale-invariant autoencoder |
//! | [`plot`] | `adatom-plot` | figures as PNG and SVG, HTML reports |
//! | [`interpret`] | `adatom-interpret` | what mattered to a model; latent maps, figures, reports |
//! | [`spectra`] | `adatom-spectra` | reads, normalises and tabulates XANES and PDFs |
//! | [`forest`] | `adatom-forest` | random forests and extremely randomised trees, their validation and scores |
//! | [`crystal`] | `adatom-crystal` | reads structures; local environments, oxidation states, calculated PDFs |
//! | [`synthetic`] | `adatom-synthetic` | generated images, oxides and spectra with known structure |
//!
//! From an image to maps of its latent variables:
//!
//! ```
//! use adatom::interpret::{Figure, MapPanels};
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
//! From a structure to its PDF, the part of an element in it, and the labels of that element's sites:
//!
//! ```
//! use adatom::crystal::{BondRule, Crystal, Lattice, PdfCalculator, Site, Species};
//!
//! let (copper, oxygen) = ("Cu".parse()?, "O".parse()?);
//! let site = |element, place| Site::new(Species::new(element), place); // or Crystal::open("POSCAR")?
//! let sites = vec![site(copper, [0.0; 3])?, site(oxygen, [0.5; 3])?];
//! let crystal = Crystal::new(Lattice::from_parameters([3.0; 3], [60.0; 3])?, sites)?;
//! let (pdf, differential) = PdfCalculator::published().total_and_differential(&crystal, copper)?;
//! assert_eq!((pdf.len(), differential.element()), (1000, copper));
//! assert_eq!(crystal.labels(copper, BondRule::default())?[0].coordination_number, 6);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! From a table of features to a forest, and what it is worth on groups that it has not seen:
//!
//! ```
//! use adatom::core::{FeatureColumn, FeatureTable, Modality, Target};
//! use adatom::forest::{Average, ClassScore, RandomForest, SplitRule, Task, Validation};
//! use adatom::forest::ndarray::Array2;
//!
//! let features = Array2::from_shape_fn((40, 1), |(row, _)| (row % 4) as f64); // or FeatureTable::load("table.csv")?
//! let table = FeatureTable::new((0..40).map(|row| row.to_string()), vec![FeatureColumn::new(Modality::Xanes, 8985.0)?], features)?
//!     .with_group("formula", (0..40).map(|row| format!("M{}", row / 4)))?
//!     .with_target("valence", Target::classes((0..40).map(|row| if row % 4 < 2 { "1+" } else { "2+" })))?;
//! let classes = table.classes("valence")?;
//! let splits = SplitRule::folds(table.len(), 5).stratified(&classes).by_group(table.group("formula")?).splits(7)?;
//! let params = RandomForest::params().trees(20).seed(7);
//! let validation = Validation::new(Task::classify(&table, &classes)).score(&ClassScore::F1(Average::Weighted));
//! assert_eq!(validation.cross_validate(&params, &splits)?.scores[0].mean(), Some(1.0));
//! let model = params.fit_table(&table, "valence")?;
//! # assert_eq!(model.forest().target(), Some("valence"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Each crate can be used by itself; features of the same names choose which are compiled. There is no logic
//! here.

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

/// The errors of all crates, for programs that use several.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Of grids, maps and scalings.
    #[error(transparent)]
    Core(#[from] adatom_core::Error),
    /// Of tables of features.
    #[error(transparent)]
    Table(#[from] adatom_core::TableError),
    /// Of images and patches.
    #[cfg(feature = "patch")]
    #[error(transparent)]
    Patch(#[from] adatom_patch::Error),
    /// Of the autoencoder.
    #[cfg(feature = "vae")]
    #[error(transparent)]
    Vae(#[from] adatom_vae::Error),
    /// Of the autoencoder's training.
    #[cfg(feature = "vae")]
    #[error(transparent)]
    Train(#[from] adatom_vae::TrainError),
    /// Of figures and reports.
    #[cfg(feature = "plot")]
    #[error(transparent)]
    Plot(#[from] adatom_plot::Error),
    /// Of importances.
    #[cfg(feature = "interpret")]
    #[error(transparent)]
    Importance(#[from] adatom_interpret::ImportanceError),
    /// Of latent variables.
    #[cfg(feature = "interpret")]
    #[error(transparent)]
    Latents(#[from] adatom_interpret::LatentError),
    /// Of spectra.
    #[cfg(feature = "spectra")]
    #[error(transparent)]
    Spectra(#[from] adatom_spectra::Error),
    /// Of structures.
    #[cfg(feature = "crystal")]
    #[error(transparent)]
    Crystal(#[from] adatom_crystal::Error),
    /// Of generated data.
    #[cfg(feature = "synthetic")]
    #[error(transparent)]
    Synthetic(#[from] adatom_synthetic::Error),
    /// Of forests.
    #[cfg(feature = "forest")]
    #[error(transparent)]
    Forest(#[from] adatom_forest::Error),
}
