//! XAS documents of the Materials Project, and the JSON written by this crate.
//!
//! | document | spectrum |
//! |---|---|
//! | pymatgen `XAS` | `x` (eV), `y`, `absorbing_element`, `absorbing_index` (null: mean of all sites) |
//! | older dumps | the same under `spectrum` |
//! | FEFF tasks | `spectrum` as rows `[omega, e, k, mu, mu0, chi]` |
//! | this crate | `energy` and `mu` |
//! | several spectra | a list of these, or the list under `data`, `response`, `results` or `spectra` |

use serde_json::{Map, Value};

use crate::{Absorption, Metadata, ReadOptions, Result, Xanes};

use super::assemble::{self, Points};
use super::source::{Source, excerpt};
use super::{Contents, Format, Reader, SpectrumFile, Warning};

pub(super) struct Json;

type Object = Map<String, Value>;

impl Reader for Json {
    fn name(&self) -> &'static str {
        "XAS JSON"
    }

    fn format(&self) -> Format {
        Format {
            name: self.name(),
            extensions: &["json"],
            supported: "XAS documents of the Materials Project (pymatgen, dumps, FEFF tasks) and of adatom",
        }
    }

    fn recognises(&self, source: &Source) -> bool {
        let text = source.text().trim_start();
        let keys = ["\"absorbing_element\"", "\"absorbing_atom\"", "\"spectrum\"", "\"energy\"", "\"x\""];
        text.starts_with(['{', '[']) && keys.iter().any(|key| text.contains(key))
    }

    fn read(&self, source: &Source, _: &ReadOptions) -> Result<SpectrumFile> {
        let value: Value =
            serde_json::from_str(source.text()).map_err(|error| source.malformed_json(error))?;
        let mut warnings = Vec::new();
        let mut spectra = Vec::new();
        let documents = documents(&value);
        for (index, document) in documents.iter().enumerate() {
            let Value::Object(document) = document else {
                return Err(source.malformed(None, "a JSON object per spectrum", kind(document)));
            };
            let place = if documents.len() > 1 { format!(" [{index}]") } else { String::new() };
            let mut own = Vec::new();
            spectra.push(spectrum(source, document, &place, &mut own)?);
            let located = |warning: Warning| match place.is_empty() {
                true => warning,
                false => Warning::new(warning.line, format!("{}:{place}", warning.message)),
            };
            warnings.extend(own.into_iter().map(located));
        }
        if spectra.is_empty() {
            return Err(source.malformed(None, "at least one spectrum", "an empty list"));
        }
        Ok(SpectrumFile { format: self.name(), contents: Contents::Xanes(spectra), warnings })
    }
}

/// The documents of the individual spectra.
fn documents(value: &Value) -> Vec<&Value> {
    match value {
        Value::Array(documents) => documents.iter().collect(),
        Value::Object(object) => {
            let lists = ["data", "response", "results", "spectra"];
            let list = lists.iter().find_map(|key| object.get(*key)?.as_array());
            list.map_or_else(|| vec![value], |documents| documents.iter().collect())
        }
        _ => vec![value],
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

/// The spectrum of a document; `place` is its position in a list of documents, for messages.
fn spectrum(source: &Source, document: &Object, place: &str, warnings: &mut Vec<Warning>) -> Result<Xanes> {
    let nested = document.get("spectrum").or_else(|| document.get("xas"));
    let inner = nested.and_then(Value::as_object);
    let find = |key: &str| inner.and_then(|inner| inner.get(key)).or_else(|| document.get(key));
    let (energy, mu) = match nested {
        Some(Value::Array(rows)) => (feff_column(source, rows, 0)?, feff_column(source, rows, 3)?),
        _ => {
            let column = |keys: [&str; 2]| {
                let found = keys.iter().find_map(|key| find(key).map(|value| (*key, value)));
                let (key, value) = found.ok_or_else(|| {
                    source.malformed(None, &format!("`{}` or `{}`{place}", keys[0], keys[1]), "neither")
                })?;
                numbers(source, key, value)
            };
            (column(["x", "energy"])?, column(["y", "mu"])?)
        }
    };
    let ours = find("energy").is_some();
    let uncertainty = find("uncertainty").filter(|value| !value.is_null());
    let uncertainty = uncertainty.map(|value| numbers(source, "uncertainty", value)).transpose()?;
    let points = Points { energy, mu, uncertainty, line: &|_| None };
    let absorption = match find("absorption").and_then(Value::as_str) {
        Some(text) => Absorption::from_name(text),
        None if ours => Absorption::Unknown,
        None => Absorption::Calculated,
    };
    let mut xanes = assemble::spectrum(source, points, warnings)?.with_absorption(absorption);
    if let Some(element) = find("absorbing_element").or_else(|| find("element")).and_then(symbol) {
        let element = element.parse();
        xanes = xanes.with_element(element.map_err(|_| {
            let found = find("absorbing_element").or_else(|| find("element")).and_then(symbol);
            source.malformed(None, "a chemical element", excerpt(found.unwrap_or_default()))
        })?);
    }
    if let Some(edge) = find("edge").and_then(Value::as_str) {
        match edge.parse() {
            Ok(edge) => xanes = xanes.with_edge(edge),
            Err(_) => {
                warnings.push(Warning::new(None, format!("{} is not an absorption edge", excerpt(edge))))
            }
        }
    }
    let name = ["name", "spectrum_id", "task_id", "material_id", "mpid", "formula_pretty", "formula"];
    if let Some(name) = name.iter().find_map(|key| find(key)?.as_str()) {
        xanes = xanes.with_name(name);
    }
    let mut metadata = metadata(document, inner);
    metadata.set_source(format!("{}{place}", source.path.display()));
    Ok(xanes.with_metadata(metadata))
}

/// The symbol of `"Cu"`, `{"element": "Cu"}` or `{"symbol": "Cu"}`.
fn symbol(value: &Value) -> Option<&str> {
    match value {
        Value::String(symbol) => Some(symbol),
        Value::Object(object) => {
            ["element", "symbol", "name"].iter().find_map(|key| object.get(*key)?.as_str())
        }
        _ => None,
    }
}

fn numbers(source: &Source, key: &str, value: &Value) -> Result<Vec<f64>> {
    let malformed = |found: &str| source.malformed(None, &format!("a list of numbers under `{key}`"), found);
    // NumPy arrays are serialised as objects with the list under `data`.
    let list = value.as_array().or_else(|| value.get("data")?.as_array());
    let list = list.ok_or_else(|| malformed(kind(value)))?;
    list.iter().map(|value| value.as_f64().ok_or_else(|| malformed(kind(value)))).collect()
}

/// One column of the rows `[omega, e, k, mu, mu0, chi]`.
fn feff_column(source: &Source, rows: &[Value], column: usize) -> Result<Vec<f64>> {
    let value = |(index, row): (usize, &Value)| {
        let six = row.as_array().is_some_and(|row| row.len() == 6);
        row.get(column).and_then(Value::as_f64).filter(|_| six).ok_or_else(|| {
            let found =
                row.as_array().map_or_else(|| kind(row).to_owned(), |row| format!("{} values", row.len()));
            source.malformed(None, &format!("six numbers in row {index} of `spectrum`"), found)
        })
    };
    rows.iter().enumerate().map(value).collect()
}

/// All other entries of the document; nested ones as JSON.
fn metadata(document: &Object, inner: Option<&Object>) -> Metadata {
    let mut metadata = Metadata::default();
    let columns = ["x", "y", "energy", "mu", "uncertainty", "spectrum", "xas", "comments", "metadata"];
    let outer = document.iter().filter(|(key, _)| !inner.is_some_and(|inner| inner.contains_key(*key)));
    for (key, value) in inner.into_iter().flatten().chain(outer) {
        let kept = match value {
            _ if columns.contains(&key.as_str()) => continue,
            Value::String(text) => text.clone(),
            value => value.to_string(),
        };
        metadata.push(key.clone(), kept);
    }
    let own = document.get("metadata").and_then(Value::as_array).into_iter().flatten();
    for pair in own {
        if let (Some(key), Some(value)) =
            (pair.get(0).and_then(Value::as_str), pair.get(1).and_then(Value::as_str))
        {
            metadata.push(key, value);
        }
    }
    for line in document.get("comments").and_then(Value::as_array).into_iter().flatten() {
        metadata.push_comment(line.as_str().unwrap_or_default());
    }
    metadata
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Edge;

    fn read(text: &str) -> Result<Vec<Xanes>> {
        match SpectrumFile::from_bytes("a.json", text, &ReadOptions::default())?.contents {
            Contents::Xanes(spectra) => Ok(spectra),
            _ => panic!("JSON holds absorption spectra"),
        }
    }

    #[test]
    fn all_kinds_of_documents_are_read() {
        for text in [
            r#"{"@class": "XAS", "x": [1, 2], "y": [0.5, 1], "absorbing_element": "Fe", "edge": "K",
                "absorbing_index": null, "structure": {"sites": []}}"#,
            r#"{"spectrum": {"x": [1, 2], "y": [0.5, 1], "edge": "K",
                "absorbing_element": {"@class": "Element", "element": "Fe"}}}"#,
            r#"{"absorbing_element": "Fe", "edge": "K",
                "spectrum": [[1, 0, 0, 0.5, 0.5, 0], [2, 1, 0, 1.0, 0.9, 0.1]]}"#,
        ] {
            let spectra = read(text).unwrap();
            assert_eq!(
                (spectra[0].energy().first(), spectra[0].mu().to_vec()),
                (1.0, vec![0.5, 1.0]),
                "{text}"
            );
            assert_eq!((spectra[0].element().unwrap().symbol(), spectra[0].edge()), ("Fe", Some(Edge::K)));
            assert_eq!(spectra[0].absorption(), Absorption::Calculated);
        }
        let several = r#"{"data": [{"x": [1, 2], "y": [0, 1], "task_id": "mp-1"},
            {"x": [1, 2], "y": [0, 2], "edge": "L2,3"}]}"#;
        let spectra = read(several).unwrap();
        assert_eq!((spectra.len(), spectra[0].name(), spectra[1].edge()), (2, Some("mp-1"), None));
        assert_eq!(spectra[1].metadata().get("edge"), Some("L2,3"));
    }

    #[test]
    fn messages_state_the_error() {
        for (text, message) in [
            (r#"{"x": [1, 2]}"#, "a.json: expected `y` or `mu`, found neither"),
            (r#"{"x": [1, null], "y": [1, 2]}"#, "a.json: expected a list of numbers under `x`, found null"),
            (r#"{"x": 5, "y": [1, 2]}"#, "a.json: expected a list of numbers under `x`, found a number"),
            (r#"{"x": [1, 2], "y": [1]}"#, "a.json: expected 2 values of absorption, found 1"),
            (
                r#"{"spectrum": [[1, 2]]}"#,
                "a.json: expected six numbers in row 0 of `spectrum`, found 2 values",
            ),
            (
                r#"{"x": [1, 2], "y": [1, 2], "element": "Xx"}"#,
                "a.json: expected a chemical element, found `Xx`",
            ),
            ("{\"x\": [1,\n 2", "a.json, line 2: expected a JSON document, found a syntax error"),
        ] {
            assert_eq!(read(text).unwrap_err().to_string(), message, "{text}");
        }
        assert!(read(&format!("{{\"x\": {}", "[".repeat(100_000))).is_err());
    }
}
