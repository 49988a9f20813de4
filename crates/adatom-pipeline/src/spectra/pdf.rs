//! The pair distribution function of a structure.

use std::path::Path;

use adatom_crystal::{
    Baseline, Charges, Crystal, Displacement, Element, Error as CrystalError, PdfCalculator, Radiation,
};
use adatom_spectra::{DifferentialPdf, Pdf};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::error::{Error, with_sources};
use crate::observer::{Event, Observer};

/// Displacement parameter of structures without one, Å²; the value of published calculations.
const DEFAULT_UISO: f64 = 0.007;

/// The settings of the PDF of a structure.
///
/// ```
/// use adatom_pipeline::spectra::PdfSettings;
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("POSCAR");
/// let text = "CuO\n1.0\n0 2.1 2.1\n2.1 0 2.1\n2.1 2.1 0\nCu O\n1 1\ndirect\n0 0 0\n0.5 0.5 0.5\n";
/// std::fs::write(&path, text)?;
/// let mut settings = PdfSettings::default();
/// (settings.qmax, settings.rmax) = (30.0, 4.0);
/// let found = settings.run(&path, &())?;
/// // The highest peak is that of copper and copper at 4.2 / √2 Å.
/// assert!((found.pdf.distance().values()[found.highest()] - 2.97).abs() < 0.03);
/// found.save(&folder.path().join("cuo.gr"))?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct PdfSettings {
    /// The element of the differential PDF; none for the total one.
    #[serde(serialize_with = "symbol", deserialize_with = "element")]
    pub element: Option<Element>,
    /// The crystal of a file with several, by its name or its number from 1.
    pub block: Option<String>,
    /// The first distance is the first multiple of [`rstep`](Self::rstep) from here, Å.
    pub rmin: f64,
    /// Distances end before this one, Å.
    pub rmax: f64,
    /// Distance between points, Å.
    pub rstep: f64,
    /// Smallest momentum transfer, 1/Å.
    pub qmin: f64,
    /// Largest momentum transfer, 1/Å; 0 for no limit.
    pub qmax: f64,
    /// Damping by limited resolution, 1/Å.
    pub qdamp: f64,
    /// Broadening by limited resolution, 1/Å.
    pub qbroad: f64,
    /// Sharpening by correlated motion, Å.
    pub delta1: f64,
    /// Sharpening by correlated motion, Å².
    pub delta2: f64,
    /// Scale factor of G(r).
    pub scale: f64,
    /// Isotropic displacement parameter of all atoms, Å²; none for those of the structure, 0.007 where it has
    /// none.
    pub uiso: Option<f64>,
    /// Diameter of spherical particles, Å; 0 for large crystals.
    pub diameter: f64,
    /// X-rays or neutrons.
    pub radiation: Radiation,
    /// Baseline of a differential PDF.
    pub baseline: Baseline,
}

impl Default for PdfSettings {
    fn default() -> Self {
        Self {
            element: None,
            block: None,
            rmin: 0.0,
            rmax: 10.0,
            rstep: 0.01,
            qmin: 0.0,
            qmax: 0.0,
            qdamp: 0.0,
            qbroad: 0.0,
            delta1: 0.0,
            delta2: 0.0,
            scale: 1.0,
            uiso: None,
            diameter: 0.0,
            radiation: Radiation::XRay,
            baseline: Baseline::ByNumber,
        }
    }
}

/// A PDF with its crystal.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct CalculatedPdf {
    /// The crystal.
    pub crystal: Crystal,
    /// The total PDF, or the values of the differential one.
    pub pdf: Pdf,
    differential: Option<DifferentialPdf>,
}

impl PdfSettings {
    fn calculator(&self) -> PdfCalculator {
        let calculator = PdfCalculator::default()
            .rmin(self.rmin)
            .rmax(self.rmax)
            .rstep(self.rstep)
            .qmin(self.qmin)
            .qmax(self.qmax)
            .qdamp(self.qdamp)
            .qbroad(self.qbroad)
            .delta1(self.delta1)
            .delta2(self.delta2)
            .scale(self.scale)
            .spherical_diameter(self.diameter)
            .radiation(self.radiation)
            .baseline(self.baseline);
        match self.uiso {
            Some(uiso) => calculator.uniform_uiso(uiso),
            None => calculator.default_uiso(DEFAULT_UISO),
        }
    }

    /// Reads the structure and calculates its PDF.
    ///
    /// Where the structure states charges without a scattering factor, those of neutral atoms are used with
    /// an [`Event::Warning`]; atoms without displacements, which have no peaks, are an [`Event::Warning`] as
    /// well.
    ///
    /// # Errors
    ///
    /// [`Error::Crystal`] where the file is no structure or has several crystals; [`Error::DataSet`] where it
    /// lacks the requested one or its PDF cannot be calculated.
    pub fn run(&self, path: &Path, observer: &dyn Observer) -> Result<CalculatedPdf, Error> {
        let crystal = self.crystal(path)?;
        let sharp = |site: &adatom_crystal::Site| site.displacement() == Some(Displacement::Isotropic(0.0));
        if self.uiso.is_none() && crystal.sites().iter().any(sharp) {
            let text = format!("{}: atoms with U_iso = 0 do not contribute to the PDF", path.display());
            observer.event(&Event::Warning(&text));
        }
        let named =
            |error: CrystalError| Error::DataSet { path: path.to_owned(), problem: with_sources(&error) };
        let calculator = self.suited(&crystal, observer);
        let (pdf, differential) = match self.element {
            Some(element) => {
                let differential = calculator.differential(&crystal, element).map_err(named)?;
                (differential.pdf().clone(), Some(differential))
            }
            None => (calculator.total(&crystal).map_err(named)?, None),
        };
        Ok(CalculatedPdf { crystal, pdf, differential })
    }

    /// The crystal of the file, or the requested one.
    fn crystal(&self, path: &Path) -> Result<Crystal, Error> {
        let Some(block) = &self.block else { return Ok(Crystal::open(path)?) };
        let mut crystals = Crystal::open_all(path)?;
        let named = crystals.iter().position(|crystal| crystal.name() == Some(block));
        let numbered = block.parse::<usize>().ok().and_then(|number| number.checked_sub(1));
        match named.or(numbered).filter(|&at| at < crystals.len()) {
            Some(at) => Ok(crystals.swap_remove(at)),
            None => {
                let problem = format!("no crystal {block:?} among {}", crystals.len());
                Err(Error::DataSet { path: path.to_owned(), problem })
            }
        }
    }

    /// Databases contain charges without a scattering factor, such as Cu3+.
    fn suited(&self, crystal: &Crystal, observer: &dyn Observer) -> PdfCalculator {
        let calculator = self.calculator();
        match calculator.total(crystal) {
            Err(error @ CrystalError::NoParameter { .. }) => {
                let text = format!("{error}; the scattering factors of neutral atoms are used");
                observer.event(&Event::Warning(&text));
                calculator.charges(Charges::Ignored)
            }
            _ => calculator,
        }
    }
}

impl CalculatedPdf {
    /// The name of the function, in words.
    #[must_use]
    pub fn name(&self) -> String {
        match &self.differential {
            Some(differential) => format!("differential PDF of {}", differential.element()),
            None => "PDF".to_owned(),
        }
    }

    /// Writes a `.gr` file.
    ///
    /// # Errors
    ///
    /// [`Error::Spectra`] where it cannot be written.
    pub fn save(&self, path: &Path) -> Result<(), Error> {
        match &self.differential {
            Some(differential) => differential.save_gr(path)?,
            None => self.pdf.save_gr(path)?,
        }
        Ok(())
    }

    /// The index of the highest point.
    #[must_use]
    pub fn highest(&self) -> usize {
        let g = self.pdf.g();
        (0..self.pdf.len()).max_by(|&left, &right| g[left].total_cmp(&g[right])).unwrap_or(0)
    }
}

fn symbol<S: Serializer>(element: &Option<Element>, serializer: S) -> Result<S::Ok, S::Error> {
    element.map(|element| element.symbol()).serialize(serializer)
}

fn element<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Element>, D::Error> {
    let symbol = Option::<String>::deserialize(deserializer)?;
    symbol.map(|symbol| symbol.parse().map_err(serde::de::Error::custom)).transpose()
}
