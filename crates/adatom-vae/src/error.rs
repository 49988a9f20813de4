//! Errors of models and their files; those of a training are in `train/error.rs`.

use std::fmt;
use std::path::PathBuf;

/// A `Result` with [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Errors of models and their files.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A setting with an invalid value.
    #[error("{setting} must be {expected}, found {found}")]
    Setting {
        /// The setting, in words.
        setting: &'static str,
        /// Its valid values.
        expected: &'static str,
        /// Its value.
        found: String,
    },
    /// An array whose shape does not fit the model.
    #[error("{what} must have the shape {expected}, found {found}")]
    Shape {
        /// The array.
        what: &'static str,
        /// The shape that is needed, with the meaning of each axis.
        expected: String,
        /// Its shape.
        found: String,
    },
    /// There is nothing to train on or to encode.
    #[error("there are no samples")]
    NoSamples,
    /// A value of a sample that the likelihood cannot score.
    #[error("value {value} at position {position} of sample {sample} is not {expected}")]
    Value {
        /// Number of the sample, from 0.
        sample: usize,
        /// Position in the sample, row by row, from 0.
        position: usize,
        /// The value.
        value: f32,
        /// The valid values.
        expected: &'static str,
    },
    /// A condition is missing or of another kind than the model has.
    #[error("the condition must be {expected}, found {found}")]
    Condition {
        /// The condition of the model.
        expected: String,
        /// The condition that was given.
        found: String,
    },
    /// A class that the model does not have.
    #[error("class {class} of sample {sample} is not below {classes}, the number of classes")]
    Class {
        /// Number of the sample, from 0.
        sample: usize,
        /// Its class.
        class: usize,
        /// Number of classes of the model.
        classes: usize,
    },
    /// A model file that cannot be used; the source says why.
    #[error("the model file {path} cannot be used", path = path.display())]
    Checkpoint {
        /// The file.
        path: PathBuf,
        /// Why it cannot be used.
        #[source]
        problem: CheckpointProblem,
    },
    /// An error of the tensor library.
    #[error(transparent)]
    Tensor(#[from] candle_core::Error),
}

impl Error {
    /// A setting with an invalid value.
    pub(crate) fn setting(setting: &'static str, expected: &'static str, found: impl ToString) -> Self {
        Self::Setting { setting, expected, found: found.to_string() }
    }

    /// An array whose shape does not fit.
    pub(crate) fn shape(what: &'static str, expected: impl Into<String>, found: impl Into<String>) -> Self {
        Self::Shape { what, expected: expected.into(), found: found.into() }
    }
}

/// A cause of another crate, such as a JSON or safetensors parser.
pub(crate) type Cause = Box<dyn std::error::Error + Send + Sync>;

/// Why a model file cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CheckpointProblem {
    /// It cannot be read or written.
    #[error("it cannot be read or written")]
    Io(#[from] std::io::Error),
    /// It is not a complete safetensors file.
    #[error("it is not a complete safetensors file")]
    NotSafetensors(#[source] Cause),
    /// It is a safetensors file of another program.
    #[error(
        "it is a safetensors file, but not a model of adatom (there is no `adatom` entry in its metadata)"
    )]
    NotAdatom,
    /// The description of the model is invalid.
    #[error("the description of the model is invalid")]
    Description(#[source] Cause),
    /// It was written by a newer version of the program.
    #[error("it has version {found} of the model format; this program reads up to version {supported}")]
    NewerVersion {
        /// Version of the file.
        found: u32,
        /// Newest version that can be read.
        supported: u32,
    },
    /// A tensor is missing.
    #[error("the tensor `{name}` is missing")]
    MissingTensor {
        /// Its name.
        name: String,
    },
    /// A tensor has another shape or type than the description of the model needs.
    #[error("the tensor `{name}` must be {expected}, found {found}")]
    TensorShape {
        /// Its name.
        name: String,
        /// Type and shape that are needed.
        expected: String,
        /// Type and shape in the file.
        found: String,
    },
    /// A tensor contains NaN or infinity.
    #[error("the tensor `{name}` contains {count} values that are not finite")]
    NotFinite {
        /// Its name.
        name: String,
        /// Number of these values.
        count: usize,
    },
    /// It is a model, but not the state of a training.
    #[error("it contains a model without the state of its training, from which no training can be resumed")]
    NotResumable,
    /// The training that wrote it had other settings or other samples.
    #[error("the training that wrote it differs from this one: {}", list(.differences))]
    OtherTraining {
        /// The differences.
        differences: Vec<Difference>,
    },
}

fn list(differences: &[Difference]) -> String {
    differences.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

/// One difference between the training that wrote a file and the one that resumes it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Difference {
    /// The quantity that differs, in words.
    pub what: String,
    /// Its value in the file.
    pub then: String,
    /// Its value now.
    pub now: String,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { what, then, now } = self;
        write!(f, "{what}: {then} then, {now} now")
    }
}
