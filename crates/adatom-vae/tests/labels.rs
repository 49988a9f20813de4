//! Classes and numbers beside the latents: found without labels, with a few, and what does not fit.

#![allow(clippy::unwrap_used, clippy::print_stdout)]

use adatom_vae::candle_core::Device;
use adatom_vae::ndarray::{Array2, Array3, Axis, arr2};
use adatom_vae::{Condition, Invariance, Pose, Prediction, ShiftVae, Target, Trainer, VaeConfig};

mod chain;
mod save_at;
#[path = "../examples/shapes/mod.rs"]
mod shapes;

use chain::chain;
use save_at::SaveAt;
use shapes::{Shapes, Spread, correlation, matched_accuracy, most_probable, shapes, within};

const SPREAD: Spread = Spread { pixels: 12, size: 0.3, angle: 0.0, shift: 0.15, noise: 0.03 };

fn model() -> VaeConfig {
    ShiftVae::image_config(12, 12)
        .latent_dim(1)
        .invariances([Invariance::Shift])
        .shift_prior(0.15)
        .hidden([32, 32])
        .coordinate_frequency(2.0)
}

fn trainer(config: VaeConfig, epochs: usize) -> Trainer {
    Trainer::new(config).epochs(epochs).batch_size(50).learning_rate(5e-3).seed(1)
}

fn accuracy(vae: &ShiftVae, data: &Shapes) -> f64 {
    let found = most_probable(&vae.class_probabilities(&data.patches).unwrap());
    found.iter().zip(&data.kind).filter(|(found, kind)| found == kind).count() as f64 / found.len() as f64
}

#[test]
fn classes_are_found_without_labels() {
    // Without content latents, which could draw the kinds without the classes.
    let spread = Spread { size: 0.1, ..SPREAD };
    let (data, test) = (shapes(600, 3, spread, 1), shapes(300, 3, spread, 2));
    let vae = trainer(model().latent_dim(0).classes(3), 90).fit(&data.patches).unwrap();
    let found = most_probable(&vae.class_probabilities(&test.patches).unwrap());
    let shift = vae.encode(&test.patches).unwrap().shift_pixels().unwrap();
    let shift = shift.column(1).mapv(f64::from).to_vec();
    let (right, place) = (matched_accuracy(&test.kind, &found, 3), within(&found, &shift, &test.right));
    println!("accuracy {right:.3} (chance 0.33), r(shift, place) within a found class {place:.3}");
    assert!(right > 0.9 && place > 0.9, "{right}, {place}");
    // A class decodes to something of its own: pictures of different classes differ by more than those of
    // one.
    let pictures = vae.conditioned_on(&Condition::classes(&[0, 1, 2])).unwrap();
    let pictures = pictures.decode(Array2::zeros((3, 0)).view(), &Pose::new()).unwrap();
    let apart = |a: usize, b: usize| {
        let (a, b) = (pictures.index_axis(Axis(0), a), pictures.index_axis(Axis(0), b));
        (&a - &b).mapv(|d| d * d).mean().unwrap()
    };
    assert!(apart(0, 1) > 0.01 && apart(0, 2) > 0.01 && apart(1, 2) > 0.01);
    // Reconstruction chooses the class itself and beats the mean picture.
    let back = vae.reconstruct(&test.patches).unwrap();
    let mean = test.patches.mean_axis(Axis(0)).unwrap();
    let error = (&back - &test.patches).mapv(|d| d * d).mean().unwrap();
    let of_mean = (&test.patches - &mean).mapv(|d| d * d).mean().unwrap();
    println!("reconstruction {error:.4}, mean picture {of_mean:.4}");
    assert!(error < 0.3 * of_mean, "{error}, {of_mean}");
}

#[test]
fn a_few_labels_name_the_classes() {
    let spread = Spread { size: 0.1, ..SPREAD };
    let (data, test) = (shapes(600, 3, spread, 3), shapes(300, 3, spread, 4));
    let labels: Vec<Option<usize>> = (0..600).map(|i| (i < 6).then_some(data.kind[i])).collect();
    let config = || model().latent_dim(0).classes(3);
    let all = trainer(config(), 90).labels(&labels).fit(&data.patches).unwrap();
    let few = data.patches.select(Axis(0), &(0..6).collect::<Vec<_>>());
    // As many steps.
    let alone = trainer(config(), 1080).labels(&labels[..6]).fit(&few).unwrap();
    let (all, alone) = (accuracy(&all, &test), accuracy(&alone, &test));
    println!("6 of 600 labelled: accuracy {all:.3}, trained on these 6 alone {alone:.3}");
    assert!(all > 0.9 && all > alone + 0.05, "{all}, {alone}");
}

#[test]
fn a_few_known_numbers_calibrate_the_others() {
    let (data, test) = (shapes(600, 1, SPREAD, 5), shapes(300, 1, SPREAD, 6));
    let targets: Vec<Option<f32>> = (0..600).map(|i| (i < 6).then_some(data.size[i] as f32)).collect();
    let config = || model().latent_dim(0).target(Target::new(1.0, 0.17));
    let all = trainer(config(), 40).targets(&targets).fit(&data.patches).unwrap();
    let few = data.patches.select(Axis(0), &(0..6).collect::<Vec<_>>());
    let alone = trainer(config(), 480).targets(&targets[..6]).fit(&few).unwrap();
    let figures = |vae: &ShiftVae| {
        let Prediction::Target { mean, sd } = vae.predict(&test.patches).unwrap() else {
            panic!("no target")
        };
        assert!(sd.iter().all(|sd| *sd > 0.0));
        let mean = mean.mapv(f64::from).to_vec();
        let square = mean.iter().zip(&test.size).map(|(a, b)| (a - b).powi(2)).sum::<f64>() / 300.0;
        [correlation(&mean, &test.size), square.sqrt()]
    };
    let (all, alone) = (figures(&all), figures(&alone));
    println!(
        "6 of 600 known: r {:.3}, rmse {:.3}; these 6 alone: {alone:.3?}; the mean has rmse 0.173",
        all[0], all[1]
    );
    assert!(all[0] > 0.96 && all[0] > alone[0] + 0.02 && all[1] < 0.1, "{all:?}, {alone:?}");
}

#[test]
fn files_hold_classes_and_targets_and_trainings_go_on() {
    let data = shapes(60, 3, SPREAD, 7);
    let folder = tempfile::tempdir().unwrap();
    let (path, state) = (folder.path().join("model"), folder.path().join("state"));
    let mut labels: Vec<Option<usize>> = data.kind.iter().map(|&kind| (kind != 1).then_some(kind)).collect();
    let targets: Vec<Option<f32>> =
        data.size.iter().map(|&size| (size > 1.0).then_some(size as f32)).collect();
    let plain = |config: VaeConfig| config.invariances([]).latent_dim(2);
    for trainer in [
        trainer(model().classes(3), 3).labels(&labels).held_out(0.2).pixel_fraction(0.5),
        trainer(plain(model()).classes(3), 3).labels(&labels),
        trainer(model().target(Target::new(1.0, 0.2)), 3).targets(&targets).held_out(0.2),
        trainer(plain(model()).target(Target::new(1.0, 0.2).fixed_sd(0.05)), 3).targets(&targets),
    ] {
        let vae = trainer.fit(&data.patches).unwrap();
        assert!(vae.history().last().unwrap().supervised.is_some());
        vae.save(&path).unwrap();
        let back = ShiftVae::load(&path, &Device::Cpu).unwrap();
        assert_eq!(back.config(), vae.config());
        assert_eq!(back.predict(&data.patches).unwrap(), vae.predict(&data.patches).unwrap());
        assert_eq!(back.elbo(&data.patches, 1).unwrap(), vae.elbo(&data.patches, 1).unwrap());
        assert_eq!(back.reconstruct(&data.patches).unwrap(), vae.reconstruct(&data.patches).unwrap());
        trainer.fit_observed(&data.patches, &mut SaveAt(2, &state)).unwrap();
        let resumed = trainer.clone().resume(&state).fit(&data.patches).unwrap();
        assert_eq!(resumed.predict(&data.patches).unwrap(), vae.predict(&data.patches).unwrap());
    }
    trainer(model().classes(3), 3)
        .labels(&labels)
        .fit_observed(&data.patches, &mut SaveAt(2, &state))
        .unwrap();
    let again = |trainer: Trainer| chain(&trainer.resume(&state).fit(&data.patches).unwrap_err());
    let other = again(trainer(model().classes(3), 3).labels(&labels).label_weight(3.0));
    assert!(other.contains("label weights: the default then, {"), "{other}");
    labels[0] = None;
    let other = again(trainer(model().classes(3), 3).labels(&labels));
    let text = "conditions or labels of the samples: classes of 40 of 60 samples then, classes of 39";
    assert!(other.contains(text), "{other}");
}

#[test]
fn one_and_two_threads_give_the_same_classes() {
    let data = shapes(70, 3, SPREAD, 8);
    let with = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let trainer = trainer(model().classes(3), 3);
        pool.install(|| trainer.fit(&data.patches).unwrap().class_probabilities(&data.patches).unwrap())
    };
    assert_eq!(with(1), with(2));
}

#[test]
fn what_does_not_fit_is_named() {
    let patches = Array3::<f32>::zeros((6, 12, 12));
    let fit = |trainer: Trainer| trainer.fit(&patches).unwrap_err().to_string();
    let classes = || trainer(model().classes(3), 1);
    let target = || trainer(model().target(Target::new(0.0, 1.0)), 1);
    assert_eq!(fit(classes().labels(&[None; 5])), "the labels must have the shape [6 samples], found [5]");
    let bad = [None, None, Some(3), None, None, None];
    assert_eq!(fit(classes().labels(&bad)), "class 3 of sample 2 is not below 3, the number of classes");
    let text = "the labels must be absent in a model without classes, found labels";
    assert_eq!(fit(target().labels(&[None; 6])), text);
    let text = "the targets must be absent in a model without a target, found targets";
    assert_eq!(fit(classes().targets(&[None; 6])), text);
    let bad = [None, Some(f32::INFINITY), None, None, None, None];
    assert_eq!(fit(target().targets(&bad)), "value inf at position 0 of sample 1 is not finite");
    assert_eq!(fit(target().targets(&[None])), "the targets must have the shape [6 samples], found [1]");
    let both = fit(classes().labels(&[None; 6]).targets(&[None; 6]));
    assert!(
        both.starts_with("the conditioning of the samples must be a condition, labels or targets"),
        "{both}"
    );
    let weight = fit(classes().label_weight(-1.0));
    assert_eq!(weight, "the weight of labels must be finite and not negative, found -1");
    let fixed = fit(trainer(model().target(Target::new(0.0, 1.0).fixed_sd(f64::NAN)), 1));
    assert_eq!(fixed, "the fixed standard deviation of the target must be finite and positive, found NaN");

    let vae = ShiftVae::init(model().classes(3), 1, &Device::Cpu).unwrap();
    let none = vae.decode(arr2(&[[0.0]]).view(), &Pose::new()).unwrap_err().to_string();
    assert_eq!(none, "the condition must be one of 3 classes, found none");
    let plain = ShiftVae::init(model(), 1, &Device::Cpu).unwrap();
    let none = plain.predict(&patches).unwrap_err().to_string();
    assert_eq!(none, "the model must be one with classes or a target, found one without");
}
