//! The configuration of a model: shape of its samples, latents, invariances, priors, layers and likelihood.

mod check;
mod kinds;

use adatom_core::SampleShape;
use serde::{Deserialize, Serialize};

use self::kinds::FirstLayerKind;
pub use self::kinds::{EncoderKind, FirstLayer, OutputLink};
use super::{Activation, Conditioning, Invariance, Likelihood, RotationPosterior};

/// The configuration of a model; setters return the changed configuration, the getter of a setting `x` is
/// `get_x`.
///
/// ```
/// use adatom_vae::{Invariance, ShiftVae};
/// let config = ShiftVae::image_config(32, 24)
///     .latent_dim(3)
///     .invariances([Invariance::Rotation, Invariance::Shift]);
/// assert_eq!(config.latents(), 1 + 2 + 3);
/// assert_eq!(config.latent_names()[..3], ["rotation", "shift rows", "shift columns"]);
///
/// let error = ShiftVae::image_config(32, 24).shift_prior(-0.1).check().unwrap_err();
/// assert_eq!(error.to_string(), "the prior of the shift must be finite and positive, found -0.1");
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct VaeConfig {
    shape: SampleShape,
    latent_dim: usize,
    invariances: Vec<Invariance>,
    #[serde(rename = "dx_prior", alias = "shift_prior")]
    shift_prior: Vec<f64>,
    #[serde(rename = "sc_prior", alias = "scale_prior")]
    scale_prior: f64,
    #[serde(default = "one", skip_serializing_if = "is_one")]
    rotation_prior: f64,
    #[serde(default, skip_serializing_if = "is_normal")]
    rotation: RotationPosterior,
    /// Two lattice vectors (rows, columns), pixels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    shift_lattice: Option<[[f64; 2]; 2]>,
    #[serde(default, skip_serializing_if = "EncoderKind::is_fully_connected")]
    encoder: EncoderKind,
    encoder_hidden: Vec<usize>,
    decoder_hidden: Vec<usize>,
    /// The number of the first layer: a factor, or periods across the window.
    #[serde(default = "one")]
    first_frequency: f64,
    #[serde(default)]
    first_layer: FirstLayerKind,
    activation: Activation,
    likelihood: Likelihood,
    output: OutputLink,
    #[serde(default, rename = "side", skip_serializing_if = "Option::is_none")]
    pub(super) conditioning: Option<Conditioning>,
}

impl VaeConfig {
    /// A model of samples of `shape` with the defaults: 2 content latents, shift invariance, priors of shift
    /// and scale 0.1, two hidden layers of 128 units in encoder and decoder, tanh, Bernoulli likelihood.
    pub fn new(shape: SampleShape) -> Self {
        Self {
            shape,
            latent_dim: 2,
            invariances: vec![Invariance::Shift],
            shift_prior: vec![SHIFT_PRIOR; shape.dimensions()],
            scale_prior: 0.1,
            rotation_prior: 1.0,
            rotation: RotationPosterior::default(),
            shift_lattice: None,
            encoder: EncoderKind::default(),
            encoder_hidden: vec![128, 128],
            decoder_hidden: vec![128, 128],
            first_frequency: 1.0,
            first_layer: FirstLayerKind::default(),
            activation: Activation::default(),
            likelihood: Likelihood::default(),
            output: OutputLink::default(),
            conditioning: None,
        }
    }

    /// Number of values at every point of a sample, such as detectors or energy windows. Samples then have an
    /// axis of channels in front of their other axes. Default: one value, without such an axis.
    pub fn channels(mut self, channels: usize) -> Self {
        self.shape = self.shape.with_channels(channels);
        self
    }

    /// Number of content latents, beside those of the invariances. Default 2.
    pub fn latent_dim(mut self, content: usize) -> Self {
        self.latent_dim = content;
        self
    }

    /// The coordinate changes that the decoder undoes; an empty list gives a plain autoencoder. Default:
    /// shift.
    pub fn invariances(mut self, invariances: impl IntoIterator<Item = Invariance>) -> Self {
        self.invariances = invariances.into_iter().collect();
        self.invariances.sort();
        self.invariances.dedup();
        self
    }

    /// The prior standard deviation of the shift along every axis, in grid units (the window spans [-1, 1]):
    /// how far a pattern may move. Default 0.1. Not used for a shift on a lattice
    /// ([`shift_lattice`](Self::shift_lattice)).
    pub fn shift_prior(mut self, sd: f64) -> Self {
        self.shift_prior = vec![sd; self.shape.dimensions()];
        self
    }

    /// As [`shift_prior`](Self::shift_prior), with a standard deviation for each axis: rows and columns.
    pub fn shift_prior_per_axis(mut self, sds: impl Into<Vec<f64>>) -> Self {
        self.shift_prior = sds.into();
        self
    }

    /// The prior standard deviation of the scale around 1. Default 0.1.
    pub fn scale_prior(mut self, sd: f64) -> Self {
        self.scale_prior = sd;
        self
    }

    /// The prior standard deviation of the angle, in radians: how far a pattern may turn. Default 1.
    pub fn rotation_prior(mut self, sd: f64) -> Self {
        self.rotation_prior = sd;
        self
    }

    /// Places the angle on the circle ([`RotationPosterior::Circle`]): the prior is uniform, and angles on
    /// both sides of ±π are neighbours. The encoder's layer of means has one output more. Default: on a line.
    ///
    /// ```
    /// use adatom_vae::{Invariance, ShiftVae};
    /// let config = ShiftVae::image_config(16, 16).invariances([Invariance::Rotation]).rotation_circle();
    /// assert_eq!(config.latents(), 1 + 2);
    /// let error = config.rotation_prior(0.5).check().unwrap_err();
    /// assert_eq!(
    ///     error.to_string(),
    ///     "the prior of the rotation must be 1 on the circle, where it is uniform, found 0.5"
    /// );
    /// ```
    pub fn rotation_circle(mut self) -> Self {
        self.rotation = RotationPosterior::Circle;
        self
    }

    /// Places the shift on the unit cell of a lattice with these two vectors (rows, columns), in pixels: the
    /// prior is uniform over the cell, and positions on both sides of an edge of the cell are neighbours. For
    /// samples cut out of a lattice at any position, where a shift in the plane would have to jump half a
    /// cell from every site. Default: a shift in the plane.
    ///
    /// The two latents are phases φ in radians, t = (φ₁ a + φ₂ b)/2π, each with a wrapped normal posterior
    /// around a direction that the encoder gives ([`RotationPosterior::Circle`] has the formulas).
    /// [`shift_prior`](Self::shift_prior) must keep its default. The decoder does not know that the lattice
    /// repeats: draws beyond the edge of the cell are decoded there. In a model with rotation the lattice is
    /// that of the object, not turned.
    ///
    /// ```
    /// use adatom_vae::ShiftVae;
    /// let config = ShiftVae::image_config(24, 24).shift_lattice([[16.0, 0.0], [0.0, 16.0]]);
    /// assert_eq!(config.latent_names()[..2], ["lattice phase 1", "lattice phase 2"]);
    /// ```
    pub fn shift_lattice(mut self, vectors: [[f64; 2]; 2]) -> Self {
        self.shift_lattice = Some(vectors);
        self
    }

    /// Widths of the hidden layers of encoder and decoder. Default 128, 128.
    pub fn hidden(mut self, widths: impl Into<Vec<usize>>) -> Self {
        self.encoder_hidden = widths.into();
        self.decoder_hidden = self.encoder_hidden.clone();
        self
    }

    /// The layers of the encoder. Default: [`EncoderKind::FullyConnected`].
    ///
    /// A convolutional encoder has fewer weights, but a training step takes longer: the fused step does not
    /// include it.
    pub fn encoder(mut self, kind: EncoderKind) -> Self {
        self.encoder = kind;
        self
    }

    /// Widths of the hidden layers of the encoder alone.
    pub fn encoder_hidden(mut self, widths: impl Into<Vec<usize>>) -> Self {
        self.encoder_hidden = widths.into();
        self
    }

    /// Widths of the hidden layers of the decoder alone. The spatial decoder has one more layer in front,
    /// which joins coordinates and content and is as wide as the first of these.
    pub fn decoder_hidden(mut self, widths: impl Into<Vec<usize>>) -> Self {
        self.decoder_hidden = widths.into();
        self
    }

    /// A first layer of the spatial decoder with tanh ([`FirstLayer::Tanh`]) whose initial weights of the
    /// coordinates are multiplied by `factor`: the untrained decoder draws structures that are finer by this
    /// factor. Default 1, as in the published program; lattices are learned sooner with 2 to 8. Replaces
    /// [`fourier_features`](Self::fourier_features).
    pub fn coordinate_frequency(mut self, factor: f64) -> Self {
        self.first_layer = FirstLayerKind::Tanh;
        self.first_frequency = factor;
        self
    }

    /// A first layer of the spatial decoder with random Fourier features of the coordinates
    /// ([`FirstLayer::Fourier`]; Rahimi and Recht, NIPS 2007; Tancik et al., arXiv 2006.10739): waves with
    /// Gaussian wave vectors of standard deviation `periods` periods across the window along each axis, and
    /// random phases. Default: no such features. Replaces
    /// [`coordinate_frequency`](Self::coordinate_frequency).
    pub fn fourier_features(mut self, periods: f64) -> Self {
        self.first_layer = FirstLayerKind::Fourier;
        self.first_frequency = periods;
        self
    }

    /// The activation function of hidden layers. Default tanh.
    pub fn activation(mut self, activation: Activation) -> Self {
        self.activation = activation;
        self
    }

    /// The likelihood of pixels. Default Bernoulli, for values in [0, 1]. [`Likelihood::Poisson`] also sets
    /// the output to [`OutputLink::Exponential`].
    pub fn likelihood(mut self, likelihood: Likelihood) -> Self {
        self.likelihood = likelihood;
        match (likelihood, self.output) {
            (Likelihood::Poisson, _) => self.output = OutputLink::Exponential,
            (_, OutputLink::Exponential) => self.output = OutputLink::default(),
            _ => {}
        }
        self
    }

    /// The function of the decoder's last layer. Default sigmoid.
    pub fn output(mut self, output: OutputLink) -> Self {
        self.output = output;
        self
    }

    /// The shape of a sample.
    pub fn sample_shape(&self) -> SampleShape {
        self.shape
    }

    /// Whether the decoder undoes `invariance`.
    pub fn has(&self, invariance: Invariance) -> bool {
        self.invariances.contains(&invariance)
    }

    /// Whether the decoder is a function of coordinates: whether there are invariances.
    pub fn is_spatial(&self) -> bool {
        !self.invariances.is_empty()
    }

    /// Number of content latents.
    pub fn get_latent_dim(&self) -> usize {
        self.latent_dim
    }

    /// The invariances, in the order of their latents.
    pub fn get_invariances(&self) -> &[Invariance] {
        &self.invariances
    }

    /// Prior standard deviation of the shift along each axis, in grid units; not used on a lattice.
    pub fn get_shift_prior(&self) -> &[f64] {
        &self.shift_prior
    }

    /// Prior standard deviation of the scale.
    pub fn get_scale_prior(&self) -> f64 {
        self.scale_prior
    }

    /// Prior standard deviation of the angle, in radians; 1 on the circle, where it is not used.
    pub fn get_rotation_prior(&self) -> f64 {
        self.rotation_prior
    }

    /// Whether the angle lives on a line or on the circle.
    pub fn get_rotation_posterior(&self) -> RotationPosterior {
        self.rotation
    }

    /// The lattice of the shift (rows, columns), in pixels.
    pub fn get_shift_lattice(&self) -> Option<[[f64; 2]; 2]> {
        self.shift_lattice
    }

    /// The layers of the encoder.
    pub fn get_encoder(&self) -> &EncoderKind {
        &self.encoder
    }

    /// Widths of the encoder's hidden layers, which a convolutional encoder does not have.
    pub fn get_encoder_hidden(&self) -> &[usize] {
        &self.encoder_hidden
    }

    /// Widths of the decoder's hidden layers.
    pub fn get_decoder_hidden(&self) -> &[usize] {
        &self.decoder_hidden
    }

    /// The first layer of the spatial decoder.
    pub fn get_first_layer(&self) -> FirstLayer {
        match self.first_layer {
            FirstLayerKind::Tanh => FirstLayer::Tanh { frequency: self.first_frequency },
            FirstLayerKind::Fourier => FirstLayer::Fourier { periods: self.first_frequency },
        }
    }

    /// The activation function of hidden layers.
    pub fn get_activation(&self) -> Activation {
        self.activation
    }

    /// The likelihood of pixels.
    pub fn get_likelihood(&self) -> Likelihood {
        self.likelihood
    }

    /// The function of the decoder's last layer.
    pub fn get_output(&self) -> OutputLink {
        self.output
    }
}

/// The default of the prior of the shift.
const SHIFT_PRIOR: f64 = 0.1;

fn one() -> f64 {
    1.0
}

// Defaults are not written, so that the files of older models keep their bytes.
fn is_one(value: &f64) -> bool {
    *value == 1.0
}

fn is_normal(rotation: &RotationPosterior) -> bool {
    *rotation == RotationPosterior::Normal
}
