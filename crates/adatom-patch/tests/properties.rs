//! Properties of patches that hold for every image, window and centre.

use adatom_patch::ndarray::{Array2, Axis};
use adatom_patch::{Image, Patches, Samples, ScalingMethod, Stride, Window};
use proptest::prelude::*;

/// An image that is linear in row and column.
fn linear(height: usize, width: usize, slope: [f32; 2]) -> Image {
    Image::from_array(Array2::from_shape_fn((height, width), |(row, column)| {
        slope[0] * row as f32 + slope[1] * column as f32
    }))
}

/// Numbers below this size, added and multiplied a few times in f32, are off by at most 1e-5 of it.
const LARGEST: f32 = 200.0;

proptest! {
    #[test]
    fn a_patch_of_a_grid_is_the_image_under_its_window(
        (height, width) in (1usize..30, 1usize..30),
        (largest_height, largest_width) in (1usize..12, 1usize..12),
        (rows, columns) in (1usize..6, 1usize..6),
        pick in any::<proptest::sample::Index>(),
    ) {
        let window = Window::new(largest_height.min(height), largest_width.min(width));
        let image = linear(height, width, [1.0, 0.01]);
        let patches = Patches::of([&image])
            .window(window)
            .scaling(ScalingMethod::None)
            .grid(Stride::new(rows, columns))
            .unwrap();
        let index = pick.index(patches.len());
        let across = (width - window.width()) / columns + 1;
        let first = [index / across * rows, index % across * columns];
        for ((row, column), &pixel) in patches.patch(index).indexed_iter() {
            prop_assert_eq!(pixel, image.pixels()[[first[0] + row, first[1] + column]]);
        }
    }

    #[test]
    fn interpolation_is_exact_on_a_linear_image(
        (height, width) in (8usize..30, 8usize..30),
        (window_height, window_width) in (1usize..8, 1usize..8),
        slope in [-3.0f32..3.0, -3.0f32..3.0],
        within in [0.0f64..1.0, 0.0f64..1.0],
    ) {
        let window = Window::new(window_height, window_width);
        let half = window.half();
        let room = [height - window_height, width - window_width];
        let first = [within[0] * room[0] as f64, within[1] * room[1] as f64];
        let centre = ndarray_centre([first[0] + half[0], first[1] + half[1]]);
        let image = linear(height, width, slope);
        let patches = Patches::of([&image])
            .window(window)
            .scaling(ScalingMethod::None)
            .at([centre.view()])
            .unwrap();
        for ((row, column), &pixel) in patches.patch(0).indexed_iter() {
            let expected = f64::from(slope[0]) * (first[0] + row as f64)
                + f64::from(slope[1]) * (first[1] + column as f64);
            let error = (f64::from(pixel) - expected).abs();
            prop_assert!(error < 1e-5 * f64::from(LARGEST), "{} {}", pixel, expected);
        }
    }

    #[test]
    fn snapped_centres_need_no_interpolation_and_move_by_half_a_pixel_at_most(
        (window_height, window_width) in (1usize..8, 1usize..8),
        at in [8.0f64..20.0, 8.0f64..20.0],
    ) {
        let image = linear(30, 30, [1.0, 0.01]);
        let plan = || Patches::of([&image]).window(Window::new(window_height, window_width));
        let snapped = plan().snap().at([ndarray_centre(at).view()]).unwrap();
        let centre = snapped.patch_grid().centre(0);
        prop_assert!((centre.row - at[0]).abs() <= 0.5 && (centre.column - at[1]).abs() <= 0.5);
        let half = snapped.window().half();
        prop_assert_eq!((centre.row - half[0]).fract(), 0.0);
        prop_assert_eq!((centre.column - half[1]).fract(), 0.0);
    }

    #[test]
    fn what_is_put_back_lies_where_it_was_taken(
        (height, width) in (6usize..24, 6usize..24),
        window in 1usize..6,
        (rows, columns) in (1usize..5, 1usize..5),
    ) {
        let image = linear(height, width, [1.0, 0.01]);
        let patches = Patches::of([&image])
            .window(Window::square(window))
            .scaling(ScalingMethod::None)
            .grid(Stride::new(rows, columns))
            .unwrap();
        // The value of a patch is its first pixel.
        let values = Array2::from_shape_fn((patches.len(), 1), |(index, _)| patches.patch(index)[[0, 0]]);
        let map = patches.put_back(values.view(), 0).unwrap();
        let half = Window::square(window).half();
        for ((row, column), &value) in map.layer(0).indexed_iter() {
            let [at_row, at_column] = map.position([row, column]);
            let first = [(at_row - half[0]) as usize, (at_column - half[1]) as usize];
            prop_assert_eq!(value, image.pixels()[first]);
        }
    }

    #[test]
    fn a_batch_has_the_patches_in_the_requested_order(
        picks in proptest::collection::vec(any::<proptest::sample::Index>(), 1..20),
        seed in any::<u64>(),
    ) {
        let image = linear(20, 17, [1.0, 0.01]);
        let patches = Patches::random(&image, Window::new(5, 4), 50, seed).unwrap();
        let indices: Vec<usize> = picks.iter().map(|pick| pick.index(patches.len())).collect();
        let mut batch = Array2::zeros((indices.len(), 20));
        patches.fill(&indices, &mut batch.view_mut());
        for (row, &index) in batch.axis_iter(Axis(0)).zip(&indices) {
            prop_assert_eq!(row.to_vec(), patches.patch(index).into_raw_vec_and_offset().0);
            prop_assert!(row.iter().all(|pixel| (0.0..=1.0).contains(pixel)));
        }
    }
}

fn ndarray_centre(at: [f64; 2]) -> Array2<f64> {
    Array2::from_shape_fn((1, 2), |(_, axis)| at[axis])
}
