//! Spectrum files that are written: XDI for one absorption spectrum, CSV for several on one grid, JSON for any; columns
//! for PDFs and total scattering.

mod csv;
mod json;
mod scattering;
mod xdi;

pub use csv::write_csv;
pub use json::write_json;

use std::io::{self, Write};
use std::path::Path;

use crate::{Absorption, Error, Result};

/// Writes a file that is either whole or not there.
fn whole(path: &Path, content: &[u8]) -> Result<()> {
    let failed = |source: io::Error| Error::Io { path: path.into(), doing: "write", source };
    adatom_core::write_whole(path, |file| file.write_all(content)).map_err(failed)
}

/// The name of a kind of absorption in files.
pub(crate) fn name_of_absorption(absorption: Absorption) -> &'static str {
    match absorption {
        Absorption::Unknown => "unknown",
        Absorption::Transmission => "transmission",
        Absorption::Fluorescence => "fluorescence",
        Absorption::Calculated => "calculated",
        Absorption::Normalized => "normalized",
    }
}

/// The kind of absorption with a name.
pub(crate) fn absorption_named(name: &str) -> Absorption {
    let all =
        [Absorption::Transmission, Absorption::Fluorescence, Absorption::Calculated, Absorption::Normalized];
    all.into_iter().find(|&absorption| name_of_absorption(absorption) == name).unwrap_or_default()
}
