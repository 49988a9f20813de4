//! The fused decoder kernel as operations of candle, on the CPU in single precision.
//!
//! An operation of candle takes at most three tensors: the coordinate changes `[n, d² + d]`, the content
//! `[n, k]` and all weights of the decoder in one vector. [`decode`] gives the decoder's last layer,
//! [`score`] the log-likelihood; the latter computes the gradients in the same pass over the pixels.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use candle_core::{CpuStorage, CustomOp3, Error, Layout, Result, Shape, Tensor};

use crate::spec::{FirstLayer, Likelihood, OutputLink, VaeConfig};
use adatom_kernel::{self as kernel, DecoderShape, FusedDecoder, Gradients, Inputs, Observations};

/// The kernel with its buffers, shared by all copies of a model.
#[derive(Clone)]
pub(crate) struct Fused(Arc<Mutex<FusedDecoder>>);

impl std::fmt::Debug for Fused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Fused")
    }
}

impl Fused {
    /// The kernel of a spatial decoder; `None` where it has no kernel.
    pub(crate) fn new(config: &VaeConfig) -> Option<Self> {
        FusedDecoder::new(decoder_shape(config)).ok().map(|kernel| Self(Arc::new(Mutex::new(kernel))))
    }

    fn lock(&self) -> MutexGuard<'_, FusedDecoder> {
        // A panic in the kernel leaves buffers whose content no later call reads.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The sizes of a spatial decoder.
pub(crate) fn decoder_shape(config: &VaeConfig) -> DecoderShape {
    let mut hidden = config.get_decoder_hidden().to_vec();
    // The first layer, which joins coordinates and content, is as wide as the second.
    hidden.insert(0, hidden[0]);
    DecoderShape::new(config.sample_shape().dimensions(), hidden)
        .latents(config.decoder_inputs())
        .outputs(config.sample_shape().channels())
        .activation(config.get_activation().into())
        .first(match config.get_first_layer() {
            FirstLayer::Tanh { .. } => kernel::Activation::Tanh,
            FirstLayer::Fourier { .. } => kernel::Activation::Sine,
        })
}

/// How the kernel scores a pixel.
pub(crate) fn pixel_likelihood(likelihood: Likelihood, link: OutputLink) -> kernel::Likelihood {
    let mean = match link {
        OutputLink::Sigmoid => kernel::MeanLink::Sigmoid,
        // The exponential belongs to the Poisson likelihood, which has no mean link.
        OutputLink::Identity | OutputLink::Exponential => kernel::MeanLink::Identity,
    };
    match likelihood {
        Likelihood::Bernoulli => kernel::Likelihood::Bernoulli,
        Likelihood::ContinuousBernoulli => kernel::Likelihood::ContinuousBernoulli,
        Likelihood::Gaussian { sigma } => kernel::Likelihood::Gaussian { sigma: sigma as f32, mean },
        // The trained widths multiply this one.
        Likelihood::GaussianLearned | Likelihood::GaussianPerPixel => {
            kernel::Likelihood::Gaussian { sigma: 1.0, mean }
        }
        Likelihood::Poisson => kernel::Likelihood::Poisson,
    }
}

/// The three tensors of an operation.
pub(crate) struct DecoderInputs<'a> {
    /// `[n, d² + d]`.
    pub(crate) change: &'a Tensor,
    /// `[n, k]`.
    pub(crate) content: &'a Tensor,
    /// All weights.
    pub(crate) weights: &'a Tensor,
}

impl DecoderInputs<'_> {
    fn apply(&self, operation: impl CustomOp3 + Send + Sync + 'static) -> Result<Tensor> {
        let (change, content) = (self.change.contiguous()?, self.content.contiguous()?);
        change.apply_op3(&content, self.weights, operation)
    }
}

/// The decoder's last layer on the points of `grid` `[points · d]`, `[n, points · channels]`.
pub(crate) fn decode(fused: &Fused, grid: &Arc<Vec<f32>>, inputs: &DecoderInputs<'_>) -> Result<Tensor> {
    inputs.apply(Decode { fused: fused.clone(), grid: Arc::clone(grid) })
}

/// ln p(x | z) of the values `x` `[n · points · channels]`, `[n]`.
pub(crate) fn score(
    fused: &Fused,
    grid: &Arc<Vec<f32>>,
    inputs: &DecoderInputs<'_>,
    observed: Observed,
) -> Result<Tensor> {
    let tensors = [inputs.change, inputs.content, inputs.weights];
    let differentiate = tensors.iter().any(|tensor| tensor.track_op());
    let (fused, grid) = (fused.clone(), Arc::clone(grid));
    inputs.apply(Score { fused, grid, observed, differentiate, gradients: Mutex::new(None) })
}

/// Measured values with their likelihood.
pub(crate) struct Observed {
    /// `[n · points · channels]`.
    values: Vec<f32>,
    likelihood: kernel::Likelihood,
    subset: Option<Subset>,
}

/// A subset of the points of each sample, scored in place of all.
#[derive(Debug, Clone)]
pub(crate) struct Subset {
    /// Indices of points `[n · m]`, as many for each sample.
    pub(crate) points: Vec<u32>,
    /// Points of a sample over points scored: makes the score of a random subset an unbiased one of all.
    pub(crate) scale: f32,
}

impl Observed {
    pub(crate) fn new(
        values: Vec<f32>,
        likelihood: Likelihood,
        link: OutputLink,
        subset: Option<Subset>,
    ) -> Self {
        let likelihood = pixel_likelihood(likelihood, link);
        Self { values, likelihood, subset }
    }
}

/// Gradients of all three tensors.
struct OwnedGradients {
    change: Vec<f32>,
    content: Vec<f32>,
    weights: Vec<f32>,
}

impl OwnedGradients {
    fn zeros(lengths: [usize; 3]) -> Self {
        let [change, content, weights] = lengths.map(|length| vec![0.0; length]);
        Self { change, content, weights }
    }

    fn as_gradients(&mut self) -> Gradients<'_> {
        Gradients {
            affine: &mut self.change,
            latents: &mut self.content,
            weights: &mut self.weights,
            log_sigma: None,
        }
    }

    fn into_tensors(self, like: [&Tensor; 3]) -> Result<(Option<Tensor>, Option<Tensor>, Option<Tensor>)> {
        let [change, content, weights] = like;
        let tensor =
            |values: Vec<f32>, like: &Tensor| Tensor::from_vec(values, like.shape(), like.device()).map(Some);
        Ok((tensor(self.change, change)?, tensor(self.content, content)?, tensor(self.weights, weights)?))
    }
}

fn flat(tensor: &Tensor) -> Result<Vec<f32>> {
    tensor.flatten_all()?.to_vec1::<f32>()
}

fn slice<'a>(storage: &'a CpuStorage, layout: &Layout) -> Result<&'a [f32]> {
    let (first, last) =
        layout.contiguous_offsets().ok_or_else(|| Error::msg("the decoder's inputs must be contiguous"))?;
    Ok(&storage.as_slice::<f32>()?[first..last])
}

struct Decode {
    fused: Fused,
    grid: Arc<Vec<f32>>,
}

impl CustomOp3 for Decode {
    fn name(&self) -> &'static str {
        "spatial decoder"
    }

    fn cpu_fwd(
        &self,
        s1: &CpuStorage,
        l1: &Layout,
        s2: &CpuStorage,
        l2: &Layout,
        s3: &CpuStorage,
        l3: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let inputs = Inputs {
            grid: &self.grid,
            affine: slice(s1, l1)?,
            latents: slice(s2, l2)?,
            weights: slice(s3, l3)?,
        };
        let mut kernel = self.fused.lock();
        let points = self.grid.len() / kernel.shape().dimensions;
        let (n, values) = (l1.dims()[0], points * kernel.shape().outputs);
        let mut outputs = vec![0.0; n * values];
        kernel.forward(&inputs, &mut outputs).map_err(Error::wrap)?;
        Ok((CpuStorage::F32(outputs), Shape::from((n, values))))
    }

    fn bwd(
        &self,
        change: &Tensor,
        content: &Tensor,
        weights: &Tensor,
        _result: &Tensor,
        upstream: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>, Option<Tensor>)> {
        let [affine, latents, flat_weights] = [flat(change)?, flat(content)?, flat(weights)?];
        let inputs = Inputs { grid: &self.grid, affine: &affine, latents: &latents, weights: &flat_weights };
        let mut gradients = OwnedGradients::zeros([affine.len(), latents.len(), flat_weights.len()]);
        self.fused
            .lock()
            .backward(&inputs, &flat(upstream)?, gradients.as_gradients())
            .map_err(Error::wrap)?;
        gradients.into_tensors([change, content, weights])
    }
}

struct Score {
    fused: Fused,
    grid: Arc<Vec<f32>>,
    observed: Observed,
    differentiate: bool,
    /// Those of the sum over the batch, kept for the backward pass.
    gradients: Mutex<Option<OwnedGradients>>,
}

impl Score {
    fn scale(&self) -> f32 {
        self.observed.subset.as_ref().map_or(1.0, |subset| subset.scale)
    }

    /// Log-likelihoods, scaled to all points; the gradients are those of the points that were scored.
    fn evaluate(
        &self,
        inputs: &Inputs<'_>,
        sample_weight: Option<&[f32]>,
        gradients: Option<&mut OwnedGradients>,
    ) -> Result<Vec<f32>> {
        let mut observations = Observations::new(self.observed.likelihood, &self.observed.values);
        observations.sample_weight = sample_weight;
        observations.points = self.observed.subset.as_ref().map(|subset| subset.points.as_slice());
        let mut kernel = self.fused.lock();
        let mut log_likelihood = vec![0.0; inputs.affine.len() / kernel.shape().affine_len()];
        kernel
            .score(inputs, &observations, &mut log_likelihood, gradients.map(OwnedGradients::as_gradients))
            .map_err(Error::wrap)?;
        let scale = f64::from(self.scale());
        Ok(log_likelihood.into_iter().map(|value| (value * scale) as f32).collect())
    }
}

impl CustomOp3 for Score {
    fn name(&self) -> &'static str {
        "log-likelihood of a spatial decoder"
    }

    fn cpu_fwd(
        &self,
        s1: &CpuStorage,
        l1: &Layout,
        s2: &CpuStorage,
        l2: &Layout,
        s3: &CpuStorage,
        l3: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let [affine, latents, weights] = [slice(s1, l1)?, slice(s2, l2)?, slice(s3, l3)?];
        let inputs = Inputs { grid: &self.grid, affine, latents, weights };
        let mut gradients =
            self.differentiate.then(|| OwnedGradients::zeros([affine.len(), latents.len(), weights.len()]));
        let log_likelihood = self.evaluate(&inputs, None, gradients.as_mut())?;
        *self.gradients.lock().unwrap_or_else(PoisonError::into_inner) = gradients;
        let n = log_likelihood.len();
        Ok((CpuStorage::F32(log_likelihood), Shape::from(n)))
    }

    fn bwd(
        &self,
        change: &Tensor,
        content: &Tensor,
        weights: &Tensor,
        _result: &Tensor,
        upstream: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>, Option<Tensor>)> {
        let upstream = flat(upstream)?;
        let kept = self.gradients.lock().unwrap_or_else(PoisonError::into_inner).take();
        let gradients = match kept {
            // The loss of a training has the same weight for all samples: the kept gradients need only a
            // factor.
            Some(mut gradients) if upstream.iter().all(|&factor| factor == upstream[0]) => {
                for values in [&mut gradients.change, &mut gradients.content, &mut gradients.weights] {
                    values.iter_mut().for_each(|value| *value *= upstream[0] * self.scale());
                }
                gradients
            }
            _ => {
                let [affine, latents, flat_weights] = [flat(change)?, flat(content)?, flat(weights)?];
                let inputs =
                    Inputs { grid: &self.grid, affine: &affine, latents: &latents, weights: &flat_weights };
                let mut gradients = OwnedGradients::zeros([affine.len(), latents.len(), flat_weights.len()]);
                let weights: Vec<f32> = upstream.iter().map(|factor| factor * self.scale()).collect();
                self.evaluate(&inputs, Some(&weights), Some(&mut gradients))?;
                gradients
            }
        };
        gradients.into_tensors([change, content, weights])
    }
}
