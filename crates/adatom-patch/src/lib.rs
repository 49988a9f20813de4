//! Reads microscope images, cuts them into patches, and maps values of patches back onto the image.
//!
//! | item | meaning |
//! |---|---|
//! | [`Image`] | 2-D pixels as `f32`, with the pixel size and the source |
//! | [`ImageFile`], [`formats`] | the properties of a file, and the formats that can be read |
//! | [`Window`], [`Stride`] | size of a patch, and distance of patches on a grid, in pixels |
//! | [`Patches`], [`PatchPlan`] | the patches of images as a view, and their settings |
//! | [`ChannelPatches`] | the patches of several images of one area as channels |
//! | [`PatchGrid`] | the positions of patches |
//! | [`Scaling`] | the linear map from pixels to the values of patches |
//! | [`LatentMap`] | values of patches on the image |
//! | [`Noise`] | level and kind of the noise of an image |
//! | [`LocalOrder`], [`Grain`] | the lattices of the parts of an image, and their sites |
//! | [`BraggPeak`] | a peak of the power spectrum, for the lattice of an image |
//!
//! ```
//! use adatom_patch::{Image, Patches, Samples, Stride, Window, ndarray::Array2};
//! let wave = |row: usize, column: usize| (row as f32 / 3.0).sin() + (column as f32 / 5.0).cos();
//! // From a file: Image::open("image.tif")?
//! let image = Image::from_array(Array2::from_shape_fn((96, 96), |(row, column)| wave(row, column)));
//! let patches = Patches::grid(&image, Window::new(32, 32), Stride::new(4, 4))?;
//! assert_eq!(patches.count(), 17 * 17);
//! assert_eq!(patches.patch(0).dim(), (32, 32));
//!
//! // Map one value per patch back onto the image.
//! let mean =
//!     Array2::from_shape_fn((patches.len(), 1), |(patch, _)| patches.patch(patch).sum() / 1024.0);
//! let map = patches.put_back(mean.view(), 0)?;
//! assert_eq!(map.values().dim(), (1, 17, 17));
//! # Ok::<(), adatom_patch::Error>(())
//! ```
//!
//! Coordinates are (row, column) in pixels; the centre of the first pixel is (0, 0).
//!
//! # Formats
//!
//! NPY, TIFF (with the calibrations of DigitalMicrograph, Olympus SIS, FEI, OME and ImageJ), PNG, TIA `.ser`,
//! and Nanonis `.sxm`. The format is recognised from the content. Damaged files give an error and never a
//! panic.

#![forbid(unsafe_code)]

mod channels;
mod error;
mod fill;
mod flatten;
mod image;
mod lattice;
mod noise;
mod order;
mod patches;
mod plan;
mod random;
mod read;
mod reflect;
mod scale;
mod write;

pub use adatom_core::{
    GridLayout, ImageFrame, LatentMap, PatchCentre, PatchGrid, PixelSize, SampleShape, Samples, Scaling,
    ScalingMethod, Window,
};
pub use channels::ChannelPatches;
pub use error::{Error, Result};
pub use fill::Fill;
pub use image::{Image, Statistics};
pub use lattice::BraggPeak;
pub use ndarray;
pub use noise::{Noise, NoiseKind};
pub use order::{Grain, LocalOrder};
pub use patches::Patches;
pub use plan::{PatchPlan, Stride};
pub use read::{Format, ImageFile, formats};
pub use scale::{clipped_fraction, scaling_of, scaling_of_all};
