//! Semi-supervised classification (kinds of shapes) and regression (their sizes) with few labels, against the
//! same model trained on the labelled patches alone.
//!
//! ```text
//! cargo run -p adatom-vae --example semi_supervised -- [--epochs N] [--labelled N]
//! ```

#![allow(clippy::print_stdout, reason = "a program prints")]

use std::error::Error;

use adatom_vae::ndarray::{Array3, Axis};
use adatom_vae::{Invariance, Prediction, ShiftVae, Target, Trainer, VaeConfig};

mod shapes;

use shapes::{Shapes, Spread, correlation, most_probable, shapes};

fn main() -> Result<(), Box<dyn Error>> {
    let (mut epochs, mut labelled) = (30, 20);
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let value = arguments.next().ok_or("a value is missing")?;
        match argument.as_str() {
            "--epochs" => epochs = value.parse()?,
            "--labelled" => labelled = value.parse()?,
            other => return Err(format!("what is {other}?").into()),
        }
    }
    let spread = Spread { pixels: 16, size: 0.3, angle: 0.4, shift: 0.15, noise: 0.03 };
    let (data, test) = (shapes(1000, 4, spread, 1), shapes(600, 4, spread, 2));
    let n = data.kind.len();
    let few = few(&data, labelled);
    let model = || {
        ShiftVae::image_config(16, 16)
            .latent_dim(1)
            .invariances([Invariance::Rotation, Invariance::Shift])
            .hidden([64, 64])
            .coordinate_frequency(2.0)
    };
    // The same number of steps for few samples as for all.
    let trainer = |config: VaeConfig, samples: usize| {
        let steps = n / 50 * epochs;
        let epochs = if samples == n { epochs } else { steps / samples.div_ceil(50) };
        Trainer::new(config).epochs(epochs).batch_size(50).learning_rate(3e-3).seed(1)
    };

    let labels: Vec<Option<usize>> = (0..n).map(|i| (i < labelled).then_some(data.kind[i])).collect();
    let accuracy = |vae: &ShiftVae| -> Result<f64, Box<dyn Error>> {
        let found = most_probable(&vae.class_probabilities(&test.patches)?);
        Ok(found.iter().zip(&test.kind).filter(|(a, b)| a == b).count() as f64 / found.len() as f64)
    };
    let with = trainer(model().classes(4), n).labels(&labels).fit(&data.patches)?;
    let alone = trainer(model().classes(4), labelled).labels(&labels[..labelled]).fit(&few)?;
    println!("kind of 600 new patches, {labelled} of {n} labelled: accuracy {:.3}", accuracy(&with)?);
    println!(
        "  the labelled ones alone {:.3}, nearest labelled patch {:.3}",
        accuracy(&alone)?,
        nearest(&few, &data, &test)
    );

    let targets: Vec<Option<f32>> = (0..n).map(|i| (i < labelled).then_some(data.size[i] as f32)).collect();
    let config = model().latent_dim(2).target(Target::new(1.0, 0.17));
    let with = trainer(config.clone(), n).targets(&targets).fit(&data.patches)?;
    let alone = trainer(config, labelled).targets(&targets[..labelled]).fit(&few)?;
    for (name, vae) in [("all", &with), ("the labelled ones alone", &alone)] {
        let Prediction::Target { mean, sd } = vae.predict(&test.patches)? else {
            return Err("no target".into());
        };
        let mean: Vec<f64> = mean.iter().map(|&x| f64::from(x)).collect();
        let square =
            mean.iter().zip(&test.size).map(|(a, b)| (a - b).powi(2)).sum::<f64>() / mean.len() as f64;
        println!(
            "size, {labelled} known, trained on {name}: r {:.3}, rmse {:.3} \
             (0.173 for the mean), mean sd {:.3}",
            correlation(&mean, &test.size),
            square.sqrt(),
            sd.mean().unwrap_or(0.0)
        );
    }
    Ok(())
}

/// The first patches.
fn few(data: &Shapes, labelled: usize) -> Array3<f32> {
    data.patches.select(Axis(0), &(0..labelled).collect::<Vec<_>>())
}

/// Accuracy of the kind of the labelled patch with the smallest sum of squared differences.
fn nearest(few: &Array3<f32>, data: &Shapes, test: &Shapes) -> f64 {
    let distance = |a: usize, b: usize| {
        let (a, b) = (test.patches.index_axis(Axis(0), a), few.index_axis(Axis(0), b));
        a.iter().zip(&b).map(|(a, b)| (a - b).powi(2)).sum::<f32>()
    };
    let kind = |sample: usize| {
        let best =
            (0..few.len_of(Axis(0))).min_by(|&a, &b| distance(sample, a).total_cmp(&distance(sample, b)));
        best.map(|best| data.kind[best])
    };
    let n = test.kind.len();
    (0..n).filter(|&sample| kind(sample) == Some(test.kind[sample])).count() as f64 / n as f64
}
