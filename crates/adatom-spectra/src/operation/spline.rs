//! The cubic spline through points with not-a-knot ends: third derivatives are continuous at the second and at the last
//! but one point (de Boor, *A Practical Guide to Splines*, 1978, ch. IV). Two points give a line, three a parabola.

/// The slopes of the spline at the points; `x` is strictly increasing, as long as `y`, and not empty.
pub(super) fn slopes(x: &[f64], y: &[f64]) -> Vec<f64> {
    let step: Vec<f64> = x.windows(2).map(|pair| pair[1] - pair[0]).collect();
    let secant: Vec<f64> = y.windows(2).zip(&step).map(|(pair, h)| (pair[1] - pair[0]) / h).collect();
    match secant.len() {
        0 => vec![0.0],
        1 => vec![secant[0]; 2],
        2 => parabola(&step, &secant),
        _ => not_a_knot(&step, &secant),
    }
}

fn parabola(step: &[f64], secant: &[f64]) -> Vec<f64> {
    let curvature = (secant[1] - secant[0]) / (step[0] + step[1]);
    let first = secant[0] - curvature * step[0];
    let middle = secant[0] + curvature * step[0];
    vec![first, middle, secant[1] + curvature * step[1]]
}

/// Rows (lower, diagonal, upper, right side) of the tridiagonal system, solved by elimination; its inner rows are
/// diagonally dominant once the first is eliminated.
fn not_a_knot(step: &[f64], secant: &[f64]) -> Vec<f64> {
    let last = step.len();
    let mut rows = Vec::with_capacity(last + 1);
    let wide = step[0] + step[1];
    let right = ((step[0] + 2.0 * wide) * step[1] * secant[0] + step[0] * step[0] * secant[1]) / wide;
    rows.push((0.0, step[1], wide, right));
    for i in 1..last {
        let (before, after) = (step[i - 1], step[i]);
        let right = 3.0 * (after * secant[i - 1] + before * secant[i]);
        rows.push((after, 2.0 * (before + after), before, right));
    }
    let (h, inner) = (step[last - 1], step[last - 2]);
    let wide = h + inner;
    let right = (h * h * secant[last - 2] + (2.0 * wide + h) * inner * secant[last - 1]) / wide;
    rows.push((wide, inner, 0.0, right));

    for i in 1..=last {
        let (_, diagonal, upper, right) = rows[i - 1];
        let factor = rows[i].0 / diagonal;
        rows[i].1 -= factor * upper;
        rows[i].3 -= factor * right;
    }
    let mut slopes = vec![0.0; last + 1];
    slopes[last] = rows[last].3 / rows[last].1;
    for i in (0..last).rev() {
        slopes[i] = (rows[i].3 - rows[i].2 * slopes[i + 1]) / rows[i].1;
    }
    slopes
}

/// The cubic on an interval of the given width with these (value, slope) at its ends, at the part t (0 to 1) of it.
pub(super) fn hermite(width: f64, left: (f64, f64), right: (f64, f64), t: f64) -> f64 {
    let secant = (right.0 - left.0) / width;
    let bend = left.1 + right.1 - 2.0 * secant;
    left.0 + width * t * (left.1 + t * (secant - left.1 - bend + t * bend))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cubic_is_its_own_spline() {
        let x = [0.0, 0.7, 1.1, 2.5, 4.0, 4.2];
        let y = x.map(|x| 1.0 - 2.0 * x + 0.5 * x * x + 0.25 * x * x * x);
        let slopes = slopes(&x, &y);
        for (x, slope) in x.iter().zip(slopes) {
            assert!((slope - (-2.0 + x + 0.75 * x * x)).abs() < 1e-12, "{slope}");
        }
    }

    #[test]
    fn three_points_lie_on_a_parabola_and_two_on_a_line() {
        assert_eq!(slopes(&[0.0, 1.0, 3.0], &[0.0, 1.0, 9.0]), [0.0, 2.0, 6.0]);
        assert_eq!(slopes(&[0.0, 2.0], &[1.0, 5.0]), [2.0, 2.0]);
    }
}
