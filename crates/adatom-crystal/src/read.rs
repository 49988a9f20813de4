//! Reading of structure files.
//!
//! A format is one file of this folder with one [`Reader`], and one line in [`READERS`]. A reader sees the
//! whole text, so that whatever a count promises can be compared with what is there before memory is asked
//! for.

mod cif;
mod extended_xyz;
mod poscar;
mod source;

use std::path::Path;

use crate::{Crystal, Element, Error, Result};
use source::Source;

/// The formats, in the order in which a file is offered to them: POSCAR, which has no signature, last.
const READERS: [&dyn Reader; 3] = [&extended_xyz::ExtendedXyz, &cif::Cif, &poscar::Poscar];

/// A structure file that was read.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct StructureFile {
    /// The format's name, such as `CIF`.
    pub format: &'static str,
    /// The crystals, at least one.
    pub crystals: Vec<Crystal>,
}

impl StructureFile {
    /// Reads a file whose format (CIF, POSCAR, extended XYZ) is recognised from its content.
    ///
    /// ```
    /// use adatom_crystal::StructureFile;
    /// # let folder = tempfile::tempdir().unwrap();
    /// # let path = folder.path().join("polonium.xyz");
    /// std::fs::write(&path, "1\nLattice=\"3.3 0 0 0 3.3 0 0 0 3.3\"\nPo 0 0 0\n").unwrap();
    /// let file = StructureFile::open(&path)?;
    /// assert_eq!((file.format, file.crystals[0].formula().as_str()), ("extended XYZ", "Po"));
    /// assert!(StructureFile::open(folder.path()).is_err());
    /// # Ok::<(), adatom_crystal::Error>(())
    /// ```
    ///
    /// # Errors
    /// The file cannot be read, is in no known format or contradicts its format.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let source = Source::open(path)?;
        match READERS.into_iter().find(|reader| reader.recognises(&source)) {
            Some(reader) => Ok(Self { format: reader.format(), crystals: reader.read(&source)? }),
            None => Err(Error::UnknownFormat { path: path.into() }),
        }
    }
}

impl Crystal {
    /// Reads the crystal of a structure file whose format (CIF, POSCAR, extended XYZ) is recognised from its
    /// content.
    ///
    /// The atoms of a CIF are repeated by its symmetry, wrapped into the cell, and merged where they are
    /// within 0.05 Å of each other: images of an atom into one site, different atoms into a mixed one.
    ///
    /// ```
    /// use adatom_crystal::Crystal;
    /// # let folder = tempfile::tempdir().unwrap();
    /// # let path = folder.path().join("copper.cif");
    /// let text = "data_copper
    /// _cell_length_a 3.615(1)
    /// _cell_length_b 3.615(1)
    /// _cell_length_c 3.615(1)
    /// _symmetry_space_group_name_H-M 'F m -3 m'
    /// loop_
    /// _atom_site_label
    /// _atom_site_fract_x
    /// _atom_site_fract_y
    /// _atom_site_fract_z
    /// Cu1 0 0 0
    /// ";
    /// std::fs::write(&path, text).unwrap();
    /// assert_eq!(Crystal::open(&path)?.len(), 4);
    /// std::fs::write(&path, text.replace("Cu1 0 0 0", "Cu1 0 0")).unwrap();
    /// let message = Crystal::open(&path).unwrap_err().to_string();
    /// assert!(
    ///     message.ends_with(
    ///         "expected rows of 4 values in the loop of line 6, found 3 values in the last row"
    ///     )
    /// );
    /// # Ok::<(), adatom_crystal::Error>(())
    /// ```
    ///
    /// # Errors
    /// The file cannot be read, is in no known format, contradicts its format, or holds several crystals.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let mut crystals = StructureFile::open(path)?.crystals;
        match crystals.len() {
            1 => Ok(crystals.swap_remove(0)),
            _ => Err(Error::SeveralCrystals { path: path.into(), names: names(&crystals) }),
        }
    }

    /// Reads all crystals of a structure file: blocks of a CIF, frames of an extended XYZ file.
    ///
    /// ```
    /// use adatom_crystal::Crystal;
    /// # let folder = tempfile::tempdir().unwrap();
    /// # let path = folder.path().join("frames.xyz");
    /// let frame = "1\nLattice=\"3.3 0 0 0 3.3 0 0 0 3.3\"\nPo 0 0 0\n";
    /// std::fs::write(&path, frame.repeat(2)).unwrap();
    /// assert_eq!(Crystal::open_all(&path)?.len(), 2);
    /// assert!(Crystal::open(&path).is_err());
    /// # Ok::<(), adatom_crystal::Error>(())
    /// ```
    ///
    /// # Errors
    /// The file cannot be read, is in no known format or contradicts its format.
    pub fn open_all(path: impl AsRef<Path>) -> Result<Vec<Self>> {
        Ok(StructureFile::open(path)?.crystals)
    }
}

fn names(crystals: &[Crystal]) -> Vec<String> {
    let name =
        |(at, crystal): (usize, &Crystal)| crystal.name().map_or(format!("#{}", at + 1), str::to_owned);
    crystals.iter().enumerate().map(name).collect()
}

/// The element that a name such as `Cu`, `Fe_pv`, `O/5a3e`, `Cu1`, `O2-` or `D` begins with, and what follows
/// it.
pub(crate) fn symbol(name: &str) -> Option<(Element, &str)> {
    let letters = name.bytes().take_while(u8::is_ascii_alphabetic).count();
    let (letters, rest) = name.split_at(letters);
    match letters {
        "D" | "T" => Some((Element::from_atomic_number(1)?, rest)),
        // Longer than any symbol: do not search the table for it.
        _ if letters.len() > 2 => None,
        _ => Some((letters.parse().ok()?, rest)),
    }
}

/// How files of one format are read. Neither method may panic or ask for memory beyond a fixed multiple of
/// the file's length, whatever the bytes.
trait Reader: Sync {
    /// The name of the format.
    fn format(&self) -> &'static str;

    /// Whether the file is of this format.
    fn recognises(&self, source: &Source) -> bool;

    /// The crystals of the file, at least one.
    fn read(&self, source: &Source) -> Result<Vec<Crystal>>;
}
