//! Layouts of the values of a sample: `[points, channels]` in rows of a batch, as the decoder gives them, and
//! `[channels, ...]` in arrays.

use candle_core::{Result, Tensor};

use adatom_core::SampleShape;

/// Rows `[n, points · channels]` of a batch `[n, channels, ...]` or of such rows. `None` for other shapes.
pub(crate) fn rows(batch: &Tensor, shape: SampleShape) -> Result<Option<Tensor>> {
    let n = batch.dims().first().copied().unwrap_or(0);
    if n == 0 || batch.elem_count() != n * shape.len() {
        return Ok(None);
    }
    let array = shape.array_shape();
    if array.len() == shape.dimensions() || batch.rank() == 2 {
        return batch.reshape((n, shape.len())).map(Some);
    }
    if batch.dims()[1..] != array {
        return Ok(None);
    }
    let by_channel = batch.reshape((n, shape.channels(), shape.points()))?;
    by_channel.transpose(1, 2)?.contiguous()?.reshape((n, shape.len())).map(Some)
}

/// The arrays `[n, channels, ...]` of rows `[n, points · channels]`.
pub(crate) fn arrays(rows: &Tensor, shape: SampleShape) -> Result<Tensor> {
    let n = rows.dim(0)?;
    let mut whole = vec![n];
    whole.extend(shape.array_shape());
    if shape.channels() == 1 {
        return rows.reshape(whole);
    }
    let by_point = rows.reshape((n, shape.points(), shape.channels()))?;
    by_point.transpose(1, 2)?.contiguous()?.reshape(whole)
}

/// The values at the points `points` `[n, m]` of rows `[n, points · channels]`: `[n, m · channels]`.
pub(crate) fn at_points(rows: &Tensor, points: &Tensor, channels: usize) -> Result<Tensor> {
    if channels == 1 {
        return rows.contiguous()?.gather(points, 1);
    }
    let (n, m) = points.dims2()?;
    let by_point = rows.contiguous()?.reshape((n, (), channels))?;
    let points = points.unsqueeze(2)?.broadcast_as((n, m, channels))?.contiguous()?;
    by_point.gather(&points, 1)?.reshape((n, m * channels))
}
