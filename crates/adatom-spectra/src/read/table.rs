//! A table of columns with labels, and the identification of energy and absorption from the labels.

mod candidates;
mod identify;

use std::path::{Path, PathBuf};

use ndarray::{Array2, ArrayView1, ArrayView2};

use crate::ambiguity::{Ambiguity, listed};
use crate::{Absorption, Edge, Element, Error, Metadata, ReadOptions, Result, Xanes};

use super::Contents;
use super::expression::{exact, numbered};
use super::labels::{Role, Unit, role, unit, unit_in};
use super::source::Source;

/// The columns of a file whose labels do not identify the energy or the absorption, such as raw detector
/// counts or angles without a lattice spacing.
///
/// ```
/// use adatom_spectra::{Contents, ReadOptions, SpectrumFile};
/// let text = "# energy det1 det2\n8970 200 100\n8980 200 90\n8990 200 40\n";
/// let file = SpectrumFile::from_bytes("scan.dat", text, &ReadOptions::default())?;
/// let Contents::Columns(table) = file.contents else { panic!("the detectors are unknown") };
/// assert_eq!(table.labels(), ["energy", "det1", "det2"]);
/// assert_eq!((table.values().nrows(), table.guessed_energy()), (3, Some("energy")));
/// let xanes = table.xanes(&ReadOptions::default().mu("ln(det1/det2)"))?;
/// assert_eq!(xanes.energy().first(), 8970.0);
/// assert!(table.xanes(&ReadOptions::default()).is_err());
/// # Ok::<(), adatom_spectra::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct ColumnTable {
    path: PathBuf,
    labels: Vec<String>,
    units: Vec<Option<String>>,
    values: Array2<f64>,
    lines: Vec<usize>,
    pub(super) hints: Hints,
    metadata: Metadata,
}

/// Information in a file about its columns, in addition to their labels.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Hints {
    /// Whether the file has labels.
    pub(super) labelled: bool,
    /// The energy or angle.
    pub(super) energy: Option<EnergyColumn>,
    /// The absorption as an expression, and its kind.
    pub(super) mu: Option<(String, Absorption)>,
    /// Offset of the energies, eV.
    pub(super) edge_energy: Option<f64>,
    /// Lattice spacing of the monochromator, Å.
    pub(super) d_spacing: Option<f64>,
    pub(super) element: Option<Element>,
    pub(super) edge: Option<Edge>,
    pub(super) name: Option<String>,
}

/// The column of the energy or angle, and its unit where it is known.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct EnergyColumn {
    pub(super) column: usize,
    pub(super) unit: Option<Unit>,
}

/// Rows of numbers in row-major order, with the line of each row.
pub(super) struct Rows {
    pub(super) width: usize,
    pub(super) values: Vec<f64>,
    pub(super) lines: Vec<usize>,
}

impl ColumnTable {
    pub(super) fn new(path: &Path, labels: Vec<String>, rows: Rows, metadata: Metadata) -> Self {
        let Rows { width, values, lines } = rows;
        let values =
            Array2::from_shape_vec((lines.len(), width), values).expect("every row has `width` numbers");
        let units = vec![None; width];
        let labels = distinct(labels, width);
        Self { path: path.into(), labels, units, values, lines, hints: Hints::default(), metadata }
    }

    pub(super) fn with_units(mut self, units: Vec<Option<String>>) -> Self {
        self.units = units;
        self.units.resize(self.labels.len(), None);
        self
    }

    /// The labels of the columns; `col1`, `col2`, ... in a file without labels.
    pub fn labels(&self) -> &[String] {
        &self.labels
    }

    /// The units of the columns, where the file states them separately from the labels.
    pub fn units(&self) -> &[Option<String>] {
        &self.units
    }

    /// The numbers, `[rows, columns]`.
    pub fn values(&self) -> ArrayView2<'_, f64> {
        self.values.view()
    }

    /// The column with this label (ignoring case) or number, counted from 1; `[rows]`.
    pub fn column(&self, column: &str) -> Option<ArrayView1<'_, f64>> {
        self.find(column).ok().map(|found| self.values.column(found.column))
    }

    /// The label of the column that is probably the energy.
    pub fn guessed_energy(&self) -> Option<&str> {
        let column = self.energy_column().map(|energy| energy.column).or_else(|| {
            let plausible = |&column: &usize| {
                let values = self.values.column(column);
                self.is_monotonic(column) && values.iter().all(|value| (100.0..2e5).contains(value))
            };
            (0..self.labels.len()).find(plausible)
        });
        column.map(|column| self.labels[column].as_str())
    }

    /// Expressions that are probably the absorption.
    pub fn guessed_mu(&self) -> Vec<String> {
        self.candidates().into_iter().map(|candidate| candidate.expression).collect()
    }

    /// Other information from the file.
    pub fn metadata(&self) -> &Metadata {
        &self.metadata
    }

    /// The spectrum with the energy and absorption of the options; what they leave out must follow from the
    /// labels.
    ///
    /// # Errors
    /// [`Error::Ambiguous`] for columns that do not exist, and when energy or absorption remain unknown;
    /// [`Error::Malformed`] for values that are not finite.
    pub fn xanes(&self, options: &ReadOptions) -> Result<Xanes> {
        let source = Source::new(&self.path, Vec::new());
        match self.clone().identify(&source, options, &mut Vec::new())? {
            Contents::Xanes(mut spectra) if spectra.len() == 1 => Ok(spectra.remove(0)),
            _ => Err(self.ambiguous(self.ambiguity())),
        }
    }

    /// What the caller has to decide, for messages.
    pub fn ambiguity(&self) -> Ambiguity {
        Ambiguity::Columns {
            labels: self.labels.clone(),
            energy: self.guessed_energy().map(str::to_owned),
            mu: self.guessed_mu(),
        }
    }

    fn ambiguous(&self, ambiguity: Ambiguity) -> Error {
        Error::Ambiguous { path: self.path.clone(), ambiguity }
    }

    fn invalid_option(&self, option: &'static str, given: &str, problem: String) -> Error {
        self.ambiguous(Ambiguity::Option { option, given: given.to_owned(), problem })
    }

    /// The column, and perhaps the unit, in an option.
    fn find(&self, text: &str) -> Result<EnergyColumn, String> {
        let text = text.trim();
        if let Some(column) = exact(text, &self.labels) {
            return Ok(EnergyColumn { column, unit: None });
        }
        let digits = text.strip_prefix('$').or(text.strip_prefix('c')).unwrap_or(text);
        if !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return numbered(digits, self.labels.len()).map(|column| EnergyColumn { column, unit: None });
        }
        if let Some((column, word)) = text.rsplit_once(char::is_whitespace)
            && let Some(unit) = unit(word)
        {
            return self.find(column).map(|found| EnergyColumn { unit: Some(unit), ..found });
        }
        Err(format!("no column `{text}`; the columns are {}", listed(&self.labels)))
    }

    /// The energy column that the file identifies.
    fn energy_column(&self) -> Option<EnergyColumn> {
        if let Some(energy) = self.hints.energy {
            return Some(energy);
        }
        let by_rank = |column: &usize| match role(&self.labels[*column]) {
            Role::Energy(rank) => rank,
            Role::Angle => 10,
            // A label in another language with the unit of an energy.
            _ => 9,
        };
        let labelled = (0..self.labels.len()).filter(|&column| {
            let unit = self.units[column].as_deref().and_then(unit);
            let named = matches!(role(&self.labels[column]), Role::Energy(_) | Role::Angle);
            (named || unit.is_some_and(|unit| !unit.is_angle())) && self.is_monotonic(column)
        });
        labelled.min_by_key(by_rank).map(|column| EnergyColumn { column, unit: None })
    }

    fn unit_of(&self, column: usize) -> Option<Unit> {
        let unit = self.units[column].as_deref().and_then(unit).or_else(|| unit_in(&self.labels[column]));
        unit.or_else(|| (role(&self.labels[column]) == Role::Angle).then_some(Unit::Degree))
    }

    /// Whether a column is monotonic apart from a few steps, as scanned quantities are.
    fn is_monotonic(&self, column: usize) -> bool {
        let values = self.values.column(column);
        let mut rises = 0;
        let mut falls = 0;
        for (left, right) in values.iter().zip(values.iter().skip(1)) {
            rises += usize::from(right > left);
            falls += usize::from(right < left);
        }
        rises.max(falls) * 10 >= (values.len().max(1) - 1) * 7 && rises.min(falls) * 10 <= rises.max(falls)
    }
}

/// One label per column, not empty and distinct.
fn distinct(labels: Vec<String>, width: usize) -> Vec<String> {
    let mut seen = std::collections::HashSet::new();
    let labels = labels.into_iter().map(Some).chain(std::iter::repeat(None)).take(width).enumerate();
    labels
        .map(|(index, label)| {
            let label =
                label.filter(|label| !label.is_empty()).unwrap_or_else(|| format!("col{}", index + 1));
            let mut name = label.clone();
            if seen.contains(&name) {
                name = format!("{label}_col{}", index + 1);
            }
            while !seen.insert(name.clone()) {
                name.push('_');
            }
            name
        })
        .collect()
}
