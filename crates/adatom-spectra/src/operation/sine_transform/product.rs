//! Σₖ aₖ sin(xₖ yⱼ) for all j, by rotations if the x are evenly spaced.

use ndarray::Array1;

/// The function of the angle in the sum.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sine {
    /// sin.
    Plain,
    /// sin².
    Squared,
}

impl Sine {
    fn of(self, sine: f64) -> f64 {
        match self {
            Self::Plain => sine,
            Self::Squared => sine * sine,
        }
    }
}

/// Tolerated error of the angle.
const SMALLEST_ANGLE: f64 = 1e-11;

/// Rotations before the sine is calculated anew; each adds half a unit in the last place.
const ROTATIONS: usize = 64;

/// Results per block, so that their state stays in the first-level cache.
const BLOCK: usize = 256;

/// The sums for all `y`, `[len(y)]`; `x` and `a` are equally long, `x` and `y` sorted and not empty.
pub(super) fn sine_product(x: &[f64], a: &[f64], y: &[f64], sine: Sine) -> Array1<f64> {
    let largest = y[y.len() - 1].abs().max(y[0].abs());
    match even_step(x, SMALLEST_ANGLE / largest.max(f64::MIN_POSITIVE)) {
        Some(step) => y.chunks(BLOCK).flat_map(|y| Rotations { step, sine }.sums(x, a, y)).collect(),
        None => {
            y.iter().map(|y| x.iter().zip(a).map(|(x, a)| a * sine.of((x * y).sin())).sum::<f64>()).collect()
        }
    }
}

/// The step of an even grid, if no point deviates from it by more than the tolerance.
fn even_step(x: &[f64], tolerance: f64) -> Option<f64> {
    let step = (x[x.len() - 1] - x[0]) / (x.len() - 1).max(1) as f64;
    let far = x.iter().enumerate().find(|(k, at)| (x[0] + *k as f64 * step - **at).abs() > tolerance);
    (x.len() > 2 && far.is_none()).then_some(step)
}

/// Sums over an even grid by rotations.
#[derive(Clone, Copy)]
struct Rotations {
    step: f64,
    sine: Sine,
}

impl Rotations {
    fn sums(self, x: &[f64], a: &[f64], y: &[f64]) -> Vec<f64> {
        let Self { step, sine } = self;
        let count = y.len();
        let mut sums = vec![0.0; count];
        let turn: Vec<(f64, f64)> = y.iter().map(|y| (y * step).sin_cos()).collect();
        let (turn_sin, turn_cos): (Vec<f64>, Vec<f64>) = turn.into_iter().unzip();
        let (mut sin, mut cos) = (vec![0.0; count], vec![0.0; count]);
        for (x, a) in x.chunks(ROTATIONS).zip(a.chunks(ROTATIONS)) {
            for ((sin, cos), y) in sin.iter_mut().zip(&mut cos).zip(y) {
                (*sin, *cos) = (x[0] * y).sin_cos();
            }
            for &a in a {
                let states = sums.iter_mut().zip(&mut sin).zip(&mut cos).zip(turn_sin.iter().zip(&turn_cos));
                for (((sum, sin), cos), (turn_sin, turn_cos)) in states {
                    *sum += a * sine.of(*sin);
                    (*sin, *cos) = (*sin * turn_cos + *cos * turn_sin, *cos * turn_cos - *sin * turn_sin);
                }
            }
        }
        sums
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rotations_agree_with_sines() {
        let x: Vec<f64> = (0..1000).map(|k| 0.5 + 0.03 * f64::from(k)).collect();
        let a: Vec<f64> = x.iter().map(|x| (3.0 * x).cos()).collect();
        let y: Vec<f64> = (0..600).map(|j| 0.01 + 0.05 * f64::from(j)).collect();
        for sine in [Sine::Plain, Sine::Squared] {
            let found = sine_product(&x, &a, &y, sine);
            for (y, found) in y.iter().zip(found) {
                let expected: f64 = x.iter().zip(&a).map(|(x, a)| a * sine.of((x * y).sin())).sum();
                // A thousand terms of the order of 1, each with an error of some 64 units of the last digit.
                assert!((found - expected).abs() < 1e-11, "{y} {found} {expected}");
            }
        }
    }

    #[test]
    fn uneven_grids_are_distinguished_from_even_ones() {
        assert!(even_step(&[0.0, 0.1, 0.2, 0.30000000000000004], 1e-12).is_some());
        assert!(even_step(&[0.0, 0.1, 0.2, 0.3001], 1e-12).is_none());
    }
}
