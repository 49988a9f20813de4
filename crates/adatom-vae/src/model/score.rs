//! How probable samples are: log-likelihood and evidence lower bound.

use candle_core::{DType, Tensor};
use ndarray::{Array2, Axis};

use super::elbo::latent_kl;
use super::labels::LabelTensors;
use super::{CHUNK, ShiftVae, check_values, sum};
use crate::error::Result;
use crate::model::ContentAverage;
use crate::model::Elbo;
use crate::net::Decoder;
use crate::net::layout;
use crate::net::{Encoded, Observed, Subset};
use crate::random;
use crate::spec::Known;
use adatom_core::Samples;

/// Log-likelihood, KL and means of a batch as tensors.
#[derive(Debug, Clone)]
pub(crate) struct ElboTensors {
    /// `[n]`.
    pub(crate) log_likelihood: Tensor,
    /// `[n, latents]`.
    pub(crate) kl: Tensor,
    /// Posterior means `[n, latents]`, of each sample for itself.
    pub(crate) mean: Tensor,
    /// The encoder's layer of means: the same, but for the two numbers of an angle on the circle.
    pub(crate) heads: Tensor,
    /// Posterior standard deviations `[n, latents]`.
    pub(crate) sd: Tensor,
    /// Of a class or a number beside the latents.
    pub(crate) labels: Option<LabelTensors>,
}

/// What a step of a training wants of the evidence lower bound.
#[derive(Debug, Clone, Default)]
pub(crate) struct StepWishes<'a> {
    /// Points that are scored; all where absent.
    pub(crate) subset: Option<Subset>,
    /// Draws that are moved.
    pub(crate) moved: Option<&'a Moved>,
    /// Content that is a mean over samples.
    pub(crate) shared: Option<&'a ContentAverage>,
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

impl ElboTensors {
    /// Log-likelihood `[n]` and KL divergences `[n, latents]`, one column more for a class or a number.
    pub(super) fn parts(self) -> Result<(Tensor, Tensor)> {
        let kl = match self.labels {
            Some(labels) => Tensor::cat(&[self.kl, labels.kl.unsqueeze(1)?], 1)?,
            None => self.kl,
        };
        Ok((self.log_likelihood, kl))
    }
}

impl ShiftVae {
    /// ln p(x | z) of a batch `[n, ...]` given latents `[n, latents]`, summed over pixels: `[n]`.
    ///
    /// # Errors
    /// Those of [`encode_tensor`](Self::encode_tensor) and [`decode_tensor`](Self::decode_tensor).
    pub fn log_likelihood_tensor(&self, batch: &Tensor, latents: &Tensor) -> Result<Tensor> {
        self.score(&self.flat(batch)?, latents, None, None)
    }

    /// ln p(x | z) of the rows of `x` `[n, points]`, told `side` `[n, width]`; with a subset, estimated from its points.
    pub(crate) fn score(
        &self,
        x: &Tensor,
        latents: &Tensor,
        side: Option<&Tensor>,
        subset: Option<Subset>,
    ) -> Result<Tensor> {
        let (likelihood, link) = (self.config.get_likelihood(), self.config.get_output());
        if let (Decoder::Spatial(decoder), Some(grid)) = (&self.decoder, &self.grid)
            && x.dtype() == DType::F32
            && !x.track_op()
            && likelihood.trained_noise().is_none()
        {
            let (content, change) = self.decoder_latents(latents, side)?;
            let observed = Observed::new(x.flatten_all()?.to_vec1()?, (likelihood, link), subset.clone());
            if let Some(score) = decoder.score(&content, &change, grid, observed) {
                return Ok(score?);
            }
        }
        let (raw, noise) = (self.raw_from_latents(latents, side)?, self.log_sigma()?);
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
    /// Classes or a number beside the latents ([`VaeConfig::classes`](crate::VaeConfig::classes),
    /// [`VaeConfig::target`](crate::VaeConfig::target)) have a last column of the KL; the number also one of the noise.
    ///
    /// # Errors
    /// Those of [`encode_tensor`](Self::encode_tensor) and [`decode_tensor`](Self::decode_tensor).
    pub fn elbo_tensor(&self, batch: &Tensor, noise: &Tensor) -> Result<(Tensor, Tensor)> {
        let terms = self.elbo_terms(&self.flat(batch)?, noise, StepWishes::default(), &Known::Nothing)?;
        terms.parts()
    }

    /// As a training `step` wants it.
    pub(crate) fn elbo_terms(
        &self,
        x: &Tensor,
        noise: &Tensor,
        step: StepWishes<'_>,
        known: &Known,
    ) -> Result<ElboTensors> {
        let StepWishes { subset, moved, shared } = step;
        let side = match known {
            Known::Condition(rows) => Some(self.tensor(&rows.view())?),
            _ => None,
        };
        let (noise, target_noise) = self.split_noise(noise)?;
        let Encoded { heads, sd, head } = self.encoded(x, side.as_ref())?;
        let mean = self.encoder.means(&heads)?;
        let centre = shared.map_or_else(|| Ok(mean.clone()), |shared| shared.average_tensor(&mean))?;
        let mut z = (&centre + (&sd * noise)?)?;
        if let Some(moved) = moved {
            z = (z.broadcast_mul(&moved.free)? + &moved.shift)?;
        }
        let kl = latent_kl(&self.config, &centre, &sd)?;
        let (log_likelihood, labels) = match (self.config.get_target(), head, target_noise) {
            (None, None, _) => (self.score(x, &z, side.as_ref(), subset)?, None),
            (Some(target), Some(head), Some(noise)) => {
                let (mean, sd) = self.target_moments(&head, &target)?;
                let (told, labels) = self.with_target((&mean, &sd), &noise, known)?;
                (self.score(x, &z, Some(&told), subset)?, Some(labels))
            }
            (_, Some(logits), _) => {
                let (score, labels) = self.over_classes((x, &z), &logits, subset, known)?;
                (score, Some(labels))
            }
            (Some(_), None, _) => unreachable!("a model with a target has its head"),
        };
        Ok(ElboTensors { log_likelihood, kl, mean, heads, sd, labels })
    }

    /// The mean evidence lower bound of samples, with one seeded draw of the latents for each.
    ///
    /// # Errors
    /// Those of [`encode`](Self::encode); values outside [0, 1] where the likelihood needs them inside.
    pub fn elbo(&self, samples: &(impl Samples + ?Sized), seed: u64) -> Result<Elbo> {
        self.check_samples(samples)?;
        let indices: Vec<usize> = (0..samples.count()).collect();
        self.elbo_of(samples, &indices, seed, &Known::Nothing)
    }

    pub(crate) fn elbo_of(
        &self,
        samples: &(impl Samples + ?Sized),
        indices: &[usize],
        seed: u64,
        known: &Known,
    ) -> Result<Elbo> {
        let mut noise = random::stream(seed, random::Purpose::Evaluation);
        let (mut log_likelihood, mut kl) = (0.0, 0.0);
        let mut batch = Array2::zeros((CHUNK.min(indices.len()), self.config.sample_shape().len()));
        for chunk in indices.chunks(CHUNK) {
            let mut view = batch.slice_axis_mut(Axis(0), (..chunk.len()).into());
            samples.fill(chunk, &mut view);
            check_values(&view.view(), chunk, self.config.get_likelihood().values())?;
            let width = self.config.noise_len();
            let draws = random::normals(&mut noise, chunk.len() * width);
            let draws = Tensor::from_vec(draws, (chunk.len(), width), self.device())?;
            let terms = self.elbo_terms(
                &self.tensor(&view.view())?,
                &draws,
                StepWishes::default(),
                &known.of(chunk),
            )?;
            log_likelihood += sum(&terms.log_likelihood)?;
            kl += sum(&terms.kl)?;
            if let Some(labels) = &terms.labels {
                kl += sum(&labels.kl)?;
            }
        }
        let n = indices.len() as f64;
        Ok(Elbo { log_likelihood: log_likelihood / n, kl: kl / n })
    }
}
