//! A table of numbers whose columns have names, and what can be told from them.

use std::path::{Path, PathBuf};

use ndarray::{Array2, ArrayView1, ArrayView2};

use crate::{Absorption, Edge, Element, Error, Exafs, Metadata, ReadOptions, Result, WavenumberGrid, Xanes};

use super::assemble::{self, Points, bragg_energy};
use super::expression::{Expression, exact, listed, numbered};
use super::labels::{Role, Unit, names_line_of, role, unit, unit_in};
use super::source::Source;
use super::{Contents, Warning};

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

/// A way to get the absorption from the columns.
struct Candidate {
    name: Option<String>,
    expression: String,
    absorption: Absorption,
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
    pub(super) fn question(&self) -> String {
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
        if let Some((column, word)) = text.rsplit_once(char::is_whitespace) {
            if let Some(unit) = unit(word) {
                return self.find(column).map(|(column, _)| (column, Some(unit)));
            }
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

    fn candidates(&self) -> Vec<Candidate> {
        let candidate = |expression: String, absorption, name: Option<&str>| Candidate {
            name: name.map(str::to_owned),
            expression,
            absorption,
        };
        if let Some((expression, absorption)) = &self.hints.mu {
            return vec![candidate(expression.clone(), *absorption, None)];
        }
        let named: Vec<Candidate> = self
            .labels
            .iter()
            .filter(|label| label.len() > 3 && label.starts_with("mu:"))
            .map(|label| candidate(quoted(label), Absorption::Unknown, Some(&label[3..])))
            .collect();
        if !named.is_empty() {
            return named;
        }
        let absorbed = self.labels.iter().filter_map(|label| match role(label) {
            Role::Absorbed(rank, absorption) => Some((rank, label, absorption)),
            _ => None,
        });
        if let Some((_, label, absorption)) = absorbed.min_by_key(|(rank, ..)| *rank) {
            return vec![candidate(quoted(label), absorption, None)];
        }
        self.candidates_of_counts()
    }

    fn candidates_of_counts(&self) -> Vec<Candidate> {
        let first = |wanted: Role| self.labels.iter().find(|label| role(label) == wanted);
        let Some(incident) = first(Role::Incident).map(|label| quoted(label)) else { return Vec::new() };
        let mut candidates = Vec::new();
        if let Some(transmitted) = first(Role::Transmitted) {
            candidates.push(Candidate {
                name: Some("transmission".into()),
                expression: format!("ln({incident}/{})", quoted(transmitted)),
                absorption: Absorption::Transmission,
            });
        }
        let detector =
            first(Role::Fluorescence).map(|label| quoted(label)).or_else(|| self.fluorescence_lines());
        if let Some(detector) = detector {
            candidates.push(Candidate {
                name: Some("fluorescence".into()),
                expression: format!("{detector}/{incident}"),
                absorption: Absorption::Fluorescence,
            });
        }
        candidates.retain(|candidate| self.is_signal(&candidate.expression));
        candidates
    }

    /// The channels that count the fluorescence of the element, where it is known.
    fn fluorescence_lines(&self) -> Option<String> {
        let symbol = self.hints.element?.symbol();
        let mut lines: Vec<&String> =
            self.labels.iter().filter(|label| names_line_of(label, symbol)).collect();
        if let Some(&sum) = lines.iter().find(|label| label.to_lowercase().contains("sum")) {
            lines = vec![sum];
        }
        let lines: Vec<String> = lines.into_iter().map(|label| quoted(label)).collect();
        match lines.as_slice() {
            [] => None,
            [line] => Some(line.clone()),
            _ => Some(format!("({})", lines.join("+"))),
        }
    }

    /// Whether the values of an expression are those of a detector that was switched on: finite, and hardly ever zero
    /// or negative where they are counts.
    fn is_signal(&self, expression: &str) -> bool {
        let Ok(parsed) = Expression::parse(expression, &self.labels) else { return false };
        let logarithm = expression.starts_with("ln");
        let mut row = Vec::new();
        let mut good = 0;
        for numbers in self.values.rows() {
            row.clear();
            row.extend(numbers.iter());
            let value = parsed.value(&row);
            if !value.is_finite() {
                return false;
            }
            good += usize::from(logarithm || value > 0.0);
        }
        good * 20 >= self.values.nrows() * 19
    }

    /// Whether channels of a detector are there of which nobody says what they count.
    fn has_unclear_channels(&self) -> bool {
        let fluorescence = self.labels.iter().any(|label| role(label) == Role::Channel);
        fluorescence && self.fluorescence_lines().is_none()
    }

    /// The spectra that the file tells, or with the options of the caller.
    pub(super) fn tell(
        self,
        source: &Source,
        options: &ReadOptions,
        warnings: &mut Vec<Warning>,
    ) -> Result<Contents> {
        let stated = |what: &str, text: &str, error: String| {
            self.ambiguous(format!("{what} `{}`: {error}", text.chars().take(60).collect::<String>()))
        };
        let energy = match &options.energy {
            Some(text) => Some(self.find(text).map_err(|error| stated("energy", text, error))?),
            None => self.told_energy(),
        };
        if options == &ReadOptions::default() {
            if let Some(exafs) = self.exafs()? {
                return Ok(Contents::Exafs(vec![exafs]));
            }
        }
        let candidates = match &options.mu {
            Some(text) => {
                Expression::parse(text, &self.labels).map_err(|error| stated("mu", text, error))?;
                let absorption = self.absorption_of(text);
                vec![Candidate { name: None, expression: text.clone(), absorption }]
            }
            None => self.told_mu(energy.map(|(column, _)| column)),
        };
        let (energy, candidates) = match (energy, candidates) {
            (Some(energy), candidates) if !candidates.is_empty() => (energy, candidates),
            (None, candidates)
                if candidates.is_empty() && options.mu.is_none() && self.two_bare_columns() =>
            {
                let what =
                    "no labels: the first column was taken for energies in eV, the second for the absorption";
                warnings.push(Warning { line: None, what: what.into() });
                let mu = Candidate { name: None, expression: "2".into(), absorption: Absorption::Unknown };
                ((0, Some(Unit::ElectronVolt)), vec![mu])
            }
            _ if options == &ReadOptions::default() => return Ok(Contents::Columns(self)),
            _ => return Err(self.ambiguous(self.question())),
        };
        let Some(energies) = self.energies(energy, warnings) else {
            let what = "energies are angles, and the file does not tell the d-spacing of the monochromator";
            if options != &ReadOptions::default() {
                return Err(self.ambiguous(what.into()));
            }
            warnings.push(Warning { line: None, what: what.into() });
            return Ok(Contents::Columns(self));
        };
        if candidates.len() > 1 && candidates[0].absorption != Absorption::Unknown {
            let all: Vec<&str> = candidates.iter().map(|candidate| candidate.expression.as_str()).collect();
            let what = format!("several measurements of the absorption: {}", all.join(", "));
            warnings.push(Warning { line: None, what });
        }
        let several = candidates.len() > 1;
        let mut spectra = Vec::with_capacity(candidates.len());
        for candidate in &candidates {
            spectra.push(self.spectrum(source, &energies, candidate, several, warnings)?);
        }
        warnings.dedup();
        Ok(Contents::Xanes(spectra))
    }

    /// What the file tells of the absorption: one way, or several that all give a signal.
    fn told_mu(&self, energy: Option<usize>) -> Vec<Candidate> {
        let candidates = self.candidates();
        let counts = candidates.first().is_some_and(|candidate| {
            candidate.name.as_deref().is_some_and(|name| name == "transmission" || name == "fluorescence")
        });
        if counts && self.has_unclear_channels() {
            return Vec::new();
        }
        if let (true, Some(energy), 2) = (candidates.is_empty(), energy, self.labels.len()) {
            let other = 1 - energy.min(1);
            if matches!(role(&self.labels[other]), Role::Other) {
                let name = self.labels[other].clone();
                let expression = quoted(&name);
                return vec![Candidate { name: None, expression, absorption: Absorption::Unknown }];
            }
        }
        candidates
    }

    /// Whether there are two columns without labels of which the first can only be energies of hard X-rays.
    fn two_bare_columns(&self) -> bool {
        if self.hints.labelled || self.labels.len() != 2 || self.values.nrows() < 3 || !self.runs_one_way(0) {
            return false;
        }
        let energies = self.values.column(0);
        let (first, last) = (energies[0], energies[energies.len() - 1]);
        first.min(last) >= 1000.0 && first.max(last) <= 150_000.0 && first.max(last) < 2.0 * first.min(last)
    }

    fn absorption_of(&self, expression: &str) -> Absorption {
        if let Some(Role::Absorbed(_, absorption)) =
            self.find(expression).ok().map(|(column, _)| role(&self.labels[column]))
        {
            return absorption;
        }
        let text: String = expression.to_lowercase().split_whitespace().collect();
        if text.contains("ln(") || text.contains("log") {
            return Absorption::Transmission;
        }
        if text.contains('/') { Absorption::Fluorescence } else { Absorption::Unknown }
    }

    /// Energies in eV; nothing where they are angles and the spacing of the lattice planes is not known.
    fn energies(&self, energy: (usize, Option<Unit>), warnings: &mut Vec<Warning>) -> Option<Vec<f64>> {
        let (column, stated) = energy;
        let values = self.values.column(column);
        let d_spacing = self.hints.d_spacing;
        let shift = self.hints.edge_energy.unwrap_or(0.0);
        let unit = stated.or_else(|| self.unit_of(column)).unwrap_or_else(|| {
            let (least, most) = values
                .iter()
                .fold((f64::MAX, f64::MIN), |(least, most), &value| (least.min(value), most.max(value)));
            // A spectrum spans less than half of its energy; below 150 eV no crystal reflects.
            let kilo = least > 0.5 && most < 150.0 && most < 1.5 * least;
            if kilo {
                let what = format!("energies {least} to {most} without a unit were taken for keV");
                warnings.push(Warning { line: None, what });
            }
            if kilo { Unit::KiloElectronVolt } else { Unit::ElectronVolt }
        });
        let convert = |value: f64| match (unit, d_spacing) {
            (Unit::ElectronVolt, _) => Some(value + shift),
            (Unit::KiloElectronVolt, _) => Some(1000.0 * value + shift),
            (Unit::Degree, Some(d)) => Some(bragg_energy(value.to_radians(), d)),
            (Unit::Radian, Some(d)) => Some(bragg_energy(value, d)),
            (_, None) => None,
        };
        values.iter().map(|&value| convert(value)).collect()
    }

    fn spectrum(
        &self,
        source: &Source,
        energies: &[f64],
        candidate: &Candidate,
        several: bool,
        warnings: &mut Vec<Warning>,
    ) -> Result<Xanes> {
        let expression = Expression::parse(&candidate.expression, &self.labels)
            .map_err(|error| self.ambiguous(format!("mu `{}`: {error}", candidate.expression)))?;
        let mut mu = Vec::with_capacity(energies.len());
        let mut row = Vec::with_capacity(self.labels.len());
        for (index, numbers) in self.values.rows().into_iter().enumerate() {
            row.clear();
            row.extend(numbers.iter());
            let value = expression.value(&row);
            if !value.is_finite() {
                let columns =
                    expression.columns().map(|column| format!("{} = {}", self.labels[column], row[column]));
                let found = format!("{value} from {}", columns.collect::<Vec<_>>().join(", "));
                let expected = format!("a finite value of {}", candidate.expression);
                return Err(source.malformed(self.lines[index], &expected, found));
            }
            mu.push(value);
        }
        let line = |at: usize| self.lines.get(at).copied();
        let points = Points { energy: energies.to_vec(), mu, uncertainty: None, line: &line };
        let mut metadata = self.metadata.clone();
        metadata.set_source(self.path.display().to_string());
        let mut spectrum =
            assemble::spectrum(source, points, warnings)?.with_absorption(candidate.absorption);
        let name = if several { candidate.name.clone() } else { None }
            .or_else(|| self.hints.name.clone())
            .or_else(|| candidate.name.clone().filter(|_| candidate.absorption == Absorption::Unknown));
        if let Some(name) = name {
            spectrum = spectrum.with_name(name);
        }
        if let Some(element) = self.hints.element {
            spectrum = spectrum.with_element(element);
        }
        if let Some(edge) = self.hints.edge {
            spectrum = spectrum.with_edge(edge);
        }
        Ok(spectrum.with_metadata(metadata))
    }

    /// The fine structure, where a column is k and another χ.
    fn exafs(&self) -> Result<Option<Exafs>> {
        let column = |wanted: Role| self.labels.iter().position(|label| role(label) == wanted);
        let energy =
            self.labels.iter().any(|label| matches!(role(label), Role::Energy(_) | Role::Absorbed(..)));
        let (Some(k), Some(chi), false) = (column(Role::Wavenumber), column(Role::Chi), energy) else {
            return Ok(None);
        };
        let k = WavenumberGrid::new(self.values.column(k).to_owned())?;
        let mut metadata = self.metadata.clone();
        metadata.set_source(self.path.display().to_string());
        let mut exafs = Exafs::new(k, self.values.column(chi).to_owned())?.with_metadata(metadata);
        if let Some(element) = self.hints.element {
            exafs = exafs.with_element(element);
        }
        if let Some(edge) = self.hints.edge {
            exafs = exafs.with_edge(edge);
        }
        Ok(Some(exafs))
    }
}

/// A label as an expression takes it.
fn quoted(label: &str) -> String {
    let plain = label.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_');
    if plain && !label.starts_with(|first: char| first.is_ascii_digit()) {
        return label.to_owned();
    }
    match ['"', '\'', '`'].into_iter().find(|&quote| !label.contains(quote)) {
        Some(quote) => format!("{quote}{label}{quote}"),
        None => label.to_owned(),
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
