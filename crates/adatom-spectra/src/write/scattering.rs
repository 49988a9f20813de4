//! Writes PDFs and total scattering: `.gr`, `.fq`, `.sq`, `.iq` as PDFgui, diffpy and this crate read them, and CSV.
//!
//! | part | is |
//! |---|---|
//! | `# text` | every comment of the metadata |
//! | `key = value` | every entry of the metadata, in its order |
//! | `differential_pdf_element = Cu` | in a differential PDF |
//! | `#### start data`, `#S 1`, `#L r($\AA$)  G($\AA^{-2}$)` | the mark and the labels |
//! | rows | every digit that tells a number from its neighbours; an unknown uncertainty is 0 |

use std::io::{self, Write};
use std::path::Path;

use adatom_core::write_whole;
use ndarray::ArrayView1;

use crate::read::DIFFERENTIAL_ELEMENT;
use crate::{DifferentialPdf, Element, Error, Metadata, Pdf, Result, ScatteringKind, StructureFunction};

impl Pdf {
    /// Writes a `.gr` that PDFgui, diffpy and [`SpectrumFile::open`](crate::SpectrumFile::open) read back: the
    /// metadata as header, then r, G, and dr, dG where either is known. Line ends in metadata become blanks.
    ///
    /// # Errors
    /// [`Error::Io`] when the file cannot be written.
    ///
    /// ```
    /// use adatom_spectra::{Contents, DistanceGrid, Metadata, Pdf, SpectrumFile};
    /// # let folder = tempfile::tempdir()?;
    /// let mut metadata = Metadata::default();
    /// metadata.push("qmax", "26.0");
    /// let pdf = Pdf::new(DistanceGrid::new(vec![0.0, 0.1])?, vec![0.0, -1.0 / 3.0])?.with_metadata(metadata);
    /// pdf.save_gr(folder.path().join("ni.gr"))?;
    /// let Contents::Pdf(read) = SpectrumFile::open(folder.path().join("ni.gr"), &Default::default())?.contents else {
    ///     panic!()
    /// };
    /// assert_eq!((read.g(), read.metadata().number("qmax")), (pdf.g(), Some(26.0)));
    /// assert!(pdf.save_gr(folder.path().join("missing/ni.gr")).is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn save_gr(&self, path: impl AsRef<Path>) -> Result<()> {
        whole(path.as_ref(), |file| write_gr(file, self, None))
    }

    /// Writes the columns as CSV under labels with units; the metadata are not in it.
    ///
    /// # Errors
    /// [`Error::Io`] when the file cannot be written.
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
    /// Writes a `.gr` as [`Pdf::save_gr`], with the element in the header, by which
    /// [`SpectrumFile::open`](crate::SpectrumFile::open) knows it again; other programs read it as any G(r).
    ///
    /// # Errors
    /// [`Error::Io`] when the file cannot be written.
    ///
    /// ```
    /// use adatom_spectra::{Contents, DifferentialPdf, DistanceGrid, Pdf, SpectrumFile};
    /// # let folder = tempfile::tempdir()?;
    /// let pdf = Pdf::new(DistanceGrid::new(vec![0.0, 0.1])?, vec![0.0, -0.5])?;
    /// DifferentialPdf::new("Cu".parse()?, pdf).save_gr(folder.path().join("cu.gr"))?;
    /// let file = SpectrumFile::open(folder.path().join("cu.gr"), &Default::default())?;
    /// let Contents::DifferentialPdf(read) = file.contents else { panic!() };
    /// assert_eq!(read.element().symbol(), "Cu");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn save_gr(&self, path: impl AsRef<Path>) -> Result<()> {
        whole(path.as_ref(), |file| write_gr(file, self.pdf(), Some(self.element())))
    }

    /// Writes the columns as [`Pdf::save_csv`]; the element is not in it.
    ///
    /// # Errors
    /// [`Error::Io`] when the file cannot be written.
    pub fn save_csv(&self, path: impl AsRef<Path>) -> Result<()> {
        self.pdf().save_csv(path)
    }
}

impl StructureFunction {
    /// Writes Q and the function, with its uncertainty where it is known, under a header that says which function it
    /// is; the customary ends of the name are `.fq`, `.sq` and `.iq`.
    ///
    /// # Errors
    /// [`Error::Io`] when the file cannot be written.
    ///
    /// ```
    /// use adatom_spectra::{Contents, ScatteringKind, SpectrumFile, StructureFunction, WavenumberGrid};
    /// # let folder = tempfile::tempdir()?;
    /// let q = WavenumberGrid::new(vec![0.5, 1.0])?;
    /// let f = StructureFunction::new(ScatteringKind::Reduced, q, vec![-0.1, 0.1])?;
    /// f.save(folder.path().join("ni.fq"))?;
    /// let file = SpectrumFile::open(folder.path().join("ni.fq"), &Default::default())?;
    /// let Contents::Scattering(read) = file.contents else { panic!() };
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

    /// Writes the columns as CSV under labels with units; the metadata are not in it.
    ///
    /// # Errors
    /// [`Error::Io`] when the file cannot be written.
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

fn whole(path: &Path, content: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<()> {
    let failed = |source| Error::Io { path: path.into(), doing: "write", source };
    write_whole(path, |file| content(file)).map_err(failed)
}

/// r, G, and both uncertainties where one of them is known.
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
        // This text alone would be taken for the beginning of the numbers.
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
    between: &str,
) -> io::Result<()> {
    let rows = columns[0].map_or(0, |axis| axis.len());
    for row in 0..rows {
        for (at, column) in columns.iter().enumerate() {
            let before = if at == 0 { "" } else { between };
            match column {
                // The shortest text that reads back as the same number.
                Some(values) => write!(file, "{before}{:?}", values[row])?,
                None => write!(file, "{before}0")?,
            }
        }
        writeln!(file)?;
    }
    Ok(())
}
