//! One material: what is read of it, and the rows it becomes.

use std::collections::BTreeMap;
use std::path::Path;

use adatom::crystal::{BondRule, Charges, Crystal, PdfCalculator, SiteLabels};
use adatom::spectra::{Absorption, Normalization};
use adatom::spectra::{
    DifferentialPdf, EnergyGrid, Extension, Metadata, NormalizationMethod, Pdf, ReadOptions, Resampling,
    Xanes, ndarray,
};

use super::labels::{Labels, summary};
use crate::args::{Level, Table, TableModality};
use crate::dataset::Material;
use crate::error::{CliError, spectra_message, with_sources};

/// A spectrum whose ends are held covers at least this part of the range.
const LEAST_COVERED: f64 = 0.9;

/// What was read and calculated of one material.
pub(super) struct Read {
    name: String,
    /// Of the structure; of all materials, or of none.
    formula: Option<String>,
    pdf: Option<Pdf>,
    differential: Option<DifferentialPdf>,
    /// Sites of the element that the table is about.
    pub(super) sites: Vec<ReadSite>,
}

/// One site of the element.
pub(super) struct ReadSite {
    name: String,
    site: usize,
    pub(super) xanes: Option<Xanes>,
    labels: Option<SiteLabels>,
    /// Its own, where it is asked for.
    differential: Option<DifferentialPdf>,
}

/// One sample of the table.
#[derive(Debug, Clone)]
pub(super) struct Row {
    pub(super) xanes: Option<Xanes>,
    pub(super) pdf: Option<Pdf>,
    pub(super) differential: Option<DifferentialPdf>,
    pub(super) groups: BTreeMap<String, String>,
    /// By name; those that are not known without a value.
    pub(super) targets: Vec<(String, Option<String>)>,
}

impl Read {
    /// Reads a material; the error is one line that names the file.
    pub(super) fn material(folder: &Path, command: &Table) -> Result<Self, String> {
        let material = Material::look(folder, command.element).map_err(|error| error.message())?;
        let wants = |modality: TableModality| command.modalities.contains(&modality);
        let crystal = match &material.structure {
            Some(path) => Some(Crystal::open(path).map_err(|error| with_sources(&error))?),
            None if wants(TableModality::Pdf) || wants(TableModality::Dpdf) => {
                return Err(format!("{}: expected a structure, found none", folder.display()));
            }
            None => None,
        };
        let mut read = Self {
            name: material.name.clone(),
            formula: crystal.as_ref().map(Crystal::formula),
            pdf: None,
            differential: None,
            sites: Vec::new(),
        };
        let of_structure = |error: adatom::crystal::Error| {
            let text = with_sources(&error);
            material.structure.as_ref().map_or(text.clone(), |path| format!("{}: {text}", path.display()))
        };
        if let Some(crystal) = &crystal
            && !crystal.sites().iter().any(|site| site.main_species().element() == command.element)
        {
            return Ok(read);
        }
        read.sites = sites(&material, crystal.as_ref(), command)?;
        if let Some(crystal) = &crystal {
            if command.labels.is_none() {
                let labels = crystal.labels(command.element, BondRule::default()).map_err(of_structure)?;
                for site in &mut read.sites {
                    site.labels = labels.iter().find(|label| label.site == site.site).copied();
                }
            }
            if wants(TableModality::Pdf) || wants(TableModality::Dpdf) {
                // Published tables are made of neutral atoms, whatever charges a file states.
                let calculator = PdfCalculator::published().rmax(longest(command)).charges(Charges::Ignored);
                let (pdf, differential) =
                    calculator.total_and_differential(crystal, command.element).map_err(of_structure)?;
                (read.pdf, read.differential) = (Some(pdf), Some(differential));
                if (command.level, command.features.dpdf_of) == (Level::Site, Level::Site) {
                    let indices: Vec<usize> = read.sites.iter().map(|site| site.site).collect();
                    let own = calculator
                        .site_differentials(crystal, command.element, &indices)
                        .map_err(of_structure)?;
                    read.sites.iter_mut().zip(own).for_each(|(site, own)| site.differential = Some(own));
                }
            }
        }
        Ok(read)
    }

    /// The name of the material's folder.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// The formula of its structure.
    pub(super) fn formula(&self) -> Option<&str> {
        self.formula.as_deref()
    }

    /// The name of a row of one site.
    pub(super) fn site_name(&self, site: &ReadSite) -> String {
        format!("{}/{}", self.name, site.name)
    }

    /// The rows of the material: one, or one a site.
    pub(super) fn rows(
        &self,
        command: &Table,
        energies: Option<&EnergyGrid>,
        labels: Option<&Labels>,
    ) -> Result<Vec<Row>, CliError> {
        let energies = energies.map(|grid| (grid, resampling(command)));
        match command.level {
            Level::Material => {
                self.row(&self.name, &self.sites.iter().collect::<Vec<_>>(), (energies, labels))
            }
            Level::Site => self
                .sites
                .iter()
                .map(|site| self.row(&self.site_name(site), &[site], (energies, labels)))
                .collect::<Result<Vec<_>, _>>()
                .map(|rows| rows.into_iter().flatten().collect()),
        }
    }

    fn row(
        &self,
        id: &str,
        sites: &[&ReadSite],
        (energies, labels): (Option<(&EnergyGrid, Resampling)>, Option<&Labels>),
    ) -> Result<Vec<Row>, CliError> {
        let named = |pdf: &Pdf| {
            let mut metadata = Metadata::default();
            metadata.push("name", id);
            pdf.clone().with_metadata(metadata)
        };
        let mut groups = BTreeMap::from([("material".to_owned(), self.name.clone())]);
        groups.extend(self.formula.clone().map(|formula| ("formula".to_owned(), formula)));
        let xanes = energies
            .map(|(energies, rule)| mean(sites, energies, rule))
            .transpose()?
            .map(|xanes| xanes.with_name(id));
        let indices: Vec<usize> = sites.iter().map(|site| site.site).collect();
        let targets = match labels {
            Some(labels) => labels.of(&self.name, &indices),
            None => from_structure(sites),
        };
        let differential = match sites {
            [site] if site.differential.is_some() => &site.differential,
            _ => &self.differential,
        };
        let differential = differential
            .as_ref()
            .map(|differential| DifferentialPdf::new(differential.element(), named(differential.pdf())));
        Ok(vec![Row { xanes, pdf: self.pdf.as_ref().map(named), differential, groups, targets }])
    }
}

/// The PDF ends before the first multiple of 10 Å that the grid stays below, as published ones do.
pub(super) fn longest(command: &Table) -> f64 {
    10.0 * (command.distances[1] / 10.0).floor() + 10.0
}

/// The sites of the element: those that have a spectrum, or all of the structure where no XANES is asked for.
fn sites(material: &Material, crystal: Option<&Crystal>, command: &Table) -> Result<Vec<ReadSite>, String> {
    let blank =
        |site: usize, name: String| ReadSite { name, site, xanes: None, labels: None, differential: None };
    if !command.modalities.contains(&TableModality::Xanes) {
        let sites = crystal.into_iter().flat_map(|crystal| crystal.sites().iter().enumerate());
        let own = sites.filter(|(_, site)| site.main_species().element() == command.element);
        return Ok(own.map(|(site, _)| blank(site, format!("{site}_{}", command.element))).collect());
    }
    if material.sites.is_empty() {
        return Err(format!(
            "{}: expected a folder SITE_{} with a spectrum, found none",
            material.folder.display(),
            command.element
        ));
    }
    let mut found = Vec::new();
    for site in &material.sites {
        if let Some(crystal) = crystal {
            let there = crystal.sites().get(site.site).map(|site| site.main_species().element());
            if there != Some(command.element) {
                let there = there.map_or("no site".to_owned(), |element| element.to_string());
                return Err(format!(
                    "{}: the structure has {there} at index {}, not {}",
                    site.path.display(),
                    site.site,
                    command.element
                ));
            }
        }
        let xanes = spectrum(&site.path, &command.columns.options(), command)?;
        found.push(ReadSite { xanes: Some(xanes), ..blank(site.site, site.name.clone()) });
    }
    Ok(found)
}

/// One spectrum, normalised as the command says.
fn spectrum(path: &Path, options: &ReadOptions, command: &Table) -> Result<Xanes, String> {
    let failed = |error: adatom::spectra::Error| {
        let text = spectra_message(&error);
        let name = path.display().to_string();
        if text.contains(&name) { text } else { format!("{name}: {text}") }
    };
    let xanes = Xanes::open(path, options).map_err(failed)?;
    if let Some(element) = xanes.element().filter(|&element| element != command.element) {
        return Err(format!("{}: a spectrum of {element}, not of {}", path.display(), command.element));
    }
    let method = command.normalize.map(NormalizationMethod::from).unwrap_or(match xanes.absorption() {
        Absorption::Calculated | Absorption::Normalized => NormalizationMethod::Unchanged,
        _ => NormalizationMethod::EdgeStep,
    });
    let (xanes, range) = match method {
        NormalizationMethod::Unchanged => (xanes, command.energies),
        _ => {
            let normalized = Normalization::default().method(method).normalize(&xanes).map_err(failed)?;
            (normalized.to_xanes().map_err(failed)?, command.energies)
        }
    };
    // Said here, with the file's name, and not when all are put on the grid.
    if let Some([first, last]) = range {
        let grid = EnergyGrid::new(vec![first, last]).map_err(failed)?;
        let energy = xanes.energy().values();
        let covered = energy[energy.len() - 1].min(last) - energy[0].max(first);
        let held = command.hold_ends && covered >= LEAST_COVERED * (last - first);
        let rule = if held { resampling(command) } else { Resampling::linear() };
        rule.resample(&xanes, &grid).map_err(failed)?;
    }
    Ok(xanes)
}

/// How spectra come onto the energies of the table.
fn resampling(command: &Table) -> Resampling {
    let extension = if command.hold_ends { Extension::Hold } else { Extension::Refuse };
    Resampling::linear().outside(extension)
}

/// The mean of the sites' spectra on a grid.
fn mean(sites: &[&ReadSite], energies: &EnergyGrid, rule: Resampling) -> Result<Xanes, CliError> {
    let mut sum = ndarray::Array1::zeros(energies.len());
    let mut count = 0.0;
    for xanes in sites.iter().filter_map(|site| site.xanes.as_ref()) {
        sum += &rule.resample(xanes, energies)?.mu();
        count += 1.0;
    }
    Ok(Xanes::new(energies.clone(), sum / count)?)
}

/// The targets that the structure gives: means of bond lengths, and numbers on which all sites agree.
fn from_structure(sites: &[&ReadSite]) -> Vec<(String, Option<String>)> {
    let known = |value: fn(&SiteLabels) -> Option<String>| {
        summary(sites.iter().map(|site| site.labels.as_ref().and_then(value)).collect())
    };
    vec![
        ("coordination_number".into(), known(|label| Some(label.coordination_number.to_string()))),
        ("oxidation_state".into(), known(|label| label.oxidation_state.map(|state| state.to_string()))),
        (
            "mean_bond_length".into(),
            known(|label| label.mean_bond_length.map(|length| format!("{length:?}"))),
        ),
    ]
}
