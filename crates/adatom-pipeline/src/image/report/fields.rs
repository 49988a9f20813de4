//! Maps of a field and of the linear function of the content that fits it best, with the same colour scale.

use adatom_core::{LatentMap, PatchGrid};
use adatom_interpret::MapFigure;
use ndarray::{Array1, Array2};

use crate::error::Result;
use crate::image::Field;

/// Fraction of the values outside the colour scale on either side.
const OUTSIDE: f64 = 0.01;

/// Maps of a field and of its fit.
pub(super) struct FieldMaps {
    pub(super) given: MapFigure,
    pub(super) fitted: MapFigure,
}

pub(super) fn field_maps(
    grid: &PatchGrid,
    image: usize,
    field: &Field,
    fitted: &Array1<f64>,
) -> Result<FieldMaps> {
    let both = [field.values(), fitted.view()];
    let layers = Array2::from_shape_fn((grid.len(), 2), |(patch, layer)| both[layer][patch] as f32);
    let map = LatentMap::of_image(grid, layers.view(), image)?;
    let mut finite: Vec<f32> = map.layer(0).iter().copied().filter(|value| value.is_finite()).collect();
    finite.sort_by(f32::total_cmp);
    let at = |part: f64| finite.get((part * (finite.len().max(1) - 1) as f64).round() as usize).copied();
    let limits = match [at(OUTSIDE), at(1.0 - OUTSIDE), at(0.0), at(1.0)] {
        [Some(low), Some(high), ..] if low < high => Some([low, high]),
        [_, _, Some(low), Some(high)] if low < high => Some([low, high]),
        _ => None,
    };
    let figure = |layer: usize| -> Result<MapFigure> {
        let figure = MapFigure::of_layer(&map, layer)?;
        Ok(match limits {
            Some([low, high]) => figure.limits(low.into(), high.into())?,
            None => figure,
        })
    };
    Ok(FieldMaps { given: figure(0)?, fitted: figure(1)? })
}
