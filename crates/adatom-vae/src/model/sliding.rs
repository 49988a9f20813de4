//! Sliding-window encoding: every window of an image, without cutting windows out.
//!
//! The encoder's first layer on the window at (r, c) is Σ_ij W[:, i, j] image[r + i, c + j]. For one row of
//! windows, the strip image[r..r + h, :] is stored column after column; then the window at c is the run of h
//! · w numbers that starts at c · h, the windows of the row are a matrix whose rows overlap, and the layer is
//! one matrix product. No window is copied. With several channels, those of a pixel are adjacent in the
//! strip.

mod network;
mod windows;

use std::ops::Range;

use ndarray::{Array2, ArrayView2, ArrayView3, Axis};
use rayon::prelude::*;

use self::network::{Buffers, Moments, RowOfWindows, SlidingNetwork};
use crate::error::{Error, Result};
use crate::model::{Posterior, ShiftVae};
use crate::spec::{EncoderKind, missing_condition};

/// Encodes every window of images with a trained model, as [`ShiftVae::encode`] encodes patches.
///
/// It holds the weights in the order in which sliding windows need them: build it once, and encode any number
/// of images or rows of one image with it. Later changes of the model's variables do not reach it.
///
/// ```
/// use adatom_vae::{Device, ShiftVae, ndarray::Array3};
/// let vae = ShiftVae::init(ShiftVae::image_config(8, 6).hidden([16]), 1, &Device::Cpu)?;
/// let encoder = vae.sliding_encoder()?;
/// let image = Array3::from_shape_fn((1, 20, 30), |(_, r, c)| ((r * c) % 7) as f32 / 7.0);
/// assert_eq!(encoder.grid([1, 20, 30], [1, 2])?, [13, 13]);
/// // Blocks of rows of windows, for bounded memory.
/// let first = encoder.encode_rows(image.view(), [1, 2], 0..5)?;
/// assert_eq!(first.len(), 5 * 13);
/// assert_eq!(encoder.encode(image.view(), [1, 2])?.len(), 13 * 13);
/// # Ok::<(), adatom_vae::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct SlidingEncoder {
    model: ShiftVae,
    /// `None` for encoders other than fully connected ones, which encode windows that are cut out.
    network: Option<SlidingNetwork>,
}

impl ShiftVae {
    /// A [`SlidingEncoder`] with the weights of this model.
    ///
    /// # Errors
    /// [`Error::Shape`] for a model of signals, [`Error::Condition`] for a conditional model,
    /// [`Error::Tensor`] when the weights cannot be read from their device.
    pub fn sliding_encoder(&self) -> Result<SlidingEncoder> {
        let config = self.config();
        if config.sample_shape().dimensions() != 2 {
            return Err(Error::Shape {
                what: "a sample",
                expected: "an image patch".into(),
                found: config.sample_shape().to_string(),
            });
        }
        if config.get_condition().is_some() {
            return Err(missing_condition(config));
        }
        let fully_connected = *config.get_encoder() == EncoderKind::FullyConnected;
        let network = fully_connected.then(|| SlidingNetwork::new(self)).transpose()?;
        Ok(SlidingEncoder { model: self.clone(), network })
    }

    /// Mean and standard deviation of every window of an image of one channel, the windows row by row: what
    /// [`encode`](Self::encode) gives for a grid of patches of that stride, without cutting them out.
    ///
    /// The image must have been scaled as the samples of the training were. Only windows that lie wholly
    /// inside are encoded: `((rows - h) / stride + 1) · ((columns - w) / stride + 1)` of them; to have one
    /// for every pixel, reflect the image at its edges first. Memory grows with the image and the number of
    /// windows, not with windows × pixels. For several channels, several images, or some rows at a time use
    /// [`sliding_encoder`](Self::sliding_encoder).
    ///
    /// ```
    /// use adatom_vae::{
    ///     Device, ShiftVae,
    ///     ndarray::{Array2, Array3},
    /// };
    /// let vae = ShiftVae::init(ShiftVae::image_config(8, 6).hidden([16]), 1, &Device::Cpu)?;
    /// let image = Array2::from_shape_fn((20, 30), |(r, c)| ((r * c) % 7) as f32 / 7.0);
    /// let windows = vae.encode_sliding(image.view(), [1, 1])?;
    /// assert_eq!(windows.len(), 13 * 25);
    ///
    /// let patch = Array3::from_shape_fn((1, 8, 6), |(_, r, c)| image[[r + 2, c + 3]]);
    /// let one = vae.encode(&patch)?;
    /// assert!((windows.mean()[[2 * 25 + 3, 0]] - one.mean()[[0, 0]]).abs() < 1e-5);
    /// # Ok::<(), adatom_vae::Error>(())
    /// ```
    ///
    /// # Errors
    /// Those of [`sliding_encoder`](Self::sliding_encoder) and [`SlidingEncoder::encode`].
    pub fn encode_sliding(&self, image: ArrayView2<'_, f32>, stride: [usize; 2]) -> Result<Posterior> {
        self.sliding_encoder()?.encode(image.insert_axis(Axis(0)), stride)
    }
}

impl SlidingEncoder {
    /// Rows and columns of the grid of windows on an image of the shape `[channels, rows, columns]`.
    ///
    /// # Errors
    /// [`Error::Shape`] for another number of channels than the model has or an image smaller than the
    /// window, [`Error::Setting`] for a stride of 0.
    pub fn grid(&self, image: [usize; 3], stride: [usize; 2]) -> Result<[usize; 2]> {
        let [channels, rows, columns] = image;
        let shape = self.model.config().sample_shape();
        let [height, width] = self.window();
        if stride.contains(&0) {
            let found = format!("{} x {}", stride[0], stride[1]);
            return Err(Error::setting("the stride", "at least 1", found));
        }
        if channels != shape.channels() {
            let expected = format!("[{} channels, rows, columns]", shape.channels());
            return Err(Error::shape("the image", expected, format!("{image:?}")));
        }
        if rows < height || columns < width {
            let expected = format!("[at least {height} rows, at least {width} columns]");
            return Err(Error::shape("the image", expected, format!("[{rows}, {columns}]")));
        }
        Ok([(rows - height) / stride[0] + 1, (columns - width) / stride[1] + 1])
    }

    /// Mean and standard deviation of every window of an image `[channels, rows, columns]`, the windows row
    /// by row.
    ///
    /// # Errors
    /// Those of [`grid`](Self::grid); [`Error::Value`] for NaN or infinity.
    pub fn encode(&self, image: ArrayView3<'_, f32>, stride: [usize; 2]) -> Result<Posterior> {
        let [rows, _] = self.grid(extents(&image), stride)?;
        self.encode_rows(image, stride, 0..rows)
    }

    /// As [`encode`](Self::encode), for the rows `rows` of the grid of windows alone.
    ///
    /// # Errors
    /// Those of [`encode`](Self::encode), where only the pixels of these windows are checked;
    /// [`Error::Shape`] for rows outside the grid.
    pub fn encode_rows(
        &self,
        image: ArrayView3<'_, f32>,
        stride: [usize; 2],
        rows: Range<usize>,
    ) -> Result<Posterior> {
        let [grid_rows, columns] = self.grid(extents(&image), stride)?;
        if rows.start > rows.end || rows.end > grid_rows {
            return Err(Error::Shape {
                what: "the range of rows",
                expected: format!("a part of 0..{grid_rows}"),
                found: format!("{rows:?}"),
            });
        }
        self.check_values(&image, rows.start * stride[0]..(rows.end * stride[0] + self.window()[0]))?;
        let Some(network) = &self.network else {
            return self.model.encode_windows(image, &GridRows { stride, rows, columns });
        };
        let config = self.model.config();
        let latents = config.latents();
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
                    network.row(
                        &image,
                        RowOfWindows { first, stride: stride[1] },
                        buffers,
                        Moments { mean, sd },
                    );
                });
        }
        Ok(Posterior::new(config.clone(), mean, sd))
    }

    /// Height and width of a window.
    fn window(&self) -> [usize; 2] {
        let extents = self.model.config().sample_shape().extents();
        [extents[0], extents[1]]
    }

    /// # Errors
    /// [`Error::Value`] for the first pixel of the rows `used` that is not finite.
    fn check_values(&self, image: &ArrayView3<'_, f32>, used: Range<usize>) -> Result<()> {
        let (_, height, width) = image.dim();
        let wrong = |row: usize| {
            let values = image.index_axis(Axis(1), row);
            values.indexed_iter().find(|(_, value)| !value.is_finite()).map(|(at, _)| at)
        };
        let used = used.start..used.end.min(height);
        match used.into_par_iter().find_map_first(|row| wrong(row).map(|at| (row, at))) {
            None => Ok(()),
            Some((row, (channel, column))) => Err(Error::Value {
                sample: 0,
                position: (channel * height + row) * width + column,
                value: image[[channel, row, column]],
                expected: "finite",
            }),
        }
    }
}

fn extents(image: &ArrayView3<'_, f32>) -> [usize; 3] {
    let (channels, rows, columns) = image.dim();
    [channels, rows, columns]
}

/// Some rows of a grid of windows.
struct GridRows {
    stride: [usize; 2],
    rows: Range<usize>,
    /// Windows in a row.
    columns: usize,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::Activation;
    use candle_core::Device;
    use ndarray::Array3;

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
            let config = ShiftVae::image_config(height, width).hidden([17, 33]).activation(activation);
            let vae = ShiftVae::init(config, 4, &Device::Cpu).unwrap();
            let windows = vae.encode_sliding(image.view(), stride).unwrap();
            let [rows, columns] = [(31 - height) / stride[0] + 1, (47 - width) / stride[1] + 1];
            assert_eq!(windows.len(), rows * columns);
            let patches = Array3::from_shape_fn((rows * columns, height, width), |(n, i, j)| {
                image[[n / columns * stride[0] + i, n % columns * stride[1] + j]]
            });
            let each = vae.encode(&patches).unwrap();
            for (windows, each) in [(windows.mean(), each.mean()), (windows.sd(), each.sd())] {
                assert!(
                    (&windows - &each).iter().all(|difference| difference.abs() < 1e-5),
                    "{activation:?}"
                );
            }
            let channels = image.view().insert_axis(Axis(0));
            let last = vae.sliding_encoder().unwrap().encode_rows(channels, stride, rows - 1..rows).unwrap();
            assert_eq!(last.mean(), windows.mean().slice_axis(Axis(0), ((rows - 1) * columns..).into()));
        }
    }

    #[test]
    fn invalid_images_and_strides_are_named() {
        let vae = ShiftVae::init(ShiftVae::image_config(8, 8), 4, &Device::Cpu).unwrap();
        let text =
            |image: &Array2<f32>, stride| vae.encode_sliding(image.view(), stride).unwrap_err().to_string();
        let mut image = Array2::<f32>::zeros((7, 20));
        assert_eq!(
            text(&image, [1, 1]),
            "the image must have the shape [at least 8 rows, at least 8 columns], found [7, 20]"
        );
        image = Array2::zeros((9, 20));
        assert_eq!(text(&image, [0, 1]), "the stride must be at least 1, found 0 x 1");
        image[[8, 19]] = f32::NAN;
        assert_eq!(text(&image, [1, 1]), "value NaN at position 179 of sample 0 is not finite");
    }
}
