//! Image files: which format a file has, and the frames it holds.
//!
//! A format is one file of this folder with one [`Reader`], and one line in [`READERS`]. A reader sees all bytes of
//! the file, so that whatever a header promises can be compared with what is there before memory is asked for.

mod npy;
mod png;
mod sample;
mod ser;
mod sniff;
mod source;
mod sxm;
mod tiff;
mod tiff_calibration;

use std::fs;
use std::path::Path;

use adatom_core::PixelSize;
use ndarray::Array2;

use crate::{Error, Image, Result};
use source::Source;

/// The formats, in the order in which a file is offered to them.
const READERS: [&dyn Reader; 5] = [&npy::Npy, &tiff::Tiff, &png::Png, &ser::Ser, &sxm::Sxm];

/// An image format that can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Format {
    /// Its name, such as `TIFF`.
    pub name: &'static str,
    /// How its files usually end; the content decides, not the name.
    pub extensions: &'static [&'static str],
    /// What of the format can be read.
    pub supported: &'static str,
}

/// The image formats that can be read.
///
/// ```
/// let names: Vec<_> = adatom_patch::formats().iter().map(|format| format.name).collect();
/// assert_eq!(names, ["NPY", "TIFF", "PNG", "TIA SER", "Nanonis SXM"]);
/// ```
pub fn formats() -> Vec<Format> {
    READERS.iter().map(|reader| reader.format()).collect()
}

/// The names of all formats, for messages.
pub(crate) fn format_names() -> String {
    formats().iter().map(|format| format.name).collect::<Vec<_>>().join(", ")
}

/// What an image file holds, without its pixels.
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
    /// The format's name, as in [`formats`].
    pub format: &'static str,
    /// How many frames, at least 1.
    pub frames: usize,
    /// Rows of every frame.
    pub height: usize,
    /// Columns of every frame.
    pub width: usize,
    /// Numbers stored for each pixel: 1 grey, 2 grey and alpha, 3 colour, 4 colour and alpha.
    pub channels: usize,
    /// How a number is stored: `bool`, `uint1` to `uint64`, `int8` to `int64`, `float16` to `float64`.
    pub dtype: String,
    /// The length of a pixel, where the file tells it.
    pub pixel_size: Option<PixelSize>,
    /// Names of the signals that were recorded together, of which one is read ([`Image::open_signal`](crate::Image::open_signal));
    /// empty for formats that have no such names.
    pub signals: Vec<String>,
}

impl ImageFile {
    /// Reads what a file holds; pixels are not decoded.
    ///
    /// # Errors
    /// As [`Image::open_stack`], except what only decoding finds.
    pub fn probe(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let (reader, bytes) = load(path)?;
        reader.contents(&Source::new(path, reader.format().name, &bytes))
    }
}

/// One frame of a file.
struct Frame {
    pixels: Array2<f32>,
    pixel_size: Option<PixelSize>,
}

/// How files of one format are read. Neither method may panic or ask for memory beyond a fixed multiple of the
/// file's length, whatever the bytes.
trait Reader: Sync {
    fn format(&self) -> Format;

    /// Whether a file that begins with `start` (all of it when it is short) is of this format.
    fn recognises(&self, start: &[u8]) -> bool;

    /// Checks the header against the file's length and tells what it holds.
    fn contents(&self, source: &Source<'_>) -> Result<ImageFile>;

    /// All frames, at least one, of equal extent.
    fn frames(&self, source: &Source<'_>) -> Result<Vec<Frame>>;
}

/// How many frames a caller is prepared for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wanted {
    One,
    All,
}

/// Reads a file, recognises it and decodes it.
pub(crate) fn open(path: &Path, signal: Option<&str>, wanted: Wanted) -> Result<Vec<Image>> {
    let (reader, bytes) = load(path)?;
    let source = Source::new(path, reader.format().name, &bytes).of_signal(signal);
    decode(reader, &source, wanted)
}

fn decode(reader: &dyn Reader, source: &Source<'_>, wanted: Wanted) -> Result<Vec<Image>> {
    let contents = reader.contents(source)?;
    if let Some(signal) = source.signal.filter(|_| contents.signals.is_empty()) {
        let (path, wanted) = (source.path.into(), signal.to_owned());
        return Err(Error::Signal { path, wanted, known: Vec::new() });
    }
    if wanted == Wanted::One && contents.frames != 1 {
        return Err(Error::Stack { path: source.path.into(), frames: contents.frames });
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

/// Recognising a format needs no more than this: the marks of all formats lie at the start.
const START: u64 = 1024;

fn load(path: &Path) -> Result<(&'static dyn Reader, Vec<u8>)> {
    use std::io::{Read, Seek};
    let failed = |source| Error::Io { path: path.into(), doing: "read", source };
    // Asked before opening: opening a pipe would wait for somebody to write into it.
    let kind = fs::metadata(path).map_err(failed)?;
    if !kind.is_file() {
        let what = if kind.is_dir() { "it is a folder" } else { "it is not a regular file" };
        return Err(failed(std::io::Error::new(std::io::ErrorKind::InvalidInput, what)));
    }
    let mut file = fs::File::open(path).map_err(failed)?;
    let mut start = Vec::new();
    file.by_ref().take(START).read_to_end(&mut start).map_err(failed)?;
    let reader = recognise(&start)
        .ok_or_else(|| Error::UnknownFormat { path: path.into(), looks_like: sniff::looks_like(&start) })?;
    file.rewind().map_err(failed)?;
    let mut bytes = Vec::with_capacity(usize::try_from(kind.len()).unwrap_or(0));
    file.read_to_end(&mut bytes).map_err(failed)?;
    Ok((reader, bytes))
}

fn recognise(start: &[u8]) -> Option<&'static dyn Reader> {
    READERS.into_iter().find(|reader| reader.recognises(start))
}

/// Recognises and decodes bytes as though they were the file `path`; for the tests of the readers.
#[cfg(test)]
fn decode_bytes(bytes: &[u8]) -> Result<Vec<Image>> {
    let path = Path::new("memory");
    let reader = recognise(bytes)
        .ok_or_else(|| Error::UnknownFormat { path: path.into(), looks_like: sniff::looks_like(bytes) })?;
    decode(reader, &Source::new(path, reader.format().name, bytes), Wanted::All)
}

/// As [`decode_bytes`], of one signal.
#[cfg(test)]
fn decode_signal(bytes: &[u8], signal: &str) -> Result<Image> {
    let reader = recognise(bytes).expect("the format is known");
    let source = Source::new(Path::new("memory"), reader.format().name, bytes).of_signal(Some(signal));
    Ok(decode(reader, &source, Wanted::One)?.remove(0))
}

/// Checks that every damaged form of a good file is an error or an image, but no panic: cut off at every length,
/// and every byte of the first `header` replaced by several values.
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
