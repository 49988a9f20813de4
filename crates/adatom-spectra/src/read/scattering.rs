//! PDFs and total scattering: columns of r, G(r) or of Q, I(Q), S(Q), F(Q) after a header without fixed
//! format.
//!
//! | part | content |
//! |---|---|
//! | header | `key = value`, `key=value key=value`, sections, tables, comments |
//! | `#### start data`, `#S 1`, `#L r($\AA$)  G($\AA^{-2}$)` | each is optional |
//! | rows | r, G; r, G, dr, dG; r, G, dr, dG, Gdiff (PDFgui fit); Q, y; Q, y, dy; or Q, y, dQ, dy |

mod columns;
mod header;
mod labels;
mod layout;
mod line;
mod options;
mod rows;

use super::source::{Source, excerpt};
use super::{Contents, Format, ReadOptions, Reader, SpectrumFile, Warning};
use crate::pdf::DIFFERENTIAL_ELEMENT;
use crate::{
    DifferentialPdf, DistanceGrid, Element, Metadata, Pdf, Result, StructureFunction, WavenumberGrid,
};
use columns::{Columns, Quantity, columns};
use header::{Header, header};
use labels::{identify_exafs, identify_scattering};
use layout::{Layout, layout};
pub use options::ScatteringAxis;
pub(super) use options::StatedContent;
use rows::{Rows, rows};

pub(super) struct Scattering;

/// Extensions that identify columns without labels.
const EXTENSIONS: [&str; 7] = ["gr", "fgr", "fq", "sq", "iq", "chi", "xy"];

/// Columns without labels are r, Q or 2θ only if the first point is below this; energies of absorption edges
/// are not.
const LARGEST_FIRST: f64 = 50.0;

/// Columns without labels are r, Q or 2θ only if all points are below this.
const LARGEST: f64 = 700.0;

/// The extension of the file in lower case, without `.gz`.
fn extension(source: &Source) -> String {
    let name = source.path.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
    let name = name.strip_suffix(".gz").unwrap_or(&name);
    name.rsplit_once('.').map_or(String::new(), |(_, end)| end.to_owned())
}

impl Reader for Scattering {
    fn name(&self) -> &'static str {
        "total scattering"
    }

    fn format(&self) -> Format {
        Format {
            name: self.name(),
            extensions: &EXTENSIONS,
            supported: "r, G(r) with uncertainties; Q in 1/Å or 1/nm, or 2θ, with I, S or F; of PDFgetX2, \
                        PDFgetX3, xPDFsuite, PDFgetN, PDFgui, Fit2D, pyFAI",
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
                    Some(labels) if identify_scattering(labels) => true,
                    Some(labels) if identify_exafs(labels) => false,
                    _ => {
                        found.promised.is_some()
                            || has_typical_header(&found)
                            || (named && has_typical_axis(source, &found))
                    }
                }
            }
            // A damaged file with a specific extension is of this format; .chi and .xy are not specific.
            Err(_) => EXTENSIONS[..5].contains(&extension(source).as_str()) && !source.bytes.is_empty(),
        }
    }

    fn read(&self, source: &Source, options: &ReadOptions) -> Result<SpectrumFile> {
        read(source, options)
    }
}

/// Whether a header without labels is typical of total scattering.
fn has_typical_header(layout: &Layout<'_>) -> bool {
    let metadata = header(&layout.header).metadata;
    ["outputtype", "qmaxinst", DIFFERENTIAL_ELEMENT].iter().any(|key| metadata.get(key).is_some())
}

/// Whether the first column has typical values of r, Q or 2θ.
fn has_typical_axis(source: &Source, layout: &Layout<'_>) -> bool {
    let mut row = Vec::new();
    let mut axis = source.lines().skip(layout.first - 1).filter_map(|(_, line)| {
        line::classify(line, &mut row);
        row.first().copied()
    });
    !axis.next().is_some_and(|first| first > LARGEST_FIRST)
        && axis.all(|axis| axis.is_nan() || axis < LARGEST)
}

/// Decodes a file that contains columns of scattering.
pub(super) fn read(source: &Source, options: &ReadOptions) -> Result<SpectrumFile> {
    let layout = layout(source)?;
    let mut warnings = Vec::new();
    let rows = rows(source, layout.first, &mut warnings)?;
    if let Some(promised) = layout.promised.filter(|&promised| promised > rows.lines.len()) {
        let found = format!("{} rows", rows.lines.len());
        return Err(source.malformed(None, &format!("{promised} rows as stated in line 4"), found));
    }
    let Header { mut metadata, program } = header(&layout.header);
    rows.comments.iter().for_each(|comment| metadata.push_comment(comment));
    metadata.set_source(source.path.display().to_string());
    let table = Table { source, layout: &layout, rows: &rows, metadata: &metadata };
    let columns = columns(table, options, &mut warnings)?;
    warn_if_truncated(&metadata, &rows, &columns, &mut warnings);
    let contents = match columns.quantity {
        Quantity::Pdf => {
            let pdf = pdf(source, &rows, &columns, &mut warnings)?.with_metadata(metadata);
            match differential(source, &pdf, options)? {
                Some(element) => Contents::DifferentialPdf(DifferentialPdf::new(element, pdf)),
                None => Contents::Pdf(pdf),
            }
        }
        Quantity::Scattering(kind) => {
            let q = rows.axis(source, columns.axis_name(), columns.largest())?;
            let values = columns.values(rows.values(source, 1, columns.values_name())?);
            let function = StructureFunction::new(kind, WavenumberGrid::new(columns.axis(q))?, values)?;
            let uncertainty = columns
                .uncertainty
                .and_then(|at| rows.uncertainties(at, columns.values_name(), &mut warnings));
            let function = function.with_metadata(metadata);
            Contents::Scattering(match uncertainty {
                Some(values) => function.with_uncertainty(columns.scaled(values))?,
                None => function,
            })
        }
    };
    let format = match (program, layout.promised, columns.quantity) {
        (Some(program), _, _) => program,
        (None, Some(_), _) => "Fit2D",
        (None, None, Quantity::Pdf) => "columns of G(r)",
        (None, None, Quantity::Scattering(_)) => "columns of scattering",
    };
    Ok(SpectrumFile { format, contents, warnings })
}

/// The parts of a file from which its columns are identified.
#[derive(Clone, Copy)]
struct Table<'a> {
    source: &'a Source,
    layout: &'a Layout<'a>,
    rows: &'a Rows,
    metadata: &'a Metadata,
}

/// The PDF, without metadata.
fn pdf(source: &Source, rows: &Rows, columns: &Columns, warnings: &mut Vec<Warning>) -> Result<Pdf> {
    let r = DistanceGrid::new(columns.axis(rows.axis(source, "r", columns.largest())?))?;
    let g = columns.values(rows.values(source, 1, "G")?);
    let mut pdf = Pdf::new(r, g)?;
    if let Some(values) = columns.axis_uncertainty.and_then(|at| rows.uncertainties(at, "r", warnings)) {
        pdf = pdf.with_distance_uncertainty(columns.axis(values))?;
    }
    if let Some(values) = columns.uncertainty.and_then(|at| rows.uncertainties(at, "G", warnings)) {
        pdf = pdf.with_uncertainty(columns.scaled(values))?;
    }
    Ok(pdf)
}

/// The element of a differential PDF, as stated in the header or else by the caller.
fn differential(source: &Source, pdf: &Pdf, options: &ReadOptions) -> Result<Option<Element>> {
    let stated = pdf.metadata().get(DIFFERENTIAL_ELEMENT).map(|symbol| {
        let unknown = |_| {
            let expected = format!("the symbol of an element as {DIFFERENTIAL_ELEMENT}");
            source.malformed(None, &expected, excerpt(symbol))
        };
        symbol.parse().map_err(unknown)
    });
    match (stated, options.content) {
        (Some(element), _) => element.map(Some),
        (None, Some(StatedContent::DifferentialPdf(element))) => Ok(Some(element)),
        (None, _) => Ok(None),
    }
}

/// Warns if there are fewer rows than the header states: the file may be truncated.
fn warn_if_truncated(metadata: &Metadata, rows: &Rows, columns: &Columns, warnings: &mut Vec<Warning>) {
    let count = rows.lines.len();
    let promised = metadata.number("numRpoints").or_else(|| {
        let mut comments = metadata.comments().skip_while(|comment| *comment != "Npoints").skip(1);
        comments.next()?.parse().ok()
    });
    // Some programs count the point at r = 0 and do not write it.
    if let Some(promised) = promised.filter(|&promised| count as f64 + 1.0 < promised) {
        let message =
            format!("the header states {promised} points, but there are {count} rows; truncated file?");
        warnings.push(Warning::new(rows.lines.last().copied(), message));
    }
    let axis = &rows.columns[0];
    let (Quantity::Pdf, Some(end), [.., before, last]) =
        (columns.quantity, metadata.number("rmax"), axis.as_slice())
    else {
        return;
    };
    // Many programs stop one step before the end.
    if *last < end - 1.5 * (last - before) {
        let message =
            format!("the header states rmax = {end}, but the rows end at r = {last}; truncated file?");
        warnings.push(Warning::new(rows.lines.last().copied(), message));
    }
}
