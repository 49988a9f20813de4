//! Both implementations of a step, the effects of settings, and starting from a model.

use ndarray::{Array2, Axis};

use super::trainer::StepPath;
use super::*;
use crate::error::Result;
use crate::model::ShiftVae;

#[test]
fn fused_and_composed_trainings_agree() {
    // Rounding grows from step to step; after 9 steps it has not reached this part of the loss.
    const TOLERANCE: f64 = 1e-4;
    let signals = Array2::from_shape_fn((50, 30), |(n, i)| {
        let x = (i as f32 - 14.5 - (n % 7) as f32) / (2.0 + (n % 3) as f32);
        (-0.5 * x * x).exp()
    });
    let config = ShiftVae::signal_config(30).hidden([24, 20]);
    let fused = Trainer::new(config).epochs(3).batch_size(16).held_out(0.1).seed(3);
    let composed = Trainer { path: StepPath::Composed, ..fused.clone() };
    let [fused, composed] = [fused, composed].map(|trainer| trainer.fit(&signals).unwrap());
    // Two ways of rounding: otherwise this compares a path with itself.
    assert_ne!(fused.history().epochs()[2].elbo, composed.history().epochs()[2].elbo);
    for (fused, composed) in fused.history().epochs().iter().zip(composed.history().epochs()) {
        for (one, other) in [(Some(fused.elbo), Some(composed.elbo)), (fused.held_out, composed.held_out)] {
            let (one, other) = (one.unwrap().total(), other.unwrap().total());
            assert!((one - other).abs() < TOLERANCE * other.abs(), "{one} and {other}");
        }
    }
    for (name, weight) in fused.weights() {
        let difference = (weight - &composed.weights()[name]).unwrap().abs().unwrap();
        let most = difference.flatten_all().unwrap().max(0).unwrap().to_scalar::<f32>().unwrap();
        // Each of 9 steps moves a weight by about the rate, 1e-3.
        assert!(most < 1e-3, "{name}: {most}");
    }
}

fn signals() -> Array2<f32> {
    Array2::from_shape_fn((60, 24), |(n, i)| {
        let x = (i as f32 - 11.5 - (n % 5) as f32) / (2.0 + (n % 3) as f32);
        (-0.5 * x * x).exp()
    })
}

fn kl_after(trainer: Trainer) -> Vec<f64> {
    let signals = signals();
    let vae = trainer.epochs(60).learning_rate(5e-3).batch_size(20).seed(3).fit(&signals).unwrap();
    vae.encode(&signals).unwrap().kl_per_latent().to_vec()
}

#[test]
fn both_paths_agree_on_the_penalty_of_the_kl_divergence() {
    let capacity = Capacity::new(2.0, 2).gamma(5.0);
    for trainer in [
        trainer().group_kl_weight([LatentGroup::Content], 0.1).free_bits(0.05),
        trainer().capacity(capacity).group_kl_weight(LatentGroup::POSE, 0.5),
    ] {
        let trainer = trainer.epochs(2).batch_size(20).seed(3);
        let composed = Trainer { path: StepPath::Composed, ..trainer.clone() };
        let [fused, composed] = [trainer, composed].map(|trainer| trainer.fit(&signals()).unwrap());
        for (name, weight) in fused.weights() {
            let difference = (weight - &composed.weights()[name]).unwrap().abs().unwrap();
            let most = difference.flatten_all().unwrap().max(0).unwrap().to_scalar::<f32>().unwrap();
            assert!(most < 1e-3, "{name}: {most}");
        }
    }
}

fn trainer() -> Trainer {
    let config = ShiftVae::signal_config(24).hidden([24, 20]).shift_prior(0.3);
    Trainer::new(config.likelihood(crate::spec::Likelihood::Gaussian { sigma: 0.1 }))
}

#[test]
fn free_bits_prevent_collapse_and_weights_act_on_groups() {
    let heavy = kl_after(trainer().kl_weight(KlWeight::Constant(1e4)));
    assert!(heavy.iter().all(|&kl| kl < 0.01), "all collapse: {heavy:?}");
    let free = kl_after(trainer().kl_weight(KlWeight::Constant(1e4)).free_bits(0.5));
    assert!(free.iter().all(|&kl| kl > 0.05), "none collapses: {free:?}");
    // One shift and two content latents.
    let pressed = kl_after(trainer().group_kl_weight([LatentGroup::Content], 1e4));
    assert!(pressed[0] > 0.1 && pressed[1..].iter().all(|&kl| kl < 0.02), "{pressed:?}");
}

#[test]
fn a_capacity_is_reached_and_kept() {
    let capacity = Capacity::new(1.5, 10).gamma(50.0);
    let kl: f64 = kl_after(trainer().capacity(capacity)).iter().sum();
    assert!((kl - 1.5).abs() < 0.3, "{kl}");
    let error = trainer().capacity(Capacity::new(1.0, 0)).check().unwrap_err();
    assert!(error.to_string().starts_with("the capacity must be"), "{error}");
}

#[test]
fn both_paths_agree_on_regularisers() {
    let positions = Array2::from_shape_fn((60, 2), |(n, axis)| if axis == 0 { 0.0 } else { n as f64 });
    let smooth = Smoothness::new(Positions::new(positions.view()).unwrap(), 3.0).unwrap();
    let values: Vec<f64> = (0..60).map(|n| if n % 2 == 0 { (n as f64).sin() } else { f64::NAN }).collect();
    let tied = MeasuredField::new(values, 1).unwrap();
    let hypotheses = PoseHypotheses::shifts(3, 0.8).epochs(1);
    let mut found = Vec::new();
    for (from_neighbours, hypotheses) in [(false, None), (true, None), (true, Some(hypotheses))] {
        let smooth = smooth.clone();
        let smooth = if from_neighbours { smooth.content_from_neighbours() } else { smooth };
        let mut trainer =
            trainer().regulariser(smooth).regulariser(tied.clone()).epochs(2).batch_size(20).seed(3);
        if let Some(hypotheses) = hypotheses {
            trainer = trainer.pose_hypotheses(hypotheses);
        }
        let composed = Trainer { path: StepPath::Composed, ..trainer.clone() };
        let [fused, composed] = [trainer, composed].map(|trainer| trainer.fit(&signals()).unwrap());
        let penalties = [&fused, &composed].map(|vae| vae.history().last().unwrap().penalty.unwrap());
        assert!((penalties[0] - penalties[1]).abs() < 1e-3 * penalties[1], "{penalties:?}");
        for (name, weight) in fused.weights() {
            let difference = (weight - &composed.weights()[name]).unwrap().abs().unwrap();
            let most = difference.flatten_all().unwrap().max(0).unwrap().to_scalar::<f32>().unwrap();
            assert!(most < 1e-3, "{name}: {most}");
        }
        found.push(penalties[0]);
    }
    assert!(found[0] != found[1] && found[1] != found[2], "{found:?}");
    let few = Smoothness::new(Positions::new(positions.slice_axis(Axis(0), (..9).into())).unwrap(), 3.0);
    let error = train_with(few.unwrap()).unwrap_err().to_string();
    assert_eq!(error, "the positions must have the shape [60 samples, 2], found [9, 2]");
}

/// Shares content with invalid weights.
#[derive(Debug, Clone)]
struct Odd(Array2<f64>);

impl LatentRegulariser for Odd {
    fn describe(&self) -> String {
        "odd weights".into()
    }

    fn penalty(&self, _: &LatentBatch<'_>, _: &mut ndarray::ArrayViewMut2<'_, f64>) -> f64 {
        0.0
    }

    fn sharing(&self, _: &[usize]) -> Option<Sharing> {
        Some(Sharing::new(self.0.clone()))
    }
}

#[test]
fn shared_content_needs_finite_weights_for_the_batch() {
    let shape = "the weights of shared content must have the shape [20 samples, 20 samples], found [1, 1]";
    let value = "a weight of shared content must be finite, found NaN";
    for (weights, expected) in [(Array2::eye(1), shape), (Array2::from_elem((20, 20), f64::NAN), value)] {
        let trainer = trainer().regulariser(Odd(weights)).epochs(1).batch_size(20);
        for path in [StepPath::Composed, StepPath::Fused] {
            let error = Trainer { path, ..trainer.clone() }.fit(&signals()).unwrap_err().to_string();
            assert_eq!(error, expected);
        }
    }
}

/// Records the variance of the means that a regulariser gets.
#[derive(Debug, Default)]
struct Witness(std::sync::Mutex<Vec<f64>>);

impl LatentRegulariser for Witness {
    fn describe(&self) -> String {
        "witness".into()
    }

    fn penalty(&self, batch: &LatentBatch<'_>, _: &mut ndarray::ArrayViewMut2<'_, f64>) -> f64 {
        let column = batch.means.column(batch.content.start);
        self.0.lock().unwrap().push(column.var(0.0));
        0.0
    }

    fn sharing(&self, indices: &[usize]) -> Option<Sharing> {
        let n = indices.len();
        Some(Sharing::new(Array2::from_elem((n, n), 1.0 / n as f64)))
    }
}

#[test]
fn regularisers_get_the_samples_own_means() {
    for path in [StepPath::Composed, StepPath::Fused] {
        let witness = std::sync::Arc::new(Witness::default());
        let trainer = trainer().epochs(1).batch_size(20);
        let mut trainer = Trainer { path, ..trainer };
        trainer.regularisers.push(witness.clone());
        trainer.fit(&signals()).unwrap();
        // The mean over the whole batch would be the same for all.
        let seen = witness.0.lock().unwrap();
        assert!(!seen.is_empty() && seen.iter().all(|&variance| variance > 1e-9), "{seen:?}");
    }
}

fn train_with(regulariser: impl LatentRegulariser + 'static) -> Result<ShiftVae, TrainError> {
    trainer().regulariser(regulariser).epochs(1).fit(&signals())
}

#[test]
fn both_paths_agree_on_pose_hypotheses() {
    let images = ndarray::Array3::from_shape_fn((40, 9, 8), |(n, r, c)| {
        let (sine, cosine) = (n as f32 * 0.7).sin_cos();
        let (r, c) = (r as f32 - 4.0 - 2.5 * sine, c as f32 - 3.5 - 2.0 * cosine);
        (-0.3 * (r * r + c * c)).exp()
    });
    use crate::spec::Invariance::{Rotation, Scale, Shift};
    let config = || ShiftVae::image_config(9, 8).invariances([Rotation, Shift, Scale]).hidden([12, 10]);
    let lattice = [[4.0, 0.5], [0.0, 3.0]];
    for config in [
        config().rotation_circle(),
        config().rotation_prior(2.0).shift_prior_per_axis([0.2, 0.4]),
        config().rotation_prior(2.0).shift_lattice(lattice),
        config().rotation_circle().shift_lattice(lattice),
    ] {
        let hypotheses = PoseHypotheses::rotations(3).and_shifts(3, 0.8).epochs(1).pixel_fraction(0.5);
        let trainer = Trainer::new(config).epochs(2).batch_size(20).seed(3).pose_hypotheses(hypotheses);
        let composed = Trainer { path: StepPath::Composed, ..trainer.clone() };
        let [fused, composed] = [trainer, composed].map(|trainer| trainer.fit(&images).unwrap());
        for (name, weight) in fused.weights() {
            let difference = (weight - &composed.weights()[name]).unwrap().abs().unwrap();
            let most = difference.flatten_all().unwrap().max(0).unwrap().to_scalar::<f32>().unwrap();
            assert!(most < 1e-3, "{name}: {most}");
        }
    }
}

#[test]
fn a_training_starts_from_a_model_and_leaves_it_as_it_was() {
    let first = trainer().epochs(40).batch_size(20).seed(3).fit(&signals()).unwrap();
    let kept = first.encode(&signals()).unwrap();
    let other = signals().mapv(|value| 0.95 * value + 0.025);
    let tune = |trainer: Trainer| trainer.epochs(1).batch_size(20).seed(4).fit(&other).unwrap();
    let [tuned, again] = [1, 2].map(|_| tune(trainer().start_from(&first)));
    let fresh = tune(trainer());
    let loss = |vae: &ShiftVae| -vae.history().last().unwrap().elbo.total();
    assert!(loss(&tuned) < loss(&fresh), "{} {}", loss(&tuned), loss(&fresh));
    assert_eq!(first.encode(&signals()).unwrap(), kept);
    assert_eq!(
        tuned.encode(&other).unwrap(),
        again.encode(&other).unwrap(),
        "the same seed gives the same bytes"
    );
    assert_ne!(tuned.encode(&other).unwrap(), first.encode(&other).unwrap());

    let shorter = other.slice_axis(Axis(1), (..20).into());
    let error = trainer().start_from(&first).fit(&shorter.to_owned()).unwrap_err().to_string();
    assert_eq!(error, "a sample must have the shape [24 points], found [20 points]");
    let wider =
        Trainer::new(ShiftVae::signal_config(24).hidden([30])).start_from(&first).check().unwrap_err();
    assert!(wider.to_string().contains("hidden: [24,20] then, [30] now"), "{wider}");
}
