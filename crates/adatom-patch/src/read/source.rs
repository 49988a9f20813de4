//! The bytes of one file, with its path and format for messages.

use std::path::Path;

use crate::{Error, Result};

/// A file for a reader.
pub(super) struct Source<'a> {
    pub(super) path: &'a Path,
    pub(super) format: &'static str,
    pub(super) bytes: &'a [u8],
    /// The requested signal of a file with several signals.
    pub(super) signal: Option<&'a str>,
}

impl<'a> Source<'a> {
    pub(super) fn new(path: &'a Path, format: &'static str, bytes: &'a [u8]) -> Self {
        Self { path, format, bytes, signal: None }
    }

    pub(super) fn with_signal(self, signal: Option<&'a str>) -> Self {
        Self { signal, ..self }
    }

    /// The `length` bytes from `offset` on.
    ///
    /// # Errors
    /// [`Error::Truncated`] if the file is shorter.
    pub(super) fn take(&self, offset: u64, length: u64) -> Result<&'a [u8]> {
        let end = offset.saturating_add(length);
        let range = usize::try_from(offset).ok().zip(usize::try_from(end).ok());
        range.and_then(|(from, to)| self.bytes.get(from..to)).ok_or_else(|| self.truncated(end))
    }

    /// `N` bytes from `offset` on.
    pub(super) fn array<const N: usize>(&self, offset: u64) -> Result<[u8; N]> {
        let bytes = self.take(offset, N as u64)?;
        Ok(bytes.try_into().expect("the slice has the requested length"))
    }

    pub(super) fn length(&self) -> u64 {
        self.bytes.len() as u64
    }

    pub(super) fn truncated(&self, expected: u64) -> Error {
        Error::Truncated { path: self.path.into(), format: self.format, expected, found: self.length() }
    }

    pub(super) fn malformed(&self, problem: impl Into<String>) -> Error {
        Error::Malformed {
            path: self.path.into(),
            format: self.format,
            problem: problem.into(),
            source: None,
        }
    }

    /// The error of a decoder of another library.
    pub(super) fn refused<E>(&self, problem: &str, error: E) -> Error
    where
        E: std::error::Error + Send + Sync + 'static,
    {
        Error::Malformed {
            path: self.path.into(),
            format: self.format,
            problem: problem.into(),
            source: Some(Box::new(error)),
        }
    }

    pub(super) fn unsupported(&self, found: impl Into<String>, supported: &'static str) -> Error {
        Error::Unsupported { path: self.path.into(), found: found.into(), supported }
    }

    /// Checks that an image has pixels, and not more than fit in memory.
    pub(super) fn check_extent(&self, height: u64, width: u64) -> Result<[usize; 2]> {
        if height == 0 || width == 0 {
            return Err(self.malformed(format!("an image of {height} x {width} pixels")));
        }
        let pixels = height.checked_mul(width).and_then(|pixels| pixels.checked_mul(8));
        match (pixels, usize::try_from(height), usize::try_from(width)) {
            (Some(_), Ok(height), Ok(width)) => Ok([height, width]),
            _ => Err(self.truncated(u64::MAX)),
        }
    }
}
