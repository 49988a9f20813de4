//! From latents to samples: decoding, reconstruction, manifold.

use candle_core::{D, DType, Tensor};
use ndarray::{Array2, Array4, ArrayD, ArrayView2, Axis, IxDyn};

use super::{CHUNK, ShiftVae, check_condition};
use crate::error::{Error, Result};
use crate::model::Pose;
use crate::net::{Decoder, coordinate_change, layout};
use crate::spec::{LatentLayout, missing_condition, pixels_per_unit};
use adatom_core::{SampleShape, Samples};

/// What enters the decoder.
pub(super) struct DecoderInputs {
    /// Content and conditioning, `[n, k + width]`.
    pub(super) content: Tensor,
    /// Coordinate changes, `[n, d² + d]`.
    pub(super) change: Tensor,
}

impl ShiftVae {
    /// Decodes latents `[n, latents]`, as the encoder gives them: `[n, height, width]` or `[n, points]`, with
    /// several channels `[n, channels, ...]`.
    ///
    /// # Errors
    /// [`Error::Shape`] for another number of latents, [`Error::Tensor`] for another device or type,
    /// [`Error::Condition`] for a model that needs a condition ([`conditioned_on`](Self::conditioned_on)).
    pub fn decode_tensor(&self, latents: &Tensor) -> Result<Tensor> {
        self.decoded(latents, None)
    }

    /// As [`decode_tensor`](Self::decode_tensor), with `conditioning` `[n, width]`.
    pub(crate) fn decoded(&self, latents: &Tensor, conditioning: Option<&Tensor>) -> Result<Tensor> {
        let raw = self.raw_from_latents(latents, conditioning)?;
        Ok(layout::arrays(&self.config.get_output().apply(&raw)?, self.config.sample_shape())?)
    }

    /// The samples decoded from their posterior means, with the most probable class or the mean of the target
    /// where the model has them: `[n, height, width]` or `[n, points]`, with several channels
    /// `[n, channels, ...]`.
    ///
    /// # Errors
    /// Those of [`encode`](Self::encode).
    pub fn reconstruct(&self, samples: &(impl Samples + ?Sized)) -> Result<ArrayD<f32>> {
        self.reconstruct_with(samples, None)
    }

    /// As [`reconstruct`](Self::reconstruct), with `conditioning` `[n, width]`.
    pub(crate) fn reconstruct_with(
        &self,
        samples: &(impl Samples + ?Sized),
        conditioning: Option<&Array2<f32>>,
    ) -> Result<ArrayD<f32>> {
        let posterior = self.encode_with(samples, conditioning)?;
        let predicted = if conditioning.is_some() { None } else { self.predicted_conditioning(samples)? };
        let conditioning = conditioning.or(predicted.as_ref());
        let latents = self.tensor(&posterior.mean())?;
        let mut values = Vec::with_capacity(samples.count() * self.config.sample_shape().len());
        for first in (0..samples.count()).step_by(CHUNK) {
            let count = CHUNK.min(samples.count() - first);
            let rows = conditioning
                .map(|rows| self.tensor(&rows.slice_axis(Axis(0), (first..first + count).into())));
            let decoded = self.decoded(&latents.narrow(0, first, count)?, rows.transpose()?.as_ref())?;
            values.extend(decoded.to_dtype(DType::F32)?.flatten_all()?.to_vec1::<f32>()?);
        }
        Ok(shaped(values, samples.count(), self.config.sample_shape()))
    }

    /// Decodes objects of the given content `[n, k]` in the given pose, on the window of the training:
    /// `[n, height, width]` or `[n, points]`, with several channels `[n, channels, ...]`.
    ///
    /// # Errors
    /// [`Error::Shape`] for another number of content latents or a pose of another length, [`Error::Setting`]
    /// for a pose in a model without invariances, [`Error::Condition`] for a model that needs a condition
    /// ([`conditioned_on`](Self::conditioned_on)).
    pub fn decode(&self, content: ArrayView2<'_, f32>, pose: &Pose) -> Result<ArrayD<f32>> {
        self.decode_at(content, pose, self.config.sample_shape())
    }

    /// As [`decode`](Self::decode), on a grid of any number of points that spans the same window; the
    /// channels are those of the model, whether the resolution has them or not.
    ///
    /// # Errors
    /// Those of [`decode`](Self::decode); [`Error::Setting`] for another resolution in a model without
    /// invariances, [`Error::Shape`] for an image resolution in a model of signals and the reverse.
    pub fn decode_at(
        &self,
        content: ArrayView2<'_, f32>,
        pose: &Pose,
        resolution: SampleShape,
    ) -> Result<ArrayD<f32>> {
        self.decode_with(content, pose, resolution, None)
    }

    /// As [`decode_at`](Self::decode_at), with `conditioning` `[n, width]`.
    pub(crate) fn decode_with(
        &self,
        content: ArrayView2<'_, f32>,
        pose: &Pose,
        resolution: SampleShape,
        conditioning: Option<&Array2<f32>>,
    ) -> Result<ArrayD<f32>> {
        let n = content.nrows();
        if content.ncols() != self.config.get_latent_dim() {
            let expected = format!("[objects, {} content latents]", self.config.get_latent_dim());
            return Err(Error::shape("the content", expected, format!("{:?}", content.shape())));
        }
        let shape = self.config.sample_shape();
        let same = resolution.extents() == shape.extents();
        let other_channels = resolution.channels() != 1 && resolution.channels() != shape.channels();
        if resolution.is_empty() || resolution.dimensions() != shape.dimensions() || other_channels {
            let expected = if shape.dimensions() == 1 { "[points]" } else { "[rows, columns]" };
            return Err(Error::shape("the resolution", expected, resolution.to_string()));
        }
        let resolution = match shape {
            SampleShape::Signal { .. } | SampleShape::Image { .. } => resolution.without_channels(),
            _ => resolution.with_channels(shape.channels()),
        };
        let conditioning = conditioning.map(|rows| self.tensor(&rows.view())).transpose()?;
        let content = self.with_conditioning(self.tensor(&content)?, conditioning.as_ref())?;
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
                    let expected = "that of the training in a model without invariances";
                    return Err(Error::setting("the resolution", expected, resolution));
                }
            };
            let decoded = layout::arrays(&self.config.get_output().apply(&raw)?, resolution)?;
            values.extend(decoded.to_dtype(DType::F32)?.flatten_all()?.to_vec1::<f32>()?);
        }
        Ok(shaped(values, n, resolution))
    }

    /// Decoded objects over the plane of the first two content latents, `[rows, columns, height, width]`
    /// (height 1 for signals), without shift, rotation and scale. Several channels are stacked: channels ·
    /// height rows.
    ///
    /// `columns` are the values of the first content latent from left to right, `rows` those of the second
    /// from top to bottom, in standard deviations of the prior; further latents are 0. With one content
    /// latent, give one row.
    ///
    /// ```
    /// use adatom_vae::{Device, ShiftVae};
    /// let vae = ShiftVae::init(ShiftVae::image_config(9, 7).hidden([8]), 1, &Device::Cpu)?;
    /// let tiles = vae.manifold(&[-1.0, 0.0, 1.0], &[1.5, -1.5])?;
    /// assert_eq!(tiles.dim(), (2, 3, 9, 7));
    /// # Ok::<(), adatom_vae::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Setting`] without values, for a value that is not finite, in a model without content latents,
    /// and for several rows in a model with one.
    pub fn manifold(&self, columns: &[f64], rows: &[f64]) -> Result<Array4<f32>> {
        self.manifold_with(columns, rows, None)
    }

    /// As [`manifold`](Self::manifold), with `conditioning` `[1, width]` for all tiles.
    pub(crate) fn manifold_with(
        &self,
        columns: &[f64],
        rows: &[f64],
        conditioning: Option<&Array2<f32>>,
    ) -> Result<Array4<f32>> {
        let k = self.config.get_latent_dim();
        let finite = columns.iter().chain(rows).all(|value| value.is_finite());
        if k == 0 || columns.is_empty() || rows.is_empty() || !finite || (k == 1 && rows.len() > 1) {
            let expected = "finite values, one row for one content latent, in a model with content latents";
            let found = format!("{} columns and {} rows for {k} content latents", columns.len(), rows.len());
            return Err(Error::setting("the manifold", expected, found));
        }
        let content = Array2::from_shape_fn((rows.len() * columns.len(), k), |(tile, latent)| match latent {
            0 => columns[tile % columns.len()] as f32,
            1 => rows[tile / columns.len()] as f32,
            _ => 0.0,
        });
        let conditioning = conditioning
            .and_then(|rows| rows.broadcast((content.nrows(), rows.ncols())))
            .map(|rows| rows.to_owned());
        let shape = self.config.sample_shape();
        let decoded = self.decode_with(content.view(), &Pose::new(), shape, conditioning.as_ref())?;
        let width = *shape.extents().last().expect("one or two axes");
        let shape = (rows.len(), columns.len(), shape.len() / width, width);
        Ok(decoded.into_shape_with_order(shape).expect("as many numbers as decoded"))
    }

    /// The content `[n, k]` with the conditioning appended, `[n, k + width]`.
    fn with_conditioning(&self, content: Tensor, conditioning: Option<&Tensor>) -> Result<Tensor> {
        let width = self.config.decoder_inputs() - self.config.get_latent_dim();
        match conditioning {
            _ if width == 0 => Ok(content),
            Some(conditioning) => {
                check_condition(conditioning, content.dim(0)?, width)?;
                Ok(Tensor::cat(&[&content, conditioning], 1)?)
            }
            None => Err(missing_condition(&self.config)),
        }
    }

    /// The inputs of the decoder from all latents `[n, latents]` and the conditioning `[n, width]`.
    pub(super) fn decoder_inputs(
        &self,
        latents: &Tensor,
        conditioning: Option<&Tensor>,
    ) -> Result<DecoderInputs> {
        let expected = self.config.latents();
        if latents.rank() != 2 || latents.dim(D::Minus1)? != expected {
            let expected = format!("[samples, {expected} latents]");
            return Err(Error::shape("the latents", expected, format!("{:?}", latents.dims())));
        }
        let range = LatentLayout::new(&self.config).content;
        let content = latents.narrow(1, range.start, range.len())?.contiguous()?;
        let content = self.with_conditioning(content, conditioning)?;
        Ok(DecoderInputs { content, change: coordinate_change(&self.config, latents)? })
    }

    pub(super) fn raw_from_latents(&self, latents: &Tensor, conditioning: Option<&Tensor>) -> Result<Tensor> {
        let DecoderInputs { content, change } = self.decoder_inputs(latents, conditioning)?;
        Ok(match (&self.decoder, &self.grid) {
            (Decoder::Spatial(decoder), Some(grid)) => decoder.forward(&content, &change, grid)?,
            (Decoder::Plain(decoder), _) => decoder.forward(&content)?,
            (Decoder::Spatial(_), None) => unreachable!("a spatial decoder is built with its grid"),
        })
    }

    /// M and t of every object in a pose, `[n, d² + d]`; `None` for a plain decoder.
    fn pose_changes(&self, pose: &Pose, n: usize) -> Result<Option<Tensor>> {
        let lengths = [
            pose.rotation.as_ref().map(|angles| ("the rotation", angles.len())),
            pose.shift.as_ref().map(|shift| ("the shift", shift.nrows())),
            pose.scale.as_ref().map(|scale| ("the scale", scale.len())),
        ];
        for (what, found) in lengths.into_iter().flatten() {
            if !self.config.is_spatial() {
                let expected = "absent in a model without invariances";
                return Err(Error::setting(what, expected, format!("that of {found} objects")));
            }
            if found != n {
                return Err(Error::shape(what, format!("[{n} objects, ...]"), format!("[{found}, ...]")));
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
            let expected = format!("[{n} objects, {d} axes]");
            return Err(Error::shape("the shift", expected, format!("{:?}", shift.shape())));
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
}

fn shaped(values: Vec<f32>, n: usize, shape: SampleShape) -> ArrayD<f32> {
    let mut extents = vec![n];
    extents.extend(shape.array_shape());
    ArrayD::from_shape_vec(IxDyn(&extents), values).expect("as many numbers as decoded")
}
