//! A conditional model of shapes of four kinds and random size: given the kind, its content latent represents
//! the size.
//!
//! ```text
//! cargo run -p adatom-vae --example conditional
//! ```

#![allow(clippy::print_stdout, reason = "a program prints")]

use adatom_vae::ndarray::{Axis, arr2};
use adatom_vae::{Condition, ConditionKind, Invariance, Pose, ShiftVae, TrainError, Trainer};

mod shapes;

use shapes::{Spread, shapes, within};

fn main() -> Result<(), TrainError> {
    let spread = Spread { pixels: 16, size: 0.3, angle: 0.5, shift: 0.15, noise: 0.03 };
    let data = shapes(1200, 4, spread, 1);
    let model = || {
        ShiftVae::image_config(16, 16)
            .latent_dim(1)
            .invariances([Invariance::Rotation, Invariance::Shift])
            .hidden([64, 64])
            .coordinate_frequency(2.0)
    };
    let trainer = |config| Trainer::new(config).epochs(40).batch_size(60).learning_rate(3e-3).seed(3);
    let condition = Condition::classes(&data.kind);

    let conditional = trainer(model().condition(ConditionKind::Classes { classes: 4 }))
        .condition(condition.clone())
        .fit(&data.patches)?;
    let given = conditional.conditioned_on(&condition)?;
    let plain = trainer(model()).fit(&data.patches)?;
    for (name, posterior, elbo) in [
        ("conditional", given.encode(&data.patches)?, given.elbo(&data.patches, 1)?),
        ("unconditional", plain.encode(&data.patches)?, plain.elbo(&data.patches, 1)?),
    ] {
        let content: Vec<f64> = posterior.content().column(0).iter().map(|&x| f64::from(x)).collect();
        let size = within(&data.kind, &content, &data.size);
        println!("{name:>14}: -ELBO {:.2}, r(content, size) within a kind {size:.3}", -elbo.total());
    }
    let zero = arr2(&[[0.0], [0.0], [0.0], [0.0]]);
    let four =
        conditional.conditioned_on(&Condition::classes(&[0, 1, 2, 3]))?.decode(zero.view(), &Pose::new())?;
    for (kind, picture) in four.axis_iter(Axis(0)).enumerate() {
        println!("kind {kind}");
        for row in picture.axis_iter(Axis(0)) {
            println!(
                "{}",
                row.iter().map(|&v| [' ', '.', 'o', '#'][(v * 3.99) as usize]).collect::<String>()
            );
        }
    }
    Ok(())
}
