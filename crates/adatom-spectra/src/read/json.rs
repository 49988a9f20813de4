//! Spectra of the Materials Project as JSON, and those that this crate writes.
//!
//! | document | spectrum |
//! |---|---|
//! | pymatgen `XAS` | `x` (eV) and `y`; `absorbing_element` a string or an object; `absorbing_index` null for the mean of all sites |
//! | older dumps | the same under `spectrum` |
//! | tasks of FEFF | `spectrum` as rows `[omega, e, k, mu, mu0, chi]` |
//! | this crate | `energy` and `mu` |
//! | several | a list of those, or an object with such a list under `data`, `response`, `results` or `spectra` |

use serde_json::{Map, Value};

use crate::{Absorption, Metadata, ReadOptions, Result, Xanes};

use super::assemble::{self, Points};
use super::source::{Source, excerpt};
use super::{Contents, Format, Reader, SpectrumFile, Warning};

pub(super) struct Json;

type Object = Map<String, Value>;

impl Reader for Json {
    fn format(&self) -> &'static str {
        "XAS JSON"
    }

    fn about(&self) -> Format {
        Format {
            name: self.format(),
            extensions: &["json"],
            supported: "XAS documents of the Materials Project (pymatgen, older dumps, FEFF tasks), and those written here",
        }
    }

    fn recognises(&self, source: &Source) -> bool {
        let text = source.text().trim_start();
        let keys = ["\"absorbing_element\"", "\"absorbing_atom\"", "\"spectrum\"", "\"energy\"", "\"x\""];
        text.starts_with(['{', '[']) && keys.iter().any(|key| text.contains(key))
    }

    fn read(&self, source: &Source, _: &ReadOptions) -> Result<SpectrumFile> {
        let value: Value = serde_json::from_str(source.text()).map_err(|error| {
            let line = Some(error.line()).filter(|&line| line > 0);
            source.malformed(line, "a JSON document", error.to_string())
        })?;
        let mut warnings = Vec::new();
        let mut spectra = Vec::new();
        let documents = documents(&value);
        for (index, document) in documents.iter().enumerate() {
            let Value::Object(document) = document else {
                return Err(source.malformed(None, "an object for every spectrum", kind(document)));
            };
            let place = if documents.len() > 1 { format!(" [{index}]") } else { String::new() };
            let mut noticed = Vec::new();
            spectra.push(spectrum(source, document, &place, &mut noticed)?);
            warnings.extend(noticed.into_iter().map(|warning: Warning| Warning {
                what: if place.is_empty() { warning.what } else { format!("{}:{place}", warning.what) },
                ..warning
            }));
        }
        if spectra.is_empty() {
            return Err(source.malformed(None, "at least one spectrum", "an empty list"));
        }
        Ok(SpectrumFile { format: self.format(), contents: Contents::Xanes(spectra), warnings })
    }
}

/// The documents of single spectra inside a document.
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

fn spectrum(source: &Source, document: &Object, place: &str, warnings: &mut Vec<Warning>) -> Result<Xanes> {
    let nested = document.get("spectrum").or_else(|| document.get("xas"));
    let inner = nested.and_then(Value::as_object);
    let find = |key: &str| inner.and_then(|inner| inner.get(key)).or_else(|| document.get(key));
    let (energy, mu) = match nested {
        Some(Value::Array(rows)) => rows_of_feff(source, rows)?,
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
        Some(text) => crate::write::absorption_named(text),
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
                warnings.push(Warning { line: None, what: format!("{} is not one edge", excerpt(edge)) })
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
    // Numpy arrays are written as objects with the list under `data`.
    let list = value.as_array().or_else(|| value.get("data")?.as_array());
    let list = list.ok_or_else(|| malformed(kind(value)))?;
    list.iter().map(|value| value.as_f64().ok_or_else(|| malformed(kind(value)))).collect()
}

fn rows_of_feff(source: &Source, rows: &[Value]) -> Result<(Vec<f64>, Vec<f64>)> {
    let number = |row: &Value, column: usize| row.get(column).and_then(Value::as_f64);
    let pairs = rows.iter().enumerate().map(|(index, row)| {
        let six = row.as_array().is_some_and(|row| row.len() == 6);
        let pair = number(row, 0).zip(number(row, 3)).filter(|_| six);
        pair.ok_or_else(|| {
            let found =
                row.as_array().map_or_else(|| kind(row).to_owned(), |row| format!("{} values", row.len()));
            source.malformed(None, &format!("six numbers in row {index} of `spectrum`"), found)
        })
    });
    pairs.collect()
}

/// All that is no column, in the words of the document; structures stay JSON.
fn metadata(document: &Object, inner: Option<&Object>) -> Metadata {
    let mut metadata = Metadata::default();
    let columns = ["x", "y", "energy", "mu", "uncertainty", "spectrum", "xas", "comments", "metadata"];
    let entries = inner.into_iter().flatten().chain(document);
    for (key, value) in entries {
        let kept = match value {
            _ if columns.contains(&key.as_str()) || metadata.get(key).is_some() => continue,
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
    fn documents_of_every_generation() {
        for text in [
            r#"{"@class": "XAS", "x": [1, 2], "y": [0.5, 1], "absorbing_element": "Fe", "edge": "K", "absorbing_index": null, "structure": {"sites": []}}"#,
            r#"{"spectrum": {"x": [1, 2], "y": [0.5, 1], "absorbing_element": {"@class": "Element", "element": "Fe"}, "edge": "K"}}"#,
            r#"{"absorbing_element": "Fe", "edge": "K", "spectrum": [[1, 0, 0, 0.5, 0.5, 0], [2, 1, 0, 1.0, 0.9, 0.1]]}"#,
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
        let several = r#"{"data": [{"x": [1, 2], "y": [0, 1], "task_id": "mp-1"}, {"x": [1, 2], "y": [0, 2], "edge": "L2,3"}]}"#;
        let spectra = read(several).unwrap();
        assert_eq!((spectra.len(), spectra[0].name(), spectra[1].edge()), (2, Some("mp-1"), None));
        assert_eq!(spectra[1].metadata().get("edge"), Some("L2,3"));
    }

    #[test]
    fn what_is_wrong_is_named() {
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
            (
                "{\"x\": [1,\n 2",
                "a.json, line 2: expected a JSON document, found EOF while parsing a list at line 2 column 2",
            ),
        ] {
            assert_eq!(read(text).unwrap_err().to_string(), message, "{text}");
        }
        assert!(read(&format!("{{\"x\": {}", "[".repeat(100_000))).is_err());
    }
}
