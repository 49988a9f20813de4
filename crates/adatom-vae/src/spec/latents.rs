//! The latent variables of a model, in the order rotation, shift, scale, content.

use std::f64::consts::TAU;
use std::ops::Range;

use super::{Directions, Invariance, RotationPosterior, VaeConfig, pixels_per_unit};

/// The columns of the latent vector.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LatentLayout {
    pub(crate) rotation: Option<usize>,
    pub(crate) shift: Option<Range<usize>>,
    pub(crate) scale: Option<usize>,
    pub(crate) content: Range<usize>,
    /// Whether the shift lives on the cell of a lattice.
    lattice: bool,
}

impl LatentLayout {
    pub(crate) fn new(config: &VaeConfig) -> Self {
        let axes = config.sample_shape().dimensions();
        let mut next = 0;
        let mut take = |invariance, width: usize| {
            config.has(invariance).then(|| {
                next += width;
                next - width..next
            })
        };
        let rotation = take(Invariance::Rotation, 1).map(|range| range.start);
        let shift = take(Invariance::Shift, axes);
        let scale = take(Invariance::Scale, 1).map(|range| range.start);
        let content = next..next + config.get_latent_dim();
        Self { rotation, shift, scale, content, lattice: config.get_shift_lattice().is_some() }
    }

    /// Number of latents.
    pub(crate) fn len(&self) -> usize {
        self.content.end
    }

    /// The name of every latent: `rotation`, `shift rows`, `shift columns`, `scale`, `content 1`, ...
    pub(crate) fn names(&self) -> Vec<String> {
        let mut names = vec![String::new(); self.len()];
        if let Some(index) = self.rotation {
            names[index] = "rotation".into();
        }
        if let Some(range) = &self.shift {
            let axes: &[&str] = match range.len() {
                1 => &["shift"],
                _ if self.lattice => &["lattice phase 1", "lattice phase 2"],
                _ => &["shift rows", "shift columns"],
            };
            for (index, name) in range.clone().zip(axes) {
                names[index] = (*name).into();
            }
        }
        if let Some(index) = self.scale {
            names[index] = "scale".into();
        }
        for (number, index) in self.content.clone().enumerate() {
            names[index] = format!("content {}", number + 1);
        }
        names
    }
}

impl VaeConfig {
    /// Number of all latents: those of the invariances and the content.
    pub fn latents(&self) -> usize {
        LatentLayout::new(self).len()
    }

    /// The name of every latent, in order.
    pub fn latent_names(&self) -> Vec<String> {
        LatentLayout::new(self).names()
    }

    /// The displacement along each axis for a unit of each latent of the shift, in grid units,
    /// `[axes · axes]` row by row.
    pub(crate) fn shift_units(&self) -> Vec<f64> {
        let axes = self.sample_shape().dimensions();
        let pixels = pixels_per_unit(self.sample_shape());
        let unit = |axis: usize, latent: usize| match self.get_shift_lattice() {
            Some(vectors) => vectors[latent][axis] / pixels[axis] / TAU,
            None if axis == latent => self.get_shift_prior()[axis],
            None => 0.0,
        };
        (0..axes * axes).map(|at| unit(at / axes, at % axes)).collect()
    }

    /// The latents that live on a circle.
    pub(crate) fn directions(&self) -> Directions {
        let layout = LatentLayout::new(self);
        let angle = layout.rotation.filter(|_| self.get_rotation_posterior() == RotationPosterior::Circle);
        let phases = layout.shift.filter(|_| self.get_shift_lattice().is_some());
        // The columns of the shift follow that of the angle.
        Directions::new(match (angle.map(|angle| angle..angle + 1), phases) {
            (Some(angle), Some(phases)) => angle.start..phases.end,
            (one, other) => one.or(other).unwrap_or_default(),
        })
    }

    /// Outputs of the encoder's layer of means: one for each latent, two for a latent on a circle.
    pub(crate) fn mean_outputs(&self) -> usize {
        self.latents() + self.directions().len()
    }
}
