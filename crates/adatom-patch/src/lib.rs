//! Reads microscope images, cuts them into patches and puts values back on the image.
//!
//! | word | is |
//! |---|---|
//! | [`Image`] | a 2-D array of `f32` with its pixel size and where it came from |
//! | [`Window`] | height × width of a patch in pixels |
//! | [`PatchGrid`] | where the patches lie on the image |
//! | [`Patches`] | a view: image, centres and scaling; a patch is cut when it is asked for |
//! | [`ChannelPatches`] | the same patches of several images of one area |
//! | [`Scaling`] | the affine change of intensities between the image and its patches |
//! | [`BraggPeak`] | a wave of the image's lattice, from its power spectrum |
//! | [`LatentMap`] | values of patches put back on the image |
//!
//! ```
//! use adatom_patch::{Image, Patches, Samples, Stride, Window, ndarray::Array2};
//! let pixels = Array2::from_shape_fn((96, 96), |(row, column)| (row as f32 / 3.0).sin() + (column as f32 / 5.0).cos());
//! let image = Image::from_array(pixels); // or Image::open("image.tif")?
//! let patches = Patches::grid(&image, Window::new(32, 32), Stride::new(4, 4))?;
//! assert_eq!(patches.count(), 17 * 17);
//! assert_eq!(patches.patch(0).dim(), (32, 32));
//!
//! // Whatever a model says of each patch can be put back on the image.
//! let brightness = Array2::from_shape_fn((patches.len(), 1), |(patch, _)| patches.patch(patch).sum() / 1024.0);
//! let map = patches.put_back(brightness.view(), 0)?;
//! assert_eq!(map.values().dim(), (1, 17, 17));
//! # Ok::<(), adatom_patch::Error>(())
//! ```
//!
//! Coordinates are (row, column) in pixels; the centre of the first pixel is (0, 0). This crate trains nothing and
//! draws nothing.

#![forbid(unsafe_code)]

mod channels;
mod error;
mod fill;
mod flatten;
mod image;
mod lattice;
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
pub use patches::Patches;
pub use plan::{PatchPlan, Stride};
pub use read::{Format, ImageFile, formats};
pub use scale::{clipped_fraction, scaling_of, scaling_of_all};
