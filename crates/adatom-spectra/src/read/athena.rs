//! Athena project files (`.prj`), usually compressed with gzip.
//!
//! | variant | first line | arrays |
//! |---|---|---|
//! | Athena 0.8 | `# Athena project file -- Athena version` | Perl: `@args`, `@x`, `@y`, `@stddev` |
//! | Demeter 0.9, Larch | `# Athena project file -- Demeter version` | the same, with more arguments |
//! | JSON | `{"_____header1": "# Athena project file ...` | one object per record: `args`, `x`, `y` |
//!
//! x is the energy without the shift `bkg_eshift`, which is added here, or k in records of χ(k).

mod perl;
mod record;

use std::collections::HashMap;

use serde_json::{Map, Value as JsonValue};

use crate::{ReadOptions, Result};

use super::source::{Source, excerpt};
use super::{Contents, Format, Reader, SpectrumFile, Warning};
use perl::{Statement, Value};
use record::{Record, RecordContent};

pub(super) struct Athena;

impl Reader for Athena {
    fn name(&self) -> &'static str {
        "Athena project"
    }

    fn format(&self) -> Format {
        Format {
            name: self.name(),
            extensions: &["prj"],
            supported: "Athena 0.8, Demeter 0.9, Larch, JSON; μ, normalised μ, χ; energy shifts are applied",
        }
    }

    fn recognises(&self, source: &Source) -> bool {
        is_json(source) || source.lines().take(5).any(|(_, line)| line.starts_with("# Athena project file"))
    }

    fn read(&self, source: &Source, _: &ReadOptions) -> Result<SpectrumFile> {
        let records = if is_json(source) { records_of_json(source)? } else { records_of_perl(source)? };
        let mut warnings = Vec::new();
        let (mut spectra, mut fine) = (Vec::new(), Vec::new());
        let mut names = HashMap::new();
        let mut left_out = Vec::new();
        for record in records {
            let line = record.line;
            let name = distinct(record.name(), &mut names);
            let mut own = Vec::new();
            match record.content(source, &name, &mut own)? {
                RecordContent::Xanes(xanes) => spectra.push(*xanes),
                RecordContent::Exafs(exafs) => {
                    let message = format!("{name}: left out, because it is χ(k) in a project with μ(E)");
                    left_out.push(Warning::new(line, message));
                    fine.push(*exafs);
                }
                RecordContent::Other(reason) => {
                    own.push(Warning::new(line, format!("left out, because it is {reason}")));
                }
            }
            let located = |warning: Warning| {
                Warning::new(warning.line.or(line), format!("{name}: {}", warning.message))
            };
            warnings.extend(own.into_iter().map(located));
        }
        let contents = match (spectra.is_empty(), fine.is_empty()) {
            (true, true) => {
                return Err(source.malformed(None, "at least one record of μ(E) or χ(k)", "none"));
            }
            (true, false) => Contents::Exafs(fine),
            _ => {
                warnings.extend(left_out);
                Contents::Xanes(spectra)
            }
        };
        Ok(SpectrumFile { format: self.name(), contents, warnings })
    }
}

fn is_json(source: &Source) -> bool {
    let text = source.text().trim_start();
    text.starts_with('{') && (text.contains("\"_____header1\"") || text.contains("\"_____order\""))
}

/// A name that no earlier record has: the second `Cu` becomes `Cu_1`.
fn distinct(name: String, taken: &mut HashMap<String, usize>) -> String {
    let Some(&used) = taken.get(&name) else {
        taken.insert(name.clone(), 1);
        return name;
    };
    let mut number = used;
    let mut distinct = format!("{name}_{number}");
    while taken.contains_key(&distinct) {
        number += 1;
        distinct = format!("{name}_{number}");
    }
    taken.insert(name, number + 1);
    taken.insert(distinct.clone(), 1);
    distinct
}

fn records_of_perl(source: &Source) -> Result<Vec<Record>> {
    let mut records = Vec::new();
    let mut record = Record::default();
    for statement in perl::statements(source)? {
        let (line, name, value) = match statement {
            Statement::Record => {
                records.push(std::mem::take(&mut record));
                continue;
            }
            Statement::Assign { line, name, value } => (line, name, value),
        };
        match name.as_str() {
            "old_group" => {
                record.line = Some(line);
                record.group = text(value);
            }
            "args" => arguments(&mut record, value),
            "x" => record.x = Some(numbers(source, line, value)?),
            "y" => record.y = Some(numbers(source, line, value)?),
            "stddev" => record.stddev = numbers(source, line, value).ok(),
            // i0, signal, the journal and plot settings are not used.
            _ => {}
        }
    }
    if record.x.is_some() {
        return Err(source.malformed(record.line, "a line `[record]` after the arrays of a record", "none"));
    }
    Ok(records)
}

fn text(value: Value) -> String {
    match value {
        Value::Text(text) => text,
        Value::List(values) => values.into_iter().map(text).collect::<Vec<_>>().join("\n"),
    }
}

fn arguments(record: &mut Record, value: Value) {
    let Value::List(values) = value else { return };
    let mut values = values.into_iter();
    while let (Some(key), Some(value)) = (values.next(), values.next()) {
        match (text(key).as_str(), value) {
            ("titles", Value::List(titles)) => record.titles = titles.into_iter().map(text).collect(),
            (key, value) => record.args.push((key.to_owned(), text(value))),
        }
    }
}

fn numbers(source: &Source, line: usize, value: Value) -> Result<Vec<f64>> {
    let Value::List(values) = value else {
        return Err(source.malformed(line, "a list of numbers", excerpt(&text(value))));
    };
    let number = |value| {
        let text = text(value);
        let number = text.trim().parse().ok().filter(|number: &f64| number.is_finite());
        number.ok_or_else(|| source.malformed(line, "a list of finite numbers", excerpt(&text)))
    };
    values.into_iter().map(number).collect()
}

fn records_of_json(source: &Source) -> Result<Vec<Record>> {
    let document: Map<String, JsonValue> =
        serde_json::from_str(source.text()).map_err(|error| source.malformed_json(error))?;
    let order = document.get("_____order").and_then(JsonValue::as_array);
    let names: Vec<&str> = match order {
        Some(names) => names.iter().filter_map(JsonValue::as_str).collect(),
        None => document.keys().map(String::as_str).filter(|name| !name.starts_with("_____")).collect(),
    };
    names.into_iter().map(|name| record_of_json(source, name, document.get(name))).collect()
}

fn record_of_json(source: &Source, name: &str, value: Option<&JsonValue>) -> Result<Record> {
    let object = value.and_then(JsonValue::as_object);
    let object = object.ok_or_else(|| source.malformed(None, &format!("an object `{name}`"), "none"))?;
    let plain = |value: &JsonValue| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let array = |key: &str| {
        let list = object.get(key).and_then(JsonValue::as_array);
        list.map(|list| {
            let number = |value: &JsonValue| value.as_f64().or_else(|| value.as_str()?.trim().parse().ok());
            let numbers: Option<Vec<f64>> =
                list.iter().map(|value| number(value).filter(|x| x.is_finite())).collect();
            numbers.ok_or_else(|| {
                source.malformed(
                    None,
                    &format!("finite numbers in the array `{key}` of `{name}`"),
                    "other values",
                )
            })
        })
        .transpose()
    };
    let mut record = Record { group: name.into(), x: array("x")?, y: array("y")?, ..Record::default() };
    record.stddev = array("stddev").ok().flatten();
    for (key, value) in object.get("args").and_then(JsonValue::as_object).into_iter().flatten() {
        match value.as_array().filter(|_| key == "titles") {
            Some(titles) => record.titles = titles.iter().map(plain).collect(),
            None => record.args.push((key.clone(), plain(value))),
        }
    }
    Ok(record)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Absorption, Edge, Error};

    const PERL: &str = "# Athena project file -- Demeter version 0.9.24\n# comment\n\n$old_group = 'abcd';\n\
        @args = ('label','Cu foil','bkg_eshift','-1.5','bkg_z','Cu','fft_edge','k','is_nor','1','titles',\
        ['one','two']);\n\
        @x = ('8980','8979','8981');\n@y = ('1','0','2');\n@stddev = ('0.1','0.2','0.3');\n[record] #\n";

    fn read(text: &str) -> Result<SpectrumFile> {
        SpectrumFile::from_bytes("a.prj", text, &ReadOptions::default())
    }

    #[test]
    fn a_record_is_shifted_sorted_and_named() {
        let file = read(PERL).unwrap();
        let Contents::Xanes(spectra) = file.contents else { panic!() };
        let xanes = &spectra[0];
        assert_eq!(xanes.energy().values().to_vec(), [8977.5, 8978.5, 8979.5]);
        assert_eq!(
            (xanes.mu().to_vec(), xanes.uncertainty().unwrap().to_vec()),
            (vec![0.0, 1.0, 2.0], vec![0.2, 0.1, 0.3])
        );
        assert_eq!((xanes.name(), xanes.edge()), (Some("Cu_foil"), Some(Edge::K)));
        assert_eq!(xanes.absorption(), Absorption::Normalized);
        assert_eq!(xanes.metadata().source(), Some("a.prj#Cu_foil"));
        assert_eq!(xanes.metadata().comments().collect::<Vec<_>>(), ["one", "two"]);
        assert!(file.warnings[0].message.starts_with("Cu_foil: the energies decrease at 1 of 3 points"));
    }

    #[test]
    fn records_of_chi_are_fine_structure() {
        let chi = PERL.replace("'is_nor'", "'is_chi'").replace("'8980','8979','8981'", "'0','0.05','0.1'");
        let Contents::Exafs(fine) = read(&chi).unwrap().contents else { panic!() };
        assert_eq!((fine[0].k().last(), fine[0].name()), (0.1, Some("Cu_foil")));
        let both = format!("{PERL}{}", chi.split_once("\n\n").unwrap().1);
        let file = read(&both).unwrap();
        assert!(matches!(file.contents, Contents::Xanes(spectra) if spectra.len() == 1));
        assert_eq!(
            file.warnings[1].message,
            "Cu_foil_1: left out, because it is χ(k) in a project with μ(E)"
        );
    }

    #[test]
    fn the_json_variant() {
        let text = r##"{"_____header1": "# Athena project file -- Demeter version 0.9.26",
            "b": {"args": {"label": "two", "bkg_eshift": 1}, "x": ["1", 2], "y": [3, "4"]},
            "a": {"args": {"label": "one"}, "x": [1, 2], "y": [3, 4]},
            "_____journal": [], "_____order": ["b", "a"]}"##;
        let Contents::Xanes(spectra) = read(text).unwrap().contents else { panic!() };
        assert_eq!((spectra[0].name(), spectra[0].energy().first()), (Some("two"), 2.0));
        assert_eq!((spectra[1].name(), spectra[1].energy().first()), (Some("one"), 1.0));
    }

    #[test]
    fn messages_state_the_error() {
        for (old, new, message) in [
            ("'8981'", "'x'", "a.prj, line 6: expected a list of finite numbers, found `x`"),
            ("'8981'", "", "a.prj, line 4: expected 2 values in the array `y` of `Cu_foil`, found 3"),
            (
                "[record]",
                "",
                "a.prj, line 4: expected a line `[record]` after the arrays of a record, found none",
            ),
            ("'-1.5'", "'far'", "a.prj, line 4: expected a number of eV as `bkg_eshift`, found `far`"),
            ("@y", "@z", "a.prj, line 4: expected an array `y` of `Cu_foil`, found none"),
        ] {
            let error = read(&PERL.replace(old, new)).unwrap_err();
            assert!(matches!(error, Error::Malformed { .. }));
            assert_eq!(error.to_string(), message);
        }
        let message = read("# Athena project file -- Athena version 0.8.057\n").unwrap_err().to_string();
        assert_eq!(message, "a.prj: expected at least one record of μ(E) or χ(k), found none");
    }
}
