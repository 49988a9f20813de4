//! The output layer: `y[t, o] = b_o[o] + Σ_j W_o[o, j] a[t, j]`. It has few rows, so it is swept, not
//! multiplied.

use crate::panels::{Row, mul_add};
use crate::simd::{Kernel, Simd};

/// Outputs of all points of a tile.
pub(crate) struct Head<'a> {
    /// Panels of `stride` rows.
    pub(crate) a: &'a [Row],
    pub(crate) stride: usize,
    /// One row per panel, per output.
    pub(crate) weights: &'a [Row],
    pub(crate) bias: &'a [f32],
    /// `[rows, outputs]`.
    pub(crate) out: &'a mut [f32],
}

impl Kernel for Head<'_> {
    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let outputs = self.bias.len();
        let panels = self.weights.len() / outputs;
        for (point, out) in self.out.chunks_exact_mut(outputs).enumerate() {
            for (o, out) in out.iter_mut().enumerate() {
                let mut sums = [simd.splat(0.0); 2];
                for (panel, weights) in self.weights[o * panels..][..panels].iter().enumerate() {
                    let row = self.a[panel * self.stride + point].load(simd);
                    let weights = weights.load(simd);
                    sums[0] = simd.mul_add(row[0], weights[0], sums[0]);
                    sums[1] = simd.mul_add(row[1], weights[1], sums[1]);
                }
                let both = simd.mul_add(simd.splat(1.0), sums[0], sums[1]);
                *out = self.bias[o] + simd.sum(both);
            }
        }
    }
}

/// Backwards through one panel: `upstream[t] = Σ_o g[t, o] W_o[o]` and `dW_o[o] += Σ_t g[t, o] a[t]`.
pub(crate) struct HeadBackward<'a> {
    /// One panel of the last activations.
    pub(crate) a: &'a [Row],
    /// `[rows, outputs]`.
    pub(crate) gradient: &'a [f32],
    /// One row per output, `panels` apart, from this panel on.
    pub(crate) weights: &'a [Row],
    pub(crate) weight_gradient: &'a mut [Row],
    pub(crate) panels: usize,
    pub(crate) upstream: &'a mut [Row],
}

impl Kernel for HeadBackward<'_> {
    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let outputs = self.weights.len().div_ceil(self.panels);
        for o in 0..outputs {
            let weights = self.weights[o * self.panels].load(simd);
            let mut sums = self.weight_gradient[o * self.panels].load(simd);
            let points = self.gradient.chunks_exact(outputs).zip(self.a).zip(self.upstream.iter_mut());
            for ((gradient, a), upstream) in points {
                let before = if o == 0 { [simd.splat(0.0); 2] } else { upstream.load(simd) };
                upstream.store(simd, mul_add(simd, gradient[o], weights, before));
                sums = mul_add(simd, gradient[o], a.load(simd), sums);
            }
            self.weight_gradient[o * self.panels].store(simd, sums);
        }
    }
}
