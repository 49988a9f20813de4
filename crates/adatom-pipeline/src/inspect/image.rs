//! Images.

use std::path::Path;

use adatom_patch::{Error, Image, ImageFile};
use serde_json::{Value, json};

pub(super) fn describe(path: &Path) -> Result<Value, Error> {
    let file = ImageFile::probe(path)?;
    let frames = Image::open_stack(path)?;
    let statistics: Vec<_> = frames.iter().filter_map(Image::statistics).collect();
    let finite: usize = statistics.iter().map(|frame| frame.finite).sum();
    let mean = statistics.iter().map(|frame| frame.mean * frame.finite as f64).sum::<f64>() / finite as f64;
    let not_finite: usize = frames.iter().map(Image::non_finite).sum();
    let size = file.pixel_size.as_ref().map(|size| {
        let mut value = json!({ "value": size.column, "unit": size.unit });
        if !size.is_square() {
            value["value_rows"] = json!(size.row);
        }
        value
    });
    Ok(json!({
        "path": path.display().to_string(),
        "kind": "image",
        "format": file.format,
        "shape": [file.height, file.width],
        "frames": file.frames,
        "channels": file.channels,
        "dtype": file.dtype,
        "pixel_size": size,
        "signals": (!file.signals.is_empty()).then_some(file.signals),
        "min": statistics.iter().map(|frame| frame.min).reduce(f32::min),
        "max": statistics.iter().map(|frame| frame.max).reduce(f32::max),
        "mean": (finite > 0).then_some(mean),
        "not_finite": not_finite,
    }))
}
