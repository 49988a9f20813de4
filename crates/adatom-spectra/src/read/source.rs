//! The bytes of a file, and its lines.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use crate::error::Foreign;
use crate::{Error, Result};

/// Text compresses by a factor of about 3, repeated numbers by 20. A file with a larger factor (beyond
/// [`ALLOWANCE`] bytes) is treated as a decompression bomb.
const LARGEST_FACTOR: u64 = 40;

/// Decompressed bytes that are always allowed.
const ALLOWANCE: u64 = 16 << 20;

/// A file in memory: its bytes, decompressed where necessary, and its text with line ends (LF, CRLF, CR)
/// normalised to LF and bytes that are not UTF-8 replaced.
pub(crate) struct Source {
    pub(crate) path: PathBuf,
    pub(crate) bytes: Vec<u8>,
    text: String,
}

impl Source {
    pub(crate) fn open(path: &Path) -> Result<Self> {
        let failed = |source| Error::Io { path: path.into(), doing: "read", source };
        // Checked before opening, because opening a pipe would block.
        let kind = fs::metadata(path).map_err(failed)?;
        if !kind.is_file() {
            let what = if kind.is_dir() { "it is a folder" } else { "it is not a regular file" };
            return Err(failed(std::io::Error::new(std::io::ErrorKind::InvalidInput, what)));
        }
        Self::unpacked(path, fs::read(path).map_err(failed)?)
    }

    /// The source for bytes that may be compressed with gzip.
    pub(crate) fn unpacked(path: &Path, bytes: Vec<u8>) -> Result<Self> {
        if !bytes.starts_with(&[0x1f, 0x8b]) {
            return Ok(Self::new(path, bytes));
        }
        let most = LARGEST_FACTOR * bytes.len() as u64 + ALLOWANCE;
        let malformed = |expected: String, found: &str, source: Option<Foreign>| Error::Malformed {
            path: path.into(),
            line: None,
            expected,
            found: found.into(),
            source,
        };
        let mut unpacked = Vec::new();
        flate2::read::MultiGzDecoder::new(bytes.as_slice())
            .take(most + 1)
            .read_to_end(&mut unpacked)
            .map_err(|error| malformed("gzip data".into(), "damaged data", Some(error.into())))?;
        if unpacked.len() as u64 > most {
            return Err(malformed(
                format!("at most {most} bytes after decompression of {} bytes", bytes.len()),
                "more",
                None,
            ));
        }
        Ok(Self::new(path, unpacked))
    }

    pub(crate) fn new(path: &Path, bytes: Vec<u8>) -> Self {
        let mut text = decode(&bytes);
        if text.contains('\r') {
            text = text.replace("\r\n", "\n").replace('\r', "\n");
        }
        Self { path: path.into(), bytes, text }
    }

    /// The whole text.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// The lines with their numbers, counted from 1.
    pub(crate) fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.text.lines().enumerate().map(|(index, line)| (index + 1, line))
    }

    /// Whether the file is binary: every binary format contains a zero byte, text does not.
    pub(crate) fn is_binary(&self) -> bool {
        self.text.as_bytes().iter().take(1 << 16).any(|&byte| byte == 0)
    }

    /// The error of a violated format rule.
    pub(crate) fn malformed(
        &self,
        line: impl Into<Option<usize>>,
        expected: &str,
        found: impl Into<String>,
    ) -> Error {
        let (path, line) = (self.path.clone(), line.into());
        Error::Malformed { path, line, expected: expected.into(), found: found.into(), source: None }
    }

    /// The error of JSON that cannot be parsed.
    pub(crate) fn malformed_json(&self, error: serde_json::Error) -> Error {
        Error::Malformed {
            path: self.path.clone(),
            line: Some(error.line()).filter(|&line| line > 0),
            expected: "a JSON document".into(),
            found: "a syntax error".into(),
            source: Some(error.into()),
        }
    }
}

/// UTF-16 (written by spreadsheets on Windows) after a byte order mark, otherwise UTF-8.
fn decode(bytes: &[u8]) -> String {
    let unit = match bytes {
        [0xff, 0xfe, ..] => u16::from_le_bytes,
        [0xfe, 0xff, ..] => u16::from_be_bytes,
        _ => {
            let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
            return String::from_utf8_lossy(bytes).into_owned();
        }
    };
    let units: Vec<u16> = bytes[2..].chunks_exact(2).map(|pair| unit([pair[0], pair[1]])).collect();
    String::from_utf16_lossy(&units)
}

/// The first forty characters of a text in backquotes, for messages.
pub(crate) fn excerpt(text: &str) -> String {
    let text = text.trim();
    let mut short: String = text.chars().take(40).collect();
    if text.chars().nth(40).is_some() {
        short.push('…');
    }
    format!("`{short}`")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn packed(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn all_line_ends_and_text_encodings_are_read() {
        for text in ["a b\nc\n", "a b\r\nc\r\n", "a b\rc\r", "\u{feff}a b\nc"] {
            let source = Source::new(Path::new("memory"), text.into());
            assert_eq!(source.lines().collect::<Vec<_>>(), [(1, "a b"), (2, "c")]);
        }
        let mut wide = vec![0xff, 0xfe];
        wide.extend("a b\r\nc".encode_utf16().flat_map(u16::to_le_bytes));
        let source = Source::new(Path::new("memory"), wide);
        assert_eq!(source.lines().collect::<Vec<_>>(), [(1, "a b"), (2, "c")]);
        assert!(!source.is_binary() && Source::new(Path::new("memory"), vec![1, 0, 2]).is_binary());
    }

    #[test]
    fn decompression_bombs_and_damaged_gzip_data_are_refused() {
        let source = Source::unpacked(Path::new("memory"), packed(b"1 2\n")).unwrap();
        assert_eq!(source.text(), "1 2\n");
        let error =
            Source::unpacked(Path::new("bomb"), packed(&vec![b'1'; 64 << 20])).err().unwrap().to_string();
        assert!(error.starts_with("bomb: expected at most ") && error.ends_with(", found more"), "{error}");
        let mut cut = packed(b"1 2 3 4 5\n");
        cut.truncate(12);
        let error = Source::unpacked(Path::new("cut"), cut).err().unwrap();
        assert_eq!(error.to_string(), "cut: expected gzip data, found damaged data");
        assert!(std::error::Error::source(&error).is_some());
    }
}
