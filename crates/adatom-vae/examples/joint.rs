//! Unsupervised classification of shifted shapes of four kinds.
//!
//! ```text
//! cargo run -p adatom-vae --example joint -- [--epochs N] [--seed N] [--weight W] [--latents K]
//!     [--size S] [--angle A] [--rate R] [--pixels N]
//! ```
//!
//! Classes are assigned to kinds such that the accuracy is largest. W is the weight of the KL divergence of
//! the classes, K the number of content latents, S and A the spread of sizes and angles. With content
//! latents, or with rotation, the model can represent the kinds without the classes, and often does; the
//! classes need more epochs to converge than the likelihood.

#![allow(clippy::print_stdout, reason = "a program prints")]

use std::error::Error;

use adatom_vae::ndarray::{Array2, Axis};
use adatom_vae::{Condition, Invariance, Pose, ShiftVae, Trainer};

mod shapes;

use shapes::{Spread, matched_accuracy, most_probable, shapes, within};

fn main() -> Result<(), Box<dyn Error>> {
    let (mut epochs, mut seed, mut weight) = (90, 1, 1.0);
    let (mut latents, mut size, mut turn, mut rate, mut pixels) = (0, 0.1, 0.0, 5e-3, 12);
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let value = arguments.next().ok_or("a value is missing")?;
        match argument.as_str() {
            "--epochs" => epochs = value.parse()?,
            "--seed" => seed = value.parse()?,
            "--weight" => weight = value.parse()?,
            "--latents" => latents = value.parse()?,
            "--size" => size = value.parse()?,
            "--angle" => turn = value.parse()?,
            "--rate" => rate = value.parse()?,
            "--pixels" => pixels = value.parse()?,
            other => return Err(format!("what is {other}?").into()),
        }
    }
    let spread = Spread { pixels, size, angle: turn, shift: 0.15, noise: 0.03 };
    let data = shapes(1000, 4, spread, 1);
    let model = ShiftVae::image_config(pixels, pixels)
        .latent_dim(latents)
        .invariances(if turn > 0.0 {
            vec![Invariance::Rotation, Invariance::Shift]
        } else {
            vec![Invariance::Shift]
        })
        .shift_prior(0.15)
        .hidden([64, 64])
        .coordinate_frequency(2.0)
        .classes(4);
    let trainer = Trainer::new(model).epochs(epochs).batch_size(50).learning_rate(rate).seed(seed);
    let vae = trainer.label_kl_weight(weight).fit(&data.patches)?;

    let test = shapes(600, 4, spread, 2);
    let probabilities = vae.class_probabilities(&test.patches)?;
    let found = most_probable(&probabilities);
    let accuracy = matched_accuracy(&test.kind, &found, 4);
    let sure = probabilities.rows().into_iter().filter(|row| row.iter().any(|&p| p > 0.99)).count();
    println!("accuracy of the classes on 600 new patches {accuracy:.3} (chance 0.25)");
    println!("{:.3} of the patches have a class with a probability above 0.99", sure as f64 / 600.0);
    let posterior = vae.encode(&test.patches)?;
    let column = |values: adatom_vae::ndarray::ArrayView1<'_, f32>| -> Vec<f64> {
        values.iter().map(|&x| f64::from(x)).collect()
    };
    let shift = posterior.shift_pixels().ok_or("no shift")?;
    println!(
        "within a found class: r(shift, position) {:.3}",
        within(&found, &column(shift.column(1)), &test.right)
    );
    for content in posterior.content().columns() {
        println!("r(content, size) {:.3}", within(&found, &column(content), &test.size));
    }
    let seconds: f64 = vae.history().epochs().iter().map(|record| record.seconds).sum();
    println!("-ELBO {:.2}, {seconds:.1} s", -vae.elbo(&test.patches, 1)?.total());
    let pictures = vae
        .conditioned_on(&Condition::classes(&[0, 1, 2, 3]))?
        .decode(Array2::zeros((4, latents)).view(), &Pose::new())?;
    for row in 0..pixels {
        let line = pictures.axis_iter(Axis(0)).map(|picture| {
            let row = picture.index_axis(Axis(0), row);
            row.iter().map(|&v| [' ', '.', 'o', '#'][(v * 3.99) as usize]).collect::<String>()
        });
        println!("{}", line.collect::<Vec<_>>().join("   "));
    }
    Ok(())
}
