//! Every window of an image, encoded without cutting it out.
//!
//! The encoder's first layer on the window at (r, c) is Σ_ij W[:, i, j] image[r + i, c + j]. For one row of windows, the
//! strip image[r..r + h, :] is stored column after column; then the window at c is the run of h · w numbers that begins
//! at c · h, the windows of the row are a matrix whose rows overlap, and the layer is one matrix product. No window is
//! ever copied. Of several channels, those of a pixel stand together in the strip.

mod windows;

use std::ops::Range;

use candle_core::DType;
use ndarray::{Array2, ArrayView2, ArrayView3, Axis};
use rayon::prelude::*;

use crate::error::{Error, Result};
use adatom_kernel::{self as kernel, Instructions, StridedRows, product};
use crate::model::{Posterior, ShiftVae};
use crate::spec::Directions;
use crate::spec::{EncoderKind, no_condition};
use adatom_core::SampleShape;

/// Windows that go through the layers together; their activations stay in cache.
const BLOCK: usize = 256;

/// A standard deviation below this is one of 0, as in the encoder itself.
const SMALLEST_SD: f32 = 1e-30;

/// A linear layer, right factor of a row vector.
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

struct DenseEncoder {
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

impl ShiftVae {
    /// Mean and standard deviation of every window of an image, the windows row by row: what
    /// [`encode`](Self::encode) gives for a grid of patches of that stride, without cutting them out.
    ///
    /// The image must have been scaled as the samples of the training were. Only windows that lie wholly inside are
    /// encoded: `((rows - h) / stride + 1) · ((columns - w) / stride + 1)` of them; to have one for every pixel, reflect
    /// the image at its edges first. Memory grows with the image and the number of windows, never with windows × pixels;
    /// for bounded memory take some rows at a time with [`encode_dense_rows`](Self::encode_dense_rows).
    ///
    /// ```
    /// use adatom_vae::{Device, ShiftVae, ndarray::{Array2, Array3}};
    /// let vae = ShiftVae::init(ShiftVae::config(8, 6).hidden([16]), 1, &Device::Cpu)?;
    /// let image = Array2::from_shape_fn((20, 30), |(r, c)| ((r * c) % 7) as f32 / 7.0);
    /// let dense = vae.encode_dense(image.view(), [1, 1])?;
    /// assert_eq!(dense.len(), 13 * 25);
    ///
    /// let patch = Array3::from_shape_fn((1, 8, 6), |(_, r, c)| image[[r + 2, c + 3]]);
    /// let one = vae.encode(&patch)?;
    /// assert!((dense.mean()[[2 * 25 + 3, 0]] - one.mean()[[0, 0]]).abs() < 1e-5);
    /// # Ok::<(), adatom_vae::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Shape`] for an image smaller than the window or a model of signals, [`Error::Setting`] for a stride of
    /// 0, [`Error::Value`] for NaN or infinity, [`Error::Condition`] for a conditional model.
    pub fn encode_dense(&self, image: ArrayView2<'_, f32>, stride: [usize; 2]) -> Result<Posterior> {
        self.encode_dense_channels(image.insert_axis(Axis(0)), stride)
    }

    /// As [`encode_dense`](Self::encode_dense), for an image `[channels, rows, columns]` of as many channels as the model.
    ///
    /// # Errors
    /// Those of [`encode_dense`](Self::encode_dense); [`Error::Shape`] for another number of channels.
    pub fn encode_dense_channels(&self, image: ArrayView3<'_, f32>, stride: [usize; 2]) -> Result<Posterior> {
        let [rows, _] = self.dense_grid(image.dim(), stride)?;
        self.encode_dense_channel_rows(image, stride, 0..rows)
    }

    /// As [`encode_dense`](Self::encode_dense), for the rows `rows` of the grid of windows alone.
    ///
    /// # Errors
    /// Those of [`encode_dense`](Self::encode_dense); [`Error::Shape`] for rows beyond the grid.
    pub fn encode_dense_rows(
        &self,
        image: ArrayView2<'_, f32>,
        stride: [usize; 2],
        rows: Range<usize>,
    ) -> Result<Posterior> {
        self.encode_dense_channel_rows(image.insert_axis(Axis(0)), stride, rows)
    }

    /// As [`encode_dense_rows`](Self::encode_dense_rows), for an image `[channels, rows, columns]`.
    ///
    /// # Errors
    /// Those of [`encode_dense_rows`](Self::encode_dense_rows) and
    /// [`encode_dense_channels`](Self::encode_dense_channels).
    pub fn encode_dense_channel_rows(
        &self,
        image: ArrayView3<'_, f32>,
        stride: [usize; 2],
        rows: Range<usize>,
    ) -> Result<Posterior> {
        let [grid_rows, columns] = self.dense_grid(image.dim(), stride)?;
        if self.configuration().condition_kind().is_some() {
            return Err(no_condition(self.configuration()));
        }
        if rows.start > rows.end || rows.end > grid_rows {
            return Err(Error::Shape {
                what: "the range of rows",
                expected: format!("inside 0..{grid_rows}"),
                found: format!("{rows:?}"),
            });
        }
        let window = self.configuration().sample_shape().extents()[0];
        let (_, height, width) = image.dim();
        let used = rows.start * stride[0]..(rows.end * stride[0] + window).min(height);
        let finite = |row: usize| {
            let values = image.index_axis(Axis(1), row);
            values.indexed_iter().find(|(_, value)| !value.is_finite()).map(|(at, _)| at)
        };
        if let Some((row, (channel, column))) =
            used.into_par_iter().find_map_first(|row| finite(row).map(|at| (row, at)))
        {
            let position = (channel * height + row) * width + column;
            let value = image[[channel, row, column]];
            return Err(Error::Value { sample: 0, position, value, expected: "finite" });
        }
        if *self.configuration().encoder_kind() != EncoderKind::Dense {
            return self.encode_windows(image, (stride, rows, columns));
        }
        let encoder = self.dense_encoder()?;
        let latents = self.configuration().latents();
        let mut mean = Array2::<f32>::zeros((rows.len() * columns, latents));
        let mut sd = Array2::<f32>::zeros((rows.len() * columns, latents));
        if !rows.is_empty() {
            let means = mean.as_slice_mut().expect("a new array is contiguous");
            let sds = sd.as_slice_mut().expect("a new array is contiguous");
            means
                .par_chunks_mut(columns * latents)
                .zip(sds.par_chunks_mut(columns * latents))
                .enumerate()
                .for_each_init(Buffers::default, |buffers, (index, (mean, sd))| {
                    let first = (rows.start + index) * stride[0];
                    encoder.row(&image, [first, stride[1]], buffers, (mean, sd));
                });
        }
        Ok(Posterior::new(self.configuration().clone(), mean, sd))
    }

    /// Rows and columns of the grid of windows on an image of this extent.
    fn dense_grid(&self, image: (usize, usize, usize), stride: [usize; 2]) -> Result<[usize; 2]> {
        let (channels, image) = (image.0, (image.1, image.2));
        let shape = self.configuration().sample_shape();
        let SampleShape::Image { height, width } = shape.without_channels() else {
            return Err(Error::Shape {
                what: "a sample",
                expected: "an image patch".into(),
                found: shape.to_string(),
            });
        };
        if stride.contains(&0) {
            let found = format!("{} x {}", stride[0], stride[1]);
            return Err(Error::Setting { setting: "the stride", expected: "at least 1", found });
        }
        if channels != shape.channels() {
            let (expected, found) = (shape.channels().to_string(), channels.to_string());
            return Err(Error::Shape { what: "the channels of the image", expected, found });
        }
        if image.0 < height || image.1 < width {
            return Err(Error::Shape {
                what: "the image",
                expected: format!("at least {}", shape.without_channels()),
                found: format!("{} x {}", image.0, image.1),
            });
        }
        Ok([(image.0 - height) / stride[0] + 1, (image.1 - width) / stride[1] + 1])
    }

    fn dense_encoder(&self) -> Result<DenseEncoder> {
        let config = self.configuration();
        let numbers = |name: String| -> Result<Vec<f32>> {
            Ok(self.weights()[&name].to_dtype(DType::F32)?.flatten_all()?.to_vec1()?)
        };
        // Transposed, because here the inputs stand on the left; `input` says where input k of the product comes from.
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
        for (index, &outputs) in config.encoder_widths().iter().enumerate() {
            let order: &dyn Fn(usize) -> usize = if index == 0 { &by_column } else { &|k| k };
            hidden.push(layer(format!("encoder.hidden.{index}"), inputs, order)?);
            inputs = outputs;
        }
        Ok(DenseEncoder {
            window: [height, width],
            channels,
            hidden,
            mean: layer("encoder.mean".into(), inputs, &|k| k)?,
            sd: layer("encoder.sd".into(), inputs, &|k| k)?,
            directions: config.directions(),
            activation: config.hidden_activation().into(),
            instructions: Instructions::best(),
        })
    }
}

/// What a thread needs for a row of windows.
#[derive(Default)]
struct Buffers {
    strip: Vec<f32>,
    now: Vec<f32>,
    next: Vec<f32>,
}

impl DenseEncoder {
    /// Mean and standard deviation `[columns, latents]` of the windows whose first row is `place[0]`, every `place[1]`-th.
    fn row(
        &self,
        image: &ArrayView3<'_, f32>,
        place: [usize; 2],
        buffers: &mut Buffers,
        (mean, sd): (&mut [f32], &mut [f32]),
    ) {
        let ([height, width], [first, stride]) = (self.window, place);
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
                each.for_each(|(mean, heads)| self.directions.means(heads, mean));
            } else {
                self.mean.apply(rows, mean);
            }
            self.sd.apply(rows, sd);
            for value in sd {
                // ln(1 + eˣ) with full relative precision on both sides.
                *value = (value.max(0.0) + (-value.abs()).exp().ln_1p()).max(SMALLEST_SD);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::Activation;
    use candle_core::Device;
    use ndarray::{Array3, s};

    #[test]
    fn every_window_is_encoded_as_its_patch() {
        let image = Array2::from_shape_fn((31, 47), |(r, c)| ((r * 13 + c * 7) % 29) as f32 / 29.0);
        let all = [
            Activation::Tanh,
            Activation::Relu,
            Activation::LeakyRelu,
            Activation::Softplus,
            Activation::Gelu,
        ];
        let windows = [(8, 8), (5, 9), (1, 4), (31, 47), (12, 3)];
        let strides = [[1, 1], [2, 3], [1, 2], [1, 1], [5, 1]];
        for ((activation, (height, width)), stride) in all.into_iter().zip(windows).zip(strides) {
            let config = ShiftVae::config(height, width).hidden([17, 33]).activation(activation);
            let vae = ShiftVae::init(config, 4, &Device::Cpu).unwrap();
            let dense = vae.encode_dense(image.view(), stride).unwrap();
            let [rows, columns] = [(31 - height) / stride[0] + 1, (47 - width) / stride[1] + 1];
            assert_eq!(dense.len(), rows * columns);
            let patches = Array3::from_shape_fn((rows * columns, height, width), |(n, i, j)| {
                image[[n / columns * stride[0] + i, n % columns * stride[1] + j]]
            });
            let each = vae.encode(&patches).unwrap();
            for (dense, each) in [(dense.mean(), each.mean()), (dense.sd(), each.sd())] {
                assert!((&dense - &each).iter().all(|difference| difference.abs() < 1e-5), "{activation:?}");
            }
            let last = vae.encode_dense_rows(image.view(), stride, rows - 1..rows).unwrap();
            assert_eq!(last.mean(), dense.mean().slice(s![(rows - 1) * columns.., ..]));
        }
    }

    #[test]
    fn what_cannot_be_encoded_is_named() {
        let vae = ShiftVae::init(ShiftVae::config(8, 8), 4, &Device::Cpu).unwrap();
        let text =
            |image: &Array2<f32>, stride| vae.encode_dense(image.view(), stride).unwrap_err().to_string();
        let mut image = Array2::<f32>::zeros((7, 20));
        assert_eq!(text(&image, [1, 1]), "the image must have the shape at least 8 x 8, found 7 x 20");
        image = Array2::zeros((9, 20));
        assert_eq!(text(&image, [0, 1]), "the stride must be at least 1, found 0 x 1");
        image[[8, 19]] = f32::NAN;
        assert_eq!(text(&image, [1, 1]), "value NaN at position 179 of sample 0 is not finite");
    }
}
