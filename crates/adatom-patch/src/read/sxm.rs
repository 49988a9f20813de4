//! Nanonis scans (`.sxm`): text up to `:SCANIT_END:`, the bytes 1A 04, and the signals as big-endian f32.
//!
//! In the text, a line `:NAME:` starts an entry, whose lines follow. `DATA_INFO` is a table of the signals in
//! the order of storage; those of direction `both` are stored twice, forward and backward. Backward rows
//! begin at the right, and an upward scan begins with the lowest row. Rows that were not scanned are NaN.
//!
//! By default, the forward height Z is read, or the first signal that is not constant if there is no Z or the
//! tip was kept at a constant height.

use adatom_core::PixelSize;
use ndarray::{Array2, Axis};

use super::sample::{Endian, Kind};
use super::{Format, Frame, ImageFile, Reader, Source};
use crate::{Error, Result};

pub(super) struct Sxm;

const MAGIC: &[u8] = b":NANONIS_VERSION:";
const END: &[u8] = b":SCANIT_END:";
const DATA: &[u8] = b"\x1a\x04";
const SUPPORTED: &str = "signals of FLOAT, MSBFIRST";
/// Largest number of bytes between the end of the text and the data.
const GAP: usize = 64;

/// The direction of the tip.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Direction {
    Forward,
    Backward,
}

/// One stored image.
struct Signal {
    name: String,
    direction: Direction,
}

impl Signal {
    fn full_name(&self) -> String {
        match self.direction {
            Direction::Forward => format!("{} forward", self.name),
            Direction::Backward => format!("{} backward", self.name),
        }
    }
}

struct Scan {
    extent: [usize; 2],
    pixel_size: Option<PixelSize>,
    upwards: bool,
    signals: Vec<Signal>,
    /// The offset of the first signal.
    data: u64,
}

impl Reader for Sxm {
    fn format(&self) -> Format {
        Format { name: "Nanonis SXM", extensions: &["sxm"], supported: SUPPORTED }
    }

    fn recognises(&self, start: &[u8]) -> bool {
        start.starts_with(MAGIC)
    }

    fn properties(&self, source: &Source<'_>) -> Result<ImageFile> {
        let scan = scan(source)?;
        Ok(ImageFile {
            format: source.format,
            frames: 1,
            height: scan.extent[0],
            width: scan.extent[1],
            channels: 1,
            dtype: Kind::F32.name().into(),
            pixel_size: scan.pixel_size.clone(),
            signals: scan.signals.iter().map(Signal::full_name).collect(),
        })
    }

    fn frames(&self, source: &Source<'_>) -> Result<Vec<Frame>> {
        let scan = scan(source)?;
        let selected = scan.selected(source)?;
        let length = scan.signal_length();
        let numbers =
            Kind::F32.decode(source.take(scan.data + selected as u64 * length, length)?, Endian::Big);
        let mut pixels =
            Array2::from_shape_vec(scan.extent, numbers).expect("the length was computed from the extent");
        if scan.signals[selected].direction == Direction::Backward {
            pixels.invert_axis(Axis(1));
        }
        if scan.upwards {
            pixels.invert_axis(Axis(0));
        }
        Ok(vec![Frame { pixels, pixel_size: scan.pixel_size }])
    }
}

impl Scan {
    fn signal_length(&self) -> u64 {
        (self.extent[0] * self.extent[1]) as u64 * Kind::F32.bytes()
    }

    /// The index of the requested signal, or of the default one.
    fn selected(&self, source: &Source<'_>) -> Result<usize> {
        let index = |name: &str| {
            let full = self.signals.iter().position(|signal| signal.full_name().eq_ignore_ascii_case(name));
            full.or_else(|| self.signals.iter().position(|signal| signal.name.eq_ignore_ascii_case(name)))
        };
        match source.signal {
            None => {
                let length = self.signal_length();
                let varies = |&signal: &usize| {
                    let numbers = source.take(self.data + signal as u64 * length, length).unwrap_or_default();
                    numbers.chunks_exact(4).any(|number| number != &numbers[..4])
                };
                let all = index("Z").into_iter().chain(0..self.signals.len());
                Ok(all.clone().find(varies).or_else(|| all.clone().next()).unwrap_or(0))
            }
            Some(name) => index(name).ok_or_else(|| Error::Signal {
                path: source.path.into(),
                requested: name.to_owned(),
                available: self.signals.iter().map(Signal::full_name).collect(),
            }),
        }
    }
}

fn find(bytes: &[u8], pattern: &[u8]) -> Option<usize> {
    bytes.windows(pattern.len()).position(|window| window == pattern)
}

fn scan(source: &Source<'_>) -> Result<Scan> {
    let end = find(source.bytes, END).ok_or_else(|| source.malformed("the text has no :SCANIT_END:"))?;
    // Comments may use any code page; the entries that are read are ASCII.
    let text = String::from_utf8_lossy(&source.bytes[..end]);
    let after = end + END.len();
    let gap = &source.bytes[after..source.bytes.len().min(after + GAP)];
    let mark =
        find(gap, DATA).ok_or_else(|| source.malformed("the bytes 1A 04 do not follow :SCANIT_END:"))?;
    let kind = lines(&text, "SCANIT_TYPE").join(" ");
    if kind.split_whitespace().collect::<Vec<_>>() != ["FLOAT", "MSBFIRST"] {
        return Err(source.unsupported(format!("numbers of type {:?}", kind.trim()), SUPPORTED));
    }
    let [width, height] = pair::<u64>(source, &text, "SCAN_PIXELS")?;
    let extent = source.check_extent(height, width)?;
    let [across, along] = pair::<f64>(source, &text, "SCAN_RANGE")?;
    let sizes = [along / height as f64, across / width as f64];
    let is_length = |step: &f64| step.is_finite() && *step > 0.0;
    let pixel_size = sizes.iter().all(is_length).then(|| PixelSize::from_metres(sizes[0], sizes[1]));
    let upwards = match lines(&text, "SCAN_DIR").join("").trim() {
        "up" => true,
        "down" => false,
        other => {
            return Err(source.malformed(format!("SCAN_DIR: expected up or down, found {other:?}")));
        }
    };
    let scan = Scan {
        extent,
        pixel_size,
        upwards,
        signals: signals(source, &text)?,
        data: (after + mark + 2) as u64,
    };
    // All signals must exist, even if only one is read.
    let whole = scan.signal_length().saturating_mul(scan.signals.len() as u64);
    source.take(scan.data, whole)?;
    Ok(scan)
}

/// The lines of an entry that are not blank.
fn lines<'t>(text: &'t str, name: &str) -> Vec<&'t str> {
    let is_name = |line: &&str| line.strip_prefix(':').and_then(|rest| rest.strip_suffix(':')) == Some(name);
    let mut all = text.lines().map(|line| line.trim_end());
    if !all.by_ref().any(|line| is_name(&line)) {
        return Vec::new();
    }
    // Comments may contain colons; the name of an entry has one at each end.
    let names_entry = |line: &str| line.len() > 2 && line.starts_with(':') && line.ends_with(':');
    all.take_while(|line| !names_entry(line)).filter(|line| !line.trim().is_empty()).collect()
}

/// An entry of two positive numbers.
fn pair<T: std::str::FromStr + PartialOrd + Default + Copy>(
    source: &Source<'_>,
    text: &str,
    name: &str,
) -> Result<[T; 2]> {
    let found = lines(text, name).join(" ");
    let numbers: Vec<T> = found.split_whitespace().map_while(|word| word.parse().ok()).collect();
    match numbers[..] {
        [first, second] if first > T::default() && second > T::default() => Ok([first, second]),
        _ => {
            Err(source.malformed(format!("{name}: expected two positive numbers, found {:?}", found.trim())))
        }
    }
}

/// The signals in the order of storage.
fn signals(source: &Source<'_>, text: &str) -> Result<Vec<Signal>> {
    let table = lines(text, "DATA_INFO");
    let mut rows = table.iter().map(|line| line.split('\t').map(str::trim).collect::<Vec<_>>());
    let header = rows.next().unwrap_or_default();
    let column = |name: &str| {
        let found = header.iter().position(|cell| *cell == name);
        found
            .ok_or_else(|| source.malformed(format!("DATA_INFO: expected a column {name}, found {header:?}")))
    };
    let (name, direction) = (column("Name")?, column("Direction")?);
    let mut signals = Vec::new();
    for row in rows {
        let (Some(name), Some(direction)) = (row.get(name), row.get(direction)) else {
            return Err(source.malformed(format!("DATA_INFO: a row of {} cells", row.len())));
        };
        let directions: &[Direction] = match *direction {
            "both" => &[Direction::Forward, Direction::Backward],
            "forward" => &[Direction::Forward],
            "backward" => &[Direction::Backward],
            other => {
                let text = format!("DATA_INFO: expected forward, backward or both, found {other:?}");
                return Err(source.malformed(text));
            }
        };
        let signal = |&direction: &Direction| Signal { name: (*name).to_owned(), direction };
        signals.extend(directions.iter().map(signal));
    }
    if signals.is_empty() {
        return Err(source.malformed("DATA_INFO lists no signal"));
    }
    Ok(signals)
}

#[cfg(test)]
mod tests {
    use ndarray::arr2;

    use super::super::{decode_bytes, decode_signal, survive_damage};
    use super::*;

    /// Two signals of two rows and three columns; numbers increase in the order of storage.
    fn file(direction: &str) -> Vec<u8> {
        let text = format!(
            ":NANONIS_VERSION:\n2\n:SCANIT_TYPE:\n   FLOAT   MSBFIRST\n:SCAN_PIXELS:\n  3   2\n\
             :SCAN_RANGE:\n 3.0E-9 4.0E-9\n:SCAN_DIR:\n{direction}\n:COMMENT:\nan odd: one\n:with colons\n\n\
             :DATA_INFO:\n\tChannel\tName\tUnit\tDirection\tCalibration\tOffset\n\
             \t0\tCurrent\tA\tforward\t1\t0\n\t14\tZ\tm\tboth\t1\t0\n\n:SCANIT_END:\n\n\n"
        );
        let mut bytes = text.into_bytes();
        bytes.extend(DATA);
        (0..18u8).for_each(|number| bytes.extend(f32::from(number).to_be_bytes()));
        bytes
    }

    #[test]
    fn the_height_is_read_by_default() {
        let image = &decode_bytes(&file("down")).unwrap()[0];
        assert_eq!(image.pixels(), arr2(&[[6.0, 7.0, 8.0], [9.0, 10.0, 11.0]]));
        let size = image.pixel_size().unwrap();
        assert!(
            (size.row - 2.0).abs() < 1e-12 && (size.column - 1.0).abs() < 1e-12 && size.unit == "nm",
            "{size}"
        );
        let current = decode_signal(&file("down"), "current").unwrap();
        assert_eq!(current.pixels(), arr2(&[[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]]));
        // Backward lines begin at the right.
        let backward = decode_signal(&file("down"), "Z backward").unwrap();
        assert_eq!(backward.pixels(), arr2(&[[14.0, 13.0, 12.0], [17.0, 16.0, 15.0]]));
        let text = decode_signal(&file("down"), "Phase").unwrap_err().to_string();
        assert_eq!(text, "memory: no signal Phase; the signals are Current forward, Z forward, Z backward");
    }

    #[test]
    fn a_constant_height_is_not_the_default() {
        let mut bytes = file("down");
        let height = find(&bytes, DATA).unwrap() + DATA.len() + 6 * 4;
        (0..6).for_each(|pixel| bytes[height + 4 * pixel..][..4].copy_from_slice(&1f32.to_be_bytes()));
        let image = &decode_bytes(&bytes).unwrap()[0];
        assert_eq!(image.pixels(), arr2(&[[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]]));
        assert_eq!(decode_signal(&bytes, "Z").unwrap().pixels(), arr2(&[[1.0; 3]; 2]));
    }

    #[test]
    fn a_scan_upwards_begins_at_the_bottom() {
        let image = &decode_bytes(&file("up")).unwrap()[0];
        assert_eq!(image.pixels(), arr2(&[[9.0, 10.0, 11.0], [6.0, 7.0, 8.0]]));
    }

    #[test]
    fn messages_state_the_error() {
        let message = |from: &str, to: &str| {
            let bytes = file("down");
            let end = find(&bytes, DATA).unwrap();
            let text = std::str::from_utf8(&bytes[..end]).unwrap();
            assert!(text.contains(from), "{from}");
            let changed = [text.replacen(from, to, 1).as_bytes(), &bytes[end..]].concat();
            decode_bytes(&changed).unwrap_err().to_string()
        };
        let invalid = |text: &str| format!("memory: invalid Nanonis SXM file: {text}");
        assert_eq!(message(":SCANIT_END:", ":SCAN_END:"), invalid("the text has no :SCANIT_END:"));
        assert_eq!(
            message("  3   2", "-3 2"),
            invalid("SCAN_PIXELS: expected two positive numbers, found \"-3 2\"")
        );
        assert_eq!(message("down", "left"), invalid("SCAN_DIR: expected up or down, found \"left\""));
        assert_eq!(
            message("both", "twice"),
            invalid("DATA_INFO: expected forward, backward or both, found \"twice\"")
        );
        assert!(message("MSBFIRST", "LSBFIRST").contains("numbers of type \"FLOAT   LSBFIRST\""));
        let absurd = message("  3   2", "4000000000 4000000000");
        assert!(absurd.contains("truncated Nanonis SXM file"), "{absurd}");
    }

    #[test]
    fn damage_never_panics() {
        let good = file("down");
        survive_damage(&good, good.len());
    }
}
