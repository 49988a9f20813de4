//! Stage 2: one table of features and targets on common grids.

use std::collections::{BTreeMap, BTreeSet};

use adatom_core::{FeatureTable, Modality};
use adatom_spectra::ndarray::Array1;
use adatom_spectra::{DistanceGrid, EnergyGrid, ShellCounter, Tabular, Tabulation};
use rayon::prelude::*;

use super::collection::{Collection, Omissions, Row};
use super::feature::FeatureKind;
use super::labels::{Label, target};
use super::settings::TableSettings;
use crate::error::Error;
use crate::observer::{Event, Observer};

/// Step of the distances at which neighbours are counted, Å.
const SHELL_STEP: f64 = 0.05;

/// A table of materials.
#[derive(Debug)]
#[non_exhaustive]
pub struct Tabulated {
    /// The table.
    pub table: FeatureTable,
    /// Materials that are left out, with reasons.
    pub omissions: Omissions,
}

impl Collection {
    /// Puts all spectra on common grids and joins them with groups and targets.
    ///
    /// # Errors
    ///
    /// [`Error::DataSet`] where the spectra share no range of energies and the settings name none.
    pub fn tabulate(self, observer: &dyn Observer) -> Result<Tabulated, Error> {
        let energies = self.energies(observer)?;
        let rows: Vec<Vec<Row>> = self
            .materials()
            .par_iter()
            .map(|material| material.rows(self.settings(), energies.as_ref(), self.labels()))
            .collect::<Result<_, _>>()?;
        let rows: Vec<Row> = rows.into_iter().flatten().collect();
        let table =
            with_targets(with_groups(features(&rows, self.settings(), energies.as_ref())?, &rows)?, &rows)?;
        Ok(Tabulated { table, omissions: self.into_omissions() })
    }

    /// The grid of the XANES, where there are to be any: as requested, else what all spectra share.
    fn energies(&self, observer: &dyn Observer) -> Result<Option<EnergyGrid>, Error> {
        let settings = self.settings();
        if !settings.has(&Modality::Xanes) {
            return Ok(None);
        }
        let [first, last] = match settings.energies {
            Some(range) => range,
            None => match self.shared_energies(observer)? {
                Some(range) => range,
                None => return Ok(None),
            },
        };
        Ok(Some(EnergyGrid::new(Array1::linspace(first, last, settings.points))?))
    }

    fn shared_energies(&self, observer: &dyn Observer) -> Result<Option<[f64; 2]>, Error> {
        let spectra = || {
            let materials = self.materials().iter();
            let sites =
                materials.flat_map(|material| material.sites().iter().map(move |site| (material, site)));
            sites.filter_map(|(material, site)| Some((material.site_name(site), site.xanes()?.energy())))
        };
        let latest = spectra().max_by(|left, right| left.1.first().total_cmp(&right.1.first()));
        let earliest = spectra().min_by(|left, right| left.1.last().total_cmp(&right.1.last()));
        let (Some((begins, latest)), Some((ends, earliest))) = (latest, earliest) else {
            return Ok(None);
        };
        let (first, last) = (latest.first(), earliest.last());
        if first >= last {
            return Err(Error::NoSharedEnergies {
                path: self.folder().to_owned(),
                begins,
                first,
                ends,
                last,
            });
        }
        observer.event(&Event::Note(&format!(
            "common energy range: {first} eV (start of {begins}) to {last} eV (end of {ends})"
        )));
        Ok(Some([first, last]))
    }
}

impl TableSettings {
    /// Whether every modality has a feature and the shells can be counted.
    pub(super) fn check(&self) -> Result<(), Error> {
        for modality in &self.modalities {
            if !matches!(modality, Modality::Xanes | Modality::Pdf | Modality::DifferentialPdf) {
                let problem = format!("expected xanes, pdf or dpdf, found {modality}");
                return Err(Error::Setting { setting: "modalities", problem });
            }
            if self.features_of(modality).is_empty() {
                let problem = format!("no feature of the modality {modality}");
                return Err(Error::Setting { setting: "features", problem });
            }
        }
        self.shell_counter().map(drop)
    }

    /// How shells are counted, where they are wanted.
    fn shell_counter(&self) -> Result<Option<ShellCounter>, Error> {
        if !self.has(&Modality::DifferentialPdf)
            || !self.features_of(&Modality::DifferentialPdf).contains(&FeatureKind::Shells)
        {
            return Ok(None);
        }
        let wrong = |problem: String| Error::Setting { setting: "shells", problem };
        let (shells, end) = (self.shells, self.pdf_end());
        if !(shells.empty < shells.last && shells.last < end) {
            return Err(wrong(format!(
                "the largest distance must be between {} and {end} Å, the end of the PDF, found {}",
                shells.empty, shells.last
            )));
        }
        let steps = ((shells.last - shells.empty) / SHELL_STEP).round().max(1.0) as usize;
        let distances = Array1::linspace(shells.empty, shells.last, steps + 1).mapv(rounded);
        let counter = ShellCounter::new(shells.empty, shells.first, DistanceGrid::new(distances)?);
        counter.map(Some).map_err(|error| wrong(error.to_string()))
    }
}

/// Names of columns need no more digits.
fn rounded(distance: f64) -> f64 {
    (distance * 1e6).round() / 1e6
}

/// The columns of one modality's features on a grid; none where no feature has a grid.
fn on_grid<S: Tabular>(
    spectra: &[S],
    grid: &S::Axis,
    features: &[FeatureKind],
) -> Result<Option<FeatureTable>, Error> {
    let features: Vec<_> = features.iter().flat_map(|feature| feature.on_grid()).collect();
    if features.is_empty() {
        return Ok(None);
    }
    Ok(Some(Tabulation::default().features(features).tabulate(spectra, grid)?))
}

/// The columns of all modalities.
fn features(
    rows: &[Row],
    settings: &TableSettings,
    energies: Option<&EnergyGrid>,
) -> Result<FeatureTable, Error> {
    let [first, last] = settings.distances;
    let distances = DistanceGrid::new(Array1::linspace(first, last, settings.points))?;
    let counter = settings.shell_counter()?;
    let mut tables = Vec::new();
    for modality in &settings.modalities {
        let features = settings.features_of(modality);
        match (modality, energies) {
            (Modality::Xanes, Some(energies)) => {
                let spectra: Vec<_> = rows.iter().filter_map(|row| row.xanes.clone()).collect();
                tables.extend(on_grid(&spectra, energies, &features)?);
            }
            (Modality::Pdf, _) => {
                let pdfs: Vec<_> = rows.iter().filter_map(|row| row.pdf.clone()).collect();
                tables.extend(on_grid(&pdfs, &distances, &features)?);
            }
            (Modality::DifferentialPdf, _) => {
                let pdfs: Vec<_> = rows.iter().filter_map(|row| row.differential.clone()).collect();
                tables.extend(on_grid(&pdfs, &distances, &features)?);
                let shells =
                    counter.as_ref().map(|counter| Tabulation::default().tabulate_shells(&pdfs, counter));
                tables.extend(shells.transpose()?);
            }
            _ => {}
        }
    }
    Ok(FeatureTable::join(tables)?)
}

/// Adds the groups that every row belongs to.
fn with_groups(mut table: FeatureTable, rows: &[Row]) -> Result<FeatureTable, Error> {
    for name in rows.iter().flat_map(|row| row.groups.keys()).collect::<BTreeSet<_>>() {
        if let Some(labels) = rows.iter().map(|row| row.groups.get(name)).collect::<Option<Vec<_>>>() {
            table = table.with_group(name, labels.into_iter().cloned())?;
        }
    }
    Ok(table)
}

/// Adds the targets, in the order in which rows first name them.
fn with_targets(mut table: FeatureTable, rows: &[Row]) -> Result<FeatureTable, Error> {
    let mut names: Vec<&str> = Vec::new();
    for name in rows.iter().flat_map(|row| row.labels.iter().map(|label| label.target.as_str())) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let known: Vec<BTreeMap<&str, &Label>> = rows
        .iter()
        .map(|row| {
            row.labels
                .iter()
                .filter_map(|label| Some((label.target.as_str(), label.label.as_ref()?)))
                .collect()
        })
        .collect();
    for name in names {
        let labels: Vec<Option<&Label>> = known.iter().map(|row| row.get(name).copied()).collect();
        table = table.with_target(name, target(&labels))?;
    }
    Ok(table)
}
