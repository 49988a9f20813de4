//! Output files and folders, which are not replaced unless requested.

use std::path::{Path, PathBuf};

use crate::error::{Error, OutputProblem};

/// Checks that a result can be written to `out`.
///
/// # Errors
///
/// [`Error::Output`] if `out` is one of the inputs, a symbolic link, or not a regular file; [`Error::Exists`]
/// if it exists and `existing` is [`Existing::Refuse`].
pub fn check_output<'a>(
    out: &Path,
    inputs: impl IntoIterator<Item = &'a PathBuf>,
    existing: Existing,
) -> Result<(), Error> {
    let wrong = |problem| Err(Error::Output { path: out.to_owned(), problem });
    let output = canonical(out);
    if inputs.into_iter().any(|input| canonical(input) == output) {
        return wrong(OutputProblem::InUse);
    }
    // Files are written under another name and renamed, which would replace the link instead of what it
    // names.
    if out.is_symlink() {
        return wrong(OutputProblem::Link);
    }
    if !out.exists() {
        return Ok(());
    }
    if !out.is_file() {
        return wrong(OutputProblem::NotAFile);
    }
    match existing {
        Existing::Refuse => Err(Error::Exists { path: out.to_owned() }),
        Existing::Replace => Ok(()),
    }
}

/// The canonical path of a file, which need not exist.
pub fn canonical(path: &Path) -> PathBuf {
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    match (path.canonicalize(), parent.canonicalize(), path.file_name()) {
        (Ok(path), _, _) => path,
        (_, Ok(parent), Some(name)) => parent.join(name),
        _ => path.to_owned(),
    }
}

/// A writable folder.
#[derive(Debug)]
pub struct OutputFolder {
    path: PathBuf,
}

/// How existing files are treated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Existing {
    /// They are an error.
    Refuse,
    /// They are replaced.
    Replace,
}

impl OutputFolder {
    /// Creates the folder if necessary and checks that it is writable.
    ///
    /// # Errors
    /// [`Error::NotEmpty`], [`Error::Output`] and [`Error::File`].
    pub fn prepare(path: &Path, existing: Existing) -> Result<Self, Error> {
        if existing == Existing::Refuse
            && std::fs::read_dir(path).is_ok_and(|mut entries| entries.next().is_some())
        {
            return Err(Error::NotEmpty { path: path.to_owned() });
        }
        if path.is_file() {
            return Err(Error::Output { path: path.to_owned(), problem: OutputProblem::NotAFolder });
        }
        std::fs::create_dir_all(path).map_err(Error::file(path))?;
        let trial = path.join(".adatom-trial");
        adatom_core::write_whole(&trial, |_| Ok(())).map_err(Error::file(path))?;
        std::fs::remove_file(&trial).map_err(Error::file(path))?;
        Ok(Self { path: path.to_owned() })
    }

    /// A file in the folder.
    pub fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// Removes a file of an earlier run, if it exists.
    pub fn remove(&self, name: &str) -> Result<(), Error> {
        let path = self.file(name);
        match std::fs::remove_file(&path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(Error::file(&path)(error)),
            _ => Ok(()),
        }
    }

    /// Removes the PNG files in a subfolder.
    pub fn remove_pictures(&self, folder: &str) -> Result<(), Error> {
        let path = self.file(folder);
        for entry in std::fs::read_dir(&path).map_err(Error::file(&path))? {
            let picture = entry.map_err(Error::file(&path))?.path();
            if picture.extension().is_some_and(|extension| extension == "png") {
                std::fs::remove_file(&picture).map_err(Error::file(&picture))?;
            }
        }
        Ok(())
    }

    /// Creates a subfolder.
    pub fn subfolder(&self, name: &str) -> Result<(), Error> {
        let path = self.file(name);
        std::fs::create_dir_all(&path).map_err(Error::file(&path))
    }

    /// Writes a text file atomically.
    pub fn write_text(&self, name: &str, text: &str) -> Result<(), Error> {
        let path = self.file(name);
        adatom_core::write_whole(&path, |file| std::io::Write::write_all(file, text.as_bytes()))
            .map_err(Error::file(&path))
    }
}

/// Writes records as a CSV file atomically.
pub fn write_records(path: &Path, records: &[Vec<String>]) -> Result<(), Error> {
    adatom_core::write_whole(path, |to| {
        let mut writer = csv::Writer::from_writer(to);
        records.iter().try_for_each(|record| writer.write_record(record))?;
        writer.flush()
    })
    .map_err(Error::file(path))
}
