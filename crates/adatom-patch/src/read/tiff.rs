//! TIFF, decoded by the crate `tiff`.
//!
//! | page | result |
//! |---|---|
//! | grey of 1 to 64 bits, signed, unsigned or float | a frame |
//! | RGB, with or without alpha | a frame of luminance |
//! | reduced-resolution copy; colour preview of an Olympus SIS image | skipped |
//! | palette, CMYK, YCbCr, several bands | error |
//!
//! Strips, tiles, both byte orders, BigTIFF; uncompressed, LZW, Deflate, PackBits, JPEG and fax.

mod calibration;
#[cfg(test)]
mod tests;

use std::io::Cursor;

use ndarray::Array2;
use tiff::ColorType;
use tiff::decoder::{Decoder, DecodingResult, DecodingSampleType, Limits};
use tiff::tags::Tag;

use super::sample::{luminance, to_grey};
use super::{Format, Frame, ImageFile, Reader, Source};
use crate::{Error, Result};

pub(super) struct Tiff;

const SUPPORTED: &str = "grey of 1 to 64 bits (integers and floats) and RGB, one or more pages";
/// More than any compression reaches on real images. A header that requires more is wrong.
const LARGEST_EXPANSION: u64 = 5000;

type Open<'a> = Decoder<Cursor<&'a [u8]>>;

/// One page that is a frame.
struct Page {
    /// The directory of the file.
    index: usize,
    extent: [usize; 2],
    color: ColorType,
    dtype: String,
}

impl Reader for Tiff {
    fn format(&self) -> Format {
        Format { name: "TIFF", extensions: &["tif", "tiff"], supported: SUPPORTED }
    }

    fn recognises(&self, start: &[u8]) -> bool {
        // The fifth and sixth byte confirm BigTIFF.
        matches!(start, [b'I', b'I', 42, 0, ..] | [b'M', b'M', 0, 42, ..])
            || matches!(start, [b'I', b'I', 43, 0, 8, 0, ..] | [b'M', b'M', 0, 43, 0, 8, ..])
    }

    fn properties(&self, source: &Source<'_>) -> Result<ImageFile> {
        let (mut decoder, pages) = open(source)?;
        let first = &pages[0];
        decoder.seek_to_image(first.index).map_err(|error| refused(source, error))?;
        Ok(ImageFile {
            format: source.format,
            frames: pages.len(),
            height: first.extent[0],
            width: first.extent[1],
            channels: usize::from(first.color.num_samples()),
            dtype: first.dtype.clone(),
            pixel_size: calibration::pixel_size(&mut decoder, source.bytes),
            signals: Vec::new(),
        })
    }

    fn frames(&self, source: &Source<'_>) -> Result<Vec<Frame>> {
        let (mut decoder, pages) = open(source)?;
        let mut frames = Vec::with_capacity(pages.len());
        for page in &pages {
            decoder.seek_to_image(page.index).map_err(|error| refused(source, error))?;
            let pixels = decode(source, &mut decoder, page)?;
            let pixel_size = calibration::pixel_size(&mut decoder, source.bytes);
            frames.push(Frame { pixels, pixel_size });
        }
        Ok(frames)
    }
}

/// The pages that are frames: at least one, of equal extent, with pixels that the file is long enough to
/// contain.
fn open<'a>(source: &Source<'a>) -> Result<(Open<'a>, Vec<Page>)> {
    let budget = source.length().saturating_mul(LARGEST_EXPANSION);
    let mut limits = Limits::default();
    limits.decoding_buffer_size = usize::try_from(budget).unwrap_or(usize::MAX);
    limits.intermediate_buffer_size = limits.decoding_buffer_size;
    limits.ifd_value_size = source.bytes.len();
    let mut decoder =
        Decoder::new(Cursor::new(source.bytes)).map_err(|error| refused(source, error))?.with_limits(limits);

    let (mut pages, mut previews): (Vec<Page>, Vec<Page>) = (Vec::new(), Vec::new());
    let (mut index, mut stored, mut packed) = (0, 0u64, 0u64);
    let mut sis = false;
    loop {
        let reduced = unsigned(&mut decoder, Tag::NewSubfileType).is_some_and(|bits| bits & 1 == 1);
        if !(reduced && index > 0) {
            let page = page(source, &mut decoder, index)?;
            let bytes = page_bytes(&mut decoder, &page);
            if unsigned(&mut decoder, Tag::Compression).is_none_or(|method| method == 1) {
                stored = stored.saturating_add(bytes);
            } else {
                packed = packed.saturating_add(bytes);
            }
            if stored > source.length() {
                return Err(source.truncated(stored));
            }
            if packed > budget {
                return Err(source.truncated(packed / LARGEST_EXPANSION));
            }
            let marked = calibration::has_sis(&mut decoder);
            if marked && !sis {
                // The preceding pages are previews of other programs.
                previews.append(&mut pages);
            }
            sis |= marked;
            if marked || !sis {
                pages.push(page);
            } else {
                previews.push(page);
            }
        }
        if !decoder.more_images() {
            break;
        }
        decoder.next_image().map_err(|error| refused(source, error))?;
        index += 1;
    }
    check_stack(source, &mut decoder, &pages)?;
    Ok((decoder, pages))
}

fn check_stack(source: &Source<'_>, decoder: &mut Open<'_>, pages: &[Page]) -> Result<()> {
    let first = pages.first().ok_or_else(|| source.malformed("the file contains no page"))?;
    if let Some((frame, page)) = pages.iter().enumerate().find(|(_, page)| page.extent != first.extent) {
        return Err(Error::FrameExtent {
            path: source.path.into(),
            frame,
            expected: first.extent,
            found: page.extent,
        });
    }
    if pages.len() == 1 {
        decoder.seek_to_image(first.index).map_err(|error| refused(source, error))?;
        let frames = calibration::imagej_frames(decoder);
        if frames > 1 {
            // For stacks larger than 4 GiB, ImageJ writes one directory, followed by all frames.
            return Err(source.unsupported(
                format!("an ImageJ stack of {frames} frames with a single directory"),
                SUPPORTED,
            ));
        }
    }
    Ok(())
}

/// The properties of the current page.
fn page(source: &Source<'_>, decoder: &mut Open<'_>, index: usize) -> Result<Page> {
    match unsigned(decoder, Tag::PhotometricInterpretation) {
        Some(3) => return Err(source.unsupported("a page with a palette", SUPPORTED)),
        Some(4) => return Err(source.unsupported("a transparency mask", SUPPORTED)),
        _ => {}
    }
    let color = decoder.colortype().map_err(|error| refused(source, error))?;
    let bits = color.bit_depth();
    let known = match color {
        ColorType::Gray(_) => matches!(bits, 1 | 2 | 4 | 8 | 16 | 32 | 64),
        ColorType::RGB(_) | ColorType::RGBA(_) => matches!(bits, 8 | 16 | 32 | 64),
        _ => false,
    };
    if !known {
        return Err(source.unsupported(format!("a page of {}", describe(color)), SUPPORTED));
    }
    let (width, height) = decoder.dimensions().map_err(|error| refused(source, error))?;
    let extent = source.check_extent(height.into(), width.into())?;
    let layout = decoder.image_buffer_layout().map_err(|error| refused(source, error))?;
    let float = matches!(
        layout.sample_type,
        Some(DecodingSampleType::F16 | DecodingSampleType::F32 | DecodingSampleType::F64)
    );
    let signed = matches!(
        layout.sample_type,
        Some(
            DecodingSampleType::I8
                | DecodingSampleType::I16
                | DecodingSampleType::I32
                | DecodingSampleType::I64
        )
    );
    let family = if float {
        "float"
    } else if signed {
        "int"
    } else {
        "uint"
    };
    Ok(Page { index, extent, color, dtype: format!("{family}{bits}") })
}

/// The number of bytes of the decoded page, or of one of its tiles if that is larger.
fn page_bytes(decoder: &mut Open<'_>, page: &Page) -> u64 {
    let (tile_width, tile_height) = decoder.chunk_dimensions();
    let bits = u64::from(page.color.bit_depth()) * u64::from(page.color.num_samples());
    let bytes = |height: u64, width: u64| width.saturating_mul(bits).div_ceil(8).saturating_mul(height);
    let whole = bytes(page.extent[0] as u64, page.extent[1] as u64);
    // A strip may declare more rows than the image has; a tile is decoded completely.
    let is_tile = unsigned(decoder, Tag::TileWidth).is_some();
    if is_tile { whole.max(bytes(tile_height.into(), tile_width.into())) } else { whole }
}

fn decode(source: &Source<'_>, decoder: &mut Open<'_>, page: &Page) -> Result<Array2<f32>> {
    let mut result = DecodingResult::U8(Vec::new());
    let layout = decoder.read_image_to_buffer(&mut result).map_err(|error| refused(source, error))?;
    let [height, width] = page.extent;
    let numbers = to_f32(result);
    let pixels = match page.color {
        ColorType::Gray(bits @ (1 | 2 | 4)) => {
            unpack(&numbers, bits, width, layout.row_stride.map_or(1, |stride| stride.get()))
        }
        color if layout.planes > 1 && color.num_samples() >= 3 => {
            let plane = height * width;
            if numbers.len() < 3 * plane {
                return Err(source.malformed("a colour plane is missing"));
            }
            (0..plane).map(|i| luminance(numbers[i], numbers[plane + i], numbers[2 * plane + i])).collect()
        }
        color => to_grey(numbers, usize::from(color.num_samples())),
    };
    Array2::from_shape_vec(page.extent, pixels)
        .map_err(|error| source.refused("the rows do not fill the image", error))
}

/// The decoded numbers; wide integers and doubles are rounded to nearest.
fn to_f32(result: DecodingResult) -> Vec<f32> {
    match result {
        DecodingResult::U8(numbers) => numbers.into_iter().map(f32::from).collect(),
        DecodingResult::U16(numbers) => numbers.into_iter().map(f32::from).collect(),
        DecodingResult::U32(numbers) => numbers.into_iter().map(|number| number as f32).collect(),
        DecodingResult::U64(numbers) => numbers.into_iter().map(|number| number as f32).collect(),
        DecodingResult::I8(numbers) => numbers.into_iter().map(f32::from).collect(),
        DecodingResult::I16(numbers) => numbers.into_iter().map(f32::from).collect(),
        DecodingResult::I32(numbers) => numbers.into_iter().map(|number| number as f32).collect(),
        DecodingResult::I64(numbers) => numbers.into_iter().map(|number| number as f32).collect(),
        DecodingResult::F16(numbers) => numbers.into_iter().map(f32::from).collect(),
        DecodingResult::F32(numbers) => numbers,
        DecodingResult::F64(numbers) => numbers.into_iter().map(|number| number as f32).collect(),
    }
}

/// Pixels of 1, 2 or 4 bits from bytes (stored as `f32`), the first in the highest bits.
fn unpack(bytes: &[f32], bits: u8, width: usize, stride: usize) -> Vec<f32> {
    let per_byte = usize::from(8 / bits);
    let mask = (1u8 << bits) - 1;
    let pixel = |row: &[f32], column: usize| {
        let shift = per_byte - 1 - column % per_byte;
        // The conversion to u8 is exact.
        f32::from((row[column / per_byte] as u8 >> (shift * usize::from(bits))) & mask)
    };
    bytes.chunks_exact(stride).flat_map(|row| (0..width).map(move |column| pixel(row, column))).collect()
}

fn unsigned(decoder: &mut Open<'_>, tag: Tag) -> Option<u32> {
    decoder.find_tag_unsigned(tag).ok().flatten()
}

fn describe(color: ColorType) -> String {
    match color {
        ColorType::Palette(_) => "palette colours".into(),
        ColorType::CMYK(_) | ColorType::CMYKA(_) => "CMYK colours".into(),
        ColorType::YCbCr(_) => "YCbCr colours".into(),
        ColorType::Lab(_) => "Lab colours".into(),
        ColorType::Multiband { num_samples, bit_depth } => {
            format!("{num_samples} bands of {bit_depth} bits")
        }
        other => format!("{} samples of {} bits", other.num_samples(), other.bit_depth()),
    }
}

fn refused(source: &Source<'_>, error: tiff::TiffError) -> Error {
    match error {
        tiff::TiffError::UnsupportedError(what) => {
            source.unsupported(format!("a page with {what}"), SUPPORTED)
        }
        tiff::TiffError::LimitsExceeded | tiff::TiffError::IntSizeError => {
            source.refused("the header requires more pixels than the file can contain", error)
        }
        tiff::TiffError::IoError(ref cause) if cause.kind() == std::io::ErrorKind::UnexpectedEof => {
            source.refused("the file ends too early", error)
        }
        error => source.refused("the content is damaged", error),
    }
}
