//! The same bytes for every number of threads, and subsets of points that equal smaller grids.

#![allow(clippy::unwrap_used)]

use adatom_kernel::{
    Activation, DecoderShape, Error, FusedDecoder, Gradients, Likelihood, MeanLink, Observations,
};

mod naive;
use naive::Case;

fn shape(dimensions: usize, activation: Activation) -> DecoderShape {
    DecoderShape::new(dimensions, [37, 64, 20]).latents(3).outputs(2).activation(activation)
}

type Bits = (Vec<u64>, Vec<Vec<u32>>);

/// Bits of everything a step yields.
fn step(decoder: &mut FusedDecoder, case: &Case, points: Option<&[u32]>) -> Bits {
    let mut scores = vec![0.0; case.n];
    let mut found = case.gradient_buffers();
    let [affine, latents, weights] = &mut found;
    let mut observations = Observations::new(Likelihood::Bernoulli, &case.values);
    observations.points = points;
    let gradients = Some(Gradients { affine, latents, weights, log_sigma: None });
    decoder.score(&case.inputs(), &observations, &mut scores, gradients).unwrap();
    let bits = |values: &Vec<f32>| values.iter().map(|x| x.to_bits()).collect();
    (scores.iter().map(|x| x.to_bits()).collect(), found.iter().map(bits).collect())
}

#[test]
fn the_same_bytes_for_every_number_of_threads() {
    for (n, p) in [(1, 300), (3, 784), (100, 50), (45, 1)] {
        for (first, activation) in
            [(Activation::Tanh, Activation::Tanh), (Activation::Sine, Activation::Gelu)]
        {
            let case = Case::new(shape(2, activation).first(first), n, p, 5);
            let mut results = vec![];
            for threads in [1, 2, 4] {
                let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
                let mut decoder = FusedDecoder::new(case.shape.clone()).unwrap();
                // The second step meets buffers that the first has left dirty.
                results.push(pool.install(|| step(&mut decoder, &case, None)));
                results.push(pool.install(|| step(&mut decoder, &case, None)));
                let mut outputs = vec![0.0; n * p * 2];
                pool.install(|| decoder.forward(&case.inputs(), &mut outputs)).unwrap();
                let other = vec![outputs.iter().map(|x| x.to_bits()).collect()];
                results.last_mut().unwrap().1.extend(other.clone());
                let first = results.len() - 2;
                results[first].1.extend(other);
            }
            for result in &results[1..] {
                assert!(*result == results[0], "n {n}, p {p}, {activation:?}");
            }
        }
    }
}

#[test]
fn a_subset_of_pixels_scores_as_a_grid_of_these_pixels() {
    for d in [1, 2] {
        let case = Case::new(shape(d, Activation::Softplus), 4, 50, 9);
        let points: Vec<u32> = case.some_points(17);
        // One sample at a time, as each has its own points.
        for i in 0..case.n {
            let chosen = &points[i * 17..][..17];
            let l = case.shape.latents;
            let single = |grid: Vec<f32>, values: Vec<f32>| Case {
                n: 1,
                p: values.len() / 2,
                grid,
                affine: case.affine[i * case.shape.affine_len()..][..case.shape.affine_len()].to_vec(),
                latents: case.latents[i * l..][..l].to_vec(),
                values,
                ..case.clone()
            };
            let values = &case.values[i * 100..][..100];
            let whole = single(case.grid.clone(), values.to_vec());
            let at = |q: &u32| *q as usize;
            let few = single(
                chosen.iter().flat_map(|q| case.grid[at(q) * d..][..d].to_vec()).collect(),
                chosen.iter().flat_map(|q| values[at(q) * 2..][..2].to_vec()).collect(),
            );
            let mut decoder = FusedDecoder::new(case.shape.clone()).unwrap();
            assert!(step(&mut decoder, &whole, Some(chosen)) == step(&mut decoder, &few, None));
        }
        let scores =
            |points: Option<&[u32]>| step(&mut FusedDecoder::new(case.shape.clone()).unwrap(), &case, points);
        let all: Vec<u32> = (0..case.n).flat_map(|_| 0..50).collect();
        assert!(scores(Some(&all)) == scores(None));
    }
}

#[test]
fn a_nan_leaves_nothing_behind() {
    let case = Case::new(shape(2, Activation::Relu), 5, 100, 3);
    let mut decoder = FusedDecoder::new(case.shape.clone()).unwrap();
    let clean = step(&mut decoder, &case, None);
    let mut broken = case.clone();
    broken.weights.fill(f32::NAN);
    let nan = step(&mut decoder, &broken, None);
    assert!(nan.0.iter().all(|&score| f64::from_bits(score).is_nan()));
    assert!(step(&mut decoder, &case, None) == clean);
}

#[test]
fn empty_batches_and_subsets_give_zeros() {
    let case = Case::new(shape(1, Activation::Tanh), 2, 6, 3);
    let mut decoder = FusedDecoder::new(case.shape.clone()).unwrap();
    let (scores, gradients) = step(&mut decoder, &case, Some(&[]));
    assert!(scores.iter().all(|&x| x == 0) && gradients.iter().flatten().all(|&x| x == 0));
    let none = Case { n: 0, affine: vec![], latents: vec![], values: vec![], ..case };
    let (scores, gradients) = step(&mut decoder, &none, None);
    assert!(scores.is_empty() && gradients[2].iter().all(|&x| x == 0));
}

#[test]
fn what_does_not_fit_is_refused() {
    let good = shape(2, Activation::Tanh);
    let error = |shape: DecoderShape| FusedDecoder::new(shape).unwrap_err().to_string();
    assert_eq!(error(shape(3, Activation::Tanh)), "a decoder has 1 or 2 coordinate dimensions, not 3");
    assert_eq!(error(DecoderShape::new(2, [])), "layer 0 has no units");
    assert_eq!(error(DecoderShape::new(2, [4, 0])), "layer 1 has no units");
    assert_eq!(error(good.clone().outputs(0)), "layer 3 has no units");

    let case = Case::new(good, 2, 6, 3);
    let mut decoder = FusedDecoder::new(case.shape.clone()).unwrap();
    let mut score = |likelihood, points: Option<&[u32]>, values: &[f32]| {
        let mut observations = Observations::new(likelihood, values);
        observations.points = points;
        decoder.score(&case.inputs(), &observations, &mut [0.0; 2], None)
    };
    assert_eq!(
        score(Likelihood::Bernoulli, Some(&[0, 6]), &case.values),
        Err(Error::Point { found: 6, points: 6 })
    );
    assert_eq!(
        score(Likelihood::Bernoulli, Some(&[0, 1, 2]), &case.values),
        Err(Error::Length { slice: "point indices", expected: 2, found: 3 })
    );
    assert_eq!(
        score(Likelihood::Bernoulli, None, &[]),
        Err(Error::Length { slice: "values", expected: 24, found: 0 })
    );
    let narrow = Likelihood::Gaussian { sigma: 0.0, mean: MeanLink::Identity };
    assert_eq!(score(narrow, None, &case.values), Err(Error::Sigma { found: 0.0 }));
}
