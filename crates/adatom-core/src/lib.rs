//! The nouns that two or more crates of adatom share.
//!
//! | word | is |
//! |---|---|
//! | [`Window`] | height × width of a patch in pixels |
//! | [`PixelSize`] | the length of a pixel along rows and columns, with its unit |
//! | [`ImageFrame`] | what is known of an image besides its pixels: extent, pixel size, source |
//! | [`PatchGrid`] | where patches lie on one or several images |
//! | [`LatentMap`] | values of patches put back on the image |
//! | [`Samples`] | anything an autoencoder can train on |
//! | [`Scaling`] | the affine change of intensities that was applied to samples |
//! | [`Modality`], [`FeatureColumn`] | what a column of features means |
//! | [`FeatureTable`] | rows = samples with ids, groups and targets; every column knows its meaning |
//! | [`Target`], [`TargetView`] | what is predicted of rows: numbers or classes |
//! | [`Split`] | rows to learn from, and rows to be tested on |
//! | [`Element`] | a chemical element |
//! | [`permutation`] | a random order from a seed |
//! | [`npy`] | the header and the numbers of NPY files |
//! | [`FittedModel`], [`Score`] | what a fitted model can be asked, and how good its answers are |
//! | [`TreeView`], [`TreeEnsemble`] | what fitted trees can be asked |
//!
//! Coordinates are (row, column) in pixels, as `f64`; the centre of the first pixel is (0, 0). This crate reads no
//! files but tables of features, and draws no pictures.

#![forbid(unsafe_code)]

mod channels;
mod element;
mod error;
mod feature_table;
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

pub use channels::ChannelSignals;
pub use element::Element;
pub use error::{Error, Result, SplitFault, TableError};
pub use feature_table::{FeatureColumn, FeatureTable, JoinReport, Split, TargetColumn, UnmatchedRow};
pub use frame::{ImageFrame, PixelSize};
pub use map::LatentMap;
pub use modality::Modality;
pub use model::{Better, FittedModel, Score};
pub use ndarray;
pub use output::write_whole;
pub use patch_grid::{GridLayout, PatchCentre, PatchGrid, Window};
pub use random::permutation;
pub use samples::{SampleShape, Samples};
pub use scaling::{Scaling, ScalingMethod};
pub use target::{ClassLabels, Target, TargetKind, TargetView};
pub use tree::{TreeEnsemble, TreeSplit, TreeView};
