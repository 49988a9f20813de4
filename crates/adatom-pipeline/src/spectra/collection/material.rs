//! One material: its data, labels, PDFs, and rows.

use std::collections::BTreeMap;
use std::path::Path;

use adatom_core::Modality;
use adatom_crystal::{BondRule, Charges, Crystal, NoOxidationState, PdfCalculator, SiteLabels};
use adatom_spectra::ndarray::Array1;
use adatom_spectra::{DifferentialPdf, EnergyGrid, Metadata, Pdf, Xanes};

use super::super::dataset::MaterialFolder;
use super::super::labels::{Label, Labels, RowLabel, combined};
use super::super::settings::{RowLevel, TableSettings};
use super::spectrum;
use crate::error::Error;

/// Data of one material.
#[derive(Debug)]
pub(crate) struct Material {
    name: String,
    /// The formula of the structure, if there is one.
    formula: Option<String>,
    pdf: Option<Pdf>,
    differential: Option<DifferentialPdf>,
    sites: Vec<Site>,
}

/// One site of the element.
#[derive(Debug)]
pub(crate) struct Site {
    name: String,
    /// Its index in the structure, from 0.
    index: usize,
    xanes: Option<Xanes>,
    labels: Option<SiteLabels>,
    /// Its own differential PDF, if requested.
    differential: Option<DifferentialPdf>,
}

/// One sample of the table.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    pub(crate) xanes: Option<Xanes>,
    pub(crate) pdf: Option<Pdf>,
    pub(crate) differential: Option<DifferentialPdf>,
    pub(crate) groups: BTreeMap<String, String>,
    pub(crate) labels: Vec<RowLabel>,
}

impl Site {
    fn new(index: usize, name: String) -> Self {
        Self { name, index, xanes: None, labels: None, differential: None }
    }

    /// Its spectrum, if XANES are requested.
    pub(crate) fn xanes(&self) -> Option<&Xanes> {
        self.xanes.as_ref()
    }
}

impl Material {
    /// Reads a material; the error names the file.
    pub(super) fn read(folder: &Path, settings: &TableSettings) -> Result<Self, Error> {
        let found = MaterialFolder::open(folder, settings.element)?;
        let needs_structure = settings.has(&Modality::Pdf) || settings.has(&Modality::DifferentialPdf);
        let crystal = found.structure.as_ref().map(Crystal::open).transpose()?;
        if crystal.is_none() && needs_structure {
            return Err(wrong(folder, "expected a structure, found none".to_owned()));
        }
        let formula = crystal.as_ref().map(Crystal::formula);
        let name = found.name.clone();
        let mut material = Self { name, formula, pdf: None, differential: None, sites: Vec::new() };
        let is_own = |site: &adatom_crystal::Site| site.main_species().element() == settings.element;
        if crystal.as_ref().is_some_and(|crystal| !crystal.sites().iter().any(is_own)) {
            return Ok(material);
        }
        material.sites = sites(&found, crystal.as_ref(), settings)?;
        if let (Some(crystal), Some(path)) = (&crystal, &found.structure) {
            let added = material.add_calculated(crystal, settings);
            added.map_err(|error| Error::Crystal(error).in_file(path))?;
        }
        Ok(material)
    }

    /// Labels and PDFs that are calculated from the structure.
    fn add_calculated(
        &mut self,
        crystal: &Crystal,
        settings: &TableSettings,
    ) -> Result<(), adatom_crystal::Error> {
        if settings.labels.is_none() {
            let labels = crystal.labels(settings.element, BondRule::default())?;
            for site in &mut self.sites {
                site.labels = labels.iter().find(|label| label.site == site.index).cloned();
            }
        }
        if !settings.has(&Modality::Pdf) && !settings.has(&Modality::DifferentialPdf) {
            return Ok(());
        }
        // As in published tables, atoms are neutral, even if a file states charges.
        let calculator = PdfCalculator::published().rmax(settings.pdf_end()).charges(Charges::Ignored);
        let pdfs = calculator.total_and_differential(crystal, settings.element)?;
        (self.pdf, self.differential) = (Some(pdfs.total), Some(pdfs.differential));
        if (settings.level, settings.differential_of) == (RowLevel::Site, RowLevel::Site) {
            let indices: Vec<usize> = self.sites.iter().map(|site| site.index).collect();
            let own = calculator.site_differentials(crystal, settings.element, &indices)?;
            self.sites.iter_mut().zip(own).for_each(|(site, own)| site.differential = Some(own));
        }
        Ok(())
    }

    /// The name of the material's folder.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// The formula of the structure.
    pub(crate) fn formula(&self) -> Option<&str> {
        self.formula.as_deref()
    }

    /// The sites of the element.
    pub(crate) fn sites(&self) -> &[Site] {
        &self.sites
    }

    /// Why the oxidation states of some of its sites are unknown, one reason for each such site.
    pub(super) fn unknown_states(&self) -> impl Iterator<Item = &NoOxidationState> {
        let labels = self.sites.iter().filter_map(|site| site.labels.as_ref());
        labels.filter_map(|label| label.oxidation_state.as_ref().err())
    }

    /// The name of a row of one site.
    pub(crate) fn site_name(&self, site: &Site) -> String {
        format!("{}/{}", self.name, site.name)
    }

    /// The rows of the material: one, or one per site, with XANES interpolated to `energies`.
    pub(crate) fn rows(
        &self,
        settings: &TableSettings,
        energies: Option<&EnergyGrid>,
        labels: Option<&Labels>,
    ) -> Result<Vec<Row>, Error> {
        let row = |id: &str, sites: &[&Site]| -> Result<Row, Error> {
            let xanes = energies.map(|grid| mean(sites, grid, settings)).transpose()?;
            Ok(Row { xanes: xanes.map(|xanes| xanes.with_name(id)), ..self.row(id, sites, labels) })
        };
        match settings.level {
            RowLevel::Material => Ok(vec![row(&self.name, &self.sites.iter().collect::<Vec<_>>())?]),
            RowLevel::Site => self.sites.iter().map(|site| row(&self.site_name(site), &[site])).collect(),
        }
    }

    /// A row without its XANES.
    fn row(&self, id: &str, sites: &[&Site], labels: Option<&Labels>) -> Row {
        let named = |pdf: &Pdf| {
            let mut metadata = Metadata::default();
            metadata.push("name", id);
            pdf.clone().with_metadata(metadata)
        };
        let mut groups = BTreeMap::from([("material".to_owned(), self.name.clone())]);
        groups.extend(self.formula.clone().map(|formula| ("formula".to_owned(), formula)));
        let indices: Vec<usize> = sites.iter().map(|site| site.index).collect();
        let labels = match labels {
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
        Row { xanes: None, pdf: self.pdf.as_ref().map(named), differential, groups, labels }
    }
}

fn wrong(path: &Path, problem: String) -> Error {
    Error::DataSet { path: path.to_owned(), problem }
}

/// The sites of the element: those that have a spectrum, or all of the structure if no XANES are requested.
fn sites(
    material: &MaterialFolder,
    crystal: Option<&Crystal>,
    settings: &TableSettings,
) -> Result<Vec<Site>, Error> {
    let element = settings.element;
    if !settings.has(&Modality::Xanes) {
        let sites = crystal.into_iter().flat_map(|crystal| crystal.sites().iter().enumerate());
        let own = sites.filter(|(_, site)| site.main_species().element() == element);
        return Ok(own.map(|(index, _)| Site::new(index, format!("{index}_{element}"))).collect());
    }
    if material.sites.is_empty() {
        let problem = format!("expected a folder SITE_{element} with a spectrum, found none");
        return Err(wrong(&material.folder, problem));
    }
    let mut found = Vec::new();
    for site in &material.sites {
        if let Some(crystal) = crystal {
            let there = crystal.sites().get(site.site).map(|site| site.main_species().element());
            if there != Some(element) {
                let there = there.map_or("no site".to_owned(), |element| element.to_string());
                let problem = format!("the structure has {there} at index {}, not {element}", site.site);
                return Err(wrong(&site.path, problem));
            }
        }
        let xanes = spectrum::read(&site.path, settings)?;
        found.push(Site { xanes: Some(xanes), ..Site::new(site.site, site.name.clone()) });
    }
    Ok(found)
}

/// The mean of the sites' spectra on a grid.
fn mean(sites: &[&Site], energies: &EnergyGrid, settings: &TableSettings) -> Result<Xanes, Error> {
    let rule = spectrum::resampling(settings);
    let mut sum = Array1::zeros(energies.len());
    let mut count = 0.0;
    for xanes in sites.iter().filter_map(|site| site.xanes.as_ref()) {
        sum += &rule.resample(xanes, energies)?.mu();
        count += 1.0;
    }
    Ok(Xanes::new(energies.clone(), sum / count)?)
}

/// The labels of the structure: means of bond lengths, and counts if all sites agree.
fn from_structure(sites: &[&Site]) -> Vec<RowLabel> {
    let of = |target: &str, label: fn(&SiteLabels) -> Option<Label>| RowLabel {
        target: target.to_owned(),
        label: combined(sites.iter().map(|site| site.labels.as_ref().and_then(label)).collect()),
    };
    vec![
        of("coordination_number", |labels| Some(Label::count(labels.coordination_number as f64))),
        of("oxidation_state", |labels| Some(Label::count(f64::from(*labels.oxidation_state.as_ref().ok()?)))),
        of("mean_bond_length", |labels| Some(Label::quantity(labels.mean_bond_length?))),
    ]
}
