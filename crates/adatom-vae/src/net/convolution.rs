//! The convolutional part of an encoder: h = act(K ∗ x + b) with kernels of 3 points along each axis, stride
//! 2 and zero padding. A layer halves the extents, ⌈extent/2⌉; the last one is flattened, the channels of a
//! pixel adjacent.
//!
//! On the CPU a layer is a matrix product with the windows of its image (`unfold.rs`), elsewhere candle's
//! convolution. The backward pass of the latter takes one output padding for both axes and fails where only
//! one of height and width is even; so images are padded beforehand until a whole number of strides covers
//! each extent exactly.

mod plane;
mod unfold;

use candle_core::{DType, Result, Tensor};
use candle_nn::VarBuilder;

use self::plane::Plane;
use self::unfold::Unfold;
use crate::spec::{Activation, EncoderKind, VaeConfig};

/// The planes before and after every layer of a convolutional encoder; none for another.
pub(super) fn planes(config: &VaeConfig) -> Option<Vec<Plane>> {
    let EncoderKind::Convolutional { channels } = config.get_encoder() else { return None };
    let mut planes = vec![Plane::of(config.sample_shape())];
    for &channels in channels {
        planes.push(planes[planes.len() - 1].after(channels));
    }
    Some(planes)
}

#[derive(Debug, Clone)]
struct Layer {
    /// `[out, in, 3, 3]`, `[out, in, 1, 3]` for signals.
    kernel: Tensor,
    /// `[out]`.
    bias: Tensor,
}

/// Consecutive convolutions.
#[derive(Debug, Clone)]
pub(super) struct Convolutions {
    first: Plane,
    layers: Vec<Layer>,
    activation: Activation,
}

impl Convolutions {
    /// `None` for an encoder without convolutions.
    pub(super) fn new(config: &VaeConfig, vb: &VarBuilder<'_>) -> Result<Option<Self>> {
        let Some(planes) = planes(config) else { return Ok(None) };
        let mut layers = Vec::new();
        for (index, pair) in planes.windows(2).enumerate() {
            let (vb, outputs) = (vb.pp("convolution").pp(index), pair[1].channels);
            let (kernel, bias) = (vb.get(&pair[0].kernel(outputs), "weight")?, vb.get(outputs, "bias")?);
            layers.push(Layer { kernel, bias });
        }
        Ok(Some(Self { first: planes[0], layers, activation: config.get_activation() }))
    }

    /// `[n, height · width · channels]` of the last layer, from rows `[n, height · width · channels]`.
    pub(super) fn forward(&self, x: &Tensor) -> Result<Tensor> {
        if x.device().is_cpu() && matches!(x.dtype(), DType::F32 | DType::F64) {
            self.unfolded(x)
        } else {
            self.composed(x)
        }
    }

    fn unfolded(&self, x: &Tensor) -> Result<Tensor> {
        let (n, mut plane) = (x.dim(0)?, self.first);
        let mut h = x.reshape((n, plane.height, plane.width, plane.channels))?.contiguous()?;
        for Layer { kernel, bias } in &self.layers {
            let after = plane.after(kernel.dim(0)?);
            let windows = h.apply_op1(Unfold { from: plane })?;
            let kernel = kernel.permute((2, 3, 1, 0))?.reshape((windows.dim(1)?, after.channels))?;
            h = self.activation.apply(&windows.matmul(&kernel)?.broadcast_add(bias)?)?;
            h = h.reshape((n, after.height, after.width, after.channels))?;
            plane = after;
        }
        h.flatten_from(1)
    }

    fn composed(&self, x: &Tensor) -> Result<Tensor> {
        let (n, Plane { channels, height, width, .. }) = (x.dim(0)?, self.first);
        let mut h = x.reshape((n, height, width, channels))?.permute((0, 3, 1, 2))?.contiguous()?;
        for Layer { kernel, bias } in &self.layers {
            h = padded(&padded(&h, 2, kernel.dim(2)?)?, 3, kernel.dim(3)?)?;
            let sum = h.conv2d(kernel, 0, 2, 1, 1)?;
            h = self.activation.apply(&sum.broadcast_add(&bias.reshape((1, (), 1, 1))?)?)?;
        }
        h.permute((0, 2, 3, 1))?.contiguous()?.flatten_from(1)
    }
}

/// Zero padding: one before, and after it as much as lets kernels of `size` at every second point cover the
/// axis exactly.
fn padded(h: &Tensor, axis: usize, size: usize) -> Result<Tensor> {
    if size == 1 { Ok(h.clone()) } else { h.pad_with_zeros(axis, 1, h.dim(axis)? % 2) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Purpose, normals, stream};
    use adatom_core::SampleShape;
    use candle_core::{Device, Var};

    /// Every mixture of even and odd extents, one point, signals.
    fn shapes() -> Vec<SampleShape> {
        let images = [(4, 4), (5, 4), (4, 7), (7, 9), (1, 6), (2, 1)];
        let images = images.map(|(height, width)| SampleShape::Image { height, width }.with_channels(2));
        images
            .into_iter()
            .chain([8, 11].map(|points| SampleShape::Signal { points }.with_channels(3)))
            .collect()
    }

    #[test]
    fn matrix_products_are_the_convolutions_of_candle_with_the_same_gradients() {
        for shape in shapes() {
            let config = VaeConfig::new(shape).encoder(EncoderKind::convolutional([3, 4]));
            let planes = planes(&config).unwrap();
            let mut random = stream(3, Purpose::Noise(0));
            let mut variable = |dims: &[usize]| {
                let values = normals(&mut random, dims.iter().product()).into_iter().map(f64::from).collect();
                Var::from_tensor(&Tensor::from_vec::<_, f64>(values, dims, &Device::Cpu).unwrap()).unwrap()
            };
            let x = variable(&[3, shape.len()]);
            let weights: Vec<[Var; 2]> = planes
                .windows(2)
                .map(|pair| [variable(&pair[0].kernel(pair[1].channels)), variable(&[pair[1].channels])])
                .collect();
            let layers = weights
                .iter()
                .map(|[k, b]| Layer { kernel: k.as_tensor().clone(), bias: b.as_tensor().clone() })
                .collect();
            let convolutions = Convolutions { first: planes[0], layers, activation: Activation::Tanh };
            let results = [convolutions.unfolded(&x).unwrap(), convolutions.composed(&x).unwrap()];
            assert_eq!(results[0].dims(), [3, planes[2].len()]);
            let upstream = variable(results[0].dims());
            let gradients = results.each_ref().map(|result| {
                (result * upstream.as_tensor()).unwrap().sum_all().unwrap().backward().unwrap()
            });
            let near = |a: &Tensor, b: &Tensor| {
                let difference = (a - b).unwrap().abs().unwrap().flatten_all().unwrap().max(0).unwrap();
                assert!(difference.to_scalar::<f64>().unwrap() < 1e-12, "{shape}");
            };
            near(&results[0], &results[1]);
            for variable in weights.iter().flatten().chain([&x]) {
                near(gradients[0].get(variable).unwrap(), gradients[1].get(variable).unwrap());
            }
        }
    }
}
