//! What a model is: the shape of its samples, its latents, invariances, priors, layers and likelihood.

mod check;
mod kinds;

use serde::{Deserialize, Serialize};

use self::kinds::FirstLayerKind;
pub use self::kinds::{EncoderKind, FirstLayer, OutputLink};
use crate::spec::{Activation, Invariance, Likelihood, RotationPosterior, Side};
use adatom_core::SampleShape;

/// What a model is; setters return the changed configuration.
///
/// ```
/// use adatom_vae::{Invariance, ShiftVae};
/// let config = ShiftVae::image_config(32, 24).latent_dim(3).invariances([Invariance::Rotation, Invariance::Shift]);
/// assert_eq!(config.latents(), 1 + 2 + 3);
/// assert_eq!(config.latent_names()[..3], ["rotation", "shift rows", "shift columns"]);
///
/// let error = ShiftVae::image_config(32, 24).shift_prior(-0.1).check().unwrap_err();
/// assert_eq!(error.to_string(), "shift_prior must be finite and positive, found -0.1");
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct VaeConfig {
    shape: SampleShape,
    latent_dim: usize,
    invariances: Vec<Invariance>,
    #[serde(rename = "dx_prior")]
    shift_prior: Vec<f64>,
    #[serde(rename = "sc_prior")]
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
    #[serde(default = "one")]
    /// The number of the first layer: a factor, or periods across the window.
    first_frequency: f64,
    #[serde(default)]
    first_layer: FirstLayerKind,
    activation: Activation,
    likelihood: Likelihood,
    output: OutputLink,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) side: Option<Side>,
}

impl VaeConfig {
    /// A model of samples of `shape` with the defaults: 2 content latents, shift invariance, `dx_prior` and
    /// `sc_prior` 0.1, hidden layers 128, 128 on both sides, tanh, Bernoulli.
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
            side: None,
        }
    }

    /// So many values at every point of a sample: detectors or windows of energy. Samples then have an axis of channels in
    /// front of their other axes. Default: one value, and no such axis.
    pub fn channels(mut self, channels: usize) -> Self {
        self.shape = self.shape.with_channels(channels);
        self
    }

    /// Content latents, beside those of the invariances. Default 2.
    pub fn latent_dim(mut self, content: usize) -> Self {
        self.latent_dim = content;
        self
    }

    /// The coordinate changes the decoder undoes; an empty list gives a plain autoencoder. Default: shift.
    pub fn invariances(mut self, invariances: impl IntoIterator<Item = Invariance>) -> Self {
        self.invariances = invariances.into_iter().collect();
        self.invariances.sort();
        self.invariances.dedup();
        self
    }

    /// How far a pattern may move: the prior standard deviation of the shift in grid units, where the window spans
    /// [-1, 1], along every axis. Default 0.1; not for a shift on a lattice ([`shift_lattice`](Self::shift_lattice)).
    pub fn shift_prior(mut self, sd: f64) -> Self {
        self.shift_prior = vec![sd; self.shape.dimensions()];
        self
    }

    /// As [`dx_prior`](Self::dx_prior), for each axis by itself: rows and columns.
    pub fn shift_prior_per_axis(mut self, sds: impl Into<Vec<f64>>) -> Self {
        self.shift_prior = sds.into();
        self
    }

    /// The prior standard deviation of the magnification around 1. Default 0.1.
    pub fn scale_prior(mut self, sd: f64) -> Self {
        self.scale_prior = sd;
        self
    }

    /// How far a pattern may turn: the prior standard deviation of the angle, in radians. Default 1.
    pub fn rotation_prior(mut self, width: f64) -> Self {
        self.rotation_prior = width;
        self
    }

    /// The angle lives on the circle ([`RotationPosterior::Circle`]): any direction is as probable before the sample was
    /// seen, and angles on both sides of ±π are neighbours. The encoder's layer of means has one number more. Default: on a
    /// line.
    ///
    /// ```
    /// use adatom_vae::{Invariance, ShiftVae};
    /// let config = ShiftVae::image_config(16, 16).invariances([Invariance::Rotation]).rotation_circle();
    /// assert_eq!(config.latents(), 1 + 2);
    /// let error = config.rotation_prior(0.5).check().unwrap_err();
    /// assert_eq!(error.to_string(), "rotation_prior must be 1 on the circle, where the prior is uniform, found 0.5");
    /// ```
    pub fn rotation_circle(mut self) -> Self {
        self.rotation = RotationPosterior::Circle;
        self
    }

    /// The shift lives on the cell of a lattice with these two vectors (rows, columns), in pixels: every place in the cell is as
    /// probable before the sample was seen, and places on both sides of its edge are neighbours. For samples cut out of a
    /// lattice at any place, where a shift in the plane would have to jump half a cell from every site. The two latents
    /// are phases φ in radians, t = (φ₁ a + φ₂ b)/2π, each with a wrapped normal posterior around a direction that the
    /// encoder gives ([`RotationPosterior::Circle`] has the formulas); `dx_prior` has to be left as it is. The decoder does not
    /// know that the lattice repeats, and draws beyond the edge of the cell are decoded there. In a model with rotation
    /// the lattice is that of the object, not turned. Default: a shift in the plane.
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

    /// What the encoder is made of. Default: [`EncoderKind::FullyConnected`].
    ///
    /// A convolutional encoder has fewer weights, and a step of it takes longer: it is not part of the fused step.
    pub fn encoder(mut self, kind: EncoderKind) -> Self {
        self.encoder = kind;
        self
    }

    /// Widths of the hidden layers of the encoder alone.
    pub fn encoder_hidden(mut self, widths: impl Into<Vec<usize>>) -> Self {
        self.encoder_hidden = widths.into();
        self
    }

    /// Widths of the hidden layers of the decoder alone. The spatial decoder has one more layer in front, which joins
    /// coordinates and content and is as wide as the first of these.
    pub fn decoder_hidden(mut self, widths: impl Into<Vec<usize>>) -> Self {
        self.decoder_hidden = widths.into();
        self
    }

    /// A first layer of the spatial decoder with tanh ([`FirstLayer::Tanh`]) whose initial weights of the coordinates are
    /// multiplied by `factor`: the untrained decoder draws structures that are so much finer. Default 1, as in the published
    /// program; lattices are learned sooner with 2 to 8. Replaces [`fourier_features`](Self::fourier_features).
    pub fn coordinate_frequency(mut self, factor: f64) -> Self {
        self.first_layer = FirstLayerKind::Tanh;
        self.first_frequency = factor;
        self
    }

    /// A first layer of the spatial decoder with random Fourier features of the coordinates ([`FirstLayer::Fourier`]; Rahimi
    /// and Recht, NIPS 2007; Tancik et al., arXiv 2006.10739): waves with Gaussian wave vectors of standard deviation `periods`
    /// periods across the window along each axis, and random phases. Default: no such features. Replaces
    /// [`coordinate_frequency`](Self::coordinate_frequency).
    pub fn fourier_features(mut self, periods: f64) -> Self {
        self.first_layer = FirstLayerKind::Fourier;
        self.first_frequency = periods;
        self
    }

    /// The non-linear function of hidden layers. Default tanh.
    pub fn activation(mut self, activation: Activation) -> Self {
        self.activation = activation;
        self
    }

    /// The likelihood of pixels. Default Bernoulli, for values in [0, 1]. [`Likelihood::Poisson`] sets the output too, to
    /// [`OutputLink::Exponential`].
    pub fn likelihood(mut self, likelihood: Likelihood) -> Self {
        self.likelihood = likelihood;
        match (likelihood, self.output) {
            (Likelihood::Poisson, _) => self.output = OutputLink::Exponential,
            (_, OutputLink::Exponential) => self.output = OutputLink::default(),
            _ => {}
        }
        self
    }

    /// What becomes of the decoder's last layer. Default sigmoid.
    pub fn output(mut self, output: OutputLink) -> Self {
        self.output = output;
        self
    }

    /// The shape of a sample.
    pub fn sample_shape(&self) -> SampleShape {
        self.shape
    }

    /// How many content latents there are.
    pub fn get_latent_dim(&self) -> usize {
        self.latent_dim
    }

    /// The invariances, in the order of their latents.
    pub fn get_invariances(&self) -> &[Invariance] {
        &self.invariances
    }

    /// Whether the decoder undoes `invariance`.
    pub fn has(&self, invariance: Invariance) -> bool {
        self.invariances.contains(&invariance)
    }

    /// Whether the decoder is one of coordinates.
    pub fn is_spatial(&self) -> bool {
        !self.invariances.is_empty()
    }

    /// What the decoder is told beside the latents.
    pub(crate) fn side(&self) -> Option<Side> {
        self.side
    }

    /// Prior standard deviation of the shift along each axis, in grid units; means nothing on a lattice.
    pub fn get_shift_prior(&self) -> &[f64] {
        &self.shift_prior
    }

    /// Prior standard deviation of the magnification.
    pub fn get_scale_prior(&self) -> f64 {
        self.scale_prior
    }

    /// Prior standard deviation of the angle, in radians; 1 on the circle, where it means nothing.
    pub fn get_rotation_prior(&self) -> f64 {
        self.rotation_prior
    }

    /// On what the angle lives.
    pub fn get_rotation_posterior(&self) -> RotationPosterior {
        self.rotation
    }

    /// The lattice of the shift (rows, columns), in pixels.
    pub fn get_shift_lattice(&self) -> Option<[[f64; 2]; 2]> {
        self.shift_lattice
    }

    /// What the encoder is made of.
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

    /// The non-linear function of hidden layers.
    pub fn get_activation(&self) -> Activation {
        self.activation
    }

    /// The likelihood of pixels.
    pub fn get_likelihood(&self) -> Likelihood {
        self.likelihood
    }

    /// What becomes of the decoder's last layer.
    pub fn get_output(&self) -> OutputLink {
        self.output
    }
}

fn one() -> f64 {
    1.0
}

// Not written, so that models of before have the same bytes.
fn is_one(value: &f64) -> bool {
    *value == 1.0
}

fn is_normal(rotation: &RotationPosterior) -> bool {
    *rotation == RotationPosterior::Normal
}

/// Of a shift, unless set.
const SHIFT_PRIOR: f64 = 0.1;
