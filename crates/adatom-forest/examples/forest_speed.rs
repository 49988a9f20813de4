//! Times of fitting and predicting, of adatom and of smartcore in one run.

#![allow(clippy::print_stdout, reason = "a program prints")]

use std::time::Instant;

use adatom_core::ClassLabels;
use adatom_forest::{MaxFeatures, RandomForest};
use ndarray::{Array1, Array2};

fn random(state: &mut u64) -> f64 {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    (*state >> 11) as f64 / (1u64 << 53) as f64 - 0.5
}

fn data(rows: usize, columns: usize) -> (Array2<f64>, Array1<f64>) {
    let mut state = 7;
    let x = Array2::from_shape_fn((rows, columns), |_| random(&mut state));
    let y = Array1::from_shape_fn(rows, |row| {
        2.0 * x[[row, 0]] + (6.0 * x[[row, 1]]).sin() + x[[row, 2]] * x[[row, 3]] + 0.3 * random(&mut state)
    });
    (x, y)
}

fn timed<T>(name: &str, work: impl FnOnce() -> T) -> T {
    let begun = Instant::now();
    let result = work();
    println!("{name}: {:.3} s", begun.elapsed().as_secs_f64());
    result
}

fn main() {
    let wanted = std::env::args().nth(1).unwrap_or_else(|| "all".into());
    let run = |name: &str| wanted == "all" || wanted == name;
    let (x, y) = data(1600, 300);
    if run("regression") {
        let params = RandomForest::params().max_features(MaxFeatures::All);
        timed("regression 1600 x 300, all", || params.fit_regressor(x.view(), y.view()).expect("fits"));
    }
    if run("classification") {
        let labels = ClassLabels::of_names(y.iter().map(|&y| {
            if y < -0.7 {
                "4"
            } else if y < 0.7 {
                "5"
            } else {
                "6"
            }
        }));
        timed("classification 1600 x 300, sqrt", || {
            RandomForest::params().fit_classifier(x.view(), &labels).expect("fits")
        });
    }
    if run("large") || run("prediction") {
        let (x, y) = data(20_000, 500);
        let params = RandomForest::params().max_features(MaxFeatures::Sqrt);
        let model =
            timed("regression 20000 x 500, sqrt", || params.fit_regressor(x.view(), y.view()).expect("fits"));
        if run("prediction") {
            let (x, _) = data(100_000, 500);
            timed("prediction of 100000 x 100 trees", || model.predict(x.view()).expect("predicts"));
        }
    }
}
