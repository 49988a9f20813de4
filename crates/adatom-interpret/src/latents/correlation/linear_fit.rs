//! The linear fit of a field by all content latents, scored on held-out parts of the image.

use ndarray::{Array1, ArrayView1, Axis};

use super::Quantity;
use crate::latents::Latents;
use crate::latents::effective::{Pairs, effective};
use crate::latents::linear::{Line, r_squared};
use crate::statistics::f_tail;

/// The least-squares fit of a field by a linear function of all content latents.
///
/// Content latents are defined only up to a rotation: a field may be represented by several of them together.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct LinearFit {
    /// The fraction of the variance of the field that the fit explains, from 0 to 1.
    pub r_squared: f64,
    /// The same by cross-validation over up to 3 × 3 parts of the image; negative if worse than the mean,
    /// `None` on an image that is too small for two parts of two windows.
    pub held_out: Option<f64>,
    /// The effective number of independent patches.
    pub effective: f64,
    /// The p-value of the fit (F test).
    pub p: f64,
    /// The fit `[n]` of all patches, in the field's unit.
    pub fitted: Array1<f64>,
}

/// The number of parts along rows and along columns for cross-validation; smaller ones would be predictable
/// from their neighbours.
const PARTS: usize = 3;

/// The fit of the field `values` by the content of the used patches.
pub(super) fn fit(
    latents: &Latents,
    values: ArrayView1<'_, f64>,
    (used, pairs, own): (&[usize], &Pairs, &Quantity),
) -> LinearFit {
    let x = latents.content_of(used);
    let y = Array1::from(own.values.clone());
    let fitted = Line::fit(x.view(), y.view()).at(latents.content());
    let here = fitted.select(Axis(0), used);
    let r_squared = r_squared(y.view(), here.view()).unwrap_or(0.0).clamp(0.0, 1.0);
    let varies = here.iter().any(|&value| value != here[0]);
    let effective = match varies {
        true => effective(&pairs.structure(fitted.view()), &own.structure),
        false => used.len() as f64,
    };
    let (k, rest) = (x.ncols() as f64, effective - 1.0 - x.ncols() as f64);
    let p = if rest > 0.0 { f_tail(r_squared / (1.0 - r_squared) * rest / k, k, rest) } else { 1.0 };
    let held_out = held_out(latents, values, used);
    LinearFit { r_squared, held_out, effective, p, fitted }
}

/// R² on held-out parts of the image.
fn held_out(latents: &Latents, values: ArrayView1<'_, f64>, used: &[usize]) -> Option<f64> {
    let parts = parts(latents, used);
    let (mut residual, mut known) = (0.0, 0);
    for part in 0..PARTS * PARTS {
        let (mut test, mut train) = (Vec::new(), Vec::new());
        for (&patch, &own) in used.iter().zip(&parts) {
            if own == part { test.push(patch) } else { train.push(patch) }
        }
        if test.is_empty() {
            continue;
        }
        if train.len() < 2 {
            return None;
        }
        known += 1;
        let y = values.select(Axis(0), &train);
        let line = Line::fit(latents.content_of(&train).view(), y.view());
        let predictions = line.at(latents.content_of(&test).view());
        for (&patch, prediction) in test.iter().zip(&predictions) {
            residual += (values[patch] - prediction).powi(2);
        }
    }
    // The same denominator as that of the fit, so that both can be compared.
    let mean = used.iter().map(|&patch| values[patch]).sum::<f64>() / used.len() as f64;
    let total: f64 = used.iter().map(|&patch| (values[patch] - mean).powi(2)).sum();
    (known >= 2 && total > 0.0).then(|| 1.0 - residual / total)
}

/// The part of the image that each used patch lies in: up to 3 × 3 of them, none narrower than two windows.
fn parts(latents: &Latents, used: &[usize]) -> Vec<usize> {
    let window = latents.window();
    let axis = |position: &dyn Fn(usize) -> f64, window: usize| -> Vec<usize> {
        let (low, high) = used
            .iter()
            .map(|&patch| position(patch))
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), at| (low.min(at), high.max(at)));
        let extent = high - low + window as f64;
        let parts = ((extent / (2.0 * window as f64)) as usize).clamp(1, PARTS);
        // A little more than the range, so that the last patch lies in the last part.
        let step = (high - low).max(1.0) * (1.0 + 1e-9) / parts as f64;
        used.iter().map(|&patch| ((position(patch) - low) / step) as usize).collect()
    };
    let rows = axis(&|patch| latents.centres()[patch].row, window.height());
    let columns = axis(&|patch| latents.centres()[patch].column, window.width());
    rows.into_iter().zip(columns).map(|(row, column)| row * PARTS + column).collect()
}
