//! The command line.

mod columns;
mod encode;
mod explore;
mod forest;
mod image;
mod interpretation;
mod regularisation;
mod spectra;
mod values;

use std::path::PathBuf;

use adatom::pipeline::output::Existing;
use clap::{Args, Parser, Subcommand};

pub(crate) use encode::Encode;
pub(crate) use forest::{Explain, Fit, Predict};
pub(crate) use image::ImageCommand;
pub(crate) use spectra::{Level, Normalize, Pdf, Table};

/// What `--force` means.
pub(crate) fn existing(force: bool) -> Existing {
    if force { Existing::Replace } else { Existing::Refuse }
}

/// Local structure in materials data: latent maps from microscope images, feature tables from spectra and
/// structures, random forests from tables.
#[derive(Debug, Parser)]
#[command(name = "adatom", version, propagate_version = true)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
    /// Print results as JSON on standard output, one object per line
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Number of threads [default: all cores]
    #[arg(long, global = true, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(crate) threads: Option<u16>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run the image and the spectra pipeline on generated data with known ground truth and write reports
    Demo(Demo),
    /// Show format and properties of files
    Inspect(Inspect),
    /// Train an autoencoder on the patches of an image; write latent maps and a report
    Image(Box<ImageCommand>),
    /// Encode the patches of another image with a trained model
    Encode(Encode),
    /// Normalise X-ray absorption spectra
    Normalize(Box<Normalize>),
    /// Calculate the pair distribution function of a structure
    Pdf(Box<Pdf>),
    /// Build a table of features and targets from a folder of structures and spectra
    Table(Box<Table>),
    /// Fit, tune and test a random forest on a table; report scores and importances
    Fit(Box<Fit>),
    /// Predict the target of the rows of a table with a fitted forest
    Predict(Predict),
    /// Explain the predictions of a fitted forest by the Shapley values of the columns
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
    /// Images, spectra, structures, tables and models
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }
}
