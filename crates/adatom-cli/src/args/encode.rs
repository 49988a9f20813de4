//! The arguments of `adatom encode`.

use std::path::PathBuf;

use adatom::patch::Fill;
use adatom::pipeline::image::{EncodeSettings, IntensityScale};
use clap::{Args, ValueEnum};

use super::interpretation::Fields;
use super::values::{parse_fill, parse_pair};

#[derive(Debug, Args)]
pub(crate) struct Encode {
    /// A model that `adatom image` wrote
    pub(crate) model: PathBuf,
    /// The image to encode
    pub(crate) image: PathBuf,
    /// The file to write
    #[arg(long, value_name = "FILE.npz")]
    pub(crate) out: PathBuf,
    /// Pixels between patches: N or ROWSxCOLUMNS; 1 encodes every position
    #[arg(long, default_value = "1", value_parser = parse_pair)]
    pub(crate) stride: [usize; 2],
    /// Windows at the edges: only those inside the image, or one around every pixel of the image, which is
    /// reflected at its edges
    #[arg(long, value_enum, default_value_t = Edge::Valid)]
    pub(crate) edge: Edge,
    /// Scale the image by its own intensities, by the method of the model, instead of with the scaling of the
    /// training image
    #[arg(long)]
    pub(crate) rescale: bool,
    /// Which of several signals of a scan, such as "Current backward" [default: the forward height Z,
    /// or the first one that is not constant]
    #[arg(long, value_name = "NAME")]
    pub(crate) signal: Option<String>,
    /// Replace pixels that are not finite: mean, median, nearest or a number
    #[arg(long, value_parser = parse_fill)]
    pub(crate) fill: Option<Fill>,
    /// Also write the latents as a table for `adatom fit`: one row per patch, fields as targets
    #[arg(long, value_name = "FILE.csv")]
    pub(crate) table: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) fields: Fields,
    /// Replace files where they exist
    #[arg(long)]
    pub(crate) force: bool,
}

/// How windows that extend beyond the image are treated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Edge {
    Valid,
    Reflect,
}

impl Encode {
    pub(crate) fn settings(&self) -> EncodeSettings {
        use adatom::pipeline::image::Edge as PipelineEdge;
        let mut settings = EncodeSettings::default();
        settings.source.signal.clone_from(&self.signal);
        settings.source.fill = self.fill;
        settings.stride = self.stride;
        settings.edge = match self.edge {
            Edge::Valid => PipelineEdge::Valid,
            Edge::Reflect => PipelineEdge::Reflect,
        };
        settings.scale = if self.rescale { IntensityScale::Own } else { IntensityScale::Training };
        settings
    }
}
