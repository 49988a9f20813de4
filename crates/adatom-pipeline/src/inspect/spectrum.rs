//! Spectra and structures.

use std::path::Path;

use adatom_crystal::{Crystal, Error as CrystalError, StructureFile};
use adatom_spectra::{
    ColumnTable, Contents, Error as SpectraError, Exafs, Normalization, Pdf, ReadOptions, ScatteringKind,
    SpectrumFile, StructureFunction, Xanes,
};
use serde_json::{Value, json};

use super::extend;
use crate::error::with_sources;

/// A structure or a spectrum; `looks_like` is used in the message if it is neither.
pub(super) fn describe(path: &Path, looks_like: Option<&str>) -> Result<Value, String> {
    let of_structure = match StructureFile::open(path) {
        Ok(file) => return Ok(structure(path, &file)),
        Err(CrystalError::UnknownFormat { .. }) => None,
        Err(error) => Some(with_sources(&error)),
    };
    let spectrum = SpectrumFile::open(path, &ReadOptions::default());
    match (of_structure, spectrum) {
        // A damaged POSCAR ends in columns of numbers and has no signature that distinguishes it from a
        // table.
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
                "{}: unrecognised file format; expected an image, spectrum, structure, table or model{what}",
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
    let one = |crystal: &Crystal| {
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
