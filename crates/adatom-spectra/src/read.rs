//! Spectrum files: which format a file has, and what it holds.
//!
//! A format is one file of this folder with one [`Reader`], and one line in [`READERS`]. A reader sees all bytes of the
//! file, so that whatever a header promises can be compared with what is there before memory is asked for.

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

use std::path::Path;

use crate::{DifferentialPdf, Error, Exafs, Pdf, Result, StructureFunction, Xanes};
pub(crate) use scattering::DIFFERENTIAL_ELEMENT;
pub use scattering::ScatteringAxis;
use source::Source;
pub use table::ColumnTable;

/// The formats, in the order in which a file is offered to them: those with a signature first, bare columns last.
const READERS: &[&dyn Reader] = &[
    // one line a format
    &xdi::Xdi,
    &athena::Athena,
    &feff::Feff,
    &json::Json,
    &columns::FineStructure,
    &scattering::Scattering,
    &columns::Columns,
];

/// A format that can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Format {
    /// Its name, such as `XDI`.
    pub name: &'static str,
    /// How its files usually end; the content decides, not the name.
    pub extensions: &'static [&'static str],
    /// What of the format can be read.
    pub supported: &'static str,
}

/// The formats of spectra that can be read, compressed by gzip or not.
///
/// ```
/// let names: Vec<_> = adatom_spectra::formats().iter().map(|format| format.name).collect();
/// assert!(["XDI", "Athena project", "FEFF xmu.dat"].iter().all(|name| names.contains(name)));
/// ```
pub fn formats() -> Vec<Format> {
    READERS.iter().map(|reader| reader.about()).collect()
}

/// What a file holds.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Contents {
    /// Absorption spectra, at least one.
    Xanes(Vec<Xanes>),
    /// Fine structures χ(k), at least one, and no absorption spectrum.
    Exafs(Vec<Exafs>),
    /// A pair distribution function.
    Pdf(Pdf),
    /// The part of a pair distribution function that one element takes part in.
    DifferentialPdf(DifferentialPdf),
    /// I(Q), S(Q) or F(Q).
    Scattering(StructureFunction),
    /// Columns of which it cannot be told for certain which is the energy, or what the absorption is.
    Columns(ColumnTable),
}

/// What a caller knows about a file that the file does not say.
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
/// assert_eq!(error.to_string(), "scan.dat: mu `c5`: there is no column 5, only 1 to 4");
/// # Ok::<(), adatom_spectra::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ReadOptions {
    energy: Option<String>,
    mu: Option<String>,
    asked: Option<scattering::Asked>,
    axis: Option<scattering::ScatteringAxis>,
}

impl ReadOptions {
    /// Which column is the energy: its label, or its number from 1, with its unit behind it (`eV`, `keV`, `deg`)
    /// where the file does not say that.
    pub fn energy(mut self, column: impl Into<String>) -> Self {
        self.energy = Some(column.into());
        self
    }

    /// What the absorption is: an expression of columns, such as `ln(i0/itrans)`, `ifluor/i0` or `3`.
    pub fn mu(mut self, expression: impl Into<String>) -> Self {
        self.mu = Some(expression.into());
        self
    }
}

/// Something a reader noticed that does not forbid to use the numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// The line, from 1, where one can be named.
    pub line: Option<usize>,
    /// What is odd, in words.
    pub what: String,
}

/// A file that was read.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct SpectrumFile {
    /// The format's name, as in [`formats`], or that of a dialect or of the program that wrote the file.
    pub format: &'static str,
    /// What it holds.
    pub contents: Contents,
    /// What was noticed on the way.
    pub warnings: Vec<Warning>,
}

impl SpectrumFile {
    /// Reads a file whose format is recognised from its content.
    ///
    /// # Errors
    /// The file cannot be read, is in no known format, contradicts its format, or does not have the columns that the
    /// options name.
    pub fn open(path: impl AsRef<Path>, options: &ReadOptions) -> Result<Self> {
        Self::of(&Source::open(path.as_ref())?, options)
    }

    /// Reads the bytes of a file; messages call it `name`.
    ///
    /// ```
    /// use adatom_spectra::{Contents, ReadOptions, SpectrumFile};
    /// let file = SpectrumFile::from_bytes("a.dat", "# energy xmu\n1 0\n2 1\n3 1\n", &ReadOptions::default())?;
    /// assert!(matches!(file.contents, Contents::Xanes(spectra) if spectra[0].len() == 3));
    /// let error = SpectrumFile::from_bytes("a.png", "\x00", &ReadOptions::default()).unwrap_err();
    /// assert!(error.to_string().starts_with("a.png is in none of the spectrum formats"));
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
        Self::of(&Source::unpacked(name.as_ref(), bytes.into())?, options)
    }

    fn of(source: &Source, options: &ReadOptions) -> Result<Self> {
        if options.asked.is_some() {
            return scattering::read(source, options);
        }
        // Who names an energy or an absorption has a file of columns of absorption, whatever else it resembles.
        let absorption = options.energy.is_some() || options.mu.is_some();
        let fits = |reader: &&&dyn Reader| {
            !(absorption && reader.format() == scattering::Scattering.format()) && reader.recognises(source)
        };
        match READERS.iter().find(fits) {
            Some(reader) => reader.read(source, options),
            None => {
                let (path, looks_like) = (source.path.clone(), columns::looks_like(source));
                Err(Error::UnknownFormat { path, looks_like })
            }
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
    /// As [`SpectrumFile::open`]; the file holds several spectra, something else, or columns that it does not explain.
    pub fn open(path: impl AsRef<Path>, options: &ReadOptions) -> Result<Self> {
        let path = path.as_ref();
        let wrong = |what: String| Error::Ambiguous { path: path.into(), what };
        match SpectrumFile::open(path, options)?.contents {
            Contents::Xanes(mut spectra) if spectra.len() == 1 => Ok(spectra.remove(0)),
            Contents::Xanes(spectra) => {
                let names: Vec<&str> = spectra.iter().filter_map(Xanes::name).take(20).collect();
                let measured = spectra[0].name() == Some("transmission");
                let choose = if measured { "; choose one with the option mu" } else { "" };
                Err(wrong(format!("holds {} spectra, not one: {}{choose}", spectra.len(), names.join(", "))))
            }
            Contents::Columns(table) => Err(wrong(table.question())),
            Contents::Exafs(_) => Err(wrong("holds chi(k), not an absorption spectrum".into())),
            Contents::Pdf(_) | Contents::DifferentialPdf(_) => {
                Err(wrong("holds a PDF, not an absorption spectrum".into()))
            }
            Contents::Scattering(_) => Err(wrong("holds scattering, not an absorption spectrum".into())),
        }
    }
}

/// How files of one format are read. Neither method may panic or ask for memory beyond a fixed multiple of the
/// file's length, whatever the bytes.
trait Reader: Sync {
    /// The name of the format.
    fn format(&self) -> &'static str;

    /// What of the format can be read.
    fn about(&self) -> Format;

    /// Whether the file is of this format.
    fn recognises(&self, source: &Source) -> bool;

    /// What the file holds.
    fn read(&self, source: &Source, options: &ReadOptions) -> Result<SpectrumFile>;
}
