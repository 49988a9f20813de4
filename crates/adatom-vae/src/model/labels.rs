//! The terms of the evidence lower bound that a class or a target adds, composed of tensor operations.
//!
//! Class y of c: Σ_y q(y | x) ln p(x | z, y) - KL(q(y | x) ‖ 1/c), every class decoded; where y is known, ln
//! p(x | z, y) - ln c (Kingma et al., arXiv 1406.5298, with z independent of y given x). Target u,
//! standardised: the same with one draw of q(u | x) = N(m, s²) and the prior N(0, 1).

use candle_core::Tensor;

use super::ShiftVae;
use super::class_rows::class_rows;
use super::elbo::kl_divergence;
use crate::error::{Error, Result};
use crate::net::{Subset, standard_deviations};
use crate::spec::{Labels, Target};

/// ½ ln 2π.
pub(crate) const HALF_LN_TAU: f64 = 0.918_938_533_204_672_8;

/// The terms of a batch.
#[derive(Debug, Clone)]
pub(crate) struct LabelTerms {
    /// KL divergence of the predicted label from its prior, `[n]`; minus ln p of a known label.
    pub(crate) kl: Tensor,
    /// Minus ln q of known labels, `[n]`; 0 where the label is not known.
    pub(crate) supervised: Tensor,
}

/// Log-likelihoods over all classes.
pub(super) struct ClassScores {
    /// `[n]`.
    pub(super) log_likelihood: Tensor,
    pub(super) labels: LabelTerms,
}

/// The draws of a batch.
pub(super) struct SplitNoise {
    /// `[n, latents]`.
    pub(super) latents: Tensor,
    /// `[n, 1]`, in a model with a target.
    pub(super) target: Option<Tensor>,
}

/// ln softmax along the last axis. The largest logit is subtracted without gradient, which cancels.
pub(super) fn log_softmax(logits: &Tensor) -> Result<Tensor> {
    let shifted = logits.broadcast_sub(&logits.max_keepdim(1)?.detach())?;
    Ok(shifted.broadcast_sub(&shifted.exp()?.sum_keepdim(1)?.log()?)?)
}

impl ShiftVae {
    /// Log-likelihoods of flat samples `x` over all classes, with latents `z` `[n, latents]` and `logits`
    /// `[n, classes]`.
    pub(super) fn score_classes(
        &self,
        x: &Tensor,
        z: &Tensor,
        logits: &Tensor,
        (subset, known): (Option<Subset>, &Labels),
    ) -> Result<ClassScores> {
        let (n, classes) = logits.dims2()?;
        let (device, dtype) = (logits.device(), logits.dtype());
        let constant = |values: Vec<f64>, shape: &[usize]| -> Result<Tensor> {
            Ok(Tensor::from_vec(values, shape, device)?.to_dtype(dtype)?)
        };
        let indices = |values: Vec<usize>| -> Result<Tensor> {
            let values: Vec<u32> = values.into_iter().map(|value| value as u32).collect();
            let length = values.len();
            Ok(Tensor::from_vec(values, length, device)?)
        };
        let rows = class_rows(known, n, classes);
        let of = indices(rows.iter().map(|row| row.sample).collect())?;
        let mut one_hot = vec![0.0; rows.len() * classes];
        rows.iter().enumerate().for_each(|(index, row)| one_hot[index * classes + row.class] = 1.0);
        let one_hot = constant(one_hot, &[rows.len(), classes])?;
        let subset = subset.map(|subset| {
            let scored = subset.points.len() / n;
            let points = rows.iter().flat_map(|row| &subset.points[row.sample * scored..][..scored]);
            Subset { points: points.copied().collect(), scale: subset.scale }
        });
        let scores =
            self.score(&x.index_select(&of, 0)?, &z.index_select(&of, 0)?, Some(&one_hot), subset)?;

        let log_q = log_softmax(logits)?;
        let q = log_q.exp()?;
        let entry = indices(rows.iter().map(|row| row.sample * classes + row.class).collect())?;
        let flag = |known: bool| if known { 1.0 } else { 0.0 };
        let row_known = constant(rows.iter().map(|row| flag(row.known)).collect(), &[rows.len()])?;
        let free = row_known.affine(-1.0, 1.0)?;
        let weight = ((q.flatten_all()?.index_select(&entry, 0)? * free)? + row_known)?;
        let log_likelihood = Tensor::zeros(n, dtype, device)?.index_add(&of, &(scores * weight)?, 0)?;

        let ln_c = (classes as f64).ln();
        let is_known: Vec<f64> = (0..n).map(|sample| flag(known.class(sample).is_some())).collect();
        let is_known = constant(is_known, &[n])?;
        let divergence = ((&q * &log_q)?.sum(1)? + ln_c)?;
        let kl = ((divergence * is_known.affine(-1.0, 1.0)?)? + (is_known * ln_c)?)?;
        let mut known_classes = vec![0.0; n * classes];
        for sample in 0..n {
            if let Some(class) = known.class(sample) {
                known_classes[sample * classes + class] = 1.0;
            }
        }
        let supervised = (log_q * constant(known_classes, &[n, classes])?)?.sum(1)?.neg()?;
        Ok(ClassScores { log_likelihood, labels: LabelTerms { kl, supervised } })
    }

    /// The noise of the latents and that of the target from `noise` `[n, latents (+ 1)]`.
    pub(super) fn split_noise(&self, noise: &Tensor) -> Result<SplitNoise> {
        let (latents, all) = (self.config.latents(), self.config.noise_width());
        let n = noise.dim(0)?;
        if noise.dims() != [n, all] {
            let expected = format!("[{n} samples, {all} draws]");
            return Err(Error::shape("the noise", expected, format!("{:?}", noise.dims())));
        }
        if all == latents {
            return Ok(SplitNoise { latents: noise.clone(), target: None });
        }
        Ok(SplitNoise { latents: noise.narrow(1, 0, latents)?, target: Some(noise.narrow(1, latents, 1)?) })
    }
}

/// The posterior of the standardised targets of a batch.
pub(super) struct TargetTensors {
    /// `[n, 1]`.
    pub(super) mean: Tensor,
    /// `[n, 1]`.
    pub(super) sd: Tensor,
}

impl TargetTensors {
    /// From the encoder's layer of the target, `outputs` `[n, 1 or 2]`.
    pub(super) fn new(outputs: &Tensor, target: &Target) -> Result<Self> {
        let mean = outputs.narrow(1, 0, 1)?;
        let sd = match target.standardised_noise() {
            Some(sd) => Tensor::full(sd, mean.dims(), mean.device())?.to_dtype(mean.dtype())?,
            None => standard_deviations(&outputs.narrow(1, 1, 1)?)?,
        };
        Ok(Self { mean, sd })
    }

    /// The targets that the decoder takes, `[n, 1]`, known or drawn with `noise` `[n, 1]`, and their terms.
    pub(super) fn draw(&self, noise: &Tensor, known: &Labels) -> Result<(Tensor, LabelTerms)> {
        let Self { mean, sd } = self;
        let n = mean.dim(0)?;
        let constant = |value: &dyn Fn(Option<f32>) -> f64| -> Result<Tensor> {
            let values: Vec<f64> = (0..n).map(|sample| value(known.target(sample))).collect();
            Ok(Tensor::from_vec(values, (n, 1), mean.device())?.to_dtype(mean.dtype())?)
        };
        let is_known = constant(&|value| if value.is_some() { 1.0 } else { 0.0 })?;
        let free = is_known.affine(-1.0, 1.0)?;
        let value = constant(&|value| value.map_or(0.0, f64::from))?;
        let draw = (mean + (sd * noise)?)?;
        let values = ((&free * draw)? + &value)?;
        // -ln p(u) of known targets, with the prior N(0, 1).
        let surprise = ((value.sqr()? * 0.5)? + HALF_LN_TAU)?;
        let kl = ((kl_divergence(mean, sd)? * &free)? + (surprise * &is_known)?)?.squeeze(1)?;
        let distance = ((&value - mean)?.sqr()? / sd.sqr()?)?;
        let supervised = (((distance * 0.5)? + sd.log()?)? + HALF_LN_TAU)?;
        Ok((values, LabelTerms { kl, supervised: (supervised * is_known)?.squeeze(1)? }))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use candle_core::{DType, Device, Var};

    use super::*;
    use crate::model::ElboOptions;
    use crate::spec::{Invariance, VaeConfig};
    use adatom_core::SampleShape;

    /// Central difference of the step 1e-5: its error is below 1e-9 here.
    const TOLERANCE: f64 = 1e-6;

    fn pseudo(count: usize, phase: f64) -> Vec<f64> {
        (0..count).map(|i| ((i as f64 * 0.731 + phase).sin() * 43_758.545_3).fract()).collect()
    }

    /// The whole loss, in double precision.
    fn loss(config: &VaeConfig, weights: BTreeMap<String, Tensor>, labels: &Labels) -> Tensor {
        let vae = ShiftVae::from_weights(config.clone(), weights).unwrap();
        let (n, points) = (4, config.sample_shape().len());
        let x = pseudo(n * points, 0.1).iter().map(|x| x.abs()).collect::<Vec<f64>>();
        let x = Tensor::from_vec(x, (n, points), &Device::Cpu).unwrap();
        let noise = pseudo(n * config.noise_width(), 0.7);
        let noise = Tensor::from_vec(noise, (n, config.noise_width()), &Device::Cpu).unwrap();
        let terms = vae.elbo_terms(&x, &noise, ElboOptions::default(), labels).unwrap();
        let label_terms = terms.labels.unwrap();
        let sum = |tensor: &Tensor, weight: f64| (tensor.sum_all().unwrap() * weight).unwrap();
        let loss = (sum(&terms.kl, 0.8) - sum(&terms.log_likelihood, 1.0)).unwrap();
        ((loss + sum(&label_terms.kl, 1.3)).unwrap() + sum(&label_terms.supervised, 2.0)).unwrap()
    }

    #[test]
    fn gradients_are_those_of_finite_differences() {
        let image = || VaeConfig::new(SampleShape::Image { height: 4, width: 3 }).hidden([5, 4]);
        let classes = Labels::Classes(vec![None, Some(2), None, Some(0)]);
        let targets = Labels::Targets(vec![None, Some(0.7), Some(-1.2), None]);
        let rotation = || image().invariances([Invariance::Rotation, Invariance::Shift]);
        for (config, labels) in [
            (image().classes(3), classes.clone()),
            (image().invariances([]).classes(3), classes),
            (rotation().classes(2), Labels::None),
            (image().target(Target::new(0.0, 1.0)), targets.clone()),
            (rotation().target(Target::new(0.0, 1.0)), Labels::None),
            (image().invariances([]).target(Target::new(0.0, 1.0).fixed_sd(0.4)), targets),
        ] {
            let vae = ShiftVae::init(config.clone(), 3, &Device::Cpu).unwrap();
            let double = |tensor: &Tensor| Var::from_tensor(&tensor.to_dtype(DType::F64).unwrap()).unwrap();
            let vars: BTreeMap<String, Var> =
                vae.weights().iter().map(|(name, tensor)| (name.clone(), double(tensor))).collect();
            let tensors = |of: fn(&Var) -> Tensor| -> BTreeMap<String, Tensor> {
                vars.iter().map(|(name, var)| (name.clone(), of(var))).collect()
            };
            let gradients =
                loss(&config, tensors(|var| var.as_tensor().clone()), &labels).backward().unwrap();
            let fixed = tensors(|var| var.as_detached_tensor().copy().unwrap());
            for (name, var) in &vars {
                let gradient = gradients.get(var).unwrap_or_else(|| panic!("no gradient of {name}"));
                let gradient: Vec<f64> = gradient.flatten_all().unwrap().to_vec1().unwrap();
                let values: Vec<f64> = fixed[name].flatten_all().unwrap().to_vec1().unwrap();
                for index in [0, values.len() / 2, values.len() - 1] {
                    let at = |step: f64| {
                        let mut moved = values.clone();
                        moved[index] += step;
                        let mut changed = fixed.clone();
                        let moved = Tensor::from_vec(moved, fixed[name].dims(), &Device::Cpu).unwrap();
                        changed.insert(name.clone(), moved);
                        loss(&config, changed, &labels).to_scalar::<f64>().unwrap()
                    };
                    let difference = (at(1e-5) - at(-1e-5)) / 2e-5;
                    let gradient = gradient[index];
                    let close = (gradient - difference).abs() < TOLERANCE * (1.0 + gradient.abs());
                    assert!(close, "{config:?}\n{name}[{index}]: {gradient} against {difference}");
                }
            }
        }
    }
}
