//! Which columns and which rows a table has: features of modalities, and lists of materials.

use std::path::PathBuf;

use adatom::spectra::{DerivativeOrder, Feature};
use clap::{Args, ValueEnum};

use super::spectra::TableModality;

/// Numbers that stand for a spectrum.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum FeatureName {
    /// The values
    Values,
    /// The first derivative at every point
    Slope,
    /// The second derivative at every point
    Curvature,
    /// The share of the integral up to every point
    Cumulative,
    /// Coefficients of cubic polynomials through 4, 5, 10 and 20 parts
    Polynomials,
    /// Of a differential PDF: mean distance and number of the neighbours up to every distance
    Shells,
}

impl FeatureName {
    /// What is made of values on the grid; nothing of the shells, which are counted on the PDF's own points.
    pub(crate) fn on_grid(self) -> Vec<Feature> {
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

/// A feature of one modality, or of all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct FeatureChoice {
    modality: Option<TableModality>,
    feature: FeatureName,
}

impl std::str::FromStr for FeatureChoice {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (modality, feature) = match text.split_once(':') {
            Some((modality, feature)) => (Some(TableModality::from_str(modality, false)?), feature),
            None => (None, text),
        };
        let feature = FeatureName::from_str(feature, false).map_err(|_| {
            let known: Vec<_> =
                FeatureName::value_variants().iter().filter_map(ValueEnum::to_possible_value).collect();
            let known: Vec<_> = known.iter().map(|value| value.get_name()).collect();
            format!("`{feature}` is none of {}", known.join(", "))
        })?;
        if feature == FeatureName::Shells && modality.is_some_and(|modality| modality != TableModality::Dpdf)
        {
            return Err("shells are those of a differential PDF: dpdf:shells".into());
        }
        Ok(Self { modality, feature })
    }
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Features")]
pub(crate) struct FeatureChoices {
    /// What stands for a spectrum: values, slope, curvature, cumulative, polynomials, and shells (dpdf alone); of all
    /// modalities, or of one: `values,dpdf:shells`
    #[arg(long, value_name = "[MODALITY:]FEATURE,...", value_delimiter = ',', default_value = "values")]
    features: Vec<FeatureChoice>,
    /// Shells: no atom is nearer than EMPTY, the first shell reaches up to FIRST, neighbours are counted every 0.05 Å
    /// from EMPTY to LAST (Å)
    #[arg(
        long,
        value_name = "EMPTY,FIRST,LAST",
        value_delimiter = ',',
        num_args = 1,
        default_value = "1.5,2.2,4"
    )]
    pub(crate) shells: Vec<f64>,
    /// The differential PDF of a row of a site is that of its material, or its own, which cannot be measured
    #[arg(long, value_name = "LEVEL", value_enum, default_value_t = super::Level::Material)]
    pub(crate) dpdf_of: super::Level,
}

impl FeatureChoices {
    /// The features of a modality, each once, in the order in which they are asked for.
    pub(crate) fn of(&self, modality: TableModality) -> Vec<FeatureName> {
        let mut features = Vec::new();
        for choice in self.features.iter().filter(|choice| choice.modality.is_none_or(|of| of == modality)) {
            let wrong = choice.feature == FeatureName::Shells && modality != TableModality::Dpdf;
            if !wrong && !features.contains(&choice.feature) {
                features.push(choice.feature);
            }
        }
        features
    }
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Materials")]
pub(crate) struct MaterialChoice {
    /// Only the materials of this list: names of folders, one a line
    #[arg(long, value_name = "FILE")]
    pub(crate) only: Option<PathBuf>,
    /// None of the materials of this list, nor another one of their formulas: rows to learn from, where those of the list
    /// are to be predicted
    #[arg(long, value_name = "FILE")]
    pub(crate) apart_from: Option<PathBuf>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn features_belong_to_all_modalities_or_to_one() {
        let features = ["values", "dpdf:shells", "xanes:slope", "values"].map(|text| text.parse().unwrap());
        let choices = FeatureChoices {
            features: features.into(),
            shells: Vec::new(),
            dpdf_of: super::super::Level::Material,
        };
        assert_eq!(choices.of(TableModality::Xanes), [FeatureName::Values, FeatureName::Slope]);
        assert_eq!(choices.of(TableModality::Dpdf), [FeatureName::Values, FeatureName::Shells]);
        assert_eq!(choices.of(TableModality::Pdf), [FeatureName::Values]);
        for wrong in ["", "xanes", "exafs:values", "xanes:shells", "values:xanes"] {
            assert!(wrong.parse::<FeatureChoice>().is_err(), "{wrong}");
        }
    }
}
