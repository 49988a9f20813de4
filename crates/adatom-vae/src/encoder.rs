//! q(z | x): flattened sample → hidden layers → mean, and standard deviation through softplus.

use candle_core::{Result, Tensor};
use candle_nn::{Linear, Module, VarBuilder, linear};

use crate::activation::softplus;
use crate::{Activation, VaeConfig};

/// Below this a standard deviation is no longer told from 0 in single precision and ln σ would be -∞.
pub(crate) const SMALLEST_SD: f64 = 1e-30;

#[derive(Debug, Clone)]
pub(crate) struct Encoder {
    hidden: Vec<Linear>,
    mean: Linear,
    sd: Linear,
    /// What the encoder says of a class or a number, where the model has one.
    head: Option<Linear>,
    activation: Activation,
}

impl Encoder {
    pub(crate) fn new(config: &VaeConfig, vb: VarBuilder<'_>) -> Result<Self> {
        let mut width = config.encoder_inputs();
        let mut hidden = Vec::new();
        for (layer, &next) in config.encoder_widths().iter().enumerate() {
            hidden.push(linear(width, next, vb.pp("hidden").pp(layer))?);
            width = next;
        }
        Ok(Self {
            hidden,
            mean: linear(width, config.latents(), vb.pp("mean"))?,
            sd: linear(width, config.latents(), vb.pp("sd"))?,
            head: config
                .encoder_head()
                .map(|(name, outputs)| linear(width, outputs, vb.pp(name)))
                .transpose()?,
            activation: config.hidden_activation(),
        })
    }

    /// Mean and standard deviation, both `[n, latents]`, and the outputs of the further head `[n, outputs]`, of the samples
    /// `x` `[n, points]`.
    pub(crate) fn forward(&self, x: &Tensor) -> Result<(Tensor, Tensor, Option<Tensor>)> {
        let mut h = x.clone();
        for layer in &self.hidden {
            h = self.activation.apply(&layer.forward(&h)?)?;
        }
        let sd = softplus(&self.sd.forward(&h)?)?.maximum(SMALLEST_SD)?;
        Ok((self.mean.forward(&h)?, sd, self.head.as_ref().map(|head| head.forward(&h)).transpose()?))
    }
}
