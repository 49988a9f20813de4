//! PDFs and total scattering as `.gr`, `.fq`, `.sq`, `.iq`, readable by PDFgui, diffpy and this crate, and as
//! CSV.
//!
//! | part | content |
//! |---|---|
//! | `# text` | the comments of the metadata |
//! | `key = value` | the entries of the metadata, in order |
//! | `differential_pdf_element = Cu` | in a differential PDF |
//! | `#### start data`, `#S 1`, `#L r($\AA$)  G($\AA^{-2}$)` | start of the data and labels |
//! | rows | numbers with all digits; an unknown uncertainty is 0 |

use std::io::{self, Write};
use std::path::Path;

use ndarray::ArrayView1;

use super::whole;
use crate::pdf::DIFFERENTIAL_ELEMENT;
use crate::{DifferentialPdf, Element, Metadata, Pdf, Result, ScatteringKind, StructureFunction};

impl Pdf {
    /// Writes a `.gr` that PDFgui, diffpy and [`SpectrumFile::open`](crate::SpectrumFile::open) can read: the
    /// metadata as header, then r, G and, where one of them is known, dr and dG. Line ends in metadata become
    /// blanks.
    ///
    /// # Errors
    /// [`Error::Io`](crate::Error::Io) when the file cannot be written.
    ///
    /// ```
    /// use adatom_spectra::{Contents, DistanceGrid, Metadata, Pdf, SpectrumFile};
    /// # let folder = tempfile::tempdir()?;
    /// let mut metadata = Metadata::default();
    /// metadata.push("qmax", "26.0");
    /// let pdf = Pdf::new(DistanceGrid::new(vec![0.0, 0.1])?, vec![0.0, -1.0 / 3.0])?;
    /// let pdf = pdf.with_metadata(metadata);
    /// pdf.save_gr(folder.path().join("ni.gr"))?;
    /// let file = SpectrumFile::open(folder.path().join("ni.gr"), &Default::default())?;
    /// let Contents::Pdf(read) = file.contents else { panic!("the file holds a PDF") };
    /// assert_eq!((read.g(), read.metadata().number("qmax")), (pdf.g(), Some(26.0)));
    /// assert!(pdf.save_gr(folder.path().join("missing/ni.gr")).is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn save_gr(&self, path: impl AsRef<Path>) -> Result<()> {
        whole(path.as_ref(), |file| write_gr(file, self, None))
    }

    /// Writes the columns as CSV with units in the labels, without the metadata.
    ///
    /// # Errors
    /// [`Error::Io`](crate::Error::Io) when the file cannot be written.
    pub fn save_csv(&self, path: impl AsRef<Path>) -> Result<()> {
        let columns = columns_of(self);
        let labels = ["r(A)", "G(A^-2)", "dr(A)", "dG(A^-2)"];
        whole(path.as_ref(), |file| {
            writeln!(file, "{}", labels[..columns.len()].join(","))?;
            write_rows(file, &columns, ",")
        })
    }
}

impl DifferentialPdf {
    /// Writes a `.gr` as [`Pdf::save_gr`] does, with the element in the header, by which
    /// [`SpectrumFile::open`](crate::SpectrumFile::open) recognises a differential PDF; other programs read a
    /// G(r).
    ///
    /// # Errors
    /// [`Error::Io`](crate::Error::Io) when the file cannot be written.
    ///
    /// ```
    /// use adatom_spectra::{Contents, DifferentialPdf, DistanceGrid, Pdf, SpectrumFile};
    /// # let folder = tempfile::tempdir()?;
    /// let pdf = Pdf::new(DistanceGrid::new(vec![0.0, 0.1])?, vec![0.0, -0.5])?;
    /// DifferentialPdf::new("Cu".parse()?, pdf).save_gr(folder.path().join("cu.gr"))?;
    /// let file = SpectrumFile::open(folder.path().join("cu.gr"), &Default::default())?;
    /// let Contents::DifferentialPdf(read) = file.contents else { panic!("it holds a differential PDF") };
    /// assert_eq!(read.element().symbol(), "Cu");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn save_gr(&self, path: impl AsRef<Path>) -> Result<()> {
        whole(path.as_ref(), |file| write_gr(file, self.pdf(), Some(self.element())))
    }

    /// Writes the columns as [`Pdf::save_csv`] does, without the element.
    ///
    /// # Errors
    /// [`Error::Io`](crate::Error::Io) when the file cannot be written.
    pub fn save_csv(&self, path: impl AsRef<Path>) -> Result<()> {
        self.pdf().save_csv(path)
    }
}

impl StructureFunction {
    /// Writes Q, the function and, where it is known, its uncertainty, with labels that identify the
    /// function. The usual extensions are `.fq`, `.sq` and `.iq`.
    ///
    /// # Errors
    /// [`Error::Io`](crate::Error::Io) when the file cannot be written.
    ///
    /// ```
    /// use adatom_spectra::{Contents, ScatteringKind, SpectrumFile, StructureFunction, WavenumberGrid};
    /// # let folder = tempfile::tempdir()?;
    /// let q = WavenumberGrid::new(vec![0.5, 1.0])?;
    /// let f = StructureFunction::new(ScatteringKind::Reduced, q, vec![-0.1, 0.1])?;
    /// f.save(folder.path().join("ni.fq"))?;
    /// let file = SpectrumFile::open(folder.path().join("ni.fq"), &Default::default())?;
    /// let Contents::Scattering(read) = file.contents else { panic!("the file holds scattering") };
    /// assert_eq!((read.kind(), read.values()), (f.kind(), f.values()));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn save(&self, path: impl AsRef<Path>) -> Result<()> {
        let labels = match self.kind() {
            ScatteringKind::Intensity => [r"Q($\AA^{-1}$)", "I", "dI"],
            ScatteringKind::Structure => [r"Q($\AA^{-1}$)", "S", "dS"],
            ScatteringKind::Reduced => [r"Q($\AA^{-1}$)", r"F($\AA^{-1}$)", r"dF($\AA^{-1}$)"],
        };
        let columns = self.columns();
        whole(path.as_ref(), |file| {
            write_metadata(file, self.metadata(), None)?;
            write_start(file, &labels[..columns.len()])?;
            write_rows(file, &columns, " ")
        })
    }

    /// Writes the columns as CSV with units in the labels, without the metadata.
    ///
    /// # Errors
    /// [`Error::Io`](crate::Error::Io) when the file cannot be written.
    pub fn save_csv(&self, path: impl AsRef<Path>) -> Result<()> {
        let labels = match self.kind() {
            ScatteringKind::Intensity => ["Q(A^-1)", "I", "dI"],
            ScatteringKind::Structure => ["Q(A^-1)", "S", "dS"],
            ScatteringKind::Reduced => ["Q(A^-1)", "F(A^-1)", "dF(A^-1)"],
        };
        let columns = self.columns();
        whole(path.as_ref(), |file| {
            writeln!(file, "{}", labels[..columns.len()].join(","))?;
            write_rows(file, &columns, ",")
        })
    }

    fn columns(&self) -> Vec<Option<ArrayView1<'_, f64>>> {
        let mut columns = vec![Some(self.q().values()), Some(self.values())];
        columns.extend(self.uncertainty().map(Some));
        columns
    }
}

/// r, G and, where one of them is known, both uncertainties.
fn columns_of(pdf: &Pdf) -> Vec<Option<ArrayView1<'_, f64>>> {
    let mut columns = vec![Some(pdf.distance().values()), Some(pdf.g())];
    let uncertainties = [pdf.distance_uncertainty(), pdf.uncertainty()];
    if uncertainties.iter().any(Option::is_some) {
        columns.extend(uncertainties);
    }
    columns
}

fn write_gr(file: &mut dyn Write, pdf: &Pdf, element: Option<Element>) -> io::Result<()> {
    let columns = columns_of(pdf);
    write_metadata(file, pdf.metadata(), element)?;
    let labels = [r"r($\AA$)", r"G($\AA^{-2}$)", r"dr($\AA$)", r"dG($\AA^{-2}$)"];
    write_start(file, &labels[..columns.len()])?;
    write_rows(file, &columns, " ")
}

fn write_metadata(file: &mut dyn Write, metadata: &Metadata, element: Option<Element>) -> io::Result<()> {
    for comment in metadata.comments().flat_map(str::lines) {
        let plain = comment.trim_start_matches('#').trim_start().to_ascii_lowercase();
        // Unguarded, this text would be read as the start of the data.
        let guard = if plain.starts_with("start data") { "- " } else { "" };
        let mark = if comment.starts_with('#') && guard.is_empty() { "" } else { "# " };
        writeln!(file, "{mark}{guard}{}", on_one_line(comment))?;
    }
    if let Some(element) = element {
        writeln!(file, "{DIFFERENTIAL_ELEMENT} = {element}")?;
    }
    for (key, value) in metadata.entries() {
        if key.eq_ignore_ascii_case(DIFFERENTIAL_ELEMENT) {
            continue;
        }
        writeln!(file, "{} = {}", on_one_line(&key.replace('=', " ")), on_one_line(value))?;
    }
    Ok(())
}

fn on_one_line(text: &str) -> String {
    text.replace(['\n', '\r', '\0'], " ").trim().to_owned()
}

fn write_start(file: &mut dyn Write, labels: &[&str]) -> io::Result<()> {
    writeln!(file, "#### start data\n#S 1\n#L {}", labels.join("  "))
}

fn write_rows(
    file: &mut dyn Write,
    columns: &[Option<ArrayView1<'_, f64>>],
    separator: &str,
) -> io::Result<()> {
    let rows = columns[0].map_or(0, |axis| axis.len());
    for row in 0..rows {
        for (at, column) in columns.iter().enumerate() {
            let before = if at == 0 { "" } else { separator };
            match column {
                // The shortest text that parses to the same number.
                Some(values) => write!(file, "{before}{:?}", values[row])?,
                None => write!(file, "{before}0")?,
            }
        }
        writeln!(file)?;
    }
    Ok(())
}
