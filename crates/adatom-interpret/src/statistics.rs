//! Tails of distributions, and p-values of multiple tests.

/// P(X >= hits) of a binomial distribution with probability one half.
pub(crate) fn binomial_tail(hits: usize, trials: usize) -> f64 {
    // ln of binomial(trials, k) / 2^trials, from k = 0 up.
    let mut term = -(trials as f64) * std::f64::consts::LN_2;
    let mut tail = 0.0;
    for k in 0..=trials {
        if k >= hits {
            tail += term.exp();
        }
        term += ((trials - k) as f64 / (k + 1) as f64).ln();
    }
    f64::min(tail, 1.0)
}

/// p-values adjusted for multiple tests (Holm 1979): the level bounds the family-wise error rate.
pub(crate) fn holm(p: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..p.len()).collect();
    order.sort_by(|&left, &right| p[left].total_cmp(&p[right]));
    let mut adjusted = vec![1.0; p.len()];
    let mut least = 0.0f64;
    for (rank, &index) in order.iter().enumerate() {
        least = least.max(p[index] * (p.len() - rank) as f64).min(1.0);
        adjusted[index] = least;
    }
    adjusted
}

/// P(|T| >= |t|) of Student's distribution: I_x(ν / 2, 1 / 2) at x = ν / (ν + t²).
pub(crate) fn student_two_sided(t: f64, degrees: f64) -> f64 {
    if !t.is_finite() {
        return if t.is_nan() { 1.0 } else { 0.0 };
    }
    incomplete_beta(degrees / (degrees + t * t), degrees / 2.0, 0.5)
}

/// P(F >= f) of the distribution of Fisher and Snedecor: I_x(d₂ / 2, d₁ / 2) at x = d₂ / (d₂ + d₁ f).
pub(crate) fn f_tail(f: f64, above: f64, below: f64) -> f64 {
    if !f.is_finite() {
        return if f.is_nan() { 1.0 } else { 0.0 };
    }
    incomplete_beta(below / (below + above * f.max(0.0)), below / 2.0, above / 2.0)
}

/// The regularised incomplete beta function by its continued fraction (Abramowitz and Stegun 26.5.8; Lentz).
fn incomplete_beta(x: f64, a: f64, b: f64) -> f64 {
    if x <= 0.0 || x >= 1.0 {
        return x.clamp(0.0, 1.0);
    }
    if x > (a + 1.0) / (a + b + 2.0) {
        return 1.0 - incomplete_beta(1.0 - x, b, a);
    }
    const TINY: f64 = 1e-300;
    let not_zero = |value: f64| if value.abs() < TINY { TINY } else { value };
    let (mut c, mut d) = (1.0, 1.0 / not_zero(1.0 - (a + b) * x / (a + 1.0)));
    let mut fraction = d;
    for step in 1..500 {
        let m = f64::from(step);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        let before = fraction;
        for term in [even, odd] {
            d = 1.0 / not_zero(1.0 + term * d);
            c = not_zero(1.0 + term / c);
            fraction *= c * d;
        }
        if (fraction - before).abs() <= 1e-16 * fraction.abs() {
            break;
        }
    }
    let front = a * x.ln() + b * (1.0 - x).ln() - a.ln() - ln_beta(a, b);
    front.exp() * fraction
}

fn ln_beta(a: f64, b: f64) -> f64 {
    ln_gamma(a) + ln_gamma(b) - ln_gamma(a + b)
}

/// Stirling's series, after the recurrence has raised the argument to at least 20.
fn ln_gamma(mut x: f64) -> f64 {
    let mut product = 1.0;
    while x < 20.0 {
        product *= x;
        x += 1.0;
    }
    let inverse = 1.0 / (x * x);
    let series = (1.0 / 12.0 - inverse * (1.0 / 360.0 - inverse * (1.0 / 1260.0 - inverse / 1680.0))) / x;
    (x - 0.5) * x.ln() - x + 0.5 * std::f64::consts::TAU.ln() + series - f64::ln(product)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tails_are_those_of_tables() {
        // 5 or more of 6 tosses: (6 + 1) / 64. Student: 12.706 and 2.228 are the 97.5 % points of 1 and 10
        // degrees; for one degree the tail is 1 - 2 atan(t) / pi.
        assert!((binomial_tail(5, 6) - 7.0 / 64.0).abs() < 1e-14);
        assert!((binomial_tail(0, 50) - 1.0).abs() < 1e-12);
        for (t, degrees, expected) in
            [(12.706_204_736, 1.0, 0.05), (2.228_138_852, 10.0, 0.05), (0.0, 4.0, 1.0)]
        {
            assert!((student_two_sided(t, degrees) - expected).abs() < 1e-9, "{t}");
        }
        let cauchy = 1.0 - 2.0 * 0.3f64.atan() / std::f64::consts::PI;
        assert!((student_two_sided(-0.3, 1.0) - cauchy).abs() < 1e-13);
        // F with 1 and d degrees is the square of t; 4.102821 is the 95 % point of 2 and 10 degrees.
        assert!((f_tail(0.09, 1.0, 1.0) - cauchy).abs() < 1e-13);
        assert!((f_tail(4.102_821, 2.0, 10.0) - 0.05).abs() < 1e-7);
    }

    #[test]
    fn adjusted_p_values_keep_their_order() {
        // Sorted 0.01, 0.02, 0.03, 0.5 times 4, 3, 2, 1: 0.04, 0.06, 0.06, 0.5, never falling.
        let adjusted = holm(&[0.5, 0.02, 0.01, 0.03]);
        for (found, expected) in adjusted.iter().zip([0.5, 0.06, 0.04, 0.06]) {
            assert!((found - expected).abs() < 1e-15);
        }
    }
}
