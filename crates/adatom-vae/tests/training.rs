//! Training: seeds, threads, interruption, held-out samples, divergence.

#![allow(clippy::unwrap_used)]

use adatom_vae::ndarray::{Array2, Array3, ArrayViewMut2, Axis};
use adatom_vae::{
    Control, EarlyStopping, KlWeight, Likelihood, Observer, OutputLink, SampleShape, Samples, ShiftVae,
    StepEvent, TrainError, Trainer,
};

mod chain;
mod save_at;

use chain::chain;
use save_at::SaveAt;

fn patches(n: usize) -> Array3<f32> {
    Array3::from_shape_fn((n, 7, 8), |(sample, row, column)| {
        let (r, c) =
            (row as f32 - 2.5 - (sample % 3) as f32 * 0.5, column as f32 - 3.0 - (sample % 4) as f32 * 0.3);
        (-(r * r + c * c) / (2.0 + (sample % 5) as f32)).exp()
    })
}

fn trainer() -> Trainer {
    Trainer::new(ShiftVae::image_config(7, 8).hidden([24, 16]).shift_prior(0.3))
        .epochs(4)
        .batch_size(16)
        .seed(11)
}

fn bytes(vae: &ShiftVae) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.safetensors");
    vae.save(&path).unwrap();
    std::fs::read(path).unwrap()
}

#[test]
fn same_seed_same_bytes_with_one_and_two_threads() {
    let samples = patches(70);
    let with_threads = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| bytes(&trainer().fit(&samples).unwrap()))
    };
    let one = with_threads(1);
    assert_eq!(one, with_threads(2));
    assert_eq!(one, with_threads(1));
    let other = bytes(&trainer().seed(12).fit(&samples).unwrap());
    assert_ne!(one, other);
}

#[test]
fn training_lowers_the_loss_and_beta_weighs_the_divergence() {
    let samples = patches(120);
    let free = trainer().epochs(60).learning_rate(3e-3).fit(&samples).unwrap();
    let loss = |vae: &ShiftVae, epoch: usize| -vae.history().epochs()[epoch].elbo.total();
    assert!(loss(&free, 59) < loss(&free, 0) - 1.0, "{} to {}", loss(&free, 0), loss(&free, 59));
    let tight =
        trainer().epochs(60).learning_rate(3e-3).kl_weight(KlWeight::Constant(20.0)).fit(&samples).unwrap();
    let kl = |vae: &ShiftVae| vae.history().last().unwrap().elbo.kl;
    assert!(kl(&tight) < 0.5 * kl(&free), "{} and {}", kl(&tight), kl(&free));
}

#[test]
fn held_out_samples_are_scored_without_touching_the_weights() {
    // 70 samples of which 10 % are held out: as if they were not there.
    let samples = patches(70);
    let with = trainer().held_out(0.1).fit(&samples).unwrap();
    assert!(with.history().epochs().iter().all(|record| record.held_out.is_some()));

    struct Recording<'a>(&'a Array3<f32>, std::sync::Mutex<std::collections::HashMap<usize, usize>>);
    impl Samples for Recording<'_> {
        fn count(&self) -> usize {
            self.0.len_of(Axis(0))
        }
        fn shape(&self) -> SampleShape {
            Samples::shape(self.0)
        }
        fn fill(&self, indices: &[usize], batch: &mut ArrayViewMut2<'_, f32>) {
            let mut counts = self.1.lock().unwrap();
            for &index in indices {
                *counts.entry(index).or_default() += 1;
            }
            self.0.fill(indices, batch);
        }
    }
    let recording = Recording(&samples, Default::default());
    // The evaluation itself changes nothing: the last epoch's bytes are those of a training that is scored
    // again.
    let first = trainer().held_out(0.1).fit(&recording).unwrap();
    assert_eq!(bytes(&first), bytes(&with));
    let counts = recording.1.into_inner().unwrap();
    // Every sample is asked for once in each of 4 epochs, held out or not, and 32 of the 70, evenly spread,
    // once more: a resumed training knows its samples by them.
    assert_eq!(counts.len(), 70);
    let known: Vec<usize> = (0..32).map(|index| index * 70 / 32).collect();
    for (index, &times) in &counts {
        assert_eq!(times, 4 + usize::from(known.contains(index)), "sample {index}");
    }
    let before = bytes(&first);
    let elbo = first.elbo(&samples, 3).unwrap();
    assert_eq!(before, bytes(&first));
    assert_eq!(elbo, first.elbo(&samples, 3).unwrap());
}

#[test]
fn a_resumed_training_ends_where_an_uninterrupted_one_does() {
    let samples = patches(50);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("training.safetensors");
    let trainer = || trainer().held_out(0.2).kl_weight(KlWeight::Linear { from: 0.0, to: 1.0, epochs: 3 });
    trainer().fit_observed(&samples, &mut SaveAt(2, &path)).unwrap();
    let resumed = trainer().resume(&path).fit(&samples).unwrap();
    let whole = trainer().fit(&samples).unwrap();
    assert_eq!(bytes(&resumed), bytes(&whole));
    let elbos = |vae: &ShiftVae| vae.history().epochs().iter().map(|record| record.elbo).collect::<Vec<_>>();
    assert_eq!(elbos(&resumed), elbos(&whole));

    let other = trainer().batch_size(8).resume(&path).fit(&samples).unwrap_err();
    let text = "the training that wrote it differs from this one: batch size: 16 then, 8 now";
    assert!(chain(&other).ends_with(text), "{other}");
    let others = patches(51);
    let other = chain(&trainer().resume(&path).fit(&others).unwrap_err());
    assert!(other.ends_with("samples: 50 of 7 x 8 then, 51 of 7 x 8 now"), "{other}");
    let brighter = samples.mapv(|value| 0.9 * value);
    let other = chain(&trainer().resume(&path).fit(&brighter).unwrap_err());
    assert!(other.contains("another image, scaling or choice of patches"), "{other}");
    let finished = folder.path().join("model.safetensors");
    whole.save(&finished).unwrap();
    let error = chain(&trainer().resume(&finished).fit(&samples).unwrap_err());
    assert!(error.contains("without the state of its training"), "{error}");
}

#[test]
fn observers_stop_a_training_and_the_model_is_kept() {
    struct AfterSteps(usize);
    impl Observer for AfterSteps {
        fn step(&mut self, event: &StepEvent) -> Control {
            if event.epoch == 2 && event.step == self.0 { Control::Stop } else { Control::Continue }
        }
    }
    let samples = patches(64);
    let vae = trainer().epochs(100).fit_observed(&samples, &mut AfterSteps(2)).unwrap();
    assert_eq!(vae.history().epochs().len(), 2);
    // A loss that cannot fall (learning rate far too small to be seen) stops after the patience is used up.
    let vae = trainer()
        .epochs(100)
        .learning_rate(1e-30)
        .fit_observed(&samples, &mut EarlyStopping::new(3))
        .unwrap();
    assert!(vae.history().epochs().len() < 60);
}

#[test]
fn divergence_names_the_step_and_keeps_the_last_good_model() {
    let samples = patches(64);
    let model = ShiftVae::image_config(7, 8)
        .hidden([16])
        .likelihood(Likelihood::Gaussian { sigma: 1e-3 })
        .output(OutputLink::Identity);
    let error = Trainer::new(model).epochs(50).batch_size(16).learning_rate(1e20).fit(&samples).unwrap_err();
    let text = error.to_string();
    let TrainError::Diverged { epoch: 1, step, last_good, .. } = error else { panic!("{text}") };
    assert!(step <= 4 && text.starts_with("training diverged: "), "{text}");
    assert!(last_good.encode(&samples).unwrap().mean().iter().all(|z| z.is_finite()));
}

#[test]
fn samples_that_cannot_be_scored_are_named() {
    let mut samples = patches(20);
    samples[[7, 1, 2]] = 1.5;
    let text = |samples: &Array3<f32>| trainer().fit(samples).unwrap_err().to_string();
    assert_eq!(
        text(&samples),
        "value 1.5 at position 10 of sample 7 is not in [0, 1], as this likelihood needs"
    );
    samples[[7, 1, 2]] = f32::NAN;
    assert_eq!(
        text(&samples),
        "value NaN at position 10 of sample 7 is not in [0, 1], as this likelihood needs"
    );
    assert_eq!(text(&Array3::zeros((0, 7, 8))), "there are no samples");
    assert_eq!(
        text(&Array3::zeros((5, 8, 8))),
        "a sample must have the shape [7 rows, 8 columns], found [8 rows, 8 columns]"
    );
    let signals = Array2::<f32>::zeros((5, 56));
    assert_eq!(
        trainer().fit(&signals).unwrap_err().to_string(),
        "a sample must have the shape [7 rows, 8 columns], found [56 points]"
    );
    let held = trainer().held_out(0.99).fit(&patches(1)).unwrap_err().to_string();
    assert_eq!(
        held,
        "the fraction of held-out samples must be small enough to leave a sample \
         to train on, found 0.99 of 1 samples"
    );
}

#[test]
fn steps_per_epoch_bounds_an_epoch() {
    struct Count(usize);
    impl Observer for Count {
        fn step(&mut self, event: &StepEvent) -> Control {
            assert_eq!(event.steps, 2);
            self.0 += 1;
            Control::Continue
        }
    }
    let mut count = Count(0);
    trainer().steps_per_epoch(2).fit_observed(&patches(200), &mut count).unwrap();
    assert_eq!(count.0, 2 * 4);
}

/// Peaks of unit height at positions within ±`reach` of the middle and of random width, with a little noise.
fn peaks(n: usize, reach: f64) -> (Array2<f32>, Vec<f64>) {
    let fraction = |x: f64| x - x.floor();
    let position: Vec<f64> = (0..n).map(|i| reach * (2.0 * fraction(i as f64 * 0.618_034) - 1.0)).collect();
    let spectra = Array2::from_shape_fn((n, 60), |(row, point)| {
        let width = 3.0 + 6.0 * fraction(row as f64 * 0.414_214);
        let x = point as f64 - 29.5 - position[row];
        let noise = 0.04 * (fraction(((row * 60 + point) as f64 * 12.9898).sin() * 43_758.545) - 0.5);
        (0.1 + 0.8 * (-(x / width).powi(2) / 2.0).exp() + noise) as f32
    });
    (spectra, position)
}

#[test]
fn the_shift_latent_finds_the_position_of_peaks() {
    // A short version of the 1-D benchmark (examples/shift_1d.rs has the long one).
    let (spectra, position) = peaks(1500, 8.0);
    let config = ShiftVae::signal_config(60).shift_prior(0.3).hidden([64, 64]);
    let vae =
        Trainer::new(config).epochs(30).batch_size(50).learning_rate(3e-3).seed(2).fit(&spectra).unwrap();
    let shift = vae.encode(&spectra).unwrap().shift_pixels().unwrap();
    let found: Vec<f64> = shift.column(0).iter().map(|&x| f64::from(x)).collect();
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let (mx, my) = (mean(&position), mean(&found));
    let sum = |f: &dyn Fn(f64, f64) -> f64| {
        position.iter().zip(&found).map(|(x, y)| f(x - mx, y - my)).sum::<f64>()
    };
    let (xx, yy, xy) = (sum(&|x, _| x * x), sum(&|_, y| y * y), sum(&|x, y| x * y));
    let (r, slope) = (xy / (xx * yy).sqrt(), xy / xx);
    assert!(r > 0.99, "r = {r}");
    assert!((slope - 1.0).abs() < 0.1, "slope = {slope}");
}

#[test]
fn a_fraction_of_the_pixels_gives_an_unbiased_loss() {
    // A learning rate too small to matter: every epoch scores the same model, on other pixels and draws.
    let samples = patches(100);
    let losses = |fraction: f64| {
        let trainer = trainer().epochs(40).learning_rate(1e-30).pixel_fraction(fraction);
        let vae = trainer.fit(&samples).unwrap();
        vae.history().epochs().iter().map(|record| -record.elbo.total()).collect::<Vec<_>>()
    };
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let sd = |values: &[f64]| {
        (values.iter().map(|x| (x - mean(values)).powi(2)).sum::<f64>() / values.len() as f64).sqrt()
    };
    let (all, half) = (losses(1.0), losses(0.3));
    // The mean of 40 epochs is within four of its standard errors.
    assert!((mean(&all) - mean(&half)).abs() < 4.0 * sd(&half) / 40f64.sqrt() + 1e-3);
    assert!(sd(&half) > sd(&all));
    for fraction in [0.0, 1.5, f64::NAN] {
        assert!(trainer().pixel_fraction(fraction).fit(&samples).is_err());
    }
}
