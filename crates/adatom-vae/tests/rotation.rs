//! Angles on the circle: objects in all directions, neighbours across ±π, checkpoints, what cannot be.

#![allow(clippy::unwrap_used, clippy::print_stdout)]

use std::f64::consts::TAU;

use adatom_vae::ndarray::{self, Array3};
use adatom_vae::{
    CircularMean, Device, Invariance, Likelihood, Pose, PoseHypotheses, RotationPosterior, ShiftVae, Trainer,
    VaeConfig, angle_difference, circular_correlation,
};

mod save_at;

use save_at::SaveAt;

const SIZE: usize = 12;

/// A bright spot and a fainter one to its side, turned by `angle`: no mirror image of itself.
fn motif(angle: f64, row: usize, column: usize) -> f32 {
    let (sine, cosine) = angle.sin_cos();
    let at = |index: usize| 2.0 * index as f64 / (SIZE - 1) as f64 - 1.0;
    let (r, c) = (at(row) * cosine + at(column) * sine, at(column) * cosine - at(row) * sine);
    let spot = |r0: f64, c0: f64| (-((r - r0).powi(2) + (c - c0).powi(2)) / 0.08).exp();
    (0.9 * spot(0.0, 0.55) + 0.5 * spot(0.4, -0.2)) as f32
}

fn motifs(angles: &[f64]) -> Array3<f32> {
    Array3::from_shape_fn((angles.len(), SIZE, SIZE), |(n, r, c)| motif(angles[n], r, c))
}

/// Spread evenly round the circle in an order without pattern (multiples of the golden section of a turn).
fn round_the_circle(n: usize) -> Vec<f64> {
    (0..n).map(|i| TAU * ((i as f64 * 0.618_033_988_75) % 1.0) - TAU / 2.0).collect()
}

fn config() -> VaeConfig {
    ShiftVae::image_config(SIZE, SIZE)
        .invariances([Invariance::Rotation])
        .latent_dim(0)
        .hidden([24, 24])
        .fourier_features(1.0)
        .likelihood(Likelihood::Gaussian { sigma: 0.2 })
}

fn fit(config: VaeConfig, samples: &Array3<f32>) -> ShiftVae {
    Trainer::new(config).epochs(100).batch_size(25).learning_rate(5e-3).seed(2).fit(samples).unwrap()
}

fn angles_of(vae: &ShiftVae, samples: &Array3<f32>) -> Vec<f64> {
    vae.encode(samples).unwrap().rotation().unwrap().iter().map(|&angle| f64::from(angle)).collect()
}

/// Correlation with the truth, root mean square error and largest error (radians), up to a constant and the
/// sense of turning.
fn errors(truth: &[f64], found: &[f64]) -> [f64; 3] {
    let correlation = circular_correlation(truth, found);
    let off: Vec<f64> =
        truth.iter().zip(found).map(|(truth, found)| found - correlation.signum() * truth).collect();
    let constant = CircularMean::of(off.iter().copied()).angle;
    let squares: Vec<f64> = off.iter().map(|off| angle_difference(constant, *off).powi(2)).collect();
    let mean = squares.iter().sum::<f64>() / squares.len() as f64;
    [correlation.abs(), mean.sqrt(), squares.iter().fold(0.0, |a: f64, &b| a.max(b)).sqrt()]
}

#[test]
fn objects_in_all_directions_are_neighbours_across_a_half_turn() {
    let truth = round_the_circle(250);
    let samples = motifs(&truth);
    // A walk once round the circle in steps of 2 degrees, through ±π.
    let walk: Vec<f64> = (0..=180).map(|i| TAU * f64::from(i) / 180.0).collect();
    let largest_step = |vae: &ShiftVae| {
        let found = angles_of(vae, &motifs(&walk));
        found.windows(2).map(|pair| angle_difference(pair[0], pair[1]).abs()).fold(0.0, f64::max)
    };
    let on_circle = fit(config().rotation_circle(), &samples);
    let on_line = fit(config().rotation_prior(2.0), &samples);
    let [of_circle, of_line] = [&on_circle, &on_line].map(|vae| errors(&truth, &angles_of(vae, &samples)));
    let [circle_step, line_step] = [&on_circle, &on_line].map(largest_step);
    println!("circle: correlation, rms, largest error {of_circle:.4?}, largest step {circle_step:.3} rad");
    println!("line:   correlation, rms, largest error {of_line:.4?}, largest step {line_step:.3} rad");
    assert!(of_circle[0] > 0.99 && of_circle[1] < 0.1 && of_circle[2] < 0.4, "{of_circle:?}");
    assert!(circle_step < 0.15, "2 degrees are 0.035 rad: {circle_step}");
    assert!(of_line[1] > 2.0 * of_circle[1] && line_step > 3.0 * circle_step, "{of_line:?}, {line_step}");
}

/// A dumbbell whose ends differ little: half a turn of one is nearly another.
fn dumbbells(angles: &[f64]) -> Array3<f32> {
    Array3::from_shape_fn((angles.len(), SIZE, SIZE), |(n, row, column)| {
        let (sine, cosine) = angles[n].sin_cos();
        let at = |index: usize| 2.0 * index as f64 / (SIZE - 1) as f64 - 1.0;
        let (r, c) = (at(row) * cosine + at(column) * sine, at(column) * cosine - at(row) * sine);
        let spot = |c0: f64| (-(r * r + (c - c0).powi(2)) / 0.08).exp();
        (0.9 * (spot(0.55) + 0.6 * spot(-0.55))) as f32
    })
}

#[test]
fn several_starts_find_which_end_is_which() {
    let truth = round_the_circle(150);
    let samples = dumbbells(&truth);
    let config = config().rotation_circle().hidden([20, 20]);
    let trainer = Trainer::new(config).epochs(100).batch_size(25).learning_rate(3e-3);
    let starts = PoseHypotheses::rotations(12).epochs(60);
    for seed in [1, 2] {
        let fit = |trainer: &Trainer| angles_of(&trainer.clone().seed(seed).fit(&samples).unwrap(), &samples);
        let one = errors(&truth, &fit(&trainer));
        let several = errors(&truth, &fit(&trainer.clone().pose_hypotheses(starts.clone())));
        println!(
            "seed {seed}: correlation, rms, largest error with one start {one:.3?}, with 12 {several:.3?}"
        );
        assert!(several[0] > 0.98 && several[1] < 0.2, "seed {seed}: {several:?}");
        assert!(one[0] < 0.7, "one start settles with half of them upside down: {one:?}");
    }
}

#[test]
fn a_training_with_starts_goes_on_where_it_was_stopped() {
    let samples = motifs(&round_the_circle(40));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("training.safetensors");
    let starts = PoseHypotheses::rotations(4).epochs(2);
    let trainer =
        || Trainer::new(config().rotation_circle()).epochs(4).batch_size(20).pose_hypotheses(starts.clone());
    let weights = |vae: &ShiftVae| vae.weights()["encoder.mean.weight"].to_vec2::<f32>().unwrap();
    let whole = weights(&trainer().fit(&samples).unwrap());
    for epoch in [1, 2, 3] {
        trainer().fit_observed(&samples, &mut SaveAt(epoch, &path)).unwrap();
        assert_eq!(
            weights(&trainer().resume(&path).fit(&samples).unwrap()),
            whole,
            "stopped after epoch {epoch}"
        );
    }
}

#[test]
fn the_circle_and_a_prior_width_are_in_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.safetensors");
    let samples = motifs(&round_the_circle(7));
    for config in [config().rotation_circle().latent_dim(2), config().rotation_prior(0.3)] {
        let vae = ShiftVae::init(config.clone(), 3, &Device::Cpu).unwrap();
        vae.save(&path).unwrap();
        let loaded = ShiftVae::load(&path, &Device::Cpu).unwrap();
        assert_eq!(loaded.config(), &config);
        assert_eq!(loaded.encode(&samples).unwrap(), vae.encode(&samples).unwrap());
        let width = if config.get_rotation_posterior() == RotationPosterior::Circle { 4 } else { 1 };
        assert_eq!(loaded.weights()["encoder.mean.bias"].dims(), [width]);
        // The dense encoder gives the same angles.
        let dense = vae.encode_sliding(samples.slice(ndarray::s![0, .., ..]), [1, 1]).unwrap();
        let one = vae.encode(&samples).unwrap();
        assert!((dense.mean()[[0, 0]] - one.mean()[[0, 0]]).abs() < 1e-5);
    }
    // Models of before are written as before.
    ShiftVae::init(ShiftVae::image_config(4, 4).hidden([4]), 3, &Device::Cpu).unwrap().save(&path).unwrap();
    let bytes = std::fs::read(&path).unwrap();
    let header = String::from_utf8_lossy(&bytes[8..8 + usize::from(bytes[0]) + 256 * usize::from(bytes[1])]);
    assert!(header.contains("sc_prior") && !header.contains("rotation"), "{header}");
}

#[test]
fn a_prior_width_is_the_unit_of_the_angle() {
    let vae = |width: f64| ShiftVae::init(config().rotation_prior(width), 3, &Device::Cpu).unwrap();
    let samples = motifs(&round_the_circle(7));
    let [one, tenth] = [1.0, 0.1].map(|width| vae(width).encode(&samples).unwrap());
    for (angle, tenth) in one.rotation().unwrap().iter().zip(tenth.rotation().unwrap()) {
        assert!((0.1 * angle - tenth).abs() < 1e-6);
    }
    assert!((one.rotation_sd().unwrap()[0] * 0.1 - tenth.rotation_sd().unwrap()[0]).abs() < 1e-6);
    // The reconstruction is that of the reported angle.
    let vae = vae(2.5);
    let posterior = vae.encode(&samples).unwrap();
    let decoded =
        vae.decode(posterior.content(), &Pose::new().rotation(posterior.rotation().unwrap())).unwrap();
    let difference = &decoded - &vae.reconstruct(&samples).unwrap();
    assert!(difference.iter().all(|difference| difference.abs() < 1e-4));
}

#[test]
fn invalid_settings_are_named() {
    let text = |config: VaeConfig| config.check().unwrap_err().to_string();
    assert_eq!(
        text(config().rotation_prior(-1.0)),
        "the prior of the rotation must be finite and positive, found -1"
    );
    assert_eq!(
        text(ShiftVae::image_config(4, 4).rotation_circle()),
        "the invariances must be with rotation where the angle is on the circle, found shift"
    );
    let check = |config: VaeConfig, hypotheses: PoseHypotheses| {
        Trainer::new(config).pose_hypotheses(hypotheses).check().unwrap_err().to_string()
    };
    let shift = || ShiftVae::image_config(4, 4);
    for (found, expected) in [
        (
            check(shift(), PoseHypotheses::rotations(4)),
            "the number of tried angles must be 1 in a model without this invariance, found 4",
        ),
        (
            check(config(), PoseHypotheses::shifts(3, 1.0)),
            "the number of tried shifts along each axis must be 1 in a model \
         without this invariance, found 3",
        ),
        (
            check(shift(), PoseHypotheses::shifts(4, 1.0)),
            "the number of tried shifts along each axis must be odd, found 4",
        ),
        (
            check(shift(), PoseHypotheses::shifts(3, f64::NAN)),
            "the spacing of tried shifts must be finite and positive, found NaN",
        ),
        (
            check(shift(), PoseHypotheses::shifts(99, 1.0)),
            "the number of pose hypotheses must be from 2 to 1024, found 9801",
        ),
        (
            check(config(), PoseHypotheses::rotations(4).epochs(0)),
            "the number of epochs with pose hypotheses must be at least 1, found 0",
        ),
        (
            check(config(), PoseHypotheses::rotations(4).pixel_fraction(0.0)),
            "the fraction of pixels on which poses are scored must be above 0 and at most 1, found 0",
        ),
        (
            check(config(), PoseHypotheses::rotations(4).encoder_weight(-1.0)),
            "the weight of the encoder's probability of the best pose must be finite \
         and not negative, found -1",
        ),
    ] {
        assert_eq!(found, expected);
    }
}
