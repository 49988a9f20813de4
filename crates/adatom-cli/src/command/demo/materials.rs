//! Generated oxides as a folder of materials, and that folder as a table, by the way that measured ones take.

use std::path::Path;

use adatom::core::FeatureTable;
use adatom::spectra::ndarray::Array1;
use adatom::spectra::{EnergyGrid, Xanes};
use adatom::synthetic::{Prototype, SyntheticOxide, SyntheticOxides, XanesModel};
use clap::Parser;

use crate::args::{Arguments, Command};
use crate::command::table;
use crate::error::CliError;
use adatom::pipeline::output::{OutputFolder, write_records};

pub(super) const MATERIALS: &str = "materials";
pub(super) const LABELS: &str = "labels.csv";
pub(super) const TABLE: &str = "table.csv";

/// The absorber: iron stands in tetrahedra, squares, pyramids and octahedra, with two to four charges, and its pre-edge is
/// the textbook's example.
pub(super) const ELEMENT: &str = "Fe";

/// Energies of the spectra, eV: from below the pre-edge to the first oscillations.
const ENERGIES: [f64; 2] = [7100.0, 7180.0];
const STEP: f64 = 0.5;

pub(super) fn generate(materials: usize, seed: u64) -> Result<Vec<SyntheticOxide>, CliError> {
    let element = ELEMENT.parse().expect("iron is an element");
    Ok(SyntheticOxides::new(seed).element(element).materials(materials).generate()?)
}

pub(super) fn energies() -> Result<EnergyGrid, CliError> {
    let [first, last] = ENERGIES;
    let points = ((last - first) / STEP).round() as usize + 1;
    Ok(EnergyGrid::new(Array1::linspace(first, last, points))?)
}

/// Writes `materials/*/POSCAR`, `materials/*/SITE_ELEMENT/spectrum.xdi` and `labels.csv`.
pub(super) fn write(
    folder: &OutputFolder,
    oxides: &[SyntheticOxide],
    model: &XanesModel,
) -> Result<(), CliError> {
    let spectra = model.spectra(oxides, &energies()?)?;
    let materials = folder.file(MATERIALS);
    clear(&materials)?;
    let header = ["material", "site", "coordination_number", "oxidation_state", "mean_bond_length"];
    let mut records = vec![header.map(String::from).to_vec()];
    for (oxide, spectra) in oxides.iter().zip(&spectra) {
        let material = materials.join(oxide.name());
        std::fs::create_dir_all(&material).map_err(CliError::file(&material))?;
        oxide.crystal().save_poscar(material.join("POSCAR"))?;
        for (site, xanes) in oxide.sites().iter().zip(spectra) {
            let place = material.join(format!("{}_{}", site.site(), site.element()));
            std::fs::create_dir_all(&place).map_err(CliError::file(&place))?;
            Xanes::write_xdi(xanes, place.join("spectrum.xdi"))?;
            records.push(vec![
                oxide.name().to_owned(),
                site.site().to_string(),
                site.coordination_number().to_string(),
                site.valence().to_string(),
                // As a number with a point, which is averaged over the sites.
                format!("{:?}", site.mean_bond_length()),
            ]);
        }
    }
    Ok(write_records(&folder.file(LABELS), &records)?)
}

/// Removes the materials of an earlier demonstration, and nothing else.
fn clear(materials: &Path) -> Result<(), CliError> {
    let Ok(entries) = std::fs::read_dir(materials) else { return Ok(()) };
    for entry in entries {
        let path = entry.map_err(CliError::file(materials))?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let own = name.split_once('-').is_some_and(|(number, kind)| {
            number.parse::<u32>().is_ok() && Prototype::ALL.iter().any(|prototype| prototype.name() == kind)
        });
        if own && path.is_dir() {
            std::fs::remove_dir_all(&path).map_err(CliError::file(&path))?;
        }
    }
    Ok(())
}

/// The command that makes the table of the folder.
pub(super) fn table_words(folder: &OutputFolder) -> Vec<String> {
    let file = |name: &str| folder.file(name).display().to_string();
    let words = ["adatom", "table"].map(String::from).into_iter().chain([file(MATERIALS)]);
    let options = ["--element", ELEMENT, "--labels"].map(String::from).into_iter().chain([file(LABELS)]);
    words.chain(options).chain(["--out".to_owned(), file(TABLE), "--force".to_owned()]).collect()
}

/// Runs it.
pub(super) fn table(folder: &OutputFolder) -> Result<FeatureTable, CliError> {
    match Arguments::try_parse_from(table_words(folder)).expect("these are arguments of table").command {
        Command::Table(command) => Ok(table::make(&command)?.table),
        _ => unreachable!("table is what was asked for"),
    }
}
