//! Reads spectrum files: recognises the format from the content and decodes it.
//!
//! Each format is one file of this folder with one implementation of [`Reader`] and one line in [`READERS`].
//! A reader has all bytes of the file, so it can compare what a header states with the file's length before
//! it allocates.

mod assemble;
mod athena;
mod columns;
mod expression;
mod feff;
mod json;
mod labels;
mod numbers;
mod scattering;
mod source;
mod table;
mod xdi;

use std::fmt;
use std::path::Path;

use crate::{Ambiguity, DifferentialPdf, Error, Exafs, Pdf, Result, StructureFunction, Xanes};
pub use scattering::ScatteringAxis;
use source::Source;
pub use table::ColumnTable;

/// All formats, in the order in which they are tried: those with a signature first, unspecific columns last.
const READERS: &[&dyn Reader] = &[
    // One line per format.
    &xdi::Xdi,
    &athena::Athena,
    &feff::Feff,
    &json::Json,
    &columns::FineStructure,
    &scattering::Scattering,
    &columns::Columns,
];

/// A file format that can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Format {
    /// The name, such as `XDI`.
    pub name: &'static str,
    /// The usual file extensions; formats are recognised from the content, not from the extension.
    pub extensions: &'static [&'static str],
    /// The supported variants of the format.
    pub supported: &'static str,
}

/// All spectrum formats that can be read; each file may be compressed with gzip.
///
/// ```
/// let names: Vec<_> = adatom_spectra::formats().iter().map(|format| format.name).collect();
/// assert!(["XDI", "Athena project", "FEFF xmu.dat"].iter().all(|name| names.contains(name)));
/// ```
pub fn formats() -> Vec<Format> {
    READERS.iter().map(|reader| reader.format()).collect()
}

/// The content of a file.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Contents {
    /// Absorption spectra, at least one.
    Xanes(Vec<Xanes>),
    /// EXAFS fine structures χ(k), at least one, and no absorption spectrum.
    Exafs(Vec<Exafs>),
    /// A pair distribution function.
    Pdf(Pdf),
    /// The differential pair distribution function of one element.
    DifferentialPdf(DifferentialPdf),
    /// I(Q), S(Q) or F(Q).
    Scattering(StructureFunction),
    /// Columns whose labels do not identify the energy or the absorption.
    Columns(ColumnTable),
}

/// Information about a file that is not stated in the file itself.
///
/// ```
/// use adatom_spectra::{Contents, ReadOptions, SpectrumFile};
/// let text = "1 8970 200 100\n2 8980 200 90\n3 8990 200 40\n";
/// let file = SpectrumFile::from_bytes("scan.dat", text, &ReadOptions::default())?;
/// assert!(matches!(file.contents, Contents::Columns(_)));
/// let options = ReadOptions::default().energy("2").mu("ln(c3/c4)");
/// let file = SpectrumFile::from_bytes("scan.dat", text, &options)?;
/// assert!(matches!(file.contents, Contents::Xanes(spectra) if spectra[0].mu()[2] == 5f64.ln()));
/// let error = SpectrumFile::from_bytes("scan.dat", text, &options.mu("c5")).unwrap_err();
/// assert_eq!(error.to_string(), "scan.dat: mu `c5`: no column 5; the columns are 1 to 4");
/// # Ok::<(), adatom_spectra::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ReadOptions {
    energy: Option<String>,
    mu: Option<String>,
    content: Option<scattering::StatedContent>,
    axis: Option<scattering::ScatteringAxis>,
}

impl ReadOptions {
    /// The energy column: its label or its number, counted from 1, followed by the unit (`eV`, `keV`, `deg`)
    /// where the file does not state the unit.
    pub fn energy(mut self, column: impl Into<String>) -> Self {
        self.energy = Some(column.into());
        self
    }

    /// The absorption as an expression of columns, such as `ln(i0/itrans)`, `ifluor/i0` or `3`.
    pub fn mu(mut self, expression: impl Into<String>) -> Self {
        self.mu = Some(expression.into());
        self
    }
}

/// An irregularity of a file that does not prevent its use.
///
/// ```
/// use adatom_spectra::{ReadOptions, SpectrumFile};
/// let text = "# energy xmu\n8980 1\n8970 0\n8960 0\n";
/// let file = SpectrumFile::from_bytes("scan.dat", text, &ReadOptions::default())?;
/// assert_eq!(file.warnings[0].to_string(), "the energies decrease; the points were reversed");
/// # Ok::<(), adatom_spectra::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Warning {
    /// The line, counted from 1, where it is known.
    pub line: Option<usize>,
    /// The irregularity, and what was done about it.
    pub message: String,
}

impl Warning {
    fn new(line: impl Into<Option<usize>>, message: impl Into<String>) -> Self {
        Self { line: line.into(), message: message.into() }
    }
}

impl fmt::Display for Warning {
    /// `line 3: ...`, or the message alone.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(line) = self.line {
            write!(formatter, "line {line}: ")?;
        }
        formatter.write_str(&self.message)
    }
}

/// The content of a file, with its format and the irregularities found in it.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct SpectrumFile {
    /// The name of the format, as in [`formats`], of a variant of it, or of the program that wrote the file.
    pub format: &'static str,
    /// The content.
    pub contents: Contents,
    /// Irregularities that do not prevent the use of the content.
    pub warnings: Vec<Warning>,
}

impl SpectrumFile {
    /// Reads a file whose format is recognised from its content.
    ///
    /// # Errors
    /// [`Error::Io`], [`Error::UnknownFormat`], [`Error::Malformed`]; [`Error::Ambiguous`] when the file does
    /// not determine its content or has no such columns as the options state.
    pub fn open(path: impl AsRef<Path>, options: &ReadOptions) -> Result<Self> {
        Self::decode(&Source::open(path.as_ref())?, options)
    }

    /// Decodes the bytes of a file; `name` stands for the file in messages.
    ///
    /// ```
    /// use adatom_spectra::{Contents, ReadOptions, SpectrumFile};
    /// let text = "# energy xmu\n1 0\n2 1\n3 1\n";
    /// let file = SpectrumFile::from_bytes("a.dat", text, &ReadOptions::default())?;
    /// assert!(matches!(file.contents, Contents::Xanes(spectra) if spectra[0].len() == 3));
    /// let error = SpectrumFile::from_bytes("a.png", "\x00", &ReadOptions::default()).unwrap_err();
    /// assert!(error.to_string().starts_with("a.png: unrecognised file format"));
    /// # Ok::<(), adatom_spectra::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`SpectrumFile::open`].
    pub fn from_bytes(
        name: impl AsRef<Path>,
        bytes: impl Into<Vec<u8>>,
        options: &ReadOptions,
    ) -> Result<Self> {
        Self::decode(&Source::unpacked(name.as_ref(), bytes.into())?, options)
    }

    fn decode(source: &Source, options: &ReadOptions) -> Result<Self> {
        if options.content.is_some() {
            return scattering::read(source, options);
        }
        // Options for energy or absorption imply columns of an absorption measurement.
        let absorption = options.energy.is_some() || options.mu.is_some();
        let fits = |reader: &&&dyn Reader| {
            !(absorption && reader.name() == scattering::Scattering.name()) && reader.recognises(source)
        };
        match READERS.iter().find(fits) {
            Some(reader) => reader.read(source, options),
            None => Err(Error::UnknownFormat {
                path: source.path.clone(),
                expected: READERS.iter().map(|reader| reader.name()).collect(),
                looks_like: columns::looks_like(source),
            }),
        }
    }
}

impl Xanes {
    /// Reads a file that holds one absorption spectrum.
    ///
    /// ```
    /// use adatom_spectra::{ReadOptions, Xanes};
    /// # let folder = tempfile::tempdir()?;
    /// # let path = folder.path().join("cu.dat");
    /// std::fs::write(&path, "# energy xmu\n8970 0\n8980 1\n8990 1\n")?;
    /// assert_eq!(Xanes::open(&path, &ReadOptions::default())?.energy().last(), 8990.0);
    /// std::fs::write(&path, "1 8970 200\n2 8980 200\n3 8990 200\n")?;
    /// assert!(Xanes::open(&path, &ReadOptions::default()).is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// As [`SpectrumFile::open`]; [`Error::Ambiguous`] when the file holds several spectra, something else,
    /// or columns that are neither identified by their labels nor by the options.
    pub fn open(path: impl AsRef<Path>, options: &ReadOptions) -> Result<Self> {
        let path = path.as_ref();
        let ambiguity = match SpectrumFile::open(path, options)?.contents {
            Contents::Xanes(mut spectra) if spectra.len() == 1 => return Ok(spectra.remove(0)),
            Contents::Xanes(spectra) => Ambiguity::SeveralSpectra {
                count: spectra.len(),
                names: spectra.iter().filter_map(|spectrum| spectrum.name().map(str::to_owned)).collect(),
            },
            Contents::Columns(table) => table.ambiguity(),
            Contents::Exafs(_) => Ambiguity::NotAbsorption { found: "EXAFS χ(k)" },
            Contents::Pdf(_) | Contents::DifferentialPdf(_) => Ambiguity::NotAbsorption { found: "a PDF" },
            Contents::Scattering(_) => Ambiguity::NotAbsorption { found: "total scattering" },
        };
        Err(Error::Ambiguous { path: path.into(), ambiguity })
    }
}

/// The decoder of one format. Its methods neither panic nor allocate more than a fixed multiple of the file's
/// length, whatever the bytes.
trait Reader: Sync {
    /// The name of the format.
    fn name(&self) -> &'static str;

    /// The format and its supported variants.
    fn format(&self) -> Format;

    /// Whether the file is of this format.
    fn recognises(&self, source: &Source) -> bool;

    /// Decodes the file.
    fn read(&self, source: &Source, options: &ReadOptions) -> Result<SpectrumFile>;
}
