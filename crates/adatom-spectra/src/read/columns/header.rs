//! The metadata and labels in the header of a file of columns.

use crate::Metadata;

use super::super::numbers::{fields, number};

/// The comment characters of header lines.
const COMMENT: [char; 8] = ['#', ';', '%', '*', '!', '<', '$', '/'];

/// Number of lines above the data that are searched for labels.
const NEAREST: usize = 6;

/// A line without its comment characters.
pub(super) fn bare(line: &str) -> &str {
    line.trim_start_matches(|letter: char| letter.is_whitespace() || COMMENT.contains(&letter)).trim_end()
}

/// The metadata of header and footer: all lines as comments, and `key: value` or `key = value` as entries.
pub(super) fn metadata(header: &[(usize, &str)], footer: &[&str]) -> Metadata {
    let mut metadata = Metadata::default();
    for line in header.iter().map(|(_, line)| *line).chain(footer.iter().copied()) {
        let line = bare(line);
        if line.is_empty() {
            continue;
        }
        metadata.push_comment(line);
        if let Some((key, value)) = entry(line) {
            metadata.push(key, value);
        }
    }
    metadata
}

fn entry(line: &str) -> Option<(&str, &str)> {
    let at = line.find([':', '='])?;
    let (key, value) = (line[..at].trim(), line[at + 1..].trim());
    let named = key.starts_with(char::is_alphabetic) && key.split_whitespace().count() <= 4;
    (named && !value.is_empty()).then_some((key, value))
}

/// The labels of `width` columns from the nearest lines above the data.
pub(super) fn labels(header: &[(usize, &str)], width: usize) -> Option<Vec<String>> {
    if let Some((_, line)) = header.iter().rev().find(|(_, line)| line.starts_with("#L ")) {
        return split(&line[3..], width);
    }
    let lines = header.iter().rev().map(|(_, line)| bare(line)).filter(|line| !is_ruler(line));
    lines.take(NEAREST).find_map(|line| split(line, width))
}

/// Whether a line is a separator without letters and digits.
fn is_ruler(line: &str) -> bool {
    !line.contains(char::is_alphanumeric)
}

/// Splits a line into `width` labels.
fn split(line: &str, width: usize) -> Option<Vec<String>> {
    let line = line.trim().trim_end_matches("@#").trim_end();
    // LabVIEW marks positioners with asterisks.
    let spaced = line.replace('*', "  ");
    let by_gaps = || spaced.split("  ").map(str::trim).filter(|word| !word.is_empty()).collect::<Vec<_>>();
    let between_quotes = quoted_fields(line);
    if between_quotes.len() == width {
        return Some(between_quotes);
    }
    let ways = [fields(line), by_gaps(), with_units(line)];
    let labels = ways.into_iter().find(|words| words.len() == width)?;
    let words = labels.iter().filter(|label| number(label).is_none() && !label.is_empty()).count();
    let clean = |label: &&str| label.trim_matches(['"', '\'', ' ']).to_owned();
    // A sentence with as many words as there are columns is not a row of labels.
    let sentence = line.ends_with(['.', ':', '?']);
    (2 * words > width && !sentence).then(|| labels.iter().map(clean).collect())
}

/// The fields of a CSV line with double quotes; empty for a line without double quotes.
fn quoted_fields(line: &str) -> Vec<String> {
    let separator = [';', '\t'].into_iter().find(|&separator| line.contains(separator)).unwrap_or(',');
    if !line.contains('"') || !line.contains(separator) {
        return Vec::new();
    }
    let mut fields = vec![String::new()];
    let mut quoted = false;
    let mut letters = line.chars().peekable();
    while let Some(letter) = letters.next() {
        let field = fields.last_mut().expect("there is a first field");
        match letter {
            // A doubled quote inside quotes is one quote.
            '"' if quoted && letters.peek() == Some(&'"') => field.extend(letters.next()),
            '"' => quoted = !quoted,
            _ if letter == separator && !quoted => fields.push(String::new()),
            _ => field.push(letter),
        }
    }
    fields.iter().map(|field| field.trim().to_owned()).collect()
}

/// The words of a line; a unit in brackets belongs to the preceding word.
fn with_units(line: &str) -> Vec<&str> {
    let mut words: Vec<(usize, usize)> = Vec::new();
    for word in line.split_whitespace() {
        let start = word.as_ptr() as usize - line.as_ptr() as usize;
        match words.last_mut() {
            Some(last) if word.starts_with(['(', '[']) => last.1 = start + word.len(),
            _ => words.push((start, start + word.len())),
        }
    }
    words.into_iter().map(|(start, end)| &line[start..end]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_of_all_styles() {
        let read = |text: &str, width| {
            let lines: Vec<(usize, &str)> = text.lines().enumerate().collect();
            labels(&lines, width).map(|labels| labels.join("|"))
        };
        for (text, width, expected) in [
            ("# energy i0 itrans", 3, "energy|i0|itrans"),
            ("#L energy  Counter 27  Seconds\n#C behind", 3, "energy|Counter 27|Seconds"),
            ("#Mono Energy *   Scaler time * I0    I1", 4, "Mono Energy|Scaler time|I0|I1"),
            ("% Energy (eV) mu (a.u.)", 2, "Energy (eV)|mu (a.u.)"),
            ("\"Energy\";\"mu\"", 2, "Energy|mu"),
            ("energy,\"mu:a, \"\"b\"\"\",c", 3, "energy|mu:a, \"b\"|c"),
            ("Energy,mu\n,", 2, "Energy|mu"),
            ("  e\tmu\n-----\n# ", 2, "e|mu"),
            ("# # energy  i0", 2, "energy|i0"),
        ] {
            assert_eq!(read(text, width).as_deref(), Some(expected), "{text}");
        }
        assert_eq!(read("1 2 3", 3), None);
        assert_eq!(read("measured at home.", 3), None);
    }

    #[test]
    fn entries_and_lines_of_a_header_are_kept() {
        let metadata =
            metadata(&[(1, "# Element: As"), (2, "E0= 11867.0 eV"), (3, "; a comment")], &["the end"]);
        assert_eq!(metadata.get("element"), Some("As"));
        assert_eq!(metadata.number("e0"), Some(11867.0));
        assert_eq!(
            metadata.comments().collect::<Vec<_>>(),
            ["Element: As", "E0= 11867.0 eV", "a comment", "the end"]
        );
    }
}
