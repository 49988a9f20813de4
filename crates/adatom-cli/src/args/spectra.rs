//! The arguments of the commands for spectra and structures.

use std::path::PathBuf;

use adatom::core::Modality;
use adatom::crystal::{Baseline, Element, Radiation};
use adatom::pipeline::spectra::{ColumnChoice, PdfSettings, RowLevel, SpectrumEnds, TableSettings};
use adatom::spectra::{Normalization, NormalizationMethod};
use clap::{Args, ValueEnum};

use super::columns::{FeatureChoices, MaterialChoice};

/// An element on the command line.
pub(crate) type ElementName = Element;

fn parse_element(text: &str) -> Result<Element, String> {
    text.parse().map_err(|_| format!("`{text}` is not a chemical symbol"))
}

/// Columns of files that are not identified by their labels.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Columns")]
pub(crate) struct Columns {
    /// Column of the energy: its label or its number from 1, followed by the unit if the file does not state
    /// it
    #[arg(long, value_name = "COLUMN")]
    pub(crate) energy: Option<String>,
    /// Absorption as an expression of columns: `ln(i0/itrans)`, `ifluor/i0`, `3`
    #[arg(long, value_name = "EXPRESSION", allow_hyphen_values = true)]
    pub(crate) mu: Option<String>,
}

impl Columns {
    pub(crate) fn choice(&self) -> ColumnChoice {
        let mut choice = ColumnChoice::default();
        (choice.energy, choice.mu) = (self.energy.clone(), self.mu.clone());
        choice
    }
}

/// How a spectrum is normalised.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Method {
    /// The edge step
    Edge,
    /// The edge step with a constant pre-edge, for calculated spectra
    Calculated,
    /// The area
    Area,
    /// The largest value
    Maximum,
    /// The range from smallest to largest value
    Minmax,
    /// Nothing
    None,
}

impl From<Method> for NormalizationMethod {
    fn from(method: Method) -> Self {
        match method {
            Method::Edge => Self::EdgeStep,
            Method::Calculated => Self::Calculated,
            Method::Area => Self::Area,
            Method::Maximum => Self::Maximum,
            Method::Minmax => Self::MinMax,
            Method::None => Self::Unchanged,
        }
    }
}

/// How spectra are normalised.
#[derive(Debug, Args)]
#[command(next_help_heading = "Normalisation")]
pub(crate) struct Normalizing {
    /// Quantity to divide by [default: the edge step, determined as is appropriate for measured or calculated
    /// spectra]
    #[arg(long, value_enum)]
    pub(crate) method: Option<Method>,
    /// The energy of the edge, eV [default: where the absorption rises most steeply]
    #[arg(long, value_name = "EV")]
    e0: Option<f64>,
    /// The edge step [default: between the two fits at E0]
    #[arg(long, value_name = "STEP")]
    edge_step: Option<f64>,
    /// Start of the pre-edge range, eV relative to E0
    #[arg(long, value_name = "EV", allow_hyphen_values = true)]
    pre1: Option<f64>,
    /// End of the pre-edge range, eV relative to E0
    #[arg(long, value_name = "EV", allow_hyphen_values = true)]
    pre2: Option<f64>,
    /// Start of the post-edge range, eV relative to E0
    #[arg(long, value_name = "EV", allow_hyphen_values = true)]
    norm1: Option<f64>,
    /// End of the post-edge range, eV relative to E0; negative values count from the end
    #[arg(long, value_name = "EV", allow_hyphen_values = true)]
    norm2: Option<f64>,
    /// Degree of the post-edge polynomial, 0 to 5
    #[arg(long, value_name = "DEGREE")]
    nnorm: Option<usize>,
    /// Victoreen exponent: the pre-edge line is fitted to μ·E^POWER
    #[arg(long, value_name = "POWER", default_value_t = 0, allow_hyphen_values = true)]
    nvict: i32,
}

impl Normalizing {
    pub(crate) fn settings(&self) -> Normalization {
        let mut settings = Normalization::default().nvict(self.nvict);
        if let Some(method) = self.method {
            settings = settings.method(method.into());
        }
        if let Some(nnorm) = self.nnorm {
            settings = settings.nnorm(nnorm);
        }
        type Setter = fn(Normalization, f64) -> Normalization;
        let numbers: [(Option<f64>, Setter); 6] = [
            (self.e0, Normalization::e0),
            (self.edge_step, Normalization::edge_step),
            (self.pre1, Normalization::pre1),
            (self.pre2, Normalization::pre2),
            (self.norm1, Normalization::norm1),
            (self.norm2, Normalization::norm2),
        ];
        for (value, set) in numbers {
            if let Some(value) = value {
                settings = set(settings, value);
            }
        }
        settings
    }
}

#[derive(Debug, Args)]
pub(crate) struct Normalize {
    /// Files of absorption spectra: XDI, Athena projects, FEFF xmu.dat, Materials Project JSON, columns
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// The table to write: columns spectrum, energy, mu, pre_edge, post_edge, norm, flat
    #[arg(long, value_name = "FILE.csv")]
    pub(crate) out: PathBuf,
    #[command(flatten)]
    pub(crate) normalizing: Normalizing,
    #[command(flatten)]
    pub(crate) columns: Columns,
    /// Draw the spectra with their fits
    #[arg(long, value_name = "FILE.svg")]
    pub(crate) plot: Option<PathBuf>,
    /// Skip files that cannot be used and exit with status 0
    #[arg(long)]
    pub(crate) skip_bad: bool,
    /// Replace files that exist
    #[arg(long)]
    pub(crate) force: bool,
}

/// The radiation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum RadiationName {
    X,
    Neutron,
}

/// What is subtracted from a differential PDF.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum BaselineName {
    /// The fraction of pairs (diffpy)
    Number,
    /// The fraction of the scattering
    Scattering,
    /// Nothing
    Zero,
}

#[derive(Debug, Args)]
pub(crate) struct Pdf {
    /// A structure: CIF, POSCAR or extended XYZ
    pub(crate) structure: PathBuf,
    /// Crystal of a file with several: the name of a CIF block, or a number from 1
    #[arg(long, value_name = "NAME|N")]
    pub(crate) block: Option<String>,
    /// The file to write
    #[arg(long, value_name = "FILE.gr")]
    pub(crate) out: PathBuf,
    /// Calculate the differential PDF of this element instead of the total PDF
    #[arg(long, value_name = "SYMBOL", value_parser = parse_element)]
    pub(crate) element: Option<ElementName>,
    /// The first distance is the first multiple of --rstep from here, Å
    #[arg(long, default_value_t = 0.0)]
    rmin: f64,
    /// Distances end before this one, Å
    #[arg(long, default_value_t = 10.0)]
    rmax: f64,
    /// Distance between points, Å
    #[arg(long, default_value_t = 0.01)]
    rstep: f64,
    /// Smallest momentum transfer, 1/Å
    #[arg(long, default_value_t = 0.0)]
    qmin: f64,
    /// Largest momentum transfer, 1/Å; 0 for no limit
    #[arg(long, default_value_t = 0.0)]
    qmax: f64,
    /// Damping by limited resolution, 1/Å
    #[arg(long, default_value_t = 0.0)]
    qdamp: f64,
    /// Broadening by limited resolution, 1/Å
    #[arg(long, default_value_t = 0.0)]
    qbroad: f64,
    /// Sharpening by correlated motion, Å
    #[arg(long, default_value_t = 0.0)]
    delta1: f64,
    /// Sharpening by correlated motion, Å²
    #[arg(long, default_value_t = 0.0)]
    delta2: f64,
    /// Scale factor of G(r)
    #[arg(long, default_value_t = 1.0)]
    scale: f64,
    /// Isotropic displacement parameter of all atoms, Å² [default: those of the structure, 0.007 where it has
    /// none]
    #[arg(long)]
    uiso: Option<f64>,
    /// Diameter of spherical particles, Å; 0 for large crystals
    #[arg(long, default_value_t = 0.0)]
    diameter: f64,
    /// X-rays or neutrons
    #[arg(long, value_enum, default_value_t = RadiationName::X)]
    radiation: RadiationName,
    /// Baseline of a differential PDF
    #[arg(long, value_enum, default_value_t = BaselineName::Number)]
    baseline: BaselineName,
    /// Draw the PDF
    #[arg(long, value_name = "FILE.svg")]
    pub(crate) plot: Option<PathBuf>,
    /// Replace files that exist
    #[arg(long)]
    pub(crate) force: bool,
}

impl Pdf {
    pub(crate) fn settings(&self) -> PdfSettings {
        let mut settings = PdfSettings::default();
        settings.element = self.element;
        settings.block.clone_from(&self.block);
        (settings.rmin, settings.rmax, settings.rstep) = (self.rmin, self.rmax, self.rstep);
        (settings.qmin, settings.qmax) = (self.qmin, self.qmax);
        (settings.qdamp, settings.qbroad) = (self.qdamp, self.qbroad);
        (settings.delta1, settings.delta2) = (self.delta1, self.delta2);
        (settings.scale, settings.uiso, settings.diameter) = (self.scale, self.uiso, self.diameter);
        settings.radiation = match self.radiation {
            RadiationName::X => Radiation::XRay,
            RadiationName::Neutron => Radiation::Neutron,
        };
        settings.baseline = match self.baseline {
            BaselineName::Number => Baseline::ByNumber,
            BaselineName::Scattering => Baseline::ByScattering,
            BaselineName::Zero => Baseline::Zero,
        };
        settings
    }
}

/// A modality of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum TableModality {
    Xanes,
    Pdf,
    Dpdf,
}

impl From<TableModality> for Modality {
    fn from(modality: TableModality) -> Self {
        match modality {
            TableModality::Xanes => Self::Xanes,
            TableModality::Pdf => Self::Pdf,
            TableModality::Dpdf => Self::DifferentialPdf,
        }
    }
}

/// What a row of a table describes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Level {
    /// A site of the element
    Site,
    /// A material: means over its sites; counts such as the coordination number only if all sites agree
    Material,
}

impl From<Level> for RowLevel {
    fn from(level: Level) -> Self {
        match level {
            Level::Site => Self::Site,
            Level::Material => Self::Material,
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct Table {
    /// A folder of materials, each a folder with a structure (POSCAR, *.cif, ...) and, for each site, a
    /// folder SITE_ELEMENT (SITE: index in the structure, from 0) with its spectrum
    pub(crate) folder: PathBuf,
    /// Element whose sites the table describes
    #[arg(long, value_name = "SYMBOL", value_parser = parse_element)]
    pub(crate) element: ElementName,
    /// Modalities of the columns
    #[arg(long, value_enum, value_delimiter = ',', default_values = ["xanes", "pdf", "dpdf"])]
    pub(crate) modalities: Vec<TableModality>,
    /// The table to write; gzip where it ends in .gz
    #[arg(long, value_name = "TABLE.csv")]
    pub(crate) out: PathBuf,
    /// Targets from this file (columns material, site, then targets) instead of from the structures
    #[arg(long, value_name = "LABELS.csv")]
    pub(crate) labels: Option<PathBuf>,
    /// What a row of the table describes
    #[arg(long, value_enum, default_value_t = Level::Material)]
    pub(crate) level: Level,
    /// Energies of the XANES, eV: FIRST,LAST [default: those that all spectra share]
    #[arg(long, value_name = "FIRST,LAST", value_parser = parse_range)]
    pub(crate) energies: Option<[f64; 2]>,
    /// Extend spectra that start later or end earlier than --energies by their first and last value, as
    /// numpy.interp does, if they cover at least nine tenths of the range [default: refuse them]
    #[arg(long, requires = "energies")]
    pub(crate) hold_ends: bool,
    /// Distances of PDF and dPDF, Å: FIRST,LAST
    #[arg(long, value_name = "FIRST,LAST", value_parser = parse_range, default_value = "0,9.99")]
    pub(crate) distances: [f64; 2],
    /// Number of columns of each modality
    #[arg(
        long,
        value_name = "N",
        default_value_t = 100,
        value_parser = clap::value_parser!(u32).range(2..=100_000)
    )]
    pub(crate) points: u32,
    /// Normalise the XANES [default: the edge step for measured spectra, none for calculated ones]
    #[arg(long, value_name = "METHOD", value_enum)]
    pub(crate) normalize: Option<Method>,
    #[command(flatten)]
    pub(crate) features: FeatureChoices,
    #[command(flatten)]
    pub(crate) materials: MaterialChoice,
    #[command(flatten)]
    pub(crate) columns: Columns,
    /// Draw mean and standard deviation of each modality
    #[arg(long, value_name = "FILE.svg")]
    pub(crate) plot: Option<PathBuf>,
    /// Skip materials that cannot be used and exit with status 0
    #[arg(long)]
    pub(crate) skip_bad: bool,
    /// Replace files that exist
    #[arg(long)]
    pub(crate) force: bool,
}

impl Table {
    pub(crate) fn settings(&self) -> TableSettings {
        let mut settings = TableSettings::new(self.element)
            .modalities(self.modalities.iter().map(|&modality| modality.into()))
            .level(self.level.into())
            .points(self.points as usize);
        settings.energies = self.energies;
        settings.ends = if self.hold_ends { SpectrumEnds::Hold } else { SpectrumEnds::Refuse };
        settings.distances = self.distances;
        settings.normalization = self.normalize.map(Into::into);
        settings.columns = self.columns.choice();
        settings.labels.clone_from(&self.labels);
        self.features.add_to(&mut settings);
        settings.materials.clone_from(&self.materials.materials);
        settings.exclude_formulas_of.clone_from(&self.materials.exclude_formulas_of);
        settings
    }
}

fn parse_range(text: &str) -> Result<[f64; 2], String> {
    let (first, last) = text.split_once(',').ok_or("expected FIRST,LAST")?;
    let number = |part: &str| part.trim().parse::<f64>().ok().filter(|number| number.is_finite());
    match (number(first), number(last)) {
        (Some(first), Some(last)) if first < last => Ok([first, last]),
        _ => Err("expected two numbers, the smaller first".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_two_increasing_numbers() {
        assert_eq!(parse_range("8987.5,9039.7"), Ok([8987.5, 9039.7]));
        for wrong in ["1", "2,1", "1,nan", "1,1", "a,b"] {
            assert!(parse_range(wrong).is_err(), "{wrong}");
        }
    }
}
