//! The data blocks of a CIF: which values each tag has.
//!
//! Only tags that concern the structure are kept, and only they must be without fault: what a program wrote
//! about journals and diffractometers is not worth refusing a structure for.

use std::collections::HashMap;

use super::lex::{Value, Word, Words};
use crate::Result;
use crate::number::number;
use crate::read::source::{Source, quoted};

/// How the tags begin that concern the structure; `.` counts as `_`, so that the tags of mmCIF and of newer
/// dictionaries are the same.
const CONCERNS: [&str; 6] =
    ["_cell_", "_atom_site_", "_atom_type_", "_symmetry_", "_space_group", "_chemical_formula_sum"];

/// One data block.
pub(super) struct Block<'a> {
    pub(super) source: &'a Source,
    pub(super) name: &'a str,
    /// Line of its `data_`.
    pub(super) line: usize,
    /// A value outside of loops is a column of one row.
    columns: HashMap<String, Vec<Value<'a>>>,
}

/// A number with its standard uncertainty, 0 if none is given.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Measured {
    pub(super) value: f64,
    pub(super) uncertainty: f64,
}

impl<'a> Block<'a> {
    fn new(source: &'a Source, name: &'a str, line: usize) -> Self {
        Self { source, name, line, columns: HashMap::new() }
    }

    /// The values of a tag (in lower case), where the block has it.
    pub(super) fn column(&self, tag: &str) -> Option<&[Value<'a>]> {
        self.columns.get(tag).map(Vec::as_slice)
    }

    /// The first of the tags that is there with a known value.
    pub(super) fn first(&self, tags: &[&str]) -> Option<(usize, &'a str)> {
        let known = |value: &Value<'a>| Some((value.line, value.text?.trim()));
        tags.iter().find_map(|tag| known(self.column(tag)?.first()?))
    }

    /// The number of a tag, where it is there and known.
    pub(super) fn number(&self, tag: &str) -> Result<Option<f64>> {
        let Some((line, text)) = self.first(&[tag]) else { return Ok(None) };
        let measured = measured(text);
        measured.map(|measured| Some(measured.value)).ok_or_else(|| self.not_a_number(tag, line, text))
    }

    pub(super) fn not_a_number(&self, tag: &str, line: usize, text: &str) -> crate::Error {
        self.source.malformed(line, format!("a number for {tag}"), quoted(text))
    }

    fn insert(&mut self, tag: String, line: usize, values: Vec<Value<'a>>) -> Result<()> {
        let expected = || format!("{tag} once in a block");
        if self.columns.contains_key(&tag) {
            return Err(self.source.malformed(line, expected(), "it is there again"));
        }
        self.columns.insert(tag, values);
        Ok(())
    }
}

/// The name of a tag as it is kept: `None` for those that do not concern the structure.
fn concerning(tag: &str) -> Option<String> {
    let tag = tag.to_ascii_lowercase().replace('.', "_");
    CONCERNS.iter().any(|begin| tag.starts_with(begin)).then_some(tag)
}

/// All blocks of a file, in order.
pub(super) fn blocks(source: &Source) -> Result<Vec<Block<'_>>> {
    let mut parser = Parser { words: Words::new(source), peeked: None, source };
    let mut blocks = Vec::new();
    while let Some((line, word)) = parser.next()? {
        match word {
            Word::Block(name) => blocks.push(Block::new(source, name, line)),
            // A frame holds definitions of a dictionary.
            Word::Frame(_) => while !matches!(parser.next()?, None | Some((_, Word::Frame("")))) {},
            // A few programs leave out the first line.
            _ => {
                if blocks.is_empty() {
                    blocks.push(Block::new(source, "", line));
                }
                let block = blocks.last_mut().expect("one was pushed");
                match word {
                    Word::Tag(tag) => parser.pair(block, line, tag)?,
                    Word::Loop => parser.table(block, line)?,
                    // A value too many: the word before it was one that is not kept.
                    _ => {}
                }
            }
        }
    }
    Ok(blocks)
}

struct Parser<'a> {
    words: Words<'a>,
    peeked: Option<(usize, Word<'a>)>,
    source: &'a Source,
}

impl<'a> Parser<'a> {
    fn next(&mut self) -> Result<Option<(usize, Word<'a>)>> {
        match self.peeked.take() {
            Some(word) => Ok(Some(word)),
            None => self.words.next(),
        }
    }

    /// The next word, if it is a value.
    fn value(&mut self) -> Result<Option<Value<'a>>> {
        match self.next()? {
            Some((_, Word::Value(value))) => Ok(Some(value)),
            other => {
                self.peeked = other;
                Ok(None)
            }
        }
    }

    /// The next word, if it is a tag.
    fn tag(&mut self) -> Result<Option<&'a str>> {
        match self.next()? {
            Some((_, Word::Tag(tag))) => Ok(Some(tag)),
            other => {
                self.peeked = other;
                Ok(None)
            }
        }
    }

    fn pair(&mut self, block: &mut Block<'a>, line: usize, tag: &str) -> Result<()> {
        let value = self.value()?;
        let Some(kept) = concerning(tag) else { return Ok(()) };
        let expected = format!("one value of {tag}");
        let Some(value) = value else {
            return Err(self.source.malformed(line, expected, "none"));
        };
        if let Some(second) = self.value()? {
            let found = quoted(second.text.unwrap_or("?"));
            return Err(self.source.malformed(second.line, expected, format!("{found} after it")));
        }
        block.insert(kept, line, vec![value])
    }

    fn table(&mut self, block: &mut Block<'a>, line: usize) -> Result<()> {
        let mut tags = Vec::new();
        while let Some(tag) = self.tag()? {
            tags.push(concerning(tag));
        }
        let concerns = tags.iter().any(Option::is_some);
        let mut columns = vec![Vec::new(); tags.len()];
        let mut values = 0;
        let mut last = line;
        while let Some(value) = self.value()? {
            if concerns {
                let column = values % tags.len();
                if tags[column].is_some() {
                    columns[column].push(value);
                }
            }
            values += 1;
            last = value.line;
        }
        if !concerns {
            return Ok(());
        }
        if values % tags.len() != 0 {
            let expected = format!("rows of {} values in the loop of line {line}", tags.len());
            let found = format!("{} values in the last row", values % tags.len());
            return Err(self.source.malformed(last, expected, found));
        }
        for (tag, values) in tags.into_iter().zip(columns) {
            if let Some(tag) = tag {
                block.insert(tag, line, values)?;
            }
        }
        Ok(())
    }
}

/// A number such as `4.1200(10)`.
pub(super) fn measured(text: &str) -> Option<Measured> {
    let (digits, rest) = text.split_once('(').map_or((text, None), |(digits, rest)| (digits, Some(rest)));
    let value = number(digits.trim_end())?;
    let Some(rest) = rest else { return Some(Measured { value, uncertainty: 0.0 }) };
    let last = number(rest.strip_suffix(')')?)?;
    let decimals = digits.split(['e', 'E']).next()?.split_once('.').map_or(0, |(_, decimals)| decimals.len());
    // An uncertainty that carries its own point stands for itself.
    let unit = if rest.contains('.') { 1.0 } else { 10f64.powi(-(decimals.min(300) as i32)) };
    Some(Measured { value, uncertainty: last.abs() * unit })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uncertainties_count_in_the_last_digit() {
        let cases = [
            ("4.1200(10)", Some((4.12, 0.001))),
            ("-.25", Some((-0.25, 0.0))),
            ("90.", Some((90.0, 0.0))),
            ("12(3)", Some((12.0, 3.0))),
            ("1.5(0.2)", Some((1.5, 0.2))),
            ("1.5()", None),
            ("1.5(2", None),
            ("nan", None),
            ("inf", None),
            ("", None),
        ];
        for (text, expected) in cases {
            let found = measured(text);
            assert_eq!(found.is_some(), expected.is_some(), "{text}");
            if let (Some(found), Some((value, uncertainty))) = (found, expected) {
                assert_eq!(found.value, value);
                assert!((found.uncertainty - uncertainty).abs() < 1e-15, "{text}");
            }
        }
    }
}
