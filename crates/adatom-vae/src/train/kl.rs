//! The KL divergence in the loss: weights of groups of latents, free bits, capacity.
//!
//! With the mean KL over a batch kⱼ of each latent, its weight wⱼ and free bits λ, the loss has β Σ wⱼ
//! max(kⱼ, λ) (Kingma et al. 2016), or with a capacity γ |Σ wⱼ max(kⱼ, λ) - C|, where C grows over the epochs
//! (Burgess et al. 2018; the form of AtomAI).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::spec::{LatentLayout, VaeConfig};

/// Latents that are weighted together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum LatentGroup {
    /// The angle.
    Rotation,
    /// The displacements.
    Shift,
    /// The magnification.
    Scale,
    /// The appearance of the pattern.
    Content,
}

impl LatentGroup {
    /// Rotation, shift and scale.
    pub const POSE: [Self; 3] = [Self::Rotation, Self::Shift, Self::Scale];
}

/// The target value of the KL divergence, in nat: from 0 in the first epoch to `nats` in epoch `epochs`.
///
/// ```
/// use adatom_vae::Capacity;
/// let capacity = Capacity::new(10.0, 6).gamma(30.0);
/// assert_eq!((capacity.at(1), capacity.at(4), capacity.at(9)), (0.0, 6.0, 10.0));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Capacity {
    nats: f64,
    epochs: usize,
    gamma: f64,
}

impl Capacity {
    /// A KL divergence that grows to `nats` over `epochs` epochs, with the weight 30.
    #[must_use]
    pub fn new(nats: f64, epochs: usize) -> Self {
        Self { nats, epochs, gamma: 30.0 }
    }

    /// γ, the weight of the distance from the target value, in place of β. Default 30.
    #[must_use]
    pub fn gamma(mut self, weight: f64) -> Self {
        self.gamma = weight;
        self
    }

    /// The KL divergence from epoch `epochs` on, nat.
    #[must_use]
    pub fn get_nats(&self) -> f64 {
        self.nats
    }

    /// Number of epochs in which it grows.
    #[must_use]
    pub fn get_epochs(&self) -> usize {
        self.epochs
    }

    /// The weight of the distance from it.
    #[must_use]
    pub fn get_gamma(&self) -> f64 {
        self.gamma
    }

    /// The target value in `epoch`, counted from 1.
    #[must_use]
    pub fn at(&self, epoch: usize) -> f64 {
        let done = epoch.saturating_sub(1) as f64 / self.epochs.saturating_sub(1).max(1) as f64;
        self.nats * done.min(1.0)
    }
}

/// Settings beside β; with the default the penalty is β times the KL divergence.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub(crate) struct KlControl {
    /// Weights of groups; 1 if absent.
    pub(crate) weights: BTreeMap<LatentGroup, f64>,
    /// Per latent, nat.
    pub(crate) free_bits: f64,
    pub(crate) capacity: Option<Capacity>,
    /// First epochs in which the content is kept at its prior.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(crate) pose_first: usize,
}

fn is_zero(number: &usize) -> bool {
    *number == 0
}

/// Factor of the KL divergence of the content while it is kept at its prior: more than any content could
/// gain.
const KEPT_AT_PRIOR: f64 = 1000.0;

impl KlControl {
    /// # Errors
    /// [`Error::Setting`] names the first invalid setting.
    pub(crate) fn check(&self) -> Result<()> {
        const EXPECTED: &str = "finite and not negative";
        let good = |number: f64| number.is_finite() && number >= 0.0;
        if let Some((group, weight)) = self.weights.iter().find(|(_, weight)| !good(**weight)) {
            let found = format!("{weight} for {group:?}").to_lowercase();
            return Err(Error::setting("the KL weight of a group of latents", EXPECTED, found));
        }
        if !good(self.free_bits) {
            return Err(Error::setting("the free bits", EXPECTED, self.free_bits));
        }
        match self.capacity {
            Some(Capacity { nats, gamma, epochs }) if !(good(nats) && good(gamma) && epochs > 0) => {
                let found = format!("{nats} nat, gamma {gamma}, {epochs} epochs");
                Err(Error::setting("the capacity", "finite and not negative, over at least 1 epoch", found))
            }
            _ => Ok(()),
        }
    }

    /// The penalty of an epoch on the latents of a model.
    pub(crate) fn penalty(&self, config: &VaeConfig, epoch: usize, beta: f64) -> KlPenalty {
        let layout = LatentLayout::new(config);
        let group = |latent: usize| {
            if layout.rotation == Some(latent) {
                LatentGroup::Rotation
            } else if layout.shift.as_ref().is_some_and(|range| range.contains(&latent)) {
                LatentGroup::Shift
            } else if layout.scale == Some(latent) {
                LatentGroup::Scale
            } else {
                LatentGroup::Content
            }
        };
        let kept = |group| {
            if group == LatentGroup::Content && epoch <= self.pose_first { KEPT_AT_PRIOR } else { 1.0 }
        };
        let weight = |latent: usize| {
            let group = group(latent);
            kept(group) * self.weights.get(&group).copied().unwrap_or(1.0)
        };
        KlPenalty {
            weights: (0..layout.len()).map(weight).collect(),
            free_bits: self.free_bits,
            beta,
            capacity: self.capacity.map(|capacity| Aim { nats: capacity.at(epoch), gamma: capacity.gamma }),
        }
    }
}

/// The target value of the KL divergence in an epoch, and the weight of the distance from it.
#[derive(Debug, Clone, Copy)]
struct Aim {
    nats: f64,
    gamma: f64,
}

/// The term of the KL divergences of a batch in the loss.
#[derive(Debug, Clone)]
pub(crate) struct KlPenalty {
    weights: Vec<f64>,
    free_bits: f64,
    beta: f64,
    capacity: Option<Aim>,
}

impl KlPenalty {
    /// β times the sum over latents.
    #[cfg(test)]
    pub(crate) fn plain(latents: usize, beta: f64) -> Self {
        Self { weights: vec![1.0; latents], free_bits: 0.0, beta, capacity: None }
    }

    /// The gradient with respect to the KL divergence of each latent, from their means over the batch; it is
    /// the same for all samples.
    pub(crate) fn gradient(&self, mean_kl: &[f64]) -> Vec<f64> {
        let whole = match self.capacity {
            None => self.beta,
            Some(Aim { nats, gamma }) => gamma * (self.counted(mean_kl) - nats).signum(),
        };
        // At the kink the gradient is that above it: only the likelihood can move a latent upwards from
        // there.
        let counts = |kl: f64| if kl >= self.free_bits { 1.0 } else { 0.0 };
        self.weights.iter().zip(mean_kl).map(|(weight, &kl)| whole * weight * counts(kl)).collect()
    }

    fn counted(&self, mean_kl: &[f64]) -> f64 {
        self.weights.iter().zip(mean_kl).map(|(weight, kl)| weight * kl.max(self.free_bits)).sum()
    }

    /// The penalty itself, per sample.
    #[cfg(test)]
    fn value(&self, mean_kl: &[f64]) -> f64 {
        let counted = self.counted(mean_kl);
        self.capacity.map_or(self.beta * counted, |Aim { nats, gamma }| gamma * (counted - nats).abs())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::Invariance;
    use adatom_core::SampleShape;

    #[test]
    fn groups_are_weighted_by_what_their_latents_are() {
        let config = VaeConfig::new(SampleShape::Image { height: 8, width: 8 });
        let config = config.invariances([Invariance::Rotation, Invariance::Shift, Invariance::Scale]);
        let weights = [(LatentGroup::Shift, 2.0), (LatentGroup::Scale, 3.0), (LatentGroup::Content, 0.5)];
        let control = KlControl { weights: weights.into(), ..Default::default() };
        let gradient = control.penalty(&config, 1, 0.1).gradient(&[1.0; 6]);
        let expected = [0.1, 0.2, 0.2, 0.3, 0.05, 0.05];
        assert!(
            gradient.iter().zip(expected).all(|(found, expected)| (found - expected).abs() < 1e-12),
            "{gradient:?}"
        );
    }

    #[test]
    fn content_is_kept_at_the_prior_in_the_first_epochs() {
        let config = VaeConfig::new(SampleShape::Image { height: 4, width: 4 });
        let control = KlControl { pose_first: 3, ..KlControl::default() };
        let gradient = |epoch| control.penalty(&config, epoch, 1.0).gradient(&[1.0; 4]);
        assert_eq!(gradient(3), [1.0, 1.0, KEPT_AT_PRIOR, KEPT_AT_PRIOR]);
        assert_eq!(gradient(4), [1.0; 4]);
    }

    #[test]
    fn gradients_are_those_of_finite_differences() {
        let mean_kl = [0.3, 0.05, 2.0, 0.7];
        for (capacity, free_bits) in [(None, 0.0), (None, 0.1), (Some(1.0), 0.0), (Some(9.0), 0.1)] {
            let capacity = capacity.map(|nats| Aim { nats, gamma: 5.0 });
            let penalty = KlPenalty { weights: vec![1.0, 2.0, 0.5, 0.0], free_bits, beta: 0.7, capacity };
            for (latent, gradient) in penalty.gradient(&mean_kl).into_iter().enumerate() {
                let moved = |by: f64| {
                    let mut kl = mean_kl;
                    kl[latent] += by;
                    penalty.value(&kl)
                };
                let difference = (moved(1e-6) - moved(-1e-6)) / 2e-6;
                assert!(
                    (gradient - difference).abs() < 1e-6,
                    "{penalty:?}, latent {latent}: {gradient}, {difference}"
                );
            }
        }
    }

    #[test]
    fn invalid_settings_are_named() {
        let text = |control: &KlControl| control.check().unwrap_err().to_string();
        let control = KlControl { free_bits: -1.0, ..Default::default() };
        assert_eq!(text(&control), "the free bits must be finite and not negative, found -1");
        let capacity = Some(Capacity::new(f64::NAN, 3).gamma(1.0));
        let control = KlControl { capacity, ..Default::default() };
        assert!(text(&control).ends_with("found NaN nat, gamma 1, 3 epochs"));
        let control =
            KlControl { weights: [(LatentGroup::Shift, f64::INFINITY)].into(), ..Default::default() };
        assert!(text(&control).ends_with("found inf for shift"));
        assert!(KlControl::default().check().is_ok());
    }
}
