//! One peak: a Gaussian about the distance of a pair.
//!
//! FWHM = √(8 ln 2 · msd) · √(1 - δ1/r - δ2/r² + (q_broad r)²) (Jeong et al. 2003), where msd is the mean
//! squared displacement of the two atoms along their bond. A peak ends where it falls below 3.33e-6 of its
//! height.

use std::f64::consts::{LN_2, PI};

use super::range::EQUAL;
use super::settings::Settings;

/// Where a peak ends, as a fraction of its height.
const PRECISION: f64 = 3.33e-6;

/// So many points are advanced at once.
const LANES: usize = 8;

/// The width of a peak with the given mean squared displacement, without corrections.
pub(super) fn full_width(msd: f64) -> f64 {
    (8.0 * LN_2 * msd).sqrt()
}

/// The factor on the squared width at a distance: correlated motion sharpens, limited resolution broadens.
pub(super) fn correction(settings: &Settings, r: f64) -> f64 {
    if r < f64::EPSILON {
        return 0.0;
    }
    1.0 - settings.delta1 / r - settings.delta2 / (r * r) + (settings.qbroad * r).powi(2)
}

/// How far a peak reaches on either side.
pub(super) fn half_width(full_width: f64) -> f64 {
    full_width * (-PRECISION.ln() / (4.0 * LN_2)).sqrt()
}

/// What all Gaussians of one width on one grid have in common.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shape {
    /// The exponent is -`rate` x².
    rate: f64,
    height: f64,
    step: f64,
    /// c = exp(-2 rate step²), by which the ratio of neighbouring points falls from point to point, and its
    /// powers.
    c: f64,
    c_lanes: f64,
    c_first: f64,
    c_round: f64,
    pub(super) half_width: f64,
}

impl Shape {
    /// Of a positive full width at half maximum.
    pub(super) fn new(full_width: f64, step: f64) -> Self {
        let rate = 4.0 * LN_2 / (full_width * full_width);
        let c = (-2.0 * rate * step * step).exp();
        let c_lanes = c.powi(LANES as i32);
        Self {
            rate,
            height: 2.0 * (LN_2 / PI).sqrt() / full_width,
            step,
            c,
            c_lanes,
            // 0 + 1 + ... + 7, from the ratios of eight points in a row.
            c_first: c.powi((LANES * (LANES - 1) / 2) as i32),
            c_round: c_lanes.powi(LANES as i32),
            half_width: half_width(full_width),
        }
    }

    /// Adds a peak of an area to points, of which the first lies at `x` from its centre.
    ///
    /// g(x + d) = g(x) q(x) with q(x) = exp(-rate d (2x + d)), and q(x + d) = q(x) c: no exponential per
    /// point.
    pub(super) fn add(&self, points: &mut [f64], x: f64, area: f64) {
        let height = area * self.height;
        if points.len() < 2 * LANES {
            for (at, point) in points.iter_mut().enumerate() {
                let x = x + at as f64 * self.step;
                *point += height * (-self.rate * x * x).exp();
            }
            return;
        }
        let mut q = (-self.rate * self.step * (2.0 * x + self.step)).exp();
        // Over eight points g grows by q(x) q(x + d) ... q(x + 7d) = q(x)⁸ c^(0 + ... + 7).
        let mut growth = q.powi(LANES as i32) * self.c_first;
        let mut value = height * (-self.rate * x * x).exp();
        let (mut values, mut growths) = ([0.0; LANES], [0.0; LANES]);
        for lane in 0..LANES {
            (values[lane], growths[lane]) = (value, growth);
            value *= q;
            q *= self.c;
            growth *= self.c_lanes;
        }
        let (rounds, rest) = points.as_chunks_mut::<LANES>();
        for round in rounds {
            for lane in 0..LANES {
                round[lane] += values[lane];
                values[lane] *= growths[lane];
                growths[lane] *= self.c_round;
            }
        }
        for (point, value) in rest.iter_mut().zip(values) {
            *point += value;
        }
    }
}

/// The shape of peaks at a distance, or none where they vanish.
pub(super) fn width_at(settings: &Settings, msd: f64, r: f64) -> Option<f64> {
    let factor = correction(settings, r);
    let width = full_width(msd) * factor.max(0.0).sqrt();
    (width > EQUAL * EQUAL).then_some(width)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recurrence_is_the_gaussian() {
        for (width, step) in [(0.28, 0.01), (0.05, 0.01), (2.0, 0.01), (0.01, 0.01), (0.3, 0.07)] {
            let shape = Shape::new(width, step);
            let start = -shape.half_width - 0.3 * step;
            let count = (2.0 * shape.half_width / step) as usize + 2;
            let mut points = vec![0.0; count];
            shape.add(&mut points, start, 1.7);
            for (at, point) in points.iter().enumerate() {
                let x = start + at as f64 * step;
                let expected =
                    1.7 * 2.0 * (LN_2 / PI).sqrt() / width * (-4.0 * LN_2 * (x / width).powi(2)).exp();
                assert!((point - expected).abs() < 1e-11 * shape.height, "{width} {at}: {point} {expected}");
            }
            if width > 2.0 * step {
                let area: f64 = points.iter().sum::<f64>() * step;
                assert!((area - 1.7).abs() < 1e-5, "{area}");
            }
        }
    }
}
