//! The fused kernel against the composition of tensor operations, in single and in double precision.

use std::collections::BTreeMap;

use adatom_core::SampleShape;
use candle_core::{DType, Device, Tensor, Var};
use candle_nn::VarBuilder;
use proptest::prelude::*;

use crate::model::ShiftVae;
use crate::net::{Grid, SpatialDecoder, coordinate_change};
use crate::random::{Purpose, normals, stream};
use crate::spec::{Activation, Invariance, LatentLayout, Likelihood, OutputLink, VaeConfig};

/// Outputs are of order one and sums of a few dozen products.
const OUTPUT_TOLERANCE: f64 = 1e-5;
/// Relative to the largest component of the same tensor.
const GRADIENT_TOLERANCE: f64 = 1e-4;
/// Gradients are sums over pixels; what cancels below this part of a sum of terms of order one is rounding.
const CANCELLED: f64 = 1e-3;
/// Rounding error of the argument of a rectifier: nearer to its kink the derivative has either of two values.
const KINK: f64 = 3e-6;

/// Weights of the samples in the loss that is differentiated.
#[derive(Debug, Clone, Copy)]
enum SampleWeights {
    Uniform(f64),
    Different,
}

fn configs() -> impl Strategy<Value = VaeConfig> {
    let shape = prop_oneof![
        (1usize..=9, 1usize..=9).prop_map(|(height, width)| SampleShape::Image { height, width }),
        (1usize..=60).prop_map(|points| SampleShape::Signal { points }),
    ];
    let hidden = prop::collection::vec(1usize..=33, 1..=3);
    let likelihood = prop_oneof![
        Just((Likelihood::Bernoulli, OutputLink::Sigmoid)),
        Just((Likelihood::ContinuousBernoulli, OutputLink::Sigmoid)),
        Just((Likelihood::gaussian(), OutputLink::Sigmoid)),
        Just((Likelihood::Gaussian { sigma: 0.8 }, OutputLink::Identity)),
        Just((Likelihood::GaussianPerPixel, OutputLink::Sigmoid)),
        Just((Likelihood::Poisson, OutputLink::Exponential)),
    ];
    let activation = prop::sample::select(vec![
        Activation::Tanh,
        Activation::Relu,
        Activation::LeakyRelu,
        Activation::Softplus,
        Activation::Gelu,
    ]);
    (shape, 0usize..=3, hidden, 1usize..8, (activation, any::<bool>(), 0usize..4), likelihood).prop_map(
        |(shape, content, hidden, invariances, (activation, fourier, channels), (likelihood, link))| {
            let all = [Invariance::Rotation, Invariance::Shift, Invariance::Scale];
            let chosen = match shape {
                SampleShape::Signal { .. } => vec![Invariance::Shift],
                _ => (0..3).filter(|bit| invariances >> bit & 1 == 1).map(|bit| all[bit]).collect(),
            };
            let config = VaeConfig::new(if channels > 0 { shape.with_channels(channels) } else { shape });
            let config = if fourier { config.fourier_features(1.0) } else { config };
            config
                .latent_dim(content)
                .invariances(chosen)
                .hidden(hidden)
                .shift_prior(0.3)
                .activation(activation)
                .likelihood(likelihood)
                .output(link)
        },
    )
}

/// One model in both precisions with the same numbers in its weights, and a batch.
struct Case {
    config: VaeConfig,
    weights: BTreeMap<String, Tensor>,
    x: Tensor,
    latents: Tensor,
}

impl Case {
    fn new(config: VaeConfig, n: usize, seed: u64) -> Self {
        let vae = ShiftVae::init(config.clone(), seed, &Device::Cpu).unwrap();
        let mut random = stream(seed, Purpose::Noise(0));
        let points = config.sample_shape().len();
        let values = normals(&mut random, n * points).into_iter().map(|value| 1.0 / (1.0 + value.exp()));
        let x = Tensor::from_vec(values.collect(), (n, points), &Device::Cpu).unwrap();
        let latents = normals(&mut random, n * config.latents());
        let latents = Tensor::from_vec(latents, (n, config.latents()), &Device::Cpu).unwrap();
        Self { weights: vae.weights().clone(), config, x, latents }
    }

    /// The weights as variables, those of the latents under the name `latents`, and their model.
    fn model(&self, dtype: DType) -> (BTreeMap<String, Var>, ShiftVae) {
        let mut variables: BTreeMap<String, Var> = BTreeMap::new();
        for (name, tensor) in &self.weights {
            variables.insert(name.clone(), Var::from_tensor(&tensor.to_dtype(dtype).unwrap()).unwrap());
        }
        let tracked = variables.iter().map(|(name, var)| (name.clone(), var.as_tensor().clone())).collect();
        let vae = ShiftVae::from_weights(self.config.clone(), tracked).unwrap();
        let latents = Var::from_tensor(&self.latents.to_dtype(dtype).unwrap()).unwrap();
        variables.insert("latents".into(), latents);
        (variables, vae)
    }

    fn decoder(&self, dtype: DType) -> SpatialDecoder {
        let tensors =
            self.weights.iter().map(|(name, tensor)| (name.clone(), tensor.to_dtype(dtype).unwrap()));
        let vb = VarBuilder::from_tensors(tensors.collect(), dtype, &Device::Cpu);
        SpatialDecoder::new(&self.config, vb.pp("decoder")).unwrap()
    }

    /// Content, coordinate changes and grid.
    fn inputs(&self, decoder: &SpatialDecoder, dtype: DType) -> (Tensor, Tensor, Grid) {
        let latents = self.latents.to_dtype(dtype).unwrap();
        let range = LatentLayout::new(&self.config).content;
        let content = latents.narrow(1, range.start, range.len()).unwrap().contiguous().unwrap();
        let change = coordinate_change(&self.config, &latents).unwrap();
        (content, change, decoder.grid(self.config.sample_shape()).unwrap())
    }

    /// Smallest distance of a rectifier's argument from its kink; infinite for smooth functions.
    fn distance_from_kink(&self) -> f64 {
        if !matches!(self.config.get_activation(), Activation::Relu | Activation::LeakyRelu) {
            return f64::INFINITY;
        }
        let decoder = self.decoder(DType::F64);
        let (content, change, grid) = self.inputs(&decoder, DType::F64);
        decoder.distance_from_kink(&content, &change, &grid).unwrap()
    }
}

fn values(tensor: &Tensor) -> Vec<f64> {
    tensor.to_dtype(DType::F64).unwrap().flatten_all().unwrap().to_vec1().unwrap()
}

fn assert_near(what: &str, found: &Tensor, expected: &Tensor, tolerance: f64) {
    assert_eq!(found.dims(), expected.dims(), "{what}");
    for (index, (found, expected)) in values(found).into_iter().zip(values(expected)).enumerate() {
        let error = (found - expected).abs();
        assert!(
            error <= tolerance * expected.abs().max(1.0),
            "{what}[{index}]: {found} where {expected} is expected"
        );
    }
}

/// Gradients of every weight of the decoder and of the latents, in both precisions, of what `loss` makes of
/// them.
fn assert_same_gradients(case: &Case, loss: impl Fn(&ShiftVae, &Tensor, DType) -> Tensor) {
    let (single, fused) = case.model(DType::F32);
    let (double, exact) = case.model(DType::F64);
    let found = loss(&fused, single["latents"].as_tensor(), DType::F32).backward().unwrap();
    let expected = loss(&exact, double["latents"].as_tensor(), DType::F64).backward().unwrap();
    let floor = CANCELLED * case.x.elem_count() as f64;
    for (name, var) in double.iter().filter(|(name, _)| !name.starts_with("encoder")) {
        let Some(expected) = expected.get(var).map(values) else {
            assert!(found.get(&single[name]).is_none_or(|g| values(g).iter().all(|&g| g == 0.0)), "{name}");
            continue;
        };
        let found = values(found.get(&single[name]).expect("a gradient where the composition has one"));
        let scale = expected.iter().fold(floor, |a, b| a.max(b.abs()));
        for (index, (found, expected)) in found.iter().zip(&expected).enumerate() {
            assert!(
                (found - expected).abs() <= GRADIENT_TOLERANCE * scale,
                "{name}[{index}]: {found} where {expected} is expected, scale {scale}"
            );
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(100) })]

    #[test]
    fn fused_outputs_and_their_gradients_are_those_of_the_composition(
        config in configs(), n in 1usize..6, seed: u64,
    ) {
        let case = Case::new(config, n, seed);
        prop_assume!(case.distance_from_kink() > KINK);
        let decoder = case.decoder(DType::F32);
        prop_assert!(decoder.is_fused());
        let (content, change, grid) = case.inputs(&decoder, DType::F32);
        let fused = decoder.forward(&content, &change, &grid).unwrap();
        let composed = decoder.clone().composed().forward(&content, &change, &grid).unwrap();
        assert_near("single precision", &fused, &composed, OUTPUT_TOLERANCE);

        let decoder = case.decoder(DType::F64);
        prop_assert!(!decoder.is_fused());
        let (content, change, grid) = case.inputs(&decoder, DType::F64);
        assert_near("output", &fused, &decoder.forward(&content, &change, &grid).unwrap(), OUTPUT_TOLERANCE);

        // Values of both signs, so that the upstream gradients differ from pixel to pixel.
        let upstream = (&case.x - 0.4).unwrap();
        assert_same_gradients(&case, |vae, latents, dtype| {
            let decoded = vae.decode_tensor(latents).unwrap().reshape(upstream.dims()).unwrap();
            (decoded * upstream.to_dtype(dtype).unwrap()).unwrap().sum_all().unwrap()
        });
    }

    #[test]
    fn fused_scores_and_their_gradients_are_those_of_the_composition(
        config in configs(), n in 1usize..6, seed: u64,
        sample_weights in prop_oneof![
            Just(SampleWeights::Uniform(1.0)),
            Just(SampleWeights::Uniform(-0.3)),
            Just(SampleWeights::Different),
        ],
    ) {
        let case = Case::new(config, n, seed);
        prop_assume!(case.distance_from_kink() > KINK);
        let score = |dtype| {
            let (variables, vae) = case.model(dtype);
            let x = case.x.to_dtype(dtype).unwrap();
            vae.log_likelihood_tensor(&x, variables["latents"].as_tensor()).unwrap()
        };
        let per_point = 1.0 / case.x.dim(1).unwrap() as f64;
        let (found, expected) =
            ((score(DType::F32) * per_point).unwrap(), (score(DType::F64) * per_point).unwrap());
        assert_near("log-likelihood per point", &found, &expected, OUTPUT_TOLERANCE);

        let weights = (0..n).map(|sample| match sample_weights {
            SampleWeights::Uniform(weight) => weight,
            SampleWeights::Different => 0.5 - 0.75 * sample as f64,
        });
        let weights = Tensor::from_vec(weights.collect::<Vec<_>>(), n, &Device::Cpu).unwrap();
        assert_same_gradients(&case, |vae, latents, dtype| {
            let score = vae.log_likelihood_tensor(&case.x.to_dtype(dtype).unwrap(), latents).unwrap();
            (score * weights.to_dtype(dtype).unwrap()).unwrap().sum_all().unwrap()
        });
    }
}
