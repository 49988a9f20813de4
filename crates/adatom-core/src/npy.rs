//! The header and the numbers of NPY files, the array files of NumPy, version 1.0.
//!
//! | bytes | content |
//! |---|---|
//! | 8 | `\x93NUMPY`, then the version 1, 0 |
//! | 2 | length of the text, little-endian |
//! | as many | `{'descr': '<f4', 'fortran_order': False, 'shape': (3, 5), }`, blanks, and a line feed |
//! | the rest | the numbers, little-endian, the last axis fastest; they begin at a multiple of 64 bytes |

use std::io::{self, Write};

/// A type of number that NPY files are written with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum NumberType {
    /// `<u4`
    Uint32,
    /// `<f4`
    Float32,
    /// `<f8`
    Float64,
}

impl NumberType {
    fn descr(self) -> &'static str {
        match self {
            Self::Uint32 => "<u4",
            Self::Float32 => "<f4",
            Self::Float64 => "<f8",
        }
    }
}

/// A number that can be written to an NPY file.
pub trait Number: Copy {
    /// Its type.
    const TYPE: NumberType;

    /// Writes it, little-endian.
    ///
    /// # Errors
    /// Those of the writer.
    fn write(self, to: &mut impl Write) -> io::Result<()>;
}

impl Number for u32 {
    const TYPE: NumberType = NumberType::Uint32;
    fn write(self, to: &mut impl Write) -> io::Result<()> {
        to.write_all(&self.to_le_bytes())
    }
}

impl Number for f32 {
    const TYPE: NumberType = NumberType::Float32;
    fn write(self, to: &mut impl Write) -> io::Result<()> {
        to.write_all(&self.to_le_bytes())
    }
}

impl Number for f64 {
    const TYPE: NumberType = NumberType::Float64;
    fn write(self, to: &mut impl Write) -> io::Result<()> {
        to.write_all(&self.to_le_bytes())
    }
}

/// The header of an array in C order; the numbers follow it.
///
/// ```
/// use adatom_core::npy::{Number, NumberType, header};
/// let mut bytes = header(NumberType::Float32, &[1, 2]);
/// assert_eq!(bytes.len() % 64, 0);
/// for number in [0.5f32, 1.5] {
///     number.write(&mut bytes)?;
/// }
/// assert!(bytes.starts_with(b"\x93NUMPY\x01\x00"));
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// # Panics
/// When the shape has thousands of axes, so that the text exceeds 64 KiB.
pub fn header(numbers: NumberType, shape: &[usize]) -> Vec<u8> {
    let extents = shape.iter().map(usize::to_string).collect::<Vec<_>>().join(", ");
    let comma = if shape.len() == 1 { "," } else { "" };
    let descr = numbers.descr();
    let text = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': ({extents}{comma}), }}");
    let length = (10 + text.len() + 1).next_multiple_of(64) - 10;
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes
        .extend(u16::try_from(length).expect("a type and a few extents need less than 64 KiB").to_le_bytes());
    bytes.extend(format!("{text:<width$}\n", width = length - 1).as_bytes());
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bytes_are_those_of_numpy() {
        // numpy.lib.format.write_array_header_1_0 of these arrays.
        let text = |numbers, shape: &[usize]| {
            let bytes = header(numbers, shape);
            assert_eq!(bytes[..10], *b"\x93NUMPY\x01\x00\x76\x00");
            assert_eq!(bytes.len(), 128);
            assert_eq!(bytes[127], b'\n');
            String::from_utf8(bytes[10..].to_vec()).unwrap().trim_end().to_owned()
        };
        assert_eq!(
            text(NumberType::Float64, &[7]),
            "{'descr': '<f8', 'fortran_order': False, 'shape': (7,), }"
        );
        assert_eq!(
            text(NumberType::Uint32, &[3, 5]),
            "{'descr': '<u4', 'fortran_order': False, 'shape': (3, 5), }"
        );
    }
}
