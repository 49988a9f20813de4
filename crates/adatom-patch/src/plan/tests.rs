//! Tests of plans and of the patches that they cut.

use adatom_core::{Samples, ScalingMethod};
use ndarray::{Array2, Axis, arr2};

use super::*;
use crate::patches::PARALLEL_FROM;

fn ramp(height: usize, width: usize) -> Image {
    Image::from_array(Array2::from_shape_fn((height, width), |(row, column)| (row * width + column) as f32))
}

#[test]
fn images_are_scaled_together_unless_each_is_asked_for() {
    let (dark, bright) = (ramp(4, 4), Image::from_array(arr2(&[[100.0f32; 4]; 4]) + ramp(4, 4).pixels()));
    let plan = || Patches::of([&dark, &bright]).window(Window::square(2));
    let together = plan().grid(Stride::square(2)).unwrap();
    assert_eq!((together.scaling_of(0).gain, together.scaling_of(1).gain), (1.0 / 115.0, 1.0 / 115.0));
    let each = plan().scale_each().scaling(ScalingMethod::MinMax).grid(Stride::square(2)).unwrap();
    assert_eq!((each.scaling_of(1).offset, each.scaling_of(1).gain), (100.0, 1.0 / 15.0));
}

#[test]
fn a_given_scaling_brings_its_own_background() {
    let image = ramp(20, 20);
    let plan = || Patches::of([&image]).window(Window::square(4));
    let trained = plan().flatten(3.0).grid(Stride::square(4)).unwrap().scaling_of(0);
    assert_eq!(trained.flatten, Some(3.0));
    let again = plan().scaling_fixed(trained).grid(Stride::square(4)).unwrap();
    assert_eq!(again.images()[0], image.flattened(3.0).unwrap());
    assert_eq!(
        plan().scaling_fixed(trained).flatten(5.0).grid(Stride::square(4)).unwrap_err().to_string(),
        "the standard deviation of the background must be that of the given scaling, 3 pixels, found 5 pixels"
    );
}

#[test]
fn random_positions_are_different_and_can_be_all_of_them() {
    let images = [ramp(6, 5), ramp(4, 8)];
    let plan = || Patches::of(&images).window(Window::new(3, 4));
    // 4 · 2 positions on the first image, 2 · 5 on the second.
    let all = plan().random(18, 3).unwrap();
    let mut centres: Vec<_> = (0..18)
        .map(|index| all.patch_grid().centre(index))
        .map(|c| (c.image, c.row as u64, c.column as u64))
        .collect();
    centres.sort_unstable();
    centres.dedup();
    assert_eq!((centres.len(), all.patch_grid().range(0).len()), (18, 8));
    assert_eq!(
        all.patch_grid().centre(0).column.fract(),
        0.5,
        "an even window has its centre between pixels"
    );
    assert_eq!(
        plan().random(19, 3).unwrap_err().to_string(),
        "19 patches were requested, but there are only 18 positions"
    );
    assert_eq!(
        plan().random(0, 3).unwrap_err().to_string(),
        "the number of random patches must be at least 1, found 0"
    );
    assert_eq!(plan().random(5, 3).unwrap().patch_grid(), plan().random(5, 3).unwrap().patch_grid());
}

#[test]
fn centres_need_two_columns_and_an_array_for_each_image() {
    let image = ramp(8, 8);
    let message = |centres: &[Array2<f64>]| {
        Patches::of([&image])
            .window(Window::square(3))
            .at(centres.iter().map(|c| c.view()))
            .unwrap_err()
            .to_string()
    };
    assert_eq!(
        message(&[Array2::zeros((4, 3))]),
        "an array of centres must be [centres, 2] (row, column), found [4, 3]"
    );
    assert_eq!(message(&[]), "expected 1 lists of centres, found 0");
    let nothing: [&Image; 0] = [];
    assert_eq!(
        Patches::of(nothing).random(1, 0).unwrap_err().to_string(),
        "1 patches were requested, but there are only 0 positions"
    );
}

fn plain(image: &Image, window: Window) -> PatchPlan {
    Patches::of([image]).window(window).scaling(adatom_core::ScalingMethod::None)
}

#[test]
fn centres_at_the_very_edge_are_copied_without_looking_beyond() {
    let image = ramp(4, 5);
    let centres = arr2(&[[2.0 + 4e-7, 3.0 + 9e-7], [1.0 - 5e-7, 1.0], [2.0, 2.5]]);
    let patches = plain(&image, Window::square(3)).at([centres.view()]).unwrap();
    assert_eq!(patches.patch(0), arr2(&[[7.0, 8.0, 9.0], [12.0, 13.0, 14.0], [17.0, 18.0, 19.0]]));
    assert_eq!(patches.patch(1)[[0, 0]], 0.0);
    assert_eq!(patches.patch(2).row(0).to_vec(), [6.5, 7.5, 8.5]);
}

#[test]
fn centres_without_a_patch_are_reported_for_each_image() {
    let images = [ramp(6, 6), ramp(6, 6)];
    let first = arr2(&[[0.0, 0.0], [2.0, 2.0], [9.0, 9.0]]);
    let second = arr2(&[[3.0, 3.0], [5.0, 3.0]]);
    let patches = Patches::of(&images).window(Window::square(3)).at([first.view(), second.view()]).unwrap();
    assert_eq!(patches.kept(), Some(&[1, 0][..]));
    assert_eq!((patches.left_out(0), patches.left_out(1)), (vec![0, 2], vec![1]));
}

#[test]
fn batches_do_not_depend_on_layout_and_size() {
    let image = ramp(40, 40);
    let patches = Patches::grid(&image, Window::square(16), Stride::square(1)).unwrap();
    let indices: Vec<usize> = (0..400).map(|i| (i * 37) % patches.len()).collect();
    assert!(indices.len() * 256 >= PARALLEL_FROM);
    let mut rows = Array2::zeros((400, 256));
    patches.fill(&indices, &mut rows.view_mut());
    let mut columns = Array2::zeros((256, 400));
    patches.fill(&indices, &mut columns.view_mut().reversed_axes());
    assert_eq!(rows, columns.t());
    for (row, &index) in rows.axis_iter(Axis(0)).zip(&indices) {
        assert_eq!(row.to_vec(), patches.patch(index).into_raw_vec_and_offset().0);
    }
}

#[test]
fn the_scaling_of_all_images_exists_only_if_they_share_it() {
    let images = [ramp(6, 6), ramp(7, 7)];
    let plan = || Patches::of(&images).window(Window::square(3));
    assert!(plan().grid(Stride::square(1)).unwrap().scaling().is_some());
    assert_eq!(plan().scale_each().grid(Stride::square(1)).unwrap().scaling(), None);
}
