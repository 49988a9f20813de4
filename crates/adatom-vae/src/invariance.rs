//! Coordinate changes that the decoder undoes: g' = (g R(φ)) s + t.
//!
//! R = [[cos φ, sin φ], [-sin φ, cos φ]], s = 1 + sc_prior · z_scale, t = dx_prior · z_shift, for a row vector g =
//! (row, column) of the grid. Written as g' = M g + t with columns, M = s [[cos φ, -sin φ], [sin φ, cos φ]]. A new
//! invariance is a variant here, a place in [`LatentLayout`], and its factor in [`coordinate_change`].

use std::ops::Range;

use candle_core::{Result, Tensor};
use serde::{Deserialize, Serialize};

use crate::VaeConfig;

/// A coordinate change that the spatial decoder undoes.
///
/// They are listed in the order of their latents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Invariance {
    /// Rotation in the plane; images only. One latent, an angle in radians.
    Rotation,
    /// Displacement along each axis. One latent for signals, two (rows, columns) for images.
    Shift,
    /// Magnification; images only. One latent.
    Scale,
}

/// Which columns of the latent vector hold what, in the fixed order rotation, shift, scale, content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LatentLayout {
    pub(crate) rotation: Option<usize>,
    pub(crate) shift: Option<Range<usize>>,
    pub(crate) scale: Option<usize>,
    pub(crate) content: Range<usize>,
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
        Self { rotation, shift, scale, content: next..next + config.content_latents() }
    }

    /// Latents in all.
    pub(crate) fn len(&self) -> usize {
        self.content.end
    }

    /// A name for every latent: `rotation`, `shift rows`, `shift columns`, `scale`, `content 1`, ...
    pub(crate) fn names(&self) -> Vec<String> {
        let mut names = vec![String::new(); self.len()];
        if let Some(index) = self.rotation {
            names[index] = "rotation".into();
        }
        if let Some(range) = &self.shift {
            let axes: &[&str] = if range.len() == 1 { &["shift"] } else { &["shift rows", "shift columns"] };
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

/// M (row by row) and t for every sample, `[n, d² + d]`, out of the latents `z` `[n, latents]`.
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
            Some(index) => Some(((column(index)? * config.scale_prior())? + 1.0)?),
            None => None,
        };
        let scaled = |x: Tensor| match &scale {
            Some(scale) => x * scale,
            None => Ok(x),
        };
        let (cosine, sine) = match layout.rotation {
            Some(index) => (scaled(column(index)?.cos()?)?, scaled(column(index)?.sin()?)?),
            None => (scaled(constant(1.0)?)?, constant(0.0)?),
        };
        parts.extend([cosine.clone(), sine.neg()?, sine, cosine]);
    }
    for axis in 0..config.sample_shape().dimensions() {
        parts.push(match &layout.shift {
            Some(range) => (column(range.start + axis)? * config.shift_prior()[axis])?,
            None => constant(0.0)?,
        });
    }
    Tensor::cat(&parts, 1)
}
