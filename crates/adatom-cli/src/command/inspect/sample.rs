//! What spectra, structures and tables are.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use adatom::core::{FeatureTable, TableError};
use adatom::crystal::{Error as CrystalError, StructureFile};
use adatom::spectra::Error as SpectraError;
use adatom::spectra::{
    ColumnTable, Contents, Exafs, Normalization, Pdf, ReadOptions, ScatteringKind, SpectrumFile,
    StructureFunction, Xanes,
};
use serde_json::{Map, Value, json};

use crate::error::with_sources;

/// A table of features; `None` when the file is none.
pub(super) fn table(path: &Path) -> Option<Result<Value, String>> {
    // Opening a pipe would wait for somebody to write into it.
    if !std::fs::metadata(path).is_ok_and(|kind| kind.is_file()) {
        return None;
    }
    let mut start = [0; 5];
    let read = File::open(path).and_then(|mut file| file.read(&mut start)).ok()?;
    let start = &start[..read];
    let plain = start.starts_with(b"id,") || start.starts_with(b"\"id\",");
    if !plain && !start.starts_with(&[0x1f, 0x8b]) {
        return None;
    }
    match FeatureTable::load(path) {
        Ok(table) => Some(Ok(described(path, &table))),
        // Compressed projects of spectra begin alike.
        Err(_) if !plain => None,
        Err(error) => Some(Err(message(path, &error))),
    }
}

fn message(path: &Path, error: &TableError) -> String {
    let text = with_sources(error);
    if text.contains(&*path.to_string_lossy()) { text } else { format!("{}: {text}", path.display()) }
}

fn described(path: &Path, table: &FeatureTable) -> Value {
    let columns: Map<String, Value> = table
        .modalities()
        .iter()
        .map(|modality| (modality.name().to_owned(), json!(table.columns_of(modality).len())))
        .collect();
    json!({
        "path": path.display().to_string(),
        "kind": "table",
        "format": "adatom table (CSV)",
        "rows": table.len(),
        "columns": columns,
        "groups": table.groups().map(|(name, _)| name).collect::<Vec<_>>(),
        "targets": table.targets().map(|(name, _)| name).collect::<Vec<_>>(),
    })
}

/// A structure or a spectrum; `looks_like` what else it may be.
pub(super) fn look(path: &Path, looks_like: Option<&str>) -> Result<Value, String> {
    let of_structure = match StructureFile::open(path) {
        Ok(file) => return Ok(structure(path, &file)),
        Err(CrystalError::UnknownFormat { .. }) => None,
        Err(error) => Some(with_sources(&error)),
    };
    let spectrum = SpectrumFile::open(path, &ReadOptions::default());
    match (of_structure, spectrum) {
        // A damaged POSCAR ends in columns of numbers, and has no signature that would tell it from a table of them.
        (Some(error), Ok(SpectrumFile { contents: Contents::Columns(_), .. }))
            if is_named_as_structure(path) =>
        {
            Err(error)
        }
        (_, Ok(file)) => Ok(of_spectrum(path, &file)),
        (Some(error), Err(_)) => Err(error),
        (None, Err(SpectraError::UnknownFormat { looks_like: other, .. })) => {
            let what = looks_like.or(other).map_or(String::new(), |what| format!("; it looks like {what}"));
            Err(format!(
                "{}: neither an image nor a spectrum, structure, table or model that is understood{what}",
                path.display()
            ))
        }
        (None, Err(error)) => Err(with_sources(&error)),
    }
}

fn is_named_as_structure(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
    ["poscar", "contcar", ".cif", ".vasp", ".xyz"].iter().any(|part| name.contains(part))
}

fn structure(path: &Path, file: &StructureFile) -> Value {
    let one = |crystal: &adatom::crystal::Crystal| {
        json!({
            "name": crystal.name(),
            "formula": crystal.formula(),
            "atoms": crystal.len(),
            "volume": crystal.lattice().volume(),
            "cell": crystal.lattice().lengths(),
            "angles": crystal.lattice().angles(),
        })
    };
    let mut found = json!({ "path": path.display().to_string(), "kind": "structure", "format": file.format });
    match file.crystals.as_slice() {
        [only] => extend(&mut found, one(only)),
        several => {
            found["structures"] = json!(several.len());
            extend(&mut found, one(&several[0]));
        }
    }
    found
}

fn extend(found: &mut Value, more: Value) {
    if let (Some(found), Value::Object(more)) = (found.as_object_mut(), more) {
        found.extend(more);
    }
}

fn of_spectrum(path: &Path, file: &SpectrumFile) -> Value {
    let (kind, facts) = match &file.contents {
        Contents::Xanes(spectra) => ("xanes", several(spectra.iter().map(xanes).collect())),
        Contents::Exafs(spectra) => ("exafs", several(spectra.iter().map(exafs).collect())),
        Contents::Pdf(found) => ("pdf", pdf(found)),
        Contents::DifferentialPdf(found) => {
            let mut facts = pdf(found.pdf());
            facts["element"] = json!(found.element().symbol());
            ("pdf", facts)
        }
        Contents::Scattering(found) => ("scattering", scattering(found)),
        Contents::Columns(found) => ("columns", columns(found)),
        _ => ("unknown", json!({})),
    };
    let mut found = json!({ "path": path.display().to_string(), "kind": kind, "format": file.format });
    extend(&mut found, facts);
    if !file.warnings.is_empty() {
        found["warnings"] = json!(file.warnings.iter().map(ToString::to_string).collect::<Vec<_>>());
    }
    found
}

/// The facts of the first spectrum, and those of all where there are several.
fn several(all: Vec<Value>) -> Value {
    let mut found = json!({ "spectra": all.len() });
    extend(&mut found, all[0].clone());
    if all.len() > 1 {
        found["names"] = all.iter().map(|one| one["name"].clone()).collect();
        found["records"] = json!(all);
    }
    found
}

fn xanes(xanes: &Xanes) -> Value {
    let edge = Normalization::default().normalize(xanes).ok();
    json!({
        "name": xanes.name(),
        "element": xanes.element().map(|element| element.symbol()),
        "edge": xanes.edge().map(|edge| edge.to_string()),
        "n": xanes.len(),
        "energy": [xanes.energy().first(), xanes.energy().last()],
        "absorption": format!("{:?}", xanes.absorption()).to_lowercase(),
        "e0": edge.as_ref().and_then(|found| found.e0()),
        "edge_step": edge.as_ref().and_then(|found| found.edge_step()),
    })
}

fn exafs(exafs: &Exafs) -> Value {
    let k = exafs.k().values();
    json!({ "name": exafs.name(), "n": k.len(), "k": [k[0], k[k.len() - 1]] })
}

fn pdf(pdf: &Pdf) -> Value {
    let columns =
        2 + usize::from(pdf.distance_uncertainty().is_some()) + usize::from(pdf.uncertainty().is_some());
    json!({
        "n": pdf.len(),
        "r": [pdf.distance().first(), pdf.distance().last()],
        "qmax": pdf.metadata().number("qmax"),
        "qmin": pdf.metadata().number("qmin"),
        "composition": pdf.metadata().get("composition"),
        "columns": columns,
    })
}

fn scattering(scattering: &StructureFunction) -> Value {
    json!({
        "function": match scattering.kind() {
            ScatteringKind::Intensity => "I(Q)",
            ScatteringKind::Structure => "S(Q)",
            ScatteringKind::Reduced => "F(Q)",
            _ => "unknown",
        },
        "n": scattering.q().len(),
        "q": [scattering.q().first(), scattering.q().last()],
    })
}

fn columns(table: &ColumnTable) -> Value {
    json!({
        "columns": table.labels(),
        "rows": table.values().nrows(),
        "guessed_energy": table.guessed_energy(),
        "guessed_mu": table.guessed_mu(),
    })
}
