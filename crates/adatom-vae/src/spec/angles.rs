//! Angles on the circle: wrapped, compared, averaged and correlated.
//!
//! Means are taken of directions (cos φ, sin φ), which do not jump at ±π. For an object that looks the same
//! after 1/k of a turn, multiply its angles by k first, and divide the mean by k.

use std::f64::consts::{PI, TAU};

/// The same angle in (-π, π].
///
/// ```
/// use adatom_vae::wrap_angle;
/// use std::f64::consts::PI;
/// assert_eq!(wrap_angle(-PI), PI);
/// assert!((wrap_angle(7.0 - 2.0 * PI) - wrap_angle(7.0)).abs() < 1e-12);
/// ```
pub fn wrap_angle(angle: f64) -> f64 {
    // `PI - rem` lies in (-π, π] because a remainder lies in [0, 2π).
    let wrapped = PI - (PI - angle).rem_euclid(TAU);
    // An angle inside the interval is not rounded.
    if angle > -PI && angle <= PI { angle } else { wrapped }
}

/// The smallest rotation from `from` to `to`, in (-π, π].
///
/// ```
/// use adatom_vae::angle_difference;
/// assert!((angle_difference(3.0, -3.0) - (2.0 * std::f64::consts::PI - 6.0)).abs() < 1e-12);
/// ```
pub fn angle_difference(from: f64, to: f64) -> f64 {
    wrap_angle(to - from)
}

/// The mean of angles on the circle, and how much they agree.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct CircularMean {
    /// The direction of the sum of their unit vectors, in (-π, π]; 0 when they cancel.
    pub angle: f64,
    /// The length of that sum over their number (or weight): 1 when all are the same, 0 when they cancel.
    pub agreement: f64,
}

impl CircularMean {
    /// Of angles with equal weights; angles that are not finite, as in cells of a map without patches, are
    /// ignored.
    ///
    /// ```
    /// use adatom_vae::CircularMean;
    /// let mean = CircularMean::of([3.1, -3.1]);
    /// assert!((mean.angle.abs() - std::f64::consts::PI).abs() < 1e-12 && mean.agreement > 0.99);
    /// ```
    pub fn of(angles: impl IntoIterator<Item = f64>) -> Self {
        Self::weighted(angles.into_iter().map(|angle| (angle, 1.0)))
    }

    /// Of pairs (angle, weight), with weights such as 1/σ².
    pub fn weighted(angles: impl IntoIterator<Item = (f64, f64)>) -> Self {
        let (mut cosine, mut sine, mut total) = (0.0, 0.0, 0.0);
        for (angle, weight) in angles {
            if angle.is_finite() && weight.is_finite() {
                cosine += weight * angle.cos();
                sine += weight * angle.sin();
                total += weight;
            }
        }
        let agreement = if total > 0.0 { cosine.hypot(sine) / total } else { 0.0 };
        let angle = if agreement > 0.0 { sine.atan2(cosine) } else { 0.0 };
        Self { angle: wrap_angle(angle), agreement }
    }
}

/// The correlation of paired angles: the agreement of their differences, 1 when `b` follows `a` up to a
/// constant turn, near 1/√n when they are independent (the directional correlation ρ_T of Fisher and Lee 1983
/// has the same ends). Signed: negative when `b` turns against `a`.
///
/// ```
/// use adatom_vae::circular_correlation;
/// let a: Vec<f64> = (0..100).map(|i| f64::from(i) * 0.7).collect();
/// let turned: Vec<f64> = a.iter().map(|angle| angle + 2.0).collect();
/// let against: Vec<f64> = a.iter().map(|angle| 1.0 - angle).collect();
/// assert!(circular_correlation(&a, &turned) > 0.999 && circular_correlation(&a, &against) < -0.999);
/// ```
pub fn circular_correlation(a: &[f64], b: &[f64]) -> f64 {
    let along = CircularMean::of(a.iter().zip(b).map(|(a, b)| b - a)).agreement;
    let against = CircularMean::of(a.iter().zip(b).map(|(a, b)| b + a)).agreement;
    if along >= against { along } else { -against }
}

/// Removes the jumps of a whole turn between neighbours of a row of angles, from the first finite one on;
/// numbers that are not finite are left as they are and skipped.
///
/// ```
/// use adatom_vae::unwrap_angles;
/// let mut angles = [3.0, -3.2, f32::NAN, -3.0, 3.0];
/// unwrap_angles(&mut angles);
/// assert!((angles[1] - 3.0832).abs() < 1e-4 && (angles[4] - 3.0).abs() < 1e-4);
/// ```
pub fn unwrap_angles(angles: &mut [f32]) {
    let mut last: Option<f64> = None;
    for angle in angles.iter_mut().filter(|angle| angle.is_finite()) {
        let here = f64::from(*angle);
        let unwrapped = last.map_or(here, |last| last + angle_difference(last, here));
        *angle = unwrapped as f32;
        last = Some(unwrapped);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn angles_end_in_one_turn() {
        for turns in -3..=3 {
            for angle in [-3.0, -1e-9, 0.0, 0.5, PI] {
                let wrapped = wrap_angle(angle + TAU * f64::from(turns));
                assert!(angle_difference(angle, wrapped).abs() < 1e-12 && wrapped > -PI && wrapped <= PI);
            }
        }
        assert_eq!(wrap_angle(PI), PI);
        assert!(wrap_angle(f64::NAN).is_nan());
        assert!((-PI..=PI).contains(&wrap_angle(1e15)));
    }

    #[test]
    fn means_and_correlations_of_nothing_are_nothing() {
        assert_eq!(CircularMean::of([]), CircularMean { angle: 0.0, agreement: 0.0 });
        assert_eq!(CircularMean::of([f64::NAN, 1.0]).angle, 1.0);
        let weighted = CircularMean::weighted([(0.0, 3.0), (PI, 1.0)]);
        assert!(weighted.angle.abs() < 1e-12 && (weighted.agreement - 0.5).abs() < 1e-12);
        // Angles of a low-discrepancy sequence beside those of another.
        let a: Vec<f64> = (0..1000).map(|i| f64::from(i) * 2.399_963).collect();
        let b: Vec<f64> = (0..1000).map(|i| f64::from(i) * 1.713_2).collect();
        assert!(circular_correlation(&a, &b).abs() < 0.05);
    }
}
