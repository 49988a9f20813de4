//! NPZ archives (named arrays, as read by `numpy.load`), written incrementally with constant memory.
//!
//! Each array is written to a temporary file; the complete arrays are then combined into one archive without
//! compression and with a fixed time stamp, so that equal arrays give identical files.

use std::fs::File;
use std::io::{self, BufWriter, Seek, Write};
use std::path::{Path, PathBuf};

use adatom_core::npy::{self, Number, NumberType};
use zip::write::{SimpleFileOptions, ZipWriter};
use zip::{CompressionMethod, DateTime};

use crate::error::{Error, Result};

/// One array: `[numbers]`, or `[numbers / columns, columns]`.
struct PendingArray {
    name: String,
    number: NumberType,
    columns: Option<usize>,
    numbers: usize,
    file: BufWriter<File>,
}

/// An archive that is being written.
pub(crate) struct Npz {
    path: PathBuf,
    arrays: Vec<PendingArray>,
}

impl Npz {
    pub(crate) fn new(path: &Path) -> Self {
        Self { path: path.to_owned(), arrays: Vec::new() }
    }

    /// Appends numbers to the array `name`, which is created if necessary; `columns` is `None` for an array
    /// of one axis.
    pub(crate) fn append<N: Number>(
        &mut self,
        name: &str,
        columns: Option<usize>,
        numbers: impl IntoIterator<Item = N>,
    ) -> Result<()> {
        self.try_append(name, columns, numbers).map_err(Error::file(&self.path))
    }

    fn try_append<N: Number>(
        &mut self,
        name: &str,
        columns: Option<usize>,
        numbers: impl IntoIterator<Item = N>,
    ) -> io::Result<()> {
        let at = match self.arrays.iter().position(|part| part.name == name) {
            Some(at) => at,
            None => {
                let folder = self.path.parent().filter(|folder| !folder.as_os_str().is_empty());
                // An unnamed file: nothing is left behind after an error.
                let file = BufWriter::new(tempfile::tempfile_in(folder.unwrap_or(Path::new(".")))?);
                self.arrays.push(PendingArray {
                    name: name.to_owned(),
                    number: N::TYPE,
                    columns,
                    numbers: 0,
                    file,
                });
                self.arrays.len() - 1
            }
        };
        let part = &mut self.arrays[at];
        for number in numbers {
            number.write(&mut part.file)?;
            part.numbers += 1;
        }
        Ok(())
    }

    /// Writes the archive atomically.
    pub(crate) fn finish(self) -> Result<()> {
        let Self { path, arrays } = self;
        adatom_core::write_whole(&path, |file| {
            let mut zip = ZipWriter::new(file);
            let options = SimpleFileOptions::default()
                .compression_method(CompressionMethod::Stored)
                .last_modified_time(DateTime::default())
                .large_file(true);
            for part in arrays {
                zip.start_file(format!("{}.npy", part.name), options).map_err(io::Error::other)?;
                zip.write_all(&header(&part))?;
                let mut content = part.file.into_inner().map_err(io::IntoInnerError::into_error)?;
                content.rewind()?;
                io::copy(&mut content, &mut zip)?;
            }
            zip.finish().map_err(io::Error::other)?;
            Ok(())
        })
        .map_err(Error::file(&path))
    }
}

fn header(part: &PendingArray) -> Vec<u8> {
    match part.columns {
        Some(columns) => npy::header(part.number, &[part.numbers.checked_div(columns).unwrap_or(0), columns]),
        None => npy::header(part.number, &[part.numbers]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_become_arrays() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.npz");
        let mut npz = Npz::new(&path);
        npz.append("pairs", Some(2), [1.0f64, 2.0]).unwrap();
        npz.append("count", None, [7u32]).unwrap();
        npz.append("pairs", Some(2), [3.0f64, 4.0]).unwrap();
        npz.finish().unwrap();
        let mut zip = zip::ZipArchive::new(File::open(&path).unwrap()).unwrap();
        let mut bytes = Vec::new();
        io::Read::read_to_end(&mut zip.by_name("pairs.npy").unwrap(), &mut bytes).unwrap();
        let pairs: ndarray::Array2<f64> = ndarray_npy::ReadNpyExt::read_npy(&bytes[..]).unwrap();
        assert_eq!(pairs, ndarray::arr2(&[[1.0, 2.0], [3.0, 4.0]]));
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
