//! TIA series (FEI Emispec `.ser`), little-endian.
//!
//! | offset | content |
//! |---|---|
//! | 0 | `II`, 0x0197, version: 0x0210 (offsets of 4 bytes) or 0x0220 (8 bytes) |
//! | 6 | type of the elements: 0x4120 spectra, 0x4122 images |
//! | 14 | number of elements, number of valid ones, offset of the array of offsets, number of dimensions |
//! | each offset | calibration of columns, then of rows: f64 offset, f64 delta (m), i32 element |
//! | + 40 | i16 type, i32 columns, i32 rows, and the numbers |
//!
//! The first stored row is the lowest one of the image, so the rows are reversed.

use adatom_core::PixelSize;
use ndarray::{Array2, Axis};

use super::sample::{Endian, Kind};
use super::{Format, Frame, ImageFile, Reader, Source};
use crate::{Error, Result};

pub(super) struct Ser;

const MAGIC: &[u8] = b"II\x97\x01";
const SPECTRA: u32 = 0x4120;
const IMAGES: u32 = 0x4122;
const SUPPORTED: &str = "2-D elements of integers and floats";
/// Bytes before the numbers of an image.
const ELEMENT_HEADER: u64 = 50;
/// A larger step is not a length but 1/m, as in diffraction patterns; the file does not state which.
const LARGEST_PIXEL_METRES: f64 = 1e-3;

/// One image of the series.
struct Element {
    kind: Kind,
    extent: [usize; 2],
    pixel_size: Option<PixelSize>,
    offset: u64,
    length: u64,
}

impl Reader for Ser {
    fn format(&self) -> Format {
        Format { name: "TIA SER", extensions: &["ser"], supported: SUPPORTED }
    }

    fn recognises(&self, start: &[u8]) -> bool {
        start.starts_with(MAGIC)
    }

    fn properties(&self, source: &Source<'_>) -> Result<ImageFile> {
        let elements = elements(source)?;
        let first = &elements[0];
        Ok(ImageFile {
            format: source.format,
            frames: elements.len(),
            height: first.extent[0],
            width: first.extent[1],
            channels: 1,
            dtype: first.kind.name().into(),
            pixel_size: first.pixel_size.clone(),
            signals: Vec::new(),
        })
    }

    fn frames(&self, source: &Source<'_>) -> Result<Vec<Frame>> {
        let frame = |element: Element| {
            let numbers = element.kind.decode(source.take(element.offset, element.length)?, Endian::Little);
            let mut pixels = Array2::from_shape_vec(element.extent, numbers)
                .expect("the length was computed from the extent");
            pixels.invert_axis(Axis(0));
            Ok(Frame { pixels, pixel_size: element.pixel_size })
        };
        elements(source)?.into_iter().map(frame).collect()
    }
}

/// All valid elements, at least one, of equal extent.
fn elements(source: &Source<'_>) -> Result<Vec<Element>> {
    let wide = match u16::from_le_bytes(source.array(4)?) {
        0x0210 => false,
        0x0220 => true,
        version => return Err(source.malformed(format!("version {version:#06x}"))),
    };
    match u32::from_le_bytes(source.array(6)?) {
        IMAGES => {}
        SPECTRA => return Err(source.unsupported("spectra (1-D elements)", SUPPORTED)),
        other => return Err(source.malformed(format!("elements of type {other:#06x}"))),
    }
    let total = u32::from_le_bytes(source.array(14)?);
    let valid = u32::from_le_bytes(source.array(18)?);
    if valid == 0 || valid > total {
        return Err(source.malformed(format!("{valid} valid elements of {total}")));
    }
    let (offsets, width) = if wide {
        (u64::from_le_bytes(source.array(22)?), 8)
    } else {
        (u64::from(u32::from_le_bytes(source.array(22)?)), 4)
    };
    let offsets = source.take(offsets, u64::from(valid) * width)?;
    let mut found: Vec<Element> = Vec::new();
    let mut required = 0u64;
    for (frame, offset) in offsets.chunks_exact(if wide { 8 } else { 4 }).enumerate() {
        let mut eight = [0; 8];
        eight[..offset.len()].copy_from_slice(offset);
        let element = element(source, u64::from_le_bytes(eight))?;
        // Elements do not overlap, so together they are at most as long as the file.
        required = required.saturating_add(element.length);
        if required > source.length() {
            return Err(source.truncated(required));
        }
        if let Some(first) = found.first().filter(|first| first.extent != element.extent) {
            return Err(Error::FrameExtent {
                path: source.path.into(),
                frame,
                expected: first.extent,
                found: element.extent,
            });
        }
        found.push(element);
    }
    Ok(found)
}

fn element(source: &Source<'_>, at: u64) -> Result<Element> {
    source.take(at, ELEMENT_HEADER)?;
    let column = f64::from_le_bytes(source.array(at + 8)?);
    let row = f64::from_le_bytes(source.array(at + 28)?);
    let kind = match u16::from_le_bytes(source.array(at + 40)?) {
        1 => Kind::U8,
        2 => Kind::U16,
        3 => Kind::U32,
        4 => Kind::I8,
        5 => Kind::I16,
        6 => Kind::I32,
        7 => Kind::F32,
        8 => Kind::F64,
        9 => return Err(source.unsupported("complex64 numbers", SUPPORTED)),
        10 => return Err(source.unsupported("complex128 numbers", SUPPORTED)),
        other => return Err(source.malformed(format!("numbers of type {other}"))),
    };
    let width = u64::from(u32::from_le_bytes(source.array(at + 42)?));
    let height = u64::from(u32::from_le_bytes(source.array(at + 46)?));
    let extent = source.check_extent(height, width)?;
    let (offset, length) = (at + ELEMENT_HEADER, (height * width).saturating_mul(kind.bytes()));
    source.take(offset, length)?;
    let is_length = |step: f64| step.is_finite() && step > 0.0 && step <= LARGEST_PIXEL_METRES;
    let pixel_size = (is_length(row) && is_length(column)).then(|| PixelSize::from_metres(row, column));
    Ok(Element { kind, extent, pixel_size, offset, length })
}

#[cfg(test)]
mod tests {
    use super::super::{decode_bytes, survive_damage};
    use super::*;
    use ndarray::arr2;

    /// A series of u16 images, all `[height, width]`.
    fn series(wide: bool, extents: &[[u32; 2]], step: f64) -> Vec<u8> {
        let count = u32::try_from(extents.len()).unwrap();
        let mut bytes = MAGIC.to_vec();
        bytes.extend(if wide { 0x0220u16 } else { 0x0210 }.to_le_bytes());
        bytes.extend([IMAGES, 0x4152, count, count].iter().flat_map(|x| x.to_le_bytes()));
        let word = |x: u64| if wide { x.to_le_bytes().to_vec() } else { x.to_le_bytes()[..4].to_vec() };
        let offsets = bytes.len() as u64 + word(0).len() as u64 + 4;
        bytes.extend(word(offsets));
        bytes.extend(0u32.to_le_bytes());
        let mut at = offsets + (word(0).len() * extents.len()) as u64;
        for [height, width] in extents {
            bytes.extend(word(at));
            at += ELEMENT_HEADER + u64::from(height * width) * 2;
        }
        let mut next = 0u16;
        for [height, width] in extents {
            for _axis in 0..2 {
                bytes.extend(0f64.to_le_bytes());
                bytes.extend(step.to_le_bytes());
                bytes.extend(0u32.to_le_bytes());
            }
            bytes.extend(2u16.to_le_bytes());
            bytes.extend([*width, *height].iter().flat_map(|x| x.to_le_bytes()));
            for _pixel in 0..height * width {
                bytes.extend(next.to_le_bytes());
                next += 1;
            }
        }
        bytes
    }

    #[test]
    fn the_lowest_row_is_stored_first_and_both_versions_are_read() {
        for wide in [false, true] {
            let images = decode_bytes(&series(wide, &[[2, 3]], 1.001e-11)).unwrap();
            assert_eq!(images[0].pixels(), arr2(&[[3.0, 4.0, 5.0], [0.0, 1.0, 2.0]]));
            assert_eq!(images[0].pixel_size().unwrap().to_string(), "10.01 pm");
        }
    }

    #[test]
    fn several_elements_are_a_stack_of_equal_extent() {
        let images = decode_bytes(&series(true, &[[1, 2], [1, 2]], 1e8)).unwrap();
        assert_eq!(images[1].pixels(), arr2(&[[2.0, 3.0]]));
        assert_eq!(images[1].pixel_size(), None, "1/m is not a length");
        assert_eq!(
            decode_bytes(&series(false, &[[1, 2], [2, 1]], 1e-9)).unwrap_err().to_string(),
            "memory: frame 1 has 2 x 1 pixels, frame 0 has 1 x 2"
        );
    }

    #[test]
    fn messages_state_the_error() {
        let message = |at: usize, value: &[u8]| {
            let mut bytes = series(false, &[[2, 2]], 1e-9);
            bytes[at..at + value.len()].copy_from_slice(value);
            decode_bytes(&bytes).unwrap_err().to_string()
        };
        assert!(message(6, &SPECTRA.to_le_bytes()).starts_with("memory: spectra (1-D elements)"));
        assert_eq!(message(18, &[0; 4]), "memory: invalid TIA SER file: 0 valid elements of 1");
        let element = 34;
        assert!(message(element + 40, &[9, 0]).contains("complex64"));
        assert_eq!(
            message(element + 42, &[0xff; 8]),
            "memory: truncated TIA SER file: expected 18446744073709551615 bytes, found 92"
        );
        assert!(message(element + 46, &[0; 4]).ends_with("an image of 0 x 2 pixels"));
    }

    #[test]
    fn damage_is_an_error_and_never_a_panic() {
        survive_damage(&series(false, &[[2, 3], [2, 3]], 1e-9), 200);
        survive_damage(&series(true, &[[2, 3]], 1e-9), 200);
    }
}
