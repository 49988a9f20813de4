//! The fused step against the composition of tensor operations in double precision.

use std::sync::Arc;

use candle_core::{DType, Device, Tensor};
use ndarray::Array2;

use super::*;
use crate::model::{ElboOptions, ShiftVae};
use crate::random::{Purpose, normals, stream, subsets};
use crate::spec::{
    Activation, Condition, ConditionKind, Invariance, LOG_SIGMA, Likelihood, OutputLink, Target as Number,
};
use crate::train::{LatentBatch, LatentRegulariser, Sharing};
use adatom_core::SampleShape;

/// Relative to the largest component of the same tensor.
const GRADIENT_TOLERANCE: f64 = 1e-4;
/// Relative; both parts are sums of terms of order one.
const ELBO_TOLERANCE: f64 = 1e-5;
/// Gradients are sums over pixels; what cancels below this part of a sum of terms of order one is rounding.
const CANCELLED: f64 = 1e-3;

fn variables(vae: &ShiftVae, dtype: DType) -> BTreeMap<String, Var> {
    let variable = |tensor: &Tensor| Var::from_tensor(&tensor.to_dtype(dtype).unwrap()).unwrap();
    vae.weights().iter().map(|(name, tensor)| (name.clone(), variable(tensor))).collect()
}

/// Loss and gradients of `n` samples, of which the fraction `scored` of the points is scored.
fn check(config: &VaeConfig, n: usize, scored: f64, beta: f64) {
    check_labels(config, n, (scored, beta), Labels::None);
}

/// As [`check`], with conditions or labels of the samples.
fn check_labels(config: &VaeConfig, n: usize, (scored, beta): (f64, f64), labels: Labels) {
    let regularisers = &[];
    Case { scored, beta, labels, regularisers }.check(config, n);
}

/// A step to check.
struct Case<'a> {
    /// Fraction of the points.
    scored: f64,
    beta: f64,
    labels: Labels,
    /// Of which only the shared content counts.
    regularisers: &'a [Arc<dyn LatentRegulariser>],
}

impl Case<'_> {
    fn check(self, config: &VaeConfig, n: usize) {
        let Self { scored, beta, labels, regularisers } = self;
        let mut objective = Objective::plain(config.latents(), beta);
        objective.regularisers = regularisers.to_vec();
        objective.content = LatentLayout::new(config).content;
        let average = objective.content_average(&(0..n).collect::<Vec<_>>()).unwrap();
        let vae = ShiftVae::init(config.clone(), 5, &Device::Cpu).unwrap();
        // Standard deviations that differ from pixel to pixel, as after a training.
        let mut weights = vae.weights().clone();
        if let Some(log) = weights.get_mut(LOG_SIGMA) {
            let values: Vec<f32> = (0..log.elem_count()).map(|i| (i as f32 * 0.9).sin() - 0.5).collect();
            *log = Tensor::from_vec(values, log.shape(), &Device::Cpu).unwrap();
        }
        let vae = ShiftVae::from_weights(config.clone(), weights).unwrap();
        let (points, draw) = (config.sample_shape().len(), config.noise_width());
        let mut random = stream(5, Purpose::Noise(0));
        let x: Vec<f32> =
            normals(&mut random, n * points).into_iter().map(|value| 1.0 / (1.0 + value.exp())).collect();
        let noise = normals(&mut random, n * draw);
        let all = config.sample_shape().points();
        let few = (scored * all as f64).ceil() as usize;
        let subset = (few < all)
            .then(|| Subset { points: subsets(&mut random, n, few, all), scale: all as f32 / few as f32 });

        let double = variables(&vae, DType::F64);
        let tracked = double.iter().map(|(name, var)| (name.clone(), var.as_tensor().clone())).collect();
        let exact = ShiftVae::from_weights(config.clone(), tracked).unwrap();
        let tensor = |values: &[f32], columns: usize| {
            Tensor::from_slice(values, (n, columns), &Device::Cpu).unwrap().to_dtype(DType::F64).unwrap()
        };
        let step = ElboOptions { subset: subset.clone(), moved: None, average: average.as_ref() };
        let terms = exact.elbo_terms(&tensor(&x, points), &tensor(&noise, draw), step, &labels).unwrap();
        let (log_likelihood, kl) = (terms.log_likelihood.sum_all().unwrap(), terms.kl.sum_all().unwrap());
        let mut loss = ((&kl * beta).unwrap() - &log_likelihood).unwrap();
        let (mut kl, mut supervised) = (kl, None);
        if let Some(terms) = &terms.labels {
            let [divergence, cost] = [&terms.kl, &terms.supervised].map(|part| part.sum_all().unwrap());
            let weights = objective.labels;
            let cost = (cost * weights.supervised).unwrap();
            loss = ((loss + (&divergence * weights.kl).unwrap()).unwrap() + &cost).unwrap();
            kl = (kl + divergence).unwrap();
            supervised = Some(cost.to_scalar::<f64>().unwrap() / n as f64);
        }
        let gradients = loss.backward().unwrap();

        let single = variables(&vae, DType::F32);
        let adam = Adam::new(&single).unwrap();
        let mut fused = FusedStep::new(config, &single, &adam).unwrap().expect("a spatial decoder");
        // A batch of another size first leaves buffers of other lengths.
        let first = Draws {
            indices: vec![0],
            noise: noise[..draw].to_vec(),
            subset: None,
            hypotheses: None,
            labels: labels.of(&[0]),
        };
        fused.gradient(&x[..points], &first, &objective).unwrap();
        let draws = Draws { indices: (0..n).collect(), noise, subset, hypotheses: None, labels };
        let Outcome { elbo, supervised: found, .. } = fused.gradient(&x, &draws, &objective).unwrap();
        assert_eq!(found.is_some(), supervised.is_some());
        if let (Some(found), Some(expected)) = (found, supervised) {
            assert!(
                (found - expected).abs() <= ELBO_TOLERANCE * expected.abs().max(1.0),
                "{found}, {expected}"
            );
        }
        for (found, expected) in [(elbo.log_likelihood, log_likelihood), (elbo.kl, kl)] {
            let expected = expected.to_scalar::<f64>().unwrap() / n as f64;
            assert!(
                (found - expected).abs() <= ELBO_TOLERANCE * expected.abs().max(1.0),
                "{found}, {expected}"
            );
        }
        let floor = CANCELLED * (n * points) as f64;
        let mut seen = 0;
        for (name, found) in fused.flat.gradients() {
            let expected = gradients.get(&double[name]).unwrap_or_else(|| panic!("no gradient of {name}"));
            let expected = expected.flatten_all().unwrap().to_vec1::<f64>().unwrap();
            assert_eq!(found.len(), expected.len(), "{name}");
            let scale = expected.iter().fold(floor, |a, b| a.max(b.abs()));
            for (index, (&found, expected)) in found.iter().zip(&expected).enumerate() {
                assert!(
                    (f64::from(found) - expected).abs() <= GRADIENT_TOLERANCE * scale,
                    "{config:?}\n{name}[{index}]: {found} where {expected} is expected, scale {scale}"
                );
            }
            seen += found.len();
        }
        assert_eq!(seen, vae.parameter_count());
    }
}

#[test]
fn loss_and_gradients_are_those_of_the_composition() {
    use Invariance::{Rotation, Scale, Shift};
    let image = || VaeConfig::new(SampleShape::Image { height: 7, width: 5 }).hidden([33, 20]);
    let signal = || VaeConfig::new(SampleShape::Signal { points: 40 }).hidden([40, 33]);
    check(&image(), 3, 1.0, 1.0);
    check(&signal().shift_prior(0.3), 70, 1.0, 1.0);
    check(&signal(), 9, 0.3, 0.5);
    check(&image().latent_dim(0), 4, 0.5, 2.0);
    check(&image().encoder_hidden([17]), 5, 1.0, 0.0);
    for invariances in [vec![Rotation], vec![Scale], vec![Rotation, Scale], vec![Rotation, Shift, Scale]] {
        check(&image().invariances(invariances).shift_prior_per_axis([0.2, 0.4]), 6, 1.0, 1.0);
    }
    for activation in [Activation::Relu, Activation::LeakyRelu, Activation::Softplus, Activation::Gelu] {
        check(&image().activation(activation), 6, 1.0, 1.0);
    }
    check(&image().fourier_features(2.0), 6, 0.6, 1.0);
    let turned = || image().invariances([Invariance::Rotation, Invariance::Shift, Invariance::Scale]);
    check(&turned().rotation_prior(2.5), 6, 1.0, 0.7);
    check(&turned().rotation_circle(), 6, 0.6, 0.7);
    check(&image().invariances([Invariance::Rotation]).latent_dim(0).rotation_circle(), 6, 1.0, 1.0);
    let lattice = [[3.0, 0.4], [0.7, 2.5]];
    check(&image().shift_lattice(lattice), 6, 0.6, 0.7);
    check(&turned().shift_lattice(lattice).rotation_prior(2.5), 6, 1.0, 0.7);
    check(&turned().shift_lattice(lattice).rotation_circle(), 6, 1.0, 1.0);
    check(&image().likelihood(Likelihood::ContinuousBernoulli), 6, 1.0, 1.0);
    check(&image().likelihood(Likelihood::gaussian()).output(OutputLink::Identity), 6, 1.0, 1.0);
    check(&signal().likelihood(Likelihood::Gaussian { sigma: 0.3 }), 6, 1.0, 1.0);
    for scored in [1.0, 0.4] {
        check(&image().channels(3), 6, scored, 1.0);
        check(&signal().channels(2).latent_dim(0), 9, scored, 0.5);
        check(&image().channels(3).likelihood(Likelihood::GaussianLearned), 6, scored, 1.0);
        check(&image().channels(2).likelihood(Likelihood::GaussianPerPixel), 6, scored, 1.0);
        for likelihood in [Likelihood::GaussianLearned, Likelihood::GaussianPerPixel] {
            check(&image().likelihood(likelihood), 6, scored, 1.0);
            check(&signal().likelihood(likelihood).output(OutputLink::Identity), 70, scored, 0.5);
        }
        check(&image().likelihood(Likelihood::Poisson), 6, scored, 1.0);
        check(&signal().likelihood(Likelihood::Poisson), 70, scored, 1.0);
    }
}

#[test]
fn conditional_steps_are_those_of_the_composition() {
    use Invariance::{Rotation, Scale, Shift};
    let image = || VaeConfig::new(SampleShape::Image { height: 7, width: 5 }).hidden([33, 20]);
    let signal = || VaeConfig::new(SampleShape::Signal { points: 40 }).hidden([40, 33]);
    let values = |n: usize, width: usize| {
        let numbers = normals(&mut stream(9, Purpose::Noise(1)), n * width);
        Condition::Values(Array2::from_shape_vec((n, width), numbers).unwrap())
    };
    let classes = |n: usize| Condition::Classes((0..n).map(|sample| (sample * 7 + 1) % 3).collect());
    let (two, three) = (ConditionKind::Values { width: 2 }, ConditionKind::Classes { classes: 3 });
    let check = |config: VaeConfig, condition: Condition, scored: f64| {
        let n = condition.len();
        let labels = Labels::of_condition(&config, Some(&condition), n).unwrap();
        check_labels(&config, n, (scored, 0.7), labels);
    };
    check(image().condition(two), values(6, 2), 1.0);
    check(image().condition(three).invariances([Rotation, Shift, Scale]), classes(7), 0.5);
    check(image().condition(two).latent_dim(0), values(5, 2), 1.0);
    check(signal().condition(three), classes(70), 1.0);
}

#[test]
fn steps_with_classes_and_targets_are_those_of_the_composition() {
    use Invariance::{Rotation, Scale, Shift};
    let image = || VaeConfig::new(SampleShape::Image { height: 7, width: 5 }).hidden([33, 20]);
    let signal = || VaeConfig::new(SampleShape::Signal { points: 40 }).hidden([40, 33]);
    // One of three is known.
    let classes = |n: usize| Labels::Classes((0..n).map(|i| (i % 3 == 1).then_some(i % 4)).collect());
    let targets =
        |n: usize| Labels::Targets((0..n).map(|i| (i % 3 == 1).then_some(0.3 * i as f32 - 1.0)).collect());
    check_labels(&image().classes(3), 6, (1.0, 1.0), Labels::None);
    check_labels(&image().classes(4), 7, (0.4, 0.5), classes(7));
    check_labels(&image().classes(4).invariances([Rotation, Shift, Scale]), 40, (1.0, 1.0), classes(40));
    check_labels(&signal().classes(4).latent_dim(0), 9, (1.0, 2.0), classes(9));
    let (trained, fixed) = (Number::new(1.0, 2.0), Number::new(1.0, 2.0).fixed_sd(0.5));
    check_labels(&image().target(trained), 6, (1.0, 1.0), Labels::None);
    check_labels(&image().target(trained).invariances([Rotation, Scale]), 7, (0.4, 0.5), targets(7));
    check_labels(&signal().target(fixed).latent_dim(0), 40, (1.0, 0.7), targets(40));
    check_labels(&signal().target(fixed), 6, (1.0, 0.7), Labels::None);
}

/// Content that is a mean over the two samples that follow after a distance.
#[derive(Debug)]
struct Following(usize, Option<Vec<usize>>);

impl LatentRegulariser for Following {
    fn describe(&self) -> String {
        "following".into()
    }

    fn penalty(&self, _: &LatentBatch<'_>, _: &mut ndarray::ArrayViewMut2<'_, f64>) -> f64 {
        0.0
    }

    fn sharing(&self, indices: &[usize]) -> Option<Sharing> {
        let n = indices.len();
        let weight = |(one, other): (usize, usize)| match (other + 2 * n - one).checked_sub(self.0) {
            Some(later) if later % n == 0 => 0.75,
            Some(later) if later % n == 1 => 0.25,
            _ => 0.0,
        };
        let sharing = Sharing::new(Array2::from_shape_fn((n, n), weight));
        Some(match &self.1 {
            Some(latents) => sharing.latents(latents.clone()),
            None => sharing,
        })
    }
}

#[test]
fn steps_with_shared_content_are_those_of_the_composition() {
    use Invariance::{Rotation, Scale, Shift};
    let image = || VaeConfig::new(SampleShape::Image { height: 7, width: 5 }).hidden([33, 20]);
    let check = |config: VaeConfig, latents: Option<Vec<usize>>, labels: Labels| {
        // The second one gets the latents that the first one leaves.
        let all: [Arc<dyn LatentRegulariser>; 2] =
            [Arc::new(Following(1, latents)), Arc::new(Following(2, None))];
        Case { scored: 0.6, beta: 0.7, labels, regularisers: &all }.check(&config, 6);
    };
    check(image(), None, Labels::None);
    // The content latent 7 does not exist, 1 occurs twice.
    check(image().latent_dim(3), Some(vec![1, 7, 1]), Labels::None);
    let turned = image().invariances([Rotation, Shift, Scale]).rotation_circle();
    check(turned.shift_lattice([[3.0, 0.4], [0.7, 2.5]]), None, Labels::None);
    check(image().likelihood(Likelihood::GaussianLearned), Some(vec![0]), Labels::None);
    check(image().classes(3), None, Labels::Classes((0..6).map(|i| (i % 3 == 1).then_some(i % 3)).collect()));
    check(image().latent_dim(0), None, Labels::None);
}
