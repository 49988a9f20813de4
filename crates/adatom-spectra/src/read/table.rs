//! A table of numbers whose columns have names, and what can be told from them.

mod candidates;
mod tell;

use std::path::{Path, PathBuf};

use ndarray::{Array2, ArrayView1, ArrayView2};

use crate::{Absorption, Edge, Element, Error, Metadata, ReadOptions, Result, Xanes};

use super::Contents;
use super::expression::{exact, listed, numbered};
use super::labels::{Role, Unit, role, unit, unit_in};
use super::source::Source;

/// Numeric columns of a file that does not say for certain which is the energy, or what the absorption is: raw
/// detector counts, an angle without a spacing of lattice planes.
///
/// ```
/// use adatom_spectra::{Contents, ReadOptions, SpectrumFile};
/// let text = "# energy det1 det2\n8970 200 100\n8980 200 90\n8990 200 40\n";
/// let file = SpectrumFile::from_bytes("scan.dat", text, &ReadOptions::default())?;
/// let Contents::Columns(table) = file.contents else { panic!("detectors are not explained") };
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

/// What a file says about its columns besides their labels.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Hints {
    /// Whether the labels are those of the file.
    pub(super) labelled: bool,
    /// Which column is the energy or angle, and its unit.
    pub(super) energy: Option<(usize, Option<Unit>)>,
    /// What the absorption is.
    pub(super) mu: Option<(String, Absorption)>,
    /// What is to be added to the energies, eV.
    pub(super) edge_energy: Option<f64>,
    /// Distance of the lattice planes of the monochromator, Å.
    pub(super) d_spacing: Option<f64>,
    pub(super) element: Option<Element>,
    pub(super) edge: Option<Edge>,
    pub(super) name: Option<String>,
}

/// Rows of numbers, flat, with the line of each.
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

    /// The labels of the columns; `col1`, `col2`, ... where the file has none.
    pub fn labels(&self) -> &[String] {
        &self.labels
    }

    /// The units of the columns, where the file has them beside the labels.
    pub fn units(&self) -> &[Option<String>] {
        &self.units
    }

    /// The numbers, `[rows, columns]`.
    pub fn values(&self) -> ArrayView2<'_, f64> {
        self.values.view()
    }

    /// The numbers of the column with a label (in any case) or a number from 1, `[rows]`.
    pub fn column(&self, column: &str) -> Option<ArrayView1<'_, f64>> {
        self.find(column).ok().map(|(column, _)| self.values.column(column))
    }

    /// The label of the column that seems to be the energy.
    pub fn guessed_energy(&self) -> Option<&str> {
        let column = self.told_energy().map(|(column, _)| column).or_else(|| {
            let plausible = |&column: &usize| {
                let values = self.values.column(column);
                self.runs_one_way(column) && values.iter().all(|value| (100.0..2e5).contains(value))
            };
            (0..self.labels.len()).find(plausible)
        });
        column.map(|column| self.labels[column].as_str())
    }

    /// Expressions that may be the absorption.
    pub fn guessed_mu(&self) -> Vec<String> {
        self.candidates().into_iter().map(|candidate| candidate.expression).collect()
    }

    /// What the file says besides its numbers.
    pub fn metadata(&self) -> &Metadata {
        &self.metadata
    }

    /// The spectrum of the columns that the options name; what they do not name must be told by the file.
    ///
    /// # Errors
    /// A column that is not there, energy or absorption that nobody tells, numbers that are no spectrum.
    pub fn xanes(&self, options: &ReadOptions) -> Result<Xanes> {
        let source = Source::new(&self.path, Vec::new());
        match self.clone().tell(&source, options, &mut Vec::new())? {
            Contents::Xanes(mut spectra) if spectra.len() == 1 => Ok(spectra.remove(0)),
            _ => Err(self.ambiguous(self.question())),
        }
    }

    /// What a caller has to say, in words.
    pub fn question(&self) -> String {
        let energy =
            self.guessed_energy().map_or(String::new(), |label| format!("; the energy may be {label}"));
        let guesses = self.guessed_mu();
        let mu = if guesses.is_empty() {
            String::new()
        } else {
            format!("; the absorption may be {}", guesses.join(" or "))
        };
        format!(
            "does not tell which column is the energy, or what the absorption is; its columns are {}{energy}{mu}; say it with the options energy and mu",
            listed(&self.labels)
        )
    }

    fn ambiguous(&self, what: String) -> Error {
        Error::Ambiguous { path: self.path.clone(), what }
    }

    /// The column and unit that a caller names.
    fn find(&self, text: &str) -> Result<(usize, Option<Unit>), String> {
        let text = text.trim();
        if let Some(column) = exact(text, &self.labels) {
            return Ok((column, None));
        }
        let digits = text.strip_prefix('$').or(text.strip_prefix('c')).unwrap_or(text);
        if !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return numbered(digits, self.labels.len()).map(|column| (column, None));
        }
        if let Some((column, word)) = text.rsplit_once(char::is_whitespace)
            && let Some(unit) = unit(word)
        {
            return self.find(column).map(|(column, _)| (column, Some(unit)));
        }
        Err(format!("there is no column `{text}`; there are {}", listed(&self.labels)))
    }

    /// The energy that the file tells.
    fn told_energy(&self) -> Option<(usize, Option<Unit>)> {
        if let Some(energy) = self.hints.energy {
            return Some(energy);
        }
        let by_rank = |column: &usize| match role(&self.labels[*column]) {
            Role::Energy(rank) => rank,
            Role::Angle => 10,
            // A label in another language, such as `Energie`, with the unit of an energy beside it.
            _ => 9,
        };
        let labelled = (0..self.labels.len()).filter(|&column| {
            let unit = self.units[column].as_deref().and_then(unit);
            let told = matches!(role(&self.labels[column]), Role::Energy(_) | Role::Angle);
            (told || unit.is_some_and(|unit| !unit.is_angle())) && self.runs_one_way(column)
        });
        labelled.min_by_key(by_rank).map(|column| (column, None))
    }

    fn unit_of(&self, column: usize) -> Option<Unit> {
        let unit = self.units[column].as_deref().and_then(unit).or_else(|| unit_in(&self.labels[column]));
        unit.or_else(|| (role(&self.labels[column]) == Role::Angle).then_some(Unit::Degree))
    }

    /// Whether a column hardly ever turns back, as what is scanned does.
    fn runs_one_way(&self, column: usize) -> bool {
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

/// As many labels as columns, none empty, none twice.
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
