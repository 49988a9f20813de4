//! Which columns and which rows a table has: features of modalities, and lists of materials.

use std::path::PathBuf;

use adatom::pipeline::spectra::{FeatureChoice, ShellSettings, TableSettings};
use clap::Args;

#[derive(Debug, Args)]
#[command(next_help_heading = "Features")]
pub(crate) struct FeatureChoices {
    /// What represents a spectrum: values, slope (first derivative), curvature (second derivative),
    /// cumulative (share of the integral), polynomials (coefficients of fits to parts), and shells (of dpdf:
    /// distances and numbers of neighbours); of all modalities, or of one: `values,dpdf:shells`
    #[arg(long, value_name = "[MODALITY:]FEATURE,...", value_delimiter = ',', default_value = "values")]
    features: Vec<FeatureChoice>,
    /// Shells: no atom is nearer than EMPTY, the first shell reaches up to FIRST, neighbours are counted
    /// every 0.05 Å from EMPTY to LAST (Å)
    #[arg(long, value_name = "EMPTY,FIRST,LAST", value_parser = parse_shells, default_value = "1.5,2.2,4")]
    shells: ShellSettings,
    /// Which differential PDF describes a site: that of its material, or that of the site itself, which
    /// cannot be measured
    #[arg(long, value_name = "LEVEL", value_enum, default_value_t = super::Level::Material)]
    dpdf_of: super::Level,
}

impl FeatureChoices {
    pub(super) fn add_to(&self, settings: &mut TableSettings) {
        settings.features.clone_from(&self.features);
        settings.shells = self.shells;
        settings.differential_of = self.dpdf_of.into();
    }
}

fn parse_shells(text: &str) -> Result<ShellSettings, String> {
    let numbers: Vec<f64> = text.split(',').map_while(|part| part.trim().parse().ok()).collect();
    match numbers[..] {
        [empty, first, last] => Ok(ShellSettings::new(empty, first, last)),
        _ => Err("expected three numbers EMPTY,FIRST,LAST".into()),
    }
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Materials")]
pub(crate) struct MaterialChoice {
    /// Use only the materials listed in this file: names of folders, one per line
    #[arg(long, value_name = "FILE")]
    pub(crate) materials: Option<PathBuf>,
    /// Exclude the materials listed in this file and all other materials with the same formulas, for example
    /// to keep the compounds of a test set out of the training rows
    #[arg(long, value_name = "FILE")]
    pub(crate) exclude_formulas_of: Option<PathBuf>,
}
