//! PDFs and total scattering: columns of r, G(r) or of Q, I(Q), S(Q), F(Q) under a free header.
//!
//! | part | is |
//! |---|---|
//! | header | `key = value`, `key=value key=value`, sections, tables, comments |
//! | `#### start data`, `#S 1`, `#L r($\AA$)  G($\AA^{-2}$)` | each may be missing |
//! | rows | r, G; or r, G, dr, dG; or r, G, dr, dG, Gdiff (PDFgui fit); or Q, y; or Q, y, dy; or Q, y, dQ, dy |

mod header;
mod labels;
mod layout;
mod meaning;
mod options;
mod rows;
mod text;

use super::source::{Source, excerpt};
use super::{Contents, Format, ReadOptions, Reader, SpectrumFile, Warning};
use crate::{
    DifferentialPdf, DistanceGrid, Element, Metadata, Pdf, Result, StructureFunction, WavenumberGrid,
};
pub(crate) use header::DIFFERENTIAL_ELEMENT;
use header::{Header, header};
use labels::{name_exafs, name_scattering};
use layout::{Layout, layout};
use meaning::{Meaning, Quantity, meaning};
pub(super) use options::Asked;
pub use options::ScatteringAxis;
use rows::{Rows, rows};

pub(super) struct Scattering;

/// Ends of file names that say what bare columns are.
const EXTENSIONS: [&str; 7] = ["gr", "fgr", "fq", "sq", "iq", "chi", "xy"];

/// Bare columns of r, Q or 2θ begin below the first and end below the second; energies of absorption edges do not.
const NEAR: (f64, f64) = (50.0, 700.0);

/// The end of the file's name, in small letters, without that of gzip.
fn extension(source: &Source) -> String {
    let name = source.path.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
    let name = name.strip_suffix(".gz").unwrap_or(&name);
    name.rsplit_once('.').map_or(String::new(), |(_, end)| end.to_owned())
}

impl Reader for Scattering {
    fn format(&self) -> &'static str {
        "total scattering"
    }

    fn about(&self) -> Format {
        Format {
            name: self.format(),
            extensions: &EXTENSIONS,
            supported: "r, G(r) with uncertainties; Q in 1/Å or 1/nm, or 2θ, with I, S or F; PDFgetX2, PDFgetX3, xPDFsuite, PDFgetN, PDFgui, Fit2D, pyFAI",
        }
    }

    fn recognises(&self, source: &Source) -> bool {
        if source.is_binary() || super::columns::looks_like(source).is_some() {
            return false;
        }
        if source.lines().any(|(_, line)| layout::is_mark(line)) {
            return true;
        }
        let named = EXTENSIONS.contains(&extension(source).as_str());
        match layout(source) {
            Ok(found) => {
                let labelled = found.labels.as_ref().map(|(_, labels)| labels.as_slice());
                match labelled {
                    Some(labels) if name_scattering(labels) => true,
                    Some(labels) if name_exafs(labels) => false,
                    _ => found.promised.is_some() || says_so(&found) || (named && is_near(source, &found)),
                }
            }
            // A broken file of this kind is better named than one of no kind; .chi and .xy are of many kinds.
            Err(_) => EXTENSIONS[..5].contains(&extension(source).as_str()) && !source.bytes.is_empty(),
        }
    }

    fn read(&self, source: &Source, options: &ReadOptions) -> Result<SpectrumFile> {
        read(source, options)
    }
}

/// Whether a header without labels is one of total scattering.
fn says_so(layout: &Layout<'_>) -> bool {
    let metadata = header(&layout.header).metadata;
    ["outputtype", "qmaxinst", DIFFERENTIAL_ELEMENT].iter().any(|key| metadata.get(key).is_some())
}

fn is_near(source: &Source, layout: &Layout<'_>) -> bool {
    let (largest_first, largest) = NEAR;
    let mut row = Vec::new();
    let mut axis = source.lines().skip(layout.first - 1).filter_map(|(_, line)| {
        text::sort(line, &mut row);
        row.first().copied()
    });
    !axis.next().is_some_and(|first| first > largest_first)
        && axis.all(|axis| axis.is_nan() || axis < largest)
}

/// Reads a file that is known to hold columns of scattering.
pub(super) fn read(source: &Source, options: &ReadOptions) -> Result<SpectrumFile> {
    let layout = layout(source)?;
    let mut warnings = Vec::new();
    let rows = rows(source, layout.first, &mut warnings)?;
    if let Some(promised) = layout.promised.filter(|&promised| promised > rows.lines.len()) {
        let found = format!("{} rows", rows.lines.len());
        return Err(source.malformed(None, &format!("{promised} rows as line 4 says"), found));
    }
    let Header { mut metadata, program } = header(&layout.header);
    rows.comments.iter().for_each(|comment| metadata.push_comment(comment));
    metadata.set_source(source.path.display().to_string());
    let meaning = meaning(source, (&layout, &rows), &metadata, options, &mut warnings)?;
    reaches(&metadata, &rows, &meaning, &mut warnings);
    let contents = match meaning.quantity {
        Quantity::Pdf => {
            let pdf = pdf(source, &rows, (&meaning, metadata), &mut warnings)?;
            match differential(source, &pdf, options)? {
                Some(element) => Contents::DifferentialPdf(DifferentialPdf::new(element, pdf)),
                None => Contents::Pdf(pdf),
            }
        }
        Quantity::Scattering(kind) => {
            let q = rows.axis(source, meaning.names().0, meaning.largest())?;
            let values = meaning.values(rows.values(source, 1, meaning.names().1)?);
            let function = StructureFunction::new(kind, WavenumberGrid::new(meaning.axis(q))?, values)?;
            let uncertainty =
                meaning.uncertainty.and_then(|at| rows.uncertainties(at, meaning.names().1, &mut warnings));
            let function = function.with_metadata(metadata);
            Contents::Scattering(match uncertainty {
                Some(values) => function.with_uncertainty(meaning.scaled(values))?,
                None => function,
            })
        }
    };
    let format = match (program, layout.promised, meaning.quantity) {
        (Some(program), _, _) => program,
        (None, Some(_), _) => "Fit2D",
        (None, None, Quantity::Pdf) => "columns of G(r)",
        (None, None, Quantity::Scattering(_)) => "columns of scattering",
    };
    Ok(SpectrumFile { format, contents, warnings })
}

/// The function of r.
fn pdf(
    source: &Source,
    rows: &Rows,
    (meaning, metadata): (&Meaning, Metadata),
    warnings: &mut Vec<Warning>,
) -> Result<Pdf> {
    let r = DistanceGrid::new(meaning.axis(rows.axis(source, "r", meaning.largest())?))?;
    let g = meaning.values(rows.values(source, 1, "G")?);
    let mut pdf = Pdf::new(r, g)?.with_metadata(metadata);
    if let Some(values) = meaning.axis_uncertainty.and_then(|at| rows.uncertainties(at, "r", warnings)) {
        pdf = pdf.with_distance_uncertainty(meaning.axis(values))?;
    }
    if let Some(values) = meaning.uncertainty.and_then(|at| rows.uncertainties(at, "G", warnings)) {
        pdf = pdf.with_uncertainty(meaning.scaled(values))?;
    }
    Ok(pdf)
}

/// The element of a differential PDF: that of the header, else that of the caller.
fn differential(source: &Source, pdf: &Pdf, options: &ReadOptions) -> Result<Option<Element>> {
    let stated = pdf.metadata().get(DIFFERENTIAL_ELEMENT).map(|symbol| {
        let unknown = |_| {
            let expected = format!("the symbol of an element as {DIFFERENTIAL_ELEMENT}");
            source.malformed(None, &expected, excerpt(symbol))
        };
        symbol.parse().map_err(unknown)
    });
    match (stated, options.asked) {
        (Some(element), _) => element.map(Some),
        (None, Some(Asked::DifferentialPdf(element))) => Ok(Some(element)),
        (None, _) => Ok(None),
    }
}

/// Warns where the rows end long before the header says: the file may be cut off.
fn reaches(metadata: &Metadata, rows: &Rows, meaning: &Meaning, warnings: &mut Vec<Warning>) {
    let count = rows.lines.len();
    let promised = metadata.number("numRpoints").or_else(|| {
        let mut comments = metadata.comments().skip_while(|comment| *comment != "Npoints").skip(1);
        comments.next()?.parse().ok()
    });
    // Some programs count the point at r = 0, which they do not write.
    if let Some(promised) = promised.filter(|&promised| count as f64 + 1.0 < promised) {
        let what =
            format!("the header says {promised} points, but there are {count} rows; is the file cut off?");
        warnings.push(Warning { line: rows.lines.last().copied(), message });
    }
    let axis = &rows.columns[0];
    let (Quantity::Pdf, Some(end), [.., before, last]) =
        (meaning.quantity, metadata.number("rmax"), axis.as_slice())
    else {
        return;
    };
    // A grid that stops one step before its end is a custom of many programs.
    if *last < end - 1.5 * (last - before) {
        let what =
            format!("the header says rmax = {end}, but the rows end at r = {last}; is the file cut off?");
        warnings.push(Warning { line: rows.lines.last().copied(), message });
    }
}
