//! Waves, sites and vectors of lattices, on generated images whose lattice is known.

#![allow(clippy::unwrap_used)]

use adatom_patch::{BraggPeak, Image};
use adatom_synthetic::LatticeImage;
use ndarray::Array2;

type Vector = [f64; 2];

fn length(vector: Vector) -> f64 {
    vector[0].hypot(vector[1])
}

fn difference(left: Vector, right: Vector) -> Vector {
    [left[0] - right[0], left[1] - right[1]]
}

fn cross(left: Vector, right: Vector) -> f64 {
    left[0] * right[1] - left[1] * right[0]
}

fn close(found: [Vector; 2], expected: [Vector; 2], most: f64) {
    let off = found.iter().zip(&expected).map(|(a, b)| length(difference(*a, *b))).fold(0.0, f64::max);
    assert!(off < most, "{found:?}, {expected:?}");
}

#[test]
fn the_period_of_a_noisy_lattice_is_found() {
    for cell in [7.3, 16.0, 21.7] {
        let lattice = LatticeImage::new(200, 240).cell([cell, cell]).dose(30.0).seed(3).generate().unwrap();
        let waves = lattice.image.bragg_peaks(4).unwrap();
        // The second kind of column, in the middle of the cell, can make diagonal waves the strongest ones.
        let expected = [cell, cell / std::f64::consts::SQRT_2];
        let near = expected.iter().any(|spacing| (waves[0].spacing() / spacing - 1.0).abs() < 0.02);
        assert!(near, "{cell}: {:?}", waves.iter().map(BraggPeak::spacing).collect::<Vec<_>>());
    }
}

#[test]
fn columns_of_both_kinds_are_found_where_they_are() {
    let lattice =
        LatticeImage::new(240, 240).displacement(0.0).noise(0.15).angle(0.3).seed(5).generate().unwrap();
    let sites = lattice.image.lattice_sites().unwrap();
    let margin = |at: &[f64; 2]| at.iter().all(|&x| (25.0..215.0).contains(&x));
    let mut worst = 0.0_f64;
    for columns in [&lattice.a_columns, &lattice.b_columns] {
        for at in columns.rows().into_iter().map(|at| [at[0], at[1]]).filter(margin) {
            let near = sites.rows().into_iter().map(|site| (site[0] - at[0]).hypot(site[1] - at[1]));
            worst = worst.max(near.fold(f64::INFINITY, f64::min));
        }
    }
    assert!(worst < 1.0, "{worst}");
    let count = sites.rows().into_iter().filter(|site| margin(&[site[0], site[1]])).count();
    let expected = lattice.a_columns.rows().into_iter().filter(|at| margin(&[at[0], at[1]])).count()
        + lattice.b_columns.rows().into_iter().filter(|at| margin(&[at[0], at[1]])).count();
    assert!(count.abs_diff(expected) <= 6, "{count} {expected}");
}

#[test]
fn a_site_is_found_where_its_column_is_missing() {
    let lattice = LatticeImage::new(200, 200).b_intensity(0.0).seed(1).generate().unwrap();
    let mut pixels = lattice.image.pixels().to_owned();
    let site = lattice.a_columns.rows().into_iter().find(|at| at.iter().all(|x| (80.0..120.0).contains(x)));
    let at = site.unwrap().to_vec();
    for ((row, column), value) in pixels.indexed_iter_mut() {
        if (row as f64 - at[0]).hypot(column as f64 - at[1]) < 8.0 {
            *value = 0.2;
        }
    }
    let sites = Image::from_array(pixels).lattice_sites().unwrap();
    let near = sites.rows().into_iter().map(|site| (site[0] - at[0]).hypot(site[1] - at[1]));
    assert!(near.fold(f64::INFINITY, f64::min) < 1.0);
}

#[test]
fn cells_are_those_that_were_drawn() {
    let vectors = |lattice: LatticeImage| lattice.generate().unwrap().image.lattice_vectors().unwrap();
    for seed in 0..4 {
        let lattice = || LatticeImage::new(256, 240).seed(seed).noise(0.1);
        let found = vectors(lattice().cell([16.0, 16.0]).b_intensity(0.6).period(160.0)).unwrap();
        close(found, [[16.0, 0.0], [0.0, 16.0]], 0.15);
        // The same columns everywhere: half the cell, along its diagonals.
        let found = vectors(lattice().cell([14.0, 14.0]).b_intensity(1.0).displacement(0.0)).unwrap();
        let diagonals = [[7.0, 7.0], [7.0, -7.0]];
        let same = |v: Vector| {
            diagonals.iter().any(|d| (cross(v, *d) / 98.0).abs() < 0.02 || length(difference(v, *d)) < 0.2)
        };
        assert!(found.into_iter().all(|v| same(v) && (length(v) - 98f64.sqrt()).abs() < 0.2), "{found:?}");
        let (sine, cosine) = 0.3f64.sin_cos();
        let found = vectors(lattice().cell([19.5, 15.0]).angle(0.3).b_intensity(0.4)).unwrap();
        let turned = [[19.5 * cosine, 19.5 * sine], [-15.0 * sine, 15.0 * cosine]];
        let other = [[19.5 * cosine, -19.5 * sine], [15.0 * sine, 15.0 * cosine]];
        close(found, if found[0][1] > 0.0 { turned } else { other }, 0.15);
    }
}

#[test]
fn a_background_does_not_make_the_cell_larger() {
    let lattice =
        LatticeImage::new(320, 320).cell([16.0, 16.0]).b_intensity(0.6).period(160.0).generate().unwrap();
    let slow = |row: usize, column: usize| {
        (std::f32::consts::TAU * row as f32 / 64.0).sin()
            + (std::f32::consts::TAU * column as f32 / 80.0).sin()
    };
    for amplitude in [0.15, 0.3] {
        let pixels = lattice.image.pixels();
        let image = Array2::from_shape_fn((320, 320), |at| pixels[at] + amplitude * slow(at.0, at.1));
        let found = Image::from_array(image).lattice_vectors().unwrap().unwrap();
        // Two hundredths of the cell: the background moves the maxima of the waves.
        close(found, [[16.0, 0.0], [0.0, 16.0]], 0.32);
    }
}
