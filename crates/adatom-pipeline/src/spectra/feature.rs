//! Features of spectra in a table: their values, or quantities calculated from them.

use std::fmt;
use std::str::FromStr;

use adatom_core::Modality;
use adatom_spectra::{DerivativeOrder, Feature};
use serde::{Deserialize, Serialize};

/// Features of a spectrum.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum FeatureKind {
    /// The values.
    Values,
    /// The first derivative at every point.
    Slope,
    /// The second derivative at every point.
    Curvature,
    /// The fraction of the integral up to every point.
    Cumulative,
    /// Coefficients of cubic polynomials through 4, 5, 10 and 20 parts.
    Polynomials,
    /// Of a differential PDF: mean distance and number of the neighbours up to every distance.
    Shells,
}

impl FeatureKind {
    /// All kinds with their names.
    pub const ALL: [(&'static str, Self); 6] = [
        ("values", Self::Values),
        ("slope", Self::Slope),
        ("curvature", Self::Curvature),
        ("cumulative", Self::Cumulative),
        ("polynomials", Self::Polynomials),
        ("shells", Self::Shells),
    ];

    /// The features of values on a grid; none for shells, which are counted on the PDF's own points.
    pub(super) fn on_grid(self) -> Vec<Feature> {
        match self {
            Self::Values => vec![Feature::Pointwise],
            Self::Slope => vec![Feature::Derivative(DerivativeOrder::First)],
            Self::Curvature => vec![Feature::Derivative(DerivativeOrder::Second)],
            Self::Cumulative => vec![Feature::Cumulative],
            Self::Polynomials => Feature::multiscale().to_vec(),
            Self::Shells => Vec::new(),
        }
    }
}

/// A feature of one modality, or of all: `values`, `dpdf:shells`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct FeatureChoice {
    modality: Option<Modality>,
    kind: FeatureKind,
}

/// A text is not the name of a feature.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ParseFeatureError {
    /// An unknown kind of feature.
    #[error("`{0}` is not one of values, slope, curvature, cumulative, polynomials, shells")]
    Kind(String),
    /// Not a modality of a table of materials.
    #[error("`{0}` is not one of xanes, pdf, dpdf")]
    Modality(String),
    /// Shells of another modality than the differential PDF.
    #[error("shells are features of differential PDFs only: dpdf:shells")]
    Shells,
}

impl FeatureChoice {
    /// A feature of all modalities that have it.
    #[must_use]
    pub fn all(kind: FeatureKind) -> Self {
        Self { modality: None, kind }
    }

    /// Its kind, if the modality has this feature.
    pub(super) fn of(&self, modality: &Modality) -> Option<FeatureKind> {
        let own = self.modality.as_ref().is_none_or(|own| own == modality);
        let counted = self.kind != FeatureKind::Shells || *modality == Modality::DifferentialPdf;
        (own && counted).then_some(self.kind)
    }
}

impl FromStr for FeatureChoice {
    type Err = ParseFeatureError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (modality, name) = match text.split_once(':') {
            None => (None, text),
            Some((modality, name)) => (Some(table_modality(modality)?), name),
        };
        let known = FeatureKind::ALL.iter().find(|(known, _)| *known == name);
        let (_, kind) = *known.ok_or_else(|| ParseFeatureError::Kind(name.to_owned()))?;
        let shells = kind == FeatureKind::Shells;
        if shells && modality.as_ref().is_some_and(|own| *own != Modality::DifferentialPdf) {
            return Err(ParseFeatureError::Shells);
        }
        Ok(Self { modality, kind })
    }
}

/// A modality that a table of materials can have.
fn table_modality(name: &str) -> Result<Modality, ParseFeatureError> {
    match name {
        "xanes" => Ok(Modality::Xanes),
        "pdf" => Ok(Modality::Pdf),
        "dpdf" => Ok(Modality::DifferentialPdf),
        _ => Err(ParseFeatureError::Modality(name.to_owned())),
    }
}

impl fmt::Display for FeatureChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(modality) = &self.modality {
            write!(f, "{modality}:")?;
        }
        let name = FeatureKind::ALL.iter().find(|(_, kind)| *kind == self.kind);
        f.write_str(name.map_or("", |(name, _)| name))
    }
}

impl From<FeatureChoice> for String {
    fn from(choice: FeatureChoice) -> Self {
        choice.to_string()
    }
}

impl TryFrom<String> for FeatureChoice {
    type Error = ParseFeatureError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spectra::TableSettings;

    #[test]
    fn features_belong_to_all_modalities_or_to_one() {
        let mut settings = TableSettings::new("Cu".parse().unwrap());
        let features = ["values", "dpdf:shells", "xanes:slope", "values"];
        settings.features = features.map(|text| text.parse().unwrap()).into();
        let of = |modality| settings.features_of(&modality);
        assert_eq!(of(Modality::Xanes), [FeatureKind::Values, FeatureKind::Slope]);
        assert_eq!(of(Modality::DifferentialPdf), [FeatureKind::Values, FeatureKind::Shells]);
        assert_eq!(of(Modality::Pdf), [FeatureKind::Values]);
        for wrong in ["", "xanes", "exafs:values", "xanes:shells", "values:xanes"] {
            assert!(wrong.parse::<FeatureChoice>().is_err(), "{wrong}");
        }
    }
}
