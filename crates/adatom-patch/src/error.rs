//! The errors of this crate.

use std::path::PathBuf;

/// A `Result` with [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// An error of another library, kept as the source of ours.
type Foreign = Box<dyn std::error::Error + Send + Sync + 'static>;

/// Why an image file cannot be read or written, or patches cannot be cut.
///
/// ```
/// let error = adatom_patch::Image::open("no-such-image.tif").unwrap_err();
/// assert_eq!(error.to_string(), "cannot read no-such-image.tif");
/// assert!(matches!(error, adatom_patch::Error::Io { .. }));
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// An error of the types shared by all crates.
    #[error(transparent)]
    Core(#[from] adatom_core::Error),
    /// The operating system could not read or write a file.
    #[error("cannot {doing} {}", .path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What was tried: `read` or `write`.
        doing: &'static str,
        /// The error of the operating system.
        #[source]
        source: std::io::Error,
    },
    /// The format of a file is not recognised from its content.
    #[error(
        "{}: unrecognised file format; expected one of {}{}",
        .path.display(),
        .expected.join(", "),
        .looks_like.map(|what| format!("; it looks like {what}")).unwrap_or_default()
    )]
    UnknownFormat {
        /// The file.
        path: PathBuf,
        /// The formats that can be read, as in [`formats`](crate::formats).
        expected: Vec<&'static str>,
        /// What the content looks like instead, where that can be guessed.
        looks_like: Option<&'static str>,
    },
    /// A file is shorter than its header states.
    #[error("{}: truncated {format} file: expected {expected} bytes, found {found}", .path.display())]
    Truncated {
        /// The file.
        path: PathBuf,
        /// Its format.
        format: &'static str,
        /// The smallest number of bytes that is consistent with the header.
        expected: u64,
        /// The number of bytes in the file.
        found: u64,
    },
    /// A file violates the rules of its format.
    #[error("{}: invalid {format} file: {problem}", .path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// Its format.
        format: &'static str,
        /// The violated rule.
        problem: String,
        /// The error of the decoder, where one was used.
        #[source]
        source: Option<Foreign>,
    },
    /// A valid file contains something that cannot be converted to an image of real numbers.
    #[error("{}: {found} is not supported; supported are {supported}", .path.display())]
    Unsupported {
        /// The file.
        path: PathBuf,
        /// Its content.
        found: String,
        /// The supported content of the format.
        supported: &'static str,
    },
    /// A file contains several frames where one image was requested.
    #[error("{}: expected one image, found a stack of {frames} frames", .path.display())]
    Stack {
        /// The file.
        path: PathBuf,
        /// The number of frames.
        frames: usize,
    },
    /// A file does not contain the requested signal.
    #[error("{}: no signal {requested}{}", .path.display(), available_signals(.available))]
    Signal {
        /// The file.
        path: PathBuf,
        /// The requested name.
        requested: String,
        /// The names of its signals; empty for formats without named signals.
        available: Vec<String>,
    },
    /// The frames of a stack have different extents.
    #[error(
        "{}: frame {frame} has {} x {} pixels, frame 0 has {} x {}",
        .path.display(), .found[0], .found[1], .expected[0], .expected[1]
    )]
    FrameExtent {
        /// The file.
        path: PathBuf,
        /// The frame, counted from 0.
        frame: usize,
        /// Rows and columns of the first frame.
        expected: [usize; 2],
        /// Rows and columns of this frame.
        found: [usize; 2],
    },
    /// All pixels that determine a scaling have the same value.
    #[error(
        "cannot scale a constant image: every pixel{} is {value}{}",
        if *.percentile { " between the two percentiles" } else { "" },
        in_image(.image)
    )]
    Constant {
        /// The value.
        value: f32,
        /// Whether only the pixels between two percentiles are meant.
        percentile: bool,
        /// The source of the image.
        image: Option<String>,
    },
    /// Some pixels are NaN or infinite.
    #[error("{count} of {pixels} pixels are NaN or infinite{}", in_image(.image))]
    NotFinite {
        /// The number of pixels that are NaN or infinite.
        count: usize,
        /// The number of all pixels.
        pixels: usize,
        /// The source of the image.
        image: Option<String>,
    },
    /// More random patches were requested than there are positions.
    #[error("{requested} patches were requested, but there are only {positions} positions")]
    TooManyPatches {
        /// The requested number of patches.
        requested: usize,
        /// The number of whole-pixel positions of the window on the images.
        positions: usize,
    },
    /// The patches of a channel differ from those of the first channel.
    #[error("{what} of channel {channel} must be {expected}, found {found}")]
    Channel {
        /// The channel, counted from 1.
        channel: usize,
        /// The property that differs.
        what: &'static str,
        /// Its value in the first channel.
        expected: String,
        /// Its value in this channel.
        found: String,
    },
    /// An argument is not valid.
    #[error("{what} must be {expected}, found {found}")]
    Argument {
        /// Which argument.
        what: &'static str,
        /// The valid values, or the shape `[...]` of an array.
        expected: String,
        /// The given value.
        found: String,
    },
}

fn in_image(image: &Option<String>) -> String {
    image.as_ref().map(|name| format!(" ({name})")).unwrap_or_default()
}

fn available_signals(available: &[String]) -> String {
    match available {
        [] => "; the format has no named signals".to_owned(),
        names => format!("; the signals are {}", names.join(", ")),
    }
}
