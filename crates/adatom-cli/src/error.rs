//! What ends a command early.

use std::path::{Path, PathBuf};

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
    Table(#[from] adatom::core::TableError),
    #[error(transparent)]
    Spectra(#[from] adatom::spectra::Error),
    #[error(transparent)]
    Crystal(#[from] adatom::crystal::Error),
    #[error(transparent)]
    Importance(#[from] adatom::interpret::ImportanceError),
    #[error(transparent)]
    Forest(#[from] adatom::forest::Error),
    #[error(transparent)]
    Interpret(#[from] adatom::interpret::Error),
    #[error("{path}: {source}", path = .path.display())]
    File { path: PathBuf, source: std::io::Error },
    #[error("{path} is not empty; choose another folder, or --force to write into it", path = .0.display())]
    NotEmpty(PathBuf),
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
        let text = with_sources(self);
        // The crates name their functions; who runs the program has options.
        let (known, option) = match self {
            Self::Patch(adatom::patch::Error::NotFinite { .. }) => ("; Image::", "--fill replaces them"),
            Self::Patch(adatom::patch::Error::Stack { .. }) => {
                ("; Image::", "give one image, or train on all of them")
            }
            _ => return text,
        };
        let fact = text.split_once(known).map_or(text.as_str(), |(fact, _)| fact);
        format!("{fact}; {option}")
    }
}

/// The message of an error and of what caused it, in one line; causes that the message tells already are left out.
pub(crate) fn with_sources(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(source) = next {
        let cause = source.to_string();
        if !text.contains(&cause) {
            text.push_str(": ");
            text.push_str(&cause);
        }
        next = source.source();
    }
    text
}
