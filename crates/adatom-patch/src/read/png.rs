//! PNG, decoded by the crate `png`.
//!
//! Grey values of 1, 2, 4, 8 and 16 bits are unchanged, palettes are resolved, colour is converted to
//! luminance, alpha is dropped. The chunk `pHYs` is ignored: it states the size of a print, not of the
//! specimen.

use std::io::Cursor;

use ndarray::Array2;
use png::{BitDepth, ColorType, Decoder, DecodingError, Limits, Transformations};

use super::sample::{Endian, Kind, to_grey};
use super::{Format, Frame, ImageFile, Reader, Source};
use crate::Result;

pub(super) struct Png;

const MAGIC: &[u8] = b"\x89PNG\r\n\x1a\n";
const SUPPORTED: &str = "grey of 1 to 16 bits, colour of 8 and 16 bits, palettes";
/// Largest expansion by deflate, 1032, with a margin. A header that requires more is wrong.
const LARGEST_EXPANSION: u64 = 1040;

type Opened<'a> = png::Reader<Cursor<&'a [u8]>>;

impl Reader for Png {
    fn format(&self) -> Format {
        Format { name: "PNG", extensions: &["png"], supported: SUPPORTED }
    }

    fn recognises(&self, start: &[u8]) -> bool {
        start.starts_with(MAGIC)
    }

    fn properties(&self, source: &Source<'_>) -> Result<ImageFile> {
        let reader = open(source)?;
        let facts = reader.info();
        let channels = facts.color_type.samples();
        let bits = facts.bit_depth as u8;
        let [height, width] = source.check_extent(facts.height.into(), facts.width.into())?;
        Ok(ImageFile {
            format: source.format,
            frames: 1,
            height,
            width,
            channels,
            dtype: format!("uint{bits}"),
            pixel_size: None,
            signals: Vec::new(),
        })
    }

    fn frames(&self, source: &Source<'_>) -> Result<Vec<Frame>> {
        let mut reader = open(source)?;
        let extent = source.check_extent(reader.info().height.into(), reader.info().width.into())?;
        let length = output_length(source, &reader)?;
        let mut bytes = vec![0; length];
        let shown = reader.next_frame(&mut bytes).map_err(|error| refused(source, error))?;
        let numbers = match shown.bit_depth {
            BitDepth::Sixteen => Kind::U16.decode(&bytes, Endian::Big),
            BitDepth::Eight => Kind::U8.decode(&bytes, Endian::Big),
            few => unpack(&bytes, few, extent[1], shown.line_size),
        };
        let pixels = Array2::from_shape_vec(extent, to_grey(numbers, shown.color_type.samples()))
            .map_err(|error| source.refused("the rows do not fill the image", error))?;
        Ok(vec![Frame { pixels, pixel_size: None }])
    }
}

/// Prepares the decoder, up to the first pixel.
fn open<'a>(source: &Source<'a>) -> Result<Opened<'a>> {
    let limits = Limits { bytes: budget(source) };
    let mut decoder = Decoder::new_with_limits(Cursor::new(source.bytes), limits);
    let facts = decoder.read_header_info().map_err(|error| refused(source, error))?;
    // Checked before the decoder allocates a row.
    let row = u64::from(facts.width)
        .saturating_mul(facts.color_type.samples() as u64)
        .saturating_mul(facts.bit_depth as u64)
        .div_ceil(8);
    let required = row.saturating_mul(facts.height.into());
    if required > source.length().saturating_mul(LARGEST_EXPANSION) {
        return Err(source.truncated(required / LARGEST_EXPANSION));
    }
    if facts.color_type == ColorType::Indexed {
        decoder.set_transformations(Transformations::EXPAND);
    }
    let reader = decoder.read_info().map_err(|error| refused(source, error))?;
    output_length(source, &reader)?;
    Ok(reader)
}

/// The number of bytes of the decoded image, if the file is long enough for them.
fn output_length(source: &Source<'_>, reader: &Opened<'_>) -> Result<usize> {
    let length = reader.output_buffer_size().unwrap_or(usize::MAX);
    if length > budget(source) {
        return Err(source.truncated(length as u64 / LARGEST_EXPANSION));
    }
    Ok(length)
}

/// The largest number of decoded bytes; a palette expands them fourfold.
fn budget(source: &Source<'_>) -> usize {
    usize::try_from(source.length().saturating_mul(4 * LARGEST_EXPANSION)).unwrap_or(usize::MAX)
}

/// Pixels of 1, 2 or 4 bits, the first in the highest bits; each row begins with a new byte.
fn unpack(bytes: &[u8], depth: BitDepth, width: usize, line: usize) -> Vec<f32> {
    let bits = depth as usize;
    let mask = (1u8 << bits) - 1;
    let pixel = |row: &[u8], column: usize| {
        let shift = 8 - bits - (column * bits) % 8;
        f32::from((row[column * bits / 8] >> shift) & mask)
    };
    bytes.chunks_exact(line).flat_map(|row| (0..width).map(move |column| pixel(row, column))).collect()
}

fn refused(source: &Source<'_>, error: DecodingError) -> crate::Error {
    let what = match error {
        DecodingError::IoError(_) => "the file ends too early",
        DecodingError::LimitsExceeded => "the header requires more pixels than the file can contain",
        _ => "the content is damaged",
    };
    source.refused(what, error)
}

#[cfg(test)]
mod tests {
    use super::super::{decode_bytes, survive_damage};
    use super::*;
    use ndarray::arr2;

    fn encode(color: ColorType, depth: BitDepth, extent: [u32; 2], pixels: &[u8]) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, extent[1], extent[0]);
        encoder.set_color(color);
        encoder.set_depth(depth);
        if color == ColorType::Indexed {
            encoder.set_palette(vec![0, 0, 0, 10, 10, 10, 0, 100, 0]);
        }
        encoder.write_header().unwrap().write_image_data(pixels).unwrap();
        bytes
    }

    fn read(bytes: &[u8]) -> Array2<f32> {
        decode_bytes(bytes).unwrap()[0].pixels().to_owned()
    }

    #[test]
    fn all_bit_depths_keep_their_values() {
        use BitDepth::{Eight, Four, One, Sixteen, Two};
        use ColorType::{Grayscale, GrayscaleAlpha, Indexed, Rgb, Rgba};
        assert_eq!(
            read(&encode(Grayscale, One, [2, 3], &[0b1010_0000, 0b0110_0000])),
            arr2(&[[1.0, 0.0, 1.0], [0.0, 1.0, 1.0]])
        );
        assert_eq!(read(&encode(Grayscale, Two, [1, 3], &[0b11_01_10_00])), arr2(&[[3.0, 1.0, 2.0]]));
        assert_eq!(read(&encode(Grayscale, Four, [1, 2], &[0xf3])), arr2(&[[15.0, 3.0]]));
        assert_eq!(read(&encode(Grayscale, Eight, [1, 2], &[200, 3])), arr2(&[[200.0, 3.0]]));
        assert_eq!(read(&encode(Grayscale, Sixteen, [1, 1], &[0x12, 0x34])), arr2(&[[4660.0]]));
        assert_eq!(read(&encode(GrayscaleAlpha, Eight, [1, 1], &[7, 0])), arr2(&[[7.0]]));
        assert_eq!(read(&encode(Rgb, Eight, [1, 1], &[9, 9, 9])), arr2(&[[9.0]]));
        assert_eq!(read(&encode(Rgba, Eight, [1, 1], &[0, 100, 0, 1])), arr2(&[[58.7]]));
        assert_eq!(read(&encode(Indexed, Eight, [1, 3], &[0, 1, 2])), arr2(&[[0.0, 10.0, 58.7]]));
        assert_eq!(read(&encode(Indexed, Two, [1, 3], &[0b00_01_10_00])), arr2(&[[0.0, 10.0, 58.7]]));
    }

    #[test]
    fn a_header_of_a_terapixel_is_refused() {
        let mut bytes = encode(ColorType::Grayscale, BitDepth::Eight, [2, 2], &[1, 2, 3, 4]);
        bytes[16..24].copy_from_slice(&[0x00, 0x0f, 0x42, 0x40, 0x00, 0x0f, 0x42, 0x40]);
        let checksum = crc(&bytes[12..29]);
        bytes[29..33].copy_from_slice(&checksum.to_be_bytes());
        let message = decode_bytes(&bytes).unwrap_err().to_string();
        // 10¹² pixels of 8 bits, divided by the largest expansion of 1040.
        assert!(
            message.starts_with("memory: truncated PNG file: expected 961538461 bytes, found"),
            "{message}"
        );
    }

    #[test]
    fn damage_is_an_error_and_never_a_panic() {
        let good =
            encode(ColorType::Grayscale, BitDepth::Sixteen, [3, 2], &[1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1, 2]);
        survive_damage(&good, good.len());
        let good = encode(ColorType::Indexed, BitDepth::Two, [2, 3], &[0b00_01_10_00, 0]);
        survive_damage(&good, good.len());
    }

    fn crc(bytes: &[u8]) -> u32 {
        let mut sum = u32::MAX;
        for &byte in bytes {
            sum ^= u32::from(byte);
            for _bit in 0..8 {
                sum = if sum & 1 == 1 { (sum >> 1) ^ 0xedb8_8320 } else { sum >> 1 };
            }
        }
        !sum
    }
}
