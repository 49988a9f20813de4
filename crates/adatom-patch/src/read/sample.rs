//! The number types in files, and their conversion to `f32`.
//!
//! | type | bytes | conversion |
//! |---|---|---|
//! | bool | 1 | 0 or 1 |
//! | uint8, int8, uint16, int16, float16, float32 | 1, 2, 4 | exactly |
//! | uint32, int32, uint64, int64, float64 | 4, 8 | rounded to the nearest |

use half::f16;

/// Byte order of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Endian {
    Little,
    Big,
}

/// A number type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Bool,
    U8,
    U16,
    U32,
    U64,
    I8,
    I16,
    I32,
    I64,
    F16,
    F32,
    F64,
}

impl Kind {
    /// The number of bytes.
    pub(super) fn bytes(self) -> u64 {
        match self {
            Self::Bool | Self::U8 | Self::I8 => 1,
            Self::U16 | Self::I16 | Self::F16 => 2,
            Self::U32 | Self::I32 | Self::F32 => 4,
            Self::U64 | Self::I64 | Self::F64 => 8,
        }
    }

    /// The name in NumPy.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Bool => "bool",
            Self::U8 => "uint8",
            Self::U16 => "uint16",
            Self::U32 => "uint32",
            Self::U64 => "uint64",
            Self::I8 => "int8",
            Self::I16 => "int16",
            Self::I32 => "int32",
            Self::I64 => "int64",
            Self::F16 => "float16",
            Self::F32 => "float32",
            Self::F64 => "float64",
        }
    }

    /// All numbers in `bytes`; wide integers and doubles are rounded to nearest.
    pub(super) fn decode(self, bytes: &[u8], endian: Endian) -> Vec<f32> {
        match self {
            Self::Bool => each(bytes, endian, |[byte]| f32::from(byte != 0)),
            Self::U8 => each(bytes, endian, |[byte]| f32::from(byte)),
            Self::I8 => each(bytes, endian, |byte| f32::from(i8::from_le_bytes(byte))),
            Self::U16 => each(bytes, endian, |pair| f32::from(u16::from_le_bytes(pair))),
            Self::I16 => each(bytes, endian, |pair| f32::from(i16::from_le_bytes(pair))),
            Self::F16 => each(bytes, endian, |pair| f16::from_le_bytes(pair).to_f32()),
            Self::U32 => each(bytes, endian, |four| u32::from_le_bytes(four) as f32),
            Self::I32 => each(bytes, endian, |four| i32::from_le_bytes(four) as f32),
            Self::F32 => each(bytes, endian, f32::from_le_bytes),
            Self::U64 => each(bytes, endian, |eight| u64::from_le_bytes(eight) as f32),
            Self::I64 => each(bytes, endian, |eight| i64::from_le_bytes(eight) as f32),
            Self::F64 => each(bytes, endian, |eight| f64::from_le_bytes(eight) as f32),
        }
    }
}

fn each<const N: usize>(bytes: &[u8], endian: Endian, convert: impl Fn([u8; N]) -> f32) -> Vec<f32> {
    let (numbers, _) = bytes.as_chunks::<N>();
    numbers
        .iter()
        .map(|&number| {
            let mut number = number;
            if endian == Endian::Big {
                number.reverse();
            }
            convert(number)
        })
        .collect()
}

/// Rec. 601 luminance of red, green and blue; grey is unchanged.
pub(super) fn luminance(red: f32, green: f32, blue: f32) -> f32 {
    if red == green && green == blue { red } else { 0.299 * red + 0.587 * green + 0.114 * blue }
}

/// One number per pixel from `channels` interleaved ones: grey or the luminance of a colour, without alpha.
pub(super) fn to_grey(numbers: Vec<f32>, channels: usize) -> Vec<f32> {
    match channels {
        1 => numbers,
        2 => numbers.chunks_exact(2).map(|pixel| pixel[0]).collect(),
        _ => numbers.chunks_exact(channels).map(|pixel| luminance(pixel[0], pixel[1], pixel[2])).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_byte_orders_give_the_same_numbers() {
        assert_eq!(Kind::I16.decode(&[0xff, 0xfe, 0x00, 0x01], Endian::Big), [-2.0, 1.0]);
        assert_eq!(Kind::I16.decode(&[0xfe, 0xff, 0x01, 0x00], Endian::Little), [-2.0, 1.0]);
        assert_eq!(Kind::F64.decode(&(-2.5f64).to_be_bytes(), Endian::Big), [-2.5]);
        assert_eq!(Kind::F16.decode(&[0x00, 0x3c], Endian::Little), [1.0]);
        assert_eq!(Kind::Bool.decode(&[0, 1, 7], Endian::Little), [0.0, 1.0, 1.0]);
    }

    #[test]
    fn grey_as_colour_keeps_its_value_and_green_is_brighter_than_blue() {
        assert_eq!(to_grey(vec![0.1, 0.1, 0.1, 9.0], 4), [0.1]);
        assert!((luminance(1.0, 1.0, 0.999) - 1.0).abs() < 1e-3);
        assert!(luminance(0.0, 1.0, 0.0) > luminance(0.0, 0.0, 1.0));
    }
}
