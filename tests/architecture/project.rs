//! Manifests and sources of the workspace as the rules see them.

use std::collections::BTreeMap;
use std::path::Path;

use toml::{Table, Value};

/// The folders that hold packages.
const FOLDERS: [&str; 3] = ["crates", "benches", "tests"];

/// All files by their path from the root, with `/` between folders.
#[derive(Debug, Clone, Default)]
pub(crate) struct Project {
    pub(crate) files: BTreeMap<String, String>,
}

/// A member of the workspace.
#[derive(Debug)]
pub(crate) struct Package<'a> {
    /// Its folder from the root, such as `crates/adatom-vae`.
    pub(crate) folder: &'a str,
    pub(crate) manifest: Table,
    /// Path inside the folder, and text, of its Rust files.
    pub(crate) sources: Vec<(&'a str, &'a str)>,
}

impl Project {
    /// Reads manifests, sources and the lock file below `root`.
    pub(crate) fn read(root: &Path) -> std::io::Result<Self> {
        let mut project = Self::default();
        for entry in std::fs::read_dir(root)? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if entry.file_type()?.is_file() {
                project.add(&entry.path(), name)?;
            } else if FOLDERS.contains(&name.as_str()) {
                project.walk(&entry.path(), &name)?;
            }
        }
        Ok(project)
    }

    fn walk(&mut self, folder: &Path, name: &str) -> std::io::Result<()> {
        for entry in std::fs::read_dir(folder)? {
            let entry = entry?;
            let inside = format!("{name}/{}", entry.file_name().to_string_lossy());
            match entry.file_type()?.is_dir() {
                true => self.walk(&entry.path(), &inside)?,
                false => self.add(&entry.path(), inside)?,
            }
        }
        Ok(())
    }

    fn add(&mut self, path: &Path, name: String) -> std::io::Result<()> {
        if name.ends_with(".rs") || name.ends_with(".toml") || name == "Cargo.lock" {
            self.files.insert(name, std::fs::read_to_string(path)?);
        }
        Ok(())
    }

    /// The same project with one file more, or another text in it.
    pub(crate) fn with(mut self, path: &str, text: &str) -> Self {
        self.files.insert(path.to_owned(), text.to_owned());
        self
    }

    pub(crate) fn manifest(&self, path: &str) -> Table {
        let text = self.files.get(path).unwrap_or_else(|| panic!("there is no {path}"));
        text.parse().unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    /// Every folder with a manifest, but the root.
    pub(crate) fn packages(&self) -> Vec<Package<'_>> {
        let folders = self.files.keys().filter_map(|path| path.strip_suffix("/Cargo.toml"));
        folders.map(|folder| self.package(folder)).collect()
    }

    fn package<'a>(&'a self, folder: &'a str) -> Package<'a> {
        let inside = |path: &'a str| path.strip_prefix(folder).and_then(|path| path.strip_prefix('/'));
        let files = self.files.iter().filter_map(|(path, text)| Some((inside(path)?, text.as_str())));
        let sources = files.filter(|(path, _)| path.ends_with(".rs"));
        Package {
            folder,
            manifest: self.manifest(&format!("{folder}/Cargo.toml")),
            sources: sources.collect(),
        }
    }

    /// The packages that `package` names in its dependency tables, by their own names where they are renamed.
    pub(crate) fn dependencies(&self, package: &Package<'_>, kinds: Kinds) -> Vec<String> {
        let root = self.manifest("Cargo.toml");
        let shared = root.get("workspace").and_then(|workspace| workspace.get("dependencies"));
        let named = |table: Option<&Value>, name: &str| {
            let entry = table.and_then(|table| table.get(name));
            entry.and_then(|entry| entry.get("package")).and_then(Value::as_str).map(str::to_owned)
        };
        let mut found = Vec::new();
        for table in dependency_tables(&package.manifest, kinds) {
            for name in table.as_table().into_iter().flat_map(Table::keys) {
                let real = named(Some(table), name).or_else(|| named(shared, name));
                found.push(real.unwrap_or_else(|| name.clone()));
            }
        }
        found
    }
}

impl Package<'_> {
    pub(crate) fn name(&self) -> &str {
        self.entry("package", "name").and_then(Value::as_str).unwrap_or_default()
    }

    pub(crate) fn entry(&self, table: &str, key: &str) -> Option<&Value> {
        self.manifest.get(table).and_then(|table| table.get(key))
    }
}

/// Which dependency tables are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kinds {
    /// What the crate itself and its build script use.
    Normal,
    /// Those, and what its tests, examples and benchmarks use.
    All,
}

/// The dependency tables of a manifest, also those of one target alone.
fn dependency_tables(manifest: &Table, kinds: Kinds) -> Vec<&Value> {
    let names: &[&str] = match kinds {
        Kinds::Normal => &["dependencies", "build-dependencies"],
        Kinds::All => &["dependencies", "build-dependencies", "dev-dependencies"],
    };
    let targets = manifest.get("target").and_then(Value::as_table).into_iter().flatten();
    let of_targets = targets.flat_map(|(_, target)| names.iter().filter_map(|name| target.get(*name)));
    names.iter().filter_map(|name| manifest.get(*name)).chain(of_targets).collect()
}
