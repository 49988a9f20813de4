//! Identifies the columns of a table: the axis, the function, their uncertainties and units.
//!
//! Labels take precedence, then the header, the options of the caller, and the file extension. An angle 2θ is
//! converted to Q = 4π sin(θ) / λ.

use std::f64::consts::PI;

use super::labels::{Column, Label, Unit, identify_exafs, identify_scattering};
use super::{ScatteringAxis, StatedContent, Table, extension};
use crate::pdf::DIFFERENTIAL_ELEMENT;
use crate::read::source::{Source, excerpt};
use crate::read::{ReadOptions, Warning};
use crate::{Ambiguity, Error, Metadata, Result, ScatteringKind};

/// The function in the second column.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Quantity {
    Pdf,
    Scattering(ScatteringKind),
}

/// The unit of the first column, which is converted to r in Å or Q in 1/Å.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Axis {
    Angstrom,
    Nanometre,
    /// The angle 2θ.
    TwoTheta {
        /// Radians per unit of the angle.
        unit: f64,
        /// Å.
        wavelength: f64,
    },
}

/// The identified columns.
pub(super) struct Columns {
    pub(super) quantity: Quantity,
    axis: Axis,
    /// Whether the second column is S(Q) - 1.
    less_one: bool,
    /// The column with the uncertainty of the axis.
    pub(super) axis_uncertainty: Option<usize>,
    /// The column with the uncertainty of the function.
    pub(super) uncertainty: Option<usize>,
}

impl Columns {
    /// Converts the axis to r in Å or Q in 1/Å.
    pub(super) fn axis(&self, values: Vec<f64>) -> Vec<f64> {
        let convert = |value: f64| match (self.axis, self.quantity) {
            (Axis::Angstrom, _) => value,
            (Axis::Nanometre, Quantity::Pdf) => 10.0 * value,
            (Axis::Nanometre, Quantity::Scattering(_)) => value / 10.0,
            (Axis::TwoTheta { unit, wavelength }, _) => 4.0 * PI * (unit * value / 2.0).sin() / wavelength,
        };
        values.into_iter().map(convert).collect()
    }

    /// Converts uncertainties of the function to its unit.
    pub(super) fn scaled(&self, values: Vec<f64>) -> Vec<f64> {
        let per = match (self.axis, self.quantity) {
            (Axis::Nanometre, Quantity::Pdf) => 100.0,
            (Axis::Nanometre, Quantity::Scattering(ScatteringKind::Reduced)) => 10.0,
            _ => return values,
        };
        values.into_iter().map(|value| value / per).collect()
    }

    /// Converts values of the function to its unit.
    pub(super) fn values(&self, values: Vec<f64>) -> Vec<f64> {
        if self.less_one {
            return values.into_iter().map(|value| value + 1.0).collect();
        }
        self.scaled(values)
    }

    /// The name of the axis in messages.
    pub(super) fn axis_name(&self) -> &'static str {
        match (self.quantity, self.axis) {
            (Quantity::Pdf, _) => "r",
            (_, Axis::TwoTheta { .. }) => "2θ",
            _ => "Q",
        }
    }

    /// The name of the function in messages.
    pub(super) fn values_name(&self) -> &'static str {
        name(self.quantity)
    }

    /// The largest valid value of the first column.
    pub(super) fn largest(&self) -> f64 {
        match self.axis {
            Axis::TwoTheta { unit, .. } => PI / unit,
            _ => f64::MAX,
        }
    }
}

fn name(quantity: Quantity) -> &'static str {
    match quantity {
        Quantity::Pdf => "G(r)",
        Quantity::Scattering(ScatteringKind::Intensity) => "I(Q)",
        Quantity::Scattering(ScatteringKind::Structure) => "S(Q)",
        Quantity::Scattering(ScatteringKind::Reduced) => "F(Q)",
    }
}

/// Identifies the columns.
///
/// # Errors
/// The function or the wavelength of an angle is unknown, the file is contradictory, or it has too few or too
/// many columns.
pub(super) fn columns(
    table: Table<'_>,
    options: &ReadOptions,
    warnings: &mut Vec<Warning>,
) -> Result<Columns> {
    let Table { source, layout, metadata, .. } = table;
    let labels = layout.labels.as_ref().filter(|(_, labels)| identify_scattering(labels));
    if layout.promised.is_some() && labels.is_none() {
        let axis = source.lines().nth(1).map_or("", |(_, line)| line);
        return Err(source.malformed(2, "2θ in degrees, or Q in 1/Å or 1/nm, and intensity", excerpt(axis)));
    }
    let labels = labels.map(|(line, labels)| LabelLine { line: *line, labels });
    let identified = labels.and_then(labelled).or_else(|| in_header(metadata));
    let stated = options.content.map(|content| match content {
        StatedContent::Pdf | StatedContent::DifferentialPdf(_) => Quantity::Pdf,
        StatedContent::Scattering(kind) => Quantity::Scattering(kind),
    });
    if let (Some(identified), Some(stated)) = (identified, stated)
        && identified != stated
    {
        let message = format!("read as {} as stated in the file, not as {}", name(identified), name(stated));
        warnings.push(Warning::new(labels.map(|labels| labels.line), message));
    }
    let quantity = match identified.or(stated) {
        Some(quantity) => quantity,
        None => by_extension(table)?,
    };
    let axis = axis(table, labels, quantity, options)?;
    let less_one = labels.is_some_and(|labels| labels.labels[1].column == Column::StructureLessOne);
    let mut columns = Columns { quantity, axis, less_one, axis_uncertainty: None, uncertainty: None };
    find_uncertainties(&mut columns, table, labels, warnings)?;
    Ok(columns)
}

/// The labels of the columns, at least two, and their line.
#[derive(Clone, Copy)]
struct LabelLine<'a> {
    line: usize,
    labels: &'a [Label],
}

fn labelled(line: LabelLine<'_>) -> Option<Quantity> {
    match line.labels[1].column {
        Column::G => Some(Quantity::Pdf),
        Column::Scattering(kind) => Some(Quantity::Scattering(kind)),
        Column::StructureLessOne => Some(Quantity::Scattering(ScatteringKind::Structure)),
        _ => None,
    }
}

fn in_header(metadata: &Metadata) -> Option<Quantity> {
    if metadata.get(DIFFERENTIAL_ELEMENT).is_some() {
        return Some(Quantity::Pdf);
    }
    // It may list several kinds, if a program wrote several files with one header.
    match metadata.get("outputtype")?.to_ascii_lowercase().as_str() {
        "gr" => Some(Quantity::Pdf),
        "fq" => Some(Quantity::Scattering(ScatteringKind::Reduced)),
        "sq" => Some(Quantity::Scattering(ScatteringKind::Structure)),
        "iq" => Some(Quantity::Scattering(ScatteringKind::Intensity)),
        _ => None,
    }
}

/// The function that belongs to the file extension, unless the numbers contradict it.
fn by_extension(table: Table<'_>) -> Result<Quantity> {
    let Table { source, layout, rows, .. } = table;
    let ambiguous = |reason| {
        let ambiguity = Ambiguity::ScatteringFunction { reason };
        Err(Error::Ambiguous { path: source.path.clone(), ambiguity })
    };
    if layout.labels.as_ref().is_some_and(|(_, labels)| identify_exafs(labels)) {
        return ambiguous("the labels are those of an EXAFS χ(k), not of I(Q), S(Q) or F(Q)");
    }
    let tail = rows.columns.get(1).map_or(f64::NAN, |values| tail(values));
    match extension(source).as_str() {
        "gr" | "fgr" => Ok(Quantity::Pdf),
        "iq" => Ok(Quantity::Scattering(ScatteringKind::Intensity)),
        // Reverse Monte Carlo programs write S(Q) to files with the extension .fq.
        "fq" if (tail - 1.0).abs() < NEAR => {
            ambiguous("the file extension indicates F(Q), but the last values are near 1 as in S(Q)")
        }
        "sq" if tail.abs() < NEAR => {
            ambiguous("the file extension indicates S(Q), but the last values are near 0 as in F(Q)")
        }
        "fq" => Ok(Quantity::Scattering(ScatteringKind::Reduced)),
        "sq" => Ok(Quantity::Scattering(ScatteringKind::Structure)),
        "chi" => ambiguous("a .chi file without header may be I(Q) of total scattering or an EXAFS χ(k)"),
        _ => ambiguous("neither labels nor header state which function the columns are"),
    }
}

/// The last values of S(Q) differ from 1, those of F(Q) from 0, by less than this.
const NEAR: f64 = 0.2;

/// The median of the last quarter of the values; NaN for fewer than 10 of them.
fn tail(values: &[f64]) -> f64 {
    let mut last = values[values.len() - values.len() / 4..].to_vec();
    last.sort_by(f64::total_cmp);
    if last.len() < 10 { f64::NAN } else { last[last.len() / 2] }
}

fn axis(
    table: Table<'_>,
    labels: Option<LabelLine<'_>>,
    quantity: Quantity,
    options: &ReadOptions,
) -> Result<Axis> {
    let Table { source, metadata, .. } = table;
    // Beside an output type, the data format describes the measurement and not this file.
    let dataformat = metadata.get("dataformat").filter(|_| metadata.get("outputtype").is_none());
    let described = dataformat.map(str::to_ascii_lowercase);
    let angle = |unit| Ok(Axis::TwoTheta { unit, wavelength: wavelength(source, metadata, options)? });
    let length = match labels {
        Some(LabelLine { labels: [axis, ..], .. }) if axis.column == Column::TwoTheta => match axis.unit {
            Some(Unit::Radian) => return angle(1.0),
            _ => return angle(1f64.to_radians()),
        },
        Some(LabelLine { line, labels: [axis, values, ..] }) => length(source, line, axis, values)?,
        _ => None,
    };
    if quantity == Quantity::Pdf {
        return Ok(length.unwrap_or(Axis::Angstrom));
    }
    let labelled = labels.is_some();
    match (length, described.as_deref(), options.axis) {
        (Some(axis), _, _) => Ok(axis),
        (None, Some("qnm"), _) => Ok(Axis::Nanometre),
        (None, Some("twotheta"), _) if !labelled => angle(1f64.to_radians()),
        (None, None, Some(ScatteringAxis::PerNanometre)) => Ok(Axis::Nanometre),
        (None, None, Some(ScatteringAxis::TwoTheta { .. })) if !labelled => angle(1f64.to_radians()),
        _ => Ok(Axis::Angstrom),
    }
}

/// The unit of length in the first two labels.
fn length(source: &Source, line: usize, axis: &Label, values: &Label) -> Result<Option<Axis>> {
    let known = |unit: Option<Unit>| match unit {
        Some(Unit::Angstrom) => Some(Axis::Angstrom),
        Some(Unit::Nanometre) => Some(Axis::Nanometre),
        _ => None,
    };
    let found = known(axis.unit);
    if found.is_none() && axis.unit.is_some() {
        return Err(source.malformed(line, "r in Å or nm, or Q in 1/Å or 1/nm", "another unit"));
    }
    // The unit of an intensity is not a unit of length.
    let dimensioned = matches!(values.column, Column::G | Column::Scattering(ScatteringKind::Reduced));
    match (found, known(values.unit)) {
        (Some(one), Some(other)) if dimensioned && one != other => {
            Err(source.malformed(line, "one unit of length", "Å and nm"))
        }
        (None, unit) if dimensioned => Ok(unit),
        _ => Ok(found),
    }
}

fn wavelength(source: &Source, metadata: &Metadata, options: &ReadOptions) -> Result<f64> {
    if let Some(wavelength) = metadata.number("wavelength").filter(|&wavelength| wavelength > 0.0) {
        return Ok(wavelength);
    }
    match options.axis {
        Some(ScatteringAxis::TwoTheta { wavelength }) if wavelength > 0.0 && wavelength.is_finite() => {
            Ok(wavelength)
        }
        Some(ScatteringAxis::TwoTheta { wavelength }) => Err(Error::Argument {
            what: "the wavelength",
            expected: "positive and finite".into(),
            found: wavelength.to_string(),
        }),
        _ => Err(Error::Ambiguous { path: source.path.clone(), ambiguity: Ambiguity::Wavelength }),
    }
}

/// Sets the columns of the uncertainties.
fn find_uncertainties(
    columns: &mut Columns,
    table: Table<'_>,
    labels: Option<LabelLine<'_>>,
    warnings: &mut Vec<Warning>,
) -> Result<()> {
    let Table { source, rows, .. } = table;
    let (count, line) = (rows.columns.len(), rows.lines[0]);
    let labels = labels.map(|line| line.labels).filter(|labels| labels.len() > 2);
    if let Some(labels) = labels.filter(|_| count >= 2) {
        if labels.len() < count {
            let expected = format!("{} numbers, as many as labels", labels.len());
            return Err(source.malformed(line, &expected, count.to_string()));
        }
        let find = |column| labels[..count].iter().position(|label| label.column == column);
        let others = labels.iter().enumerate().take(count).skip(2);
        for (at, _) in
            others.filter(|(_, label)| !matches!(label.column, Column::AxisUncertainty | Column::Uncertainty))
        {
            warnings.push(left_out(at, line));
        }
        columns.axis_uncertainty = find(Column::AxisUncertainty);
        columns.uncertainty = find(Column::Uncertainty);
        return Ok(());
    }
    let wrong = |expected: &str| Err(source.malformed(line, expected, format!("{count}")));
    match (columns.quantity, count) {
        (_, 2) => {}
        (_, 4) => {
            columns.axis_uncertainty = Some(2);
            columns.uncertainty = Some(3);
        }
        (Quantity::Pdf, 5) => {
            warnings.push(left_out(4, line));
            columns.axis_uncertainty = Some(2);
            columns.uncertainty = Some(3);
        }
        (Quantity::Scattering(_), 3) => columns.uncertainty = Some(2),
        (Quantity::Pdf, _) => return wrong("2 numbers (r, G) or 4 (r, G, dr, dG)"),
        (Quantity::Scattering(_), _) => {
            return wrong("2 numbers (Q, value), 3 (with its uncertainty) or 4 (with dQ)");
        }
    }
    Ok(())
}

fn left_out(at: usize, line: usize) -> Warning {
    Warning::new(
        line,
        format!("column {} was left out: it is neither the function nor an uncertainty", at + 1),
    )
}
