//! `adatom inspect`: what each file is.

use adatom::pipeline::{FileDescription, inspect};
use serde_json::{Value, json};

use crate::args::Inspect;
use crate::error::CliError;
use crate::terminal::{note, print_line};

pub(crate) fn run(command: &Inspect, as_json: bool) -> Result<(), CliError> {
    let mut failed = false;
    for path in &command.files {
        let found = inspect(path);
        failed |= found.is_err();
        match found {
            Ok(found) if as_json => print_line(format_args!("{}", json!(found))),
            Ok(found) => print_line(format_args!("{}", lines(&found))),
            Err(error) if as_json => {
                print_line(format_args!(
                    "{}",
                    json!({ "path": path.display().to_string(), "error": error.to_string() })
                ));
            }
            Err(error) => note(format_args!("error: {error}")),
        }
    }
    if failed { Err(CliError::Reported) } else { Ok(()) }
}

/// One line a fact, without those that are null.
fn lines(found: &FileDescription) -> String {
    let plain = |value: &Value| match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => items
            .iter()
            .map(|item| item.as_str().map_or_else(|| item.to_string(), str::to_owned))
            .collect::<Vec<_>>()
            .join(", "),
        other => other.to_string(),
    };
    let facts = found.facts();
    let listed = facts
        .iter()
        .filter(|(key, value)| !["path", "records", "grains"].contains(&key.as_str()) && !value.is_null());
    let mut lines: Vec<String> =
        listed.map(|(key, value)| format!("  {:<16} {}", key.replace('_', " "), plain(value))).collect();
    if let Some(grains) = facts.get("grains").and_then(Value::as_array) {
        lines.extend(grains.iter().enumerate().map(|(at, grain)| format!("  {}", grain_line(at + 1, grain))));
        if grains.is_empty() {
            lines.push("  no periodic order was found".into());
        }
    }
    format!("{}\n{}", plain(&facts["path"]), lines.join("\n"))
}

/// One lattice of an image.
fn grain_line(number: usize, grain: &Value) -> String {
    let part = 100.0 * grain["fraction"].as_f64().unwrap_or_default();
    let of = |key: &str, vector: usize, axis: usize| grain[key][vector][axis].as_f64().unwrap_or_default();
    if grain["vectors"].is_null() {
        let spacing = grain["spacing"].as_f64().unwrap_or_default();
        return format!(
            "grain {number}: {part:.0} % of the image, fringes every {spacing:.2} px in one direction"
        );
    }
    let vector = |at: usize| {
        format!(
            "({:.2}, {:.2}) ± {:.2}",
            of("vectors", at, 0),
            of("vectors", at, 1),
            of("uncertainty", at, 0)
        )
    };
    let lengths = match grain["lengths"]["unit"].as_str() {
        Some(unit) => {
            let length = |at: usize| grain["lengths"]["value"][at].as_f64().unwrap_or_default();
            format!(", {:.4} and {:.4} {unit} long", length(0), length(1))
        }
        None => String::new(),
    };
    format!(
        "grain {number}: {part:.0} % of the image, lattice vectors {} and {} px{lengths}",
        vector(0),
        vector(1)
    )
}
