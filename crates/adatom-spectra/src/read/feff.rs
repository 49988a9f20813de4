//! `xmu.dat` of FEFF 6 to 10.
//!
//! | part | is |
//! |---|---|
//! | `#` lines | description; `Abs   Z=29 Rmt= ... K  shell` states the absorber and the edge |
//! | label line | `#  omega    e    k    mu    mu0     chi     @#` |
//! | rows | ω (absolute energy, eV), E - E_Fermi (eV), k (1/Å), μ, μ0 (normalised 50 eV above the edge), χ |

use crate::{Absorption, Edge, Element, Metadata, ReadOptions, Result};

use super::assemble::{self, Points};
use super::source::{Source, excerpt};
use super::{Contents, Format, Reader, SpectrumFile};

pub(super) struct Feff;

const COLUMNS: usize = 6;

/// Lines searched for labels; the header of a calculation with many paths has some hundred.
const LONGEST_HEADER: usize = 20_000;

impl Reader for Feff {
    fn name(&self) -> &'static str {
        "FEFF xmu.dat"
    }

    fn format(&self) -> Format {
        Format {
            name: self.name(),
            extensions: &["dat"],
            supported: "xmu.dat of FEFF 6 to 10: mu over omega",
        }
    }

    fn recognises(&self, source: &Source) -> bool {
        let mut header = source.lines().take(LONGEST_HEADER).take_while(|(_, line)| is_header(line));
        header.any(|(_, line)| is_label_line(line))
    }

    fn read(&self, source: &Source, options: &ReadOptions) -> Result<SpectrumFile> {
        let mut metadata = Metadata::default();
        let mut energy = Vec::new();
        let mut mu = Vec::new();
        let mut lines = Vec::new();
        let mut absorber = Absorber::default();
        for (number, line) in source.lines() {
            if is_header(line) {
                let text = line.trim_start_matches(['#', ' ']).trim_end();
                if text.starts_with("Abs") && absorber.element.is_none() {
                    absorber = absorber_of(text);
                }
                if !text.is_empty() && !is_label_line(line) {
                    metadata.push_comment(text);
                }
                continue;
            }
            let [omega, value] = row(source, number, line)?;
            energy.push(omega);
            mu.push(value);
            lines.push(number);
        }
        // The options may select mu0, or the energies relative to the edge.
        if options != &ReadOptions::default() {
            return super::columns::Columns.read(source, options);
        }
        metadata.set_source(source.path.display().to_string());
        let Absorber { element, edge } = absorber;
        let element = element.or_else(|| element_of_folder(source));
        let mut warnings = Vec::new();
        let line = |at: usize| lines.get(at).copied();
        let points = Points { energy, mu, uncertainty: None, line: &line };
        let mut xanes = assemble::spectrum(source, points, &mut warnings)?
            .with_absorption(Absorption::Calculated)
            .with_metadata(metadata);
        if let Some(element) = element {
            xanes = xanes.with_element(element);
        }
        if let Some(edge) = edge {
            xanes = xanes.with_edge(edge);
        }
        Ok(SpectrumFile { format: self.name(), contents: Contents::Xanes(vec![xanes]), warnings })
    }
}

fn is_header(line: &str) -> bool {
    let line = line.trim_start();
    line.is_empty() || line.starts_with('#')
}

fn is_label_line(line: &str) -> bool {
    let mut words = line.trim_start_matches(['#', ' ']).split_whitespace();
    ["omega", "e", "k", "mu", "mu0", "chi"].iter().all(|label| words.next() == Some(label))
}

/// ω and μ of a row whose columns are all finite numbers.
fn row(source: &Source, number: usize, line: &str) -> Result<[f64; 2]> {
    let mut values = [0.0; 2];
    let mut count = 0;
    for word in line.split_ascii_whitespace() {
        let value: f64 = match word.parse() {
            Ok(value) if f64::is_finite(value) => value,
            _ => return Err(source.malformed(number, "6 finite numbers", excerpt(word))),
        };
        match count {
            0 => values[0] = value,
            3 => values[1] = value,
            _ => {}
        }
        count += 1;
    }
    if count != COLUMNS {
        return Err(source.malformed(number, "6 finite numbers", count.to_string()));
    }
    Ok(values)
}

/// The absorbing element and its edge, where they are known.
#[derive(Default)]
struct Absorber {
    element: Option<Element>,
    edge: Option<Edge>,
}

/// The absorber of a line such as `Abs   Z=29 Rmt= 1.568 Rnm= 1.618 K  shell`.
fn absorber_of(text: &str) -> Absorber {
    let number = text.split_once("Z=").map(|(_, behind)| behind.trim_start());
    let digits = number
        .map_or("", |behind| behind.split(|letter: char| !letter.is_ascii_digit()).next().unwrap_or(""));
    let element = digits.parse().ok().and_then(Element::from_atomic_number);
    let edge = text
        .split_once("shell")
        .and_then(|(before, _)| before.split_whitespace().next_back())
        .and_then(|word| word.parse().ok());
    Absorber { element, edge }
}

/// The element in the name of a folder such as `3_Cu`, for files without a line about the absorber.
fn element_of_folder(source: &Source) -> Option<Element> {
    let folder = source.path.parent()?.file_name()?.to_str()?;
    let (number, symbol) = folder.split_once('_')?;
    number.bytes().all(|byte| byte.is_ascii_digit()).then_some(())?;
    symbol.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    const GOOD: &str = "# Cu2O                     FEFF 9.9.1\n\
        # # Abs   Z=29 Rmt= 1.568 Rnm= 1.618 K  shell\n\
        #  omega    e    k    mu    mu0     chi     @#\n 8985.562 -12.73 -1.0 5.9E-02 6.4E-02 -5.0E-03\n \
        8986.0 -12.3 -0.9 6.2E-02 6.9E-02 -6.0E-03\n";

    fn read(path: &str, text: &str) -> Result<SpectrumFile> {
        SpectrumFile::from_bytes(path, text, &ReadOptions::default())
    }

    #[test]
    fn absorber_edge_and_header_are_kept() {
        let file = read("xmu.dat", GOOD).unwrap();
        assert_eq!((file.format, file.warnings.len()), ("FEFF xmu.dat", 0));
        let Contents::Xanes(spectra) = file.contents else { panic!() };
        let xanes = &spectra[0];
        assert_eq!((xanes.element().unwrap().symbol(), xanes.edge()), ("Cu", Some(Edge::K)));
        assert_eq!((xanes.energy().first(), xanes.mu()[1]), (8985.562, 0.062));
        assert_eq!(xanes.absorption(), Absorption::Calculated);
        assert_eq!(xanes.metadata().comments().count(), 2);
        let old = GOOD.replace("# # Abs", "# Old");
        let Contents::Xanes(spectra) = read("a/12_Fe/xmu.dat", &old).unwrap().contents else { panic!() };
        assert_eq!(spectra[0].element().unwrap().symbol(), "Fe");
        assert_eq!(absorber_of("Abs   Z=79 Rmt= 1.3 Rnm= 1.4 L3 shell").edge, Some(Edge::L3));
    }

    #[test]
    fn the_options_select_other_columns() {
        let options = ReadOptions::default().energy("omega").mu("mu0");
        let file = SpectrumFile::from_bytes(Path::new("xmu.dat"), GOOD, &options).unwrap();
        let Contents::Xanes(spectra) = file.contents else { panic!() };
        assert_eq!(spectra[0].mu().to_vec(), [0.064, 0.069]);
    }

    #[test]
    fn broken_rows_name_their_line() {
        let cut = GOOD.trim_end().trim_end_matches("-6.0E-03");
        let message = read("xmu.dat", cut).unwrap_err().to_string();
        assert_eq!(message, "xmu.dat, line 5: expected 6 finite numbers, found 5");
        let message = read("xmu.dat", &GOOD.replace("6.2E-02", "NaN")).unwrap_err().to_string();
        assert_eq!(message, "xmu.dat, line 5: expected 6 finite numbers, found `NaN`");
        let message = read("xmu.dat", &GOOD[..GOOD.len() - 55]).unwrap_err().to_string();
        assert!(message.starts_with("xmu.dat"), "{message}");
    }
}
