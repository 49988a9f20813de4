//! Reads a table from CSV; the layout is described in `write.rs`.
//!
//! The file is read row by row, so that memory grows with the rows of the file, not with sizes claimed by a
//! header; rows of excessive length and gzip files that expand excessively are refused.

use std::collections::{HashMap, HashSet};
use std::fs::{self, File};
use std::io::{self, BufReader, Read, Seek};
use std::path::Path;

use csv::ByteRecord;
use flate2::read::MultiGzDecoder;
use ndarray::Array2;

use super::{FeatureColumn, FeatureTable, TargetColumn};
use crate::TableError;

/// The longest row, bytes: half a million columns of full precision fit.
const LONGEST_ROW: u64 = 64 << 20;
/// The text size to which any gzip file may expand.
const ALWAYS_UNFOLDED: u64 = 256 << 20;
/// The largest ratio of the text to the gzip file beyond that; measured numbers reach 2 to 10, a file of
/// zeros made to fill the memory 1000.
const MOST_UNFOLDED: u64 = 100;

impl FeatureTable {
    /// Reads a table from a CSV file, plain or compressed with gzip (detected from its content).
    ///
    /// The columns may be in any order: `id`, `group:NAME`, `target:NAME` (numbers), `class:NAME` (text) and
    /// [features](FeatureColumn). An empty cell is a missing target.
    ///
    /// ```
    /// use adatom_core::FeatureTable;
    /// let folder = tempfile::tempdir()?;
    /// let path = folder.path().join("table.csv");
    /// std::fs::write(&path, "id,target:valence,xanes@8987.5\na,2,0.25\n")?;
    /// assert_eq!(FeatureTable::load(&path)?.features()[[0, 0]], 0.25);
    ///
    /// std::fs::write(&path, "id,target:valence,xanes@8987.5\na,2,0.25\nb,2,high\n")?;
    /// let message = FeatureTable::load(&path).unwrap_err().to_string();
    /// assert!(
    ///     message.ends_with("line 3, column 3 (xanes@8987.5): expected a finite number, found \"high\"")
    /// );
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`TableError::Io`] when the file cannot be read; [`TableError::Malformed`] when it is empty, not CSV
    /// or not a complete gzip file, a header is unknown or occurs twice, a row has another number of cells
    /// than the header, a number is malformed or not finite, an id or the label of a group is empty, or an id
    /// occurs twice.
    pub fn load(path: impl AsRef<Path>) -> Result<Self, TableError> {
        let path = path.as_ref();
        let failed = |source| TableError::Io { path: path.into(), doing: "read", source };
        // Checked before opening: opening a pipe waits for a writer.
        let kind = fs::metadata(path).map_err(failed)?;
        if !kind.is_file() {
            let what = if kind.is_dir() { "it is a folder" } else { "it is not a regular file" };
            return Err(failed(io::Error::new(io::ErrorKind::InvalidInput, what)));
        }
        let mut file = File::open(path).map_err(failed)?;
        let mut magic = Vec::new();
        (&mut file).take(2).read_to_end(&mut magic).map_err(failed)?;
        file.rewind().map_err(failed)?;
        if magic == [0x1f, 0x8b] {
            let most = ALWAYS_UNFOLDED.max(kind.len().saturating_mul(MOST_UNFOLDED));
            let text = MultiGzDecoder::new(BufReader::with_capacity(1 << 16, file));
            return read(path, Bounded { text, row_left: LONGEST_ROW, left: most });
        }
        read(path, Bounded { text: file, row_left: LONGEST_ROW, left: u64::MAX })
    }
}

/// A text that ends with an error where a row, or the whole, is too long.
struct Bounded<R> {
    text: R,
    row_left: u64,
    left: u64,
}

/// Why a [`Bounded`] text ended before its end.
#[derive(Debug, thiserror::Error)]
enum TooLong {
    #[error("more than {} MiB", LONGEST_ROW >> 20)]
    Row,
    #[error("gzip that unfolds into more than {MOST_UNFOLDED} times its size")]
    Whole,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.text.read(buffer)?;
        self.row_left = self.row_left.checked_sub(count as u64).ok_or(io::Error::other(TooLong::Row))?;
        self.left = self.left.checked_sub(count as u64).ok_or(io::Error::other(TooLong::Whole))?;
        Ok(count)
    }
}

/// The kind of a column of the file.
enum Cells {
    Id,
    /// The index of the group.
    Group(usize),
    /// The index of the target.
    Number(usize),
    Class(usize),
    Feature,
}

/// The rows read so far.
struct Reading<'a> {
    path: &'a Path,
    headers: Vec<String>,
    cells: Vec<Cells>,
    ids: Vec<String>,
    groups: Vec<(String, Vec<String>)>,
    numbers: Vec<(String, Vec<Option<f64>>)>,
    classes: Vec<(String, Vec<Option<String>>)>,
    columns: Vec<FeatureColumn>,
    values: Vec<f64>,
    /// The line of every row.
    lines: Vec<u64>,
}

fn read<R: Read>(path: &Path, text: Bounded<R>) -> Result<FeatureTable, TableError> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .buffer_capacity(1 << 16)
        .from_reader(text);
    let mut record = ByteRecord::new();
    let mut rows = 0;
    let mut next = |record: &mut ByteRecord| {
        reader.get_mut().row_left = LONGEST_ROW;
        let more = reader.read_byte_record(record).map_err(|error| unreadable(path, rows + 1, error))?;
        rows += 1;
        // csv counts line feeds; where lines end with CR alone every row is a line.
        let line = record.position().map_or(rows, |position| position.line().max(rows));
        Ok::<_, TableError>(more.then_some(line))
    };
    let Some(line) = next(&mut record)? else {
        return Err(malformed(path, None, None, "a header with a column `id`", "an empty file"));
    };
    let mut reading = Reading::begin(path, line, &record)?;
    while let Some(line) = next(&mut record)? {
        reading.row(line, &record)?;
    }
    reading.finish()
}

fn malformed(
    path: &Path,
    line: Option<u64>,
    column: Option<String>,
    expected: &str,
    found: impl Into<String>,
) -> TableError {
    let column = column.map(String::into_boxed_str);
    TableError::Malformed { path: path.into(), line, column, expected: expected.into(), found: found.into() }
}

/// The error of the CSV reader, the gzip decoder or the operating system.
fn unreadable(path: &Path, line: u64, error: csv::Error) -> TableError {
    let source = match error.into_kind() {
        csv::ErrorKind::Io(source) => source,
        other => return malformed(path, Some(line), None, "a row of CSV", format!("{other:?}")),
    };
    let too_long = source.get_ref().and_then(|inner| inner.downcast_ref::<TooLong>());
    match (too_long, source.kind()) {
        (Some(TooLong::Row), _) => {
            malformed(path, Some(line), None, "a row of text", TooLong::Row.to_string())
        }
        (Some(TooLong::Whole), _) => malformed(path, Some(line), None, "a table", TooLong::Whole.to_string()),
        (None, io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput | io::ErrorKind::UnexpectedEof) => {
            malformed(path, Some(line), None, "a whole gzip file", source.to_string())
        }
        _ => TableError::Io { path: path.into(), doing: "read", source },
    }
}

/// The beginning of a cell, for messages.
fn shown(cell: &[u8]) -> String {
    const SHOWN: usize = 40;
    let text = String::from_utf8_lossy(&cell[..cell.len().min(4 * SHOWN)]);
    let start: String = text.chars().take(SHOWN).collect();
    let dots = if start.len() < cell.len() { "..." } else { "" };
    format!("{start:?}{dots}")
}

/// A finite number without blanks around it.
fn number(cell: &[u8]) -> Option<f64> {
    let text = std::str::from_utf8(cell.trim_ascii()).ok()?;
    text.parse().ok().filter(|value: &f64| value.is_finite())
}

impl<'a> Reading<'a> {
    fn begin(path: &'a Path, line: u64, record: &ByteRecord) -> Result<Self, TableError> {
        let mut reading = Self {
            path,
            headers: Vec::new(),
            cells: Vec::new(),
            ids: Vec::new(),
            groups: Vec::new(),
            numbers: Vec::new(),
            classes: Vec::new(),
            columns: Vec::new(),
            values: Vec::new(),
            lines: Vec::new(),
        };
        let mut seen = HashSet::new();
        for (index, cell) in record.iter().enumerate() {
            let cell = if index == 0 { cell.strip_prefix(b"\xef\xbb\xbf").unwrap_or(cell) } else { cell };
            let wrong = |expected: &str| {
                malformed(path, Some(line), Some((index + 1).to_string()), expected, shown(cell))
            };
            let header = std::str::from_utf8(cell).map_err(|_| wrong("a header in UTF-8"))?;
            let kind = reading.column(header).ok_or_else(|| {
                wrong("`id`, `group:NAME`, `target:NAME`, `class:NAME` or a feature such as `xanes@8987.500`")
            })?;
            let key = match kind {
                Cells::Feature => reading.columns[reading.columns.len() - 1].to_string(),
                // A name is that of one target, whatever its kind.
                Cells::Class(_) => header.replacen("class:", "target:", 1),
                _ => header.to_owned(),
            };
            if !seen.insert(key) {
                return Err(wrong("a column that is not a duplicate"));
            }
            reading.cells.push(kind);
            reading.headers.push(header.to_owned());
        }
        match seen.contains("id") {
            true => Ok(reading),
            false => Err(malformed(path, Some(line), None, "a column `id`", "none")),
        }
    }

    /// The kind of the column with this header; `None` for an unknown header.
    fn column(&mut self, header: &str) -> Option<Cells> {
        Some(match header.split_once(':') {
            Some((_, "")) => return None,
            Some(("group", name)) => {
                self.groups.push((name.to_owned(), Vec::new()));
                Cells::Group(self.groups.len() - 1)
            }
            Some(("target", name)) => {
                self.numbers.push((name.to_owned(), Vec::new()));
                Cells::Number(self.numbers.len() - 1)
            }
            Some(("class", name)) => {
                self.classes.push((name.to_owned(), Vec::new()));
                Cells::Class(self.classes.len() - 1)
            }
            _ if header == "id" => Cells::Id,
            _ => {
                self.columns.push(header.parse().ok()?);
                Cells::Feature
            }
        })
    }

    fn row(&mut self, line: u64, record: &ByteRecord) -> Result<(), TableError> {
        if record.len() != self.cells.len() {
            let expected = format!("{} cells as in the header", self.cells.len());
            return Err(malformed(self.path, Some(line), None, &expected, record.len().to_string()));
        }
        self.lines.push(line);
        for index in 0..record.len() {
            let cell = &record[index];
            if let Err(expected) = self.cell(index, cell) {
                let column = Some(format!("{} ({})", index + 1, self.headers[index]));
                return Err(malformed(self.path, Some(line), column, expected, shown(cell)));
            }
        }
        Ok(())
    }

    /// Takes a cell, or returns what was expected.
    fn cell(&mut self, index: usize, cell: &[u8]) -> Result<(), &'static str> {
        let text = || std::str::from_utf8(cell).map(str::to_owned).map_err(|_| "text in UTF-8");
        let filled = |text: String| if text.is_empty() { Err("a text that is not empty") } else { Ok(text) };
        match self.cells[index] {
            Cells::Feature => self.values.push(number(cell).ok_or("a finite number")?),
            Cells::Id => self.ids.push(filled(text()?)?),
            Cells::Group(group) => self.groups[group].1.push(filled(text()?)?),
            Cells::Number(target) => {
                let known = !cell.trim_ascii().is_empty();
                let expected = "a finite number or nothing (text belongs into a column `class:NAME`)";
                let value = known.then(|| number(cell).ok_or(expected)).transpose()?;
                self.numbers[target].1.push(value);
            }
            Cells::Class(target) => {
                let name = Some(text()?).filter(|name| !name.is_empty());
                self.classes[target].1.push(name);
            }
        }
        Ok(())
    }

    fn finish(mut self) -> Result<FeatureTable, TableError> {
        let path = self.path;
        if self.ids.is_empty() {
            return Err(malformed(path, Some(2), None, "a row of values", "the end of the file"));
        }
        let mut seen = HashMap::new();
        for (id, &line) in self.ids.iter().zip(&self.lines) {
            if let Some(before) = seen.insert(id.as_str(), line) {
                let found = format!("{}, which is also in line {before}", shown(id.as_bytes()));
                return Err(malformed(path, Some(line), Some("id".to_owned()), "a unique id", found));
            }
        }
        let features = Array2::from_shape_vec((self.ids.len(), self.columns.len()), self.values)
            .expect("every row has a cell for every column");
        let mut table = FeatureTable::new(self.ids, self.columns, features)?;
        for (name, labels) in self.groups {
            table = table.with_group(&name, labels)?;
        }
        for cells in self.cells {
            let (name, target) = match cells {
                Cells::Number(target) => {
                    let (name, values) = std::mem::take(&mut self.numbers[target]);
                    (name, TargetColumn::of_numbers(values))
                }
                Cells::Class(target) => {
                    let (name, names) = std::mem::take(&mut self.classes[target]);
                    (name, TargetColumn::of_classes(names))
                }
                Cells::Feature | Cells::Id | Cells::Group(_) => continue,
            };
            table = table.with_target(&name, target)?;
        }
        Ok(table)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_is_too_long_as_a_whole_is_refused() {
        let content = b"id,pdf@1\na,0\nb,0\nc,0\n";
        let bounded = |left| Bounded { text: &content[..], row_left: LONGEST_ROW, left };
        assert_eq!(read(Path::new("x.gz"), bounded(content.len() as u64)).unwrap().len(), 3);
        let error = read(Path::new("x.gz"), bounded(content.len() as u64 - 1)).unwrap_err();
        let found = "gzip that unfolds into more than 100 times its size";
        assert_eq!(error.to_string(), format!("x.gz, line 1: expected a table, found {found}"));
    }
}
