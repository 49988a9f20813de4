//! The header of an XDI file: version, fields, comments, labels.

use crate::{Metadata, Result};

use super::super::source::{Source, excerpt};
use super::super::{Warning, labels};

/// The header of a file.
pub(super) struct Header {
    pub(super) metadata: Metadata,
    columns: Vec<ColumnField>,
}

/// A field `Column.N`.
struct ColumnField {
    /// Counted from 1.
    number: usize,
    label: String,
    unit: Option<String>,
}

/// The largest valid column number.
const MOST_COLUMNS: usize = 100_000;

pub(super) fn is_comment(line: &str) -> bool {
    line.trim_start().starts_with('#')
}

/// Whether a line has a comment character of other formats. The library of the format ignores such lines as
/// well.
pub(super) fn is_foreign_comment(line: &str) -> bool {
    line.trim_start().starts_with(['!', '%', ';', '*', '$'])
}

/// The text after the comment character.
fn content(line: &str) -> &str {
    line.trim_start().trim_start_matches('#').trim()
}

/// Whether the first line identifies an XDI file.
pub(super) fn has_version(source: &Source) -> bool {
    source.lines().next().is_some_and(|(_, line)| is_comment(line) && is_version(content(line)))
}

fn is_version(content: &str) -> bool {
    content.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("XDI/"))
}

/// Whether only the first line is missing: the header has fields that are specific to XDI.
pub(super) fn lacks_only_version(source: &Source) -> bool {
    let mut header = source.lines().take_while(|(_, line)| is_comment(line)).map(|(_, line)| content(line));
    let mut seen = [false; 2];
    header.any(|line| {
        seen[0] |= line.starts_with("Column.1:");
        seen[1] |= line.starts_with("Element.symbol:") || line.starts_with("Mono.d_spacing:");
        seen == [true; 2]
    })
}

/// Whether a line starts the comments of the user: at least three slashes.
fn begins_comments(content: &str) -> bool {
    content.starts_with("///")
}

/// Whether a line ends the header: at least three dashes and nothing else.
fn ends_header(content: &str) -> bool {
    content.len() > 2 && content.bytes().all(|byte| byte == b'-')
}

impl Header {
    pub(super) fn read(source: &Source, warnings: &mut Vec<Warning>) -> Result<Self> {
        let mut lines = source
            .lines()
            .take_while(|(_, line)| line.trim().is_empty() || is_comment(line) || is_foreign_comment(line));
        let (number, first) = lines.next().unwrap_or((1, ""));
        if !is_version(content(first)) {
            return Err(source.malformed(number, "a line `# XDI/1.0`", excerpt(first)));
        }
        let version = content(first).split_whitespace().next().unwrap_or("")["XDI/".len()..].to_owned();
        if !version.starts_with('1') {
            return Err(source.malformed(number, "version 1 of XDI", excerpt(&version)));
        }
        let mut header = Self { metadata: Metadata::default(), columns: Vec::new() };
        header.metadata.push("XDI.version", content(first));
        let lines: Vec<(usize, &str)> = lines.collect();
        let end = lines.iter().position(|(_, line)| is_comment(line) && ends_header(content(line)));
        if end.is_none() {
            warnings.push(Warning::new(None, "the line `# ---` at the end of the header is missing"));
        }
        // Without this line, the last line contains the labels, unless it is a field.
        let labelled = |&(_, line): &(usize, &str)| usize::from(!content(line).contains(": "));
        let end = end.unwrap_or_else(|| lines.len() - lines.last().map_or(0, labelled));
        let begin = lines[..end].iter().position(|(_, line)| begins_comments(content(line))).unwrap_or(end);
        for &(number, line) in &lines[..begin] {
            if is_foreign_comment(line) {
                let message = format!("{} does not begin with `#` and was left out", excerpt(line));
                warnings.push(Warning::new(number, message));
            } else {
                header.field(source, number, content(line), warnings)?;
            }
        }
        for (_, line) in lines[..end].iter().skip(begin + 1) {
            header.metadata.push_comment(content(line));
        }
        Ok(header)
    }

    /// Parses a field `Namespace.tag: value`.
    fn field(
        &mut self,
        source: &Source,
        number: usize,
        line: &str,
        warnings: &mut Vec<Warning>,
    ) -> Result<()> {
        if line.is_empty() {
            return Ok(());
        }
        let malformed = || source.malformed(number, "a field `Namespace.tag: value`", excerpt(line));
        let (key, value) = line.split_once(':').ok_or_else(malformed)?;
        let (family, tag) = key.trim().split_once('.').ok_or_else(malformed)?;
        let word = |text: &str| {
            !text.is_empty()
                && text.chars().all(|letter| letter.is_alphanumeric() || letter == '_' || letter == '-')
        };
        let value = value.trim();
        if value.is_empty()
            || !word(family)
            || !word(tag)
            || family.starts_with(|first: char| first.is_numeric())
        {
            return Err(malformed());
        }
        self.metadata.push(format!("{family}.{tag}"), value);
        if family.eq_ignore_ascii_case("Column") {
            match tag.parse() {
                Ok(column) if (1..=MOST_COLUMNS).contains(&column) => {
                    let (named, _) = value.split_once("||").unwrap_or((value, ""));
                    let mut words = named.split_whitespace();
                    let label = words.next().unwrap_or(value).to_owned();
                    let unit = words.next().filter(|_| words.clone().next().is_none()).map(str::to_owned);
                    self.columns.push(ColumnField { number: column, label, unit });
                }
                _ => {
                    let message = format!("{} is not a column number", excerpt(tag));
                    warnings.push(Warning::new(number, message));
                }
            }
        }
        Ok(())
    }

    /// The labels of `width` columns; `colN` for columns without label, as in the library of the format.
    pub(super) fn labels(&self, width: usize, warnings: &mut Vec<Warning>) -> Vec<String> {
        let mut labels: Vec<String> = (1..=width).map(|number| format!("col{number}")).collect();
        let mut named = vec![false; width];
        for ColumnField { number, label, .. } in &self.columns {
            if let Some(own) = labels.get_mut(number - 1) {
                own.clone_from(label);
                named[number - 1] = true;
            } else {
                let message =
                    format!("a field describes column {number} ({label}), but rows have {width} numbers");
                warnings.push(Warning::new(None, message));
            }
        }
        let unnamed: Vec<String> =
            (0..width).filter(|&index| !named[index]).map(|index| format!("{}", index + 1)).collect();
        if !unnamed.is_empty() {
            let message = format!("no field describes column {}", unnamed.join(", "));
            warnings.push(Warning::new(None, message));
        }
        labels
    }

    /// The units of the columns that have one.
    pub(super) fn units(&self) -> Vec<Option<String>> {
        let most = self.columns.iter().map(|column| column.number).max().unwrap_or(0);
        let mut units = vec![None; most];
        for ColumnField { number, label, unit } in &self.columns {
            let unit = unit.clone().or_else(|| labels::unit_in(label).map(|_| label.clone()));
            units[number - 1] = unit.filter(|unit| labels::unit(unit).is_some() || !unit.is_empty());
        }
        units
    }
}
