//! The shift on the cell of a lattice: patches at any place of it, neighbours across the edge of the cell,
//! files.

#![allow(clippy::unwrap_used, clippy::print_stdout)]

use std::f64::consts::TAU;

use adatom_vae::ndarray::{Array2, Array3, s};
use adatom_vae::{
    Device, Invariance, Likelihood, Pose, PoseHypotheses, ShiftVae, Trainer, VaeConfig, angle_difference,
    circular_correlation,
};

const SIZE: usize = 14;
/// An oblique lattice, pixels.
const LATTICE: [[f64; 2]; 2] = [[9.0, 0.0], [2.0, 8.0]];

/// The phases of the position (row, column), in turns.
fn phases([row, column]: [f64; 2]) -> [f64; 2] {
    let [a, b] = LATTICE;
    let determinant = a[0] * b[1] - a[1] * b[0];
    [(row * b[1] - column * b[0]) / determinant, (column * a[0] - row * a[1]) / determinant]
}

/// Round spots on the lattice in a window of which one lies `position` away from its middle.
fn patches(positions: &[[f64; 2]]) -> Array3<f32> {
    let middle = (SIZE as f64 - 1.0) / 2.0;
    Array3::from_shape_fn((positions.len(), SIZE, SIZE), |(n, row, column)| {
        let at = [row as f64 - middle - positions[n][0], column as f64 - middle - positions[n][1]];
        let off = phases(at).map(|phase| phase - phase.round());
        let spot = |i: f64, j: f64| {
            let (u, v) = (off[0] + i, off[1] + j);
            let d = [u * LATTICE[0][0] + v * LATTICE[1][0], u * LATTICE[0][1] + v * LATTICE[1][1]];
            (-(d[0] * d[0] + d[1] * d[1]) / 6.0).exp()
        };
        let neighbours = (-1..=1).flat_map(|i| (-1..=1).map(move |j| (f64::from(i), f64::from(j))));
        neighbours.map(|(i, j)| spot(i, j)).sum::<f64>() as f32
    })
}

/// All over the cell, in an order without pattern.
fn all_over(n: usize) -> Vec<[f64; 2]> {
    let part = |i: usize, step: f64| (i as f64 * step) % 1.0 - 0.5;
    (0..n)
        .map(|i| {
            let (u, v) = (part(i, 0.754_877_666), part(i, 0.569_840_291));
            [u * LATTICE[0][0] + v * LATTICE[1][0], u * LATTICE[0][1] + v * LATTICE[1][1]]
        })
        .collect()
}

fn config() -> VaeConfig {
    ShiftVae::image_config(SIZE, SIZE)
        .latent_dim(0)
        .hidden([32, 32])
        .fourier_features(1.0)
        .likelihood(Likelihood::Gaussian { sigma: 0.2 })
}

fn trainer(config: VaeConfig) -> Trainer {
    Trainer::new(config).epochs(60).batch_size(25).learning_rate(5e-3).seed(3)
}

/// How far the positions that `vae` finds are from the true ones, up to a constant and lattice vectors: the
/// correlation of each phase, and the largest error, pixels.
fn errors(vae: &ShiftVae, positions: &[[f64; 2]]) -> ([f64; 2], f64) {
    let found = vae.encode(&patches(positions)).unwrap().shift_pixels().unwrap();
    let found: Vec<[f64; 2]> =
        found.rows().into_iter().map(|row| phases([f64::from(row[0]), f64::from(row[1])])).collect();
    let truth: Vec<[f64; 2]> = positions.iter().map(|&position| phases(position)).collect();
    let mut off = vec![[0.0; 2]; positions.len()];
    let mut correlations = [0.0; 2];
    for axis in 0..2 {
        let angles = |of: &[[f64; 2]]| of.iter().map(|phase| TAU * phase[axis]).collect::<Vec<_>>();
        let (truth, found) = (angles(&truth), angles(&found));
        correlations[axis] = circular_correlation(&truth, &found);
        let differences = || truth.iter().zip(&found).map(|(truth, found)| found - truth);
        let constant = adatom_vae::CircularMean::of(differences()).angle;
        off.iter_mut()
            .zip(differences())
            .for_each(|(off, by)| off[axis] = angle_difference(constant, by) / TAU);
    }
    let pixels = |[u, v]: [f64; 2]| {
        (u * LATTICE[0][0] + v * LATTICE[1][0]).hypot(u * LATTICE[0][1] + v * LATTICE[1][1])
    };
    (correlations, off.into_iter().map(pixels).fold(0.0, f64::max))
}

#[test]
fn places_all_over_a_lattice_are_found_where_a_shift_in_the_plane_has_to_jump() {
    let positions = all_over(400);
    let samples = patches(&positions);
    let (on_cell, in_plane) = (config().shift_lattice(LATTICE), config().shift_prior(0.4));
    let starts = PoseHypotheses::shifts(3, 1.0).epochs(15);
    let [of_cell, of_plane] = [on_cell, in_plane].map(|config| {
        let vae = trainer(config).pose_hypotheses(starts.clone()).fit(&samples).unwrap();
        errors(&vae, &positions)
    });
    println!("on the cell: correlations {:.4?}, largest error {:.3} px", of_cell.0, of_cell.1);
    println!("in the plane: correlations {:.4?}, largest error {:.3} px", of_plane.0, of_plane.1);
    assert!(of_cell.0.iter().all(|&r| r > 0.99) && of_cell.1 < 1.0, "{of_cell:?}");
    assert!(of_plane.1 > 2.0 * of_cell.1, "{of_plane:?}");
}

#[test]
fn the_lattice_is_in_the_file_and_phases_are_the_units_of_the_shift() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.safetensors");
    let samples = patches(&all_over(9));
    let all = [Invariance::Rotation, Invariance::Shift, Invariance::Scale];
    for config in
        [config(), config().invariances(all).latent_dim(2), config().invariances(all).rotation_circle()]
    {
        let config = config.shift_lattice(LATTICE);
        let vae = ShiftVae::init(config.clone(), 3, &Device::Cpu).unwrap();
        vae.save(&path).unwrap();
        let loaded = ShiftVae::load(&path, &Device::Cpu).unwrap();
        assert_eq!(loaded.config(), &config);
        assert_eq!(loaded.config().get_shift_lattice(), Some(LATTICE));
        let posterior = vae.encode(&samples).unwrap();
        assert_eq!(loaded.encode(&samples).unwrap(), posterior);

        // t = (φ₁ a + φ₂ b)/2π, within half a cell.
        let first = posterior.names().iter().position(|name| name == "lattice phase 1").unwrap();
        let (shift, sd) = (posterior.shift_pixels().unwrap(), posterior.shift_pixels_sd().unwrap());
        for (sample, shift) in shift.rows().into_iter().enumerate() {
            let turns = phases([f64::from(shift[0]), f64::from(shift[1])]);
            for axis in 0..2 {
                let phase = f64::from(posterior.mean()[[sample, first + axis]]);
                assert!((TAU * turns[axis] - phase).abs() < 1e-5 && phase.abs() <= TAU / 2.0);
                let along = |latent: usize| {
                    LATTICE[latent][axis] / TAU * f64::from(posterior.sd()[[sample, first + latent]])
                };
                assert!((along(0).hypot(along(1)) - f64::from(sd[[sample, axis]])).abs() < 1e-5);
            }
        }
        // What is decoded with the reported pose is the reconstruction.
        let mut pose = Pose::new().shift_pixels(shift.view());
        if let (Some(angles), Some(scales)) = (posterior.rotation(), posterior.scale()) {
            pose = pose.rotation(angles).scale(scales.view());
        }
        let difference =
            &vae.decode(posterior.content(), &pose).unwrap() - &vae.reconstruct(&samples).unwrap();
        assert!(difference.iter().all(|difference| difference.abs() < 1e-4));
        // Every latent is counted, and the dense encoder finds the same phases.
        assert_eq!(posterior.activity().len(), config.latents());
        assert!(posterior.activity()[first].variance <= 1.0);
        let dense = vae.encode_sliding(samples.slice(s![0, .., ..]), [1, 1]).unwrap();
        let most = (0..config.latents())
            .map(|latent| (dense.mean()[[0, latent]] - posterior.mean()[[0, latent]]).abs());
        assert!(most.fold(0.0, f32::max) < 1e-5);
    }
    // Models of before are written as before.
    ShiftVae::init(config(), 3, &Device::Cpu).unwrap().save(&path).unwrap();
    assert!(!String::from_utf8_lossy(&std::fs::read(&path).unwrap()).contains("shift_lattice"));
}

#[test]
fn a_walk_through_the_cell_does_not_jump_at_its_edge() {
    let samples = patches(&all_over(400));
    let trainer =
        trainer(config().shift_lattice(LATTICE)).pose_hypotheses(PoseHypotheses::shifts(3, 1.0).epochs(15));
    let vae = trainer.fit(&samples).unwrap();
    // Along the first vector, one turn in steps of a hundredth.
    let walk: Vec<[f64; 2]> = (0..=100).map(|i| [9.0 * f64::from(i) / 100.0, 1.0]).collect();
    let means: Array2<f32> = vae.encode(&patches(&walk)).unwrap().mean().to_owned();
    let steps: Vec<f64> = (1..walk.len())
        .map(|i| angle_difference(f64::from(means[[i - 1, 0]]), f64::from(means[[i, 0]])))
        .collect();
    let largest = steps.iter().fold(0.0f64, |most, step| most.max(step.abs()));
    let whole = steps.iter().sum::<f64>();
    println!("largest step {largest:.3} of 0.063 rad, {whole:.3} rad in all");
    assert!(largest < 0.2 && (whole.abs() - TAU).abs() < 1e-3, "{largest}, {whole}");
}
