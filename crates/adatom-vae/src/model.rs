//! The model: encoder and decoder with their configuration.

use std::collections::{BTreeMap, HashMap};

use candle_core::{D, DType, Device, Tensor};
use candle_nn::VarBuilder;
use ndarray::{Array2, Array4, ArrayD, ArrayView2, IxDyn};

use crate::decoder::Decoder;
use crate::elbo::latent_kl;
use crate::encoder::Encoder;
use crate::fused::{Observed, Subset};
use crate::grid::{Grid, pixels_per_unit};
use crate::invariance::{LatentLayout, coordinate_change};
use crate::likelihood::ValueRange;
use crate::parameters::{initial_weights, parameters};
use crate::train::History;
use crate::{
    Elbo, Error, LatentTensors, Pose, Posterior, Result, SampleShape, Samples, Scaling, VaeConfig, layout,
    random,
};

/// Samples that are encoded or decoded at a time; bounds the memory of layers, not the result.
const CHUNK: usize = 256;

/// An invariant variational autoencoder.
///
/// A model comes from [`Trainer::fit`](crate::Trainer::fit), from a file, or from a host's `VarBuilder`.
///
/// ```
/// use adatom_vae::{Device, Pose, ShiftVae, ndarray::{arr2, Array3, s}};
/// let vae = ShiftVae::init(ShiftVae::config(9, 9).hidden([16, 16]), 7, &Device::Cpu)?;
/// let content = arr2(&[[0.5, -1.0]]);
/// let centred = vae.decode(content.view(), &Pose::new())?;
/// assert_eq!(centred.shape(), [1, 9, 9]);
///
/// // A shift of 2 pixels along columns moves the picture 2 pixels to the right.
/// let shift = arr2(&[[0.0, 2.0]]);
/// let moved = vae.decode(content.view(), &Pose::new().shift_pixels(shift.view()))?;
/// let difference = &moved.slice(s![0, .., 2..]) - &centred.slice(s![0, .., ..7]);
/// assert!(difference.iter().all(|d| d.abs() < 1e-5));
/// # Ok::<(), adatom_vae::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct ShiftVae {
    config: VaeConfig,
    encoder: Encoder,
    decoder: Decoder,
    /// Coordinates of the training window; `None` for a plain decoder.
    grid: Option<Grid>,
    weights: BTreeMap<String, Tensor>,
    scaling: Option<Scaling>,
    /// Of each channel, where they have their own.
    channel_scalings: Option<Vec<Scaling>>,
    history: History,
}

/// Log-likelihood, KL and means of a batch as tensors.
#[derive(Debug, Clone)]
pub(crate) struct ElboTensors {
    /// `[n]`.
    pub(crate) log_likelihood: Tensor,
    /// `[n, latents]`.
    pub(crate) kl: Tensor,
    /// Posterior means `[n, latents]`.
    pub(crate) mean: Tensor,
    /// The encoder's layer of means: the same, but for the two numbers of an angle on the circle.
    pub(crate) heads: Tensor,
    /// Posterior standard deviations `[n, latents]`.
    pub(crate) sd: Tensor,
}

/// What becomes of the draws `z` `[n, latents]` of a batch: z · free + shift.
#[derive(Debug, Clone)]
pub(crate) struct Moved {
    /// `[1, latents]`, 1 or 0.
    pub(crate) free: Tensor,
    /// `[n, latents]`.
    pub(crate) shift: Tensor,
    /// The result, `[n · latents]`.
    pub(crate) latents: Vec<f32>,
}

impl ShiftVae {
    /// The configuration of a model of image patches of `height` × `width` pixels, with the defaults of
    /// [`VaeConfig::new`].
    pub fn config(height: usize, width: usize) -> VaeConfig {
        VaeConfig::new(SampleShape::Image { height, width })
    }

    /// The configuration of a model of 1-D signals of so many points, with the defaults of [`VaeConfig::new`].
    pub fn signal_config(points: usize) -> VaeConfig {
        VaeConfig::new(SampleShape::Signal { points })
    }

    /// An untrained model with weights drawn uniformly in ±1/√fan_in; the same seed gives the same bytes.
    ///
    /// # Errors
    /// [`Error::Setting`] for a configuration that no model can have.
    pub fn init(config: VaeConfig, seed: u64, device: &Device) -> Result<Self> {
        config.check()?;
        let weights = initial_weights(&config, seed, device)?;
        Self::from_weights(config, weights)
    }

    /// A model whose weights live under a host's `VarBuilder`, to be trained or loaded with the host's own.
    ///
    /// The names are those of a checkpoint: `encoder.hidden.0.weight`, `decoder.coordinates.bias`, ...
    ///
    /// ```
    /// use adatom_vae::{ShiftVae, candle_core::{DType, Device, Tensor}, candle_nn::{VarBuilder, VarMap}};
    /// let host = VarMap::new();
    /// let vb = VarBuilder::from_varmap(&host, DType::F32, &Device::Cpu);
    /// let vae = ShiftVae::from_var_builder(ShiftVae::config(8, 8), vb.pp("vae"))?;
    /// assert!(host.data().lock().unwrap().contains_key("vae.encoder.mean.bias"));
    /// let batch = Tensor::zeros((3, 8, 8), DType::F32, &Device::Cpu)?;
    /// assert_eq!(vae.encode_tensor(&batch)?.mean.dims(), [3, 4]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Setting`] for a configuration that no model can have, [`Error::Tensor`] when the builder has no
    /// tensor of the needed name and shape.
    pub fn from_var_builder(config: VaeConfig, vb: VarBuilder<'_>) -> Result<Self> {
        config.check()?;
        let encoder = Encoder::new(&config, vb.pp("encoder"))?;
        let decoder = Decoder::new(&config, vb.pp("decoder"))?;
        let weights = parameters(&config)
            .into_iter()
            .map(|parameter| Ok((parameter.name.clone(), vb.get(parameter.shape, &parameter.name)?)))
            .collect::<Result<_>>()?;
        let grid = match &decoder {
            Decoder::Spatial(decoder) => Some(decoder.grid(config.sample_shape())?),
            Decoder::Plain(_) => None,
        };
        let history = History::default();
        Ok(Self { config, encoder, decoder, grid, weights, scaling: None, channel_scalings: None, history })
    }

    pub(crate) fn from_weights(config: VaeConfig, weights: BTreeMap<String, Tensor>) -> Result<Self> {
        let (dtype, device) = match weights.values().next() {
            Some(tensor) => (tensor.dtype(), tensor.device().clone()),
            None => (DType::F32, Device::Cpu),
        };
        let tensors: HashMap<String, Tensor> = weights.into_iter().collect();
        Self::from_var_builder(config, VarBuilder::from_tensors(tensors, dtype, &device))
    }

    /// The configuration.
    pub fn configuration(&self) -> &VaeConfig {
        &self.config
    }

    /// The change of intensities that made the training samples, where they told it.
    pub fn scaling(&self) -> Option<&Scaling> {
        self.scaling.as_ref()
    }

    /// Remembers the change of intensities of the samples.
    pub fn with_scaling(mut self, scaling: Option<Scaling>) -> Self {
        self.scaling = scaling;
        self
    }

    /// The change of intensities of each channel of the training samples, where they told it.
    pub fn channel_scalings(&self) -> Option<&[Scaling]> {
        self.channel_scalings.as_deref()
    }

    /// Remembers the changes of intensities of the channels of the samples.
    pub fn with_channel_scalings(mut self, scalings: Option<Vec<Scaling>>) -> Self {
        self.channel_scalings = scalings;
        self
    }

    /// What each epoch of the training gave; empty for a model that was loaded.
    pub fn history(&self) -> &History {
        &self.history
    }

    pub(crate) fn with_history(mut self, history: History) -> Self {
        self.history = history;
        self
    }

    /// The weights by name.
    pub fn weights(&self) -> &BTreeMap<String, Tensor> {
        &self.weights
    }

    /// Numbers in all weights.
    pub fn parameter_count(&self) -> usize {
        self.weights.values().map(Tensor::elem_count).sum()
    }

    /// Where the weights are.
    pub fn device(&self) -> &Device {
        self.encoder_weight().device()
    }

    /// Of the weights.
    pub(crate) fn dtype(&self) -> DType {
        self.encoder_weight().dtype()
    }

    fn encoder_weight(&self) -> &Tensor {
        self.weights.values().next().expect("every model has an encoder")
    }

    /// A copy on its own memory, so that further training does not change it.
    pub(crate) fn snapshot(&self) -> Result<Self> {
        let weights = self
            .weights
            .iter()
            .map(|(name, tensor)| Ok((name.clone(), tensor.detach().copy()?)))
            .collect::<Result<_>>()?;
        Ok(Self::from_weights(self.config.clone(), weights)?
            .with_scaling(self.scaling)
            .with_channel_scalings(self.channel_scalings.clone())
            .with_history(self.history.clone()))
    }

    /// Mean and standard deviation of every sample.
    ///
    /// # Errors
    /// [`Error::Shape`] for samples of another shape, [`Error::NoSamples`], [`Error::Value`] for NaN or infinity.
    pub fn encode(&self, samples: &(impl Samples + ?Sized)) -> Result<Posterior> {
        self.check_samples(samples)?;
        let (n, points, latents) = (samples.count(), self.config.sample_shape().len(), self.config.latents());
        let (mut mean, mut sd) = (Array2::zeros((n, latents)), Array2::zeros((n, latents)));
        let mut batch = Array2::zeros((CHUNK.min(n), points));
        for first in (0..n).step_by(CHUNK) {
            let indices: Vec<usize> = (first..n.min(first + CHUNK)).collect();
            let mut view = batch.slice_mut(ndarray::s![..indices.len(), ..]);
            samples.fill(&indices, &mut view);
            check_values(&view.view(), &indices, ValueRange::Finite)?;
            let latent = self.encode_tensor(&self.tensor(&view.view())?)?;
            for (target, tensor) in [(&mut mean, latent.mean), (&mut sd, latent.sd)] {
                let rows = tensor.to_dtype(DType::F32)?.flatten_all()?.to_vec1::<f32>()?;
                let rows =
                    ArrayView2::from_shape((indices.len(), latents), &rows).expect("the encoder's shape");
                target.slice_mut(ndarray::s![first..first + indices.len(), ..]).assign(&rows);
            }
        }
        Ok(Posterior::new(self.config.clone(), mean, sd))
    }

    /// Mean and standard deviation of a batch `[n, points]` or `[n, height, width]`, on its device; of several channels
    /// `[n, channels, ...]`.
    ///
    /// # Errors
    /// [`Error::Shape`] when the batch has another number of points, [`Error::Tensor`] for another device or type.
    pub fn encode_tensor(&self, batch: &Tensor) -> Result<LatentTensors> {
        let (raw, sd) = self.encoder.heads(&self.flat(batch)?)?;
        Ok(LatentTensors { mean: self.encoder.means(&raw)?, sd })
    }

    /// The samples that latents `[n, latents]` (as the encoder gives them) stand for: `[n, height, width]` or
    /// `[n, points]`, of several channels `[n, channels, ...]`.
    ///
    /// # Errors
    /// [`Error::Shape`] for another number of latents, [`Error::Tensor`] for another device or type.
    pub fn decode_tensor(&self, latents: &Tensor) -> Result<Tensor> {
        let raw = self.raw_from_latents(latents)?;
        Ok(layout::arrays(&self.config.output_link().apply(&raw)?, self.config.sample_shape())?)
    }

    /// ln p(x | z) of a batch `[n, ...]` given latents `[n, latents]`, summed over pixels: `[n]`.
    ///
    /// # Errors
    /// Those of [`encode_tensor`](Self::encode_tensor) and [`decode_tensor`](Self::decode_tensor).
    pub fn log_likelihood_tensor(&self, batch: &Tensor, latents: &Tensor) -> Result<Tensor> {
        self.score(&self.flat(batch)?, latents, None)
    }

    /// ln p(x | z) of the rows of `x` `[n, points]`; with a subset, estimated from its points.
    pub(crate) fn score(&self, x: &Tensor, latents: &Tensor, subset: Option<Subset>) -> Result<Tensor> {
        let (likelihood, link) = (self.config.pixel_likelihood(), self.config.output_link());
        if let (Decoder::Spatial(decoder), Some(grid)) = (&self.decoder, &self.grid)
            && x.dtype() == DType::F32
            && !x.track_op()
            && likelihood.trained_noise().is_none()
        {
            let (content, change) = self.decoder_latents(latents)?;
            let observed = Observed::new(x.flatten_all()?.to_vec1()?, (likelihood, link), subset.clone());
            if let Some(score) = decoder.score(&content, &change, grid, observed) {
                return Ok(score?);
            }
        }
        let (raw, noise) = (self.raw_from_latents(latents)?, self.log_sigma()?);
        let Some(subset) = subset else {
            return Ok(likelihood.log_probability(&raw, x, (link, noise.as_ref()))?);
        };
        let n = x.dim(0)?;
        let points = Tensor::from_vec(subset.points, (n, ()), x.device())?;
        let scored =
            |values: &Tensor| layout::at_points(values, &points, self.config.sample_shape().channels());
        let noise = noise.map(|noise| scored(&noise.broadcast_as(x.shape())?)).transpose()?;
        let log = likelihood.log_probability(&scored(&raw)?, &scored(x)?, (link, noise.as_ref()))?;
        Ok((log * f64::from(subset.scale))?)
    }

    /// Log-likelihood `[n]` and KL `[n, latents]` of a batch, with one draw z = mean + sd · noise, `noise`
    /// `[n, latents]`. Differentiable: for programs that train the model within their own.
    ///
    /// # Errors
    /// Those of [`encode_tensor`](Self::encode_tensor) and [`decode_tensor`](Self::decode_tensor).
    pub fn elbo_tensor(&self, batch: &Tensor, noise: &Tensor) -> Result<(Tensor, Tensor)> {
        let terms = self.elbo_terms(&self.flat(batch)?, noise, None, None)?;
        Ok((terms.log_likelihood, terms.kl))
    }

    /// With the draws `moved` where that is given.
    pub(crate) fn elbo_terms(
        &self,
        x: &Tensor,
        noise: &Tensor,
        subset: Option<Subset>,
        moved: Option<&Moved>,
    ) -> Result<ElboTensors> {
        let (heads, sd) = self.encoder.heads(&self.flat(x)?)?;
        let mean = self.encoder.means(&heads)?;
        let mut z = (&mean + (&sd * noise)?)?;
        if let Some(moved) = moved {
            z = (z.broadcast_mul(&moved.free)? + &moved.shift)?;
        }
        let kl = latent_kl(&self.config, &mean, &sd)?;
        Ok(ElboTensors { log_likelihood: self.score(x, &z, subset)?, kl, mean, heads, sd })
    }

    /// The mean evidence lower bound of samples, with one seeded draw of the latents for each.
    ///
    /// # Errors
    /// Those of [`encode`](Self::encode); values outside [0, 1] where the likelihood needs them inside.
    pub fn elbo(&self, samples: &(impl Samples + ?Sized), seed: u64) -> Result<Elbo> {
        self.check_samples(samples)?;
        let indices: Vec<usize> = (0..samples.count()).collect();
        self.elbo_of(samples, &indices, seed)
    }

    pub(crate) fn elbo_of(
        &self,
        samples: &(impl Samples + ?Sized),
        indices: &[usize],
        seed: u64,
    ) -> Result<Elbo> {
        let mut noise = random::stream(seed, random::Purpose::Evaluation);
        let (mut log_likelihood, mut kl) = (0.0, 0.0);
        let mut batch = Array2::zeros((CHUNK.min(indices.len()), self.config.sample_shape().len()));
        for chunk in indices.chunks(CHUNK) {
            let mut view = batch.slice_mut(ndarray::s![..chunk.len(), ..]);
            samples.fill(chunk, &mut view);
            check_values(&view.view(), chunk, self.config.pixel_likelihood().values())?;
            let draws = random::normals(&mut noise, chunk.len() * self.config.latents());
            let draws = Tensor::from_vec(draws, (chunk.len(), self.config.latents()), self.device())?;
            let terms = self.elbo_terms(&self.tensor(&view.view())?, &draws, None, None)?;
            log_likelihood += sum(&terms.log_likelihood)?;
            kl += sum(&terms.kl)?;
        }
        let n = indices.len() as f64;
        Ok(Elbo { log_likelihood: log_likelihood / n, kl: kl / n })
    }

    /// The samples as the model sees them: decoded from the posterior means. `[n, height, width]` or `[n, points]`, of
    /// several channels `[n, channels, ...]`.
    ///
    /// # Errors
    /// Those of [`encode`](Self::encode).
    pub fn reconstruct(&self, samples: &(impl Samples + ?Sized)) -> Result<ArrayD<f32>> {
        let posterior = self.encode(samples)?;
        let latents = self.tensor(&posterior.mean())?;
        let mut values = Vec::with_capacity(samples.count() * self.config.sample_shape().len());
        for first in (0..samples.count()).step_by(CHUNK) {
            let count = CHUNK.min(samples.count() - first);
            let decoded = self.decode_tensor(&latents.narrow(0, first, count)?)?;
            values.extend(decoded.to_dtype(DType::F32)?.flatten_all()?.to_vec1::<f32>()?);
        }
        Ok(shaped(values, samples.count(), self.config.sample_shape()))
    }

    /// Objects of the given content `[n, k]` in the given pose, on the training window: `[n, height, width]` or
    /// `[n, points]`, of several channels `[n, channels, ...]`.
    ///
    /// # Errors
    /// [`Error::Shape`] for another number of content latents or a pose of another length, [`Error::Setting`] for a
    /// pose in a model without invariances.
    pub fn decode(&self, content: ArrayView2<'_, f32>, pose: &Pose) -> Result<ArrayD<f32>> {
        self.decode_at(content, pose, self.config.sample_shape())
    }

    /// As [`decode`](Self::decode), on a grid of any number of points that spans the same window; the channels are those of
    /// the model, whether the resolution has them or not.
    ///
    /// # Errors
    /// Those of [`decode`](Self::decode); [`Error::Setting`] for another resolution in a model without invariances,
    /// [`Error::Shape`] for an image resolution in a model of signals and the reverse.
    pub fn decode_at(
        &self,
        content: ArrayView2<'_, f32>,
        pose: &Pose,
        resolution: SampleShape,
    ) -> Result<ArrayD<f32>> {
        let n = content.nrows();
        if content.ncols() != self.config.content_latents() {
            return Err(Error::Shape {
                what: "the content",
                expected: format!("[n, {}]", self.config.content_latents()),
                found: format!("{:?}", content.shape()),
            });
        }
        let shape = self.config.sample_shape();
        let same = resolution.extents() == shape.extents();
        let other_channels = resolution.channels() != 1 && resolution.channels() != shape.channels();
        if resolution.is_empty() || resolution.dimensions() != shape.dimensions() || other_channels {
            return Err(Error::Shape {
                what: "the resolution",
                expected: format!("{} positive extents", shape.dimensions()),
                found: resolution.to_string(),
            });
        }
        let resolution = match shape {
            SampleShape::Signal { .. } | SampleShape::Image { .. } => resolution.without_channels(),
            _ => resolution.with_channels(shape.channels()),
        };
        let content = self.tensor(&content)?;
        let changes = self.pose_changes(pose, n)?;
        let mut values = Vec::with_capacity(n * resolution.len());
        for first in (0..n).step_by(CHUNK) {
            let count = CHUNK.min(n - first);
            let content = content.narrow(0, first, count)?;
            let raw = match (&self.decoder, &changes) {
                (Decoder::Spatial(decoder), Some(changes)) => {
                    let grid = decoder.grid(resolution)?;
                    decoder.forward(&content, &changes.narrow(0, first, count)?, &grid)?
                }
                (Decoder::Plain(decoder), _) if same => decoder.forward(&content)?,
                _ => {
                    return Err(Error::Setting {
                        setting: "the resolution",
                        expected: "that of the training in a model without invariances",
                        found: resolution.to_string(),
                    });
                }
            };
            let decoded = layout::arrays(&self.config.output_link().apply(&raw)?, resolution)?;
            values.extend(decoded.to_dtype(DType::F32)?.flatten_all()?.to_vec1::<f32>()?);
        }
        Ok(shaped(values, n, resolution))
    }

    /// Decoded objects over the plane of the first two content latents, `[rows, columns, height, width]` (height 1 for
    /// signals), without shift, rotation and scale. Several channels stand below each other: channels · height rows.
    ///
    /// `columns` are the values of the first content latent from left to right, `rows` those of the second from top to
    /// bottom, in standard deviations of the prior; further latents are 0. With one content latent, give one row.
    ///
    /// ```
    /// use adatom_vae::{Device, ShiftVae};
    /// let vae = ShiftVae::init(ShiftVae::config(9, 7).hidden([8]), 1, &Device::Cpu)?;
    /// let tiles = vae.manifold(&[-1.0, 0.0, 1.0], &[1.5, -1.5])?;
    /// assert_eq!(tiles.dim(), (2, 3, 9, 7));
    /// # Ok::<(), adatom_vae::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Setting`] without values, for a value that is not finite, in a model without content latents, and for
    /// several rows in a model with one.
    pub fn manifold(&self, columns: &[f64], rows: &[f64]) -> Result<Array4<f32>> {
        let k = self.config.content_latents();
        let finite = columns.iter().chain(rows).all(|value| value.is_finite());
        if k == 0 || columns.is_empty() || rows.is_empty() || !finite || (k == 1 && rows.len() > 1) {
            return Err(Error::Setting {
                setting: "the manifold",
                expected: "finite values, one row for one content latent, in a model with content latents",
                found: format!("{} columns and {} rows for {k} content latents", columns.len(), rows.len()),
            });
        }
        let content = Array2::from_shape_fn((rows.len() * columns.len(), k), |(tile, latent)| match latent {
            0 => columns[tile % columns.len()] as f32,
            1 => rows[tile / columns.len()] as f32,
            _ => 0.0,
        });
        let decoded = self.decode(content.view(), &Pose::new())?;
        let sample = self.config.sample_shape();
        let width = *sample.extents().last().expect("one or two axes");
        let shape = (rows.len(), columns.len(), sample.len() / width, width);
        Ok(decoded.into_shape_with_order(shape).expect("as many numbers as decoded"))
    }

    /// Content `[n, k]` and coordinate changes `[n, d² + d]` out of all latents.
    fn decoder_latents(&self, latents: &Tensor) -> Result<(Tensor, Tensor)> {
        let expected = self.config.latents();
        if latents.rank() != 2 || latents.dim(D::Minus1)? != expected {
            return Err(Error::Shape {
                what: "the latents",
                expected: format!("[n, {expected}]"),
                found: format!("{:?}", latents.dims()),
            });
        }
        let range = LatentLayout::new(&self.config).content;
        let content = latents.narrow(1, range.start, range.len())?.contiguous()?;
        Ok((content, coordinate_change(&self.config, latents)?))
    }

    fn raw_from_latents(&self, latents: &Tensor) -> Result<Tensor> {
        let (content, change) = self.decoder_latents(latents)?;
        Ok(match (&self.decoder, &self.grid) {
            (Decoder::Spatial(decoder), Some(grid)) => decoder.forward(&content, &change, grid)?,
            (Decoder::Plain(decoder), _) => decoder.forward(&content)?,
            (Decoder::Spatial(_), None) => unreachable!("a spatial decoder is built with its grid"),
        })
    }

    /// M and t of every object out of a pose, `[n, d² + d]`; `None` for a plain decoder.
    fn pose_changes(&self, pose: &Pose, n: usize) -> Result<Option<Tensor>> {
        let lengths = [
            pose.rotation.as_ref().map(|angles| ("the rotation", angles.len())),
            pose.shift.as_ref().map(|shift| ("the shift", shift.nrows())),
            pose.scale.as_ref().map(|scale| ("the scale", scale.len())),
        ];
        for (what, found) in lengths.into_iter().flatten() {
            if !self.config.is_spatial() {
                return Err(Error::Setting {
                    setting: what,
                    expected: "absent in a model without invariances",
                    found: format!("that of {found} objects"),
                });
            }
            if found != n {
                let (expected, found) = (format!("[{n}, ...]"), format!("[{found}, ...]"));
                return Err(Error::Shape { what, expected, found });
            }
        }
        if !self.config.is_spatial() {
            return Ok(None);
        }
        let pixels = pixels_per_unit(self.config.sample_shape());
        let d = pixels.len();
        if let Some(shift) = &pose.shift
            && shift.ncols() != d
        {
            let (expected, found) = (format!("[{n}, {d}]"), format!("{:?}", shift.shape()));
            return Err(Error::Shape { what: "the shift", expected, found });
        }
        let mut values = Vec::with_capacity(n * (d * d + d));
        for object in 0..n {
            let scale = pose.scale.as_ref().map_or(1.0, |scale| scale[object]);
            let angle = pose.rotation.as_ref().map_or(0.0, |angles| angles[object]);
            let (sine, cosine) = angle.sin_cos();
            match d {
                1 => values.push(scale),
                _ => values.extend([scale * cosine, -scale * sine, scale * sine, scale * cosine]),
            }
            for (axis, &pixels) in pixels.iter().enumerate() {
                let shift = pose.shift.as_ref().map_or(0.0, |shift| shift[[object, axis]]);
                // A window of one point has no extent to shift over.
                values.push(if pixels == 0.0 { 0.0 } else { shift / pixels as f32 });
            }
        }
        let changes = Tensor::from_vec(values, (n, d * d + d), self.device())?;
        Ok(Some(changes.to_dtype(self.encoder_weight().dtype())?))
    }

    fn flat(&self, batch: &Tensor) -> Result<Tensor> {
        let shape = self.config.sample_shape();
        layout::rows(batch, shape)?.ok_or_else(|| {
            let extents: Vec<String> = shape.array_shape().iter().map(usize::to_string).collect();
            let (expected, found) = (format!("[n, {}]", extents.join(", ")), format!("{:?}", batch.dims()));
            Error::Shape { what: "the batch", expected, found }
        })
    }

    pub(crate) fn tensor(&self, rows: &ArrayView2<'_, f32>) -> Result<Tensor> {
        let tensor = Tensor::from_vec(rows.iter().copied().collect::<Vec<f32>>(), rows.dim(), self.device())?;
        Ok(tensor.to_dtype(self.encoder_weight().dtype())?)
    }

    pub(crate) fn check_samples(&self, samples: &(impl Samples + ?Sized)) -> Result<()> {
        if samples.count() == 0 {
            return Err(Error::NoSamples);
        }
        if samples.shape() != self.config.sample_shape() {
            return Err(Error::Shape {
                what: "a sample",
                expected: self.config.sample_shape().to_string(),
                found: samples.shape().to_string(),
            });
        }
        Ok(())
    }
}

fn shaped(values: Vec<f32>, n: usize, shape: SampleShape) -> ArrayD<f32> {
    let mut extents = vec![n];
    extents.extend(shape.array_shape());
    ArrayD::from_shape_vec(IxDyn(&extents), values).expect("as many numbers as decoded")
}

/// Sum of all elements in double precision.
pub(crate) fn sum(tensor: &Tensor) -> Result<f64> {
    Ok(tensor.to_dtype(DType::F64)?.sum_all()?.to_scalar::<f64>()?)
}

/// Tolerates the rounding of scaled intensities.
const UNIT_INTERVAL_TOLERANCE: f32 = 1e-5;

/// # Errors
/// [`Error::Value`] for the first value that is not in `range`.
pub(crate) fn check_values(batch: &ArrayView2<'_, f32>, indices: &[usize], range: ValueRange) -> Result<()> {
    let allowed = -UNIT_INTERVAL_TOLERANCE..=1.0 + UNIT_INTERVAL_TOLERANCE;
    let good = |value: f32| match range {
        ValueRange::Finite => value.is_finite(),
        ValueRange::UnitInterval => allowed.contains(&value),
        ValueRange::Counts => value.is_finite() && value >= 0.0,
    };
    let expected = match range {
        ValueRange::Finite => "finite",
        ValueRange::UnitInterval => "in [0, 1], as this likelihood needs",
        ValueRange::Counts => "a count, finite and not negative, as this likelihood needs",
    };
    for (row, &sample) in batch.rows().into_iter().zip(indices) {
        if let Some(position) = row.iter().position(|&value| !good(value)) {
            return Err(Error::Value { sample, position, value: row[position], expected });
        }
    }
    Ok(())
}
