//! Beamlines and programs whose headers identify the columns in a special way.
//!
//! | dialect | recognised by | columns |
//! |---|---|---|
//! | SSRL | `EXAFS Data Collector` | one label per line after `Data:` |
//! | CLS HXMA | `CLS Data Acquisition` | `#(1)` and `"$(label)"` |
//! | KEK-PF 9809 | `KEK-PF` | angles; the lattice spacing `D=`; the detectors in the row `Mode` |
//! | GSE (old) | `Epics Scan 1 dim` | `P1={label} --> {PV}` |
//! | FDMNES | `FDMNES` | energies relative to `E_edge` |

use crate::{Absorption, Edge, Element};

use super::super::labels::Unit;
use super::super::table::{EnergyColumn, Hints};
use super::header::bare;

/// The labels and other information of a dialect.
pub(super) struct Dialect {
    pub(super) format: &'static str,
    pub(super) labels: Vec<String>,
    pub(super) hints: Hints,
}

/// The dialect of a header, if it is one of these.
pub(super) fn of(header: &[(usize, &str)], width: usize) -> Option<Dialect> {
    let first = header.iter().take(3).map(|(_, line)| line.to_lowercase()).collect::<Vec<_>>().join("\n");
    let dialect = if first.contains("exafs data collector") {
        ssrl(header)
    } else if first.contains("cls data acquisition") {
        cls(header)
    } else if first.contains("kek-pf") {
        kek(header, width)
    } else if first.contains("epics scan 1 dim") {
        gse(header)
    } else if first.contains("fdmnes") {
        fdmnes(header, width)
    } else {
        None
    };
    dialect.filter(|dialect| dialect.labels.len() == width)
}

fn labelled(format: &'static str, labels: Vec<String>) -> Option<Dialect> {
    Some(Dialect { format, labels, hints: Hints { labelled: true, ..Hints::default() } })
}

fn ssrl(header: &[(usize, &str)]) -> Option<Dialect> {
    let lines = header.iter().map(|(_, line)| line.trim());
    let labels = lines.skip_while(|line| *line != "Data:").skip(1).take_while(|line| !line.is_empty());
    labelled("SSRL columns", labels.map(str::to_owned).collect())
}

fn cls(header: &[(usize, &str)]) -> Option<Dialect> {
    let line =
        header.iter().map(|(_, line)| *line).find(|line| line.starts_with("#(1)") && line.contains("$("))?;
    let label = |word: &str| word.trim_matches(['"', '$', '(', ')']).to_owned();
    labelled("CLS columns", line["#(1)".len()..].split_whitespace().map(label).collect())
}

fn gse(header: &[(usize, &str)]) -> Option<Dialect> {
    let label = |line: &str| {
        let (left, _) = line.split_once("-->")?;
        let (_, name) = left.split_once('=')?;
        Some(name.trim().trim_matches(['{', '}']).trim().to_owned())
    };
    labelled("GSE columns", header.iter().filter_map(|(_, line)| label(line)).collect())
}

/// In 9809 files, the first detector is in front of the sample, the second behind it.
fn kek(header: &[(usize, &str)], width: usize) -> Option<Dialect> {
    let value = |start: &str, mark: &str| {
        let line = header.iter().map(|(_, line)| line.trim()).find(|line| line.starts_with(start))?;
        let (_, behind) = line.split_once(mark)?;
        behind.split_whitespace().next()?.parse::<f64>().ok()
    };
    let modes: Vec<&str> = header
        .iter()
        .map(|(_, line)| line.trim())
        .find_map(|line| line.strip_prefix("Mode"))
        .map(|line| line.split_whitespace().collect())
        .unwrap_or_default();
    let transmission = header.iter().any(|(_, line)| line.contains("Transmission"));
    let mut labels = vec!["angle_set".to_owned(), "angle".to_owned(), "time".to_owned()];
    // The word `Mode` takes the position of the first column.
    let name = |column: usize| match modes.get(column - 1) {
        Some(&"1") => "i0".to_owned(),
        Some(&"2") if transmission => "itrans".to_owned(),
        Some(&"3") => "ifluor".to_owned(),
        _ => format!("detector{}", column - 2),
    };
    labels.extend((3..width).map(name));
    let hints = Hints {
        labelled: true,
        energy: Some(EnergyColumn { column: 1, unit: Some(Unit::Degree) }),
        d_spacing: value("Mono", "D=").filter(|&spacing| spacing > 0.0),
        ..Hints::default()
    };
    Some(Dialect { format: "KEK-PF 9809", labels, hints })
}

fn fdmnes(header: &[(usize, &str)], width: usize) -> Option<Dialect> {
    let (numbers, names) = header.iter().find_map(|(_, line)| line.split_once("= E_edge"))?;
    let numbers: Vec<f64> = numbers.split_whitespace().map_while(|word| word.parse().ok()).collect();
    let edge_energy = *numbers.first()?;
    let element = numbers.get(1).and_then(|&z| Element::from_atomic_number(z as u8));
    let edge = (names.contains("n_edge") && numbers.get(2) == Some(&1.0)).then_some(Edge::K);
    let (_, last) = header.last()?;
    let labels: Vec<String> = bare(last).split_whitespace().map(str::to_owned).collect();
    let mu =
        labels.get(1).filter(|_| width == 2).map(|label| (format!("\"{label}\""), Absorption::Calculated));
    let hints = Hints {
        labelled: true,
        energy: Some(EnergyColumn { column: 0, unit: Some(Unit::ElectronVolt) }),
        mu,
        edge_energy: Some(edge_energy),
        element,
        edge,
        ..Hints::default()
    };
    Some(Dialect { format: "FDMNES", labels, hints })
}
