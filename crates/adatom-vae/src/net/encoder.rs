//! q(z | x): flattened sample → hidden layers or convolutions → mean, and standard deviation through softplus. The mean of an angle on the
//! circle, or of a phase of a lattice, is that of a direction.

use candle_core::{Result, Tensor};
use candle_nn::{Linear, Module, VarBuilder, linear};

use crate::net::convolution::{Convolutions, planes};
use crate::spec::{Activation, Directions, VaeConfig, softplus};

/// Below this a standard deviation is no longer told from 0 in single precision and ln σ would be -∞.
pub(crate) const SMALLEST_SD: f64 = 1e-30;

#[derive(Debug, Clone)]
pub(crate) struct Encoder {
    /// In place of the hidden layers.
    convolutions: Option<Convolutions>,
    hidden: Vec<Linear>,
    mean: Linear,
    sd: Linear,
    /// What the encoder says of a class or a number, where the model has one.
    head: Option<Linear>,
    activation: Activation,
    directions: Directions,
}

/// What the encoder gives.
#[derive(Debug, Clone)]
pub(crate) struct Encoded {
    /// The layer of means `[n, latents]`, with two columns for an angle on the circle and a phase of a lattice.
    pub(crate) heads: Tensor,
    /// Standard deviations `[n, latents]`.
    pub(crate) sd: Tensor,
    /// Of a class or a number `[n, outputs]`.
    pub(crate) head: Option<Tensor>,
}

impl Encoder {
    pub(crate) fn new(config: &VaeConfig, vb: VarBuilder<'_>) -> Result<Self> {
        let mut width = config.encoder_inputs();
        let convolutions = Convolutions::new(config, &vb)?;
        let widths = if convolutions.is_some() { &[] } else { config.get_encoder_hidden() };
        let mut hidden = Vec::new();
        for (layer, &next) in widths.iter().enumerate() {
            hidden.push(linear(width, next, vb.pp("hidden").pp(layer))?);
            width = next;
        }
        Ok(Self {
            convolutions,
            hidden,
            mean: linear(width, config.mean_outputs(), vb.pp("mean"))?,
            sd: linear(width, config.latents(), vb.pp("sd"))?,
            head: config
                .encoder_head()
                .map(|(name, outputs)| linear(width, outputs, vb.pp(name)))
                .transpose()?,
            activation: config.get_activation(),
            directions: config.directions(),
        })
    }

    /// Means `[n, latents]` out of the layer of means.
    pub(crate) fn means(&self, raw: &Tensor) -> Result<Tensor> {
        self.directions.means_of(raw)
    }

    /// What the encoder says of the samples `x` `[n, points]`, told `side` `[n, width]`.
    pub(crate) fn forward(&self, x: &Tensor, side: Option<&Tensor>) -> Result<Encoded> {
        let mut h = match &self.convolutions {
            Some(convolutions) => convolutions.forward(x)?,
            None => x.clone(),
        };
        if let Some(side) = side {
            h = Tensor::cat(&[&h, side], 1)?;
        }
        for layer in &self.hidden {
            h = self.activation.apply(&layer.forward(&h)?)?;
        }
        let sd = softplus(&self.sd.forward(&h)?)?.maximum(SMALLEST_SD)?;
        let head = self.head.as_ref().map(|head| head.forward(&h)).transpose()?;
        Ok(Encoded { heads: self.mean.forward(&h)?, sd, head })
    }
}

impl VaeConfig {
    /// Numbers that enter the encoder's first linear layer: the sample or what convolutions leave of it, and, in a conditional
    /// model, what is known of it.
    pub(crate) fn encoder_inputs(&self) -> usize {
        let sample = match planes(self) {
            Some(planes) => planes[planes.len() - 1].len(),
            None => self.sample_shape().len(),
        };
        sample + self.told_to_encoder()
    }
}
