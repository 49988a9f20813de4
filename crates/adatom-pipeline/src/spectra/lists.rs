//! Selection of materials by lists of names and of excluded formulas.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::collection::Material;
use super::settings::TableSettings;
use crate::error::Error;

/// Names of materials, one per line; empty lines are skipped.
fn names(path: &Path, folders: &[PathBuf]) -> Result<BTreeSet<String>, Error> {
    let wrong = |problem: String| Error::DataSet { path: path.to_owned(), problem };
    if !std::fs::metadata(path).map_err(Error::file(path))?.is_file() {
        return Err(wrong("not a regular file".into()));
    }
    let known: BTreeSet<_> =
        folders.iter().filter_map(|folder| folder.file_name()).map(|name| name.to_string_lossy()).collect();
    let text = std::fs::read_to_string(path).map_err(Error::file(path))?;
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
        return Err(wrong("expected names of materials, one per line, found none".into()));
    }
    Ok(found)
}

/// The lists of materials that the settings name.
pub(super) struct MaterialLists {
    only: Option<BTreeSet<String>>,
    excluded: BTreeSet<String>,
}

impl MaterialLists {
    pub(super) fn load(settings: &TableSettings, folders: &[PathBuf]) -> Result<Self, Error> {
        let load = |path: &Option<PathBuf>| path.as_deref().map(|path| names(path, folders)).transpose();
        let excluded = load(&settings.exclude_formulas_of)?.unwrap_or_default();
        Ok(Self { only: load(&settings.materials)?, excluded })
    }

    /// Whether a folder has to be read; excluded ones are read for their formulas.
    pub(super) fn reads(&self, folder: &Path) -> bool {
        let name = folder.file_name().unwrap_or_default().to_string_lossy();
        self.only.as_ref().is_none_or(|only| only.contains(&*name)) || self.excluded.contains(&*name)
    }

    /// Removes excluded materials and those with the same formulas; returns the number of the latter.
    pub(super) fn retain(&self, materials: &mut Vec<Material>) -> usize {
        let excluded = |material: &&Material| self.excluded.contains(material.name());
        let formulas: BTreeSet<String> = materials
            .iter()
            .filter(excluded)
            .filter_map(|material| material.formula().map(str::to_owned))
            .collect();
        materials.retain(|material| !self.excluded.contains(material.name()));
        let before = materials.len();
        materials.retain(|material| material.formula().is_none_or(|formula| !formulas.contains(formula)));
        before - materials.len()
    }
}
