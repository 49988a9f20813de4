//! Polynomial least-squares fits by discrete orthogonal polynomials (Forsythe, *J. SIAM* 5, 74, 1957):
//! p₋₁ = 0, p₀ = 1, pₖ₊₁ = (t - αₖ) pₖ - βₖ pₖ₋₁, αₖ = Σ t pₖ² / Σ pₖ², βₖ = Σ pₖ² / Σ pₖ₋₁²;
//! t maps the points to [-1, 1], so that energies of 10 keV do not reduce the accuracy.

/// The highest degree of a fit.
pub(super) const MAX_DEGREE: usize = 9;

type Coefficients = [f64; MAX_DEGREE + 1];

/// A polynomial in t = (x - centre) / half.
#[derive(Debug, Clone)]
pub(super) struct Polynomial {
    centre: f64,
    half: f64,
    coefficients: Coefficients,
    degree: usize,
}

impl Polynomial {
    /// The fit of a polynomial to `y` at `x` (equally long, sorted, not empty); with too few points, of a
    /// lower degree.
    pub(super) fn fit(x: &[f64], y: &[f64], degree: usize) -> Self {
        let (first, last) = (x[0], x[x.len() - 1]);
        let half = if last > first { 0.5 * (last - first) } else { 1.0 };
        let centre = first + 0.5 * (last - first);
        let t: Vec<f64> = x.iter().map(|x| (x - centre) / half).collect();
        let degree = degree.min(MAX_DEGREE).min(x.len() - 1);
        Self { centre, half, coefficients: orthogonal_fit(&t, y, degree), degree }
    }

    /// The value at x.
    pub(super) fn at(&self, x: f64) -> f64 {
        let t = (x - self.centre) / self.half;
        self.coefficients[..=self.degree].iter().rev().fold(0.0, |sum, coefficient| sum * t + coefficient)
    }

    /// The degree.
    pub(super) fn degree(&self) -> usize {
        self.degree
    }

    /// The coefficients in powers of x, the constant first.
    pub(super) fn powers(&self) -> Vec<f64> {
        // Horner's rule on polynomials: each step multiplies by (x - centre)/half.
        let mut powers = vec![0.0; self.degree + 1];
        for coefficient in self.coefficients[..=self.degree].iter().rev() {
            for power in (0..=self.degree).rev() {
                let below = if power == 0 { 0.0 } else { powers[power - 1] };
                powers[power] = (below - self.centre * powers[power]) / self.half;
            }
            powers[0] += coefficient;
        }
        powers
    }
}

fn orthogonal_fit(t: &[f64], y: &[f64], degree: usize) -> Coefficients {
    let mut fitted = Coefficients::default();
    let mut residual = y.to_vec();
    let (mut before, mut current) = (vec![0.0; t.len()], vec![1.0; t.len()]);
    let (mut before_powers, mut powers) = (Coefficients::default(), Coefficients::default());
    powers[0] = 1.0;
    let mut norm_before = 1.0;
    for k in 0..=degree {
        let (mut norm, mut moment, mut projection) = (0.0, 0.0, 0.0);
        for ((p, t), r) in current.iter().zip(t).zip(&residual) {
            norm += p * p;
            moment += t * p * p;
            projection += r * p;
        }
        if norm <= f64::MIN_POSITIVE {
            break;
        }
        let share = projection / norm;
        fitted.iter_mut().zip(&powers).for_each(|(fitted, power)| *fitted += share * power);
        residual.iter_mut().zip(&current).for_each(|(r, p)| *r -= share * p);
        let (alpha, beta) = (moment / norm, if k == 0 { 0.0 } else { norm / norm_before });
        for ((before, p), t) in before.iter_mut().zip(&mut current).zip(t) {
            (*before, *p) = (*p, (t - alpha) * *p - beta * *before);
        }
        let mut next = Coefficients::default();
        for power in 0..=MAX_DEGREE {
            let shifted = if power == 0 { 0.0 } else { powers[power - 1] };
            next[power] = shifted - alpha * powers[power] - beta * before_powers[power];
        }
        (before_powers, powers, norm_before) = (powers, next, norm);
    }
    fitted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cubic_at_high_energies_is_found_again() {
        let cubic =
            |x: f64| 2.0 + 0.01 * (x - 9000.0) - 3e-5 * (x - 9000.0).powi(2) + 1e-7 * (x - 9000.0).powi(3);
        let x: Vec<f64> = (0..40).map(|i| 8900.0 + 7.0 * f64::from(i) + 0.03 * f64::from(i * i)).collect();
        let y: Vec<f64> = x.iter().map(|&x| cubic(x)).collect();
        let fit = Polynomial::fit(&x, &y, 3);
        assert!(x.iter().all(|&x| (fit.at(x) - cubic(x)).abs() < 1e-12));
        let powers = fit.powers();
        let from_powers = powers.iter().rev().fold(0.0, |sum, c| sum * 9010.0 + c);
        // The terms reach 1e-7·9000³ = 7e4, which costs five digits of sixteen.
        assert!((from_powers - cubic(9010.0)).abs() < 1e-9, "{from_powers}");
    }

    #[test]
    fn a_line_through_noise_obeys_the_normal_equations() {
        // Slope by hand: Σ(x-2)(y-ȳ)/Σ(x-2)² = (-2·0 + -1·2 + 0·1 + 1·3 + 2·4 ) / 10 = 0.9; ȳ = 2.
        let fit = Polynomial::fit(&[0.0, 1.0, 2.0, 3.0, 4.0], &[0.0, 2.0, 1.0, 3.0, 4.0], 1);
        assert!((fit.powers()[1] - 0.9).abs() < 1e-15 && (fit.at(2.0) - 2.0).abs() < 1e-15);
    }

    #[test]
    fn few_points_lower_the_degree() {
        assert_eq!(Polynomial::fit(&[5.0], &[3.0], 4).powers(), [3.0]);
        assert_eq!(Polynomial::fit(&[5.0, 6.0], &[3.0, 4.0], 4).degree(), 1);
    }
}
