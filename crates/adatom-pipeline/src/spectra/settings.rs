//! Settings of tables of materials: rows, columns, and their calculation.

use std::path::PathBuf;

use adatom_core::Modality;
use adatom_crystal::Element;
use adatom_spectra::{NormalizationMethod, ReadOptions};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::feature::{FeatureChoice, FeatureKind};

/// What a row of a table describes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RowLevel {
    /// A site of the element.
    Site,
    /// A material: means over its sites, and counts only where all sites agree.
    #[default]
    Material,
}

/// The treatment of spectra that do not cover the energies of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SpectrumEnds {
    /// The material is left out.
    #[default]
    Refuse,
    /// The spectra are extended by their first and last value, if they cover nine tenths of the range.
    Hold,
}

/// Columns of files whose labels do not identify energy and absorption.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ColumnChoice {
    /// The column of the energy: its label or its number from 1, with its unit where the file lacks it.
    pub energy: Option<String>,
    /// The absorption as an expression of columns, such as `ln(i0/itrans)`.
    pub mu: Option<String>,
}

impl ColumnChoice {
    /// The same for the readers of spectra.
    #[must_use]
    pub fn read_options(&self) -> ReadOptions {
        let mut options = ReadOptions::default();
        if let Some(energy) = &self.energy {
            options = options.energy(energy);
        }
        match &self.mu {
            Some(mu) => options.mu(mu),
            None => options,
        }
    }
}

/// How neighbours are counted in a differential PDF, Å.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ShellSettings {
    /// Distance below which there is no neighbour.
    pub empty: f64,
    /// End of the first shell.
    pub first: f64,
    /// The largest distance at which neighbours are counted.
    pub last: f64,
}

impl ShellSettings {
    /// No neighbour below `empty`, the first shell up to `first`, all neighbours up to `last`.
    #[must_use]
    pub fn new(empty: f64, first: f64, last: f64) -> Self {
        Self { empty, first, last }
    }
}

/// 1.5, 2.2 and 4 Å, for bonds of copper and oxygen.
impl Default for ShellSettings {
    fn default() -> Self {
        Self::new(1.5, 2.2, 4.0)
    }
}

/// The settings of the stages that turn a folder of materials into a table.
///
/// ```
/// use adatom_pipeline::spectra::{RowLevel, TableSettings};
/// let settings = TableSettings::new("Cu".parse()?).level(RowLevel::Site).energies([8987.5, 9039.7]);
/// let text = serde_json::to_string(&settings)?;
/// assert!(
///     text.starts_with(r#"{"element":"Cu","modalities":["xanes","pdf","dpdf"],"level":"site""#),
///     "{text}"
/// );
/// assert_eq!(serde_json::from_str::<TableSettings>(&text)?, settings);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TableSettings {
    /// The element whose sites the table describes.
    #[serde(serialize_with = "symbol", deserialize_with = "element")]
    pub element: Element,
    /// The modalities: XANES, PDF, differential PDF.
    pub modalities: Vec<Modality>,
    /// What a row describes.
    pub level: RowLevel,
    /// First and last energy of the XANES, eV; none for the range that all spectra share.
    pub energies: Option<[f64; 2]>,
    /// The treatment of spectra that do not cover [`energies`](Self::energies).
    pub ends: SpectrumEnds,
    /// First and last distance of the PDFs, Å.
    pub distances: [f64; 2],
    /// Points of the grid of every modality.
    pub points: usize,
    /// How XANES are normalised; none for the edge step of measured spectra, calculated ones as they are.
    pub normalization: Option<NormalizationMethod>,
    /// The features of spectra.
    pub features: Vec<FeatureChoice>,
    /// How neighbours are counted where [`FeatureKind::Shells`] is among the features.
    pub shells: ShellSettings,
    /// Whether the differential PDF of a site is that of the site or that of its material.
    pub differential_of: RowLevel,
    /// Columns of files whose labels do not identify them.
    pub columns: ColumnChoice,
    /// A file of targets; none for labels calculated from the structures.
    pub labels: Option<PathBuf>,
    /// A list of the materials to use; none for all.
    pub materials: Option<PathBuf>,
    /// A list of materials that are excluded together with all others with the same formulas.
    pub exclude_formulas_of: Option<PathBuf>,
}

impl TableSettings {
    /// The usual table of an element: a row for each material; 100 values each of XANES, PDF and differential
    /// PDF.
    #[must_use]
    pub fn new(element: Element) -> Self {
        Self {
            element,
            modalities: vec![Modality::Xanes, Modality::Pdf, Modality::DifferentialPdf],
            level: RowLevel::Material,
            energies: None,
            ends: SpectrumEnds::Refuse,
            distances: [0.0, 9.99],
            points: 100,
            normalization: None,
            features: vec![FeatureChoice::all(FeatureKind::Values)],
            shells: ShellSettings::default(),
            differential_of: RowLevel::Material,
            columns: ColumnChoice::default(),
            labels: None,
            materials: None,
            exclude_formulas_of: None,
        }
    }

    /// The modalities. Default: XANES, PDF and differential PDF.
    #[must_use]
    pub fn modalities(mut self, modalities: impl IntoIterator<Item = Modality>) -> Self {
        self.modalities = modalities.into_iter().collect();
        self
    }

    /// What a row describes. Default: a material.
    #[must_use]
    pub fn level(mut self, level: RowLevel) -> Self {
        self.level = level;
        self
    }

    /// First and last energy of the XANES, eV. Default: the range that all spectra share.
    #[must_use]
    pub fn energies(mut self, range: [f64; 2]) -> Self {
        self.energies = Some(range);
        self
    }

    /// Points of the grid of every modality. Default: 100.
    #[must_use]
    pub fn points(mut self, points: usize) -> Self {
        self.points = points;
        self
    }

    /// A file with the columns `material`, `site` and one for each target. Default: labels from the
    /// structures.
    #[must_use]
    pub fn labels(mut self, file: impl Into<PathBuf>) -> Self {
        self.labels = Some(file.into());
        self
    }

    /// Whether the table has columns of a modality.
    pub(super) fn has(&self, modality: &Modality) -> bool {
        self.modalities.contains(modality)
    }

    /// The features of a modality, each once, in the order given.
    pub(super) fn features_of(&self, modality: &Modality) -> Vec<FeatureKind> {
        let mut features = Vec::new();
        for kind in self.features.iter().filter_map(|choice| choice.of(modality)) {
            if !features.contains(&kind) {
                features.push(kind);
            }
        }
        features
    }

    /// The PDF ends at the first multiple of 10 Å above the grid, as published ones do.
    pub(super) fn pdf_end(&self) -> f64 {
        10.0 * (self.distances[1] / 10.0).floor() + 10.0
    }
}

fn symbol<S: Serializer>(element: &Element, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(element)
}

fn element<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Element, D::Error> {
    let symbol = String::deserialize(deserializer)?;
    symbol.parse().map_err(serde::de::Error::custom)
}
