//! The fully connected encoder with its weights in the order in which sliding windows need them.

use candle_core::DType;
use ndarray::{ArrayView3, Axis};

use crate::error::Result;
use crate::model::ShiftVae;
use crate::net::standard_deviation;
use crate::spec::Directions;
use adatom_kernel::{self as kernel, Instructions, StridedRows, product};

/// Windows that go through the layers together; their activations stay in cache.
const BLOCK: usize = 256;

/// One row of windows.
#[derive(Clone, Copy)]
pub(super) struct RowOfWindows {
    /// The first row of pixels.
    pub(super) first: usize,
    /// From one window to the next.
    pub(super) stride: usize,
}

/// Means and standard deviations `[windows, latents]` of a row of windows, to be written.
pub(super) struct Moments<'a> {
    pub(super) mean: &'a mut [f32],
    pub(super) sd: &'a mut [f32],
}

/// A linear layer, right factor of a row vector.
#[derive(Debug, Clone)]
struct Layer {
    /// `[inputs, outputs]`, row by row.
    weights: Vec<f32>,
    bias: Vec<f32>,
}

impl Layer {
    fn inputs(&self) -> usize {
        self.weights.len() / self.bias.len()
    }

    fn outputs(&self) -> usize {
        self.bias.len()
    }

    /// `out [n, outputs]` from `rows` `[n, inputs]`.
    fn apply(&self, rows: StridedRows<'_>, out: &mut [f32]) {
        product(rows, &self.weights, self.outputs(), out);
        for row in out.chunks_exact_mut(self.outputs()) {
            for (value, bias) in row.iter_mut().zip(&self.bias) {
                *value += bias;
            }
        }
    }
}

/// The fully connected encoder with its weights in the order of sliding windows.
#[derive(Debug, Clone)]
pub(super) struct SlidingNetwork {
    window: [usize; 2],
    channels: usize,
    /// Hidden layers; the first takes a window column by column.
    hidden: Vec<Layer>,
    mean: Layer,
    sd: Layer,
    directions: Directions,
    activation: kernel::Activation,
    instructions: Instructions,
}

impl SlidingNetwork {
    pub(super) fn new(model: &ShiftVae) -> Result<Self> {
        let config = model.config();
        let numbers = |name: String| -> Result<Vec<f32>> {
            Ok(model.weights()[&name].to_dtype(DType::F32)?.flatten_all()?.to_vec1()?)
        };
        // Transposed, because here the inputs are on the left; `input` gives the number of input k in the
        // model.
        let layer = |name: String, inputs: usize, input: &dyn Fn(usize) -> usize| -> Result<Layer> {
            let (weights, bias) = (numbers(format!("{name}.weight"))?, numbers(format!("{name}.bias"))?);
            let outputs = bias.len();
            let transposed = (0..inputs * outputs)
                .map(|index| weights[(index % outputs) * inputs + input(index / outputs)])
                .collect();
            Ok(Layer { weights: transposed, bias })
        };
        let extents = config.sample_shape().extents();
        let (height, width, channels) = (extents[0], extents[1], config.sample_shape().channels());
        let by_column = |k: usize| {
            let (pixel, channel) = (k / channels, k % channels);
            ((pixel % height) * width + pixel / height) * channels + channel
        };
        let mut hidden = Vec::new();
        let mut inputs = height * width * channels;
        for (index, &outputs) in config.get_encoder_hidden().iter().enumerate() {
            let order: &dyn Fn(usize) -> usize = if index == 0 { &by_column } else { &|k| k };
            hidden.push(layer(format!("encoder.hidden.{index}"), inputs, order)?);
            inputs = outputs;
        }
        Ok(Self {
            window: [height, width],
            channels,
            hidden,
            mean: layer("encoder.mean".into(), inputs, &|k| k)?,
            sd: layer("encoder.sd".into(), inputs, &|k| k)?,
            directions: config.directions(),
            activation: config.get_activation().into(),
            instructions: Instructions::best(),
        })
    }
}

/// Buffers of a thread.
#[derive(Default)]
pub(super) struct Buffers {
    strip: Vec<f32>,
    now: Vec<f32>,
    next: Vec<f32>,
}

impl SlidingNetwork {
    /// Means and standard deviations of a row of windows.
    pub(super) fn row(
        &self,
        image: &ArrayView3<'_, f32>,
        windows: RowOfWindows,
        buffers: &mut Buffers,
        out: Moments<'_>,
    ) {
        let ([height, width], RowOfWindows { first, stride }) = (self.window, windows);
        let Moments { mean, sd } = out;
        let Buffers { strip, now, next } = buffers;
        let channels = self.channels;
        strip.resize(height * image.len_of(Axis(2)) * channels, 0.0);
        for (channel, image) in image.outer_iter().enumerate() {
            for i in 0..height {
                for (column, &value) in image.row(first + i).iter().enumerate() {
                    strip[(column * height + i) * channels + channel] = value;
                }
            }
        }
        let latents = self.sd.outputs();
        let blocks = mean.chunks_mut(BLOCK * latents).zip(sd.chunks_mut(BLOCK * latents));
        for (block, (mean, sd)) in blocks.enumerate() {
            let count = mean.len() / latents;
            let windows = StridedRows {
                values: &strip[block * BLOCK * stride * height * channels..],
                stride: stride * height * channels,
                length: height * width * channels,
            };
            for (index, layer) in self.hidden.iter().enumerate() {
                next.resize(count * layer.outputs(), 0.0);
                layer.apply(
                    if index == 0 { windows } else { StridedRows::adjacent(now, layer.inputs()) },
                    next,
                );
                self.activation.apply(self.instructions, next);
                std::mem::swap(now, next);
            }
            let rows = StridedRows::adjacent(now, self.mean.inputs());
            if !self.directions.is_empty() {
                next.resize(count * self.mean.outputs(), 0.0);
                self.mean.apply(rows, next);
                let each = mean.chunks_exact_mut(latents).zip(next.chunks_exact(self.mean.outputs()));
                each.for_each(|(mean, outputs)| self.directions.means(outputs, mean));
            } else {
                self.mean.apply(rows, mean);
            }
            self.sd.apply(rows, sd);
            for value in sd {
                *value = standard_deviation(*value).value as f32;
            }
        }
    }
}
