//! The text of a file, its lines and numbers, and errors with line numbers.

use std::fs;
use std::path::{Path, PathBuf};

use crate::number::number;
use crate::{Error, Result};

/// A file in memory, as text with every kind of line end (LF, CRLF, CR); bytes that are not UTF-8 are
/// replaced.
pub(crate) struct Source {
    pub(crate) path: PathBuf,
    text: String,
}

impl Source {
    pub(crate) fn open(path: &Path) -> Result<Self> {
        let failed = |source| Error::Io { path: path.into(), doing: "read", source };
        // Asked before opening: opening a pipe would wait for somebody to write into it.
        let kind = fs::metadata(path).map_err(failed)?;
        if !kind.is_file() {
            let what = if kind.is_dir() { "it is a folder" } else { "it is not a regular file" };
            return Err(failed(std::io::Error::new(std::io::ErrorKind::InvalidInput, what)));
        }
        Ok(Self::new(path, fs::read(path).map_err(failed)?))
    }

    pub(crate) fn new(path: &Path, bytes: Vec<u8>) -> Self {
        let text = String::from_utf8(bytes)
            .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned());
        let mut text = match text.strip_prefix('\u{feff}') {
            Some(rest) => rest.to_owned(),
            None => text,
        };
        if text.contains('\r') {
            text = text.replace("\r\n", "\n").replace('\r', "\n");
        }
        Self { path: path.into(), text }
    }

    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// The lines with their numbers from 1.
    pub(crate) fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.text.lines().enumerate().map(|(index, line)| (index + 1, line))
    }

    /// What is wrong, with the line.
    pub(crate) fn malformed(
        &self,
        line: impl Into<Option<usize>>,
        expected: impl Into<String>,
        found: impl Into<String>,
    ) -> Error {
        let (path, line) = (self.path.clone(), line.into());
        Error::Malformed { path, line, expected: expected.into(), found: found.into() }
    }

    /// An impossible structure, said of the line it was read from.
    pub(crate) fn impossible(&self, line: impl Into<Option<usize>>, error: Error) -> Error {
        match error {
            Error::Structure { what, expected, found } => {
                self.malformed(line, format!("{what} {expected}"), found)
            }
            other => other,
        }
    }
}

/// The first three numbers of a line, where it begins with three.
pub(crate) fn three_numbers(line: &str) -> Option<[f64; 3]> {
    let mut words = line.split_whitespace();
    let mut next = || number(words.next()?);
    Some([next()?, next()?, next()?])
}

/// Text of a file in a message: quoted, escaped and not too long.
pub(crate) fn quoted(text: &str) -> String {
    const LONGEST: usize = 40;
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{:?} ...", &text[..end]),
        None => format!("{text:?}"),
    }
}
