//! The fused decoder alone, on a batch of the size of a training step.

use adatom_kernel::{
    Activation, DecoderShape, Error, FusedDecoder, Gradients, Inputs, Likelihood, Observations,
};
use adatom_vae::{FirstLayer, VaeConfig};

/// A decoder of tanh layers with a Bernoulli likelihood, its inputs, and room for what it gives.
pub struct KernelStep {
    decoder: FusedDecoder,
    grid: Vec<f32>,
    values: Vec<f32>,
    scores: Vec<f64>,
    /// Coordinate changes, content, weights.
    inputs: [Vec<f32>; 3],
    gradients: [Vec<f32>; 3],
}

impl KernelStep {
    /// Numbers drawn once; the time does not depend on them.
    ///
    /// # Errors
    /// Those of [`FusedDecoder::new`].
    pub fn new(config: &VaeConfig, samples: usize) -> Result<Self, Error> {
        let mut hidden = config.get_decoder_hidden().to_vec();
        hidden.insert(0, hidden[0]);
        let (points, d) = (config.sample_shape().len(), config.sample_shape().dimensions());
        let first = match config.get_first_layer() {
            FirstLayer::Fourier { .. } => Activation::Sine,
            _ => Activation::Tanh,
        };
        let shape = DecoderShape::new(d, hidden).latents(config.get_latent_dim()).first(first);
        let mut state = 1u64;
        let mut draw = |count: usize, scale: f32| -> Vec<f32> {
            let mut next = || {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                (state >> 40) as f32 / (1u64 << 23) as f32 - 1.0
            };
            (0..count).map(|_| scale * next()).collect()
        };
        let mut changes = draw(samples * shape.affine_len(), 0.1);
        for change in changes.chunks_exact_mut(shape.affine_len()) {
            // Shifts alone: the matrix is that of no change.
            (0..d * d).for_each(|entry| change[entry] = if entry % (d + 1) == 0 { 1.0 } else { 0.0 });
        }
        let inputs = [changes, draw(samples * shape.latents, 1.0), draw(shape.weights_len(), 0.1)];
        Ok(Self {
            grid: draw(points * d, 1.0),
            values: draw(samples * points, 0.5).iter().map(|value| value + 0.5).collect(),
            scores: vec![0.0; samples],
            gradients: inputs.clone(),
            inputs,
            decoder: FusedDecoder::new(shape)?,
        })
    }

    /// Log-likelihoods and all gradients.
    ///
    /// # Errors
    /// Those of [`FusedDecoder::score`].
    pub fn run(&mut self) -> Result<(), Error> {
        let [affine, latents, weights] = &self.inputs;
        let inputs = Inputs { grid: &self.grid, affine, latents, weights };
        let observations = Observations::new(Likelihood::Bernoulli, &self.values);
        let [affine, latents, weights] = &mut self.gradients;
        let gradients = Gradients { affine, latents, weights, log_sigma: None };
        self.decoder.score(&inputs, &observations, &mut self.scores, Some(gradients))
    }
}
