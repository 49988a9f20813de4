//! What a caller can say of a file of scattering that does not say it.

use crate::read::ReadOptions;
use crate::{Element, ScatteringKind};

/// What the first column of a file of scattering is.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum ScatteringAxis {
    /// Momentum transfer in 1/Å.
    PerAngstrom,
    /// Momentum transfer in 1/nm.
    PerNanometre,
    /// Scattering angle 2θ in degrees, of radiation with a wavelength in Å: Q = 4π sin(θ) / λ.
    TwoTheta {
        /// Wavelength in Å.
        wavelength: f64,
    },
}

/// What a caller says that a file holds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::read) enum Asked {
    Pdf,
    DifferentialPdf(Element),
    Scattering(ScatteringKind),
}

impl ReadOptions {
    /// The file holds a PDF G(r), where the file itself says neither this nor anything else.
    pub fn pdf(mut self) -> Self {
        self.asked = Some(Asked::Pdf);
        self
    }

    /// The G(r) of the file is the differential PDF of an element, where the file does not say so itself.
    pub fn differential_pdf(mut self, element: Element) -> Self {
        self.asked = Some(Asked::DifferentialPdf(element));
        self
    }

    /// Which function of Q the file holds, where the file does not say so itself. A `.chi` that has no header is read
    /// as scattering only with this, because EXAFS χ(k) bears the same name.
    ///
    /// ```
    /// use adatom_spectra::{Contents, ReadOptions, ScatteringKind, SpectrumFile};
    /// # let folder = tempfile::tempdir()?;
    /// # let path = folder.path().join("integrated.chi");
    /// std::fs::write(&path, "0.5 10.0\n0.6 12.5\n0.7 11.0\n")?;
    /// let error = SpectrumFile::open(&path, &ReadOptions::default()).unwrap_err();
    /// assert!(error.to_string().contains("ReadOptions::scattering"), "{error}");
    /// let options = ReadOptions::default().scattering(ScatteringKind::Intensity);
    /// let Contents::Scattering(intensity) = SpectrumFile::open(&path, &options)?.contents else { panic!() };
    /// assert_eq!(intensity.q().last(), 0.7);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn scattering(mut self, kind: ScatteringKind) -> Self {
        self.asked = Some(Asked::Scattering(kind));
        self
    }

    /// What the first column of a file of scattering is, where the file does not say so itself; default: Q in 1/Å.
    pub fn scattering_axis(mut self, axis: ScatteringAxis) -> Self {
        self.axis = Some(axis);
        self
    }
}
