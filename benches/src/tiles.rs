//! Independent products of 256 × 128 by 128 × 128, single precision, on all threads: what the processor can
//! do.

use adatom_kernel::{StridedRows, product};
use rayon::prelude::*;

const ROWS: usize = 256;
const WIDTH: usize = 128;

/// Floating-point operations of a tile.
pub const FLOP: f64 = 2.0 * (ROWS * WIDTH * WIDTH) as f64;

/// Multiplies `count` tiles with the gemm crate, each thread with its own matrices.
pub fn multiply(count: usize) {
    let matrices = || (vec![0.5f32; ROWS * WIDTH], vec![0.25f32; WIDTH * WIDTH], vec![0f32; ROWS * WIDTH]);
    (0..count).into_par_iter().with_max_len(16).for_each_init(matrices, |(a, b, c), _| {
        product(StridedRows::adjacent(a, WIDTH), b, WIDTH, c);
        std::hint::black_box(&c);
    });
}
