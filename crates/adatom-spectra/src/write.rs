//! Writes spectrum files: XDI for one absorption spectrum, CSV for several on one grid, JSON for any number,
//! and columns for PDFs and total scattering.

mod csv;
mod json;
mod scattering;
mod xdi;

pub use csv::write_csv;
pub use json::write_json;

use std::io::{self, Write};
use std::path::Path;

use crate::{Error, Result};

/// Writes a file completely, or not at all.
fn whole(path: &Path, content: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<()> {
    adatom_core::write_whole(path, |file| content(file)).map_err(|source| Error::Io {
        path: path.into(),
        doing: "write",
        source,
    })
}
