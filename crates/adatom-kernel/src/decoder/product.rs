//! The two matrix products on panels (`panels.rs`), where nearly all of the arithmetic is.
//!
//! [`Product`] is `out[t, j] = start[j] + Σ_k a[t, k] b[k, j]` for one panel of columns j: layers forwards (b
//! = Wᵀ) and deltas backwards (b = W). [`Outer`] is `out[o, i] += Σ_t d[t, o] a[t, i]` for one panel of
//! columns i: weight gradients. Both keep a block of the result in registers over the whole sum and read
//! panels in the order in which they are stored, so nothing is packed per tile. The order of summation never
//! depends on the position of a row.

use crate::panels::{Row, WIDTH};
use crate::simd::{Kernel, LANES, Registers, Simd};

/// Rows that every tile is padded to a multiple of: the block heights 12 and 6 divide it.
pub(crate) const ROW_BLOCK: usize = 12;

/// One panel of a product; see the module.
pub(crate) struct Product<'a> {
    /// Left factor: panels of `stride` rows.
    pub(crate) a: &'a [Row],
    /// Rows per panel of `a`.
    pub(crate) stride: usize,
    /// Right factor: one panel; as many rows as `a` has columns that count.
    pub(crate) b: &'a [Row],
    /// What each row of the result starts from.
    pub(crate) start: &'a Row,
    /// Columns of the result that count, 1 to 32.
    pub(crate) columns: usize,
    /// Result; a multiple of [`ROW_BLOCK`] rows.
    pub(crate) out: &'a mut [Row],
}

impl Kernel for Product<'_> {
    #[inline(always)]
    fn run<S: Simd>(mut self, simd: S) {
        match (S::REGISTERS, self.columns > LANES) {
            (Registers::Wide, true) => self.blocks::<S, 12, 2>(simd, 0),
            (Registers::Wide, false) => self.blocks::<S, 12, 1>(simd, 0),
            (Registers::Narrow, both) => {
                self.blocks::<S, 6, 1>(simd, 0);
                if both {
                    self.blocks::<S, 6, 1>(simd, 1);
                }
            }
        }
        if self.columns <= LANES {
            // The half that does not count must not keep what was there: it meets zero weights, and 0 * NaN
            // is NaN.
            for row in self.out {
                *row.half_mut(1) = [0.0; LANES];
            }
        }
    }
}

impl Product<'_> {
    /// All rows, in blocks of `R` rows by `C` half rows from half `first`.
    #[inline(always)]
    fn blocks<S: Simd, const R: usize, const C: usize>(&mut self, simd: S, first: usize) {
        let start: [S::Vector; C] = halves(simd, self.start, first);
        for (block, out) in self.out.as_chunks_mut::<R>().0.iter_mut().enumerate() {
            let mut sums = [start; R];
            for (panel, factors) in self.a.chunks_exact(self.stride).zip(self.b.chunks(WIDTH)) {
                let rows = &panel.as_chunks::<R>().0[block];
                for (k, factor) in factors.iter().enumerate() {
                    let right: [S::Vector; C] = halves(simd, factor, first);
                    for (row, sums) in rows.iter().zip(&mut sums) {
                        let left = simd.splat(row.0[k % WIDTH]);
                        for (sum, right) in sums.iter_mut().zip(right) {
                            *sum = simd.mul_add(left, right, *sum);
                        }
                    }
                }
            }
            for (row, sums) in out.iter_mut().zip(sums) {
                for (c, sum) in sums.into_iter().enumerate() {
                    simd.store(row.half_mut(first + c), sum);
                }
            }
        }
    }
}

/// `C` halves of a row from half `first`, in registers. A loop and not `array::from_fn`, whose closure is
/// compiled without the enabled instruction set and then called for every load.
#[inline(always)]
fn halves<S: Simd, const C: usize>(simd: S, row: &Row, first: usize) -> [S::Vector; C] {
    let mut vectors = [simd.splat(0.0); C];
    for (c, vector) in vectors.iter_mut().enumerate() {
        *vector = simd.load(row.half(first + c));
    }
    vectors
}

/// One panel of a weight gradient; see the module.
pub(crate) struct Outer<'a> {
    /// Panels of `stride` rows whose columns become the rows of the result.
    pub(crate) d: &'a [Row],
    /// Rows per panel of `d`.
    pub(crate) stride: usize,
    /// One panel, with as many rows as are summed.
    pub(crate) a: &'a [Row],
    /// Columns of the result that count, 1 to 32.
    pub(crate) columns: usize,
    /// Added to: 32 rows per panel of `d`.
    pub(crate) out: &'a mut [Row],
    /// Rows of the result that count.
    pub(crate) height: usize,
}

impl Kernel for Outer<'_> {
    #[inline(always)]
    fn run<S: Simd>(mut self, simd: S) {
        match (S::REGISTERS, self.columns > LANES) {
            (Registers::Wide, true) => self.blocks::<S, 8, 2>(simd, 0),
            (Registers::Wide, false) => self.blocks::<S, 8, 1>(simd, 0),
            (Registers::Narrow, both) => {
                self.blocks::<S, 4, 1>(simd, 0);
                if both {
                    self.blocks::<S, 4, 1>(simd, 1);
                }
            }
        }
    }
}

impl Outer<'_> {
    /// All rows of the result that count, in blocks of `R` rows by `C` half rows from half `first`.
    #[inline(always)]
    fn blocks<S: Simd, const R: usize, const C: usize>(&mut self, simd: S, first: usize) {
        let needed = self.height.div_ceil(R);
        for (block, out) in self.out.as_chunks_mut::<R>().0.iter_mut().take(needed).enumerate() {
            let panel = &self.d[block * R / WIDTH * self.stride..][..self.a.len()];
            let part = block % (WIDTH / R);
            let mut sums = [[simd.splat(0.0); C]; R];
            for (sums, row) in sums.iter_mut().zip(&*out) {
                *sums = halves(simd, row, first);
            }
            for (delta, row) in panel.iter().zip(self.a) {
                let left = &delta.0.as_chunks::<R>().0[part];
                let right: [S::Vector; C] = halves(simd, row, first);
                for (&left, sums) in left.iter().zip(&mut sums) {
                    let left = simd.splat(left);
                    for (sum, right) in sums.iter_mut().zip(right) {
                        *sum = simd.mul_add(left, right, *sum);
                    }
                }
            }
            for (row, sums) in out.iter_mut().zip(sums) {
                for (c, sum) in sums.into_iter().enumerate() {
                    simd.store(row.half_mut(first + c), sum);
                }
            }
        }
    }
}
