//! Stage 1: reads the materials of a folder, and calculates labels and PDFs.

mod material;
mod spectrum;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use adatom_crystal::NoOxidationState;
use rayon::prelude::*;

use super::dataset;
use super::labels::Labels;
use super::lists::MaterialLists;
use super::settings::TableSettings;
use crate::error::Error;
use crate::observer::{Activity, Event, Observer};
pub(super) use material::{Material, Row};

/// The usable materials of a folder.
#[derive(Debug)]
pub struct Collection {
    folder: PathBuf,
    settings: TableSettings,
    labels: Option<Labels>,
    materials: Vec<Material>,
    omissions: Omissions,
}

/// Materials that are left out of the table, with reasons.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Omissions {
    /// Materials that could not be read or calculated.
    pub unusable: Vec<UnusableMaterial>,
    /// Number of materials without a site of the element.
    pub without_element: usize,
    /// Number of materials with an excluded formula.
    pub same_formula: usize,
}

/// A material that could not be used.
#[derive(Debug)]
#[non_exhaustive]
pub struct UnusableMaterial {
    /// Its folder.
    pub folder: PathBuf,
    /// Why it cannot be used.
    pub error: Error,
}

impl Collection {
    /// Reads the materials in a folder: each is a folder with a structure and, for every site, a folder
    /// `SITE_ELEMENT` (SITE: index in the structure, from 0) with its spectrum.
    ///
    /// A material that cannot be used is an [`Event::Problem`] and is left out.
    ///
    /// # Errors
    ///
    /// [`Error::DataSet`] if there is no material, none is usable, or a list contains an unknown one;
    /// [`Error::Setting`] if settings contradict each other; [`Error::Cancelled`] if the observer stops
    /// the work.
    pub fn gather(folder: &Path, settings: &TableSettings, observer: &dyn Observer) -> Result<Self, Error> {
        settings.check()?;
        let labels = settings.labels.as_deref().map(Labels::load).transpose()?;
        let mut folders = dataset::materials(folder)?;
        let lists = MaterialLists::load(settings, &folders)?;
        folders.retain(|folder| lists.reads(folder));
        let activity = Activity::start(observer, "reading", folders.len(), "materials");
        let read: Vec<Option<Result<Material, Error>>> = folders
            .par_iter()
            .map(|folder| {
                let material = activity.continues().then(|| Material::read(folder, settings));
                activity.advance(1);
                material
            })
            .collect();
        activity.check()?;
        let (mut materials, mut unusable) = (Vec::new(), Vec::new());
        for (folder, read) in folders.iter().zip(read.into_iter().flatten()) {
            match read {
                Ok(material) => materials.push(material),
                Err(error) => {
                    unusable.push(UnusableMaterial { folder: folder.clone(), error: error.in_file(folder) });
                }
            }
        }
        for material in &unusable {
            observer.event(&Event::Problem(&material.error));
        }
        let same_formula = lists.retain(&mut materials);
        let without_element = materials.iter().filter(|material| material.sites().is_empty()).count();
        materials.retain(|material| !material.sites().is_empty());
        if materials.is_empty() {
            let problem = format!("no usable material has a site of {}", settings.element);
            return Err(Error::DataSet { path: folder.to_owned(), problem });
        }
        let omissions = Omissions { unusable, without_element, same_formula };
        let folder = folder.to_owned();
        let collection = Self { folder, settings: settings.clone(), labels, materials, omissions };
        if let Some(note) = collection.note_on_unknown_states() {
            observer.event(&Event::Note(&note));
        }
        Ok(collection)
    }

    /// Number of sites of the element with unknown oxidation state, by reason.
    #[must_use]
    pub fn unknown_oxidation_states(&self) -> BTreeMap<NoOxidationState, usize> {
        let mut reasons = BTreeMap::new();
        let unknown = self.materials.iter().flat_map(Material::unknown_states);
        unknown.for_each(|reason| *reasons.entry(reason.clone()).or_default() += 1);
        reasons
    }

    fn note_on_unknown_states(&self) -> Option<String> {
        let reasons = self.unknown_oxidation_states();
        let sites: usize = reasons.values().sum();
        let listed: Vec<String> =
            reasons.iter().map(|(reason, count)| format!("{reason} ({count})")).collect();
        let unit = if sites == 1 { "site" } else { "sites" };
        (sites > 0).then(|| format!("oxidation state unknown for {sites} {unit}: {}", listed.join("; ")))
    }

    /// The number of usable materials.
    #[must_use]
    pub fn len(&self) -> usize {
        self.materials.len()
    }

    /// Whether there is no material, which does not occur after [`gather`](Self::gather).
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.materials.is_empty()
    }

    /// Materials that are left out of the table, with reasons.
    #[must_use]
    pub fn omissions(&self) -> &Omissions {
        &self.omissions
    }

    /// The settings.
    #[must_use]
    pub fn settings(&self) -> &TableSettings {
        &self.settings
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    pub(super) fn labels(&self) -> Option<&Labels> {
        self.labels.as_ref()
    }

    pub(super) fn into_omissions(self) -> Omissions {
        self.omissions
    }

    pub(super) fn materials(&self) -> &[Material] {
        &self.materials
    }
}
