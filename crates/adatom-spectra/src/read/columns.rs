//! Columns of numbers: `.dat`, `.txt`, `.xmu`, `.nor`, `.csv` of beamlines, programs and spreadsheets.
//!
//! | part | content |
//! |---|---|
//! | header | lines with or without a mark `# ; % * ! < $`, possibly with tables; labels in the last line |
//! | data | rows of numbers, separated by blanks, tabs, commas or semicolons |
//! | footer | other lines |

mod dialect;
mod header;
mod layout;

use crate::{Metadata, ReadOptions, Result};

use super::labels::{Role, role};
use super::source::Source;
use super::table::{ColumnTable, Hints};
use super::{Format, Reader, SpectrumFile, Warning};
use layout::{Layout, layout};

pub(super) struct Columns;

/// Columns that include k and χ.
pub(super) struct FineStructure;

impl Reader for FineStructure {
    fn name(&self) -> &'static str {
        "EXAFS chi(k)"
    }

    fn format(&self) -> Format {
        let supported = "columns with the labels k and chi, of FEFF, Athena, Larch and other programs";
        Format { name: self.name(), extensions: &["chi", "chik", "dat"], supported }
    }

    fn recognises(&self, source: &Source) -> bool {
        let has_labels = |line: &str| {
            let words: Vec<&str> =
                header::bare(line).split([' ', '\t', ',', ';']).filter(|word| !word.is_empty()).collect();
            words.contains(&"k") && words.contains(&"chi")
        };
        if source.is_binary() || !source.lines().any(|(_, line)| has_labels(line)) {
            return false;
        }
        let Ok(Some(Layout { header, rows, .. })) = layout(source) else { return false };
        let labels = header::labels(&header, rows.width).unwrap_or_default();
        let has = |required| labels.iter().any(|label| role(label) == required);
        let energy = labels.iter().any(|label| matches!(role(label), Role::Energy(_)));
        has(Role::Wavenumber) && has(Role::Chi) && !energy
    }

    fn read(&self, source: &Source, options: &ReadOptions) -> Result<SpectrumFile> {
        let file = Columns.read(source, options)?;
        Ok(SpectrumFile { format: self.name(), ..file })
    }
}

/// From this number of rows on, numbers in the header with as many columns as the data are treated as ignored
/// data and not as a small table.
const IGNORED_ROWS: usize = 10;

impl Reader for Columns {
    fn name(&self) -> &'static str {
        "columns"
    }

    fn format(&self) -> Format {
        Format {
            name: "columns",
            extensions: &["dat", "txt", "xmu", "nor", "csv"],
            supported: "columns of numbers with any header, such as SPEC, SSRL, CLS, KEK-PF, MRCAT, LabVIEW, \
                        GSE, FDMNES and exports of Athena",
        }
    }

    fn recognises(&self, source: &Source) -> bool {
        if source.is_binary() || looks_like(source).is_some() {
            return false;
        }
        layout(source).map_or(true, |layout| layout.is_some_and(|layout| layout.rows.lines.len() > 1))
    }

    fn read(&self, source: &Source, options: &ReadOptions) -> Result<SpectrumFile> {
        let Some(Layout { header, rows, footer }) = layout(source)? else {
            return Err(source.malformed(None, "rows of numbers", "none"));
        };
        let mut warnings = ignored_rows(&header, rows.width);
        let metadata = header::metadata(&header, &footer);
        let width = rows.width;
        let (format, labels, mut hints) = match dialect::of(&header, width) {
            Some(dialect) => (dialect.format, dialect.labels, dialect.hints),
            None => {
                let labels = header::labels(&header, width);
                let hints = Hints { labelled: labels.is_some(), ..Hints::default() };
                (self.name(), labels.unwrap_or_default(), hints)
            }
        };
        complete(&mut hints, &metadata);
        let mut table = ColumnTable::new(&source.path, labels, rows, metadata);
        table.hints = hints;
        let contents = table.identify(source, options, &mut warnings)?;
        Ok(SpectrumFile { format, contents, warnings })
    }
}

/// Completes the hints of a dialect from entries of the header.
fn complete(hints: &mut Hints, metadata: &Metadata) {
    let parsed = |keys: &[&str]| keys.iter().find_map(|key| metadata.get(key)).map(str::to_owned);
    if hints.element.is_none() {
        hints.element =
            parsed(&["element", "element.symbol", "absorber", "atom"]).and_then(|text| text.parse().ok());
    }
    if hints.edge.is_none() {
        hints.edge = parsed(&["edge", "element.edge"]).and_then(|text| text.parse().ok());
    }
    if hints.d_spacing.is_none() {
        let keys = ["d_spacing", "dspacing", "d-spacing", "mono.d_spacing", "mono.dspacing"];
        let spacing = keys.iter().find_map(|key| metadata.number(key));
        hints.d_spacing = spacing.filter(|&spacing| spacing > 0.0);
    }
}

fn ignored_rows(header: &[(usize, &str)], width: usize) -> Vec<Warning> {
    let mut numbers = Vec::new();
    let mut ignored = header.iter().filter(|(_, line)| {
        numbers.clear();
        super::numbers::append_row(line, &mut numbers) && numbers.len() == width
    });
    let Some(&(line, _)) = ignored.next() else { return Vec::new() };
    let rows = ignored.count() + 1;
    if rows < IGNORED_ROWS {
        return Vec::new();
    }
    let message = format!("{rows} rows of {width} numbers precede other lines; only the last table was read");
    vec![Warning::new(line, message)]
}

/// What a file of another kind looks like.
pub(super) fn looks_like(source: &Source) -> Option<&'static str> {
    const MARKS: [(&[u8], &str); 10] = [
        (b"\x89HDF", "an HDF5 file (NeXus)"),
        (b"\x89PNG", "a PNG image"),
        (b"%PDF", "a PDF document"),
        (b"PK\x03\x04", "a ZIP archive or a spreadsheet, which must be saved as CSV"),
        (b"II*\0", "a TIFF image"),
        (b"MM\0*", "a TIFF image"),
        (b"\xff\xd8\xff", "a JPEG image"),
        (b"\xd0\xcf\x11\xe0", "an old spreadsheet, which must be saved as CSV"),
        (b"\x93NUMPY", "a NumPy array"),
        (b"SIMPLE  =", "a FITS file"),
    ];
    if source.bytes.is_empty() {
        return Some("an empty file");
    }
    if let Some((_, what)) = MARKS.iter().find(|(mark, _)| source.bytes.starts_with(mark)) {
        return Some(what);
    }
    if source.is_binary() {
        return Some("a binary file");
    }
    let start: String = source.text().trim_start().chars().take(20).collect::<String>().to_lowercase();
    if start.starts_with("<!doctype") || start.starts_with("<html") || start.starts_with("<?xml") {
        return Some("an HTML or XML document");
    }
    if source
        .lines()
        .take(50)
        .any(|(_, line)| line.starts_with("data_") && !line.contains(char::is_whitespace))
    {
        return Some("a CIF structure");
    }
    looks_like_poscar(source).then_some("a POSCAR structure")
}

/// A POSCAR has a scale factor and three lattice vectors in lines 2 to 5.
fn looks_like_poscar(source: &Source) -> bool {
    let lines: Vec<&str> = source.lines().skip(1).take(8).map(|(_, line)| line).collect();
    let numbers = |line: &&str| {
        let mut row = Vec::new();
        super::numbers::append_row(line, &mut row);
        row.len()
    };
    let widths: Vec<usize> = lines.iter().map(numbers).collect();
    let begins = |line: &&str| line.trim_start().to_lowercase().starts_with(['d', 'c', 'k', 's']);
    widths.starts_with(&[1, 3, 3, 3]) && lines.iter().skip(4).any(begins)
}
