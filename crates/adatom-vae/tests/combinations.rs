//! Every combination of invariances: a short training reconstructs better than the mean image, and `decode`
//! in the pose that was found gives the reconstruction.

#![allow(clippy::unwrap_used, clippy::print_stdout)]

use adatom_vae::ndarray::{Array2, Array3, ArrayD, Axis};
use adatom_vae::{Invariance, Likelihood, Pose, Posterior, Samples, ShiftVae, Trainer, VaeConfig};

/// Part of the variance of the samples around their mean that may be left: the worst of them leaves 0.6.
const BEATEN: f64 = 0.8;

/// An elongated spot that moves, turns and grows.
fn images() -> Array3<f32> {
    Array3::from_shape_fn((120, 9, 11), |(n, row, column)| {
        let n = n as f32;
        let (sine, cosine) = (0.9 * (n * 0.7).sin()).sin_cos();
        let r = row as f32 - 4.0 - 1.2 * (n * 1.3).sin();
        let c = column as f32 - 5.0 - 1.5 * (n * 2.1).sin();
        let (r, c) = (r * cosine + c * sine, c * cosine - r * sine);
        let size = 1.0 + 0.2 * (n * 0.37).sin();
        (-(r * r / 2.0 + c * c / 9.0) / (size * size)).exp()
    })
}

fn signals() -> Array2<f32> {
    Array2::from_shape_fn((120, 30), |(n, i)| {
        let x = i as f32 - 14.5 - 6.0 * (n as f32 * 1.3).sin();
        (-0.5 * (x / (2.0 + (n as f32 * 0.37).sin())).powi(2)).exp()
    })
}

/// Mean squared error of the reconstruction over that of the mean sample.
fn check<S: Samples>(config: VaeConfig, samples: &S, values: ArrayD<f32>) -> f64 {
    let config = config.hidden([24, 24]).likelihood(Likelihood::Gaussian { sigma: 0.1 });
    let trainer = Trainer::new(config).epochs(60).batch_size(20).learning_rate(4e-3).seed(4);
    let vae = trainer.fit(samples).unwrap();
    let reconstructed = vae.reconstruct(samples).unwrap();
    assert_eq!(reconstructed.shape(), values.shape());
    let posterior = vae.encode(samples).unwrap();
    let decoded = vae.decode(posterior.content(), &pose(&posterior)).unwrap();
    let most = (&decoded - &reconstructed).iter().fold(0.0f32, |most, d| most.max(d.abs()));
    assert!(most < 1e-4, "{:?}: decoded in its pose differs by {most}", vae.config().get_invariances());
    let mean = values.mean_axis(Axis(0)).unwrap();
    let square = |difference: ArrayD<f32>| difference.iter().map(|&d| f64::from(d).powi(2)).sum::<f64>();
    square(&reconstructed - &values) / square(&values - &mean)
}

fn pose(posterior: &Posterior) -> Pose {
    let mut pose = Pose::new();
    if let Some(angle) = posterior.rotation() {
        pose = pose.rotation(angle);
    }
    if let Some(shift) = posterior.shift_pixels() {
        pose = pose.shift_pixels(shift.view());
    }
    if let Some(scale) = posterior.scale() {
        pose = pose.scale(scale.view());
    }
    pose
}

#[test]
fn every_combination_beats_the_mean_image() {
    let images = images();
    for subset in 0..8 {
        let all = [Invariance::Rotation, Invariance::Shift, Invariance::Scale];
        let some = all.into_iter().enumerate().filter(|(bit, _)| subset >> bit & 1 == 1).map(|(_, one)| one);
        let some: Vec<Invariance> = some.collect();
        let config =
            ShiftVae::image_config(9, 11).invariances(some.clone()).shift_prior(0.3).scale_prior(0.3);
        let part = check(config.clone(), &images, images.clone().into_dyn());
        println!("{some:?}: {part:.3} of the variance is left");
        assert!(part < BEATEN, "{some:?}: {part}");
        if some.len() == 3 {
            let part = check(config.clone().rotation_circle(), &images, images.clone().into_dyn());
            println!("{some:?} on the circle: {part:.3}");
            assert!(part < BEATEN, "{some:?} on the circle: {part}");
        }
        if some.contains(&Invariance::Shift) {
            let config = config.shift_prior(0.1).shift_lattice([[8.0, 0.0], [0.0, 9.0]]);
            let part = check(config, &images, images.clone().into_dyn());
            println!("{some:?} on a lattice: {part:.3}");
            assert!(part < BEATEN, "{some:?} on a lattice: {part}");
        }
    }
}

#[test]
fn signals_with_and_without_shift_beat_the_mean_signal() {
    let signals = signals();
    for some in [vec![], vec![Invariance::Shift]] {
        let config = ShiftVae::signal_config(30).invariances(some.clone()).shift_prior(0.3);
        let part = check(config, &signals, signals.clone().into_dyn());
        println!("signals, {some:?}: {part:.3}");
        assert!(part < BEATEN, "{some:?}: {part}");
    }
}
