//! The data types that two or more crates of adatom share.
//!
//! | type | purpose |
//! |---|---|
//! | [`Window`] | height × width of a patch in pixels |
//! | [`PixelSize`] | the length of a pixel along rows and columns, with its unit |
//! | [`ImageFrame`] | the extent, pixel size and source of an image |
//! | [`PatchGrid`] | the positions of patches on one or several images |
//! | [`LatentMap`] | values of patches put back on the image |
//! | [`Samples`] | training samples of an autoencoder |
//! | [`Scaling`] | the affine change of intensities that was applied to samples |
//! | [`Modality`], [`FeatureColumn`] | the meaning of a column of features |
//! | [`FeatureTable`] | samples with ids, groups and targets, and features of known meaning |
//! | [`Target`], [`TargetView`] | the quantity to predict: numbers or classes |
//! | [`Split`] | training and test rows |
//! | [`Element`] | a chemical element |
//! | [`permutation`] | a random order from a seed |
//! | `fourier` | Fourier transforms (feature `fourier`) |
//! | [`npy`] | the header and the numbers of NPY files |
//! | [`FittedModel`], [`Score`] | fitted models, and scores of their predictions |
//! | [`TreeView`], [`TreeEnsemble`] | fitted trees and ensembles of them |
//!
//! Coordinates are (row, column) in pixels, as `f64`; the centre of the first pixel is (0, 0). The only
//! files that this crate reads are tables of features.
//!
//! ```
//! use adatom_core::{FeatureColumn, FeatureTable, Modality, Target, ndarray::array};
//!
//! let columns =
//!     vec![FeatureColumn::new(Modality::Xanes, 8980.0)?, FeatureColumn::new(Modality::Xanes, 8990.0)?];
//! let table = FeatureTable::new(["a", "b"], columns, array![[0.1, 1.0], [0.2, 1.1]])?
//!     .with_group("formula", ["CuO", "Cu2O"])?
//!     .with_target("coordination_number", Target::numbers([4.0, 2.0]))?;
//! assert_eq!(table.numbers("coordination_number")?, array![4.0, 2.0]);
//! # Ok::<(), adatom_core::TableError>(())
//! ```

#![forbid(unsafe_code)]

mod channels;
mod element;
mod error;
mod feature_table;
#[cfg(feature = "fourier")]
pub mod fourier;
mod frame;
mod map;
mod modality;
mod model;
mod nearest;
pub mod npy;
mod output;
mod patch_grid;
mod random;
mod samples;
mod scaling;
mod target;
mod tree;
mod window;

pub use channels::ChannelSignals;
pub use element::Element;
pub use error::{Error, JoinReport, Result, SplitFault, TableError, UnmatchedRow};
pub use feature_table::{FeatureColumn, FeatureTable, JoinedTable, Split, SplitTable, TargetColumn};
pub use frame::{ImageFrame, PixelSize};
pub use map::LatentMap;
pub use modality::Modality;
pub use model::{Better, FittedModel, Score};
pub use ndarray;
pub use output::write_whole;
pub use patch_grid::{GridLayout, PatchCentre, PatchGrid};
pub use random::permutation;
pub use samples::{SampleShape, Samples};
pub use scaling::{Scaling, ScalingMethod};
pub use target::{ClassLabels, Target, TargetKind, TargetView};
pub use tree::{TreeEnsemble, TreeSplit, TreeView};
pub use window::Window;
