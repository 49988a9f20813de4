//! How the KL divergence of each latent counts in the loss: weights of groups, free bits, a capacity.
//!
//! With the mean KL over a batch kⱼ of each latent, its weight wⱼ and free bits λ, the loss has β Σ wⱼ max(kⱼ, λ) (Kingma et
//! al. 2016), or with a capacity γ |Σ wⱼ max(kⱼ, λ) - C|, where C grows over the epochs (Burgess et al. 2018; the form of
//! AtomAI).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

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
    /// What the pattern looks like.
    Content,
}

impl LatentGroup {
    /// Rotation, shift and scale.
    pub const POSE: [Self; 3] = [Self::Rotation, Self::Shift, Self::Scale];
}

/// The KL divergence that training aims at, in nat: from 0 in the first epoch to `nats` in epoch `epochs`.
///
/// ```
/// use adatom_vae::Capacity;
/// let capacity = Capacity { nats: 10.0, epochs: 6, gamma: 30.0 };
/// assert_eq!((capacity.at(1), capacity.at(4), capacity.at(9)), (0.0, 6.0, 10.0));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Capacity {
    /// The KL divergence from epoch `epochs` on, nat.
    pub nats: f64,
    /// How many epochs it grows.
    pub epochs: usize,
    /// The weight of the distance from it, in place of β.
    pub gamma: f64,
}

impl Capacity {
    /// The aim in `epoch`, counted from 1.
    #[must_use]
    pub fn at(&self, epoch: usize) -> f64 {
        let done = epoch.saturating_sub(1) as f64 / self.epochs.saturating_sub(1).max(1) as f64;
        self.nats * done.min(1.0)
    }
}

/// Settings beside β; the default changes nothing.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub(crate) struct KlControl {
    /// Weights of groups, 1 where none is given.
    pub(crate) weights: BTreeMap<LatentGroup, f64>,
    /// Per latent, nat.
    pub(crate) free_bits: f64,
    pub(crate) capacity: Option<Capacity>,
    /// Epochs in which the content is held at its prior.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(crate) pose_first: usize,
}

fn is_zero(number: &usize) -> bool {
    *number == 0
}

/// Factor of the KL divergence of the content while it is held at its prior: more than what it could say would gain.
const HELD: f64 = 1000.0;

impl KlControl {
    /// The setting that cannot be, with what is expected and what was found.
    pub(crate) fn fault(&self) -> Option<(&'static str, &'static str, String)> {
        let good = |number: f64| number.is_finite() && number >= 0.0;
        if let Some((group, weight)) = self.weights.iter().find(|(_, weight)| !good(**weight)) {
            return Some(("group_kl_weight", "finite and not negative", format!("{weight} for {group:?}")));
        }
        if !good(self.free_bits) {
            return Some(("free_bits", "finite and not negative", self.free_bits.to_string()));
        }
        match self.capacity {
            Some(Capacity { nats, gamma, epochs }) if !(good(nats) && good(gamma) && epochs > 0) => {
                let found = format!("{nats} nat, gamma {gamma}, {epochs} epochs");
                Some(("capacity", "finite and not negative, over at least 1 epoch", found))
            }
            _ => None,
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
        let held = |group| if group == LatentGroup::Content && epoch <= self.pose_first { HELD } else { 1.0 };
        let weight = |latent: usize| {
            let group = group(latent);
            held(group) * self.weights.get(&group).copied().unwrap_or(1.0)
        };
        KlPenalty {
            weights: (0..layout.len()).map(weight).collect(),
            free_bits: self.free_bits,
            beta,
            capacity: self.capacity.map(|capacity| (capacity.at(epoch), capacity.gamma)),
        }
    }
}

/// What the KL divergences of a batch add to the loss.
#[derive(Debug, Clone)]
pub(crate) struct KlPenalty {
    weights: Vec<f64>,
    free_bits: f64,
    beta: f64,
    /// Aim and weight.
    capacity: Option<(f64, f64)>,
}

impl KlPenalty {
    /// β times the sum over latents.
    #[cfg(test)]
    pub(crate) fn plain(latents: usize, beta: f64) -> Self {
        Self { weights: vec![1.0; latents], free_bits: 0.0, beta, capacity: None }
    }

    /// Its slope with respect to the KL divergence of each latent, from their means over the batch, which may be divided
    /// among the samples because it is the same for all.
    pub(crate) fn slopes(&self, mean_kl: &[f64]) -> Vec<f64> {
        let whole = match self.capacity {
            None => self.beta,
            Some((aim, gamma)) => gamma * (self.counted(mean_kl) - aim).signum(),
        };
        // At the kink a free latent is pulled like one above it: it can only leave the kink upwards by the likelihood.
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
        self.capacity.map_or(self.beta * counted, |(aim, gamma)| gamma * (counted - aim).abs())
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
        let slopes = control.penalty(&config, 1, 0.1).slopes(&[1.0; 6]);
        let expected = [0.1, 0.2, 0.2, 0.3, 0.05, 0.05];
        assert!(
            slopes.iter().zip(expected).all(|(found, wanted)| (found - wanted).abs() < 1e-12),
            "{slopes:?}"
        );
    }

    #[test]
    fn content_is_held_while_the_pose_is_learnt_first() {
        let config = VaeConfig::new(SampleShape::Image { height: 4, width: 4 });
        let control = KlControl { pose_first: 3, ..KlControl::default() };
        let slopes = |epoch| control.penalty(&config, epoch, 1.0).slopes(&[1.0; 4]);
        assert_eq!(slopes(3), [1.0, 1.0, HELD, HELD]);
        assert_eq!(slopes(4), [1.0; 4]);
    }

    #[test]
    fn slopes_are_those_of_the_penalty() {
        let mean_kl = [0.3, 0.05, 2.0, 0.7];
        for (capacity, free_bits) in
            [(None, 0.0), (None, 0.1), (Some((1.0, 5.0)), 0.0), (Some((9.0, 5.0)), 0.1)]
        {
            let penalty = KlPenalty { weights: vec![1.0, 2.0, 0.5, 0.0], free_bits, beta: 0.7, capacity };
            for (latent, slope) in penalty.slopes(&mean_kl).into_iter().enumerate() {
                let moved = |by: f64| {
                    let mut kl = mean_kl;
                    kl[latent] += by;
                    penalty.value(&kl)
                };
                let difference = (moved(1e-6) - moved(-1e-6)) / 2e-6;
                assert!(
                    (slope - difference).abs() < 1e-6,
                    "{penalty:?}, latent {latent}: {slope}, {difference}"
                );
            }
        }
    }

    #[test]
    fn settings_that_cannot_be_are_named() {
        let control = KlControl { free_bits: -1.0, ..Default::default() };
        assert_eq!(control.fault().map(|fault| fault.0), Some("free_bits"));
        let capacity = Some(Capacity { nats: f64::NAN, epochs: 3, gamma: 1.0 });
        let fault = KlControl { capacity, ..Default::default() }.fault().unwrap();
        assert_eq!(fault.2, "NaN nat, gamma 1, 3 epochs");
        let control =
            KlControl { weights: [(LatentGroup::Shift, f64::INFINITY)].into(), ..Default::default() };
        assert!(control.fault().unwrap().2.contains("Shift"));
        assert_eq!(KlControl::default().fault(), None);
    }
}
