//! The command line.

mod cell;
mod columns;
mod explore;
mod forest;
mod latent_wishes;
mod latents;
mod spectra;

use std::path::PathBuf;
use std::str::FromStr;

use adatom::patch::{Fill, ScalingMethod, Window};
use adatom::pipeline::output::Existing;
use adatom::vae::{Invariance, Likelihood};
use clap::{Args, Parser, Subcommand, ValueEnum};

pub(crate) use cell::{Cell, parse_cell};
pub(crate) use explore::{Explore, InvarianceSet};
pub(crate) use forest::{Explain, Fit, Predict};
pub(crate) use latent_wishes::{LatentWishes, SmoothLength};
pub(crate) use latents::{ClusterCount, Fields, parse_clusters};
pub(crate) use spectra::{Level, Normalize, Pdf, Table};

/// What `--force` means.
pub(crate) fn existing(force: bool) -> Existing {
    if force { Existing::Replace } else { Existing::Refuse }
}

/// Local structure in materials data: microscope images to maps of latent order parameters, spectra and structures to
/// tables, tables to forests that predict.
#[derive(Debug, Parser)]
#[command(name = "adatom", version, propagate_version = true)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
    /// Print results as one JSON object a line on standard output
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Threads to compute with [default: all cores]
    #[arg(long, global = true, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(crate) threads: Option<u16>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run both stories, an image and spectra, on generated data with known truth and write reports
    Demo(Demo),
    /// Say what each file is
    Inspect(Inspect),
    /// Learn the patches of an image and write latent maps and a report
    Image(Box<ImageCommand>),
    /// Encode the patches of another image with a trained model
    Encode(Encode),
    /// Normalise X-ray absorption spectra
    Normalize(Box<Normalize>),
    /// Calculate the pair distribution function of a structure
    Pdf(Box<Pdf>),
    /// Turn a folder of structures and spectra into one table of features and targets
    Table(Box<Table>),
    /// Fit a forest to a table, tune it, test it, and say what it is worth
    Fit(Box<Fit>),
    /// Predict the target of the rows of a table with a fitted forest
    Predict(Predict),
    /// Say which columns spoke for what a fitted forest predicts of the rows of a table
    Explain(Explain),
}

#[derive(Debug, Args)]
pub(crate) struct Demo {
    /// Folder for the report and all results
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,
    /// A smaller lattice, fewer oxides and a shorter training: 15 to 30 seconds on two cores
    #[arg(long)]
    pub(crate) quick: bool,
    /// Seed of the lattice, the oxides, the training and the forests
    #[arg(long, default_value_t = 7)]
    pub(crate) seed: u64,
    /// Write into a folder that is not empty
    #[arg(long)]
    pub(crate) force: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Inspect {
    /// Files to look at: images, spectra, structures, tables and models
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
}

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
    /// Encode only windows inside the image, or one around every pixel of the image mirrored at its edges
    #[arg(long, value_enum, default_value_t = Edge::Valid)]
    pub(crate) edge: Edge,
    /// Scale this image by its own intensities (the model's method) instead of with the numbers of the training image
    #[arg(long)]
    pub(crate) rescale: bool,
    /// Which of several signals of a scan, such as "Current backward" [default: the forward height Z,
    /// or the first one that is not constant]
    #[arg(long, value_name = "NAME")]
    pub(crate) signal: Option<String>,
    /// Replace pixels that are not finite: mean, median, nearest or a number
    #[arg(long, value_parser = parse_fill)]
    pub(crate) fill: Option<Fill>,
    /// Write the latents as a table for `adatom fit` as well: a row a patch, fields as targets
    #[arg(long, value_name = "FILE.csv")]
    pub(crate) table: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) fields: Fields,
    /// Replace files where they exist
    #[arg(long)]
    pub(crate) force: bool,
}

/// What becomes of windows that reach beyond the image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Edge {
    Valid,
    Reflect,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct ImageCommand {
    /// One or several images or stacks (NPY, TIFF, PNG, SER); all train one model
    #[arg(required = true, value_name = "IMAGE")]
    pub(crate) images: Vec<PathBuf>,
    /// Folder for the results
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,
    /// Window of a patch in pixels: N or ROWSxCOLUMNS
    #[arg(long, default_value = "32", value_parser = parse_window)]
    pub(crate) window: Window,
    #[command(flatten)]
    pub(crate) place: Place,
    #[command(flatten)]
    pub(crate) intensity: Intensity,
    #[command(flatten)]
    pub(crate) model: Model,
    #[command(flatten)]
    pub(crate) training: Training,
    #[command(flatten)]
    pub(crate) wishes: LatentWishes,
    #[command(flatten)]
    pub(crate) interpretation: Interpretation,
    #[command(flatten)]
    pub(crate) explore: Explore,
    /// Go on with an interrupted training in the same folder
    #[arg(long)]
    pub(crate) resume: bool,
    /// Write into a folder that is not empty
    #[arg(long)]
    pub(crate) force: bool,
}

/// Where the patches lie.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Patches")]
#[group(multiple = false)]
pub(crate) struct Place {
    /// A regular grid: N or ROWSxCOLUMNS pixels between patches [default: an eighth of the window]
    #[arg(long, value_parser = parse_pair)]
    pub(crate) stride: Option<[usize; 2]>,
    /// So many patches at random positions
    #[arg(long, value_name = "N")]
    pub(crate) random: Option<usize>,
    /// Patches around the positions in this file (columns `row,column`, in pixels; fractions are interpolated)
    #[arg(long, value_name = "FILE.csv")]
    pub(crate) centres: Option<PathBuf>,
    /// Patches around the sites of the lattice: the bright places of the image without what does not repeat
    #[arg(long)]
    pub(crate) sites: bool,
}

#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Intensities")]
pub(crate) struct Intensity {
    /// minmax, percentile:LOW,HIGH, standard (Gaussian likelihood) or none
    #[arg(long, default_value = "minmax", value_parser = parse_scaling)]
    pub(crate) scaling: ScalingMethod,
    /// Scale every image by itself instead of all together
    #[arg(long)]
    pub(crate) scale_each: bool,
    /// Subtract the background: the image smoothed with a Gaussian of this standard deviation in pixels
    #[arg(long, value_name = "SIGMA")]
    pub(crate) flatten: Option<f64>,
    /// Which of several signals of a scan, such as "Current backward" [default: the forward height Z,
    /// or the first one that is not constant]
    #[arg(long, value_name = "NAME")]
    pub(crate) signal: Option<String>,
    /// Replace pixels that are not finite: mean, median, nearest or a number
    #[arg(long, value_parser = parse_fill)]
    pub(crate) fill: Option<Fill>,
}

#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Model")]
pub(crate) struct Model {
    /// What the decoder undoes: shift, rotation, scale, or none
    #[arg(long, value_delimiter = ',', default_value = "shift")]
    pub(crate) invariances: Vec<InvarianceName>,
    /// Content latents
    #[arg(long, default_value_t = 2)]
    pub(crate) latent: usize,
    /// How far a pattern may move: prior standard deviation of the shift, where the window spans [-1, 1]
    #[arg(long, default_value_t = 0.1)]
    pub(crate) dx_prior: f64,
    /// The shift lives on the cell of a lattice, whose edge it does not feel: `auto`, the smallest cell that repeats in the
    /// first image, or its two vectors in pixels, such as 16,0,0,16 (rows and columns of each)
    #[arg(long, value_name = "auto|R,C,R,C", conflicts_with = "dx_prior", value_parser = parse_cell, allow_hyphen_values = true)]
    pub(crate) cell: Option<Cell>,
    /// How much finer the untrained decoder draws: factor of its initial weights of coordinates
    #[arg(long, value_name = "FACTOR", default_value_t = 1.0)]
    pub(crate) frequency: f64,
    /// Fourier features of the coordinates: waves of about so many periods across the window
    #[arg(long, value_name = "PERIODS", conflicts_with = "frequency")]
    pub(crate) fourier: Option<f64>,
    /// Widths of the hidden layers
    #[arg(long, value_delimiter = ',', default_value = "128,128")]
    pub(crate) hidden: Vec<usize>,
    /// Likelihood of a pixel
    #[arg(long, value_enum, default_value_t = LikelihoodName::Bernoulli)]
    pub(crate) likelihood: LikelihoodName,
    /// Standard deviation of the likelihood `gaussian`
    #[arg(long, default_value_t = 0.5)]
    pub(crate) sigma: f64,
}

#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Training")]
pub(crate) struct Training {
    /// How often every patch is used
    #[arg(long, default_value_t = 20)]
    pub(crate) epochs: usize,
    /// Patches of a step
    #[arg(long, default_value_t = 100)]
    pub(crate) batch: usize,
    /// End an epoch after so many steps, each with another random choice of patches
    #[arg(long, value_name = "N")]
    pub(crate) steps: Option<usize>,
    /// Score in each step this random fraction of the pixels of every patch
    #[arg(long, value_name = "FRACTION", default_value_t = 0.25)]
    pub(crate) pixels: f64,
    /// Step size of Adam
    #[arg(long, default_value_t = 1e-3)]
    pub(crate) learning_rate: f64,
    /// Weight of the KL divergence
    #[arg(long, default_value_t = 1.0)]
    pub(crate) beta: f64,
    /// Raise the weight of the KL divergence from 0 over so many epochs
    #[arg(long, value_name = "EPOCHS")]
    pub(crate) warm_up: Option<usize>,
    /// Fraction of the patches that is scored but never trained on
    #[arg(long, default_value_t = 0.0)]
    pub(crate) held_out: f64,
    /// Stop when the loss has not fallen for so many epochs
    #[arg(long, value_name = "EPOCHS")]
    pub(crate) patience: Option<usize>,
    /// Seed: the same seed gives the same bytes
    #[arg(long, default_value_t = 0)]
    pub(crate) seed: u64,
    /// Where to compute
    #[arg(long, value_enum, default_value_t = DeviceName::Cpu)]
    pub(crate) device: DeviceName,
}

/// How the latents are looked at.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Interpretation")]
pub(crate) struct Interpretation {
    /// Put the patches into so many clusters by their content (k-means), or `auto`: the number from 2 to 8 with the
    /// largest mean silhouette
    #[arg(long, value_name = "K|auto", value_parser = parse_clusters)]
    pub(crate) clusters: Option<ClusterCount>,
    #[command(flatten)]
    pub(crate) fields: Fields,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum InvarianceName {
    Shift,
    Rotation,
    Scale,
    None,
}

impl InvarianceName {
    pub(crate) fn invariance(self) -> Option<Invariance> {
        match self {
            Self::Shift => Some(Invariance::Shift),
            Self::Rotation => Some(Invariance::Rotation),
            Self::Scale => Some(Invariance::Scale),
            Self::None => None,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LikelihoodName {
    Bernoulli,
    ContinuousBernoulli,
    /// Normal noise of a fixed standard deviation, --sigma
    Gaussian,
    /// Normal noise whose standard deviation is learnt
    GaussianLearned,
    /// Normal noise with a learnt standard deviation for every pixel of the window
    GaussianPerPixel,
    /// Counts as they were measured, with --scaling none
    Poisson,
}

impl LikelihoodName {
    pub(crate) fn likelihood(self, sigma: f64) -> Likelihood {
        match self {
            Self::Bernoulli => Likelihood::Bernoulli,
            Self::ContinuousBernoulli => Likelihood::ContinuousBernoulli,
            Self::Gaussian => Likelihood::Gaussian { sigma },
            Self::GaussianLearned => Likelihood::GaussianLearned,
            Self::GaussianPerPixel => Likelihood::GaussianPerPixel,
            Self::Poisson => Likelihood::Poisson,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum DeviceName {
    Cpu,
    Cuda,
    Metal,
}

fn parse_pair(text: &str) -> Result<[usize; 2], String> {
    let side = |part: &str| match usize::from_str(part.trim()) {
        Ok(0) | Err(_) => Err(format!("`{part}` is not a positive whole number")),
        Ok(side) => Ok(side),
    };
    match text.split_once(['x', 'X']) {
        Some((rows, columns)) => Ok([side(rows)?, side(columns)?]),
        None => side(text).map(|both| [both, both]),
    }
}

fn parse_window(text: &str) -> Result<Window, String> {
    parse_pair(text).map(|[height, width]| Window::new(height, width))
}

fn parse_scaling(text: &str) -> Result<ScalingMethod, String> {
    let number = |part: &str| part.trim().parse::<f64>().map_err(|_| format!("`{part}` is not a number"));
    match text.split_once(':') {
        None => match text {
            "minmax" => Ok(ScalingMethod::MinMax),
            "standard" => Ok(ScalingMethod::Standard),
            "none" => Ok(ScalingMethod::None),
            "percentile" => Ok(ScalingMethod::Percentile { low: 0.1, high: 99.9 }),
            _ => Err("expected minmax, percentile:LOW,HIGH, standard or none".into()),
        },
        Some(("percentile", bounds)) => {
            let (low, high) = bounds.split_once(',').ok_or("expected percentile:LOW,HIGH")?;
            Ok(ScalingMethod::Percentile { low: number(low)?, high: number(high)? })
        }
        Some(_) => Err("expected minmax, percentile:LOW,HIGH, standard or none".into()),
    }
}

fn parse_fill(text: &str) -> Result<Fill, String> {
    match text {
        "mean" => Ok(Fill::Mean),
        "median" => Ok(Fill::Median),
        "nearest" => Ok(Fill::Nearest),
        number => match number.parse::<f32>() {
            Ok(value) if value.is_finite() => Ok(Fill::Value(value)),
            _ => Err("expected mean, median, nearest or a number".into()),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn windows_and_scalings_are_read() {
        assert_eq!(parse_window("32x24"), Ok(Window::new(32, 24)));
        assert!(parse_window("0").is_err());
        assert_eq!(parse_scaling("percentile:1,99"), Ok(ScalingMethod::Percentile { low: 1.0, high: 99.0 }));
        assert!(parse_fill("nan").is_err());
    }
}
