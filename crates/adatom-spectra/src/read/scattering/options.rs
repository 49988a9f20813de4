//! Options for files of PDFs and total scattering that do not identify their content.

use crate::read::ReadOptions;
use crate::{Element, ScatteringKind};

/// The first column of a file of total scattering.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum ScatteringAxis {
    /// The momentum transfer Q in 1/Å.
    PerAngstrom,
    /// The momentum transfer Q in 1/nm.
    PerNanometre,
    /// The scattering angle 2θ in degrees: Q = 4π sin(θ) / λ.
    TwoTheta {
        /// The wavelength λ in Å.
        wavelength: f64,
    },
}

/// The content of a file as stated by the caller.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::read) enum StatedContent {
    Pdf,
    DifferentialPdf(Element),
    Scattering(ScatteringKind),
}

impl ReadOptions {
    /// States that the file contains a PDF G(r). Labels and header of the file take precedence.
    pub fn pdf(mut self) -> Self {
        self.content = Some(StatedContent::Pdf);
        self
    }

    /// States that the file contains the differential PDF of an element. Labels and header of the file take
    /// precedence.
    pub fn differential_pdf(mut self, element: Element) -> Self {
        self.content = Some(StatedContent::DifferentialPdf(element));
        self
    }

    /// States which function of Q the file contains. Labels and header of the file take precedence. A `.chi`
    /// without header is read as scattering only with this option, because it may be an EXAFS χ(k).
    ///
    /// ```
    /// use adatom_spectra::{Contents, Error, ReadOptions, ScatteringKind, SpectrumFile};
    /// # let folder = tempfile::tempdir()?;
    /// # let path = folder.path().join("integrated.chi");
    /// std::fs::write(&path, "0.5 10.0\n0.6 12.5\n0.7 11.0\n")?;
    /// let error = SpectrumFile::open(&path, &ReadOptions::default()).unwrap_err();
    /// assert!(matches!(error, Error::Ambiguous { .. }));
    /// let options = ReadOptions::default().scattering(ScatteringKind::Intensity);
    /// let file = SpectrumFile::open(&path, &options)?;
    /// let Contents::Scattering(intensity) = file.contents else { panic!("the file holds I(Q)") };
    /// assert_eq!(intensity.q().last(), 0.7);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn scattering(mut self, kind: ScatteringKind) -> Self {
        self.content = Some(StatedContent::Scattering(kind));
        self
    }

    /// States what the first column is. Labels and header of the file take precedence. Default: Q in 1/Å.
    pub fn scattering_axis(mut self, axis: ScatteringAxis) -> Self {
        self.axis = Some(axis);
        self
    }
}
