//! The arguments that choose how latents are interpreted.

use adatom::interpret::FieldSampling;
use adatom::pipeline::image::{ClusterCount, FieldFile, InterpretationSettings};
use clap::{Args, ValueEnum};

/// Fields on the image.
#[derive(Debug, Clone, Args)]
pub(crate) struct Fields {
    /// A quantity known at every pixel of the image: an array of the image's shape (NPY, TIFF, PNG, SER; NaN
    /// where it is not known). May be given several times
    #[arg(long = "field", value_name = "NAME=FILE", value_parser = parse_field)]
    files: Vec<FieldFile>,
    /// Sampling of fields: the value at the centre of a patch, or the mean over its window
    #[arg(long, value_enum, default_value_t = FieldAt::Centre)]
    field_at: FieldAt,
    /// Side in pixels of the squares that the table names as `group:block` [default: two windows or an eighth
    /// of the image, whichever is larger]
    #[arg(long, value_name = "PIXELS", value_parser = parse_block)]
    block: Option<f64>,
}

/// How a field is sampled for a patch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum FieldAt {
    /// Value at the centre of the patch
    Centre,
    /// Mean over the window of the patch
    Window,
}

impl From<FieldAt> for FieldSampling {
    fn from(at: FieldAt) -> Self {
        match at {
            FieldAt::Centre => Self::Centre,
            FieldAt::Window => Self::WindowMean,
        }
    }
}

impl Fields {
    pub(crate) fn settings(&self) -> InterpretationSettings {
        let mut settings = InterpretationSettings::default();
        settings.fields.clone_from(&self.files);
        settings.field_sampling = self.field_at.into();
        settings.block = self.block;
        settings
    }
}

pub(crate) fn parse_clusters(text: &str) -> Result<ClusterCount, String> {
    match (text, text.parse::<usize>()) {
        ("auto", _) => Ok(ClusterCount::Best),
        (_, Ok(count)) if (2..=1000).contains(&count) => Ok(ClusterCount::Given(count)),
        _ => Err("expected a whole number from 2 to 1000, or auto".into()),
    }
}

fn parse_field(text: &str) -> Result<FieldFile, String> {
    match text.split_once('=') {
        Some((name, path)) if !name.trim().is_empty() && !path.is_empty() => {
            Ok(FieldFile::new(name.trim(), path))
        }
        _ => Err("expected NAME=FILE".into()),
    }
}

fn parse_block(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(side) if side.is_finite() && side >= 1.0 => Ok(side),
        _ => Err("expected a number of pixels, at least 1".into()),
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    #[test]
    fn fields_and_clusters_are_read() {
        let field = parse_field("strain=a=b.npy").unwrap();
        assert_eq!((field.name(), field.path()), ("strain", &PathBuf::from("a=b.npy")));
        assert!(["strain", "=a.npy", "strain="].iter().all(|text| parse_field(text).is_err()));
        assert_eq!(parse_clusters("auto"), Ok(ClusterCount::Best));
        assert_eq!(parse_clusters("3"), Ok(ClusterCount::Given(3)));
        assert!(["1", "0", "-2", "many", "99999999999"].iter().all(|text| parse_clusters(text).is_err()));
        assert!(["0", "nan", "inf", "-4"].iter().all(|text| parse_block(text).is_err()));
    }
}
