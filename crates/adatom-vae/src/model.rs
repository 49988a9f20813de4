//! The model: encoder and decoder with their configuration, and everything a trained model can do.

use std::collections::{BTreeMap, HashMap};

use candle_core::{DType, Device, Tensor};
use candle_nn::VarBuilder;
use ndarray::ArrayView2;

use crate::error::{Error, Result};
use crate::net::{Decoder, Encoder, Grid, initial_weights, layout, parameters};
use crate::spec::{VaeConfig, ValueRange};
use adatom_core::{SampleShape, Samples, Scaling};

mod activity;
mod averaging;
mod checkpoint;
mod class_rows;
mod conditional;
mod decode;
#[cfg(test)]
mod decoder_tests;
mod elbo;
mod encode;
mod history;
mod labels;
mod noise;
mod pose;
mod posterior;
mod predict;
mod pyroved;
mod score;
mod sliding;

pub use activity::{ACTIVE_VARIANCE, LatentActivity};
pub(crate) use averaging::{AveragedColumns, ContentAverage};
pub use checkpoint::CHECKPOINT_VERSION;
pub(crate) use checkpoint::{Checkpoint, at_path};
pub(crate) use class_rows::{ClassRow, class_rows};
pub use conditional::ConditionalVae;
pub use elbo::Elbo;
pub use history::{EpochRecord, History, TrainingEnd};
pub(crate) use labels::HALF_LN_TAU;
pub use pose::Pose;
pub use posterior::{LatentTensors, Posterior};
pub use predict::Prediction;
pub use score::ElboTensors;
pub(crate) use score::{ElboOptions, ElboTerms, MovedDraws};
pub use sliding::SlidingEncoder;

/// Samples that are encoded or decoded at a time; bounds the memory of layers, not the result.
const CHUNK: usize = 256;

/// An invariant variational autoencoder.
///
/// A model comes from [`Trainer::fit`](crate::Trainer::fit), from a file, or from the `VarBuilder` of a host
/// program.
///
/// A clone shares the memory of its weights with the original. The weights of a model from `fit` or from a
/// file never change, so that its clones are independent. A model nested under a host's `VarMap`
/// ([`from_var_builder`](Self::from_var_builder)) uses the variables of the host: when the host trains them,
/// the model and all its clones change.
///
/// ```
/// use adatom_vae::{
///     Device, Pose, ShiftVae,
///     ndarray::{Array3, arr2, s},
/// };
/// let vae = ShiftVae::init(ShiftVae::image_config(9, 9).hidden([16, 16]), 7, &Device::Cpu)?;
/// let content = arr2(&[[0.5, -1.0]]);
/// let centred = vae.decode(content.view(), &Pose::new())?;
/// assert_eq!(centred.shape(), [1, 9, 9]);
///
/// // A shift of 2 pixels along columns moves the object 2 pixels to the right.
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
    /// The grid of the training window; `None` for a plain decoder.
    grid: Option<Grid>,
    weights: BTreeMap<String, Tensor>,
    scaling: Option<Scaling>,
    /// Of each channel, where they differ.
    channel_scalings: Option<Vec<Scaling>>,
    history: History,
}

impl ShiftVae {
    /// The configuration of a model of image patches of `height` × `width` pixels, with the defaults of
    /// [`VaeConfig::new`].
    pub fn image_config(height: usize, width: usize) -> VaeConfig {
        VaeConfig::new(SampleShape::Image { height, width })
    }

    /// The configuration of a model of 1-D signals of `points` points, with the defaults of
    /// [`VaeConfig::new`].
    pub fn signal_config(points: usize) -> VaeConfig {
        VaeConfig::new(SampleShape::Signal { points })
    }

    /// An untrained model with weights drawn uniformly in ±1/√fan_in; the same seed gives the same bytes.
    ///
    /// # Errors
    /// [`Error::Setting`] for an invalid configuration.
    pub fn init(config: VaeConfig, seed: u64, device: &Device) -> Result<Self> {
        config.check()?;
        let weights = initial_weights(&config, seed, device)?;
        Self::from_weights(config, weights)
    }

    /// A model whose weights live under the `VarBuilder` of a host program, to be trained or loaded with the
    /// host's own.
    ///
    /// The names of the weights are those of a checkpoint: `encoder.hidden.0.weight`,
    /// `decoder.coordinates.bias`, ... The model and its clones share these weights with the host: training
    /// them changes what all of them compute. To keep a state of the model, [`save`](Self::save) it, or copy
    /// the variables into another `VarMap`.
    ///
    /// ```
    /// use adatom_vae::{
    ///     ShiftVae,
    ///     candle_core::{DType, Device, Tensor},
    ///     candle_nn::{VarBuilder, VarMap},
    /// };
    /// let host = VarMap::new();
    /// let vb = VarBuilder::from_varmap(&host, DType::F32, &Device::Cpu);
    /// let vae = ShiftVae::from_var_builder(ShiftVae::image_config(8, 8), vb.pp("vae"))?;
    /// assert!(host.data().lock().unwrap().contains_key("vae.encoder.mean.bias"));
    /// let batch = Tensor::zeros((3, 8, 8), DType::F32, &Device::Cpu)?;
    /// assert_eq!(vae.encode_tensor(&batch)?.mean.dims(), [3, 4]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Setting`] for an invalid configuration, [`Error::Tensor`] when the builder has no tensor of
    /// the needed name and shape.
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
    pub fn config(&self) -> &VaeConfig {
        &self.config
    }

    /// The change of intensities of the training samples, if they have one.
    pub fn scaling(&self) -> Option<&Scaling> {
        self.scaling.as_ref()
    }

    /// Sets the change of intensities of the training samples, which a file of the model contains.
    pub fn with_scaling(mut self, scaling: Option<Scaling>) -> Self {
        self.scaling = scaling;
        self
    }

    /// The change of intensities of each channel of the training samples, if they have one.
    pub fn channel_scalings(&self) -> Option<&[Scaling]> {
        self.channel_scalings.as_deref()
    }

    /// Sets the changes of intensities of the channels of the training samples.
    pub fn with_channel_scalings(mut self, scalings: Option<Vec<Scaling>>) -> Self {
        self.channel_scalings = scalings;
        self
    }

    /// The epochs of the training and how it ended; empty for a model that was loaded.
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

    /// Number of all weights.
    pub fn parameter_count(&self) -> usize {
        self.weights.values().map(Tensor::elem_count).sum()
    }

    /// The device of the weights.
    pub fn device(&self) -> &Device {
        self.encoder_weight().device()
    }

    /// The type of the weights.
    pub(crate) fn dtype(&self) -> DType {
        self.encoder_weight().dtype()
    }

    fn encoder_weight(&self) -> &Tensor {
        self.weights.values().next().expect("every model has an encoder")
    }

    /// A copy with its own memory, which further training does not change.
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

    /// A copy on a device.
    pub(crate) fn to_device(&self, device: &Device) -> Result<Self> {
        let weights = self
            .weights
            .iter()
            .map(|(name, tensor)| Ok((name.clone(), tensor.detach().to_device(device)?.copy()?)))
            .collect::<Result<_>>()?;
        Self::from_weights(self.config.clone(), weights)
    }

    fn flat(&self, batch: &Tensor) -> Result<Tensor> {
        let shape = self.config.sample_shape();
        layout::rows(batch, shape)?.ok_or_else(|| {
            Error::shape(
                "the batch",
                format!("[samples, {}]", named_extents(shape)),
                format!("{:?}", batch.dims()),
            )
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
            let expected = format!("[{}]", named_extents(self.config.sample_shape()));
            return Err(Error::shape("a sample", expected, format!("[{}]", named_extents(samples.shape()))));
        }
        Ok(())
    }
}

/// The extents of a sample with their meaning: `3 channels, 24 rows, 24 columns` or `100 points`.
fn named_extents(shape: SampleShape) -> String {
    let mut parts = Vec::new();
    if shape.array_shape().len() > shape.dimensions() {
        parts.push(format!("{} channels", shape.channels()));
    }
    let names: &[&str] = if shape.dimensions() == 1 { &["points"] } else { &["rows", "columns"] };
    parts.extend(shape.extents().iter().zip(names).map(|(extent, name)| format!("{extent} {name}")));
    parts.join(", ")
}

/// # Errors
/// [`Error::Shape`] unless `condition` is `[n, width]`.
fn check_condition(condition: &Tensor, n: usize, width: usize) -> Result<()> {
    if condition.dims() == [n, width] {
        return Ok(());
    }
    Err(Error::shape("the condition", format!("[{n} samples, {width}]"), format!("{:?}", condition.dims())))
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
