//! Matrix products whose left rows may overlap in memory, as the windows of an image do.

#![allow(unsafe_code, reason = "the matrix product takes pointers")]

use std::ops::Range;

use gemm::Parallelism;

/// The left factor of a product: row i is `values[i * stride..][..length]`; rows overlap when `stride <
/// length`.
#[derive(Debug, Clone, Copy)]
pub struct StridedRows<'a> {
    /// The values of all rows.
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

/// `out [m, n] = rows [m, k] · right [k, n]` on the calling thread, with the gemm crate; both matrices row by
/// row.
///
/// ```
/// use adatom_kernel::{StridedRows, product};
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
    let left = View { values, shape: [count, length], strides: [stride, 1] };
    multiply(left, View::rows(right, columns), Start::Zero, out);
}

/// A matrix in a slice: element (i, j) is `values[i * strides[0] + j * strides[1]]`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct View<'a> {
    pub(crate) values: &'a [f32],
    pub(crate) shape: [usize; 2],
    pub(crate) strides: [usize; 2],
}

impl<'a> View<'a> {
    /// Rows of so many columns, one after the other.
    pub(crate) fn rows(values: &'a [f32], columns: usize) -> Self {
        Self { values, shape: [values.len() / columns, columns], strides: [columns, 1] }
    }

    /// Some of the columns.
    pub(crate) fn columns(self, columns: Range<usize>) -> Self {
        let values = &self.values[columns.start * self.strides[1]..];
        Self { values, shape: [self.shape[0], columns.len()], ..self }
    }

    pub(crate) fn transposed(self) -> Self {
        let ([rows, columns], [row, column]) = (self.shape, self.strides);
        Self { shape: [columns, rows], strides: [column, row], ..self }
    }

    /// Whether every element lies inside the values.
    fn is_inside(&self) -> bool {
        let last = |axis: usize| self.shape[axis].checked_sub(1)?.checked_mul(self.strides[axis]);
        // Without a row or a column there is no element.
        let Some((row, column)) = last(0).zip(last(1)) else { return self.shape.contains(&0) };
        row.checked_add(column).is_some_and(|last| last < self.values.len())
    }
}

/// What a product is added to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Start {
    /// Nothing: what was there is overwritten.
    Zero,
    /// What is there.
    Given,
}

/// `out [m, n] = left [m, k] · right [k, n]`, or added to it, on the calling thread; `out` row by row.
///
/// # Panics
/// When the extents do not fit each other or the slices.
pub(crate) fn multiply(left: View<'_>, right: View<'_>, start: Start, out: &mut [f32]) {
    let ([rows, inner], [depth, columns]) = (left.shape, right.shape);
    assert_eq!(inner, depth, "as many columns on the left as rows on the right");
    assert_eq!(out.len(), rows * columns, "the product's extent");
    assert!(left.is_inside() && right.is_inside(), "factors inside their values");
    if out.is_empty() {
        return;
    }
    let signed = |extent: usize| isize::try_from(extent).expect("an extent of a slice");
    // SAFETY: the assertions above bound every index that the extents and strides reach: the last element of
    // each factor lies inside its values, and `out` has rows · columns numbers; `out` is borrowed mutably, so
    // it overlaps neither factor. Factors are only read, so their rows may overlap each other.
    unsafe {
        gemm::gemm(
            rows,
            columns,
            inner,
            out.as_mut_ptr(),
            1,
            signed(columns),
            start == Start::Given,
            left.values.as_ptr(),
            signed(left.strides[1]),
            signed(left.strides[0]),
            right.values.as_ptr(),
            signed(right.strides[1]),
            signed(right.strides[0]),
            1.0,
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
    fn transposed_parts_are_multiplied_and_added() {
        let numbers =
            |count: usize, rate: f32| (0..count).map(|i| (i as f32 * rate).sin()).collect::<Vec<_>>();
        // 11 rows of 9 columns, of which 5 from the third on: their transpose times 11 rows of 4.
        let (left, right) = (numbers(11 * 9, 0.37), numbers(11 * 4, 0.73));
        let part = View::rows(&left, 9).columns(3..8).transposed();
        assert_eq!(part.shape, [5, 11]);
        let mut out = vec![2.0; 5 * 4];
        multiply(part, View::rows(&right, 4), Start::Given, &mut out);
        let mut fresh = vec![f32::NAN; 5 * 4];
        multiply(part, View::rows(&right, 4), Start::Zero, &mut fresh);
        for row in 0..5 {
            for column in 0..4 {
                let exact: f64 = (0..11)
                    .map(|k| f64::from(left[k * 9 + 3 + row]) * f64::from(right[k * 4 + column]))
                    .sum();
                assert!((f64::from(out[row * 4 + column]) - 2.0 - exact).abs() < 1e-5);
                assert!((f64::from(fresh[row * 4 + column]) - exact).abs() < 1e-5);
            }
        }
    }

    #[test]
    #[should_panic(expected = "factors inside their values")]
    fn factors_beyond_their_values_are_refused() {
        let left = View { values: &[1.0; 5], shape: [2, 3], strides: [3, 1] };
        multiply(left, View::rows(&[1.0; 3], 1), Start::Zero, &mut [0.0; 2]);
    }

    #[test]
    #[should_panic(expected = "the last row ends inside the values")]
    fn rows_beyond_the_values_are_refused() {
        let mut out = [0.0; 2];
        product(StridedRows { values: &[1.0; 4], stride: 2, length: 3 }, &[1.0; 3], 1, &mut out);
    }
}
