//! The pixel size in a TIFF file, by the program that wrote it.
//!
//! | program | source |
//! |---|---|
//! | DigitalMicrograph | tags 65009, 65010 (columns, rows) in the units 65003, 65004 |
//! | Olympus SIS | tag 33560: offset of a block with calibrations in 10ᵉ m |
//! | FEI, Thermo Fisher | tags 34680, 34682: text with `PixelWidth` and `PixelHeight` in m |
//! | OME | `PhysicalSizeX` and `PhysicalSizeY` in the description |
//! | ImageJ | `unit=` in the description; the resolution tags count pixels in one such unit |
//! | other | resolution tags in inches or centimetres, if a pixel is at most 1 µm |
//!
//! The limit excludes the 72, 300 or 4800 dots per inch that many programs write for printing.

use std::io::Cursor;

use adatom_core::PixelSize;
use tiff::decoder::Decoder;
use tiff::decoder::ifd::Value;
use tiff::tags::Tag;

type Open<'a> = Decoder<Cursor<&'a [u8]>>;

const SIS: Tag = Tag::Unknown(33560);
/// The largest valid pixel of resolution tags; screens have about 0.25 mm, fine printers 5 µm.
const LARGEST_RESOLUTION_PIXEL: f64 = 1e-6;

/// The pixel size of the current page; `bytes` is the whole file.
pub(super) fn pixel_size(decoder: &mut Open<'_>, bytes: &[u8]) -> Option<PixelSize> {
    let description = text(decoder, Tag::ImageDescription).unwrap_or_default();
    digital_micrograph(decoder)
        .or_else(|| sis(decoder, bytes))
        .or_else(|| fei(decoder))
        .or_else(|| ome(&description))
        .or_else(|| resolution(decoder, &description))
        .filter(|metres| metres.iter().all(|&size| size.is_finite() && size > 0.0))
        .map(|[row, column]| PixelSize::from_metres(row, column))
}

/// Whether the current page contains the block of Olympus SIS.
pub(super) fn has_sis(decoder: &mut Open<'_>) -> bool {
    unsigned(decoder, SIS).is_some()
}

/// The number of frames in the description of ImageJ, otherwise 1.
pub(super) fn imagej_frames(decoder: &mut Open<'_>) -> u64 {
    let description = text(decoder, Tag::ImageDescription).unwrap_or_default();
    if !description.starts_with("ImageJ") {
        return 1;
    }
    field(&description, "images").and_then(|count| count.parse().ok()).unwrap_or(1)
}

fn digital_micrograph(decoder: &mut Open<'_>) -> Option<[f64; 2]> {
    let mut axis = |size: u16, unit: u16| {
        let size = number(decoder, Tag::Unknown(size))?;
        let unit = text(decoder, Tag::Unknown(unit))?;
        Some(size * metres_in(&unit)?)
    };
    let column = axis(65009, 65003)?;
    Some([axis(65010, 65004)?, column])
}

/// The block has a header of 60 bytes, the last two of which count the entries; entry type 1 points to the
/// calibration.
fn sis(decoder: &mut Open<'_>, bytes: &[u8]) -> Option<[f64; 2]> {
    let block = bytes.get(usize::try_from(unsigned(decoder, SIS)?).ok()?..)?;
    if !block.starts_with(b"SIS0") {
        return None;
    }
    let count = u16::from_le_bytes(array(block, 58)?);
    let entries = block.get(60..)?.chunks_exact(8).take(usize::from(count));
    let general = entries.into_iter().find(|entry| entry[..2] == [1, 0])?;
    let at = usize::try_from(u32::from_le_bytes(array(general, 4)?)).ok()?;
    let general = bytes.get(at..)?;
    let exponent = i16::from_le_bytes(array(general, 10)?);
    let unit = 10f64.powi(exponent.into());
    let [column, row] = [12, 20].map(|at| array(general, at).map(f64::from_le_bytes));
    Some([row? * unit, column? * unit])
}

fn fei(decoder: &mut Open<'_>) -> Option<[f64; 2]> {
    [34680, 34682].into_iter().find_map(|tag| {
        let text = text(decoder, Tag::Unknown(tag))?;
        let metres = |key| field(&text, key).and_then(|size| size.parse().ok());
        Some([metres("PixelHeight")?, metres("PixelWidth")?])
    })
}

fn ome(description: &str) -> Option<[f64; 2]> {
    let attribute = |name: &str| {
        let after = description.split_once(&format!(" {name}=\""))?.1;
        Some(after.split_once('"')?.0.to_owned())
    };
    let axis = |name: &str| {
        let unit = attribute(&format!("{name}Unit")).unwrap_or_else(|| "µm".into());
        Some(attribute(name)?.parse::<f64>().ok()? * metres_in(&unit)?)
    };
    Some([axis("PhysicalSizeY")?, axis("PhysicalSizeX")?])
}

fn resolution(decoder: &mut Open<'_>, description: &str) -> Option<[f64; 2]> {
    let column = 1.0 / number(decoder, Tag::XResolution)?;
    let row = 1.0 / number(decoder, Tag::YResolution)?;
    if description.starts_with("ImageJ") {
        let unit = metres_in(field(description, "unit")?)?;
        return Some([row * unit, column * unit]);
    }
    let unit = match unsigned(decoder, Tag::ResolutionUnit) {
        Some(3) => 1e-2,
        Some(2) | None => 2.54e-2,
        Some(_) => return None,
    };
    let metres = [row * unit, column * unit];
    metres.iter().all(|&size| size <= LARGEST_RESOLUTION_PIXEL).then_some(metres)
}

/// The length in metres of a unit as programs write it.
fn metres_in(unit: &str) -> Option<f64> {
    let unit = unit.trim().trim_matches('\0').trim();
    Some(match unit {
        "m" | "meter" | "metre" => 1.0,
        "cm" | "centimeter" => 1e-2,
        "mm" | "millimeter" => 1e-3,
        "um" | "\u{b5}m" | "\u{3bc}m" | "micron" | "microns" | "micrometer" | "\\u00B5m" => 1e-6,
        "nm" | "nanometer" | "nanometers" => 1e-9,
        "A" | "\u{c5}" | "\u{212b}" | "angstrom" | "Angstrom" | "\\u00C5" => 1e-10,
        "pm" | "picometer" | "picometers" => 1e-12,
        "inch" | "in" => 2.54e-2,
        _ => return None,
    })
}

/// The value of a line `key=value`.
fn field<'a>(text: &'a str, key: &str) -> Option<&'a str> {
    text.lines().find_map(|line| Some(line.trim().strip_prefix(key)?.trim_start().strip_prefix('=')?.trim()))
}

/// The beginning of a text tag. It is read as bytes, because ImageJ and DigitalMicrograph write units in
/// Latin-1, which the decoder does not accept as a string.
fn text(decoder: &mut Open<'_>, tag: Tag) -> Option<String> {
    /// Number of bytes that are read.
    const LONGEST: usize = 1 << 16;
    let whole = decoder.inner().get_ref().len();
    let mut bytes = vec![0; whole.min(LONGEST)];
    let length = decoder.image_ifd().find_tag_bytes(tag, &mut bytes, 0).ok()??;
    bytes.truncate(length);
    let end = bytes.iter().position(|&byte| byte == 0).unwrap_or(bytes.len());
    bytes.truncate(end);
    let latin = |bytes: &[u8]| bytes.iter().map(|&byte| char::from(byte)).collect();
    Some(String::from_utf8(bytes).unwrap_or_else(|error| latin(error.as_bytes())))
}

fn number(decoder: &mut Open<'_>, tag: Tag) -> Option<f64> {
    match decoder.find_tag(tag).ok()?? {
        Value::Rational(above, below) if below != 0 => Some(f64::from(above) / f64::from(below)),
        Value::Double(number) => Some(number),
        Value::Float(number) => Some(number.into()),
        _ => None,
    }
    .filter(|number| *number > 0.0)
}

fn unsigned(decoder: &mut Open<'_>, tag: Tag) -> Option<u32> {
    decoder.find_tag_unsigned(tag).ok().flatten()
}

fn array<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..at + N)?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_of_programs_are_recognised() {
        for unit in ["µm\0", "micron", "um", "\\u00B5m", " micrometer "] {
            assert_eq!(metres_in(unit), Some(1e-6), "{unit}");
        }
        assert_eq!((metres_in("pixel"), metres_in("")), (None, None));
    }

    #[test]
    fn a_field_is_a_line_of_its_own() {
        let text = "ImageJ=1.51a\nyunit=nm\nunit = micron\r\n";
        assert_eq!((field(text, "unit"), field(text, "images")), (Some("micron"), None));
    }

    #[test]
    fn ome_sizes_are_in_micrometres_by_default() {
        let text = r#"<Pixels PhysicalSizeX="0.5" PhysicalSizeY="2" PhysicalSizeYUnit="nm" />"#;
        assert_eq!(ome(text), Some([2e-9, 0.5e-6]));
    }
}
