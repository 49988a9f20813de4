//! The figures, one in a file.

pub(crate) mod agreement;
pub(crate) mod beeswarm;
pub(crate) mod cluster_patches;
pub(crate) mod clusters;
pub(crate) mod confusion;
pub(crate) mod correlation;
pub(crate) mod importance_panels;
pub(crate) mod manifold;
pub(crate) mod pairs;
pub(crate) mod reliability;
pub(crate) mod traversal;
