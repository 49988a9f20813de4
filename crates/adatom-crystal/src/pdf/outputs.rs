//! From sums of peaks to curves: baseline, band pass, envelopes, the requested range, and what is said about
//! them.

use std::f64::consts::PI;

use adatom_core::fourier::FourierPlanner;
use adatom_spectra::{DistanceGrid, Metadata, Pdf};

use super::range::Ranges;
use super::settings::{Baseline, Settings};
use super::transform::band_pass;
use crate::{Crystal, Result};

/// A sum of peaks on the summed range, and the share of the baseline that it has.
pub(super) struct Raw {
    pub(super) peaks: Vec<f64>,
    pub(super) share: f64,
}

/// Finishes curves of a crystal whose density is `density` (1/Å³).
pub(super) fn finish(
    settings: &Settings,
    (ranges, planner): (&Ranges, &FourierPlanner),
    density: f64,
    raw: Vec<Raw>,
) -> Vec<Vec<f64>> {
    let skip = ranges.transformed.start - ranges.summed.start;
    let slope = if settings.baseline == Baseline::Zero { 0.0 } else { -4.0 * PI * density };
    let mut curves: Vec<Vec<f64>> = raw
        .into_iter()
        .map(|Raw { peaks, share }| {
            let mut curve = peaks;
            curve.drain(..skip);
            curve.truncate(ranges.transformed.len());
            for (value, k) in curve.iter_mut().zip(ranges.transformed.clone()) {
                // Peaks of very close atoms may reach 0, where G is 0.
                let r = k as f64 * ranges.step;
                *value = if k == 0 { 0.0 } else { *value + slope * share * r };
            }
            curve
        })
        .collect();
    if let Some(kept) = &ranges.kept {
        band_pass(planner, ranges, kept, &mut curves);
    }
    let envelope: Vec<f64> =
        ranges.requested.clone().map(|k| envelope(settings, k as f64 * ranges.step)).collect();
    for curve in &mut curves {
        curve.drain(..ranges.requested.start - ranges.transformed.start);
        curve.truncate(ranges.requested.len());
        curve.iter_mut().zip(&envelope).for_each(|(value, factor)| *value *= factor);
    }
    curves
}

/// Scale, resolution of the instrument, and the fraction of pairs that both lie in a sphere.
fn envelope(settings: &Settings, r: f64) -> f64 {
    let resolution = (-0.5 * (r * settings.qdamp).powi(2)).exp();
    let x = match settings.spherical_diameter {
        0.0 => 0.0,
        diameter => (r / diameter).min(1.0),
    };
    settings.scale * resolution * (1.0 - 1.5 * x + 0.5 * x.powi(3))
}

/// A curve with its distances and the parameters it was calculated with.
pub(super) fn pdf(
    settings: &Settings,
    ranges: &Ranges,
    crystal: &Crystal,
    (curve, what): (Vec<f64>, &[(&str, String)]),
) -> Result<Pdf> {
    let grid =
        DistanceGrid::new(ranges.requested.clone().map(|k| k as f64 * ranges.step).collect::<Vec<_>>())?;
    let mut metadata = Metadata::default();
    let composition = crystal.composition();
    let atoms = composition.iter().map(|(element, count)| match count {
        1.0 => element.to_string(),
        _ => format!("{element}{}", (count * 1e6).round() / 1e6),
    });
    metadata.push("composition", atoms.collect::<Vec<_>>().join(" "));
    metadata.push("mode", settings.radiation.mode());
    let numbers = [
        ("qmin", settings.qmin),
        ("qmax", settings.qmax),
        ("qdamp", settings.qdamp),
        ("qbroad", settings.qbroad),
        ("delta1", settings.delta1),
        ("delta2", settings.delta2),
        ("scale", settings.scale),
        ("spdiameter", settings.spherical_diameter),
        ("rmin", settings.rmin),
        ("rmax", settings.rmax),
        ("rstep", settings.rstep),
    ];
    for (key, number) in numbers {
        // A qmax or a diameter of 0 means that there is none.
        if number != 0.0 || !matches!(key, "qmax" | "spdiameter") {
            metadata.push(key, number.to_string());
        }
    }
    if let Some(uiso) = settings.uniform_uiso {
        metadata.push("uiso", uiso.to_string());
    }
    for (key, value) in what {
        metadata.push(*key, value);
    }
    metadata.push_comment("calculated from a crystal structure");
    if let Some(name) = crystal.name() {
        metadata.set_source(name);
    }
    Ok(Pdf::new(grid, curve)?.with_metadata(metadata))
}
