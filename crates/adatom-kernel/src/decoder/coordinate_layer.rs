//! The first layer. Per sample, `W_c (M g + t) + b_c + W_z z` is an affine map of the grid point g alone:
//!
//! `a0 = tanh(E g + e)`, `E = W_c M`, `e = W_c t + b_c + W_z z`
//!
//! so it costs `d` fused multiply-adds per hidden unit and point, as much as reading a table would.
//! Backwards, with `S = Σ δ0 gᵀ` and `s = Σ δ0` over the points of a sample: `dW_c += S Mᵀ + s tᵀ`, `db_c +=
//! s`, `dW_z += s zᵀ`, `dM = W_cᵀ S`, `dt = W_cᵀ s`, `dz = W_zᵀ s`.
//!
//! Weights and gradients are columns in panel order: the columns of `W_c`, then `b_c`, then the columns of
//! `W_z`.

use crate::panels::{Row, mul_add};
use crate::simd::{Kernel, Simd};

/// The transform and the latent vector of one sample.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sample<'a> {
    pub(crate) dimensions: usize,
    /// `M` row-major, then `t`.
    pub(crate) affine: &'a [f32],
    pub(crate) latents: &'a [f32],
}

impl Sample<'_> {
    /// What column `column` of the weights contributes to output `output` of `[E | e]`, as a factor.
    #[inline(always)]
    fn factor(&self, column: usize, output: usize) -> f32 {
        let d = self.dimensions;
        match (column < d, output < d) {
            (true, true) => self.affine[column * d + output],
            (true, false) => self.affine[d * d + column],
            (false, true) => 0.0,
            (false, false) if column == d => 1.0,
            (false, false) => self.latents[column - d - 1],
        }
    }
}

/// Folds the transform of one sample into the weights.
pub(crate) struct Fold<'a> {
    pub(crate) sample: Sample<'a>,
    /// Columns of panels.
    pub(crate) weights: &'a [Row],
    pub(crate) panels: usize,
    /// `[E0 | E1 | e]`, three columns of panels; `E1` is zero in one dimension.
    pub(crate) folded: &'a mut [Row],
}

impl Kernel for Fold<'_> {
    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let d = self.sample.dimensions;
        self.folded.fill(Row::ZERO);
        for (column, weights) in self.weights.chunks_exact(self.panels).enumerate() {
            for output in 0..=d {
                let factor = self.sample.factor(column, output);
                let slot = if output == d { 2 } else { output };
                let folded = &mut self.folded[slot * self.panels..][..self.panels];
                scaled_add(simd, factor, weights, folded);
            }
        }
    }
}

/// The layer before its tanh, for the points of one sample and one panel.
pub(crate) struct Embed<'a> {
    pub(crate) folded: [&'a Row; 3],
    /// First and second coordinate per point.
    pub(crate) coordinates: [&'a [f32]; 2],
    pub(crate) out: &'a mut [Row],
}

impl Kernel for Embed<'_> {
    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let [first, second, constant] = self.folded.map(|row| row.load(simd));
        for ((row, &x), &y) in self.out.iter_mut().zip(self.coordinates[0]).zip(self.coordinates[1]) {
            row.store(simd, mul_add(simd, x, first, mul_add(simd, y, second, constant)));
        }
    }
}

/// Adds the sums over the points of one sample and one panel.
pub(crate) struct Sums<'a> {
    pub(crate) delta: &'a [Row],
    pub(crate) coordinates: [&'a [f32]; 2],
    /// `Σ δ g0`, `Σ δ g1`, `Σ δ`.
    pub(crate) sums: [&'a mut Row; 3],
}

impl Kernel for Sums<'_> {
    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let [to_first, to_second, to_constant] = self.sums;
        let mut first = to_first.load(simd);
        let mut second = to_second.load(simd);
        let mut constant = to_constant.load(simd);
        for ((row, &x), &y) in self.delta.iter().zip(self.coordinates[0]).zip(self.coordinates[1]) {
            let row = row.load(simd);
            first = mul_add(simd, x, row, first);
            second = mul_add(simd, y, row, second);
            constant = mul_add(simd, 1.0, row, constant);
        }
        to_first.store(simd, first);
        to_second.store(simd, second);
        to_constant.store(simd, constant);
    }
}

/// Turns the sums of one finished sample into its gradients and adds its share of the weight gradients.
pub(crate) struct Unfold<'a> {
    pub(crate) sample: Sample<'a>,
    pub(crate) weights: &'a [Row],
    pub(crate) panels: usize,
    /// Three columns of panels, as in [`Sums`].
    pub(crate) sums: &'a [Row],
    pub(crate) weight_gradient: &'a mut [Row],
    pub(crate) affine: &'a mut [f32],
    pub(crate) latents: &'a mut [f32],
}

impl Kernel for Unfold<'_> {
    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let d = self.sample.dimensions;
        let columns = self.weights.chunks_exact(self.panels);
        let gradients = self.weight_gradient.chunks_exact_mut(self.panels);
        for (column, (weights, gradient)) in columns.zip(gradients).enumerate() {
            for output in 0..=d {
                let slot = if output == d { 2 } else { output };
                let sums = &self.sums[slot * self.panels..][..self.panels];
                scaled_add(simd, self.sample.factor(column, output), sums, gradient);
                match (column < d, output < d) {
                    (true, true) => self.affine[column * d + output] = dot(simd, weights, sums),
                    (true, false) => self.affine[d * d + column] = dot(simd, weights, sums),
                    (false, false) if column > d => self.latents[column - d - 1] = dot(simd, weights, sums),
                    _ => {}
                }
            }
        }
    }
}

#[inline(always)]
fn scaled_add<S: Simd>(simd: S, factor: f32, from: &[Row], to: &mut [Row]) {
    for (to, from) in to.iter_mut().zip(from) {
        to.store(simd, mul_add(simd, factor, from.load(simd), to.load(simd)));
    }
}

/// Inner product, summed per lane and then over the lanes.
#[inline(always)]
fn dot<S: Simd>(simd: S, a: &[Row], b: &[Row]) -> f32 {
    let mut sums = Row::ZERO.load(simd);
    for (a, b) in a.iter().zip(b) {
        let (a, b) = (a.load(simd), b.load(simd));
        sums = [simd.mul_add(a[0], b[0], sums[0]), simd.mul_add(a[1], b[1], sums[1])];
    }
    simd.sum(sums[0]) + simd.sum(sums[1])
}
