//! Generated oxides as a folder of materials, and the table of that folder.

use std::path::Path;

use adatom_core::FeatureTable;
use adatom_spectra::ndarray::Array1;
use adatom_spectra::{EnergyGrid, Xanes};
use adatom_synthetic::{Prototype, SyntheticOxide, SyntheticOxides, XanesModel};

use super::{ELEMENT, LABELS, MATERIALS, TABLE};
use crate::error::Error;
use crate::observer::Observer;
use crate::output::{OutputFolder, write_records};
use crate::spectra::{Collection, TableSettings};

/// Energies of the spectra, eV: from below the pre-edge to the first oscillations.
const ENERGIES: [f64; 2] = [7100.0, 7180.0];
const STEP: f64 = 0.5;

pub(super) fn generate(materials: usize, seed: u64) -> Result<Vec<SyntheticOxide>, Error> {
    let element = ELEMENT.parse().expect("iron is an element");
    Ok(SyntheticOxides::new(seed).element(element).materials(materials).generate()?)
}

pub(super) fn energies() -> Result<EnergyGrid, Error> {
    let [first, last] = ENERGIES;
    let points = ((last - first) / STEP).round() as usize + 1;
    Ok(EnergyGrid::new(Array1::linspace(first, last, points))?)
}

/// Writes `materials/*/POSCAR`, `materials/*/SITE_ELEMENT/spectrum.xdi` and `labels.csv`.
pub(super) fn write(
    folder: &OutputFolder,
    oxides: &[SyntheticOxide],
    model: &XanesModel,
) -> Result<(), Error> {
    let spectra = model.spectra(oxides, &energies()?)?;
    let materials = folder.file(MATERIALS);
    clear(&materials)?;
    let header = ["material", "site", "coordination_number", "oxidation_state", "mean_bond_length"];
    let mut records = vec![header.map(String::from).to_vec()];
    for (oxide, spectra) in oxides.iter().zip(&spectra) {
        let material = materials.join(oxide.name());
        std::fs::create_dir_all(&material).map_err(Error::file(&material))?;
        oxide.crystal().save_poscar(material.join("POSCAR"))?;
        for (site, xanes) in oxide.sites().iter().zip(spectra) {
            let place = material.join(format!("{}_{}", site.site(), site.element()));
            std::fs::create_dir_all(&place).map_err(Error::file(&place))?;
            Xanes::write_xdi(xanes, place.join("spectrum.xdi"))?;
            records.push(vec![
                oxide.name().to_owned(),
                site.site().to_string(),
                site.coordination_number().to_string(),
                site.valence().to_string(),
                decimal(site.mean_bond_length()),
            ]);
        }
    }
    write_records(&folder.file(LABELS), &records)
}

/// A length as files of labels have it: with a decimal point, which marks quantities.
fn decimal(length: f64) -> String {
    if length.fract() == 0.0 { format!("{length:.1}") } else { length.to_string() }
}

/// Removes the materials of an earlier demonstration, and nothing else.
fn clear(materials: &Path) -> Result<(), Error> {
    let Ok(entries) = std::fs::read_dir(materials) else { return Ok(()) };
    for entry in entries {
        let path = entry.map_err(Error::file(materials))?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let own = name.split_once('-').is_some_and(|(number, kind)| {
            number.parse::<u32>().is_ok() && Prototype::ALL.iter().any(|prototype| prototype.name() == kind)
        });
        if own && path.is_dir() {
            std::fs::remove_dir_all(&path).map_err(Error::file(&path))?;
        }
    }
    Ok(())
}

/// The table of the folder of materials, which is written as well.
pub(super) fn table(folder: &OutputFolder, observer: &dyn Observer) -> Result<FeatureTable, Error> {
    let element = ELEMENT.parse().expect("iron is an element");
    let settings = TableSettings::new(element).labels(folder.file(LABELS));
    let collection = Collection::gather(&folder.file(MATERIALS), &settings, observer)?;
    let table = collection.tabulate(observer)?.table;
    table.save(folder.file(TABLE))?;
    Ok(table)
}
