//! Writing of structure files.

mod cif;
mod poscar;

use std::io::Write;
use std::path::Path;

use crate::{Crystal, Error, Result};

impl Crystal {
    /// Writes a CIF of the whole cell, without symmetry (P 1), with occupancies, charges, labels and
    /// displacement parameters; a file of that name is replaced.
    ///
    /// ```
    /// # use adatom_crystal::{Crystal, Lattice, Site, Species};
    /// # let cell = Lattice::from_parameters([3.6, 3.6, 3.6], [90.0, 90.0, 90.0])?;
    /// # let crystal = Crystal::new(cell, vec![Site::new(Species::new("Cu".parse()?), [0.0; 3])?])?;
    /// # let folder = tempfile::tempdir().unwrap();
    /// # let path = folder.path().join("copper.cif");
    /// crystal.with_uiso(0.005).save_cif(&path)?;
    /// assert_eq!(Crystal::open(&path)?.formula(), "Cu");
    /// # Ok::<(), adatom_crystal::Error>(())
    /// ```
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn save_cif(&self, path: impl AsRef<Path>) -> Result<()> {
        save(path.as_ref(), &self.to_cif())
    }

    /// The text of [`Crystal::save_cif`].
    pub fn to_cif(&self) -> String {
        cif::text(self)
    }

    /// Writes a POSCAR (VASP 5, direct coordinates, sites in their order); a file of that name is replaced.
    /// The format has no charges and displacement parameters.
    ///
    /// ```
    /// # use adatom_crystal::{Crystal, Lattice, Site, Species};
    /// # let cell = Lattice::from_parameters([3.6, 3.6, 3.6], [90.0, 90.0, 90.0])?;
    /// # let crystal = Crystal::new(cell, vec![Site::new(Species::new("Cu".parse()?), [0.0; 3])?])?;
    /// # let folder = tempfile::tempdir().unwrap();
    /// # let path = folder.path().join("POSCAR");
    /// crystal.save_poscar(&path)?;
    /// assert_eq!(Crystal::open(&path)?.sites(), crystal.sites());
    /// let copper = crystal.sites()[0].main_species();
    /// assert!(crystal.substituted(copper.element(), &[(copper, 0.5)])?.save_poscar(&path).is_err());
    /// # Ok::<(), adatom_crystal::Error>(())
    /// ```
    ///
    /// # Errors
    /// A site that is not fully occupied by one species, or a file that cannot be written.
    pub fn save_poscar(&self, path: impl AsRef<Path>) -> Result<()> {
        save(path.as_ref(), &self.to_poscar()?)
    }

    /// The text of [`Crystal::save_poscar`].
    ///
    /// # Errors
    /// A site that is not fully occupied by one species.
    pub fn to_poscar(&self) -> Result<String> {
        poscar::text(self)
    }
}

fn save(path: &Path, text: &str) -> Result<()> {
    let written = adatom_core::write_whole(path, |file| file.write_all(text.as_bytes()));
    written.map_err(|source| Error::Io { path: path.into(), doing: "write", source })
}

/// A name on one line, of printable ASCII characters, not too long; spaces become `space`.
fn plain(name: &str, space: char, longest: usize) -> String {
    let plain = name.trim().chars().map(|character| match character {
        ' ' | '\t' => space,
        printable if printable.is_ascii_graphic() => printable,
        _ => '_',
    });
    plain.take(longest).collect()
}

/// Decimals of a fractional coordinate or a length: an f64 has sixteen digits.
const DECIMALS: usize = 16;
