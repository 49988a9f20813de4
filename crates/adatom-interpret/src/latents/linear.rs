//! Least squares of one quantity by a constant and k others.

use ndarray::{Array1, Array2, ArrayView1, ArrayView2, Axis};

/// y ≈ offset + x · weights.
#[derive(Debug, Clone)]
pub(super) struct Line {
    offset: f64,
    weights: Array1<f64>,
}

/// A column that keeps less than this part of its variance beside the columns before it says nothing new.
const DEPENDENT: f64 = 1e-10;

impl Line {
    /// The fit of `y` `[n]` by the columns of `x` `[n, k]`; columns that are constant or depend on those
    /// before them get no weight.
    ///
    /// Cholesky factor of the correlations of the columns, which are at most a few dozen.
    pub(super) fn fit(x: ArrayView2<'_, f64>, y: ArrayView1<'_, f64>) -> Self {
        let (n, k) = x.dim();
        let means = x.mean_axis(Axis(0)).unwrap_or_else(|| Array1::zeros(k));
        let mean = y.sum() / n.max(1) as f64;
        let mut centred = &x - &means;
        let lengths: Vec<f64> =
            centred.columns().into_iter().map(|column| column.dot(&column).sqrt()).collect();
        for (mut column, &length) in centred.columns_mut().into_iter().zip(&lengths) {
            if length > 0.0 {
                column /= length;
            }
        }
        let (matrix, right) = (centred.t().dot(&centred), centred.t().dot(&(&y - mean)));
        let mut weights = solve(&matrix, right);
        for (weight, &length) in weights.iter_mut().zip(&lengths) {
            *weight = if length > 0.0 { *weight / length } else { 0.0 };
        }
        Self { offset: mean - weights.dot(&means), weights }
    }

    pub(super) fn at(&self, x: ArrayView2<'_, f64>) -> Array1<f64> {
        x.dot(&self.weights) + self.offset
    }
}

/// The solution of a positive semi-definite system with ones on the diagonal.
fn solve(matrix: &Array2<f64>, right: Array1<f64>) -> Array1<f64> {
    let k = right.len();
    let mut lower = Array2::<f64>::zeros((k, k));
    for row in 0..k {
        for column in 0..=row {
            let known: f64 = (0..column).map(|i| lower[[row, i]] * lower[[column, i]]).sum();
            let rest = matrix[[row, column]] - known;
            lower[[row, column]] = if row == column {
                if rest > DEPENDENT { rest.sqrt() } else { 0.0 }
            } else if lower[[column, column]] > 0.0 {
                rest / lower[[column, column]]
            } else {
                0.0
            };
        }
    }
    let mut found = right;
    for row in 0..k {
        let known: f64 = (0..row).map(|i| lower[[row, i]] * found[i]).sum();
        let pivot = lower[[row, row]];
        found[row] = if pivot > 0.0 { (found[row] - known) / pivot } else { 0.0 };
    }
    for row in (0..k).rev() {
        let known: f64 = (row + 1..k).map(|i| lower[[i, row]] * found[i]).sum();
        let pivot = lower[[row, row]];
        found[row] = if pivot > 0.0 { (found[row] - known) / pivot } else { 0.0 };
    }
    found
}

/// 1 - Σ(y - ŷ)² / Σ(y - ȳ)²; `None` where y is constant.
pub(super) fn r_squared(y: ArrayView1<'_, f64>, fitted: ArrayView1<'_, f64>) -> Option<f64> {
    let mean = y.sum() / y.len().max(1) as f64;
    let total: f64 = y.iter().map(|y| (y - mean).powi(2)).sum();
    let residual: f64 = y.iter().zip(fitted).map(|(y, fitted)| (y - fitted).powi(2)).sum();
    (total > 0.0).then(|| 1.0 - residual / total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_linear_function_is_found_whatever_stands_beside_it() {
        // y = 3 + 2 a - b; the third column is constant and the fourth a + b.
        let x = Array2::from_shape_fn((40, 4), |(row, column)| {
            let (a, b) = ((row as f64 * 0.7).sin(), 1e3 + (row as f64 * 1.3).cos());
            [a, b, 5.0, a + b][column]
        });
        let y = Array1::from_shape_fn(40, |row| 3.0 + 2.0 * x[[row, 0]] - x[[row, 1]]);
        let line = Line::fit(x.view(), y.view());
        assert!((line.at(x.view()) - &y).iter().all(|difference| difference.abs() < 1e-8));
        assert_eq!((line.weights[2], line.weights[3]), (0.0, 0.0));
        assert!((r_squared(y.view(), line.at(x.view()).view()).unwrap() - 1.0).abs() < 1e-12);
        assert_eq!(r_squared(Array1::ones(3).view(), Array1::ones(3).view()), None);
    }
}
