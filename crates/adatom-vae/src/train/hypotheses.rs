//! Pose hypotheses: several poses of every sample in the first epochs, of which the best one is decoded.
//!
//! A decoder that has hardly learned anything draws the average of all orientations, and gradients then
//! improve the pose that the encoder happens to give: often half of the objects end up upside down. Here each
//! sample is scored in several poses, on some of its pixels and without gradients,
//!
//! h* = argmaxₕ ln p(x | z_c, Tₕ z_p) + ln p(Tₕ z_p),   z = μ + σ ε,
//!
//! where T₀ is the identity. The decoder learns from z*_p = T_h* z_p, and the encoder, in place of the
//! gradient of the likelihood, from -λ ln q(z*_p | x): (μ - z*)²/2σ² + ln σ; on the circle with the squared
//! distance between the direction and the unit vector of the angle, which has no barrier at half a turn. It
//! is the alignment by exhaustive search of multi-reference alignment (Sigworth, J. Struct. Biol. 122, 328
//! (1998)) with the decoder as the reference, amortised as in the wake phase of Bornschein and Bengio, arXiv
//! 1406.2751. After the last of these epochs the moments of Adam are reset: the second moments of the pose
//! are many times smaller than the new gradients, and the first steps would move the encoder far off; for the
//! same reason the learning rate increases again over two epochs.

mod composed;

use std::f64::consts::TAU;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::net::Subset;
use crate::spec::{Directions, Invariance, LatentLayout, VaeConfig, wrap_angle};

/// Pose hypotheses of the first epochs; see [`Trainer::pose_hypotheses`](crate::Trainer::pose_hypotheses).
///
/// ```
/// use adatom_vae::{Invariance, PoseHypotheses, ShiftVae, Trainer, ndarray::Array3};
/// let bars =
///     Array3::from_shape_fn((30, 8, 8), |(n, r, c)| if (r + n * c) % 8 < 2 { 1.0 } else { 0.0 });
/// let config =
///     ShiftVae::image_config(8, 8).invariances([Invariance::Rotation]).rotation_circle().hidden([8]);
/// let six = PoseHypotheses::rotations(6).epochs(2);
/// let vae = Trainer::new(config.clone()).epochs(3).pose_hypotheses(six).fit(&bars)?;
/// assert_eq!(vae.history().epochs().len(), 3);
///
/// let error =
///     Trainer::new(config).pose_hypotheses(PoseHypotheses::rotations(1)).fit(&bars).unwrap_err();
/// assert_eq!(error.to_string(), "the number of pose hypotheses must be from 2 to 1024, found 1");
/// # Ok::<(), adatom_vae::TrainError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PoseHypotheses {
    rotations: usize,
    shifts: usize,
    spacing: f64,
    epochs: usize,
    pub(super) pixel_fraction: f64,
    #[serde(rename = "pull")]
    encoder_weight: f64,
}

impl PoseHypotheses {
    /// `count` angles at equal distances on the circle, starting with that of the encoder.
    pub fn rotations(count: usize) -> Self {
        Self {
            rotations: count,
            shifts: 1,
            spacing: 1.0,
            epochs: 10,
            pixel_fraction: 0.25,
            encoder_weight: 10.0,
        }
    }

    /// Displacements alone, as in [`and_shifts`](Self::and_shifts).
    pub fn shifts(per_axis: usize, spacing: f64) -> Self {
        Self::rotations(1).and_shifts(per_axis, spacing)
    }

    /// Displacements on a grid of `per_axis` (an odd number) points along each axis, `spacing` standard
    /// deviations of their prior apart and centred on that of the encoder, combined with every angle.
    /// Default: none. For a shift on the cell of a lattice they are distributed evenly over the cell,
    /// whatever the spacing.
    pub fn and_shifts(mut self, per_axis: usize, spacing: f64) -> Self {
        (self.shifts, self.spacing) = (per_axis, spacing);
        self
    }

    /// Number of first epochs in which hypotheses are tried. Default 10.
    pub fn epochs(mut self, epochs: usize) -> Self {
        self.epochs = epochs;
        self
    }

    /// The random fraction of the pixels on which hypotheses are scored, drawn anew for each sample and step.
    /// Default 0.25.
    pub fn pixel_fraction(mut self, fraction: f64) -> Self {
        self.pixel_fraction = fraction;
        self
    }

    /// λ, the weight of the encoder's log-probability of the best hypothesis in the loss. Default 10.
    pub fn encoder_weight(mut self, weight: f64) -> Self {
        self.encoder_weight = weight;
        self
    }

    /// # Errors
    /// [`Error::Setting`] for an invalid setting, and for angles or shifts that the model does not have.
    pub(super) fn check(&self, config: &VaeConfig) -> Result<()> {
        let lattice = self.shifts.checked_pow(config.sample_shape().dimensions() as u32);
        let count = lattice.and_then(|points| points.checked_mul(self.rotations)).unwrap_or(usize::MAX);
        if !(2..=1024).contains(&count) {
            return Err(Error::setting("the number of pose hypotheses", "from 2 to 1024", count));
        }
        if self.shifts.is_multiple_of(2) {
            return Err(Error::setting("the number of tried shifts along each axis", "odd", self.shifts));
        }
        if config.conditioning().is_some() {
            let expected = "absent in a model with a condition, classes or a target";
            return Err(Error::setting("pose hypotheses", expected, format!("{count} of them")));
        }
        for (invariance, count, setting) in [
            (Invariance::Rotation, self.rotations, "the number of tried angles"),
            (Invariance::Shift, self.shifts, "the number of tried shifts along each axis"),
        ] {
            if count > 1 && !config.has(invariance) {
                return Err(Error::setting(setting, "1 in a model without this invariance", count));
            }
        }
        if !(self.spacing.is_finite() && self.spacing > 0.0) {
            return Err(Error::setting("the spacing of tried shifts", "finite and positive", self.spacing));
        }
        if !(self.pixel_fraction > 0.0 && self.pixel_fraction <= 1.0) {
            let setting = "the fraction of pixels on which poses are scored";
            return Err(Error::setting(setting, "above 0 and at most 1", self.pixel_fraction));
        }
        if !(self.encoder_weight.is_finite() && self.encoder_weight >= 0.0) {
            let setting = "the weight of the encoder's probability of the best pose";
            return Err(Error::setting(setting, "finite and not negative", self.encoder_weight));
        }
        if self.epochs == 0 {
            return Err(Error::setting("the number of epochs with pose hypotheses", "at least 1", 0));
        }
        Ok(())
    }

    /// Whether hypotheses are tried in `epoch`, counted from 1.
    pub(super) fn in_epoch(&self, epoch: usize) -> bool {
        epoch <= self.epochs
    }

    /// The factor of the learning rate after `epochs` epochs: Adam starts anew after the hypotheses, and its
    /// first steps are as long as the rate, whatever the gradients.
    pub(super) fn warm_up(&self, epochs: f64) -> f64 {
        let since = epochs - self.epochs as f64;
        if since > 0.0 { (since / WARM_UP_EPOCHS).min(1.0) } else { 1.0 }
    }

    /// Whether `epoch` is the first one without hypotheses.
    pub(super) fn ended_before(&self, epoch: usize) -> bool {
        epoch == self.epochs + 1
    }
}

/// Epochs after the hypotheses over which the learning rate increases again.
const WARM_UP_EPOCHS: f64 = 2.0;

/// One hypothesis: a rotation of the object about its own centre, and a displacement.
#[derive(Debug, Clone)]
struct PoseChange {
    /// Radians.
    turn: f64,
    /// In prior standard deviations along each axis.
    shift: Vec<f64>,
}

/// The hypotheses for a model.
#[derive(Debug, Clone)]
pub(super) struct Hypotheses {
    layout: LatentLayout,
    rotation_prior: f64,
    /// `[axes · axes]`.
    shift_units: Vec<f64>,
    directions: Directions,
    encoder_weight: f64,
    /// Whether several angles are tried.
    turns: bool,
    /// Whether several displacements are tried.
    shifts: bool,
    /// The first one is the identity.
    changes: Vec<PoseChange>,
}

impl Hypotheses {
    pub(super) fn new(settings: &PoseHypotheses, config: &VaeConfig) -> Self {
        let (axes, half) = (config.sample_shape().dimensions(), (settings.shifts / 2) as f64);
        let spacing = match config.get_shift_lattice() {
            Some(_) => TAU / settings.shifts as f64,
            None => settings.spacing,
        };
        let mut changes = Vec::new();
        for turn in 0..settings.rotations {
            for point in 0..settings.shifts.pow(axes as u32) {
                let along = |axis: usize| point / settings.shifts.pow(axis as u32) % settings.shifts;
                let shift = (0..axes).map(|axis| (along(axis) as f64 - half) * spacing).collect();
                changes.push(PoseChange { turn: TAU * turn as f64 / settings.rotations as f64, shift });
            }
        }
        let identity =
            changes.iter().position(|one| one.turn == 0.0 && one.shift.iter().all(|&shift| shift == 0.0));
        changes.swap(0, identity.expect("an odd number of points has one in the middle"));
        Self {
            layout: LatentLayout::new(config),
            rotation_prior: config.get_rotation_prior(),
            shift_units: config.shift_units(),
            directions: config.directions(),
            encoder_weight: settings.encoder_weight,
            turns: settings.rotations > 1,
            shifts: settings.shifts > 1,
            changes,
        }
    }

    pub(super) fn count(&self) -> usize {
        self.changes.len()
    }

    /// Changes the latents `z` of one sample to hypothesis `index`.
    ///
    /// An object at p in the window has p R(φ) s + t = 0 in the decoder's coordinates; turned by δ about
    /// itself it still has when t becomes t R(δ).
    pub(super) fn apply(&self, index: usize, z: &mut [f32]) {
        let PoseChange { turn, shift } = &self.changes[index];
        if index == 0 {
            return;
        }
        if let Some(rotation) = self.layout.rotation {
            let angle = self.rotation_prior * f64::from(z[rotation]) + turn;
            z[rotation] = (wrap_angle(angle) / self.rotation_prior) as f32;
        }
        let Some(range) = self.layout.shift.clone() else { return };
        let on_lattice = self.directions.contains(range.start);
        let z = &mut z[range];
        if let ([first, second], [aa, ab, ba, bb], true) =
            (&mut *z, self.shift_units.as_slice(), *turn != 0.0)
        {
            let (sine, cosine) = turn.sin_cos();
            let of = [f64::from(*first), f64::from(*second)];
            let t = [aa * of[0] + ab * of[1], ba * of[0] + bb * of[1]];
            let [row, column] = [t[0] * cosine - t[1] * sine, t[0] * sine + t[1] * cosine];
            let determinant = aa * bb - ab * ba;
            *first = ((bb * row - ab * column) / determinant) as f32;
            *second = ((aa * column - ba * row) / determinant) as f32;
        }
        for (z, shift) in z.iter_mut().zip(shift) {
            let moved = f64::from(*z) + shift;
            *z = if on_lattice { wrap_angle(moved) } else { moved } as f32;
        }
    }

    /// ln of the prior density of the pose, up to a constant.
    pub(super) fn log_prior(&self, z: &[f32]) -> f64 {
        let latents = self.layout.rotation.into_iter().chain(self.layout.shift.clone().into_iter().flatten());
        latents
            .filter(|&latent| !self.directions.contains(latent))
            .map(|latent| -0.5 * f64::from(z[latent]).powi(2))
            .sum()
    }

    /// The latents that are replaced by those of the best hypothesis, so that the encoder gets no gradient of
    /// the likelihood.
    pub(super) fn replaced(&self) -> impl Iterator<Item = usize> {
        let rotation = self.layout.rotation.filter(|_| self.turns);
        let shift = self.layout.shift.clone().filter(|_| self.shifts);
        rotation.into_iter().chain(shift.into_iter().flatten())
    }

    /// λ times the gradient of -ln q(z* | x) of one sample in the best hypothesis `index`: `add` gets the
    /// number of an output of the encoder, first those of the layer of means and then the standard
    /// deviations, and the gradient with respect to it.
    pub(super) fn encoder_gradient(
        &self,
        index: usize,
        sample: &EncodedSample<'_>,
        mut add: impl FnMut(usize, f64),
    ) {
        let EncodedSample { mean_outputs, mean, sd, best } = sample;
        let sds = mean_outputs.len();
        for latent in self.replaced() {
            let (mean, sd, best) = (f64::from(mean[latent]), sd(latent), f64::from(best[latent]));
            let off = if self.directions.contains(latent) {
                wrap_angle(mean - best)
            } else if self.layout.rotation == Some(latent) {
                wrap_angle(self.rotation_prior * (mean - best)) / self.rotation_prior
            } else {
                mean - best
            };
            let goal = Goal { latent, mean, target: best, weight: self.encoder_weight / (sd * sd) };
            self.mean_gradient(&goal, mean_outputs, &mut add);
            add(sds + latent, self.encoder_weight / sd * (1.0 - off * off / (sd * sd)));
        }
        // Without hypotheses of its own a shift keeps the gradient of the likelihood, but has to follow the
        // rotation.
        if index > 0
            && !self.shifts
            && let Some(range) = self.layout.shift.clone()
        {
            let mut target = mean.to_vec();
            self.apply(index, &mut target);
            for latent in range {
                let (mean, target) = (f64::from(mean[latent]), f64::from(target[latent]));
                let weight = self.encoder_weight / sd(latent).powi(2);
                self.mean_gradient(&Goal { latent, mean, target, weight }, mean_outputs, &mut add);
            }
        }
    }

    /// The gradient of ½ `weight` (μ - `target`)² with respect to the layer of means; for latents on a
    /// circle, of the squared distance between the direction and the unit vector of the angle.
    fn mean_gradient(&self, goal: &Goal, mean_outputs: &[f32], add: &mut impl FnMut(usize, f64)) {
        let &Goal { latent, mean, target, weight } = goal;
        let output = self.directions.output(latent);
        if self.directions.contains(latent) {
            add(output, weight * (f64::from(mean_outputs[output]) - target.cos()));
            add(output + 1, weight * (f64::from(mean_outputs[output + 1]) - target.sin()));
        } else {
            add(output, weight * (mean - target));
        }
    }
}

/// A value that the mean of a latent should have.
struct Goal {
    latent: usize,
    mean: f64,
    target: f64,
    weight: f64,
}

/// The encoder's outputs for one sample, and the latents in the best hypothesis.
pub(super) struct EncodedSample<'a> {
    /// The layer of means.
    pub(super) mean_outputs: &'a [f32],
    pub(super) mean: &'a [f32],
    pub(super) sd: &'a dyn Fn(usize) -> f64,
    /// z*.
    pub(super) best: &'a [f32],
}

/// The hypotheses of a step.
#[derive(Debug)]
pub(super) struct HypothesisDraws {
    pub(super) hypotheses: Arc<Hypotheses>,
    /// The points that are scored; all if absent.
    pub(super) subset: Option<Subset>,
}

impl HypothesisDraws {
    /// The score of a sample with latents `z`, from the log-likelihood of the points that were scored.
    pub(super) fn score(&self, log_likelihood: f64, z: &[f32]) -> f64 {
        let scale = self.subset.as_ref().map_or(1.0, |subset| f64::from(subset.scale));
        scale * log_likelihood + self.hypotheses.log_prior(z)
    }
}

/// The best hypothesis of each sample so far.
#[derive(Debug)]
pub(super) struct BestHypotheses {
    pub(super) index: Vec<usize>,
    score: Vec<f64>,
}

impl BestHypotheses {
    pub(super) fn new(n: usize) -> Self {
        Self { index: vec![0; n], score: vec![f64::NEG_INFINITY; n] }
    }

    /// Takes `index` where it scores better than those before.
    pub(super) fn offer(&mut self, index: usize, sample: usize, score: f64) {
        if score > self.score[sample] {
            (self.index[sample], self.score[sample]) = (index, score);
        }
    }
}
