//! From microscope images to latent maps, and from folders of spectra to forests, as stages that a program calls.

#![forbid(unsafe_code)]

#[cfg(feature = "image")]
pub mod image;
#[cfg(feature = "spectra")]
pub mod spectra;
