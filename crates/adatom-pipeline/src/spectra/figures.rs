//! Figures of spectra and tables.

use std::path::Path;

use adatom_core::{FeatureTable, Modality};
use adatom_interpret::{CurveFigure, CurvePanel, Figure};
use adatom_spectra::Pdf;

use super::normalize::NormalizedSpectrum;
use crate::error::Error;

/// The largest number of curves that can be distinguished.
pub const CURVES: usize = 6;

/// Writes a figure as PNG if the name ends in `.png`, else as SVG.
pub fn save(figure: &impl Figure, path: &Path) -> Result<(), Error> {
    match path.extension() {
        Some(extension) if extension.eq_ignore_ascii_case("png") => figure.save_png(path)?,
        _ => figure.save_svg(path)?,
    }
    Ok(())
}

/// Measured absorption with its fits beside the normalised spectra, of the first [`CURVES`].
pub fn normalized(spectra: &[NormalizedSpectrum]) -> Result<CurveFigure, Error> {
    let mut measured = CurvePanel::new("µ").x_label("energy (eV)").all_values();
    let mut normal = CurvePanel::new("normalised, flattened").x_label("energy (eV)").all_values();
    for NormalizedSpectrum { name, spectrum } in spectra.iter().take(CURVES) {
        // Long paths are poor labels of curves.
        let name = name.rsplit('/').next().unwrap_or(name);
        let energy = spectrum.original().energy().values().to_vec();
        normal = normal.series(name, &energy, &spectrum.flat().to_vec())?;
        measured = measured.series(name, &energy, &spectrum.original().mu().to_vec())?;
    }
    // The fits are shown for a single spectrum only.
    if let [NormalizedSpectrum { spectrum: only, .. }] = spectra
        && let Some(edge) = only.edge()
    {
        let energy = only.original().energy().values().to_vec();
        measured = measured.series("pre-edge", &energy, &edge.pre_edge.to_vec())?;
        measured = measured.series("post-edge", &energy, &edge.post_edge.to_vec())?;
    }
    let figure = CurveFigure::new(vec![measured, normal])?;
    Ok(match spectra.len() {
        shown if shown > CURVES => figure.title(format!("the first {CURVES} of {shown} spectra")),
        _ => figure,
    })
}

/// G(r).
pub fn pdf(pdf: &Pdf, title: &str) -> Result<CurveFigure, Error> {
    let (r, g) = (pdf.distance().values().to_vec(), pdf.g().to_vec());
    let panel = CurvePanel::new("G (1/Å²)").x_label("r (Å)").all_values().series("G", &r, &g)?;
    Ok(CurveFigure::new(vec![panel])?.title(title))
}

/// Mean of every modality ± one standard deviation.
pub fn table(table: &FeatureTable) -> Result<CurveFigure, Error> {
    let mut panels = Vec::new();
    for modality in table.modalities() {
        let columns = table.columns_of(&modality);
        let x: Vec<f64> = columns.iter().map(|&column| table.columns()[column].axis()).collect();
        let column = |&at: &usize| table.features().column(at).to_owned();
        let mean: Vec<f64> = columns.iter().map(|at| column(at).mean().unwrap_or(0.0)).collect();
        let sd: Vec<f64> = columns.iter().map(|at| column(at).std(0.0)).collect();
        let label = match modality {
            Modality::Xanes => "energy (eV)",
            Modality::Pdf | Modality::DifferentialPdf => "r (Å)",
            _ => "",
        };
        let beside = |sign: f64| mean.iter().zip(&sd).map(|(mean, sd)| mean + sign * sd).collect::<Vec<_>>();
        let panel = CurvePanel::new(modality.name()).x_label(label).all_values();
        let panel = panel.series("mean", &x, &mean)?.series("mean + sd", &x, &beside(1.0))?;
        panels.push(panel.series("mean - sd", &x, &beside(-1.0))?);
    }
    Ok(CurveFigure::new(panels)?.title(format!("{} samples", table.len())))
}
