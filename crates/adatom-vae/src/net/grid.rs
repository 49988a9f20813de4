//! The coordinates of the decoder: images span rows -1..1 from top to bottom and columns 1..-1 from left to
//! right, signals 1..-1.

use std::sync::Arc;

use candle_core::{DType, Device, Result, Tensor};

use adatom_core::SampleShape;

/// Coordinates of every point, row by row: `[points, 1]` or `[height · width, 2]`.
#[derive(Debug, Clone)]
pub(crate) struct Grid {
    /// Of the type and on the device of the weights.
    pub(crate) tensor: Tensor,
    /// The same for the fused kernel.
    pub(crate) values: Arc<Vec<f32>>,
}

impl Grid {
    pub(crate) fn new(shape: SampleShape, dtype: DType, device: &Device) -> Result<Self> {
        let values = coordinates(shape);
        let single = Arc::new(values.iter().map(|&value| value as f32).collect());
        let tensor =
            Tensor::from_vec(values, (shape.points(), shape.dimensions()), device)?.to_dtype(dtype)?;
        Ok(Self { tensor, values: single })
    }
}

fn linspace(first: f64, last: f64, points: usize) -> impl Fn(usize) -> f64 {
    let step = if points > 1 { (last - first) / (points - 1) as f64 } else { 0.0 };
    // A single point lies in the middle of the span.
    move |index| if points > 1 { first + step * index as f64 } else { (first + last) / 2.0 }
}

/// Coordinates of every point, row by row.
pub(crate) fn coordinates(shape: SampleShape) -> Vec<f64> {
    let mut values = Vec::with_capacity(shape.points() * shape.dimensions());
    match shape.without_channels() {
        SampleShape::Image { height, width } => {
            let (row_at, column_at) = (linspace(-1.0, 1.0, height), linspace(1.0, -1.0, width));
            for row in 0..height {
                for column in 0..width {
                    values.extend([row_at(row), column_at(column)]);
                }
            }
        }
        _ => {
            let at = linspace(1.0, -1.0, shape.points());
            values.extend((0..shape.points()).map(at));
        }
    }
    values
}
