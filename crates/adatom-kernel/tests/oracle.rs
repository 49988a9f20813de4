//! The kernel against the same network written naively in f64, on random shapes, with gradients by hand.

#![allow(clippy::unwrap_used)]

use adatom_kernel::{
    Activation, DecoderShape, FusedDecoder, Gradients, Instructions, Likelihood, MeanLink, Observations,
};
use proptest::prelude::*;

mod naive;
use naive::{Case, Naive};

/// Outputs are sums of a few hundred f32 products of order one.
const OUTPUT_TOLERANCE: f64 = 1e-5;
/// Gradients are sums over all points, relative to their largest component.
const GRADIENT_TOLERANCE: f64 = 1e-4;
/// Rounding error of a rectifier's argument.
const KINK: f64 = 3e-6;

fn shapes() -> impl Strategy<Value = DecoderShape> {
    let width = prop_oneof![1usize..40, Just(64), Just(47), Just(128)];
    (1usize..=2, 0usize..5, prop::collection::vec(width, 1..=4), 1usize..=3, 0usize..7, any::<bool>())
        .prop_map(|(dimensions, latents, hidden, outputs, activation, sine)| {
            DecoderShape::new(dimensions, hidden)
                .latents(latents)
                .outputs(outputs)
                .first(if sine { Activation::Sine } else { Activation::Tanh })
                .activation(Activation::ALL[activation])
        })
}

fn likelihoods() -> impl Strategy<Value = Likelihood> {
    prop_oneof![
        Just(Likelihood::Bernoulli),
        Just(Likelihood::ContinuousBernoulli),
        Just(Likelihood::Gaussian { sigma: 0.5, mean: MeanLink::Sigmoid }),
        Just(Likelihood::Gaussian { sigma: 0.3, mean: MeanLink::Identity }),
        Just(Likelihood::Poisson),
    ]
}

fn instructions() -> impl Strategy<Value = Instructions> {
    prop::sample::select(Instructions::available())
}

fn assert_close(name: &str, found: &[f32], expected: &[f64], tolerance: f64) {
    assert_eq!(found.len(), expected.len(), "{name}");
    let scale = expected.iter().fold(1e-3f64, |a, b| a.max(b.abs()));
    for (index, (&f, &e)) in found.iter().zip(expected).enumerate() {
        let error = (f64::from(f) - e).abs();
        assert!(error <= tolerance * scale, "{name}[{index}]: {f} where {e} is expected, scale {scale}");
    }
}

fn assert_gradients(found: &[Vec<f32>; 3], exact: &[Vec<f64>; 3]) {
    for ((name, found), exact) in ["affine", "latents", "weights"].into_iter().zip(found).zip(exact) {
        assert_close(name, found, exact, GRADIENT_TOLERANCE);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(200) })]

    #[test]
    fn forward_and_backward_match_f64(
        shape in shapes(), n in 1usize..6, seed: u64,
        p in prop_oneof![Just(1usize), 2usize..60, 200usize..300],
        tile in prop_oneof![Just(12usize), Just(60), Just(240)], instructions in instructions(),
    ) {
        let case = Case::new(shape, n, p, seed);
        let expected = Naive::new(&case, None);
        prop_assume!(expected.distance_from_kink(&case) > KINK);
        let decoder = FusedDecoder::new(case.shape.clone()).unwrap();
        let mut decoder = decoder.with_instructions(instructions).with_tile_rows(tile);
        let mut outputs = vec![0.0; n * p * case.shape.outputs];
        decoder.forward(&case.inputs(), &mut outputs).unwrap();
        for (found, expected) in outputs.iter().zip(&expected.outputs) {
            prop_assert!((f64::from(*found) - expected).abs() <= OUTPUT_TOLERANCE * expected.abs().max(1.0));
        }
        let derivatives: Vec<f32> = case.values.iter().map(|x| x - 0.3).collect();
        let exact = expected.backward(&case, &derivatives.iter().map(|&g| f64::from(g)).collect::<Vec<_>>());
        let mut found = case.gradient_buffers();
        let [affine, latents, weights] = &mut found;
        let gradients = Gradients { affine, latents, weights, log_sigma: None };
        decoder.backward(&case.inputs(), &derivatives, gradients).unwrap();
        assert_gradients(&found, &exact);
    }

    #[test]
    fn score_matches_f64(
        shape in shapes(), n in 1usize..6, p in 1usize..80, seed: u64, likelihood in likelihoods(),
        weighted: bool, kept in prop::option::of(0.0..1.0f64), instructions in instructions(),
    ) {
        let case = Case::new(shape, n, p, seed);
        let points = kept.map(|kept| case.some_points(1 + (kept * (p - 1) as f64) as usize));
        let sample_weight = weighted.then(|| (0..n).map(|i| 0.5 + i as f32).collect::<Vec<_>>());
        let expected = Naive::new(&case, points.as_deref());
        let (scores, derivatives) = expected.score(&case, likelihood, sample_weight.as_deref());
        prop_assume!(expected.distance_from_kink(&case) > KINK);
        let exact = expected.backward(&case, &derivatives);
        let mut decoder = FusedDecoder::new(case.shape.clone()).unwrap().with_instructions(instructions);
        let mut found = case.gradient_buffers();
        let mut found_scores = vec![0.0; n];
        let mut observations = Observations::new(likelihood, &case.values);
        observations.sample_weight = sample_weight.as_deref();
        observations.points = points.as_deref();
        let [affine, latents, weights] = &mut found;
        let gradients = Some(Gradients { affine, latents, weights, log_sigma: None });
        decoder.score(&case.inputs(), &observations, &mut found_scores, gradients).unwrap();
        for (found, expected) in found_scores.iter().zip(&scores) {
            prop_assert!((found - expected).abs() <= 1e-5 * expected.abs().max(p as f64));
        }
        assert_gradients(&found, &exact);
        let mut again = vec![0.0; n];
        decoder.score(&case.inputs(), &observations, &mut again, None).unwrap();
        prop_assert_eq!(again, found_scores);
    }
}

#[test]
fn naive_gradient_is_that_of_finite_differences() {
    for activation in Activation::ALL {
        let first = if activation == Activation::Sine { Activation::Sine } else { Activation::Tanh };
        let shape = DecoderShape::new(2, [5, 4, 3]).latents(2).outputs(2).first(first).activation(activation);
        let case = Case::new(shape, 2, 7, 11);
        let base = Naive::new(&case, None);
        let derivatives: Vec<f64> = case.values.iter().map(|&x| f64::from(x) - 0.3).collect();
        let [affine, latents, weights] = base.backward(&case, &derivatives);
        let value = |case: &Case| -> f64 {
            Naive::new(case, None).outputs.iter().zip(&derivatives).map(|(y, g)| y * g).sum()
        };
        let check = |name: &str, gradient: &[f64], part: fn(&mut Case) -> &mut Vec<f32>| {
            for (index, exact) in gradient.iter().enumerate() {
                let mut moved = [case.clone(), case.clone()];
                part(&mut moved[0])[index] -= 1e-5;
                part(&mut moved[1])[index] += 1e-5;
                let width = f64::from(part(&mut moved[1])[index]) - f64::from(part(&mut moved[0])[index]);
                let difference = (value(&moved[1]) - value(&moved[0])) / width;
                assert!(
                    (difference - exact).abs() < 1e-4,
                    "{activation:?} {name} {index}: {difference} {exact}"
                );
            }
        };
        check("affine", &affine, |case| &mut case.affine);
        check("latents", &latents, |case| &mut case.latents);
        check("weights", &weights, |case| &mut case.weights);
    }
}

#[test]
fn a_standard_deviation_for_every_value_scores_and_differentiates_as_in_f64() {
    for (n, p, outputs, count) in [(1, 1, 1, 1), (5, 37, 1, 37), (4, 90, 3, 90), (7, 60, 2, 23)] {
        for mean in [MeanLink::Sigmoid, MeanLink::Identity] {
            let shape = DecoderShape::new(2, [9, 20]).latents(2).outputs(outputs);
            let case = Case::new(shape, n, p, 17);
            let points = (count < p).then(|| case.some_points(count));
            let exact = Naive::new(&case, points.as_deref());
            let log_sigma: Vec<f32> = (0..p * outputs).map(|i| (i as f32 * 0.7).sin() - 0.5).collect();
            let sample_weight: Vec<f32> = (0..n).map(|i| 0.5 + i as f32).collect();
            let (mut scores, mut derivatives, mut to_log_sigma) =
                (vec![0.0; n], vec![], vec![0.0; p * outputs]);
            for (row, outputs_of_point) in exact.outputs.chunks(outputs).enumerate() {
                let (i, q) = (row / count, row % count);
                let point = points.as_ref().map_or(q, |points| points[i * count + q] as usize);
                for (o, &y) in outputs_of_point.iter().enumerate() {
                    let (x, log) = (
                        f64::from(case.values[(i * p + point) * outputs + o]),
                        log_sigma[point * outputs + o],
                    );
                    let (weight, sigma) = (f64::from(sample_weight[i]), 2.0 * f64::from(log).exp());
                    let sigmoid = 1.0 / (1.0 + (-y).exp());
                    let (m, dm) = match mean {
                        MeanLink::Sigmoid => (sigmoid, sigmoid * (1.0 - sigmoid)),
                        MeanLink::Identity => (y, 1.0),
                    };
                    let rest = (x - m) / sigma;
                    scores[i] -= 0.5 * rest * rest + sigma.ln() + 0.5 * (2.0 * std::f64::consts::PI).ln();
                    derivatives.push(weight * rest / sigma * dm);
                    to_log_sigma[point * outputs + o] += weight * (rest * rest - 1.0);
                }
            }
            let exact = exact.backward(&case, &derivatives);
            for instructions in Instructions::available() {
                let decoder = FusedDecoder::new(case.shape.clone()).unwrap();
                let mut decoder = decoder.with_instructions(instructions).with_tile_rows(24);
                let (mut found, mut found_scores) = (case.gradient_buffers(), vec![0.0; n]);
                let mut found_log_sigma = vec![f32::NAN; p * outputs];
                let mut observations =
                    Observations::new(Likelihood::Gaussian { sigma: 2.0, mean }, &case.values)
                        .sample_weight(&sample_weight)
                        .log_sigma(&log_sigma);
                observations.points = points.as_deref();
                let [affine, latents, weights] = &mut found;
                let gradients = Gradients { affine, latents, weights, log_sigma: Some(&mut found_log_sigma) };
                decoder.score(&case.inputs(), &observations, &mut found_scores, Some(gradients)).unwrap();
                for (found, expected) in found_scores.iter().zip(&scores) {
                    assert!((found - expected).abs() <= 1e-5 * expected.abs().max(p as f64));
                }
                for (found, expected) in found.iter().zip(&exact) {
                    assert_close("gradient", found, expected, GRADIENT_TOLERANCE);
                }
                assert_close("log sigma", &found_log_sigma, &to_log_sigma, GRADIENT_TOLERANCE);
                // Without gradients the scores are the same.
                let mut again = vec![0.0; n];
                decoder.score(&case.inputs(), &observations, &mut again, None).unwrap();
                assert_eq!(again, found_scores);
                observations.likelihood = Likelihood::Poisson;
                let error = decoder.score(&case.inputs(), &observations, &mut again, None).unwrap_err();
                assert_eq!(
                    error.to_string(),
                    "a standard deviation for every value needs a Gaussian likelihood"
                );
            }
        }
    }
}
