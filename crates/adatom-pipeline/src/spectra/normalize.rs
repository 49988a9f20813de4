//! Normalisation of X-ray absorption spectra in files.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use adatom_core::write_whole;
use adatom_spectra::{Contents, Normalization, NormalizedXanes, SpectrumFile, Xanes};
use rayon::prelude::*;

use super::settings::ColumnChoice;
use crate::error::Error;

/// Number of spectra whose rows are in memory at a time.
const AT_ONCE: usize = 256;

/// A spectrum with its name.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct NormalizedSpectrum {
    /// The file and, of several spectra in it, the name or number of this one.
    pub name: String,
    /// The spectrum.
    pub spectrum: NormalizedXanes,
}

/// The results of one file.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct NormalizedFile {
    /// Its normalised spectra.
    pub spectra: Vec<NormalizedSpectrum>,
    /// Warnings of the reader.
    pub warnings: Vec<String>,
    /// Spectra that could not be normalised, or why the file could not be read; each names the file.
    pub problems: Vec<Error>,
}

/// Reads files and normalises their absorption spectra; one result for each file, in their order.
#[must_use]
pub fn normalize_files(
    files: &[PathBuf],
    columns: &ColumnChoice,
    normalization: &Normalization,
) -> Vec<NormalizedFile> {
    let one = |path: &PathBuf| {
        normalized(path, columns, normalization).unwrap_or_else(|error| NormalizedFile {
            problems: vec![error.in_file(path)],
            ..NormalizedFile::default()
        })
    };
    files.par_iter().map(one).collect()
}

fn normalized(
    path: &Path,
    columns: &ColumnChoice,
    normalization: &Normalization,
) -> Result<NormalizedFile, Error> {
    let file = SpectrumFile::open(path, &columns.read_options())?;
    let warnings = file.warnings.iter().map(ToString::to_string).collect();
    let spectra = match file.contents {
        Contents::Xanes(spectra) => spectra,
        Contents::Columns(table) => {
            let ambiguity = table.ambiguity();
            return Err(adatom_spectra::Error::Ambiguous { path: path.into(), ambiguity }.into());
        }
        _ => {
            let problem = format!("a {} file contains no absorption spectrum", file.format);
            return Err(Error::DataSet { path: path.to_owned(), problem });
        }
    };
    let mut result = NormalizedFile { warnings, ..NormalizedFile::default() };
    for (index, xanes) in spectra.iter().enumerate() {
        let name = match (spectra.len(), xanes.name()) {
            (1, _) => path.display().to_string(),
            (_, Some(name)) => format!("{}: {name}", path.display()),
            (_, None) => format!("{}: spectrum {}", path.display(), index + 1),
        };
        match normalization.normalize(xanes) {
            Ok(spectrum) => result.spectra.push(NormalizedSpectrum { name, spectrum }),
            Err(error) => result.problems.push(Error::Spectra(error).in_file(Path::new(&name))),
        }
    }
    Ok(result)
}

/// Writes spectra as one CSV file: a line for each energy, with the fits below and above the edge.
///
/// # Errors
///
/// [`Error::File`] where it cannot be written.
pub fn save_normalized(path: &Path, spectra: &[NormalizedSpectrum]) -> Result<(), Error> {
    write_whole(path, |to| {
        to.write_all(b"spectrum,energy,mu,pre_edge,post_edge,norm,flat\n")?;
        // Spectra are formatted in parallel, a limited number at a time to bound the memory.
        for some in spectra.chunks(AT_ONCE) {
            let texts: Vec<_> =
                some.par_iter().map(rows).collect::<csv::Result<_>>().map_err(io::Error::other)?;
            texts.iter().try_for_each(|text| to.write_all(text))?;
        }
        Ok(())
    })
    .map_err(Error::file(path))
}

/// The lines of one spectrum.
fn rows(NormalizedSpectrum { name, spectrum }: &NormalizedSpectrum) -> csv::Result<Vec<u8>> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let original: &Xanes = spectrum.original();
    let edge = spectrum.edge();
    for (point, energy) in original.energy().values().iter().enumerate() {
        // Methods without an edge have no fits.
        let fit = |curve: Option<f64>| curve.map_or_else(String::new, |value| value.to_string());
        writer.write_record([
            name,
            &energy.to_string(),
            &original.mu()[point].to_string(),
            &fit(edge.map(|edge| edge.pre_edge[point])),
            &fit(edge.map(|edge| edge.post_edge[point])),
            &spectrum.norm()[point].to_string(),
            &spectrum.flat()[point].to_string(),
        ])?;
    }
    writer.into_inner().map_err(|error| io::Error::other(error.to_string()).into())
}
