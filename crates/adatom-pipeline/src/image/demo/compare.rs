//! Comparison of recovered and true values.

use adatom_synthetic::GeneratedLattice;
use ndarray::{Array1, Array2, ArrayView1};

use crate::image::ImageResults;

/// True and recovered values of one quantity for all patches.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct RecoveredQuantity {
    /// The name, such as `shift along rows`.
    pub name: &'static str,
    /// In pixels.
    pub truth: Vec<f64>,
    /// In pixels.
    pub recovered: Vec<f64>,
}

impl RecoveredQuantity {
    /// Pearson's correlation of recovered with true values.
    pub fn correlation(&self) -> f64 {
        let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
        let (x, y) = (mean(&self.truth), mean(&self.recovered));
        let pairs = || self.truth.iter().zip(&self.recovered).map(|(a, b)| (a - x, b - y));
        let sum = |f: fn((f64, f64)) -> f64| pairs().map(f).sum::<f64>();
        sum(|(a, b)| a * b) / (sum(|(a, _)| a * a) * sum(|(_, b)| b * b)).sqrt()
    }

    /// Root of the mean squared difference, pixels.
    pub fn rmse(&self) -> f64 {
        let squares = self.truth.iter().zip(&self.recovered).map(|(a, b)| (a - b) * (a - b));
        (squares.sum::<f64>() / self.truth.len() as f64).sqrt()
    }
}

/// Shifts are compared up to a constant offset, since the origin of the decoded object is arbitrary;
/// displacements are the best linear function of the content.
pub(super) fn quantities(lattice: &GeneratedLattice, results: &ImageResults) -> Vec<RecoveredQuantity> {
    let (grid, posterior) = (results.placed().patches().patch_grid(), results.posterior());
    let (mut shifts, mut displacements) = ([Vec::new(), Vec::new()], [Vec::new(), Vec::new()]);
    for index in 0..grid.len() {
        let centre = grid.centre(index);
        let shift = lattice.shift_at(centre.row, centre.column);
        let displacement = lattice.displacement_at(centre.row, centre.column);
        for axis in 0..2 {
            shifts[axis].push(shift[axis]);
            displacements[axis].push(displacement[axis]);
        }
    }
    let mut quantities = Vec::new();
    let found = posterior.position_pixels().expect("the model of the demonstration has a shift");
    let named = ["shift along rows", "shift along columns"].into_iter().zip(shifts);
    for (found, (name, truth)) in found.columns().into_iter().zip(named) {
        let offset =
            truth.iter().zip(found).map(|(t, &f)| t - f64::from(f)).sum::<f64>() / truth.len() as f64;
        let recovered = found.iter().map(|&f| f64::from(f) + offset).collect();
        quantities.push(RecoveredQuantity { name, truth, recovered });
    }
    let content = posterior.content().mapv(f64::from);
    for (name, truth) in
        ["displacement along rows", "displacement along columns"].into_iter().zip(displacements)
    {
        let recovered = linear_fit(&content, ArrayView1::from(&truth)).to_vec();
        quantities.push(RecoveredQuantity { name, truth, recovered });
    }
    quantities
}

/// The least-squares fit of `y` `[n]` by a constant and the columns of `x` `[n, k]`.
fn linear_fit(x: &Array2<f64>, y: ArrayView1<'_, f64>) -> Array1<f64> {
    let (n, k) = x.dim();
    let design = Array2::from_shape_fn((n, k + 1), |(row, column)| match column {
        0 => 1.0,
        column => x[[row, column - 1]],
    });
    let (mut matrix, mut right) = (design.t().dot(&design), design.t().dot(&y));
    // Gauss with the largest pivot; a collapsed latent leaves a pivot near 0 and gets no weight.
    for pivot in 0..=k {
        let best = (pivot..=k).max_by(|&a, &b| matrix[[a, pivot]].abs().total_cmp(&matrix[[b, pivot]].abs()));
        let best = best.unwrap_or(pivot);
        for column in 0..=k {
            matrix.swap([pivot, column], [best, column]);
        }
        right.swap(pivot, best);
        let size = matrix[[pivot, pivot]];
        if size.abs() < 1e-9 * n as f64 {
            continue;
        }
        for row in (0..=k).filter(|&row| row != pivot) {
            let factor = matrix[[row, pivot]] / size;
            for column in 0..=k {
                matrix[[row, column]] -= factor * matrix[[pivot, column]];
            }
            right[row] -= factor * right[pivot];
        }
    }
    let weights = Array1::from_shape_fn(k + 1, |row| {
        let size = matrix[[row, row]];
        if size.abs() < 1e-9 * n as f64 { 0.0 } else { right[row] / size }
    });
    design.dot(&weights)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_linear_function_is_fitted_exactly_and_a_constant_column_does_no_harm() {
        // y = 3 + 2 a - b; the third column never changes.
        let x = Array2::from_shape_fn((20, 3), |(row, column)| match column {
            0 => (row as f64 * 0.7).sin(),
            1 => (row as f64 * 1.3).cos(),
            _ => 0.0,
        });
        let y = Array1::from_shape_fn(20, |row| 3.0 + 2.0 * x[[row, 0]] - x[[row, 1]]);
        let fitted = linear_fit(&x, y.view());
        assert!((&fitted - &y).iter().all(|difference| difference.abs() < 1e-9));
    }
}
