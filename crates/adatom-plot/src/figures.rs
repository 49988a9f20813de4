//! The figures, one in a file, and what they share.

pub(crate) mod bars;
pub(crate) mod curve;
pub mod image;
mod latent_map;
pub mod legend;
pub mod map;
pub mod points;
pub(crate) mod scatter;
pub mod tiles;
pub(crate) mod vector_field;
