//! The header of a file of PDFs or total scattering as keys and values.
//!
//! | line | result |
//! |---|---|
//! | `key = value` | an entry |
//! | `text key=value key=value` | entries, and the text as a comment (PDFgetX2, PDFgetN) |
//! | `key: value` | an entry (pyFAI) |
//! | other | a comment: sections, tables, text |

use crate::Metadata;

/// The information in a header.
pub(super) struct Header {
    pub(super) metadata: Metadata,
    /// The program that wrote the file, where it can be recognised.
    pub(super) program: Option<&'static str>,
}

/// Parses the lines before the numbers.
pub(super) fn header(lines: &[(usize, &str)]) -> Header {
    let mut entries = Vec::new();
    let mut comments = Vec::new();
    for &(_, line) in lines {
        read_line(line, &mut entries, &mut comments);
    }
    let program = program(lines);
    let mut metadata = Metadata::default();
    for (key, value) in normalised(&entries, &comments, program) {
        metadata.push(key, value);
    }
    entries.into_iter().for_each(|(key, value)| metadata.push(key, value));
    comments.into_iter().for_each(|comment| metadata.push_comment(comment));
    Header { metadata, program }
}

fn read_line(line: &str, entries: &mut Vec<(String, String)>, comments: &mut Vec<String>) {
    let line = line.trim();
    let plain = line.trim_start_matches(['#', '!', '%']).trim_start();
    let text = if is_tagged(line) { line } else { plain };
    if text.is_empty() || text == "#S 1" {
        return;
    }
    let spaced = text.find(" = ").or_else(|| text.strip_suffix(" =").map(str::len));
    if let Some(at) = spaced.filter(|&at| !text[..at].contains('=')) {
        entries.push((text[..at].trim().to_owned(), text[at + 2..].trim().to_owned()));
        return;
    }
    if text.contains('=') {
        let rest = pairs(text, entries);
        if !rest.is_empty() {
            comments.push(rest.to_owned());
        }
        return;
    }
    match text.split_once(": ") {
        Some((key, value)) if is_key(key) && !value.trim().is_empty() => {
            entries.push((key.trim().to_owned(), value.trim().to_owned()));
        }
        _ => comments.push(text.to_owned()),
    }
}

/// Whether a line begins with a tag of SPEC, such as `#S` or `#O0`.
fn is_tagged(line: &str) -> bool {
    let tag = line.split_whitespace().next().unwrap_or_default().as_bytes();
    let [b'#', letter, digits @ ..] = tag else { return false };
    letter.is_ascii_uppercase() && digits.iter().all(u8::is_ascii_digit)
}

/// Whether a text may be a key: words without the punctuation of tables and sentences.
fn is_key(text: &str) -> bool {
    text.len() <= 60 && text.starts_with(char::is_alphabetic) && !text.contains(['(', ')', '#', ':', ','])
}

/// Parses `key=value key=value`; returns the text before the first key.
fn pairs<'a>(text: &'a str, entries: &mut Vec<(String, String)>) -> &'a str {
    let mut rest = text;
    let mut open: Option<&str> = None;
    let mut before = text;
    while let Some(equals) = rest.find('=') {
        let left = rest[..equals].trim_end();
        let start = left
            .rfind(char::is_whitespace)
            .map_or(0, |at| at + left[at..].chars().next().map_or(1, char::len_utf8));
        let key = &left[start..];
        match open {
            Some(open) => entries.push((open.to_owned(), left[..start].trim().to_owned())),
            None => before = left[..start].trim(),
        }
        open = Some(key);
        rest = &rest[equals + 1..];
    }
    if let Some(open) = open {
        entries.push((open.to_owned(), rest.trim().to_owned()));
    }
    before
}

fn program(lines: &[(usize, &str)]) -> Option<&'static str> {
    const MARKS: [(&str, &str); 8] = [
        ("xpdfsuite", "xPDFsuite"),
        ("pdfgetx3", "PDFgetX3"),
        ("diffpy.pdfgetx", "PDFgetX3"),
        ("get_xpdf", "PDFgetX2"),
        ("pdfgetx2", "PDFgetX2"),
        ("pdfgetn", "PDFgetN"),
        ("pdfgui", "PDFgui"),
        ("pyfai", "pyFAI"),
    ];
    let text = lines.iter().map(|(_, line)| line.to_lowercase()).collect::<Vec<_>>().join("\n");
    MARKS.iter().find(|(mark, _)| text.contains(mark)).map(|&(_, program)| program)
}

/// Entries of a program under the standard keys.
fn normalised(
    entries: &[(String, String)],
    comments: &[String],
    program: Option<&str>,
) -> Vec<(&'static str, String)> {
    let get = |key: &str| {
        let found = entries.iter().find(|(name, _)| name.eq_ignore_ascii_case(key));
        found.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    };
    let mut found = Vec::new();
    match (get("wavelength"), get("lambda")) {
        (Some(value), _) => found.extend(angstroms(value).map(|value| ("wavelength", value))),
        (None, Some(value)) => found.push(("wavelength", value.to_owned())),
        (None, None) => {}
    }
    if let (None, Some(value)) = (get("qdamp"), get("qsig")) {
        found.push(("qdamp", value.to_owned()));
    }
    if get("mode").is_none() {
        let stated = get("stype").or(get("type")).and_then(|value| value.chars().next());
        let mode = match (stated, program) {
            (Some('X' | 'x'), _) | (None, Some("PDFgetX2" | "PDFgetX3")) => Some("xray"),
            (Some('N' | 'n'), _) | (None, Some("PDFgetN")) => Some("neutron"),
            _ => None,
        };
        found.extend(mode.map(|mode| ("mode", mode.to_owned())));
    }
    if get("composition").is_none() {
        found.extend(composition(comments).map(|value| ("composition", value)));
    }
    found
}

/// A wavelength with a unit, converted to Å; `None` without a unit, which means Å.
fn angstroms(value: &str) -> Option<String> {
    let split = value.find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | 'e' | 'E' | '-' | '+')))?;
    let (number, unit) = value.split_at(split);
    let number: f64 = number.trim().parse().ok()?;
    let scale = match unit.trim() {
        "m" => 1e10,
        "nm" => 10.0,
        "pm" => 0.01,
        "A" | "Å" => 1.0,
        _ => return None,
    };
    // Rounded, so that 1.839e-11 m is 0.1839 Å and not 0.18389999999999998.
    format!("{:.12e}", number * scale).parse().ok().map(|value: f64| value.to_string())
}

/// The formula from the table of atoms of PDFgetN (element, fraction, ...) or PDFgetX2 (symbol, valence,
/// fraction, ...).
fn composition(comments: &[String]) -> Option<String> {
    let starts = |line: &str, words: [&str; 2]| {
        let mut found = line.trim_start_matches("#L").split_whitespace();
        words.iter().all(|&word| found.next() == Some(word))
    };
    let of_n = comments.iter().position(|line| starts(line, ["Element", "relAtomNum"])).map(|at| (at, 1));
    let of_x = || comments.iter().position(|line| starts(line, ["symbol", "valence"])).map(|at| (at, 2));
    let (at, column) = of_n.or_else(of_x)?;
    let mut formula = String::new();
    for line in &comments[at + 1..] {
        let words: Vec<&str> = line.split_whitespace().collect();
        let element = words.first().and_then(|word| word.parse::<crate::Element>().ok());
        let fraction = words.get(column).and_then(|word| word.parse::<f64>().ok());
        let (Some(element), Some(fraction)) = (element, fraction) else { break };
        if fraction.is_finite() {
            formula.push_str(element.symbol());
            if fraction != 1.0 {
                formula.push_str(&fraction.to_string());
            }
        }
    }
    (!formula.is_empty()).then_some(formula)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Metadata {
        header(&text.lines().enumerate().collect::<Vec<_>>()).metadata
    }

    #[test]
    fn all_dialects_are_parsed() {
        let metadata = read("[PDF]\nbackgroundfile = \ninputfile = a=b.chi\nqmax = 25.0\n# qdamp = 0.06");
        let entries: Vec<_> = metadata.entries().collect();
        assert_eq!(
            entries,
            [("backgroundfile", ""), ("inputfile", "a=b.chi"), ("qmax", "25.0"), ("qdamp", "0.06")]
        );
        assert_eq!(metadata.comments().collect::<Vec<_>>(), ["[PDF]"]);

        let metadata = read("## Damp     Qmin=2.0     smoothParam=32 32 0    dampFuncType=0");
        assert_eq!(metadata.number("qmin"), Some(2.0));
        assert_eq!(metadata.get("smoothParam"), Some("32 32 0"));
        assert_eq!(metadata.comments().collect::<Vec<_>>(), ["Damp"]);

        let metadata = read("#S 1 - PDF from PDFgetN lcmo x=0.000 T=10.0 qmax=35.0");
        assert_eq!((metadata.number("T"), metadata.number("qmax")), (Some(10.0), Some(35.0)));
        assert_eq!(metadata.get("mode"), Some("neutron"));
        assert_eq!(metadata.comments().collect::<Vec<_>>(), ["#S 1 - PDF from PDFgetN lcmo"]);
    }

    #[test]
    fn keys_of_programs_are_normalised() {
        assert_eq!(read("# Wavelength: 1.839e-11 m").get("wavelength"), Some("0.1839"));
        assert_eq!(read("wavelength = 0.1839").get("wavelength"), Some("0.1839"));
        assert_eq!(read("lambda=0.126514    energy=98.0010").number("wavelength"), Some(0.126514));
        assert_eq!(read("qsig=0.01").number("qdamp"), Some(0.01));
        assert_eq!(read("stype=N  neutron scattering").get("mode"), Some("neutron"));
        let table =
            "Element relAtomNum atomMass\n   O        0.6000   15.999\n  Mn 0.2 54.9\n  La 0.2 138\nx";
        assert_eq!(read(table).get("composition"), Some("O0.6Mn0.2La0.2"));
        assert_eq!(
            read("#L symbol valence fractions z\n  Ni 0.00 1.000000 28").get("composition"),
            Some("Ni")
        );
    }
}
