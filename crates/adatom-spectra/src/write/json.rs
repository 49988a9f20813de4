//! Absorption spectra as JSON, complete.
//!
//! One spectrum is an object with `energy` (eV), `mu`, `absorption`, `metadata` (a list of pairs), `comments`
//! and, where they are known, `uncertainty`, `element`, `edge`, `name`. Several spectra are a list of such
//! objects.

use std::path::Path;

use serde_json::{Map, Value, json};

use crate::{Result, Xanes};

/// Writes absorption spectra as JSON: one spectrum as an object, several as a list.
///
/// ```
/// use adatom_spectra::{EnergyGrid, ReadOptions, Xanes, write_json};
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("cu.json");
/// let xanes = Xanes::new(EnergyGrid::new(vec![8970.0, 8980.0])?, vec![0.1, 1.0])?;
/// let xanes = xanes.with_element("Cu".parse()?);
/// write_json(&path, [&xanes])?;
/// let read = Xanes::open(&path, &ReadOptions::default())?;
/// assert_eq!((read.element(), read.mu()), (xanes.element(), xanes.mu()));
/// assert!(write_json(folder.path().join("no/folder.json"), [&xanes]).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`Error::Io`](crate::Error::Io) when the file cannot be written.
pub fn write_json<'a>(path: impl AsRef<Path>, spectra: impl IntoIterator<Item = &'a Xanes>) -> Result<()> {
    let mut documents: Vec<Value> = spectra.into_iter().map(document).collect();
    let document = if documents.len() == 1 { documents.remove(0) } else { Value::Array(documents) };
    super::whole(path.as_ref(), |file| writeln!(file, "{document}"))
}

fn document(spectrum: &Xanes) -> Value {
    let mut document = Map::new();
    let mut put = |key: &str, value: Value| document.insert(key.to_owned(), value);
    put("energy", json!(spectrum.energy().values().to_vec()));
    put("mu", json!(spectrum.mu().to_vec()));
    if let Some(values) = spectrum.uncertainty() {
        put("uncertainty", json!(values.to_vec()));
    }
    put("absorption", json!(spectrum.absorption().name()));
    if let Some(element) = spectrum.element() {
        put("element", json!(element.symbol()));
    }
    if let Some(edge) = spectrum.edge() {
        put("edge", json!(edge.to_string()));
    }
    if let Some(name) = spectrum.name() {
        put("name", json!(name));
    }
    let metadata = spectrum.metadata();
    put("metadata", json!(metadata.entries().collect::<Vec<_>>()));
    put("comments", json!(metadata.comments().collect::<Vec<_>>()));
    Value::Object(document)
}
