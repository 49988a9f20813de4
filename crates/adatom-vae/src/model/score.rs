//! The probability of samples: log-likelihood and evidence lower bound.

use adatom_core::Samples;
use candle_core::{DType, Tensor};
use ndarray::{Array2, Axis};

use super::averaging::ContentAverage;
use super::elbo::latent_kl;
use super::labels::{LabelTerms, TargetTensors};
use super::{CHUNK, Elbo, ShiftVae, check_values, sum};
use crate::error::Result;
use crate::net::{Decoder, Encoded, Observed, Subset, layout};
use crate::random;
use crate::spec::Labels;

/// The two parts of the evidence lower bound of a batch, as tensors.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ElboTensors {
    /// Log-likelihood of every sample, `[n]`.
    pub log_likelihood: Tensor,
    /// KL divergence of every latent, `[n, latents]`, with one more column for a class or a target.
    pub kl: Tensor,
}

/// Log-likelihood, KL divergence and posterior of a batch.
#[derive(Debug, Clone)]
pub(crate) struct ElboTerms {
    /// `[n]`.
    pub(crate) log_likelihood: Tensor,
    /// `[n, latents]`.
    pub(crate) kl: Tensor,
    /// Posterior means `[n, latents]`, of each sample for itself.
    pub(crate) mean: Tensor,
    /// The encoder's layer of means: the same, but with two columns for a latent on a circle.
    pub(crate) mean_outputs: Tensor,
    /// Posterior standard deviations `[n, latents]`.
    pub(crate) sd: Tensor,
    /// Of a class or a target.
    pub(crate) labels: Option<LabelTerms>,
}

/// How the evidence lower bound of a training step differs from that of a trained model; the default does not
/// differ.
#[derive(Debug, Clone, Default)]
pub(crate) struct ElboOptions<'a> {
    /// The points that are scored; all if absent.
    pub(crate) subset: Option<Subset>,
    /// Draws that are moved into another pose.
    pub(crate) moved: Option<&'a MovedDraws>,
    /// Content that is a mean over samples.
    pub(crate) average: Option<&'a ContentAverage>,
}

/// The change of the draws `z` `[n, latents]` of a batch: z · free + shift.
#[derive(Debug, Clone)]
pub(crate) struct MovedDraws {
    /// `[1, latents]`, 1 or 0.
    pub(crate) free: Tensor,
    /// `[n, latents]`.
    pub(crate) shift: Tensor,
    /// The result, `[n · latents]`.
    pub(crate) latents: Vec<f32>,
}

impl ElboTerms {
    pub(super) fn into_tensors(self) -> Result<ElboTensors> {
        let kl = match self.labels {
            Some(labels) => Tensor::cat(&[self.kl, labels.kl.unsqueeze(1)?], 1)?,
            None => self.kl,
        };
        Ok(ElboTensors { log_likelihood: self.log_likelihood, kl })
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

    /// ln p(x | z) of the rows of `x` `[n, points]` with their `conditioning` `[n, width]`; estimated from
    /// the points of a `subset`.
    pub(crate) fn score(
        &self,
        x: &Tensor,
        latents: &Tensor,
        conditioning: Option<&Tensor>,
        subset: Option<Subset>,
    ) -> Result<Tensor> {
        let (likelihood, link) = (self.config.get_likelihood(), self.config.get_output());
        if let (Decoder::Spatial(decoder), Some(grid)) = (&self.decoder, &self.grid)
            && x.dtype() == DType::F32
            && !x.track_op()
            && likelihood.trained_noise().is_none()
        {
            let inputs = self.decoder_inputs(latents, conditioning)?;
            let observed = Observed::new(x.flatten_all()?.to_vec1()?, likelihood, link, subset.clone());
            if let Some(score) = decoder.score(&inputs.content, &inputs.change, grid, observed) {
                return Ok(score?);
            }
        }
        let (raw, noise) = (self.raw_from_latents(latents, conditioning)?, self.log_sigma()?);
        let Some(subset) = subset else {
            return Ok(likelihood.log_probability(&raw, x, link, noise.as_ref())?);
        };
        let n = x.dim(0)?;
        let points = Tensor::from_vec(subset.points, (n, ()), x.device())?;
        let scored =
            |values: &Tensor| layout::at_points(values, &points, self.config.sample_shape().channels());
        let noise = noise.map(|noise| scored(&noise.broadcast_as(x.shape())?)).transpose()?;
        let log = likelihood.log_probability(&scored(&raw)?, &scored(x)?, link, noise.as_ref())?;
        Ok((log * f64::from(subset.scale))?)
    }

    /// Log-likelihood and KL divergence of a batch with one draw z = mean + sd · noise, `noise`
    /// `[n, latents]`. Differentiable: for programs that train the model within their own.
    ///
    /// A class or a target beside the latents ([`VaeConfig::classes`](crate::VaeConfig::classes),
    /// [`VaeConfig::target`](crate::VaeConfig::target)) has the last column of the KL divergence; a target
    /// also needs one more column of noise.
    ///
    /// # Errors
    /// Those of [`encode_tensor`](Self::encode_tensor) and [`decode_tensor`](Self::decode_tensor).
    pub fn elbo_tensor(&self, batch: &Tensor, noise: &Tensor) -> Result<ElboTensors> {
        self.elbo_terms(&self.flat(batch)?, noise, ElboOptions::default(), &Labels::None)?.into_tensors()
    }

    /// The parts of the evidence lower bound of flat samples `x` `[n, points]`.
    pub(crate) fn elbo_terms(
        &self,
        x: &Tensor,
        noise: &Tensor,
        options: ElboOptions<'_>,
        labels: &Labels,
    ) -> Result<ElboTerms> {
        let ElboOptions { subset, moved, average } = options;
        let condition = match labels {
            Labels::Condition(rows) => Some(self.tensor(&rows.view())?),
            _ => None,
        };
        let draws = self.split_noise(noise)?;
        let Encoded { mean_outputs, sd, label_outputs } = self.encoded(x, condition.as_ref())?;
        let mean = self.encoder.means(&mean_outputs)?;
        let centre = average.map_or_else(|| Ok(mean.clone()), |average| average.average_tensor(&mean))?;
        let mut z = (&centre + (&sd * draws.latents)?)?;
        if let Some(moved) = moved {
            z = (z.broadcast_mul(&moved.free)? + &moved.shift)?;
        }
        let kl = latent_kl(&self.config, &centre, &sd)?;
        let (log_likelihood, labels) = match (self.config.get_target(), label_outputs, draws.target) {
            (None, None, _) => (self.score(x, &z, condition.as_ref(), subset)?, None),
            (Some(target), Some(outputs), Some(noise)) => {
                let posterior = TargetTensors::new(&outputs, &target)?;
                let (values, terms) = posterior.draw(&noise, labels)?;
                (self.score(x, &z, Some(&values), subset)?, Some(terms))
            }
            (_, Some(logits), _) => {
                let over = self.score_classes(x, &z, &logits, (subset, labels))?;
                (over.log_likelihood, Some(over.labels))
            }
            (Some(_), None, _) => unreachable!("a model with a target has its layer"),
        };
        Ok(ElboTerms { log_likelihood, kl, mean, mean_outputs, sd, labels })
    }

    /// The mean evidence lower bound of samples, with one seeded draw of the latents for each.
    ///
    /// # Errors
    /// Those of [`encode`](Self::encode); [`Error::Value`](crate::Error::Value) for values that the
    /// likelihood cannot score.
    pub fn elbo(&self, samples: &(impl Samples + ?Sized), seed: u64) -> Result<Elbo> {
        self.check_samples(samples)?;
        let indices: Vec<usize> = (0..samples.count()).collect();
        self.elbo_of(samples, &indices, seed, &Labels::None)
    }

    pub(crate) fn elbo_of(
        &self,
        samples: &(impl Samples + ?Sized),
        indices: &[usize],
        seed: u64,
        labels: &Labels,
    ) -> Result<Elbo> {
        let mut noise = random::stream(seed, random::Purpose::Evaluation);
        let (mut log_likelihood, mut kl) = (0.0, 0.0);
        let mut batch = Array2::zeros((CHUNK.min(indices.len()), self.config.sample_shape().len()));
        for chunk in indices.chunks(CHUNK) {
            let mut view = batch.slice_axis_mut(Axis(0), (..chunk.len()).into());
            samples.fill(chunk, &mut view);
            check_values(&view.view(), chunk, self.config.get_likelihood().values())?;
            let width = self.config.noise_width();
            let draws = random::normals(&mut noise, chunk.len() * width);
            let draws = Tensor::from_vec(draws, (chunk.len(), width), self.device())?;
            let x = self.tensor(&view.view())?;
            let terms = self.elbo_terms(&x, &draws, ElboOptions::default(), &labels.of(chunk))?;
            log_likelihood += sum(&terms.log_likelihood)?;
            kl += sum(&terms.kl)?;
            if let Some(labels) = &terms.labels {
                kl += sum(&labels.kl)?;
            }
        }
        let n = indices.len() as f64;
        Ok(Elbo::new(log_likelihood / n, kl / n))
    }
}
