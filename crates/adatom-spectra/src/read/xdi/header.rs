//! The header of an XDI file: version, fields, comments of the user, labels.

use crate::{Metadata, Result};

use super::super::source::{Source, excerpt};
use super::super::{Warning, labels};

/// What stands above the numbers.
pub(super) struct Header {
    pub(super) metadata: Metadata,
    /// Label, unit and number from 1 of the columns that are named.
    columns: Vec<(usize, String, Option<String>)>,
}

/// More columns than this no detector has.
const MOST_COLUMNS: usize = 100_000;

pub(super) fn is_comment(line: &str) -> bool {
    line.trim_start().starts_with('#')
}

/// Lines that begin as comments do elsewhere are left out, as the format's own library does.
pub(super) fn is_foreign_comment(line: &str) -> bool {
    line.trim_start().starts_with(['!', '%', ';', '*', '$'])
}

/// What stands behind the comment character.
fn content(line: &str) -> &str {
    line.trim_start().trim_start_matches('#').trim()
}

/// Whether the first line says that the file is XDI.
pub(super) fn has_version(source: &Source) -> bool {
    source.lines().next().is_some_and(|(_, line)| is_comment(line) && is_version(content(line)))
}

fn is_version(content: &str) -> bool {
    content.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("XDI/"))
}

/// Whether a file is XDI in all but its first line: fields that only XDI has.
pub(super) fn lacks_only_version(source: &Source) -> bool {
    let mut header = source.lines().take_while(|(_, line)| is_comment(line)).map(|(_, line)| content(line));
    let mut seen = [false; 2];
    header.any(|line| {
        seen[0] |= line.starts_with("Column.1:");
        seen[1] |= line.starts_with("Element.symbol:") || line.starts_with("Mono.d_spacing:");
        seen == [true; 2]
    })
}

/// Whether a line begins the comments of the user: three slashes or more.
fn begins_comments(content: &str) -> bool {
    content.starts_with("///")
}

/// Whether a line ends the header: three dashes or more and nothing else.
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
            return Err(source.malformed(number, "the line `# XDI/1.0`", excerpt(first)));
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
            warnings.push(Warning { line: None, message: "no line `# ---` ends the header".into() });
        }
        // Without an end the last line is that of the labels, unless it is one more field.
        let labelled = |&(_, line): &(usize, &str)| usize::from(!content(line).contains(": "));
        let end = end.unwrap_or_else(|| lines.len() - lines.last().map_or(0, labelled));
        let begin = lines[..end].iter().position(|(_, line)| begins_comments(content(line))).unwrap_or(end);
        for &(number, line) in &lines[..begin] {
            if is_foreign_comment(line) {
                let what = format!("{} does not begin with `#` and was left out", excerpt(line));
                warnings.push(Warning { line: Some(number), message });
            } else {
                header.field(source, number, content(line), warnings)?;
            }
        }
        for (_, line) in lines[..end].iter().skip(begin + 1) {
            header.metadata.push_comment(content(line));
        }
        Ok(header)
    }

    /// Reads `Namespace.tag: value`.
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
                Ok(index) if (1..=MOST_COLUMNS).contains(&index) => {
                    let (named, _) = value.split_once("||").unwrap_or((value, ""));
                    let mut words = named.split_whitespace();
                    let label = words.next().unwrap_or(value).to_owned();
                    let unit = words.next().filter(|_| words.clone().next().is_none()).map(str::to_owned);
                    self.columns.push((index, label, unit));
                }
                _ => {
                    let what = format!("there is no column {}", excerpt(tag));
                    warnings.push(Warning { line: Some(number), message });
                }
            }
        }
        Ok(())
    }

    /// The labels of `width` columns: `colN` where none is given, as the format's own library calls them.
    pub(super) fn labels(&self, width: usize, warnings: &mut Vec<Warning>) -> Vec<String> {
        let mut labels: Vec<String> = (1..=width).map(|number| format!("col{number}")).collect();
        let mut named = vec![false; width];
        for (index, label, _) in &self.columns {
            if let Some(place) = labels.get_mut(index - 1) {
                place.clone_from(label);
                named[index - 1] = true;
            } else {
                let what = format!("column {index} ({label}) is named, but rows have {width} numbers");
                warnings.push(Warning { line: None, message });
            }
        }
        let unnamed: Vec<String> =
            (0..width).filter(|&index| !named[index]).map(|index| format!("{}", index + 1)).collect();
        if !unnamed.is_empty() {
            let what = format!("no field names column {}", unnamed.join(", "));
            warnings.push(Warning { line: None, message });
        }
        labels
    }

    /// The units of the columns that have one.
    pub(super) fn units(&self) -> Vec<Option<String>> {
        let most = self.columns.iter().map(|(index, ..)| *index).max().unwrap_or(0);
        let mut units = vec![None; most];
        for (index, label, unit) in &self.columns {
            let unit = unit.clone().or_else(|| labels::unit_in(label).map(|_| label.clone()));
            units[index - 1] = unit.filter(|unit| labels::unit(unit).is_some() || !unit.is_empty());
        }
        units
    }
}
