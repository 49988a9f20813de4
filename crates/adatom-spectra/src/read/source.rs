//! The bytes of a file, and its lines.

use std::fs;
use std::path::{Path, PathBuf};

use crate::{Error, Result};

/// A file in memory: its bytes, and its text with every kind of line end (LF, CRLF, CR) and any bytes that are not
/// UTF-8 replaced.
pub(crate) struct Source {
    pub(crate) path: PathBuf,
    pub(crate) bytes: Vec<u8>,
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
        let text = String::from_utf8_lossy(&bytes).replace("\r\n", "\n").replace('\r', "\n");
        Self { path: path.into(), bytes, text }
    }

    /// The lines with their numbers from 1.
    pub(crate) fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.text.lines().enumerate().map(|(index, line)| (index + 1, line))
    }

    /// What is wrong, with the line.
    pub(crate) fn malformed(
        &self,
        line: impl Into<Option<usize>>,
        expected: &str,
        found: impl Into<String>,
    ) -> Error {
        let (path, line) = (self.path.clone(), line.into());
        Error::Malformed { path, line, expected: expected.into(), found: found.into() }
    }
}
