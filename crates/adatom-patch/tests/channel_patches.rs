//! Patches of several images of one area as channels of the same samples.

#![allow(clippy::unwrap_used)]

use adatom_patch::ndarray::{Array2, Axis, arr2};
use adatom_patch::{ChannelPatches, Image, Patches, Samples, Stride, Window};

fn ramp(height: usize, width: usize, factor: f32) -> Image {
    Image::from_array(Array2::from_shape_fn((height, width), |(row, column)| {
        factor * (row * width + column) as f32
    }))
}

#[test]
fn batches_contain_the_patches_for_any_layout_and_size() {
    let images = [ramp(30, 32, 1.0), ramp(30, 32, -2.0), ramp(30, 32, 0.1)];
    let patches = ChannelPatches::grid(&images, Window::new(8, 10), Stride::square(1)).unwrap();
    let indices: Vec<usize> = (0..300).map(|i| (i * 37) % patches.len()).collect();
    assert!(indices.len() * 240 >= 1 << 16, "filled by several threads");
    let mut rows = Array2::zeros((300, 240));
    patches.fill(&indices, &mut rows.view_mut());
    let mut columns = Array2::zeros((240, 300));
    patches.fill(&indices, &mut columns.view_mut().reversed_axes());
    assert_eq!(rows, columns.t());
    for (row, &index) in rows.rows().into_iter().zip(&indices) {
        let patch = patches.patch(index);
        for ((channel, r, c), &value) in patch.indexed_iter() {
            assert_eq!(row[(r * 10 + c) * 3 + channel], value);
        }
        assert_eq!(patch.index_axis(Axis(0), 1), patches.channels()[1].patch(index));
    }
    // Each channel has its own scaling: every one spans [0, 1].
    let scaled = patches.scaled(0);
    for image in scaled.outer_iter() {
        let (low, high) = image.iter().fold((1f32, 0f32), |(a, b), &x| (a.min(x), b.max(x)));
        // Gains are rounded.
        assert!(low.abs() < 1e-6 && (high - 1.0).abs() < 1e-6, "{low} {high}");
    }
}

#[test]
fn channels_that_differ_are_refused() {
    let (one, other, small) = (ramp(12, 12, 1.0), ramp(12, 12, 3.0), ramp(12, 11, 1.0));
    let grid = |image, side| Patches::grid(image, Window::square(side), Stride::square(4)).unwrap();
    let message = |channels: Vec<Patches>| ChannelPatches::new(channels).unwrap_err().to_string();
    assert_eq!(message(vec![]), "the channels must be at least one, found none");
    assert_eq!(
        message(vec![grid(&one, 4), grid(&other, 4), grid(&small, 4)]),
        "the images of channel 3 must be of 12 x 12 pixels as in channel 1, found 12 x 11"
    );
    assert_eq!(
        message(vec![grid(&one, 4), grid(&other, 3)]),
        "the window of channel 2 must be 4 x 4 pixels as in channel 1, found 3 x 3"
    );
    let at = |image, centres: &Array2<f64>| Patches::at(image, Window::square(3), centres.view()).unwrap();
    let (first, second) = (arr2(&[[3.0, 3.0], [4.5, 6.0]]), arr2(&[[3.0, 3.0], [4.0, 6.0]]));
    assert_eq!(
        message(vec![at(&one, &first), at(&other, &second)]),
        "the positions of channel 2 must be those of channel 1, found others"
    );
    assert!(ChannelPatches::new([at(&one, &first), at(&other, &first)]).is_ok());
}
