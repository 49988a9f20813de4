//! The coordinate change that the decoder undoes: g' = (g R(φ)) s + t.
//!
//! R = [[cos φ, sin φ], [-sin φ, cos φ]], φ = rotation_prior · z_rotation (the angle itself on the circle), s
//! = 1 + scale_prior · z_scale, t = shift_prior · z_shift (z₁ a/2π + z₂ b/2π on the cell of a lattice a, b),
//! for a row vector g = (row, column) of the grid. Written as g' = M g + t with columns, M = s [[cos φ, -sin
//! φ], [sin φ, cos φ]]. [`coordinate_change`] computes M and t on tensors, [`CoordinateChange`] those of one
//! sample for the fused step.

use candle_core::{Result, Tensor};

use crate::spec::{LatentLayout, VaeConfig};

/// M (row by row) and t of every sample, `[n, d² + d]`, from the latents `z` `[n, latents]`.
pub(crate) fn coordinate_change(config: &VaeConfig, z: &Tensor) -> Result<Tensor> {
    let layout = LatentLayout::new(config);
    let n = z.dim(0)?;
    let column = |index: usize| z.narrow(1, index, 1);
    let constant = |value: f64| Tensor::full(value, (n, 1), z.device())?.to_dtype(z.dtype());
    let mut parts = Vec::new();
    if config.sample_shape().dimensions() == 1 {
        parts.push(constant(1.0)?);
    } else {
        let scale = match layout.scale {
            Some(index) => Some(((column(index)? * config.get_scale_prior())? + 1.0)?),
            None => None,
        };
        let scaled = |x: Tensor| match &scale {
            Some(scale) => x * scale,
            None => Ok(x),
        };
        let (cosine, sine) = match layout.rotation {
            Some(index) => {
                let angle = match config.get_rotation_prior() {
                    1.0 => column(index)?,
                    prior => (column(index)? * prior)?,
                };
                (scaled(angle.cos()?)?, scaled(angle.sin()?)?)
            }
            None => (scaled(constant(1.0)?)?, constant(0.0)?),
        };
        parts.extend([cosine.clone(), sine.neg()?, sine, cosine]);
    }
    let axes = config.sample_shape().dimensions();
    for along in config.shift_units().chunks_exact(axes) {
        let mut sum = None;
        for (latent, &unit) in
            layout.shift.clone().into_iter().flatten().zip(along).filter(|(_, unit)| **unit != 0.0)
        {
            let part = (column(latent)? * unit)?;
            sum = Some(match sum {
                None => part,
                Some(sum) => (sum + part)?,
            });
        }
        parts.push(sum.map_or_else(|| constant(0.0), Ok)?);
    }
    Tensor::cat(&parts, 1)
}

/// The same for single samples, with gradients, for the fused training step.
#[derive(Debug, Clone)]
pub(crate) struct CoordinateChange {
    layout: LatentLayout,
    rotation_prior: f64,
    /// `[axes · axes]`.
    shift_units: Vec<f64>,
    axes: usize,
    scale_prior: f64,
}

impl CoordinateChange {
    pub(crate) fn new(config: &VaeConfig) -> Self {
        Self {
            layout: LatentLayout::new(config),
            rotation_prior: config.get_rotation_prior(),
            shift_units: config.shift_units(),
            axes: config.sample_shape().dimensions(),
            scale_prior: config.get_scale_prior(),
        }
    }

    /// Coordinate dimensions.
    fn dimensions(&self) -> usize {
        self.axes
    }

    /// Length of M and t together, d² + d.
    pub(crate) fn len(&self) -> usize {
        self.dimensions() * (self.dimensions() + 1)
    }

    /// cos φ, sin φ and s.
    fn turn(&self, z: &[f32]) -> [f64; 3] {
        let angle = |index: usize| self.rotation_prior * f64::from(z[index]);
        let (sine, cosine) = self.layout.rotation.map_or((0.0, 1.0), |index| angle(index).sin_cos());
        let scale = self.layout.scale.map_or(1.0, |index| 1.0 + self.scale_prior * f64::from(z[index]));
        [cosine, sine, scale]
    }

    /// M and t `[d² + d]` from the latents of one sample.
    pub(crate) fn apply(&self, z: &[f32], change: &mut [f32]) {
        let (matrix, translation) = change.split_at_mut(self.dimensions() * self.dimensions());
        let [cosine, sine, scale] = self.turn(z);
        match matrix {
            [one] => *one = 1.0,
            matrix => {
                let entries = [scale * cosine, -scale * sine, scale * sine, scale * cosine];
                matrix.iter_mut().zip(entries).for_each(|(entry, value)| *entry = value as f32);
            }
        }
        translation.fill(0.0);
        if let Some(range) = &self.layout.shift {
            for (t, units) in translation.iter_mut().zip(self.shift_units.chunks_exact(self.axes)) {
                *t = units.iter().zip(&z[range.clone()]).map(|(unit, &z)| unit * f64::from(z)).sum::<f64>()
                    as f32;
            }
        }
    }

    /// Gradients with respect to the latents of rotation, shift and scale from those with respect to M and t.
    pub(crate) fn backward(&self, z: &[f32], gradient: &[f32], z_gradient: &mut [f32]) {
        let (matrix, translation) = gradient.split_at(self.dimensions() * self.dimensions());
        let [cosine, sine, scale] = self.turn(z);
        if let [m00, m01, m10, m11] = *matrix {
            let (even, odd) = (f64::from(m00) + f64::from(m11), f64::from(m10) - f64::from(m01));
            if let Some(index) = self.layout.rotation {
                z_gradient[index] = (self.rotation_prior * scale * (cosine * odd - sine * even)) as f32;
            }
            if let Some(index) = self.layout.scale {
                z_gradient[index] = (self.scale_prior * (cosine * even + sine * odd)) as f32;
            }
        }
        if let Some(range) = &self.layout.shift {
            for (latent, z) in z_gradient[range.clone()].iter_mut().enumerate() {
                let units = self.shift_units.iter().skip(latent).step_by(self.axes);
                *z = units.zip(translation).map(|(unit, &t)| unit * f64::from(t)).sum::<f64>() as f32;
            }
        }
    }
}
