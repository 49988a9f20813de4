//! Storage: rows of 32 floats, aligned to cache lines.
//!
//! A `[rows, width]` matrix is kept as `ceil(width / 32)` panels, each of them `rows` consecutive [`Row`]s: a
//! panel is what the product kernels read and write without packing, and what the sweeps run over
//! contiguously.

#![allow(unsafe_code, reason = "rows viewed as slices of floats")]

use crate::simd::{LANES, Simd};

/// Floats in a row of a panel: two vectors of [`LANES`].
pub(crate) const WIDTH: usize = 2 * LANES;

/// 32 consecutive floats of one matrix row.
#[derive(Debug, Clone, Copy, PartialEq)]
#[repr(C, align(128))]
pub(crate) struct Row(pub(crate) [f32; WIDTH]);

impl Row {
    pub(crate) const ZERO: Row = Row([0.0; WIDTH]);

    /// One of the two vectors of the row.
    #[inline(always)]
    pub(crate) fn half(&self, index: usize) -> &[f32; LANES] {
        &self.0.as_chunks::<LANES>().0[index]
    }

    /// One of the two vectors of the row.
    #[inline(always)]
    pub(crate) fn half_mut(&mut self, index: usize) -> &mut [f32; LANES] {
        &mut self.0.as_chunks_mut::<LANES>().0[index]
    }
}

impl Row {
    /// The row in registers.
    #[inline(always)]
    pub(crate) fn load<S: Simd>(&self, simd: S) -> [S::Vector; 2] {
        [simd.load(self.half(0)), simd.load(self.half(1))]
    }

    /// The row from registers.
    #[inline(always)]
    pub(crate) fn store<S: Simd>(&mut self, simd: S, [first, second]: [S::Vector; 2]) {
        simd.store(self.half_mut(0), first);
        simd.store(self.half_mut(1), second);
    }
}

/// `factor * row + sums` in registers.
#[inline(always)]
pub(crate) fn mul_add<S: Simd>(
    simd: S,
    factor: f32,
    row: [S::Vector; 2],
    sums: [S::Vector; 2],
) -> [S::Vector; 2] {
    let factor = simd.splat(factor);
    [simd.mul_add(factor, row[0], sums[0]), simd.mul_add(factor, row[1], sums[1])]
}

/// Number of panels that hold `width` columns.
pub(crate) fn panels(width: usize) -> usize {
    width.div_ceil(WIDTH)
}

/// The floats of consecutive rows.
#[inline(always)]
pub(crate) fn flat(rows: &[Row]) -> &[f32] {
    // SAFETY: as in `flat_mut`, of a shared borrow.
    unsafe { std::slice::from_raw_parts(rows.as_ptr().cast(), rows.len() * WIDTH) }
}

/// The floats of consecutive rows, for writing.
#[inline(always)]
pub(crate) fn flat_mut(rows: &mut [Row]) -> &mut [f32] {
    // SAFETY: `Row` is `repr(C)` around `[f32; 32]`, 128 bytes with alignment 128, so it has no padding and
    // `rows.len()` rows are exactly `32 * rows.len()` initialised floats of one exclusive borrow, which is
    // handed on.
    unsafe { std::slice::from_raw_parts_mut(rows.as_mut_ptr().cast(), rows.len() * WIDTH) }
}
