//! Conditional models: latents do not represent the condition, which must be given.

#![allow(clippy::unwrap_used, clippy::print_stdout)]

use adatom_vae::candle_core::Device;
use adatom_vae::ndarray::{Array2, Array3, Axis, arr2};
use adatom_vae::{Condition, ConditionKind, Pose, ShiftVae, Trainer};

mod chain;
mod save_at;

use chain::chain;
use save_at::SaveAt;

fn fraction(x: f64) -> f64 {
    x - x.floor()
}

/// Peaks of unit height in the middle, of a height above the ground that is known and a width that is not;
/// both uniform, independent of each other.
fn peaks(n: usize) -> (Array2<f32>, Array2<f32>, Vec<f64>) {
    let height: Vec<f64> = (0..n).map(|i| fraction(i as f64 * 0.618_034)).collect();
    let width: Vec<f64> = (0..n).map(|i| 3.0 + 5.0 * fraction(i as f64 * 0.414_214)).collect();
    let signals = Array2::from_shape_fn((n, 40), |(row, point)| {
        let x = (point as f64 - 19.5) / width[row];
        ((0.15 + 0.8 * height[row]) * (-x * x / 2.0).exp()) as f32
    });
    let known = Array2::from_shape_fn((n, 1), |(row, _)| (2.0 * height[row] - 1.0) as f32);
    (signals, known, width)
}

fn correlation(x: &[f64], y: &[f64]) -> f64 {
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let (mx, my) = (mean(x), mean(y));
    let sum = |f: &dyn Fn(f64, f64) -> f64| x.iter().zip(y).map(|(x, y)| f(x - mx, y - my)).sum::<f64>();
    sum(&|x, y| x * y) / (sum(&|x, _| x * x) * sum(&|_, y| y * y)).sqrt()
}

#[test]
fn the_latent_is_left_with_what_the_condition_does_not_tell() {
    let (signals, known, width) = peaks(600);
    let height: Vec<f64> = known.iter().map(|&x| f64::from(x)).collect();
    let model = || ShiftVae::signal_config(40).latent_dim(1).hidden([48, 48]).shift_prior(0.02);
    let trainer = |config| Trainer::new(config).epochs(30).batch_size(50).learning_rate(3e-3).seed(4);
    let condition = Condition::values(known.view());
    let conditional = trainer(model().condition(ConditionKind::Values { width: 1 }));
    let conditional = conditional.condition(condition.clone()).fit(&signals).unwrap();
    let told = conditional.conditioned_on(&condition).unwrap().encode(&signals).unwrap();
    let column = |content: adatom_vae::ndarray::ArrayView2<'_, f32>| -> Vec<f64> {
        content.column(0).iter().map(|&x| f64::from(x)).collect()
    };
    let told = column(told.content());
    // One latent for two independent factors: without the condition it cannot follow the width alone.
    let plain = trainer(model()).fit(&signals).unwrap();
    let alone = column(plain.encode(&signals).unwrap().content());
    let with = [correlation(&told, &width).abs(), correlation(&told, &height).abs()];
    let without = [correlation(&alone, &width).abs(), correlation(&alone, &height).abs()];
    println!("conditional: width {:.3}, height {:.3}; plain: {without:.3?}", with[0], with[1]);
    assert!(with[0] > 0.85 && with[1] < 0.2, "{with:?}");
    assert!(without[0] < 0.8, "{without:?}");
    // Another condition draws another height with the same width: the peak scales as 0.15 + 0.8 height.
    let content = arr2(&[[0.0f32], [0.0]]);
    let two = conditional.conditioned_on(&Condition::values(arr2(&[[-0.5f32], [0.5]]).view())).unwrap();
    let drawn = two.decode(content.view(), &Pose::new()).unwrap();
    let top = |row: usize| drawn.index_axis(Axis(0), row).iter().copied().fold(0.0, f32::max);
    println!("tops {} and {}, 0.35 and 0.75 by construction", top(0), top(1));
    assert!((top(0) - 0.35).abs() < 0.05 && (top(1) - 0.75).abs() < 0.05, "{} {}", top(0), top(1));
}

fn small() -> (Array3<f32>, Vec<usize>) {
    let classes: Vec<usize> = (0..40).map(|n| n % 3).collect();
    let patches = Array3::from_shape_fn((40, 6, 7), |(n, row, column)| match classes[n] {
        0 if row == 3 => 0.9,
        1 if column == 3 => 0.9,
        2 if row == column => 0.9,
        _ => 0.1,
    });
    (patches, classes)
}

#[test]
fn everything_goes_through_a_conditional_model_and_its_file() {
    let (patches, classes) = small();
    let condition = Condition::classes(&classes);
    for invariances in [vec![], vec![adatom_vae::Invariance::Shift]] {
        let config = ShiftVae::image_config(6, 7)
            .hidden([16])
            .invariances(invariances)
            .condition(ConditionKind::Classes { classes: 3 });
        let trainer = Trainer::new(config).epochs(3).batch_size(8).held_out(0.2).condition(condition.clone());
        let vae = trainer.fit(&patches).unwrap();
        assert!(vae.history().last().unwrap().held_out.unwrap().total().is_finite());
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("model.safetensors");
        vae.save(&path).unwrap();
        let back = ShiftVae::load(&path, &Device::Cpu).unwrap();
        assert_eq!(back.config(), vae.config());
        let (vae, back) = (vae.conditioned_on(&condition).unwrap(), back.conditioned_on(&condition).unwrap());
        assert_eq!(vae.encode(&patches).unwrap(), back.encode(&patches).unwrap());
        assert_eq!(vae.elbo(&patches, 1).unwrap(), back.elbo(&patches, 1).unwrap());
        let reconstructed = vae.reconstruct(&patches).unwrap();
        assert_eq!(reconstructed, back.reconstruct(&patches).unwrap());
        // What is drawn depends on the condition.
        let others = Condition::Classes(classes.iter().map(|class| (class + 1) % 3).collect());
        let model = trainer.fit(&patches).unwrap();
        assert_ne!(model.conditioned_on(&others).unwrap().reconstruct(&patches).unwrap(), reconstructed);
        let one = Condition::classes(&[1]);
        assert_eq!(
            model.conditioned_on(&one).unwrap().manifold(&[0.0, 1.0], &[0.0]).unwrap().dim(),
            (1, 2, 6, 7)
        );
    }
}

#[test]
fn a_resumed_training_knows_its_conditions() {
    let (patches, mut classes) = small();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("training.safetensors");
    let config = ShiftVae::image_config(6, 7).hidden([16]).condition(ConditionKind::Classes { classes: 3 });
    let trainer = |classes: &[usize]| {
        Trainer::new(config.clone()).epochs(4).batch_size(16).condition(Condition::classes(classes))
    };
    trainer(&classes).fit_observed(&patches, &mut SaveAt(2, &path)).unwrap();
    let resumed = trainer(&classes).resume(&path).fit(&patches).unwrap();
    let whole = trainer(&classes).fit(&patches).unwrap();
    let condition = Condition::classes(&classes);
    assert_eq!(
        resumed.conditioned_on(&condition).unwrap().encode(&patches).unwrap(),
        whole.conditioned_on(&condition).unwrap().encode(&patches).unwrap()
    );
    classes[7] = 0;
    let error = chain(&trainer(&classes).resume(&path).fit(&patches).unwrap_err());
    let text = "the values of the conditions or labels of the samples: checksum";
    assert!(error.contains(text), "{error}");
}

#[test]
fn conditions_that_do_not_fit_are_named() {
    let (patches, classes) = small();
    let values = |rows: usize, width: usize| Condition::Values(Array2::zeros((rows, width)));
    let config = ShiftVae::image_config(6, 7).hidden([8]);
    let plain = ShiftVae::init(config.clone(), 1, &Device::Cpu).unwrap();
    let two = config.clone().condition(ConditionKind::Values { width: 2 });
    let vae = ShiftVae::init(two.clone(), 1, &Device::Cpu).unwrap();
    let given = |condition: &Condition| vae.conditioned_on(condition).unwrap_err().to_string();
    assert_eq!(given(&values(4, 3)), "the condition must have the shape [samples, 2], found [4, 3]");
    assert_eq!(given(&Condition::classes(&[1])), "the condition must be values of width 2, found classes");
    let mut bad = Array2::zeros((3, 2));
    bad[[2, 1]] = f32::NAN;
    assert_eq!(given(&Condition::values(bad.view())), "value NaN at position 1 of sample 2 is not finite");
    let absent = plain.conditioned_on(&values(4, 2)).unwrap_err().to_string();
    assert_eq!(absent, "the condition must be absent in a model without one, found values of width 2");

    let text = |error: adatom_vae::Error| error.to_string();
    let short = vae.conditioned_on(&values(4, 2)).unwrap();
    let shape = "the condition must have the shape [40 samples], found [4]";
    assert_eq!(text(short.encode(&patches).unwrap_err()), shape);
    assert_eq!(text(short.reconstruct(&patches).unwrap_err()), shape);
    assert_eq!(text(short.elbo(&patches, 1).unwrap_err()), shape);
    let none = "the condition must be values of width 2, found none";
    assert_eq!(text(vae.encode(&patches).unwrap_err()), none);
    assert_eq!(text(vae.reconstruct(&patches).unwrap_err()), none);
    assert_eq!(text(vae.elbo(&patches, 1).unwrap_err()), none);
    assert_eq!(text(vae.decode(Array2::zeros((1, 2)).view(), &Pose::new()).unwrap_err()), none);
    assert_eq!(text(vae.manifold(&[0.0], &[0.0]).unwrap_err()), none);
    assert_eq!(text(vae.encode_sliding(Array2::zeros((9, 9)).view(), [1, 1]).unwrap_err()), none);

    let fit = |trainer: Trainer| trainer.epochs(1).fit(&patches).unwrap_err().to_string();
    assert_eq!(fit(Trainer::new(two.clone())), none);
    assert_eq!(fit(Trainer::new(two).condition(values(4, 2))), shape);
    let absent = fit(Trainer::new(config.clone()).condition(Condition::classes(&classes)));
    assert_eq!(absent, "the condition must be absent in a model without one, found classes");
    let classes = Trainer::new(config.condition(ConditionKind::Classes { classes: 2 }))
        .condition(Condition::classes(&classes));
    assert_eq!(fit(classes), "class 2 of sample 2 is not below 2, the number of classes");
}
