//! Spectrum files: which format a file has, and what it holds.
//!
//! A format is one file of this folder with one [`Reader`], and one line in [`READERS`]. A reader sees all bytes of the
//! file, so that whatever a header promises can be compared with what is there before memory is asked for.

mod scattering;
mod source;

use std::path::Path;

use crate::{DifferentialPdf, Error, Pdf, Result, StructureFunction, Xanes};
pub(crate) use scattering::DIFFERENTIAL_ELEMENT;
pub use scattering::ScatteringAxis;
use source::Source;

/// The formats, in the order in which a file is offered to them: those with a signature first, bare columns last.
const READERS: [&dyn Reader; 1] = [&scattering::Scattering];

/// What a file holds.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Contents {
    /// Absorption spectra, at least one.
    Xanes(Vec<Xanes>),
    /// A pair distribution function.
    Pdf(Pdf),
    /// The part of a pair distribution function that one element takes part in.
    DifferentialPdf(DifferentialPdf),
    /// I(Q), S(Q) or F(Q).
    Scattering(StructureFunction),
}

/// What a caller knows about a file that the file does not say.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ReadOptions {
    energy: Option<String>,
    mu: Option<String>,
    asked: Option<scattering::Asked>,
    axis: Option<scattering::ScatteringAxis>,
}

impl ReadOptions {
    /// Which column is the energy: its label, or its number from 1.
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
    /// The format's name, such as `XDI`.
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
    /// The file cannot be read, is in no known format, contradicts its format, or does not say what its columns are.
    pub fn open(path: impl AsRef<Path>, options: &ReadOptions) -> Result<Self> {
        let path = path.as_ref();
        let source = Source::open(path)?;
        if options.asked.is_some() {
            return scattering::read(&source, options);
        }
        match READERS.into_iter().find(|reader| reader.recognises(&source)) {
            Some(reader) => reader.read(&source, options),
            None => Err(Error::UnknownFormat { path: path.into(), looks_like: None }),
        }
    }
}

/// How files of one format are read. Neither method may panic or ask for memory beyond a fixed multiple of the
/// file's length, whatever the bytes.
trait Reader: Sync {
    /// The name of the format.
    #[expect(dead_code, reason = "names are listed when all readers are there")]
    fn format(&self) -> &'static str;

    /// Whether the file is of this format.
    fn recognises(&self, source: &Source) -> bool;

    /// What the file holds.
    fn read(&self, source: &Source, options: &ReadOptions) -> Result<SpectrumFile>;
}
