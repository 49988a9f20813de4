//! The stages of the image pipeline, called from Rust.

use std::collections::BTreeMap;
use std::fs::File;

use adatom_pipeline::image::{Image, ImageSettings, Invariance, Placement, Window};
use adatom_pipeline::output::{Existing, OutputFolder};
use ndarray::{Array2, Axis};
use ndarray_npy::ReadNpyExt;
use zip::ZipArchive;

/// Gaussian columns on a square lattice of 12 pixels.
fn lattice() -> Image {
    let distance = |r: usize, c: usize| ((r % 12) as f32 - 5.0).hypot((c % 12) as f32 - 5.0);
    Image::from_array(Array2::from_shape_fn((60, 60), |(r, c)| (-distance(r, c).powi(2) / 8.0).exp()))
}

/// The shift in `latents.npz`, in the maps and in the arrows of the report is the displacement of the object
/// in the image; with rotation and scale it differs from the translation of the coordinates of the decoder.
#[test]
fn the_exported_shift_is_the_displacement_in_the_image() {
    let invariances = [Invariance::Rotation, Invariance::Shift, Invariance::Scale];
    let mut settings = ImageSettings::new().window(Window::square(12)).epochs(3).seed(3);
    settings.placement = Placement::Grid { stride: Some([7, 5]) };
    settings.model.invariances = invariances.to_vec();
    settings.model.hidden = vec![16];
    let results = settings.run_on([lattice()], &()).unwrap();
    let posterior = results.posterior();
    let (angles, scales) = (posterior.rotation().unwrap(), posterior.scale().unwrap());
    let translation = posterior.shift_pixels().unwrap();

    // The object is at -t R(-φ) / s in the coordinates of the decoder, whose columns run from right to left.
    let mut expected = translation.clone();
    for (sample, mut row) in expected.rows_mut().into_iter().enumerate() {
        let (sine, cosine) = angles[sample].sin_cos();
        let [r, c] = [row[0], row[1]];
        row[0] = (r * cosine - c * sine) / scales[sample];
        row[1] = (c * cosine + r * sine) / scales[sample];
    }
    let largest = |a: &Array2<f32>, b: &Array2<f32>| (a - b).mapv(f32::abs).fold(0.0f32, |a, &b| a.max(b));
    assert!(largest(&expected, &translation) > 0.01, "the model has no rotation");

    let folder = tempfile::tempdir().unwrap();
    let folder = OutputFolder::prepare(folder.path(), Existing::Refuse).unwrap();
    results.save(&folder).unwrap();
    let mut latents = ZipArchive::new(File::open(folder.file("latents.npz")).unwrap()).unwrap();
    let shift = Array2::<f32>::read_npy(latents.by_name("shift.npy").unwrap()).unwrap();
    assert!(largest(&shift, &expected) < 1e-4, "latents.npz");

    let maps = results.maps(0).unwrap();
    let maps: BTreeMap<_, _> = maps.iter().map(|named| (named.names[0].as_str(), &named.map)).collect();
    let map = maps["shift rows (px)"].values();
    let columns = map.dim().2;
    for (sample, row) in expected.axis_iter(Axis(0)).enumerate() {
        let at = |layer: usize| map[[layer, sample / columns, sample % columns]];
        assert!((at(0) - row[0]).abs() < 1e-4 && (at(1) - row[1]).abs() < 1e-4, "map, patch {sample}");
    }
}
