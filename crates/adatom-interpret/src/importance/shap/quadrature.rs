//! Gauss-Legendre quadrature on [0, 1]: m points are exact for polynomials of degree below 2m.

/// Points, increasing, and their weights, which sum to 1.
pub(super) struct Quadrature {
    pub(super) points: Vec<f64>,
    pub(super) weights: Vec<f64>,
}

impl Quadrature {
    /// The roots of the Legendre polynomial P_m by Newton's iteration; weight 2 / ((1 - x²) P'_m(x)²) on [-1,
    /// 1].
    pub(super) fn new(m: usize) -> Self {
        let (mut points, mut weights) = (vec![0.5; m], vec![0.0; m]);
        for index in 0..m.div_ceil(2) {
            let mut x = (std::f64::consts::PI * (index as f64 + 0.75) / (m as f64 + 0.5)).cos();
            for _ in 0..100 {
                let (value, slope) = legendre(m, x);
                let step = value / slope;
                x -= step;
                if step.abs() <= 1e-16 {
                    break;
                }
            }
            let (_, slope) = legendre(m, x);
            let weight = 1.0 / ((1.0 - x * x) * slope * slope);
            for (place, x) in [(index, -x), (m - 1 - index, x)] {
                (points[place], weights[place]) = (0.5 + 0.5 * x, weight);
            }
        }
        Self { points, weights }
    }
}

/// P_m and its derivative at -1 < x < 1.
fn legendre(m: usize, x: f64) -> (f64, f64) {
    let (mut before, mut value) = (0.0, 1.0);
    for degree in 1..=m {
        let n = degree as f64;
        (before, value) = (value, ((2.0 * n - 1.0) * x * value - (n - 1.0) * before) / n);
    }
    (value, m as f64 * (x * value - before) / (x * x - 1.0))
}

#[cfg(test)]
mod tests {
    use super::Quadrature;

    #[test]
    fn monomials_of_degree_below_twice_the_points_are_exact() {
        for m in [1, 2, 3, 7, 14, 40, 150] {
            let rule = Quadrature::new(m);
            for degree in 0..2 * m {
                let terms = rule.points.iter().zip(&rule.weights);
                let sum: f64 = terms.map(|(t, weight)| weight * t.powi(degree as i32)).sum();
                assert!(
                    (sum * (degree as f64 + 1.0) - 1.0).abs() < 1e-12,
                    "{m} points, degree {degree}: {sum}"
                );
            }
        }
    }
}
