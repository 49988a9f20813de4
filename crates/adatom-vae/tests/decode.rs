//! Decoding: poses, resolutions, manifolds.

#![allow(clippy::unwrap_used)]

use adatom_vae::ndarray::{Array2, Array3, arr1, arr2, s};
use adatom_vae::{Device, Invariance, Pose, SampleShape, ShiftVae};

/// Single precision through three layers.
const TOLERANCE: f32 = 2e-5;

fn vae() -> ShiftVae {
    let all = [Invariance::Rotation, Invariance::Shift, Invariance::Scale];
    ShiftVae::init(ShiftVae::image_config(9, 11).invariances(all).hidden([16, 16]), 2, &Device::Cpu).unwrap()
}

#[test]
fn a_shift_of_whole_pixels_is_a_translation_of_the_picture() {
    let content = arr2(&[[0.3f32, -0.8]]);
    let vae = vae();
    let still = vae.decode(content.view(), &Pose::new()).unwrap();
    // The object moves 2 rows down and 3 columns left: what was at (row, column) is at (row + 2, column - 3).
    let shift = arr2(&[[2.0f32, -3.0]]);
    let moved = vae.decode(content.view(), &Pose::new().shift_pixels(shift.view())).unwrap();
    let (from, to) = (still.slice(s![0, ..7, 3..]), moved.slice(s![0, 2.., ..8]));
    assert!((&from - &to).iter().all(|difference| difference.abs() < TOLERANCE));
}

#[test]
fn a_signal_shifts_towards_larger_positions() {
    let vae = ShiftVae::init(ShiftVae::signal_config(21).hidden([16]), 4, &Device::Cpu).unwrap();
    let content = arr2(&[[1.0f32, 0.5]]);
    let still = vae.decode(content.view(), &Pose::new()).unwrap();
    let moved = vae.decode(content.view(), &Pose::new().shift_pixels(arr2(&[[4.0f32]]).view())).unwrap();
    let (from, to) = (still.slice(s![0, ..17]), moved.slice(s![0, 4..]));
    assert!((&from - &to).iter().all(|difference| difference.abs() < TOLERANCE));
}

#[test]
fn half_a_turn_reverses_the_picture() {
    let vae = vae();
    let content = arr2(&[[0.3f32, -0.8]]);
    let still = vae.decode(content.view(), &Pose::new()).unwrap();
    let turn = arr1(&[std::f32::consts::PI]);
    let turned = vae.decode(content.view(), &Pose::new().rotation(turn.view())).unwrap();
    let reversed = turned.slice(s![0, ..;-1, ..;-1]);
    assert!((&still.slice(s![0, .., ..]) - &reversed).iter().all(|difference| difference.abs() < TOLERANCE));
}

#[test]
fn a_finer_grid_passes_through_the_coarse_one() {
    let vae = vae();
    let content = arr2(&[[0.3f32, -0.8], [1.0, 0.0]]);
    let coarse = vae.decode(content.view(), &Pose::new()).unwrap();
    let finer = SampleShape::Image { height: 17, width: 21 };
    let fine = vae.decode_at(content.view(), &Pose::new(), finer).unwrap();
    assert_eq!(fine.shape(), [2, 17, 21]);
    let common = fine.slice(s![.., ..;2, ..;2]);
    assert!((&coarse - &common).iter().all(|difference| difference.abs() < TOLERANCE));
}

#[test]
fn reconstruction_is_decoding_of_the_posterior_in_its_pose() {
    let vae = vae();
    let patches = Array3::from_shape_fn((300, 9, 11), |(n, r, c)| ((n * 7 + r * 3 + c) % 11) as f32 / 11.0);
    let posterior = vae.encode(&patches).unwrap();
    let pose = Pose::new()
        .rotation(posterior.rotation().unwrap())
        .shift_pixels(posterior.shift_pixels().unwrap().view())
        .scale(posterior.scale().unwrap().view());
    let decoded = vae.decode(posterior.content(), &pose).unwrap();
    let reconstructed = vae.reconstruct(&patches).unwrap();
    assert_eq!(reconstructed.shape(), [300, 9, 11]);
    assert!((&decoded - &reconstructed).iter().all(|difference| difference.abs() < TOLERANCE));
}

#[test]
fn the_manifold_has_the_given_values() {
    let vae = vae();
    let manifold = vae.manifold(&[-2.0, 0.0, 2.0], &[1.0, -1.0]).unwrap();
    assert_eq!(manifold.dim(), (2, 3, 9, 11));
    let corner = vae.decode(arr2(&[[2.0f32, 1.0]]).view(), &Pose::new()).unwrap();
    let difference = &manifold.slice(s![0, 2, .., ..]) - &corner.slice(s![0, .., ..]);
    assert!(difference.iter().all(|difference| difference.abs() < TOLERANCE));
    let one = ShiftVae::init(ShiftVae::signal_config(20).latent_dim(1).hidden([8]), 1, &Device::Cpu).unwrap();
    assert_eq!(one.manifold(&[-1.0, 1.0], &[0.0]).unwrap().dim(), (1, 2, 1, 20));
    assert!(one.manifold(&[-1.0, 1.0], &[0.0, 1.0]).is_err());
    assert!(vae.manifold(&[f64::NAN], &[0.0]).is_err());
}

#[test]
fn what_does_not_fit_is_named() {
    let vae = vae();
    let plain = ShiftVae::init(ShiftVae::image_config(9, 11).invariances([]), 2, &Device::Cpu).unwrap();
    let content = Array2::<f32>::zeros((2, 2));
    let shift = Array2::<f32>::zeros((3, 2));
    let text = |vae: &ShiftVae, content: &Array2<f32>, pose: &Pose| {
        vae.decode(content.view(), pose).unwrap_err().to_string()
    };
    assert_eq!(
        text(&vae, &Array2::zeros((2, 3)), &Pose::new()),
        "the content must have the shape [objects, 2 content latents], found [2, 3]"
    );
    let pose = Pose::new().shift_pixels(shift.view());
    assert_eq!(text(&vae, &content, &pose), "the shift must have the shape [2 objects, ...], found [3, ...]");
    assert_eq!(
        text(&plain, &content, &pose),
        "the shift must be absent in a model without invariances, found that of 3 objects"
    );
    let finer = SampleShape::Image { height: 18, width: 22 };
    assert!(plain.decode_at(content.view(), &Pose::new(), finer).is_err());
}
