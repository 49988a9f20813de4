//! Patches decoded over the range of the content latents.

use adatom_interpret::ManifoldFigure;
use adatom_vae::ShiftVae;
use ndarray::{ArrayView1, ArrayView2};

use crate::error::Result;

/// Fraction of the patches outside the range on either side.
const OUTSIDE: f64 = 0.01;

/// `tiles` × `tiles` patches decoded over the first two content latents `[n, k]`, or one row of patches for a
/// single latent; `None` without content latents.
pub(in crate::image) fn manifold(
    model: &ShiftVae,
    content: ArrayView2<'_, f32>,
    tiles: usize,
) -> Result<Option<ManifoldFigure>> {
    if content.ncols() == 0 {
        return Ok(None);
    }
    let columns = range(content.column(0), tiles);
    if content.ncols() == 1 {
        let decoded = model.manifold(&columns, &[0.0])?;
        return Ok(Some(ManifoldFigure::new(decoded.view())?.columns("content 1", &columns)?));
    }
    let mut rows = range(content.column(1), tiles);
    // The second latent grows upwards.
    rows.reverse();
    let decoded = model.manifold(&columns, &rows)?;
    let figure = ManifoldFigure::new(decoded.view())?.columns("content 1", &columns)?;
    Ok(Some(figure.rows("content 2", &rows)?))
}

/// Equally spaced values over the range of `values` without the outermost percent on either side.
fn range(values: ArrayView1<'_, f32>, tiles: usize) -> Vec<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f32::total_cmp);
    let at = |part: f64| f64::from(sorted[(part * (sorted.len() - 1) as f64).round() as usize]);
    let (low, high) = (at(OUTSIDE), at(1.0 - OUTSIDE));
    (0..tiles).map(|tile| low + (high - low) * tile as f64 / (tiles - 1) as f64).collect()
}
