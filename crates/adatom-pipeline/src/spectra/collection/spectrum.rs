//! The absorption spectrum of one site.

use std::path::Path;

use adatom_spectra::{
    Absorption, EnergyGrid, Extension, Normalization, NormalizationMethod, Resampling, Xanes,
};

use super::super::settings::{SpectrumEnds, TableSettings};
use crate::error::Error;

/// The smallest fraction of the range that a spectrum with extended ends covers.
const LEAST_COVERED: f64 = 0.9;

/// Reads one spectrum and normalises it; the error names the file.
pub(super) fn read(path: &Path, settings: &TableSettings) -> Result<Xanes, Error> {
    let failed = |error: adatom_spectra::Error| Error::Spectra(error).in_file(path);
    let xanes = Xanes::open(path, &settings.columns.read_options()).map_err(failed)?;
    if let Some(element) = xanes.element().filter(|&element| element != settings.element) {
        let problem = format!("spectrum of {element}, expected {}", settings.element);
        return Err(Error::DataSet { path: path.to_owned(), problem });
    }
    let method = settings.normalization.unwrap_or(match xanes.absorption() {
        Absorption::Calculated | Absorption::Normalized => NormalizationMethod::Unchanged,
        _ => NormalizationMethod::EdgeStep,
    });
    let xanes = match method {
        NormalizationMethod::Unchanged => xanes,
        _ => {
            let normalized = Normalization::default().method(method).normalize(&xanes).map_err(failed)?;
            normalized.to_xanes().map_err(failed)?
        }
    };
    // Checked here, since the name of the file is known.
    if let Some([first, last]) = settings.energies {
        let grid = EnergyGrid::new(vec![first, last]).map_err(failed)?;
        let energy = xanes.energy().values();
        let covered = energy[energy.len() - 1].min(last) - energy[0].max(first);
        let held = settings.ends == SpectrumEnds::Hold && covered >= LEAST_COVERED * (last - first);
        let rule = if held { resampling(settings) } else { Resampling::linear() };
        rule.resample(&xanes, &grid).map_err(failed)?;
    }
    Ok(xanes)
}

/// Interpolation of spectra to the energies of the table.
pub(super) fn resampling(settings: &TableSettings) -> Resampling {
    Resampling::linear().outside(match settings.ends {
        SpectrumEnds::Hold => Extension::Hold,
        SpectrumEnds::Refuse => Extension::Refuse,
    })
}
