//! The Perl statements in Athena project files.
//!
//! ```text
//! $old_group = 'iyye';
//! @args = ('bkg_e0', 25514, 'titles', ['one', 'two'], ...);
//! @x = ('25310.57', ...);    @y = (...);    @i0 = (...);    @stddev = (...);
//! [record]
//! ```

use super::super::source::{Source, excerpt};
use crate::Result;

/// Greatest nesting depth of lists and hashes.
const DEEPEST: usize = 32;

/// A Perl value as it occurs in project files.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    Text(String),
    List(Vec<Value>),
}

/// A statement with its first line.
pub(super) enum Statement {
    /// `@name = (...)`, `$name = ...` or `%name = (...)`.
    Assign { line: usize, name: String, value: Value },
    /// `[record]`: the preceding arrays are a record.
    Record,
}

/// All statements of a project file.
pub(super) fn statements(source: &Source) -> Result<Vec<Statement>> {
    let mut reader = Reader { source, text: source.text(), at: 0, line: 1 };
    let mut statements = Vec::new();
    loop {
        reader.skip_blanks();
        let rest = reader.rest();
        if rest.is_empty() {
            return Ok(statements);
        }
        if rest.starts_with("[record]") {
            statements.push(Statement::Record);
            reader.skip_line();
        } else if rest.starts_with(['@', '$', '%']) {
            statements.push(reader.assignment()?);
        } else {
            // `1;`, and additions of later versions.
            reader.skip_line();
        }
    }
}

struct Reader<'a> {
    source: &'a Source,
    text: &'a str,
    at: usize,
    line: usize,
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn advance(&mut self, bytes: usize) {
        let passed = &self.text.as_bytes()[self.at..self.at + bytes];
        self.line += passed.iter().filter(|&&byte| byte == b'\n').count();
        self.at += bytes;
    }

    fn skip_line(&mut self) {
        let rest = self.rest();
        self.advance(rest.find('\n').map_or(rest.len(), |end| end + 1));
    }

    /// Skips blanks and comments.
    fn skip_blanks(&mut self) {
        loop {
            let rest = self.rest();
            self.advance(rest.len() - rest.trim_start().len());
            if !self.rest().starts_with('#') {
                return;
            }
            self.skip_line();
        }
    }

    fn fail<T>(&self, expected: &str) -> Result<T> {
        let found = match self.rest().lines().next() {
            Some(line) if !line.is_empty() => excerpt(line),
            _ if self.rest().is_empty() => "the end of the file".into(),
            _ => "the end of the line".into(),
        };
        Err(self.source.malformed(self.line, expected, found))
    }

    fn assignment(&mut self) -> Result<Statement> {
        let line = self.line;
        let rest = &self.rest()[1..];
        let length =
            rest.find(|letter: char| !letter.is_alphanumeric() && letter != '_').unwrap_or(rest.len());
        let name = rest[..length].to_owned();
        self.advance(1 + length);
        self.skip_blanks();
        if !self.rest().starts_with('=') {
            return self.fail("a statement such as `@x = (...)`");
        }
        self.advance(1);
        let value = self.value(0)?;
        self.skip_blanks();
        if self.rest().starts_with(';') {
            self.advance(1);
        }
        Ok(Statement::Assign { line, name, value })
    }

    fn value(&mut self, depth: usize) -> Result<Value> {
        self.skip_blanks();
        if depth == DEEPEST {
            return self.fail("lists with fewer levels");
        }
        match self.rest().chars().next() {
            Some('(') => self.list(')', depth),
            Some('[') => self.list(']', depth),
            Some('{') => self.list('}', depth),
            Some(quote @ ('\'' | '"')) => self.string(quote),
            Some(_) => self.word(),
            None => self.fail("a value"),
        }
    }

    fn list(&mut self, close: char, depth: usize) -> Result<Value> {
        self.advance(1);
        let mut values = Vec::new();
        loop {
            self.skip_blanks();
            let rest = self.rest();
            if rest.starts_with(close) {
                self.advance(1);
                return Ok(Value::List(values));
            } else if rest.starts_with(',') {
                self.advance(1);
            } else if rest.starts_with("=>") {
                self.advance(2);
            } else if rest.is_empty() {
                return self.fail(&format!("`{close}` at the end of a list"));
            } else {
                values.push(self.value(depth + 1)?);
            }
        }
    }

    /// A string in single or double quotes, with Perl escapes.
    fn string(&mut self, quote: char) -> Result<Value> {
        let mut text = String::new();
        let mut letters = self.rest()[1..].char_indices();
        while let Some((at, letter)) = letters.next() {
            if letter == quote {
                self.advance(at + 2);
                return Ok(Value::Text(text));
            }
            if letter != '\\' {
                text.push(letter);
                continue;
            }
            match letters.next() {
                Some((_, escaped)) if quote == '\'' => {
                    if escaped != '\'' && escaped != '\\' {
                        text.push('\\');
                    }
                    text.push(escaped);
                }
                Some((_, 'n')) => text.push('\n'),
                Some((_, 't')) => text.push('\t'),
                Some((at, 'x')) => {
                    let code = self.rest()[at + 2..].strip_prefix('{').and_then(|code| code.split_once('}'));
                    let letter =
                        code.and_then(|(code, _)| char::from_u32(u32::from_str_radix(code, 16).ok()?));
                    if let (Some(letter), Some((code, _))) = (letter, code) {
                        text.push(letter);
                        letters.nth(code.chars().count() + 1);
                    }
                }
                Some((_, escaped)) => text.push(escaped),
                None => break,
            }
        }
        self.fail(&format!("`{quote}` at the end of a string"))
    }

    /// A number, `undef` or a bare word.
    fn word(&mut self) -> Result<Value> {
        let rest = self.rest();
        let ends = |letter: char| letter.is_whitespace() || ",;()[]{}'\"=".contains(letter);
        let length = rest.find(ends).unwrap_or(rest.len());
        if length == 0 {
            return self.fail("a value");
        }
        let word = &rest[..length];
        self.advance(length);
        Ok(Value::Text(if word == "undef" { String::new() } else { word.to_owned() }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    fn first(text: &str) -> Result<Value> {
        let source = Source::new(Path::new("memory"), text.into());
        Ok(match statements(&source)?.into_iter().next() {
            Some(Statement::Assign { value, .. }) => value,
            _ => panic!("no assignment in {text}"),
        })
    }

    #[test]
    fn all_kinds_of_values() {
        let text = |text: &str| Value::Text(text.into());
        let value =
            first("# c\n@a = ('it\\'s', 2,undef,[\"\\x{e9}t\\x{e9}\"], {a => -1.5e3}); # end").unwrap();
        let list = Value::List(vec![
            text("it's"),
            text("2"),
            text(""),
            Value::List(vec![text("été")]),
            Value::List(vec![text("a"), text("-1.5e3")]),
        ]);
        assert_eq!(value, list);
    }

    #[test]
    fn truncated_statements_state_the_line() {
        let message = |text: &str| first(text).unwrap_err().to_string();
        assert_eq!(
            message("\n@x = ('1',"),
            "memory, line 2: expected `)` at the end of a list, found the end of the file"
        );
        assert_eq!(message("@x = ('1"), "memory, line 1: expected `'` at the end of a string, found `'1`");
        assert_eq!(message("@x 5"), "memory, line 1: expected a statement such as `@x = (...)`, found `5`");
        assert!(message(&format!("@x = {}", "(".repeat(100_000))).contains("lists with fewer levels"));
    }
}
