//! The cubic interpolating spline with not-a-knot ends: third derivatives are continuous at the second and at
//! the last but one point (de Boor, *A Practical Guide to Splines*, 1978, ch. IV). Two points give a line,
//! three a parabola.

/// The slopes of the spline at the points; `x` is strictly increasing, not empty, and as long as `y`.
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

/// A row of a tridiagonal system of equations.
struct Row {
    lower: f64,
    diagonal: f64,
    upper: f64,
    right: f64,
}

/// Solves the tridiagonal system of the slopes by elimination; after the first step, its inner rows are
/// diagonally dominant.
fn not_a_knot(step: &[f64], secant: &[f64]) -> Vec<f64> {
    let last = step.len();
    let mut rows: Vec<Row> = Vec::with_capacity(last + 1);
    let wide = step[0] + step[1];
    let right = ((step[0] + 2.0 * wide) * step[1] * secant[0] + step[0] * step[0] * secant[1]) / wide;
    rows.push(Row { lower: 0.0, diagonal: step[1], upper: wide, right });
    for i in 1..last {
        let (before, after) = (step[i - 1], step[i]);
        let right = 3.0 * (after * secant[i - 1] + before * secant[i]);
        rows.push(Row { lower: after, diagonal: 2.0 * (before + after), upper: before, right });
    }
    let (h, inner) = (step[last - 1], step[last - 2]);
    let wide = h + inner;
    let right = (h * h * secant[last - 2] + (2.0 * wide + h) * inner * secant[last - 1]) / wide;
    rows.push(Row { lower: wide, diagonal: inner, upper: 0.0, right });

    for i in 1..=last {
        let Row { diagonal, upper, right, .. } = rows[i - 1];
        let factor = rows[i].lower / diagonal;
        rows[i].diagonal -= factor * upper;
        rows[i].right -= factor * right;
    }
    let mut slopes = vec![0.0; last + 1];
    slopes[last] = rows[last].right / rows[last].diagonal;
    for i in (0..last).rev() {
        slopes[i] = (rows[i].right - rows[i].upper * slopes[i + 1]) / rows[i].diagonal;
    }
    slopes
}

/// Value and slope of a spline at one of its points.
#[derive(Debug, Clone, Copy)]
pub(super) struct Knot {
    pub(super) value: f64,
    pub(super) slope: f64,
}

/// The cubic between two knots at a distance of `width`, at the fraction t (0 to 1) of it.
pub(super) fn hermite(width: f64, left: Knot, right: Knot, t: f64) -> f64 {
    let secant = (right.value - left.value) / width;
    let bend = left.slope + right.slope - 2.0 * secant;
    left.value + width * t * (left.slope + t * (secant - left.slope - bend + t * bend))
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
