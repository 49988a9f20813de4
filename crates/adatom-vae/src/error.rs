//! Errors of models and their files.

use std::path::PathBuf;

/// A `Result` with [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Errors of models and their files.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A setting that no model or training can have.
    #[error("{setting} must be {expected}, found {found}")]
    Setting {
        /// The setting's name.
        setting: &'static str,
        /// What it may be.
        expected: &'static str,
        /// What it is.
        found: String,
    },
    /// An array of another shape than the model has.
    #[error("{what} must have the shape {expected}, found {found}")]
    Shape {
        /// The array.
        what: &'static str,
        /// The shape it should have.
        expected: String,
        /// The shape it has.
        found: String,
    },
    /// There is nothing to train on or to encode.
    #[error("there are no samples")]
    NoSamples,
    /// A value of a sample that the likelihood cannot score.
    #[error("value {value} at position {position} of sample {sample} is not {expected}")]
    Value {
        /// Which sample, from 0.
        sample: usize,
        /// Which of its numbers, row by row, from 0.
        position: usize,
        /// The number.
        value: f32,
        /// What the likelihood needs.
        expected: &'static str,
    },
    /// A model that must be told a condition was not, or the reverse.
    #[error("the condition must be {expected}, found {found}")]
    Condition {
        /// What the model needs.
        expected: String,
        /// What was given.
        found: String,
    },
    /// A class that the model does not have.
    #[error("class {class} of sample {sample} is not below {classes}, the number of classes")]
    Class {
        /// Which sample, from 0.
        sample: usize,
        /// Its class.
        class: usize,
        /// Classes of the model.
        classes: usize,
    },
    /// A file that holds no usable model.
    #[error("{path}: {problem}", path = path.display())]
    Checkpoint {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        #[source]
        problem: CheckpointProblem,
    },
    /// An error of the tensor library.
    #[error(transparent)]
    Tensor(#[from] candle_core::Error),
}

/// What can be wrong with a model's file.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CheckpointProblem {
    /// It cannot be read or written.
    #[error("{0}")]
    Io(#[from] std::io::Error),
    /// It is no complete safetensors file.
    #[error("not a complete safetensors file ({0})")]
    NotSafetensors(String),
    /// It is a safetensors file that this program did not write.
    #[error("a safetensors file, but not a model of adatom (it has no `adatom` entry in its metadata)")]
    NotAdatom,
    /// The description of the model cannot be understood.
    #[error("the description of the model cannot be read ({0})")]
    Description(String),
    /// It was written by a newer program.
    #[error("written in version {found} of the model format; this program reads up to version {supported}")]
    NewerVersion {
        /// Version of the file.
        found: u32,
        /// Newest version that can be read.
        supported: u32,
    },
    /// A tensor is not there.
    #[error("the tensor `{name}` is missing")]
    MissingTensor {
        /// Its name.
        name: String,
    },
    /// A tensor has another shape or type than the description says.
    #[error("the tensor `{name}` must be {expected}, found {found}")]
    TensorShape {
        /// Its name.
        name: String,
        /// Type and shape by the description.
        expected: String,
        /// Type and shape in the file.
        found: String,
    },
    /// A tensor holds NaN or infinity.
    #[error("the tensor `{name}` holds {count} values that are not finite")]
    NotFinite {
        /// Its name.
        name: String,
        /// How many.
        count: usize,
    },
    /// It is a model, but holds no state to go on training from.
    #[error("a finished model without the state of its training; it can be used but not resumed")]
    NotResumable,
    /// Its training had other settings.
    #[error("its training had other settings: {0}")]
    OtherTraining(String),
}
