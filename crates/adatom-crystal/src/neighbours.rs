//! Periodic neighbours of a site.

/// A site, in some cell, that lies near another one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Neighbour {
    /// Index of the site in the crystal.
    pub site: usize,
    /// The cell in which it lies, counted along the cell vectors; neighbours are relative to the fractional
    /// coordinates as given.
    pub image: [i32; 3],
    /// Distance, Å.
    pub distance: f64,
    /// From the centre to the neighbour, Å.
    pub displacement: [f64; 3],
}
