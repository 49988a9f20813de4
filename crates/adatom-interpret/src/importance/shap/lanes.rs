//! Sums and products over the points of a quadrature, two by two, as processors of every make calculate them.

/// A part of a table; there always is an even number of points.
#[inline(always)]
pub(super) fn part(values: &[f64], at: usize, lanes: usize) -> &[[f64; 2]] {
    values[at..][..lanes].as_chunks().0
}

#[inline(always)]
pub(super) fn part_mut(values: &mut [f64], at: usize, lanes: usize) -> &mut [[f64; 2]] {
    values[at..][..lanes].as_chunks_mut().0
}

#[inline(always)]
pub(super) fn multiply(to: &mut [[f64; 2]], from: &[[f64; 2]], factor: &[[f64; 2]]) {
    for ((to, from), factor) in to.iter_mut().zip(from).zip(factor) {
        *to = [from[0] * factor[0], from[1] * factor[1]];
    }
}

#[inline(always)]
pub(super) fn add_product(to: &mut [[f64; 2]], from: &[[f64; 2]], (factor, value): (&[[f64; 2]], f64)) {
    for ((to, from), factor) in to.iter_mut().zip(from).zip(factor) {
        *to = [to[0] + value * (from[0] * factor[0]), to[1] + value * (from[1] * factor[1])];
    }
}

#[inline(always)]
pub(super) fn add(to: &mut [[f64; 2]], from: &[[f64; 2]]) {
    for (to, from) in to.iter_mut().zip(from) {
        *to = [to[0] + from[0], to[1] + from[1]];
    }
}

/// Σ left · right, in two chains of sums that do not wait for each other.
#[inline(always)]
pub(super) fn dot(left: &[[f64; 2]], right: &[[f64; 2]]) -> f64 {
    let mut sums = [[0.0; 2]; 2];
    for (at, (left, right)) in left.iter().zip(right).enumerate() {
        let sum = &mut sums[at % 2];
        *sum = [sum[0] + left[0] * right[0], sum[1] + left[1] * right[1]];
    }
    (sums[0][0] + sums[1][0]) + (sums[0][1] + sums[1][1])
}
