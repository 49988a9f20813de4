//! Coordinate changes that the decoder undoes.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A coordinate change that the spatial decoder undoes.
///
/// The variants are in the order of their latents. A new invariance is a variant here, its columns in
/// `spec/latents.rs`, its factor in `net/coordinate_change.rs`, and its named part of
/// [`Posterior`](crate::Posterior).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Invariance {
    /// Rotation in the plane; images only. One latent, an angle, on a line or on the circle.
    Rotation,
    /// Displacement along each axis. One latent for signals, two for images: rows and columns, or two phases
    /// of a lattice.
    Shift,
    /// Magnification; images only. One latent.
    Scale,
}

impl fmt::Display for Invariance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Rotation => "rotation",
            Self::Shift => "shift",
            Self::Scale => "scale",
        })
    }
}
