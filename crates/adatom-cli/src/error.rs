//! The errors of commands, with hints for the user.

use adatom::pipeline::Error as Pipeline;
pub(crate) use adatom::pipeline::with_sources;

/// An error of a command; everything but [`Interrupted`](Self::Interrupted) is exit status 1.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CliError {
    #[error(transparent)]
    Core(#[from] adatom::core::Error),
    #[error(transparent)]
    Patch(#[from] adatom::patch::Error),
    #[error(transparent)]
    Vae(#[from] adatom::vae::Error),
    #[error(transparent)]
    Train(#[from] adatom::vae::TrainError),
    #[error(transparent)]
    Table(#[from] adatom::core::TableError),
    #[error(transparent)]
    Spectra(#[from] adatom::spectra::Error),
    #[error(transparent)]
    Crystal(#[from] adatom::crystal::Error),
    #[error(transparent)]
    Synthetic(#[from] adatom::synthetic::Error),
    #[error(transparent)]
    Importance(#[from] adatom::interpret::ImportanceError),
    #[error(transparent)]
    Forest(#[from] adatom::forest::Error),
    #[error(transparent)]
    Latents(#[from] adatom::interpret::LatentError),
    #[error(transparent)]
    Plot(#[from] adatom::plot::Error),
    #[error(transparent)]
    Pipeline(Box<Pipeline>),
    #[error("{0}")]
    Argument(String),
    /// Ctrl-C; the text says how to continue.
    #[error("{resume}")]
    Interrupted { resume: String },
    /// The errors have been printed already.
    #[error("some files could not be read")]
    Reported,
}

impl From<Pipeline> for CliError {
    fn from(error: Pipeline) -> Self {
        Self::Pipeline(Box::new(error))
    }
}

impl CliError {
    /// The message of the error and of its causes, in one line, with a hint at an option if one
    /// helps.
    pub(crate) fn message(&self) -> String {
        match self {
            Self::Pipeline(error) => pipeline_message(error),
            Self::Patch(error) => with_hint(with_sources(error), patch_hint(error)),
            Self::Spectra(error) => with_hint(with_sources(error), spectra_hint(error)),
            _ => with_sources(self),
        }
    }
}

/// The message of a pipeline, with the program's options instead of the library's settings.
pub(crate) fn pipeline_message(error: &Pipeline) -> String {
    let text = with_sources(error);
    match error {
        Pipeline::Setting { setting, problem } => {
            let (option, hint) = option(setting);
            with_hint(format!("{option}: {problem}"), hint)
        }
        Pipeline::InFile { path, source } => format!("{}: {}", path.display(), pipeline_message(source)),
        Pipeline::Patch(error) => with_hint(text, patch_hint(error)),
        Pipeline::Spectra(error) => with_hint(text, spectra_hint(error)),
        Pipeline::NotEmpty { .. } => with_hint(text, "choose another folder, or --force to write into it"),
        Pipeline::Exists { .. } => with_hint(text, "choose another name, or --force to replace it"),
        Pipeline::Intensities(conflict) => with_hint(text, intensity_hint(*conflict)),
        Pipeline::TooManyClusters { .. } => format!("--clusters {text}"),
        Pipeline::TooManyTrials { .. } => format!("--explore: {text}"),
        Pipeline::NoSharedEnergies { .. } => with_hint(text, "--energies chooses a range"),
        Pipeline::Crystal(adatom::crystal::Error::SeveralCrystals { path, names }) => {
            let count = format!("{}: {} crystals", path.display(), names.len());
            format!("{count}; --block chooses one of {}", names.join(", "))
        }
        _ => text,
    }
}

/// The option of a setting, and a hint.
fn option(setting: &str) -> (&str, &str) {
    match setting {
        "calibration" => ("--calibrate", ""),
        "class" => ("--class", ""),
        "classes" => ("--classes", ""),
        "comparison" => ("--compare", "--modalities selects some of them"),
        "coverage" => ("--coverage", ""),
        "content from neighbours" => ("--content-from-neighbours", ""),
        "device" => ("--device", ""),
        "features" => ("--features", ""),
        "fields" => ("--field", ""),
        "forest" => ("forest", "--tune chooses among them"),
        "groups" => ("--split group", "--group names them"),
        "smoothness length" => ("--smooth lattice", "give a length in pixels"),
        "modalities" => ("--modalities", ""),
        "region" => ("--region", ""),
        "repeats" => ("--repeats", ""),
        "rows" => ("--rows", ""),
        "shells" => ("--shells", ""),
        "task" => ("--task regress", ""),
        "test fraction" => ("--test", ""),
        "unit cell" => ("--unit-cell auto", "give two vectors in pixels"),
        other => (other, ""),
    }
}

fn intensity_hint(conflict: adatom::pipeline::IntensityConflict) -> &'static str {
    use adatom::pipeline::IntensityConflict::{FlattenedCounts, OutsideUnitInterval, ScaledCounts};
    match conflict {
        OutsideUnitInterval => "--scaling standard needs --likelihood gaussian",
        ScaledCounts => "--likelihood poisson needs --scaling none",
        FlattenedCounts => "--likelihood poisson cannot be used with --flatten",
        _ => "",
    }
}

fn patch_hint(error: &adatom::patch::Error) -> &'static str {
    match error {
        adatom::patch::Error::NotFinite { .. } => "--fill replaces them",
        adatom::patch::Error::Stack { .. } => "give one image, or train on all of them",
        _ => "",
    }
}

fn spectra_hint(error: &adatom::spectra::Error) -> &'static str {
    use adatom::spectra::{Ambiguity, Error};
    match error {
        Error::Ambiguous { ambiguity: Ambiguity::Columns { .. }, .. } => "choose with --energy and --mu",
        Error::Ambiguous { ambiguity: Ambiguity::SeveralSpectra { names, .. }, .. }
            if names.iter().any(|name| name == "transmission") =>
        {
            "choose one with --mu"
        }
        Error::NoEdge { .. } | Error::UncertainEdge { .. } => "give its energy with --e0",
        _ => "",
    }
}

fn with_hint(fact: String, hint: &str) -> String {
    if hint.is_empty() { fact } else { format!("{fact}; {hint}") }
}
