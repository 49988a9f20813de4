//! Arrays by name in one file that `numpy.load` reads.

use std::path::Path;

use ndarray::{ArrayBase, Data, Dimension};
use ndarray_npy::{WritableElement, WriteNpyExt};
use zip::write::{SimpleFileOptions, ZipWriter};
use zip::{CompressionMethod, DateTime};

use crate::error::CliError;

/// Writes `arrays` into the file `path`, whole or not at all.
pub(crate) fn write(
    path: &Path,
    arrays: impl FnOnce(&mut Npz<'_, '_>) -> std::io::Result<()>,
) -> Result<(), CliError> {
    adatom::core::write_whole(path, |file| {
        let mut npz = Npz { zip: ZipWriter::new(file) };
        arrays(&mut npz)?;
        npz.zip.finish().map_err(std::io::Error::other)?;
        Ok(())
    })
    .map_err(CliError::file(path))
}

/// An archive that is being written.
pub(crate) struct Npz<'a, 'f> {
    zip: ZipWriter<&'a mut std::io::BufWriter<&'f std::fs::File>>,
}

impl Npz<'_, '_> {
    /// Adds the array `name`.
    pub(crate) fn array<A, S, D>(&mut self, name: &str, array: &ArrayBase<S, D>) -> std::io::Result<()>
    where
        A: WritableElement,
        S: Data<Elem = A>,
        D: Dimension,
    {
        // A fixed time: the same results give the same bytes.
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Stored)
            .last_modified_time(DateTime::default())
            .large_file(true);
        self.zip.start_file(format!("{name}.npy"), options).map_err(std::io::Error::other)?;
        array.write_npy(&mut self.zip).map_err(std::io::Error::other)
    }
}
