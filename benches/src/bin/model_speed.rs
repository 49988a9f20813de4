//! `model_speed`: the time of a training step with a condition, classes or a target, relative to that of the
//! unconditional model.
//!
//! ```text
//! cargo run --profile dist -p adatom-benches --bin model_speed -- [ROUNDS]
//! ```
//!
//! Batches of 100 patches of 28 × 28, shift, layers of 128; all models take turns in one run, and ratios
//! are to the unconditional model of the same round. Medians of the ratios and of the seconds are printed.

#![forbid(unsafe_code)]
#![allow(clippy::print_stdout, reason = "the times are what the program is for")]

use std::error::Error;

use adatom_vae::ndarray::{Array2, Array3};
use adatom_vae::{Condition, ConditionKind, ShiftVae, Target, Trainer};

const STEPS: usize = 3;

fn main() -> Result<(), Box<dyn Error>> {
    let rounds: usize = std::env::args().nth(1).map_or(Ok(15), |rounds| rounds.parse())?;
    let n = 100 * STEPS;
    let patches = Array3::from_shape_fn((n, 28, 28), |(n, row, column)| {
        let (r, c) = (row as f32 - 13.0 - (n % 5) as f32, column as f32 - 13.0 - (n % 7) as f32);
        (-(r * r + c * c) / (20.0 + (n % 11) as f32)).exp()
    });
    let model = || ShiftVae::image_config(28, 28);
    let classes: Vec<usize> = (0..n).map(|sample| sample % 4).collect();
    let tenth = |sample: usize| sample.is_multiple_of(10);
    let labels: Vec<Option<usize>> = (0..n).map(|i| tenth(i).then_some(i % 4)).collect();
    let targets: Vec<Option<f32>> = (0..n).map(|i| tenth(i).then_some(i as f32 / n as f32)).collect();
    let four = ConditionKind::Classes { classes: 4 };
    let trainers = [
        ("unconditional", Trainer::new(model())),
        ("unconditional again", Trainer::new(model())),
        (
            "condition, 4 classes",
            Trainer::new(model().condition(four)).condition(Condition::classes(&classes)),
        ),
        (
            "condition, 2 values",
            Trainer::new(model().condition(ConditionKind::Values { width: 2 })).condition(Condition::Values(
                Array2::from_shape_fn((n, 2), |(i, j)| ((i + j) % 9) as f32 / 9.0),
            )),
        ),
        ("target, 10 % known", Trainer::new(model().target(Target::new(0.5, 0.3))).targets(&targets)),
        ("4 classes", Trainer::new(model().classes(4))),
        ("4 classes, 10 % known", Trainer::new(model().classes(4)).labels(&labels)),
    ];
    let mut seconds = vec![Vec::new(); trainers.len()];
    for _ in 0..rounds {
        for ((_, trainer), seconds) in trainers.iter().zip(&mut seconds) {
            let vae = trainer.clone().epochs(1).fit(&patches)?;
            seconds.extend(vae.history().last().map(|record| record.seconds / STEPS as f64));
        }
    }
    for ((name, _), each) in trainers.iter().zip(&seconds) {
        let ratios = each.iter().zip(&seconds[0]).map(|(seconds, plain)| seconds / plain).collect();
        println!("{name:>22}: {:.1} ms a step, ratio {:.3}", 1e3 * median(each.clone()), median(ratios));
    }
    Ok(())
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
