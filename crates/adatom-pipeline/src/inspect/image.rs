//! Images.

use std::path::Path;

use adatom_patch::{Error, Fill, Grain, Image, ImageFile, NoiseKind};
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
    let mut found = json!({
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
    });
    if let Some(first) = frames.first() {
        super::extend(&mut found, analysis(first));
    }
    Ok(found)
}

/// The noise and the periodic order of the first frame, as far as it is large enough for them.
fn analysis(image: &Image) -> Value {
    let filled = match image.non_finite() {
        0 => Ok(image.clone()),
        _ => image.fill_non_finite(Fill::Median),
    };
    let Ok(image) = filled else { return json!({}) };
    let mut found = json!({});
    if let Ok(noise) = image.noise() {
        found["noise"] = json!(noise.sigma);
        found["noise_kind"] = match noise.kind {
            NoiseKind::Counting { .. } => "counting",
            _ => "constant",
        }
        .into();
        found["signal_to_noise"] = json!(noise.signal_to_noise.is_finite().then_some(noise.signal_to_noise));
    }
    if let Ok(order) = image.local_order() {
        found["ordered_fraction"] = json!(order.ordered_fraction());
        found["grains"] = order.grains().iter().map(|grain| self::grain(grain, &image)).collect();
    }
    found
}

/// A grain with its lattice vectors in pixels and, where the size of a pixel is known, as lengths.
fn grain(grain: &Grain, image: &Image) -> Value {
    let lengths = grain.vectors.zip(image.pixel_size()).map(|(vectors, size)| {
        let length = |[down, across]: [f64; 2]| (down * size.row).hypot(across * size.column);
        json!({ "value": vectors.map(length), "unit": size.unit })
    });
    json!({
        "fraction": grain.fraction,
        "spacing": grain.spacing,
        "vectors": grain.vectors,
        "uncertainty": grain.uncertainty,
        "lengths": lengths,
    })
}
