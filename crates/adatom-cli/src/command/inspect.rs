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
    let listed =
        facts.iter().filter(|(key, value)| !["path", "records"].contains(&key.as_str()) && !value.is_null());
    let lines: Vec<String> = listed.map(|(key, value)| format!("  {key:<12} {}", plain(value))).collect();
    format!("{}\n{}", plain(&facts["path"]), lines.join("\n"))
}
