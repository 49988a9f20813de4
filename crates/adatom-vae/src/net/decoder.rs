//! p(x | z): the spatial decoder, a network of the coordinates of one pixel, and the plain one.
//!
//! Spatial: h₀ = tanh(W_c g' + b_c + W_z z) (or the sine of it), then one linear layer and activation per
//! hidden width, then a linear layer with one output for each channel, at every point g' of the changed grid.
//! Plain: z → hidden layers → all points at once. Both give the value before the output function.

use candle_core::{DType, Result, Tensor};
use candle_nn::{Linear, Module, VarBuilder, linear, linear_no_bias};

use crate::net::{
    Grid,
    fused::{self, DecoderInputs, Fused, Observed},
};
use crate::spec::{Activation, FirstLayer, VaeConfig};
use adatom_core::SampleShape;

#[derive(Debug, Clone)]
pub(crate) enum Decoder {
    Spatial(SpatialDecoder),
    Plain(PlainDecoder),
}

impl Decoder {
    pub(crate) fn new(config: &VaeConfig, vb: VarBuilder<'_>) -> Result<Self> {
        if config.is_spatial() {
            SpatialDecoder::new(config, vb).map(Self::Spatial)
        } else {
            PlainDecoder::new(config, vb).map(Self::Plain)
        }
    }
}

#[derive(Debug, Clone)]
pub(crate) struct PlainDecoder {
    hidden: Vec<Linear>,
    output: Linear,
    activation: Activation,
}

impl PlainDecoder {
    fn new(config: &VaeConfig, vb: VarBuilder<'_>) -> Result<Self> {
        let mut width = config.decoder_inputs();
        let mut hidden = Vec::new();
        for (layer, &next) in config.get_decoder_hidden().iter().enumerate() {
            hidden.push(linear(width, next, vb.pp("hidden").pp(layer))?);
            width = next;
        }
        let output = linear(width, config.sample_shape().len(), vb.pp("output"))?;
        Ok(Self { hidden, output, activation: config.get_activation() })
    }

    /// `[n, points]` from the content `[n, k]`.
    pub(crate) fn forward(&self, content: &Tensor) -> Result<Tensor> {
        let mut h = content.clone();
        for layer in &self.hidden {
            h = self.activation.apply(&layer.forward(&h)?)?;
        }
        self.output.forward(&h)
    }
}

#[derive(Debug, Clone)]
pub(crate) struct SpatialDecoder {
    coordinates: Linear,
    /// Absent in a model without content latents.
    content: Option<Linear>,
    hidden: Vec<Linear>,
    output: Linear,
    first: FirstLayer,
    activation: Activation,
    /// For the CPU in single precision; elsewhere tensor operations are composed.
    fused: Option<Fused>,
}

impl SpatialDecoder {
    pub(crate) fn new(config: &VaeConfig, vb: VarBuilder<'_>) -> Result<Self> {
        let widths = config.get_decoder_hidden();
        let latents = config.decoder_inputs();
        let content = (latents > 0).then(|| linear_no_bias(latents, widths[0], vb.pp("content")));
        let mut width = widths[0];
        let mut hidden = Vec::new();
        for (layer, &next) in widths.iter().enumerate() {
            hidden.push(linear(width, next, vb.pp("hidden").pp(layer))?);
            width = next;
        }
        Ok(Self {
            coordinates: linear(config.sample_shape().dimensions(), widths[0], vb.pp("coordinates"))?,
            content: content.transpose()?,
            hidden,
            output: linear(width, config.sample_shape().channels(), vb.pp("output"))?,
            first: config.get_first_layer(),
            activation: config.get_activation(),
            fused: (vb.device().is_cpu() && vb.dtype() == DType::F32).then(|| Fused::new(config)).flatten(),
        })
    }

    /// Without the fused kernel, to compare both.
    #[cfg(test)]
    pub(crate) fn composed(mut self) -> Self {
        self.fused = None;
        self
    }

    #[cfg(test)]
    pub(crate) fn is_fused(&self) -> bool {
        self.fused.is_some()
    }

    /// The smallest absolute value that enters a hidden activation: the distance from the kink of a
    /// rectifier.
    #[cfg(test)]
    pub(crate) fn distance_from_kink(&self, content: &Tensor, change: &Tensor, grid: &Grid) -> Result<f64> {
        let mut h = self.first_layer(content, change, &grid.tensor)?;
        let mut least = f64::INFINITY;
        for layer in &self.hidden {
            let argument = layer.forward(&h)?;
            let sizes = argument.abs()?.to_dtype(DType::F64)?.flatten_all()?.to_vec1::<f64>()?;
            least = sizes.into_iter().fold(least, f64::min);
            h = self.activation.apply(&argument)?;
        }
        Ok(least)
    }

    /// The coordinate grid of `shape`, of the type and on the device of the weights.
    pub(crate) fn grid(&self, shape: SampleShape) -> Result<Grid> {
        Grid::new(shape, self.coordinates.weight().dtype(), self.coordinates.weight().device())
    }

    /// All weights in one vector, in the order of the fused kernel.
    fn weights(&self) -> Result<Tensor> {
        let mut parts = vec![self.coordinates.weight().flatten_all()?];
        parts.extend(self.coordinates.bias().cloned());
        parts.extend(self.content.as_ref().map(|layer| layer.weight().flatten_all()).transpose()?);
        for layer in self.hidden.iter().chain([&self.output]) {
            parts.push(layer.weight().flatten_all()?);
            parts.extend(layer.bias().cloned());
        }
        Tensor::cat(&parts, 0)
    }

    /// The decoder's last layer `[n, points · channels]` (the channels of a point adjacent) from the content
    /// `[n, k]`, the coordinate changes `[n, d² + d]` (matrix row by row, then translation) and the grid.
    pub(crate) fn forward(&self, content: &Tensor, change: &Tensor, grid: &Grid) -> Result<Tensor> {
        match &self.fused {
            Some(fused) => {
                let weights = self.weights()?;
                fused::decode(fused, &grid.values, &DecoderInputs { change, content, weights: &weights })
            }
            None => self.compose(content, change, &grid.tensor),
        }
    }

    /// ln p(x | z) `[n]`, where the fused kernel can be used.
    pub(crate) fn score(
        &self,
        content: &Tensor,
        change: &Tensor,
        grid: &Grid,
        observed: Observed,
    ) -> Option<Result<Tensor>> {
        let fused = self.fused.as_ref()?;
        Some(self.weights().and_then(|weights| {
            let inputs = DecoderInputs { change, content, weights: &weights };
            fused::score(fused, &grid.values, &inputs, observed)
        }))
    }

    /// As [`forward`](Self::forward), composed of tensor operations.
    fn compose(&self, content: &Tensor, change: &Tensor, grid: &Tensor) -> Result<Tensor> {
        let mut h = self.first_layer(content, change, grid)?;
        for layer in &self.hidden {
            h = self.activation.apply(&layer.forward(&h)?)?;
        }
        self.output.forward(&h)?.reshape((change.dim(0)?, ()))
    }

    /// h₀ at every point of every object, `[n · points, width]`.
    fn first_layer(&self, content: &Tensor, change: &Tensor, grid: &Tensor) -> Result<Tensor> {
        let (n, (points, d)) = (change.dim(0)?, grid.dims2()?);
        let matrix = change.narrow(1, 0, d * d)?.reshape((n, d, d))?;
        let translation = change.narrow(1, d * d, d)?.reshape((n, 1, d))?;
        let moved = grid.unsqueeze(0)?.broadcast_as((n, points, d))?.contiguous()?;
        let moved = moved.matmul(&matrix.transpose(1, 2)?.contiguous()?)?.broadcast_add(&translation)?;
        let mut h = self.coordinates.forward(&moved.reshape((n * points, d))?)?;
        if let Some(layer) = &self.content {
            let width = layer.weight().dim(0)?;
            h = h
                .reshape((n, points, width))?
                .broadcast_add(&layer.forward(content)?.unsqueeze(1)?)?
                .reshape((n * points, width))?;
        }
        self.first.apply(&h)
    }
}
