//! What the columns of a table are: the axis, the function, where uncertainties stand, and in which units.
//!
//! Labels come first, then the header, then what the caller says, then the end of the file's name. A 2θ becomes
//! Q = 4π sin(θ) / λ.

use std::f64::consts::PI;

use super::labels::{Column, Label, Unit, name_exafs, name_scattering};
use super::{Asked, Layout, Rows, ScatteringAxis, extension};
use crate::read::source::{Source, excerpt};
use crate::read::{ReadOptions, Warning};
use crate::{Error, Metadata, Result, ScatteringKind};

/// Which function it is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Quantity {
    Pdf,
    Scattering(ScatteringKind),
}

/// How the first column becomes r in Å or Q in 1/Å.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Axis {
    Angstrom,
    Nanometre,
    /// 2θ, with radians per unit and the wavelength in Å.
    TwoTheta {
        unit: f64,
        wavelength: f64,
    },
}

/// What the columns are.
pub(super) struct Meaning {
    pub(super) quantity: Quantity,
    axis: Axis,
    /// Whether the second column is S(Q) - 1.
    less_one: bool,
    pub(super) axis_uncertainty: Option<usize>,
    pub(super) uncertainty: Option<usize>,
}

impl Meaning {
    /// The axis as r in Å or Q in 1/Å.
    pub(super) fn axis(&self, values: Vec<f64>) -> Vec<f64> {
        let convert = |value: f64| match (self.axis, self.quantity) {
            (Axis::Angstrom, _) => value,
            (Axis::Nanometre, Quantity::Pdf) => 10.0 * value,
            (Axis::Nanometre, Quantity::Scattering(_)) => value / 10.0,
            (Axis::TwoTheta { unit, wavelength }, _) => 4.0 * PI * (unit * value / 2.0).sin() / wavelength,
        };
        values.into_iter().map(convert).collect()
    }

    /// Values of the function, or their uncertainties.
    pub(super) fn scaled(&self, values: Vec<f64>) -> Vec<f64> {
        let per = match (self.axis, self.quantity) {
            (Axis::Nanometre, Quantity::Pdf) => 100.0,
            (Axis::Nanometre, Quantity::Scattering(ScatteringKind::Reduced)) => 10.0,
            _ => return values,
        };
        values.into_iter().map(|value| value / per).collect()
    }

    /// Values of the function.
    pub(super) fn values(&self, values: Vec<f64>) -> Vec<f64> {
        if self.less_one {
            return values.into_iter().map(|value| value + 1.0).collect();
        }
        self.scaled(values)
    }

    /// The name of the axis and of the function, as messages have them.
    pub(super) fn names(&self) -> (&'static str, &'static str) {
        let axis = match (self.quantity, self.axis) {
            (Quantity::Pdf, _) => "r",
            (_, Axis::TwoTheta { .. }) => "2θ",
            _ => "Q",
        };
        (axis, name(self.quantity))
    }

    /// The largest value that the first column may have.
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

/// Finds out what the columns are.
///
/// # Errors
/// The file leaves open which function it holds or the wavelength of an angle, contradicts itself, or has columns too
/// few or too many.
pub(super) fn meaning(
    source: &Source,
    (layout, rows): (&Layout<'_>, &Rows),
    metadata: &Metadata,
    options: &ReadOptions,
    warnings: &mut Vec<Warning>,
) -> Result<Meaning> {
    let labels = layout.labels.as_ref().filter(|(_, labels)| name_scattering(labels));
    if layout.promised.is_some() && labels.is_none() {
        let axis = source.lines().nth(1).map_or("", |(_, line)| line);
        return Err(source.malformed(2, "2θ in degrees, or Q in 1/Å or 1/nm, over intensity", excerpt(axis)));
    }
    let labels = labels.map(|(line, labels)| (*line, labels.as_slice()));
    let stated = labels.and_then(|(_, labels)| labelled(labels)).or_else(|| in_header(metadata));
    let asked = options.asked.map(|asked| match asked {
        Asked::Pdf | Asked::DifferentialPdf(_) => Quantity::Pdf,
        Asked::Scattering(kind) => Quantity::Scattering(kind),
    });
    if let (Some(stated), Some(asked)) = (stated, asked)
        && stated != asked
    {
        let what = format!("the caller says {}, the file says {}", name(asked), name(stated));
        warnings.push(Warning { line: labels.map(|(line, _)| line), message });
    }
    let quantity = match stated.or(asked) {
        Some(quantity) => quantity,
        None => by_name(source, layout, rows)?,
    };
    let axis = axis(source, labels, quantity, (metadata, options))?;
    let less_one = labels.is_some_and(|(_, labels)| labels[1].column == Column::StructureLessOne);
    let (axis_uncertainty, uncertainty) = uncertainties(source, labels, (rows, quantity), warnings)?;
    Ok(Meaning { quantity, axis, less_one, axis_uncertainty, uncertainty })
}

fn labelled(labels: &[Label]) -> Option<Quantity> {
    match labels[1].column {
        Column::G => Some(Quantity::Pdf),
        Column::Scattering(kind) => Some(Quantity::Scattering(kind)),
        Column::StructureLessOne => Some(Quantity::Scattering(ScatteringKind::Structure)),
        _ => None,
    }
}

fn in_header(metadata: &Metadata) -> Option<Quantity> {
    if metadata.get(super::DIFFERENTIAL_ELEMENT).is_some() {
        return Some(Quantity::Pdf);
    }
    // Several kinds may be named where a program wrote several files with one header.
    match metadata.get("outputtype")?.to_ascii_lowercase().as_str() {
        "gr" => Some(Quantity::Pdf),
        "fq" => Some(Quantity::Scattering(ScatteringKind::Reduced)),
        "sq" => Some(Quantity::Scattering(ScatteringKind::Structure)),
        "iq" => Some(Quantity::Scattering(ScatteringKind::Intensity)),
        _ => None,
    }
}

/// What the end of the file's name says, where the numbers do not contradict it.
fn by_name(source: &Source, layout: &Layout<'_>, rows: &Rows) -> Result<Quantity> {
    const SAY: &str = "say which with ReadOptions::scattering";
    let ambiguous = |what: String| Err(Error::Ambiguous { path: source.path.clone(), what });
    if layout.labels.as_ref().is_some_and(|(_, labels)| name_exafs(labels)) {
        return ambiguous(format!(
            "its labels are those of an EXAFS χ(k); where it is I(Q), S(Q) or F(Q), {SAY}"
        ));
    }
    let tail = rows.columns.get(1).map_or(f64::NAN, |values| tail(values));
    match extension(source).as_str() {
        "gr" | "fgr" => Ok(Quantity::Pdf),
        "iq" => Ok(Quantity::Scattering(ScatteringKind::Intensity)),
        // Programs of reverse Monte Carlo write S(Q) under the name .fq.
        "fq" if (tail - 1.0).abs() < NEAR => ambiguous(format!(
            "its name says F(Q), but its last values lie about 1 as those of S(Q) do; {SAY}"
        )),
        "sq" if tail.abs() < NEAR => ambiguous(format!(
            "its name says S(Q), but its last values lie about 0 as those of F(Q) do; {SAY}"
        )),
        "fq" => Ok(Quantity::Scattering(ScatteringKind::Reduced)),
        "sq" => Ok(Quantity::Scattering(ScatteringKind::Structure)),
        "chi" => ambiguous(format!(
            "a .chi is I(Q) of total scattering or χ(k) of EXAFS, and this one has no header; {SAY}"
        )),
        _ => ambiguous(format!(
            "neither labels nor header say which function its columns are; {SAY} or ReadOptions::pdf"
        )),
    }
}

/// The tail of S(Q) is this close to 1, that of F(Q) to 0.
const NEAR: f64 = 0.2;

/// The median of the last quarter; not a number where it is too short to say anything.
fn tail(values: &[f64]) -> f64 {
    let mut last = values[values.len() - values.len() / 4..].to_vec();
    last.sort_by(f64::total_cmp);
    if last.len() < 10 { f64::NAN } else { last[last.len() / 2] }
}

fn axis(
    source: &Source,
    labels: Option<(usize, &[Label])>,
    quantity: Quantity,
    (metadata, options): (&Metadata, &ReadOptions),
) -> Result<Axis> {
    // With an output type the data format is that of the measurement from which the file was made.
    let dataformat = metadata.get("dataformat").filter(|_| metadata.get("outputtype").is_none());
    let described = dataformat.map(str::to_ascii_lowercase);
    let angle = |unit| Ok(Axis::TwoTheta { unit, wavelength: wavelength(source, metadata, options)? });
    let length = match labels {
        Some((_, [axis, ..])) if axis.column == Column::TwoTheta => match axis.unit {
            Some(Unit::Radian) => return angle(1.0),
            _ => return angle(1f64.to_radians()),
        },
        Some((line, [axis, values, ..])) => length(source, line, (axis, values))?,
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

/// The unit of length of the first two labels.
fn length(source: &Source, line: usize, (axis, values): (&Label, &Label)) -> Result<Option<Axis>> {
    let known = |unit: Option<Unit>| match unit {
        Some(Unit::Angstrom) => Some(Axis::Angstrom),
        Some(Unit::Nanometre) => Some(Axis::Nanometre),
        _ => None,
    };
    let found = known(axis.unit);
    if found.is_none() && axis.unit.is_some() {
        return Err(source.malformed(line, "r in Å or nm, or Q in 1/Å or 1/nm", "another unit"));
    }
    // The unit of an intensity is no unit of length.
    let dimensioned = matches!(values.column, Column::G | Column::Scattering(ScatteringKind::Reduced));
    match (found, known(values.unit)) {
        (Some(one), Some(other)) if dimensioned && one != other => {
            Err(source.malformed(line, "one unit of length", "Å beside nm"))
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
        Some(ScatteringAxis::TwoTheta { wavelength }) if wavelength > 0.0 && wavelength.is_finite() => Ok(wavelength),
        Some(ScatteringAxis::TwoTheta { wavelength }) => Err(Error::Argument {
            what: "wavelength",
            expected: "a finite number of Å above 0".into(),
            found: wavelength.to_string(),
        }),
        _ => Err(Error::Ambiguous {
            path: source.path.clone(),
            what: "its first column is an angle 2θ and no wavelength is named; give it with ReadOptions::scattering_axis"
                .into(),
        }),
    }
}

/// Which columns are the uncertainties of the axis and of the function.
fn uncertainties(
    source: &Source,
    labels: Option<(usize, &[Label])>,
    (rows, quantity): (&Rows, Quantity),
    warnings: &mut Vec<Warning>,
) -> Result<(Option<usize>, Option<usize>)> {
    let (count, line) = (rows.columns.len(), rows.lines[0]);
    let labels = labels.map(|(_, labels)| labels).filter(|labels| labels.len() > 2);
    if let Some(labels) = labels.filter(|_| count >= 2) {
        if labels.len() < count {
            let expected = format!("{} numbers as there are labels", labels.len());
            return Err(source.malformed(line, &expected, count.to_string()));
        }
        let find = |column| labels[..count].iter().position(|label| label.column == column);
        let others = labels.iter().enumerate().take(count).skip(2);
        for (at, _) in
            others.filter(|(_, label)| !matches!(label.column, Column::AxisUncertainty | Column::Uncertainty))
        {
            warnings.push(left_out(at, line));
        }
        return Ok((find(Column::AxisUncertainty), find(Column::Uncertainty)));
    }
    let wrong = |expected: &str| Err(source.malformed(line, expected, format!("{count}")));
    match (quantity, count) {
        (_, 2) => Ok((None, None)),
        (_, 4) => Ok((Some(2), Some(3))),
        (Quantity::Pdf, 5) => {
            warnings.push(left_out(4, line));
            Ok((Some(2), Some(3)))
        }
        (Quantity::Scattering(_), 3) => Ok((None, Some(2))),
        (Quantity::Pdf, _) => wrong("2 numbers (r, G) or 4 (r, G, dr, dG)"),
        (Quantity::Scattering(_), _) => {
            wrong("2 numbers (Q, value), 3 (with its uncertainty) or 4 (with dQ)")
        }
    }
}

fn left_out(at: usize, line: usize) -> Warning {
    Warning {
        line: Some(line),
        what: format!("column {} is neither function nor uncertainty and is left out", at + 1),
    }
}
