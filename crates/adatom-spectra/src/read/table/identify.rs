//! Turns a table into spectra, if labels and options together identify energy and absorption.

use crate::{Absorption, Ambiguity, Exafs, ReadOptions, Result, WavenumberGrid, Xanes};

use super::super::assemble::{self, Points, bragg_energy};
use super::super::expression::Expression;
use super::super::labels::{Role, Unit, role};
use super::super::source::Source;
use super::super::{Contents, Warning};
use super::candidates::Candidate;
use super::{ColumnTable, EnergyColumn};

impl ColumnTable {
    /// The spectra of the table, or the table itself if energy or absorption are not identified.
    ///
    /// # Errors
    /// With options, also when energy or absorption are not identified.
    pub(in super::super) fn identify(
        self,
        source: &Source,
        options: &ReadOptions,
        warnings: &mut Vec<Warning>,
    ) -> Result<Contents> {
        let without_options = options == &ReadOptions::default();
        let energy = match &options.energy {
            Some(text) => Some(self.find(text).map_err(|error| self.invalid_option("energy", text, error))?),
            None => self.energy_column(),
        };
        if without_options && let Some(exafs) = self.exafs()? {
            return Ok(Contents::Exafs(vec![exafs]));
        }
        let candidates = match &options.mu {
            Some(text) => {
                Expression::parse(text, &self.labels)
                    .map_err(|error| self.invalid_option("mu", text, error))?;
                let absorption = self.absorption_of(text);
                vec![Candidate { name: None, expression: text.clone(), absorption }]
            }
            None => self.identified_mu(energy.map(|energy| energy.column)),
        };
        let (energy, candidates) = match (energy, candidates) {
            (Some(energy), candidates) if !candidates.is_empty() => (energy, candidates),
            (None, candidates)
                if candidates.is_empty() && options.mu.is_none() && self.has_two_unlabelled_columns() =>
            {
                let message =
                    "no labels; assumed energies in eV in the first column, the absorption in the second";
                warnings.push(Warning::new(None, message));
                let mu = Candidate { name: None, expression: "2".into(), absorption: Absorption::Unknown };
                (EnergyColumn { column: 0, unit: Some(Unit::ElectronVolt) }, vec![mu])
            }
            _ if without_options => return Ok(Contents::Columns(self)),
            _ => return Err(self.ambiguous(self.ambiguity())),
        };
        let Some(energies) = self.energies(energy, warnings) else {
            if !without_options {
                return Err(self.ambiguous(Ambiguity::LatticeSpacing));
            }
            warnings.push(Warning::new(None, Ambiguity::LatticeSpacing.to_string()));
            return Ok(Contents::Columns(self));
        };
        if candidates.len() > 1 && candidates[0].absorption != Absorption::Unknown {
            let all: Vec<&str> = candidates.iter().map(|candidate| candidate.expression.as_str()).collect();
            let message = format!("several measurements of the absorption: {}", all.join(", "));
            warnings.push(Warning::new(None, message));
        }
        let several = candidates.len() > 1;
        let mut spectra = Vec::with_capacity(candidates.len());
        for candidate in &candidates {
            spectra.push(self.spectrum(source, &energies, candidate, several, warnings)?);
        }
        warnings.dedup();
        Ok(Contents::Xanes(spectra))
    }

    /// The energies in eV; `None` for angles without a lattice spacing.
    fn energies(&self, energy: EnergyColumn, warnings: &mut Vec<Warning>) -> Option<Vec<f64>> {
        let EnergyColumn { column, unit: stated } = energy;
        let values = self.values.column(column);
        let d_spacing = self.hints.d_spacing;
        let shift = self.hints.edge_energy.unwrap_or(0.0);
        let unit = stated.or_else(|| self.unit_of(column)).unwrap_or_else(|| {
            let (least, most) = values
                .iter()
                .fold((f64::MAX, f64::MIN), |(least, most), &value| (least.min(value), most.max(value)));
            // A spectrum is shorter than half of its energy, and crystals do not reflect below 150 eV.
            let kilo = least > 0.5 && most < 150.0 && most < 1.5 * least;
            if kilo {
                let message = format!("energies of {least} to {most} without a unit; assumed keV");
                warnings.push(Warning::new(None, message));
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
            .map_err(|error| self.invalid_option("mu", &candidate.expression, error))?;
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

    /// The EXAFS fine structure, if the labels identify k and χ and no energy.
    fn exafs(&self) -> Result<Option<Exafs>> {
        let column = |required: Role| self.labels.iter().position(|label| role(label) == required);
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
