//! Name, shape and fan-in of every weight of a model, for initialisation, checkpoints and layers.

use std::collections::BTreeMap;
use std::f32::consts::PI;

use candle_core::{DType, Device, Tensor};
use rand::RngExt;

use crate::error::Result;
use crate::net::convolution::planes;
use crate::random::{Purpose, normals, stream};
use crate::spec::{FirstLayer, INITIAL_SIGMA, LOG_SIGMA, TrainedNoise, VaeConfig};

/// One weight tensor.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Parameter {
    pub(crate) name: String,
    pub(crate) shape: Vec<usize>,
    /// Inputs of the layer; initial values are uniform in ±1/√fan_in.
    pub(crate) fan_in: usize,
}

/// All weights of a model, in the order of their names.
pub(crate) fn parameters(config: &VaeConfig) -> Vec<Parameter> {
    let mut all = Vec::new();
    let mut linear = |name: &str, inputs: usize, outputs: usize, bias: bool| {
        all.push(Parameter {
            name: format!("{name}.weight"),
            shape: vec![outputs, inputs],
            fan_in: inputs.max(1),
        });
        if bias {
            all.push(Parameter { name: format!("{name}.bias"), shape: vec![outputs], fan_in: inputs.max(1) });
        }
    };
    let (values, channels) = (config.sample_shape().len(), config.sample_shape().channels());
    let convolutions = planes(config).unwrap_or_default();
    let mut width = config.encoder_inputs();
    let widths = if convolutions.is_empty() { config.get_encoder_hidden() } else { &[] };
    for (layer, &next) in widths.iter().enumerate() {
        linear(&format!("encoder.hidden.{layer}"), width, next, true);
        width = next;
    }
    linear("encoder.mean", width, config.mean_outputs(), true);
    linear("encoder.sd", width, config.latents(), true);
    if let Some(head) = config.label_head() {
        linear(&format!("encoder.{}", head.name), width, head.outputs, true);
    }

    let hidden = config.get_decoder_hidden();
    let mut width = config.decoder_inputs();
    if config.is_spatial() {
        linear("decoder.coordinates", config.sample_shape().dimensions(), hidden[0], true);
        if config.decoder_inputs() > 0 {
            linear("decoder.content", config.decoder_inputs(), hidden[0], false);
        }
        width = hidden[0];
    }
    for (layer, &next) in hidden.iter().enumerate() {
        linear(&format!("decoder.hidden.{layer}"), width, next, true);
        width = next;
    }
    linear("decoder.output", width, if config.is_spatial() { channels } else { values }, true);
    for (layer, pair) in convolutions.windows(2).enumerate() {
        let (name, kernel) = (format!("encoder.convolution.{layer}"), pair[0].kernel(pair[1].channels));
        let fan_in = kernel[1..].iter().product();
        all.push(Parameter { name: format!("{name}.weight"), shape: kernel.to_vec(), fan_in });
        all.push(Parameter { name: format!("{name}.bias"), shape: vec![kernel[0]], fan_in });
    }
    if let Some(noise) = config.get_likelihood().trained_noise() {
        let shape = match noise {
            TrainedNoise::Channel => vec![channels],
            TrainedNoise::Pixel => vec![values / channels, channels],
        };
        all.push(Parameter { name: LOG_SIGMA.into(), shape, fan_in: 1 });
    }
    all.sort_by(|a, b| a.name.cmp(&b.name));
    all
}

/// Initial weights, uniform in ±1/√fan_in, from `seed`; for Fourier features see
/// [`VaeConfig::fourier_features`].
pub(crate) fn initial_weights(
    config: &VaeConfig,
    seed: u64,
    device: &Device,
) -> Result<BTreeMap<String, Tensor>> {
    let mut random = stream(seed, Purpose::Weights);
    parameters(config)
        .into_iter()
        .map(|parameter| {
            let count = parameter.shape.iter().product();
            let usual = 1.0 / (parameter.fan_in as f32).sqrt();
            let mut uniform =
                |bound: f32| (0..count).map(|_| (random.random::<f32>() * 2.0 - 1.0) * bound).collect();
            let values: Vec<f32> = match (parameter.name.as_str(), config.get_first_layer()) {
                ("decoder.coordinates.weight", FirstLayer::Tanh { frequency }) => {
                    uniform(frequency as f32 * usual)
                }
                // The window spans 2 units: a wave of k periods across it has the wavenumber π k.
                ("decoder.coordinates.weight", FirstLayer::Fourier { periods }) => {
                    normals(&mut random, count).into_iter().map(|value| PI * periods as f32 * value).collect()
                }
                ("decoder.coordinates.bias", FirstLayer::Fourier { .. }) => uniform(PI),
                (LOG_SIGMA, _) => vec![INITIAL_SIGMA.ln(); count],
                _ => uniform(usual),
            };
            let tensor = Tensor::from_vec(values, parameter.shape, device)?.to_dtype(DType::F32)?;
            Ok((parameter.name, tensor))
        })
        .collect()
}
