//! XDI 1.0, the XAFS Data Interchange format.
//!
//! | line | content |
//! |---|---|
//! | `# XDI/1.0 GSE/1.0` | version, and the programs that wrote the file |
//! | `# Namespace.tag: value` | a field; `# Column.1: energy eV` labels a column |
//! | `# ///` | start of the comments of the user |
//! | `# ---` | end of the header; a line of labels follows |
//! | rows | equally many numbers, separated by blanks |

mod fields;
mod header;

use crate::{ReadOptions, Result};

use super::numbers;
use super::source::{Source, excerpt};
use super::table::{ColumnTable, Hints, Rows};
use super::{Format, Reader, SpectrumFile};
use header::Header;

pub(super) struct Xdi;

impl Reader for Xdi {
    fn name(&self) -> &'static str {
        "XDI"
    }

    fn format(&self) -> Format {
        Format {
            name: "XDI",
            extensions: &["xdi"],
            supported: "version 1; energies in eV or keV or angles; mu or counts; other data as columns",
        }
    }

    fn recognises(&self, source: &Source) -> bool {
        header::has_version(source) || header::lacks_only_version(source)
    }

    fn read(&self, source: &Source, options: &ReadOptions) -> Result<SpectrumFile> {
        let mut warnings = Vec::new();
        let header = Header::read(source, &mut warnings)?;
        let rows = rows(source)?;
        let labels = header.labels(rows.width, &mut warnings);
        let units = header.units();
        fields::check(&header, &labels, &mut warnings);
        let metadata = &header.metadata;
        let parsed = |key: &str| metadata.get(key).map(str::to_owned);
        let element = parsed("Element.symbol").or(parsed("ScanParameters.element"));
        let edge = parsed("Element.edge").or(parsed("ScanParameters.edge"));
        let spacing = ["Mono.d_spacing", "Mono.dspacing"].iter().find_map(|key| metadata.number(key));
        let hints = Hints {
            labelled: true,
            d_spacing: spacing.filter(|&spacing| spacing > 0.0),
            element: element.and_then(|text| text.parse().ok()),
            edge: edge.and_then(|text| text.parse().ok()),
            name: parsed("Sample.name"),
            ..Hints::default()
        };
        let mut table = ColumnTable::new(&source.path, labels, rows, header.metadata).with_units(units);
        table.hints = hints;
        let contents = table.identify(source, options, &mut warnings)?;
        Ok(SpectrumFile { format: self.name(), contents, warnings })
    }
}

/// The rows of numbers: all lines that are not comments.
fn rows(source: &Source) -> Result<Rows> {
    let mut rows = Rows { width: 0, values: Vec::new(), lines: Vec::new() };
    for (number, line) in source.lines() {
        if line.trim().is_empty() || header::is_comment(line) || header::is_foreign_comment(line) {
            continue;
        }
        let before = rows.values.len();
        if !numbers::append_row(line, &mut rows.values) {
            let words = numbers::fields(line);
            let bad = words.into_iter().find(|word| numbers::number(word).is_none()).unwrap_or(line);
            return Err(source.malformed(number, "numbers", excerpt(bad)));
        }
        let width = rows.values.len() - before;
        if rows.lines.is_empty() {
            rows.width = width;
        } else if width != rows.width {
            return Err(source.malformed(number, &format!("{} numbers", rows.width), width.to_string()));
        }
        if let Some(bad) = rows.values[before..].iter().find(|value| !value.is_finite()) {
            return Err(source.malformed(number, "finite numbers", bad.to_string()));
        }
        rows.lines.push(number);
    }
    if rows.lines.is_empty() {
        return Err(source.malformed(None, "rows of numbers after the header", "none"));
    }
    Ok(rows)
}
