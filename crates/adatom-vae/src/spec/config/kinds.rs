//! Kinds of a model's parts: encoder, first layer of the decoder, output.

use candle_core::Tensor;
use serde::{Deserialize, Serialize};

/// The function of the decoder's last layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum OutputLink {
    /// 1/(1 + e⁻ʸ): values in (0, 1). Default.
    #[default]
    Sigmoid,
    /// No function: any value. Only with a Gaussian likelihood.
    Identity,
    /// eʸ: positive values, the rates of counts. Only with the Poisson likelihood, which sets it.
    Exponential,
}

impl OutputLink {
    pub(crate) fn apply(&self, raw: &Tensor) -> candle_core::Result<Tensor> {
        match self {
            // ½ + ½ tanh(y/2) is the logistic function, and nothing in it overflows.
            Self::Sigmoid => ((raw * 0.5)?.tanh()? * 0.5)? + 0.5,
            Self::Identity => Ok(raw.clone()),
            Self::Exponential => raw.exp(),
        }
    }
}

/// The first layer of the spatial decoder, which joins coordinates and content.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum FirstLayer {
    /// h₀ = tanh(W_c g' + b_c + W_z z), as in the published program. Default.
    Tanh {
        /// Factor of the initial weights of the coordinates, W_c. Default 1.
        frequency: f64,
    },
    /// Fourier features of the coordinates, h₀ = sin(W_c g' + b_c + W_z z), which start at random and are
    /// trained like all weights.
    Fourier {
        /// Standard deviation of the initial wave vectors, in periods across the window.
        periods: f64,
    },
}

impl FirstLayer {
    pub(crate) fn apply(&self, x: &Tensor) -> candle_core::Result<Tensor> {
        match self {
            Self::Tanh { .. } => x.tanh(),
            Self::Fourier { .. } => x.sin(),
        }
    }
}

/// [`FirstLayer`] without its number, as it is stored in files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum FirstLayerKind {
    #[default]
    Tanh,
    Fourier,
}

/// The layers of the encoder.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum EncoderKind {
    /// Layers of the widths [`VaeConfig::encoder_hidden`](crate::VaeConfig::encoder_hidden) in which every
    /// unit sees the whole sample. Default, and the fastest.
    #[default]
    #[serde(rename = "dense", alias = "fully_connected")]
    FullyConnected,
    /// Convolutions with kernels of 3 × 3 pixels (3 points for signals), stride 2 and zero padding, then mean
    /// and standard deviation; there are no hidden layers.
    Convolutional {
        /// Channels of each layer; a layer halves height and width.
        channels: Vec<usize>,
    },
}

impl EncoderKind {
    /// Convolutions with the given numbers of channels, one number for each layer.
    pub fn convolutional(channels: impl Into<Vec<usize>>) -> Self {
        Self::Convolutional { channels: channels.into() }
    }

    pub(super) fn is_fully_connected(&self) -> bool {
        *self == Self::FullyConnected
    }
}
