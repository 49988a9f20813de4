//! Independent products of 256 × 128 by 128 × 128, single precision, on all threads: what the processor can do.

#![expect(unsafe_code, reason = "gemm takes pointers")]

use rayon::prelude::*;

const ROWS: usize = 256;
const WIDTH: usize = 128;

/// Floating-point operations of a tile.
pub const FLOP: f64 = 2.0 * (ROWS * WIDTH * WIDTH) as f64;

/// Multiplies `count` tiles, each thread with its own matrices.
pub fn multiply(count: usize) {
    let matrices = || (vec![0.5f32; ROWS * WIDTH], vec![0.25f32; WIDTH * WIDTH], vec![0f32; ROWS * WIDTH]);
    (0..count).into_par_iter().with_max_len(16).for_each_init(matrices, |(a, b, c), _| {
        let (row, column) = (WIDTH as isize, 1);
        // SAFETY: the three matrices are row-major with the sizes and strides given, and `c` is this thread's own.
        unsafe {
            gemm::gemm(
                ROWS,
                WIDTH,
                WIDTH,
                c.as_mut_ptr(),
                column,
                row,
                false,
                a.as_ptr(),
                column,
                row,
                b.as_ptr(),
                column,
                row,
                0.0,
                1.0,
                false,
                false,
                false,
                gemm::Parallelism::None,
            );
        }
        std::hint::black_box(&c);
    });
}
