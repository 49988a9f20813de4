//! Weights, moments and gradient of a training in flat vectors, in the order in which the kernels read them.
//!
//! Encoder: matrix and bias of each hidden layer, then the matrices of mean, standard deviation and label,
//! then their biases, so that these are one layer. Decoder: the order of
//! [`DecoderShape`](adatom_kernel::DecoderShape). Then the trained logarithms of standard deviations, if the
//! likelihood has them.

use std::collections::BTreeMap;
use std::ops::Range;

use candle_core::{Tensor, Var};

use crate::error::Result;
use crate::net::parameters;
use crate::spec::{LOG_SIGMA, LOG_SIGMA_RATE, VaeConfig};
use crate::train::adam::{Adam, StepFactors};

/// All weights of a spatial model with what Adam needs.
#[derive(Debug)]
pub(crate) struct Flat {
    parts: Vec<FlatTensor>,
    /// End of the encoder's weights and start of the decoder's.
    encoder: usize,
    /// End of the decoder's weights.
    decoder: usize,
    pub(super) weights: Vec<f32>,
    pub(super) gradient: Vec<f32>,
    first: Vec<f32>,
    second: Vec<f32>,
}

/// A weight tensor in the flat vector.
#[derive(Debug)]
struct FlatTensor {
    name: String,
    range: Range<usize>,
}

/// The names of the weights in flat order.
fn order(config: &VaeConfig) -> Vec<String> {
    let pair = |name: String| [format!("{name}.weight"), format!("{name}.bias")];
    let mut names = Vec::new();
    for layer in 0..config.get_encoder_hidden().len() {
        names.extend(pair(format!("encoder.hidden.{layer}")));
    }
    for kind in ["weight", "bias"] {
        let outputs = ["mean", "sd"].into_iter().chain(config.label_head().map(|head| head.name));
        names.extend(outputs.map(|which| format!("encoder.{which}.{kind}")));
    }
    names.extend(pair("decoder.coordinates".into()));
    if config.decoder_inputs() > 0 {
        names.push("decoder.content.weight".into());
    }
    for layer in 0..config.get_decoder_hidden().len() {
        names.extend(pair(format!("decoder.hidden.{layer}")));
    }
    names.extend(pair("decoder.output".into()));
    if config.get_likelihood().trained_noise().is_some() {
        names.push(LOG_SIGMA.into());
    }
    names
}

impl Flat {
    /// The weights and moments of a training of the spatial model `config`.
    pub(super) fn new(config: &VaeConfig, weights: &BTreeMap<String, Var>, adam: &Adam) -> Result<Self> {
        let lengths: BTreeMap<String, usize> =
            parameters(config).into_iter().map(|p| (p.name, p.shape.iter().product())).collect();
        let (mut parts, mut end, mut encoder, mut decoder) = (Vec::new(), 0, 0, 0);
        for name in order(config) {
            let start = end;
            end += lengths[&name];
            if name.starts_with("encoder") {
                encoder = end;
            }
            if name != LOG_SIGMA {
                decoder = end;
            }
            parts.push(FlatTensor { name, range: start..end });
        }
        debug_assert_eq!(parts.len(), lengths.len(), "every weight has a range");
        let gather = |tensor: &dyn Fn(&str) -> Tensor| -> Result<Vec<f32>> {
            let mut flat = Vec::with_capacity(end);
            for part in &parts {
                flat.extend(tensor(&part.name).flatten_all()?.to_vec1::<f32>()?);
            }
            Ok(flat)
        };
        Ok(Self {
            weights: gather(&|name| weights[name].as_detached_tensor())?,
            first: gather(&|name| adam.first[name].clone())?,
            second: gather(&|name| adam.second[name].clone())?,
            gradient: vec![0.0; end],
            encoder,
            decoder,
            parts,
        })
    }

    /// The ranges of the encoder's weights, the decoder's, and the logarithms of standard deviations.
    pub(super) fn ranges(&self) -> [Range<usize>; 3] {
        [0..self.encoder, self.encoder..self.decoder, self.decoder..self.weights.len()]
    }

    /// Name and gradient of every weight.
    #[cfg(test)]
    pub(super) fn gradients(&self) -> impl Iterator<Item = (&str, &[f32])> {
        self.parts.iter().map(|part| (part.name.as_str(), &self.gradient[part.range.clone()]))
    }

    /// Resets all moments.
    pub(super) fn reset_moments(&mut self) {
        self.first.fill(0.0);
        self.second.fill(0.0);
    }

    /// One step of Adam on all weights.
    pub(super) fn step(&mut self, factors: &StepFactors) {
        let at = self.decoder;
        let (weights, noise) = self.weights.split_at_mut(at);
        let [(first, noise_first), (second, noise_second)] =
            [&mut self.first, &mut self.second].map(|moments| moments.split_at_mut(at));
        factors.flat(&self.gradient[..at], weights, [first, second]);
        factors.times(LOG_SIGMA_RATE).flat(&self.gradient[at..], noise, [noise_first, noise_second]);
    }

    /// Copies weights and moments to the tensors of the same names.
    pub(super) fn write_back(&self, weights: &BTreeMap<String, Var>, adam: &mut Adam) -> Result<()> {
        for FlatTensor { name, range } in &self.parts {
            let weight = &weights[name];
            let tensor =
                |flat: &[f32]| Tensor::from_slice(&flat[range.clone()], weight.shape(), weight.device());
            weight.set(&tensor(&self.weights)?)?;
            adam.first.insert(name.clone(), tensor(&self.first)?);
            adam.second.insert(name.clone(), tensor(&self.second)?);
        }
        Ok(())
    }
}
