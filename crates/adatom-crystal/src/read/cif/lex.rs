//! The words of a CIF (CIF 1.1 syntax, Hall, Allen & Brown, *Acta Cryst.* A47 (1991) 655).
//!
//! | begins with | is |
//! |---|---|
//! | `#` | a comment up to the end of the line |
//! | `'` or `"` | text up to the same mark followed by white space, on one line |
//! | `;` as the first character of a line | text up to the next line that begins with `;` |
//! | `_`, `data_`, `loop_`, `save_` | a tag or a key word, in any case |

use crate::Result;
use crate::read::source::{Source, quoted};

/// A value, without its quotes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Value<'a> {
    /// `None` for the unquoted `?` (not known) and `.` (not applicable).
    pub(super) text: Option<&'a str>,
    pub(super) line: usize,
}

pub(super) enum Word<'a> {
    /// `data_` and the name of the block.
    Block(&'a str),
    /// `save_` with the name of a frame that begins, or nothing where it ends.
    Frame(&'a str),
    Loop,
    Tag(&'a str),
    Value(Value<'a>),
}

/// The words of a text in order, each with its line.
pub(super) struct Words<'a> {
    source: &'a Source,
    rest: &'a str,
    line: usize,
    line_begins: bool,
}

impl<'a> Words<'a> {
    pub(super) fn new(source: &'a Source) -> Self {
        Self { source, rest: source.text(), line: 1, line_begins: true }
    }

    /// The next word and its line; `None` at the end of the file.
    pub(super) fn next(&mut self) -> Result<Option<(usize, Word<'a>)>> {
        self.skip_space();
        let line = self.line;
        let Some(first) = self.rest.bytes().next() else { return Ok(None) };
        let value = |text| Word::Value(Value { text: Some(text), line });
        let word = match first {
            b';' if self.line_begins => value(self.text_field()?),
            b'\'' | b'"' => value(self.quoted(char::from(first))?),
            _ => plain(self.take(self.rest.find(is_space).unwrap_or(self.rest.len())), line),
        };
        self.line_begins = false;
        Ok(Some((line, word)))
    }

    fn take(&mut self, length: usize) -> &'a str {
        let (taken, rest) = self.rest.split_at(length);
        self.rest = rest;
        taken
    }

    fn skip_space(&mut self) {
        loop {
            match self.rest.bytes().next() {
                Some(b'\n') => {
                    self.take(1);
                    self.line += 1;
                    self.line_begins = true;
                }
                Some(b'#') => {
                    self.take(self.rest.find('\n').unwrap_or(self.rest.len()));
                }
                Some(byte) if is_space(char::from(byte)) => {
                    self.take(1);
                    self.line_begins = false;
                }
                _ => return,
            }
        }
    }

    fn quoted(&mut self, mark: char) -> Result<&'a str> {
        let mut at = 1;
        while let Some(offset) = self.rest[at..].find([mark, '\n']) {
            at += offset;
            let (found, after) = self.rest[at..].split_at(1);
            if found == "\n" {
                break;
            }
            if after.chars().next().is_none_or(is_space) {
                return Ok(&self.take(at + 1)[1..at]);
            }
            at += 1;
        }
        let expected = format!("a closing {mark} on the same line");
        let line = self.rest.split('\n').next().unwrap_or_default();
        Err(self.source.malformed(self.line, expected, quoted(line)))
    }

    fn text_field(&mut self) -> Result<&'a str> {
        let Some(end) = self.rest.find("\n;") else {
            let found = "the end of the file";
            return Err(self.source.malformed(self.line, "a line with ; that ends this text", found));
        };
        let text = &self.take(end + 2)[1..end];
        self.line += text.bytes().filter(|byte| *byte == b'\n').count() + 1;
        Ok(text)
    }
}

fn is_space(character: char) -> bool {
    matches!(character, ' ' | '\t' | '\n')
}

fn plain(text: &str, line: usize) -> Word<'_> {
    let after = |key: &str| {
        let begins = text.get(..key.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(key));
        begins.then(|| &text[key.len()..])
    };
    if text.starts_with('_') {
        Word::Tag(text)
    } else if let Some(name) = after("data_") {
        Word::Block(name)
    } else if let Some(name) = after("save_") {
        Word::Frame(name)
    } else if after("loop_") == Some("") {
        Word::Loop
    } else {
        let unknown = matches!(text, "?" | ".");
        Word::Value(Value { text: (!unknown).then_some(text), line })
    }
}
