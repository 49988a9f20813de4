//! NPY, the array files of NumPy.
//!
//! | bytes | content |
//! |---|---|
//! | 6 | `\x93NUMPY` |
//! | 2 | version: 1.0, 2.0 or 3.0 |
//! | 2 (version 1) or 4 | length of the header |
//! | as many | a Python dictionary with `descr`, `fortran_order` and `shape` |
//! | the rest | the numbers, last axis fastest, or first axis fastest in Fortran order |

use ndarray::{Array3, Axis, ShapeBuilder};

use super::sample::{Endian, Kind};
use super::{Format, Frame, ImageFile, Reader, Source};
use crate::Result;

pub(super) struct Npy;

const MAGIC: &[u8] = b"\x93NUMPY";
const SUPPORTED: &str = "bool, integers of 8 to 64 bits and floats of 16 to 64 bits, 2-D, or 3-D as a stack";

/// The header, checked against the length of the file.
struct Header {
    kind: Kind,
    endian: Endian,
    fortran: bool,
    /// Frames, rows, columns.
    shape: [usize; 3],
    offset: u64,
    /// Bytes of all numbers.
    length: u64,
}

impl Reader for Npy {
    fn format(&self) -> Format {
        Format { name: "NPY", extensions: &["npy"], supported: SUPPORTED }
    }

    fn recognises(&self, start: &[u8]) -> bool {
        start.starts_with(MAGIC)
    }

    fn properties(&self, source: &Source<'_>) -> Result<ImageFile> {
        let header = header(source)?;
        let [frames, height, width] = header.shape;
        Ok(ImageFile {
            format: source.format,
            frames,
            height,
            width,
            channels: 1,
            dtype: header.kind.name().into(),
            pixel_size: None,
            signals: Vec::new(),
        })
    }

    fn frames(&self, source: &Source<'_>) -> Result<Vec<Frame>> {
        let Header { kind, endian, fortran, shape: [frames, height, width], offset, length } =
            header(source)?;
        let numbers = kind.decode(source.take(offset, length)?, endian);
        let shape = (frames, height, width).set_f(fortran);
        let array = Array3::from_shape_vec(shape, numbers).expect("the length was computed from the shape");
        Ok(array
            .axis_iter(Axis(0))
            .map(|frame| Frame { pixels: frame.as_standard_layout().into_owned(), pixel_size: None })
            .collect())
    }
}

fn header(source: &Source<'_>) -> Result<Header> {
    let [major, minor] = source.array(6)?;
    let (start, length) = match major {
        1 => (10, u64::from(u16::from_le_bytes(source.array(8)?))),
        2 | 3 => (12, u64::from(u32::from_le_bytes(source.array(8)?))),
        _ => return Err(source.malformed(format!("version {major}.{minor}"))),
    };
    let text = String::from_utf8_lossy(source.take(start, length)?);
    let fields = Fields::parse(&text).ok_or_else(|| source.malformed("the header is not a dictionary"))?;
    let missing = |key: &str| source.malformed(format!("the header has no {key}"));
    let descr = fields.descr.ok_or_else(|| missing("descr"))?;
    let shape = fields.shape.ok_or_else(|| missing("shape"))?;
    let fortran = fields.fortran_order.ok_or_else(|| missing("fortran_order"))?;
    let (kind, endian) = element(&descr)
        .ok_or_else(|| source.unsupported(format!("an array of {}", describe(&descr)), SUPPORTED))?;
    let [frames, height, width] = match shape[..] {
        [height, width] => [1, height, width],
        [frames, height, width] => [frames, height, width],
        _ => {
            let axes = shape.len();
            return Err(source.unsupported(format!("an array with {axes} axes"), SUPPORTED));
        }
    };
    let offset = start + length;
    let [height, width] = source.check_extent(height, width)?;
    if frames == 0 {
        return Err(source.malformed("a stack of 0 frames"));
    }
    let bytes = frames
        .checked_mul(height as u64)
        .and_then(|numbers| numbers.checked_mul(width as u64))
        .and_then(|numbers| numbers.checked_mul(kind.bytes()))
        .unwrap_or(u64::MAX);
    source.take(offset, bytes)?;
    let frames = usize::try_from(frames).expect("there are no more frames than bytes in the file");
    Ok(Header { kind, endian, fortran, shape: [frames, height, width], offset, length: bytes })
}

/// The byte order and type of a `descr` such as `<f8`.
fn element(descr: &str) -> Option<(Kind, Endian)> {
    let (order, name) = descr.split_at_checked(1)?;
    let endian = match order {
        "<" | "|" => Endian::Little,
        ">" => Endian::Big,
        "=" if cfg!(target_endian = "big") => Endian::Big,
        "=" => Endian::Little,
        _ => return None,
    };
    let kind = match name {
        "b1" => Kind::Bool,
        "u1" => Kind::U8,
        "u2" => Kind::U16,
        "u4" => Kind::U32,
        "u8" => Kind::U64,
        "i1" => Kind::I8,
        "i2" => Kind::I16,
        "i4" => Kind::I32,
        "i8" => Kind::I64,
        "f2" => Kind::F16,
        "f4" => Kind::F32,
        "f8" => Kind::F64,
        _ => return None,
    };
    Some((kind, endian))
}

/// A description of an unsupported `descr`.
fn describe(descr: &str) -> String {
    let words = match descr.trim_start_matches(['<', '>', '|', '=']) {
        "c8" => "complex64 numbers",
        "c16" => "complex128 numbers",
        "f16" | "f12" => "extended floats",
        "O" => "Python objects",
        _ if descr.starts_with('[') => "records",
        name if name.starts_with(['U', 'S', 'a']) => "strings",
        name if name.starts_with(['M', 'm']) => "dates or times",
        _ => "another type",
    };
    let shown: String = descr.chars().take(60).collect();
    format!("{words} ({shown})")
}

/// The three entries of the header, where they exist and have the expected type.
#[derive(Default)]
struct Fields {
    descr: Option<String>,
    fortran_order: Option<bool>,
    shape: Option<Vec<u64>>,
}

impl Fields {
    fn parse(text: &str) -> Option<Self> {
        let mut fields = Self::default();
        let mut rest = text.trim().strip_prefix('{')?.trim_start();
        while !rest.starts_with('}') {
            let (key, after) = quoted(rest)?;
            rest = after.trim_start().strip_prefix(':')?.trim_start();
            let (value, after) = value(rest)?;
            match key {
                "descr" => fields.descr = Some(quoted(value).map_or(value, |(text, _)| text).to_owned()),
                "fortran_order" => fields.fortran_order = Some(value == "True"),
                "shape" => fields.shape = tuple(value),
                _ => {}
            }
            rest = after.trim_start();
            rest = rest.strip_prefix(',').unwrap_or(rest).trim_start();
        }
        Some(fields)
    }
}

/// A quoted string without its quotes, and the rest of the text.
fn quoted(text: &str) -> Option<(&str, &str)> {
    let quote = text.chars().next().filter(|c| matches!(c, '\'' | '"'))?;
    text[1..].split_once(quote)
}

/// A value up to the next comma or brace outside of brackets and quotes, and the rest of the text.
fn value(text: &str) -> Option<(&str, &str)> {
    let (mut depth, mut quote) = (0usize, None);
    for (at, c) in text.char_indices() {
        match (quote, c) {
            (Some(open), _) if c == open => quote = None,
            (Some(_), _) => {}
            (None, '\'' | '"') => quote = Some(c),
            (None, '(' | '[') => depth += 1,
            (None, ')' | ']') => depth = depth.checked_sub(1)?,
            (None, ',' | '}') if depth == 0 => return Some((text[..at].trim_end(), &text[at..])),
            _ => {}
        }
    }
    None
}

/// The numbers of a tuple such as `(3, 4)`; Python 2 wrote them as `3L`.
fn tuple(text: &str) -> Option<Vec<u64>> {
    let inside = text.strip_prefix('(')?.strip_suffix(')')?;
    let entries = inside.split(',').map(str::trim).filter(|entry| !entry.is_empty());
    entries.map(|entry| entry.trim_end_matches('L').parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::super::{decode_bytes, survive_damage};
    use super::*;
    use ndarray::arr2;

    fn file(header: &str, numbers: &[u8]) -> Vec<u8> {
        let mut bytes = [MAGIC, &[1, 0], &u16::try_from(header.len()).unwrap().to_le_bytes()].concat();
        bytes.extend(header.as_bytes());
        bytes.extend(numbers);
        bytes
    }

    fn good(descr: &str, fortran: &str, shape: &str, numbers: &[u8]) -> Vec<u8> {
        file(&format!("{{'descr': '{descr}', 'fortran_order': {fortran}, 'shape': {shape}, }}"), numbers)
    }

    fn message(bytes: &[u8]) -> String {
        decode_bytes(bytes).unwrap_err().to_string()
    }

    #[test]
    fn the_order_of_axes_and_bytes_is_respected() {
        let rows = [1i16, 2, 3, 4, 5, 6];
        let little: Vec<u8> = rows.iter().flat_map(|x| x.to_le_bytes()).collect();
        let big: Vec<u8> = rows.iter().flat_map(|x| x.to_be_bytes()).collect();
        let read = |bytes: &[u8]| decode_bytes(bytes).unwrap()[0].pixels().to_owned();
        let expected = arr2(&[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]);
        assert_eq!(read(&good("<i2", "False", "(2, 3)", &little)), expected);
        assert_eq!(read(&good(">i2", "False", "(2L, 3L)", &big)), expected);
        assert_eq!(read(&good("<i2", "True", "(2, 3)", &little)), arr2(&[[1.0, 3.0, 5.0], [2.0, 4.0, 6.0]]));
    }

    #[test]
    fn three_axes_are_a_stack_along_the_first() {
        let numbers: Vec<u8> = (0..12).collect();
        let stack = decode_bytes(&good("|u1", "False", "(2, 2, 3)", &numbers)).unwrap();
        assert_eq!(stack.len(), 2);
        assert_eq!(stack[1].pixels(), arr2(&[[6.0, 7.0, 8.0], [9.0, 10.0, 11.0]]));
        assert_eq!(stack[1].source(), Some("memory [frame 1]"));
        // Fortran order: the frame is the fastest axis, so every second number belongs to frame 1.
        let stack = decode_bytes(&good("|u1", "True", "(2, 2, 3)", &numbers)).unwrap();
        assert_eq!(stack[1].pixels(), arr2(&[[1.0, 5.0, 9.0], [3.0, 7.0, 11.0]]));
    }

    #[test]
    fn messages_state_the_error() {
        assert_eq!(
            message(&good("<c8", "False", "(2, 2)", &[0; 32])),
            format!(
                "memory: an array of complex64 numbers (<c8) is not supported; supported are {SUPPORTED}"
            )
        );
        assert!(message(&good("|O", "False", "(2, 2)", &[])).contains("an array of Python objects (|O)"));
        let records = file(
            "{'descr': [('x', '<f4'), ('y', '<i4', (2,))], 'fortran_order': False, 'shape': (2, 2)}",
            &[],
        );
        assert!(message(&records).contains("an array of records ([('x', '<f4')"));
        assert!(message(&good("<f4", "False", "(4,)", &[0; 16])).contains("an array with 1 axes"));
        assert_eq!(
            message(&good("<f4", "False", "(0, 4)", &[])),
            "memory: invalid NPY file: an image of 0 x 4 pixels"
        );
        let short = message(&good("<f8", "False", "(1000000, 1000000)", &[0; 16]));
        assert!(short.contains("truncated NPY file: expected 8000000000"), "{short}");
        assert!(short.ends_with(" bytes, found 97"), "{short}");
        assert!(
            message(&good("<f8", "False", "(99999999999999999999, 1)", &[]))
                .contains("the header has no shape")
        );
        assert!(
            message(&good("<f8", "False", "(9999999999999999999, 2)", &[])).contains("truncated NPY file")
        );
        assert_eq!(
            message(&file("nothing", &[])),
            "memory: invalid NPY file: the header is not a dictionary"
        );
        assert_eq!(message(b"\x93NUMPY\x09\x00 "), "memory: invalid NPY file: version 9.0");
    }

    #[test]
    fn damage_is_an_error_and_never_a_panic() {
        survive_damage(&good("<f4", "False", "(2, 3)", &[7; 24]), 200);
        survive_damage(&good(">u2", "True", "(2, 2, 2)", &[7; 16]), 200);
    }
}
