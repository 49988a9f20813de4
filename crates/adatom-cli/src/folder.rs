//! The folder of results: made when there is something to write, and never over what somebody else wrote.

use std::path::{Path, PathBuf};

use crate::error::CliError;

/// Refuses to replace a file unless asked to, and ever to replace an input or something that is not a file.
pub(crate) fn check_output<'a>(
    out: &Path,
    inputs: impl IntoIterator<Item = &'a PathBuf>,
    force: bool,
) -> Result<(), CliError> {
    let place = place(out);
    if inputs.into_iter().any(|input| self::place(input) == place) {
        let text =
            format!("{}: an input or another output of the same run, which is not replaced", out.display());
        return Err(CliError::Argument(text));
    }
    // Files are written under another name and renamed, which would replace the link instead of what it names.
    if out.is_symlink() {
        return Err(CliError::Argument(format!(
            "{}: a link; give the name of the file itself",
            out.display()
        )));
    }
    if !out.exists() {
        return Ok(());
    }
    if !out.is_file() {
        return Err(CliError::Argument(format!("{}: not a file that can be replaced", out.display())));
    }
    if !force {
        let text = format!("{} exists; choose another name, or --force to replace it", out.display());
        return Err(CliError::Argument(text));
    }
    Ok(())
}

/// Where a file lies or will lie, whatever it is called.
pub(crate) fn place(path: &Path) -> PathBuf {
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    match (path.canonicalize(), parent.canonicalize(), path.file_name()) {
        (Ok(place), _, _) => place,
        (_, Ok(parent), Some(name)) => parent.join(name),
        _ => path.to_owned(),
    }
}

/// A folder that can be written to.
#[derive(Debug)]
pub(crate) struct OutputFolder {
    path: PathBuf,
}

/// What may become of files that are there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Existing {
    Refuse,
    Replace,
}

impl OutputFolder {
    /// Makes the folder if need be and writes a file to see that it can be done, before hours of work.
    pub(crate) fn prepare(path: &Path, existing: Existing) -> Result<Self, CliError> {
        if existing == Existing::Refuse
            && std::fs::read_dir(path).is_ok_and(|mut entries| entries.next().is_some())
        {
            return Err(CliError::NotEmpty(path.to_owned()));
        }
        if path.is_file() {
            return Err(CliError::Argument(format!("{}: a file, where a folder is wanted", path.display())));
        }
        std::fs::create_dir_all(path).map_err(CliError::file(path))?;
        let trial = path.join(".adatom-trial");
        adatom::core::write_whole(&trial, |_| Ok(())).map_err(CliError::file(path))?;
        std::fs::remove_file(&trial).map_err(CliError::file(path))?;
        Ok(Self { path: path.to_owned() })
    }

    /// A file in the folder.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// Removes what an earlier run left under this name.
    pub(crate) fn remove(&self, name: &str) -> Result<(), CliError> {
        let path = self.file(name);
        match std::fs::remove_file(&path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(CliError::file(&path)(error)),
            _ => Ok(()),
        }
    }

    /// Removes the pictures that an earlier run left in a folder inside.
    pub(crate) fn remove_pictures(&self, folder: &str) -> Result<(), CliError> {
        let path = self.file(folder);
        for entry in std::fs::read_dir(&path).map_err(CliError::file(&path))? {
            let picture = entry.map_err(CliError::file(&path))?.path();
            if picture.extension().is_some_and(|extension| extension == "png") {
                std::fs::remove_file(&picture).map_err(CliError::file(&picture))?;
            }
        }
        Ok(())
    }

    /// Makes a folder inside.
    pub(crate) fn subfolder(&self, name: &str) -> Result<(), CliError> {
        let path = self.file(name);
        std::fs::create_dir_all(&path).map_err(CliError::file(&path))
    }

    /// Writes a whole file of text.
    pub(crate) fn write_text(&self, name: &str, text: &str) -> Result<(), CliError> {
        let path = self.file(name);
        adatom::core::write_whole(&path, |file| std::io::Write::write_all(file, text.as_bytes()))
            .map_err(CliError::file(&path))
    }
}

/// Writes records as a whole CSV file.
pub(crate) fn write_records(path: &Path, records: &[Vec<String>]) -> Result<(), CliError> {
    adatom::core::write_whole(path, |to| {
        let mut writer = csv::Writer::from_writer(to);
        records.iter().try_for_each(|record| writer.write_record(record))?;
        writer.flush()
    })
    .map_err(CliError::file(path))
}
