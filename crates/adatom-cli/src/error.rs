//! What ends a command early.

use std::path::{Path, PathBuf};

pub(crate) use adatom::pipeline::with_sources;

/// What ends a command early; everything but [`Interrupted`](Self::Interrupted) is exit status 1.
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
    Pipeline(#[from] adatom::pipeline::Error),
    #[error("{path}: {source}", path = .path.display())]
    File { path: PathBuf, source: std::io::Error },
    /// A file or folder of a data set that cannot be used.
    #[error("{path}: {problem}", path = .path.display())]
    DataSet { path: PathBuf, problem: String },
    #[error("{path}: {problem}", path = .path.display())]
    Centres { path: PathBuf, problem: String },
    #[error("{0}")]
    Argument(String),
    /// Ctrl-C; the text says how to go on.
    #[error("{resume}")]
    Interrupted { resume: String },
    /// The errors have been printed already.
    #[error("some files could not be read")]
    Reported,
}

impl CliError {
    pub(crate) fn file(path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        move |source| Self::File { path: path.to_owned(), source }
    }
}

impl CliError {
    /// The message of the error and of what caused it, in one line, with the option that helps where there is one.
    pub(crate) fn message(&self) -> String {
        use adatom::patch::Error as Patch;
        use adatom::pipeline::Error as Pipeline;
        let text = with_sources(self);
        let hint = match self {
            Self::Patch(Patch::NotFinite { .. })
            | Self::Pipeline(Pipeline::Patch(Patch::NotFinite { .. })) => "--fill replaces them",
            Self::Patch(Patch::Stack { .. }) | Self::Pipeline(Pipeline::Patch(Patch::Stack { .. })) => {
                "give one image, or train on all of them"
            }
            Self::Pipeline(Pipeline::NotEmpty { .. }) => "choose another folder, or --force to write into it",
            Self::Pipeline(Pipeline::Exists { .. }) => "choose another name, or --force to replace it",
            _ => return text,
        };
        format!("{text}; {hint}")
    }
}

/// The message of an error of spectra and of what caused it, with the option that helps where there is one.
pub(crate) fn spectra_message(error: &adatom::spectra::Error) -> String {
    use adatom::spectra::{Ambiguity, Error};
    let text = with_sources(error);
    let hint = match error {
        Error::Ambiguous { ambiguity: Ambiguity::Columns { .. }, .. } => "choose with --energy and --mu",
        Error::Ambiguous { ambiguity: Ambiguity::SeveralSpectra { names, .. }, .. }
            if names.iter().any(|name| name == "transmission") =>
        {
            "choose one with --mu"
        }
        _ => return text,
    };
    format!("{text}; {hint}")
}
