//! Reads image files: recognises the format from the content and decodes the frames.
//!
//! Each format is one file of this folder with one implementation of [`Reader`] and one line in [`READERS`].
//! A reader has all bytes of the file, so it can compare what a header states with the file's length before
//! it allocates.

mod npy;
mod png;
mod sample;
mod ser;
mod sniff;
mod source;
mod sxm;
mod tiff;

use std::fs;
use std::path::Path;

use adatom_core::PixelSize;
use ndarray::Array2;

use crate::{Error, Image, Result};
use source::Source;

/// All formats, in the order in which they are tried.
const READERS: [&dyn Reader; 5] = [&npy::Npy, &tiff::Tiff, &png::Png, &ser::Ser, &sxm::Sxm];

/// A file format that can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Format {
    /// The name, such as `TIFF`.
    pub name: &'static str,
    /// The usual file extensions; formats are recognised from the content, not from the extension.
    pub extensions: &'static [&'static str],
    /// The supported variants of the format.
    pub supported: &'static str,
}

/// All image formats that can be read.
///
/// ```
/// let names: Vec<_> = adatom_patch::formats().iter().map(|format| format.name).collect();
/// assert_eq!(names, ["NPY", "TIFF", "PNG", "TIA SER", "Nanonis SXM"]);
/// ```
pub fn formats() -> Vec<Format> {
    READERS.iter().map(|reader| reader.format()).collect()
}

/// The error for content that no reader recognises.
fn unknown_format(path: &Path, start: &[u8]) -> Error {
    Error::UnknownFormat {
        path: path.into(),
        expected: READERS.iter().map(|reader| reader.format().name).collect(),
        looks_like: sniff::looks_like(start),
    }
}

/// The properties of an image file, without its pixels.
///
/// ```
/// use adatom_patch::{Image, ImageFile, ndarray::Array2};
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("small.npy");
/// Image::from_array(Array2::zeros((4, 6))).save_npy(&path)?;
/// let file = ImageFile::probe(&path)?;
/// assert_eq!((file.format, file.frames, file.height, file.width), ("NPY", 1, 4, 6));
/// assert_eq!((file.channels, file.dtype.as_str(), file.pixel_size), (1, "float32", None));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ImageFile {
    /// The name of the format, as in [`formats`].
    pub format: &'static str,
    /// The number of frames, at least 1.
    pub frames: usize,
    /// The number of rows of each frame.
    pub height: usize,
    /// The number of columns of each frame.
    pub width: usize,
    /// The number of values per pixel: 1 grey, 2 grey and alpha, 3 colour, 4 colour and alpha.
    pub channels: usize,
    /// The data type of a value: `bool`, `uint1` to `uint64`, `int8` to `int64`, `float16` to `float64`.
    pub dtype: String,
    /// The size of a pixel, where the file states it.
    pub pixel_size: Option<PixelSize>,
    /// The names of the recorded signals, one of which is read by [`Image::open_signal`]; empty for formats
    /// without named signals.
    pub signals: Vec<String>,
}

impl ImageFile {
    /// Reads the properties of a file without decoding its pixels.
    ///
    /// # Errors
    /// As [`Image::open_stack`], except for those of the decoder.
    pub fn probe(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let (reader, bytes) = load(path)?;
        reader.properties(&Source::new(path, reader.format().name, &bytes))
    }
}

impl Image {
    /// Reads a file with one image; the format is recognised from the content (see [`formats`]).
    ///
    /// Colour is converted to luminance; 32-bit integers and 64-bit numbers are rounded to `f32`. Row 0 is
    /// the top row of the image as shown by the program that wrote it.
    ///
    /// # Errors
    /// [`Error::Io`], [`Error::UnknownFormat`], [`Error::Truncated`], [`Error::Malformed`],
    /// [`Error::Unsupported`], [`Error::FrameExtent`]; [`Error::Stack`] for a file with several frames.
    ///
    /// ```
    /// # use adatom_patch::{Image, ndarray::arr2};
    /// # let folder = tempfile::tempdir()?;
    /// let path = folder.path().join("small.npy");
    /// Image::from_array(arr2(&[[1.0, 2.0], [3.0, 4.0]])).save_npy(&path)?;
    /// assert_eq!(Image::open(&path)?.pixels(), arr2(&[[1.0, 2.0], [3.0, 4.0]]));
    /// assert!(Image::open(folder.path().join("none.npy")).is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        only_frame(read(path.as_ref(), None, FrameCount::One)?)
    }

    /// Reads one of several signals that were recorded together, such as `Current backward` of a Nanonis
    /// scan. Case is ignored, and a name without direction means forward. [`ImageFile`] lists the names.
    ///
    /// # Errors
    /// As [`open`](Self::open); [`Error::Signal`] when the file has no such signal.
    pub fn open_signal(path: impl AsRef<Path>, signal: &str) -> Result<Self> {
        only_frame(read(path.as_ref(), Some(signal), FrameCount::One)?)
    }

    /// Reads all frames of a file, at least one. With several frames, the source of frame k is
    /// `path [frame k]`, counted from 0.
    ///
    /// # Errors
    /// As [`open`](Self::open), except [`Error::Stack`].
    pub fn open_stack(path: impl AsRef<Path>) -> Result<Vec<Self>> {
        read(path.as_ref(), None, FrameCount::All)
    }
}

fn only_frame(mut frames: Vec<Image>) -> Result<Image> {
    Ok(frames.pop().expect("a decoded file has a frame"))
}

/// One frame of a file.
struct Frame {
    pixels: Array2<f32>,
    pixel_size: Option<PixelSize>,
}

/// The decoder of one format. Its methods neither panic nor allocate more than a fixed multiple of the file's
/// length, whatever the bytes.
trait Reader: Sync {
    /// The format and its supported variants.
    fn format(&self) -> Format;

    /// Whether a file is of this format; `start` is its first kilobyte.
    fn recognises(&self, start: &[u8]) -> bool;

    /// The properties of the file, checked against its length.
    fn properties(&self, source: &Source<'_>) -> Result<ImageFile>;

    /// All frames, at least one, of equal extent.
    fn frames(&self, source: &Source<'_>) -> Result<Vec<Frame>>;
}

/// The number of frames that a caller accepts.
#[derive(Clone, Copy, PartialEq, Eq)]
enum FrameCount {
    One,
    All,
}

/// Recognises and decodes a file.
fn read(path: &Path, signal: Option<&str>, accepted: FrameCount) -> Result<Vec<Image>> {
    let (reader, bytes) = load(path)?;
    let source = Source::new(path, reader.format().name, &bytes).with_signal(signal);
    decode(reader, &source, accepted)
}

fn decode(reader: &dyn Reader, source: &Source<'_>, accepted: FrameCount) -> Result<Vec<Image>> {
    let file = reader.properties(source)?;
    if let Some(signal) = source.signal.filter(|_| file.signals.is_empty()) {
        let (path, requested) = (source.path.into(), signal.to_owned());
        return Err(Error::Signal { path, requested, available: Vec::new() });
    }
    if accepted == FrameCount::One && file.frames != 1 {
        return Err(Error::Stack { path: source.path.into(), frames: file.frames });
    }
    let frames = reader.frames(source)?;
    let name = source.path.display();
    let several = frames.len() > 1;
    Ok(frames
        .into_iter()
        .enumerate()
        .map(|(index, frame)| {
            let from = if several { format!("{name} [frame {index}]") } else { name.to_string() };
            Image::from_file(frame.pixels, frame.pixel_size, from)
        })
        .collect())
}

/// The number of bytes from which a format is recognised.
const START: u64 = 1024;

fn load(path: &Path) -> Result<(&'static dyn Reader, Vec<u8>)> {
    use std::io::{Read, Seek};
    let failed = |source| Error::Io { path: path.into(), doing: "read", source };
    // Checked before opening, because opening a pipe would block.
    let kind = fs::metadata(path).map_err(failed)?;
    if !kind.is_file() {
        let what = if kind.is_dir() { "it is a folder" } else { "it is not a regular file" };
        return Err(failed(std::io::Error::new(std::io::ErrorKind::InvalidInput, what)));
    }
    let mut file = fs::File::open(path).map_err(failed)?;
    let mut start = Vec::new();
    file.by_ref().take(START).read_to_end(&mut start).map_err(failed)?;
    let reader = recognise(&start).ok_or_else(|| unknown_format(path, &start))?;
    file.rewind().map_err(failed)?;
    let mut bytes = Vec::with_capacity(usize::try_from(kind.len()).unwrap_or(0));
    file.read_to_end(&mut bytes).map_err(failed)?;
    Ok((reader, bytes))
}

fn recognise(start: &[u8]) -> Option<&'static dyn Reader> {
    READERS.into_iter().find(|reader| reader.recognises(start))
}

/// Recognises and decodes the bytes of a file named `memory`, for the tests of the readers.
#[cfg(test)]
fn decode_bytes(bytes: &[u8]) -> Result<Vec<Image>> {
    let path = Path::new("memory");
    let reader = recognise(bytes).ok_or_else(|| unknown_format(path, bytes))?;
    decode(reader, &Source::new(path, reader.format().name, bytes), FrameCount::All)
}

/// As [`decode_bytes`], for one signal.
#[cfg(test)]
fn decode_signal(bytes: &[u8], signal: &str) -> Result<Image> {
    let reader = recognise(bytes).expect("the format is known");
    let source = Source::new(Path::new("memory"), reader.format().name, bytes).with_signal(Some(signal));
    Ok(decode(reader, &source, FrameCount::One)?.remove(0))
}

/// Checks that damaged files give an error or an image and never a panic: the good file truncated at every
/// length, and with each byte of the first `header` bytes replaced by several values.
#[cfg(test)]
fn survive_damage(good: &[u8], header: usize) {
    let images = decode_bytes(good).expect("the undamaged file is good");
    for length in 0..good.len() {
        if let Ok(cut) = decode_bytes(&good[..length]) {
            assert_eq!(cut, images, "cut off at {length} of {}", good.len());
        }
    }
    let mut damaged = good.to_vec();
    for at in 0..header.min(good.len()) {
        for value in
            [0x00, 0x01, 0x7f, 0x80, 0xff, good[at] ^ 0x01, good[at] ^ 0x10, good[at].wrapping_add(1)]
        {
            damaged[at] = value;
            let _any = decode_bytes(&damaged);
        }
        damaged[at] = good[at];
    }
}
