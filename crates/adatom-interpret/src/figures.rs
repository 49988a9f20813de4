//! The figures, one in a file.

pub(crate) mod agreement;
pub(crate) mod bars;
pub(crate) mod beeswarm;
pub(crate) mod cluster_patches;
pub(crate) mod clusters;
pub(crate) mod confusion;
pub(crate) mod correlation;
pub(crate) mod curve;
pub(crate) mod image;
pub(crate) mod importance_panels;
pub(crate) mod latent_map;
mod legend;
pub(crate) mod manifold;
pub(crate) mod map;
pub(crate) mod pairs;
mod points;
pub(crate) mod reliability;
pub(crate) mod scatter;
pub(crate) mod tiles;
pub(crate) mod traversal;
pub(crate) mod vector_field;
