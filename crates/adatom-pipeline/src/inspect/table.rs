//! Tables of features.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use adatom_core::{FeatureTable, TableError};
use serde_json::{Map, Value, json};

use crate::error::with_sources;

/// A table of features; `None` for other files.
pub(super) fn describe(path: &Path) -> Option<Result<Value, String>> {
    // Opening a pipe would block.
    if !std::fs::metadata(path).is_ok_and(|kind| kind.is_file()) {
        return None;
    }
    let mut start = [0; 5];
    let read = File::open(path).and_then(|mut file| file.read(&mut start)).ok()?;
    let start = &start[..read];
    let plain = start.starts_with(b"id,") || start.starts_with(b"\"id\",");
    if !plain && !start.starts_with(&[0x1f, 0x8b]) {
        return None;
    }
    match FeatureTable::load(path) {
        Ok(table) => Some(Ok(described(path, &table))),
        // Compressed projects of spectra have the same signature.
        Err(_) if !plain => None,
        Err(error) => Some(Err(message(path, &error))),
    }
}

fn message(path: &Path, error: &TableError) -> String {
    let text = with_sources(error);
    if text.contains(&*path.to_string_lossy()) { text } else { format!("{}: {text}", path.display()) }
}

fn described(path: &Path, table: &FeatureTable) -> Value {
    let columns: Map<String, Value> = table
        .modalities()
        .iter()
        .map(|modality| (modality.name().to_owned(), json!(table.columns_of(modality).len())))
        .collect();
    json!({
        "path": path.display().to_string(),
        "kind": "table",
        "format": "adatom table (CSV)",
        "rows": table.len(),
        "columns": columns,
        "groups": table.groups().map(|(name, _)| name).collect::<Vec<_>>(),
        "targets": table.targets().map(|(name, _)| name).collect::<Vec<_>>(),
    })
}
