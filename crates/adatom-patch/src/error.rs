//! What can be wrong with image files, patches and scalings.

use std::path::PathBuf;

use crate::read;

/// A `Result` with [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// An error of another library, kept as the source of ours.
type Foreign = Box<dyn std::error::Error + Send + Sync + 'static>;

/// What can be wrong with image files, patches and scalings.
///
/// ```
/// let error = adatom_patch::Image::open("no-such-image.tif").unwrap_err();
/// assert_eq!(error.to_string(), "cannot read no-such-image.tif");
/// assert!(matches!(error, adatom_patch::Error::Io { .. }));
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A window, grid or map is wrong.
    #[error(transparent)]
    Core(#[from] adatom_core::Error),
    /// The operating system refused to read or write a file.
    #[error("cannot {doing} {}", .path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What was tried: `read` or `write`.
        doing: &'static str,
        /// What the operating system said.
        #[source]
        source: std::io::Error,
    },
    /// The content of a file begins like no format that is understood.
    #[error("{} is in none of the image formats that are understood ({}){}", .path.display(), read::format_names(), .looks_like.map(|what| format!("; it looks like {what}")).unwrap_or_default())]
    UnknownFormat {
        /// The file.
        path: PathBuf,
        /// What its first bytes look like, where they are known.
        looks_like: Option<&'static str>,
    },
    /// A file is shorter than its header promises.
    #[error("{}: its {format} header promises {expected} bytes, the file has {found}", .path.display())]
    Truncated {
        /// The file.
        path: PathBuf,
        /// Its format.
        format: &'static str,
        /// Bytes that the file should have at least.
        expected: u64,
        /// Bytes that it has.
        found: u64,
    },
    /// A file contradicts the rules of its format.
    #[error("{} is not a sound {format} file: {what}", .path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// Its format.
        format: &'static str,
        /// What is wrong with it.
        what: String,
        /// What the decoder said, where one was asked.
        #[source]
        source: Option<Foreign>,
    },
    /// A sound file holds something that is not a grey or colour image of real numbers.
    #[error("{} holds {found}, which is not supported; supported are {supported}", .path.display())]
    Unsupported {
        /// The file.
        path: PathBuf,
        /// What it holds.
        found: String,
        /// What it might hold instead.
        supported: &'static str,
    },
    /// One image was asked for, and the file holds several.
    #[error("{} holds {frames} frames, not one image; Image::open_stack reads all of them", .path.display())]
    Stack {
        /// The file.
        path: PathBuf,
        /// How many frames it holds.
        frames: usize,
    },
    /// A file has no signal of this name.
    #[error("{} has no signal {wanted}{}", .path.display(), known_signals(.known))]
    Signal {
        /// The file.
        path: PathBuf,
        /// The name asked for.
        wanted: String,
        /// The names of its signals; empty where signals have no names.
        known: Vec<String>,
    },
    /// The frames of a stack have different extents.
    #[error("{}: frame {frame} is {} x {} pixels, the first is {} x {}", .path.display(), .found[0], .found[1], .expected[0], .expected[1])]
    FrameExtent {
        /// The file.
        path: PathBuf,
        /// Which frame, from 0.
        frame: usize,
        /// Rows and columns of the first frame.
        expected: [usize; 2],
        /// Rows and columns of this one.
        found: [usize; 2],
    },
    /// All pixels that decide on a scaling have one value.
    #[error("cannot scale a constant image: every pixel{} is {value}{}", if *.percentile { " between the two percentiles" } else { "" }, in_image(.image))]
    Constant {
        /// The value.
        value: f32,
        /// Whether only the pixels between two percentiles were meant.
        percentile: bool,
        /// Where the image came from.
        image: Option<String>,
    },
    /// Some pixels are NaN or infinite.
    #[error("{count} of {pixels} pixels are not finite{}; Image::fill_non_finite replaces them by those that are", in_image(.image))]
    NotFinite {
        /// How many are not finite.
        count: usize,
        /// Pixels of the image.
        pixels: usize,
        /// Where the image came from.
        image: Option<String>,
    },
    /// More random patches were asked for than there are positions.
    #[error("{asked} patches were asked for, there are {positions} positions")]
    TooManyPatches {
        /// Patches asked for.
        asked: usize,
        /// Whole-pixel positions of the window on the images.
        positions: usize,
    },
    /// The patches of a channel are not those of the first.
    #[error("{what} of channel {channel} must be {expected}, found {found}")]
    Channel {
        /// The channel, from 1.
        channel: usize,
        /// What differs.
        what: &'static str,
        /// What it is in the first channel.
        expected: String,
        /// What it is in this one.
        found: String,
    },
    /// A parameter lies outside its range.
    #[error("{what} must be {expected}, found {found}")]
    Argument {
        /// Which parameter.
        what: &'static str,
        /// Its range or shape.
        expected: String,
        /// What was given.
        found: String,
    },
}

fn in_image(image: &Option<String>) -> String {
    image.as_ref().map(|name| format!(" ({name})")).unwrap_or_default()
}

fn known_signals(known: &[String]) -> String {
    match known {
        [] => ": its format has no names for signals".to_owned(),
        known => format!("; it has {}", known.join(", ")),
    }
}
