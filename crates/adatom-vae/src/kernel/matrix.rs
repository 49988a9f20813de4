//! Matrix products whose left rows may overlap in memory, as the windows of an image do.

#![allow(unsafe_code, reason = "the matrix product takes pointers")]

use gemm::Parallelism;

/// The left factor of a product: row i is `values[i * stride..][..length]`; rows overlap when `stride < length`.
#[derive(Debug, Clone, Copy)]
pub struct StridedRows<'a> {
    /// Where all rows lie.
    pub values: &'a [f32],
    /// From one row to the next.
    pub stride: usize,
    /// Numbers of a row.
    pub length: usize,
}

impl<'a> StridedRows<'a> {
    /// The rows of a matrix, one after the other.
    pub fn adjacent(values: &'a [f32], length: usize) -> Self {
        Self { values, stride: length, length }
    }
}

/// `out [m, n] = rows [m, k] · right [k, n]` on the calling thread, with the gemm crate; both matrices row by row.
///
/// ```
/// use adatom_vae::kernel::{StridedRows, product};
/// // Sums of two neighbours: rows of length 2 that overlap by one.
/// let rows = StridedRows { values: &[1.0, 2.0, 4.0, 8.0], stride: 1, length: 2 };
/// let mut out = [0.0; 3];
/// product(rows, &[1.0, 1.0], 1, &mut out);
/// assert_eq!(out, [3.0, 6.0, 12.0]);
/// ```
///
/// # Panics
/// When a slice is too short for the extents, which follow from `out`, `right` and `columns` = n.
pub fn product(rows: StridedRows<'_>, right: &[f32], columns: usize, out: &mut [f32]) {
    let StridedRows { values, stride, length } = rows;
    if out.is_empty() {
        return;
    }
    assert_eq!(out.len() % columns, 0, "whole rows");
    let count = out.len() / columns;
    assert_eq!(right.len(), length * columns, "one row of the right matrix for each number of a left row");
    assert!((count - 1) * stride + length <= values.len(), "the last row ends inside the values");
    let signed = |extent: usize| isize::try_from(extent).expect("an extent of a slice");
    // SAFETY: the assertions above bound every index that the extents and strides reach: left rows end inside
    // `values`, `right` has length · columns numbers and `out` count · columns; `out` is borrowed mutably, so it
    // overlaps neither of the others. The left factor is only read, so its rows may overlap each other.
    unsafe {
        gemm::gemm(
            count,
            columns,
            length,
            out.as_mut_ptr(),
            1,
            signed(columns),
            false,
            values.as_ptr(),
            1,
            signed(stride),
            right.as_ptr(),
            1,
            signed(columns),
            0.0,
            1.0,
            false,
            false,
            false,
            Parallelism::None,
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overlapping_rows_are_multiplied_as_if_they_were_copied() {
        let values: Vec<f32> = (0..40).map(|i| (i as f32 * 0.37).sin()).collect();
        let right: Vec<f32> = (0..7 * 5).map(|i| (i as f32 * 0.73).cos()).collect();
        let mut out = vec![f32::NAN; 12 * 5];
        product(StridedRows { values: &values, stride: 3, length: 7 }, &right, 5, &mut out);
        for row in 0..12 {
            for column in 0..5 {
                let exact: f64 =
                    (0..7).map(|k| f64::from(values[row * 3 + k]) * f64::from(right[k * 5 + column])).sum();
                assert!((f64::from(out[row * 5 + column]) - exact).abs() < 1e-5);
            }
        }
    }

    #[test]
    #[should_panic(expected = "the last row ends inside the values")]
    fn rows_beyond_the_values_are_refused() {
        let mut out = [0.0; 2];
        product(StridedRows { values: &[1.0; 4], stride: 2, length: 3 }, &[1.0; 3], 1, &mut out);
    }
}
