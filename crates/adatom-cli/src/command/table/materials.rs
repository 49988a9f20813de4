//! Which of the materials of a folder become rows: those of a list, or those that share no formula with a list.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::rows::Read;
use crate::args::MaterialChoice;
use crate::error::CliError;

/// Names of materials, one a line; empty lines are none.
fn names(path: &Path, folders: &[PathBuf]) -> Result<BTreeSet<String>, CliError> {
    let wrong = |problem: String| CliError::DataSet { path: path.to_owned(), problem };
    if !std::fs::metadata(path).map_err(CliError::file(path))?.is_file() {
        return Err(wrong("it is not a regular file".into()));
    }
    let known: BTreeSet<_> =
        folders.iter().filter_map(|folder| folder.file_name()).map(|name| name.to_string_lossy()).collect();
    let text = std::fs::read_to_string(path).map_err(CliError::file(path))?;
    let mut found = BTreeSet::new();
    for (line, name) in text.lines().enumerate().map(|(line, text)| (line + 1, text.trim())) {
        if name.is_empty() {
            continue;
        }
        if !known.contains(name) {
            return Err(wrong(format!(
                "line {line}: expected the name of a material's folder, found {name:?}"
            )));
        }
        found.insert(name.to_owned());
    }
    if found.is_empty() {
        return Err(wrong("expected names of materials, one a line, found none".into()));
    }
    Ok(found)
}

/// Lists of materials, read.
pub(super) struct Chosen {
    only: Option<BTreeSet<String>>,
    apart: BTreeSet<String>,
}

impl Chosen {
    pub(super) fn load(choice: &MaterialChoice, folders: &[PathBuf]) -> Result<Self, CliError> {
        let load = |path: &Option<PathBuf>| path.as_deref().map(|path| names(path, folders)).transpose();
        Ok(Self { only: load(&choice.only)?, apart: load(&choice.apart_from)?.unwrap_or_default() })
    }

    /// Whether a folder is to be read at all: those that others must be apart from are, for their formulas.
    pub(super) fn reads(&self, folder: &Path) -> bool {
        let name = folder.file_name().unwrap_or_default().to_string_lossy();
        self.only.as_ref().is_none_or(|only| only.contains(&*name)) || self.apart.contains(&*name)
    }

    /// Leaves out what was not asked for; how many materials are left out for the sake of their formula.
    pub(super) fn keep(&self, read: &mut Vec<Read>) -> usize {
        if let Some(only) = &self.only {
            read.retain(|read| only.contains(read.name()) || self.apart.contains(read.name()));
        }
        let apart = |read: &&Read| self.apart.contains(read.name());
        let formulas: BTreeSet<String> =
            read.iter().filter(apart).filter_map(|read| read.formula().map(str::to_owned)).collect();
        read.retain(|read| !self.apart.contains(read.name()));
        let before = read.len();
        read.retain(|read| read.formula().is_none_or(|formula| !formulas.contains(formula)));
        before - read.len()
    }
}
