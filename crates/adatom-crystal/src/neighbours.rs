//! Neighbours of a site, in all cells of the crystal.
//!
//! The cell is first reduced (`reduced.rs`), so that even a strongly skewed one is searched compactly, and
//! its sites are sorted into about as many bins as there are sites. A search walks rows of bins that the
//! sphere can touch (`finder.rs`); its time is proportional to what it finds.

mod finder;
mod reduced;

pub(crate) use finder::Met;
pub use finder::NeighbourFinder;
pub(crate) use reduced::ReducedCell;

use crate::{Crystal, Result};

/// A neighbour of a site, in any cell.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
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

impl Crystal {
    /// All sites within a distance (Å, inclusive) of a site, in all cells, by increasing distance; equal
    /// distances by site, then by cell. The site itself is left out, its images in other cells are not.
    ///
    /// For many sites a [`NeighbourFinder`] is faster.
    ///
    /// # Errors
    /// No such site, a distance that is not positive and finite, fractional coordinates beyond a million
    /// cells, or a sphere of more sites than are listed at once.
    ///
    /// ```
    /// use adatom_crystal::{Crystal, Lattice, Site, Species};
    /// let cell = Lattice::from_parameters([3.0, 3.0, 3.0], [90.0; 3])?;
    /// let polonium = Crystal::new(cell, vec![Site::new(Species::new("Po".parse()?), [0.0; 3])?])?;
    /// let shell = polonium.neighbours(0, 3.1)?;
    /// assert_eq!((shell.len(), shell[0].image, shell[0].distance), (6, [-1, 0, 0], 3.0));
    /// assert!(polonium.neighbours(1, 3.1).is_err());
    /// # Ok::<(), adatom_crystal::Error>(())
    /// ```
    pub fn neighbours(&self, index: usize, cutoff: f64) -> Result<Vec<Neighbour>> {
        NeighbourFinder::new(self, cutoff)?.of(index)
    }
}
