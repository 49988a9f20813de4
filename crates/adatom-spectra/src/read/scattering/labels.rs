//! Classifies the columns of PDFs and total scattering by labels such as `r($\AA$)`, `G(r)`, `q_nm^-1`,
//! `2th_deg`, `d_Gr`.

use crate::ScatteringKind;

/// The unit of length or angle in a label; the power follows from the quantity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    Angstrom,
    Nanometre,
    Degree,
    Radian,
    /// Another unit, such as `a.u.`.
    Other,
}

/// The quantity in a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Column {
    Distance,
    Wavenumber,
    TwoTheta,
    G,
    Scattering(ScatteringKind),
    /// S(Q) - 1.
    StructureLessOne,
    /// The uncertainty of the first column.
    AxisUncertainty,
    /// The uncertainty of the second column.
    Uncertainty,
    /// Observed minus calculated.
    Difference,
    /// EXAFS: the wavenumber k of the photoelectron, or χ(k).
    Exafs,
    Other,
}

/// The quantity and unit in a label.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Label {
    pub(super) column: Column,
    pub(super) unit: Option<Unit>,
}

/// The labels in a line, without comment characters.
pub(super) fn labels(line: &str) -> Vec<Label> {
    let line = line.trim().trim_start_matches(['#', '!', '%']);
    let line = line.strip_prefix("L ").or_else(|| line.strip_prefix("l ")).unwrap_or(line);
    split(line).iter().map(|text| label(text)).collect()
}

/// Whether the first two labels identify a PDF or a function of total scattering.
pub(super) fn identify_scattering(labels: &[Label]) -> bool {
    match labels {
        [axis, values, ..] => matches!(
            (axis.column, values.column),
            (Column::Distance, Column::G)
                | (Column::Wavenumber | Column::TwoTheta, Column::Scattering(_) | Column::StructureLessOne)
        ),
        _ => false,
    }
}

/// Whether the first two labels identify an EXAFS χ(k).
pub(super) fn identify_exafs(labels: &[Label]) -> bool {
    labels.len() >= 2 && labels[..2].iter().all(|label| label.column == Column::Exafs)
}

/// Splits a line at tabs or commas, otherwise at blanks; a unit in brackets belongs to the preceding label.
fn split(line: &str) -> Vec<String> {
    let separator = if line.contains('\t') { Some('\t') } else { line.contains(',').then_some(',') };
    if let Some(separator) = separator {
        return line.split(separator).map(|text| text.trim().to_owned()).filter(|t| !t.is_empty()).collect();
    }
    let mut labels: Vec<String> = Vec::new();
    for word in line.split_whitespace() {
        match labels.last_mut() {
            Some(last) if word.starts_with(['(', '[']) => last.push_str(word),
            _ => labels.push(word.to_owned()),
        }
    }
    labels
}

/// Parses one label.
pub(super) fn label(text: &str) -> Label {
    let plain: String = text.to_lowercase().replace("\\aa", "å");
    let plain: String = plain.chars().filter(|c| !matches!(c, '$' | '\\' | '{' | '}' | ' ' | '"')).collect();
    let (name, unit) = name_and_unit(&plain);
    Label { column: column(&name), unit: unit.map(|unit| self::unit(&unit)) }
}

/// Divides a label without blanks and capitals into its name, without arguments, and its unit.
fn name_and_unit(plain: &str) -> (String, Option<String>) {
    for reduced in ["q[s(q)-1]", "q(s(q)-1)"] {
        if let Some(rest) = plain.strip_prefix(reduced) {
            let unit = rest.trim_matches(['(', ')', '[', ']']);
            return ("f".into(), (!unit.is_empty()).then(|| unit.to_owned()));
        }
    }
    let mut name = plain;
    let mut unit = None;
    while let Some(open) = name.strip_suffix([')', ']']).and_then(|inner| inner.rfind(['(', '['])) {
        let inside = &name[open + 1..name.len() - 1];
        if !matches!(inside, "r" | "q" | "k" | "") {
            unit = Some(inside.to_owned());
        }
        name = &name[..open];
    }
    // pyFAI appends the unit to the name of the axis.
    if let Some((axis, behind)) = name.split_once('_')
        && matches!(axis, "q" | "2th" | "r" | "k")
    {
        return (axis.to_owned(), Some(behind.to_owned()));
    }
    (name.to_owned(), unit)
}

fn column(name: &str) -> Column {
    match name {
        "r" => Column::Distance,
        "q" => Column::Wavenumber,
        "2th" | "2theta" | "2-theta" | "twotheta" | "two_theta" | "2θ" | "tth" | "2-thetaangle" => {
            Column::TwoTheta
        }
        "g" | "gr" | "gobs" | "gcalc" | "pdf" => Column::G,
        "i" | "iq" | "intensity" | "counts" => Column::Scattering(ScatteringKind::Intensity),
        "s" | "sq" => Column::Scattering(ScatteringKind::Structure),
        "s(q)-1" | "s-1" => Column::StructureLessOne,
        "f" | "fq" => Column::Scattering(ScatteringKind::Reduced),
        "dr" | "d_r" | "sig_r" | "dq" | "d_q" => Column::AxisUncertainty,
        "dg" | "d_g" | "d_gr" | "dgr" | "ds" | "d_s" | "dsq" | "d_sq" | "df" | "d_f" | "dfq" | "d_fq" => {
            Column::Uncertainty
        }
        "di" | "d_i" | "diq" | "d_iq" | "sigma" | "sig" | "esd" | "err" | "error" | "e" => {
            Column::Uncertainty
        }
        "gdiff" | "diff" | "difference" => Column::Difference,
        "k" | "chi" | "chik" | "χ" | "chi*k" | "k*chi" => Column::Exafs,
        _ => Column::Other,
    }
}

fn unit(text: &str) -> Unit {
    let base: String =
        text.chars().filter(|c| !matches!(c, '^' | '*' | '-' | '⁻' | '¹' | '²' | '/' | '.')).collect();
    let base = base.trim_start_matches("inverse").trim_matches(|c: char| c.is_ascii_digit());
    match base {
        // The replacement character stands for an Å in another encoding.
        "a" | "å" | "a\u{30a}" | "\u{fffd}" | "ang" | "angstrom" | "angstroms" | "ångström" => {
            Unit::Angstrom
        }
        "nm" | "nanometre" | "nanometres" | "nanometer" | "nanometers" => Unit::Nanometre,
        "deg" | "degree" | "degrees" | "°" => Unit::Degree,
        "rad" | "radian" | "radians" => Unit::Radian,
        _ => Unit::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Vec<(Column, Option<Unit>)> {
        labels(line).iter().map(|label| (label.column, label.unit)).collect()
    }

    #[test]
    fn labels_of_programs_are_classified() {
        let (r, g) = (Column::Distance, Column::G);
        let angstrom = Some(Unit::Angstrom);
        assert_eq!(read(r"#L r($\AA$)  G($\AA^{-2}$)"), [(r, angstrom), (g, angstrom)]);
        assert_eq!(read("#L r(Å)  G(Å$^{-2}$)"), [(r, angstrom), (g, angstrom)]);
        assert_eq!(read("#L r (A) G(r) (A^-2)"), [(r, angstrom), (g, angstrom)]);
        let uncertain = [(Column::AxisUncertainty, None), (Column::Uncertainty, None)];
        assert_eq!(read("#L r G(r) dr dG(r)")[2..], uncertain);
        assert_eq!(read("#L r    G(r)    d_r    d_Gr")[2..], uncertain);
        assert_eq!(read("#L r(A) G(r) d_r d_Gr Gdiff")[4], (Column::Difference, None));
        let q = Column::Wavenumber;
        let kind = |kind| Column::Scattering(kind);
        assert_eq!(
            read(r"#L Q($\AA^{-1}$)  F($\AA^{-1}$)"),
            [(q, angstrom), (kind(ScatteringKind::Reduced), angstrom)]
        );
        assert_eq!(read("#L Q S(Q) dQ dS(Q)")[1], (kind(ScatteringKind::Structure), None));
        assert_eq!(
            read("# Q [1/nm]  S(Q)-1")[..],
            [(q, Some(Unit::Nanometre)), (Column::StructureLessOne, None)]
        );
        assert_eq!(read("Q(A^-1),Q[S(Q)-1](1/A)")[1], (kind(ScatteringKind::Reduced), angstrom));
        assert_eq!(
            read("#       q_nm^-1             I         sigma")[..],
            [
                (q, Some(Unit::Nanometre)),
                (kind(ScatteringKind::Intensity), None),
                (Column::Uncertainty, None)
            ]
        );
        assert_eq!(read("# 2th_deg  I")[0], (Column::TwoTheta, Some(Unit::Degree)));
        assert_eq!(read("# 2-Theta (Degrees), Intensity")[0], (Column::TwoTheta, Some(Unit::Degree)));
        assert_eq!(read("#L r(pm) G")[0], (r, Some(Unit::Other)));
    }

    #[test]
    fn other_labels_are_not_scattering() {
        assert!(identify_scattering(&labels("#L r G(r)")) && identify_scattering(&labels("# 2th_deg I")));
        assert!(!identify_scattering(&labels("# energy xmu")) && !identify_scattering(&labels("# r I")));
        assert!(identify_exafs(&labels("#  k  chi  chik chik2")) && !identify_exafs(&labels("# k mu")));
        assert!(!identify_scattering(&labels("")) && !identify_exafs(&labels("(((")));
    }
}
