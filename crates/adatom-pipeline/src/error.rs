//! What ends a pipeline early. An error carries facts; a program adds which of its options would help.

use std::path::{Path, PathBuf};

/// A `Result` with [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What ends a pipeline early.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Of grids, maps and scalings.
    #[error(transparent)]
    Core(#[from] adatom_core::Error),
    /// Of tables of features.
    #[error(transparent)]
    Table(#[from] adatom_core::TableError),
    /// Of images and patches.
    #[cfg(feature = "image")]
    #[error(transparent)]
    Patch(#[from] adatom_patch::Error),
    /// Of the autoencoder.
    #[cfg(feature = "image")]
    #[error(transparent)]
    Vae(#[from] adatom_vae::Error),
    /// Of the training of an autoencoder.
    #[cfg(feature = "image")]
    #[error(transparent)]
    Training(#[from] adatom_vae::TrainError),
    /// Of generated images and materials.
    #[error(transparent)]
    Synthetic(#[from] adatom_synthetic::Error),
    /// Of spectra.
    #[cfg(feature = "spectra")]
    #[error(transparent)]
    Spectra(#[from] adatom_spectra::Error),
    /// Of structures.
    #[cfg(feature = "spectra")]
    #[error(transparent)]
    Crystal(#[from] adatom_crystal::Error),
    /// Of forests.
    #[cfg(feature = "spectra")]
    #[error(transparent)]
    Forest(#[from] adatom_forest::Error),
    /// Of importances.
    #[error(transparent)]
    Importance(#[from] adatom_interpret::ImportanceError),
    /// Of figures and reports.
    #[error(transparent)]
    Plot(#[from] adatom_interpret::FigureError),
    /// Of latent variables.
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
    /// An error that does not name the file, or the spectrum in it, that it is about.
    #[error("{path}", path = .path.display())]
    InFile {
        /// The file, and the name of one of several spectra in it.
        path: PathBuf,
        /// What is wrong with it.
        source: Box<Error>,
    },
    /// The folder of results holds files already.
    #[error("{path} is not empty", path = .path.display())]
    NotEmpty {
        /// The folder.
        path: PathBuf,
    },
    /// A file that would be written exists already.
    #[error("{path} exists", path = .path.display())]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// A place where no result can be written.
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
    /// Rows of a table that no forest can be fitted to.
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
    /// Intensities as they are prepared cannot be scored by the likelihood.
    #[error(transparent)]
    Intensities(IntensityConflict),
    /// More clusters than patches are asked for.
    #[error("{clusters} clusters: expected no more than the {patches} patches")]
    TooManyClusters {
        /// Clusters asked for.
        clusters: usize,
        /// Patches there are.
        patches: usize,
    },
    /// An exploration of more trainings than can be compared.
    #[error("{count} trainings; expected no more than {most}")]
    TooManyTrials {
        /// Trainings asked for.
        count: usize,
        /// The largest number.
        most: usize,
    },
    /// The observer has ended the work.
    #[error("cancelled")]
    Cancelled,
}

/// Why a likelihood cannot score intensities as they are prepared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum IntensityConflict {
    /// Standardised intensities and a likelihood of values in [0, 1].
    #[error("standardised intensities lie outside [0, 1], where the likelihood is not defined")]
    OutsideUnitInterval,
    /// Scaled intensities and a likelihood of counts.
    #[error("scaled intensities are not counts, which the likelihood needs")]
    ScaledCounts,
    /// Subtracted background and a likelihood of counts.
    #[error(
        "intensities without their background can be below 0 and are not counts, which the likelihood needs"
    )]
    FlattenedCounts,
}

/// Why a result cannot be written to a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OutputProblem {
    /// It is read by the same run, or written twice.
    #[error("an input or another output of the same run, which is not replaced")]
    InUse,
    /// Files are renamed into place, which would replace the link instead of the file it names.
    #[error("a link; give the name of the file itself")]
    Link,
    /// A folder or a device.
    #[error("not a file that can be replaced")]
    NotAFile,
    /// A file where a folder is expected.
    #[error("a file, where a folder is wanted")]
    NotAFolder,
    /// The place belongs to the data set.
    #[error("lies inside a material's folder, where inputs are")]
    InDataSet,
}

impl Error {
    /// Names the file that an operation failed on.
    pub fn file(path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        move |source| Self::File { path: path.to_owned(), source }
    }

    /// Names the file where the message does not.
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
