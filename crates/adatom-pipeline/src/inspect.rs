//! Description of a file from its content: image, spectrum, structure, table or model.

mod image;
mod model;
mod spectrum;
mod table;

use std::path::Path;

use adatom_patch::Error as PatchError;
use serde_json::{Map, Value};

use crate::error::with_sources;

/// The description of a file: `path`, `kind`, `format`, and properties that depend on the kind.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
#[serde(transparent)]
pub struct FileDescription(Value);

/// A file cannot be read, or its format is not recognised.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct InspectError {
    message: String,
}

impl FileDescription {
    /// The kind of the file: `image`, `xanes`, `exafs`, `pdf`, `scattering`, `structure`, `columns`, `table`
    /// or `model`.
    #[must_use]
    pub fn kind(&self) -> &str {
        self.0["kind"].as_str().unwrap_or_default()
    }

    /// All properties by name.
    #[must_use]
    pub fn facts(&self) -> &Map<String, Value> {
        self.0.as_object().expect("a description is made of named facts")
    }
}

/// Describes a file: formats with a signature are tried first, columns of numbers last.
///
/// # Errors
///
/// [`InspectError`] if the file cannot be read, is damaged, or its format is not recognised.
///
/// ```
/// use adatom_pipeline::inspect;
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("table.csv");
/// std::fs::write(&path, "id,target:valence,xanes@8985,xanes@8990\na,1,0.1,0.7\n")?;
/// let found = inspect(&path)?;
/// assert_eq!((found.kind(), &found.facts()["rows"]), ("table", &1.into()));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn inspect(path: &Path) -> Result<FileDescription, InspectError> {
    describe(path).map(FileDescription).map_err(|message| InspectError { message })
}

fn describe(path: &Path) -> Result<Value, String> {
    if let Some(found) = model::describe(path) {
        return found;
    }
    if let Some(found) = table::describe(path) {
        return found;
    }
    match image::describe(path) {
        Err(PatchError::UnknownFormat { looks_like, .. }) => spectrum::describe(path, looks_like),
        found => found.map_err(|error| with_sources(&error)),
    }
}

/// Adds the facts of another object.
fn extend(found: &mut Value, more: Value) {
    if let (Some(found), Value::Object(more)) = (found.as_object_mut(), more) {
        found.extend(more);
    }
}
