//! Least-squares polynomials at fixed positions: c = R⁻¹ Qᵀ y with the Vandermonde matrix V = Q R.
//!
//! Q is calculated by the modified Gram-Schmidt process, applied twice, which makes it orthogonal to rounding
//! for the low degrees used here on [-1, 1].

use ndarray::{Array1, Array2, ArrayView1};

/// Maps values at fixed positions to the coefficients of the fitted polynomial, lowest power first.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct PolynomialFit {
    /// R⁻¹ Qᵀ, `[degree + 1, positions]`.
    projection: Array2<f64>,
}

impl PolynomialFit {
    /// A fit of `degree` at distinct `positions`, of which there must be more than `degree`.
    pub(super) fn new(positions: &[f64], degree: usize) -> Self {
        let terms = degree + 1;
        let mut q =
            Array2::from_shape_fn((terms, positions.len()), |(power, at)| positions[at].powi(power as i32));
        let mut r = Array2::<f64>::eye(terms);
        for term in 0..terms {
            for _pass in 0..2 {
                for before in 0..term {
                    let other = q.row(before).to_owned();
                    let overlap = other.dot(&q.row(term));
                    r[[before, term]] += overlap;
                    q.row_mut(term).scaled_add(-overlap, &other);
                }
            }
            let length = q.row(term).dot(&q.row(term)).sqrt();
            r[[term, term]] = length;
            q.row_mut(term).mapv_inplace(|value| value / length);
        }
        // Back substitution turns Qᵀ into R⁻¹ Qᵀ.
        for term in (0..terms).rev() {
            for after in term + 1..terms {
                let (factor, other) = (r[[term, after]], q.row(after).to_owned());
                q.row_mut(term).scaled_add(-factor, &other);
            }
            let length = r[[term, term]];
            q.row_mut(term).mapv_inplace(|value| value / length);
        }
        Self { projection: q }
    }

    /// The coefficients for the values at the positions.
    pub(super) fn coefficients(&self, values: ArrayView1<'_, f64>) -> Array1<f64> {
        self.projection.dot(&values)
    }
}

/// The value of the polynomial at `t`.
pub(super) fn evaluate(coefficients: ArrayView1<'_, f64>, t: f64) -> f64 {
    coefficients.iter().rev().fold(0.0, |sum, coefficient| sum * t + coefficient)
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    #[test]
    fn a_line_has_the_mean_and_the_slope_of_the_values() {
        // Positions symmetric about 0: c0 = mean = 1/4, c1 = Σ t y / Σ t² = 1 / (2 + 2/9) = 0.45.
        let fit = PolynomialFit::new(&[-1.0, -1.0 / 3.0, 1.0 / 3.0, 1.0], 1);
        let found = fit.coefficients(array![0.0, 0.0, 0.0, 1.0].view());
        assert!((found[0] - 0.25).abs() < 1e-15 && (found[1] - 0.45).abs() < 1e-15, "{found}");
    }

    #[test]
    fn a_polynomial_is_recovered() {
        let expected = array![0.5, -2.0, 3.0, -4.0, 5.0, 0.25];
        let positions: Vec<f64> = (0..=40).map(|index| f64::from(index) / 20.0 - 1.0).collect();
        let values: Array1<f64> = positions.iter().map(|&t| evaluate(expected.view(), t)).collect();
        let found = PolynomialFit::new(&positions, 5).coefficients(values.view());
        // The condition of powers up to 5 on [-1, 1] is below 100.
        assert!((&found - &expected).iter().all(|error| error.abs() < 1e-13), "{found}");
    }
}
