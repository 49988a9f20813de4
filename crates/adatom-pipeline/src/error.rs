//! The errors of the pipelines. An error states facts; a program adds hints at its own options.

use std::path::{Path, PathBuf};

/// A `Result` with [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a pipeline cannot continue.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Error of grids, maps and scalings.
    #[error(transparent)]
    Core(#[from] adatom_core::Error),
    /// Error of a feature table.
    #[error(transparent)]
    Table(#[from] adatom_core::TableError),
    /// Error of images and patches.
    #[cfg(feature = "image")]
    #[error(transparent)]
    Patch(#[from] adatom_patch::Error),
    /// Error of the autoencoder.
    #[cfg(feature = "image")]
    #[error(transparent)]
    Vae(#[from] adatom_vae::Error),
    /// Error of the training of an autoencoder.
    #[cfg(feature = "image")]
    #[error(transparent)]
    Training(#[from] adatom_vae::TrainError),
    /// Error of generated images and materials.
    #[error(transparent)]
    Synthetic(#[from] adatom_synthetic::Error),
    /// Error of spectra.
    #[cfg(feature = "spectra")]
    #[error(transparent)]
    Spectra(#[from] adatom_spectra::Error),
    /// Error of crystal structures.
    #[cfg(feature = "spectra")]
    #[error(transparent)]
    Crystal(#[from] adatom_crystal::Error),
    /// Error of forests.
    #[cfg(feature = "spectra")]
    #[error(transparent)]
    Forest(#[from] adatom_forest::Error),
    /// Error of importances.
    #[error(transparent)]
    Importance(#[from] adatom_interpret::ImportanceError),
    /// Error of figures and reports.
    #[error(transparent)]
    Plot(#[from] adatom_interpret::FigureError),
    /// Error of the interpretation of latent variables.
    #[error(transparent)]
    Latents(#[from] adatom_interpret::LatentError),
    /// A file or folder that cannot be read or written.
    #[error("{path}", path = .path.display())]
    File {
        /// The file or folder.
        path: PathBuf,
        /// What the operating system reports.
        source: std::io::Error,
    },
    /// An error in a file whose own message does not name the file or the spectrum in it.
    #[error("{path}", path = .path.display())]
    InFile {
        /// The file, and the name of one of several spectra in it.
        path: PathBuf,
        /// What is wrong with it.
        source: Box<Error>,
    },
    /// The folder of results is not empty.
    #[error("{path} is not empty", path = .path.display())]
    NotEmpty {
        /// The folder.
        path: PathBuf,
    },
    /// A file that would be written exists already.
    #[error("{path} already exists", path = .path.display())]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// A path to which no result can be written.
    #[error("{path}: {problem}", path = .path.display())]
    Output {
        /// The file or folder.
        path: PathBuf,
        /// Why not.
        problem: OutputProblem,
    },
    /// A file or folder of a data set that cannot be used.
    #[error("{path}: {problem}", path = .path.display())]
    DataSet {
        /// The file or folder.
        path: PathBuf,
        /// What was expected and what was found.
        problem: String,
    },
    /// No energy is covered by all spectra.
    #[error(
        "{path}: the spectra share no range of energies: {begins} begins at {first} eV, {ends} ends at \
         {last} eV",
        path = .path.display()
    )]
    NoSharedEnergies {
        /// The folder of materials.
        path: PathBuf,
        /// The spectrum that begins last.
        begins: String,
        /// Its first energy, eV.
        first: f64,
        /// The spectrum that ends first.
        ends: String,
        /// Its last energy, eV.
        last: f64,
    },
    /// The selected rows of a table do not suffice for a forest.
    #[error("{problem}")]
    Samples {
        /// What is missing.
        problem: String,
    },
    /// A setting that is out of range or contradicts the data.
    #[error("{setting}: {problem}")]
    Setting {
        /// The setting, in words.
        setting: &'static str,
        /// What was expected and what was found.
        problem: String,
    },
    /// The scaled intensities are outside the domain of the likelihood.
    #[error(transparent)]
    Intensities(IntensityConflict),
    /// More clusters than patches were requested.
    #[error("{clusters} clusters: expected no more than the {patches} patches")]
    TooManyClusters {
        /// The requested number of clusters.
        clusters: usize,
        /// The number of patches.
        patches: usize,
    },
    /// A comparison of too many trainings.
    #[error("{count} trainings; expected no more than {most}")]
    TooManyTrials {
        /// The requested number of trainings.
        count: usize,
        /// The largest number.
        most: usize,
    },
    /// The observer has stopped the pipeline.
    #[error("cancelled")]
    Cancelled,
}

/// Why scaled intensities are outside the domain of a likelihood.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum IntensityConflict {
    /// Standardised intensities and a likelihood of values in [0, 1].
    #[error("the likelihood is defined for intensities in [0, 1], not for standardised intensities")]
    OutsideUnitInterval,
    /// Scaled intensities and a likelihood of counts.
    #[error("the likelihood is defined for counts, not for scaled intensities")]
    ScaledCounts,
    /// Subtracted background and a likelihood of counts.
    #[error(
        "the likelihood is defined for counts, not for intensities from which the background was subtracted"
    )]
    FlattenedCounts,
}

/// Why a result cannot be written to a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OutputProblem {
    /// It is an input or another output of the same run.
    #[error("an input or another output of the same run")]
    InUse,
    /// A symbolic link: writing would replace the link instead of its target.
    #[error("a symbolic link; expected the path of a file")]
    Link,
    /// A folder or a device.
    #[error("not a regular file")]
    NotAFile,
    /// A file instead of a folder.
    #[error("a file; expected a folder")]
    NotAFolder,
    /// The path is inside the data set.
    #[error("inside the folder of a material, which contains inputs")]
    InDataSet,
}

impl Error {
    /// Converts an input or output error of a file.
    pub fn file(path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        move |source| Self::File { path: path.to_owned(), source }
    }

    /// Adds the path of the file unless the message contains it.
    #[cfg(feature = "spectra")]
    pub(crate) fn in_file(self, path: &Path) -> Self {
        if with_sources(&self).contains(&*path.to_string_lossy()) {
            return self;
        }
        Self::InFile { path: path.to_owned(), source: Box::new(self) }
    }
}

/// The message of an error and of its causes, in one line; causes that the message repeats are left out.
pub fn with_sources(error: &(dyn std::error::Error + 'static)) -> String {
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
