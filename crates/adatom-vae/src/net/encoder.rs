//! q(z | x): flattened sample → hidden layers or convolutions → mean, and standard deviation through
//! softplus. The mean of a latent on a circle is the angle of a direction.

use candle_core::{Result, Tensor};
use candle_nn::{Linear, Module, VarBuilder, linear};

use super::convolution::{Convolutions, planes};
use crate::spec::{Activation, Differentiated, Directions, VaeConfig, softplus};

/// The smallest standard deviation: below it ln σ would be -∞ in single precision.
pub(crate) const SMALLEST_SD: f64 = 1e-30;

/// The standard deviation ln(1 + eˣ) from the raw output x of the encoder, at least [`SMALLEST_SD`].
pub(crate) fn standard_deviation(raw: f32) -> Differentiated {
    let adatom_kernel::Softplus { value, derivative, .. } = adatom_kernel::softplus(f64::from(raw));
    if value < SMALLEST_SD {
        return Differentiated { value: SMALLEST_SD, derivative: 0.0 };
    }
    Differentiated { value, derivative }
}

/// As [`standard_deviation`], of every element of a tensor.
pub(crate) fn standard_deviations(raw: &Tensor) -> Result<Tensor> {
    softplus(raw)?.maximum(SMALLEST_SD)
}

#[derive(Debug, Clone)]
pub(crate) struct Encoder {
    /// In place of the hidden layers.
    convolutions: Option<Convolutions>,
    hidden: Vec<Linear>,
    mean: Linear,
    sd: Linear,
    /// Of a class or a target.
    label: Option<Linear>,
    activation: Activation,
    directions: Directions,
}

/// The outputs of an encoder.
#[derive(Debug, Clone)]
pub(crate) struct Encoded {
    /// The layer of means `[n, latents]`, with two columns for a latent on a circle.
    pub(crate) mean_outputs: Tensor,
    /// Standard deviations `[n, latents]`.
    pub(crate) sd: Tensor,
    /// Of a class or a target, `[n, outputs]`.
    pub(crate) label_outputs: Option<Tensor>,
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
        let label = config.label_head().map(|head| linear(width, head.outputs, vb.pp(head.name)));
        Ok(Self {
            convolutions,
            hidden,
            mean: linear(width, config.mean_outputs(), vb.pp("mean"))?,
            sd: linear(width, config.latents(), vb.pp("sd"))?,
            label: label.transpose()?,
            activation: config.get_activation(),
            directions: config.directions(),
        })
    }

    /// Means `[n, latents]` from the layer of means.
    pub(crate) fn means(&self, mean_outputs: &Tensor) -> Result<Tensor> {
        self.directions.means_of(mean_outputs)
    }

    /// The outputs for the samples `x` `[n, points]` with their `condition` `[n, width]`.
    pub(crate) fn forward(&self, x: &Tensor, condition: Option<&Tensor>) -> Result<Encoded> {
        let mut h = match &self.convolutions {
            Some(convolutions) => convolutions.forward(x)?,
            None => x.clone(),
        };
        if let Some(condition) = condition {
            h = Tensor::cat(&[&h, condition], 1)?;
        }
        for layer in &self.hidden {
            h = self.activation.apply(&layer.forward(&h)?)?;
        }
        let sd = standard_deviations(&self.sd.forward(&h)?)?;
        let label_outputs = self.label.as_ref().map(|layer| layer.forward(&h)).transpose()?;
        Ok(Encoded { mean_outputs: self.mean.forward(&h)?, sd, label_outputs })
    }
}

impl VaeConfig {
    /// Inputs of the encoder's first linear layer: the sample or the output of the convolutions, and the
    /// condition.
    pub(crate) fn encoder_inputs(&self) -> usize {
        let sample = match planes(self) {
            Some(planes) => planes[planes.len() - 1].len(),
            None => self.sample_shape().len(),
        };
        sample + self.encoder_condition_width()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_standard_deviations_are_precise_down_to_the_smallest() {
        // softplus(x) = eˣ - e²ˣ/2 + ... and its derivative is eˣ - e²ˣ + ... for x far below 0.
        let sd = standard_deviation(-40.0);
        let e = (-40f64).exp();
        assert!((sd.value / e - 1.0).abs() < 1e-12 && (sd.derivative / e - 1.0).abs() < 1e-12);
        assert_eq!(standard_deviation(-80.0), Differentiated { value: SMALLEST_SD, derivative: 0.0 });
        assert_eq!(standard_deviation(100.0), Differentiated { value: 100.0, derivative: 1.0 });
        assert!(standard_deviation(f32::NAN).value.is_nan());
    }
}
