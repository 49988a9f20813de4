//! Several hypotheses of the pose of every sample in the first epochs: the best one is decoded, and the encoder is drawn to it.
//!
//! A decoder that has hardly learnt anything draws the average of all orientations, and gradients then improve the pose that
//! the encoder happens to give: often half of the objects end up upside down. Here each sample is scored in several poses, on
//! some of its pixels and without gradients,
//!
//! h* = argmaxₕ ln p(x | z_c, Tₕ z_p) + ln p(Tₕ z_p),   z = μ + σ ε,
//!
//! where T₀ leaves the pose as it is. The decoder learns from z*_p = T_h* z_p, and the encoder, in place of the slope of the
//! likelihood, from -λ ln q(z*_p | x): (μ - z*)²/2σ² + ln σ; on the circle with the squared distance between the direction
//! and the unit vector of the angle, which has no barrier at half a turn. It is the alignment by exhaustive search of
//! multi-reference alignment (Sigworth, J. Struct. Biol. 122, 328 (1998)) with the decoder as the reference, amortised as in
//! the wake phase of Bornschein and Bengio, arXiv 1406.2751. When the hypotheses end, the moments of Adam are forgotten:
//! those of the pose were of slopes many times smaller, and the first steps would throw the encoder out of its basin; for the same
//! reason the learning rate grows again over two epochs.

mod composed;

use std::f64::consts::TAU;

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::net::Subset;
use crate::spec::{Directions, Invariance, LatentLayout, VaeConfig, wrap_angle};

/// Hypotheses of the pose that the first epochs try; see [`Trainer::pose_hypotheses`](crate::Trainer::pose_hypotheses).
///
/// ```
/// use adatom_vae::{Invariance, PoseHypotheses, ShiftVae, Trainer, ndarray::Array3};
/// let bars = Array3::from_shape_fn((30, 8, 8), |(n, r, c)| if (r + n * c) % 8 < 2 { 1.0 } else { 0.0 });
/// let config = ShiftVae::image_config(8, 8).invariances([Invariance::Rotation]).rotation_circle().hidden([8]);
/// let vae = Trainer::new(config.clone()).epochs(3).pose_hypotheses(PoseHypotheses::rotations(6).epochs(2)).fit(&bars)?;
/// assert_eq!(vae.history().epochs().len(), 3);
///
/// let error = Trainer::new(config).pose_hypotheses(PoseHypotheses::rotations(1)).fit(&bars).unwrap_err();
/// assert_eq!(error.to_string(), "pose_hypotheses must be 2 to 1024 hypotheses, found 1");
/// # Ok::<(), adatom_vae::TrainError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PoseHypotheses {
    rotations: usize,
    shifts: usize,
    spacing: f64,
    epochs: usize,
    pub(super) pixel_fraction: f64,
    pull: f64,
}

impl PoseHypotheses {
    /// So many angles evenly round the circle, beginning with the one that the encoder gives.
    pub fn rotations(count: usize) -> Self {
        Self { rotations: count, shifts: 1, spacing: 1.0, epochs: 10, pixel_fraction: 0.25, pull: 10.0 }
    }

    /// Displacements alone, as [`and_shifts`](Self::and_shifts) says.
    pub fn shifts(per_axis: usize, spacing: f64) -> Self {
        Self::rotations(1).and_shifts(per_axis, spacing)
    }

    /// Displacements on a lattice of `per_axis` (an odd number) points along each axis, `spacing` standard deviations of
    /// their prior apart and centred on what the encoder gives; with every angle where there are several. Default: none.
    /// On the cell of a lattice they lie evenly over the cell, whatever the spacing.
    pub fn and_shifts(mut self, per_axis: usize, spacing: f64) -> Self {
        (self.shifts, self.spacing) = (per_axis, spacing);
        self
    }

    /// In how many of the first epochs hypotheses are tried. Default 10.
    pub fn epochs(mut self, epochs: usize) -> Self {
        self.epochs = epochs;
        self
    }

    /// The random fraction of the pixels on which hypotheses are scored, other ones for each sample and step. Default 0.25.
    pub fn pixel_fraction(mut self, fraction: f64) -> Self {
        self.pixel_fraction = fraction;
        self
    }

    /// λ, how much the encoder's probability of the best hypothesis counts. Default 10.
    pub fn pull(mut self, weight: f64) -> Self {
        self.pull = weight;
        self
    }

    /// # Errors
    /// [`Error::Setting`] for what cannot be, or for angles or shifts that the model does not have.
    pub(super) fn check(&self, config: &VaeConfig) -> Result<()> {
        let bad =
            |expected, found: String| Err(Error::Setting { setting: "pose_hypotheses", expected, found });
        let lattice = self.shifts.checked_pow(config.sample_shape().dimensions() as u32);
        let count = lattice.and_then(|points| points.checked_mul(self.rotations)).unwrap_or(usize::MAX);
        if !(2..=1024).contains(&count) {
            return bad("2 to 1024 hypotheses", count.to_string());
        }
        if self.shifts.is_multiple_of(2) {
            return bad("an odd number of shifts along each axis", self.shifts.to_string());
        }
        if config.side().is_some() {
            return bad(
                "absent in a model with a condition, classes or a target",
                self.rotations.to_string(),
            );
        }
        if self.rotations > 1 && !config.has(Invariance::Rotation) {
            return bad("without angles in a model without rotation", self.rotations.to_string());
        }
        if self.shifts > 1 && !config.has(Invariance::Shift) {
            return bad("without shifts in a model without shift", self.shifts.to_string());
        }
        if !(self.spacing.is_finite() && self.spacing > 0.0) {
            return bad("a finite and positive spacing", self.spacing.to_string());
        }
        if !(self.pixel_fraction > 0.0 && self.pixel_fraction <= 1.0) {
            return bad("a pixel_fraction above 0 and at most 1", self.pixel_fraction.to_string());
        }
        if !(self.pull.is_finite() && self.pull >= 0.0) {
            return bad("a finite pull that is not negative", self.pull.to_string());
        }
        if self.epochs == 0 { bad("over at least 1 epoch", "0".into()) } else { Ok(()) }
    }

    /// Whether hypotheses are tried in `epoch`, counted from 1.
    pub(super) fn in_epoch(&self, epoch: usize) -> bool {
        epoch <= self.epochs
    }

    /// The factor of the learning rate after `epochs`: Adam begins anew behind the hypotheses, and its first steps are as long
    /// as the rate, whatever the slopes.
    pub(super) fn warm_up(&self, epochs: f64) -> f64 {
        let since = epochs - self.epochs as f64;
        if since > 0.0 { (since / WARM_UP_EPOCHS).min(1.0) } else { 1.0 }
    }

    /// Whether `epoch` is the first one without hypotheses.
    pub(super) fn ended_before(&self, epoch: usize) -> bool {
        epoch == self.epochs + 1
    }
}

/// Over so many epochs behind the hypotheses the learning rate grows again.
const WARM_UP_EPOCHS: f64 = 2.0;

/// One hypothesis: a turn of the object about its own centre, and a displacement.
#[derive(Debug, Clone)]
struct Move {
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
    pull: f64,
    /// Several angles are tried.
    turns: bool,
    /// Several displacements are.
    shifts: bool,
    /// The first one leaves the pose as it is.
    moves: Vec<Move>,
}

impl Hypotheses {
    pub(super) fn new(starts: &PoseHypotheses, config: &VaeConfig) -> Self {
        let (axes, half) = (config.sample_shape().dimensions(), (starts.shifts / 2) as f64);
        let spacing = match config.get_shift_lattice() {
            Some(_) => TAU / starts.shifts as f64,
            None => starts.spacing,
        };
        let mut moves = Vec::new();
        for turn in 0..starts.rotations {
            for place in 0..starts.shifts.pow(axes as u32) {
                let along = |axis: usize| place / starts.shifts.pow(axis as u32) % starts.shifts;
                let shift = (0..axes).map(|axis| (along(axis) as f64 - half) * spacing).collect();
                moves.push(Move { turn: TAU * turn as f64 / starts.rotations as f64, shift });
            }
        }
        let still =
            moves.iter().position(|one| one.turn == 0.0 && one.shift.iter().all(|&shift| shift == 0.0));
        moves.swap(0, still.expect("an odd number of points has one in the middle"));
        Self {
            layout: LatentLayout::new(config),
            rotation_prior: config.get_rotation_prior(),
            shift_units: config.shift_units(),
            directions: config.directions(),
            pull: starts.pull,
            turns: starts.rotations > 1,
            shifts: starts.shifts > 1,
            moves,
        }
    }

    pub(super) fn count(&self) -> usize {
        self.moves.len()
    }

    /// The latents `z` of one sample in hypothesis `index`.
    ///
    /// An object at p in the window lies at p R(φ) s + t = 0 of the decoder's coordinates; turned by δ about itself it still
    /// does when t becomes t R(δ).
    pub(super) fn apply(&self, index: usize, z: &mut [f32]) {
        let Move { turn, shift } = &self.moves[index];
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

    /// The latents that learn from the best hypothesis alone.
    pub(super) fn held(&self) -> impl Iterator<Item = usize> {
        let rotation = self.layout.rotation.filter(|_| self.turns);
        let shift = self.layout.shift.clone().filter(|_| self.shifts);
        rotation.into_iter().chain(shift.into_iter().flatten())
    }

    /// λ times the slopes of -ln q(z* | x) for one sample in the best hypothesis `index`, added to `slopes`: first those
    /// with respect to the layer of means `heads` (two numbers for an angle on the circle), then to the standard deviations.
    pub(super) fn pull(&self, index: usize, sample: &Drawn<'_>, mut add: impl FnMut(usize, f64)) {
        let Drawn { heads, mean, sd, best } = sample;
        let sds = heads.len();
        for latent in self.held() {
            let (mean, sd, best) = (f64::from(mean[latent]), sd(latent), f64::from(best[latent]));
            let off = if self.directions.contains(latent) {
                wrap_angle(mean - best)
            } else if self.layout.rotation == Some(latent) {
                wrap_angle(self.rotation_prior * (mean - best)) / self.rotation_prior
            } else {
                mean - best
            };
            let weight = self.pull / (sd * sd);
            self.pull_mean((latent, weight), (heads, mean, best), &mut add);
            add(sds + latent, self.pull / sd * (1.0 - off * off / (sd * sd)));
        }
        // Without hypotheses of its own a shift goes on with its likelihood, but has to come along with the turn.
        if index > 0
            && !self.shifts
            && let Some(range) = self.layout.shift.clone()
        {
            let mut target = mean.to_vec();
            self.apply(index, &mut target);
            for latent in range {
                let (mean, target) = (f64::from(mean[latent]), f64::from(target[latent]));
                self.pull_mean((latent, self.pull / sd(latent).powi(2)), (heads, mean, target), &mut add);
            }
        }
    }

    /// Slopes of ½ `weight` (μ - `target`)² with respect to the layer of means; of directions, of the squared distance between
    /// the direction and the unit vector of the angle.
    fn pull_mean(
        &self,
        (latent, weight): (usize, f64),
        (heads, mean, target): (&[f32], f64, f64),
        add: &mut impl FnMut(usize, f64),
    ) {
        let head = self.directions.head(latent);
        if self.directions.contains(latent) {
            add(head, weight * (f64::from(heads[head]) - target.cos()));
            add(head + 1, weight * (f64::from(heads[head + 1]) - target.sin()));
        } else {
            add(head, weight * (mean - target));
        }
    }
}

/// What the encoder gave for one sample, and the latents in the best hypothesis.
pub(super) struct Drawn<'a> {
    /// The layer of means.
    pub(super) heads: &'a [f32],
    pub(super) mean: &'a [f32],
    pub(super) sd: &'a dyn Fn(usize) -> f64,
    /// z*.
    pub(super) best: &'a [f32],
}

/// What a step needs to try the hypotheses.
#[derive(Debug)]
pub(super) struct StartDraws {
    pub(super) hypotheses: Arc<Hypotheses>,
    /// Points that are scored; all where absent.
    pub(super) subset: Option<Subset>,
}

impl StartDraws {
    /// The score of a sample with latents `z`, out of the log-likelihood of the points that were scored.
    pub(super) fn score(&self, log_likelihood: f64, z: &[f32]) -> f64 {
        let scale = self.subset.as_ref().map_or(1.0, |subset| f64::from(subset.scale));
        scale * log_likelihood + self.hypotheses.log_prior(z)
    }
}

/// The best hypothesis of each sample so far.
#[derive(Debug)]
pub(super) struct Best {
    pub(super) index: Vec<usize>,
    score: Vec<f64>,
}

impl Best {
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
