//! Smoothing by convolution on an even grid, as in Larch's `smooth`: the values are interpolated onto a grid
//! that extends five steps beyond both ends, reflected at the ends, convolved, and interpolated back.

use adatom_core::fourier::{Complex, FourierDirection, FourierPlanner};

/// The kernel of a convolution; widths are in steps of the even grid.
#[derive(Debug, Clone, Copy)]
pub(super) enum Kernel {
    /// 1 / (1 + (d/σ)²); σ is half the full width at half maximum.
    Lorentzian(f64),
    /// exp(-d²/2σ²).
    Gaussian(f64),
}

impl Kernel {
    fn at(self, distance: f64) -> f64 {
        match self {
            Self::Lorentzian(sigma) => 1.0 / (1.0 + (distance / sigma).powi(2)),
            Self::Gaussian(sigma) => (-0.5 * (distance / sigma).powi(2)).exp(),
        }
    }
}

/// An even grid over the points of a spectrum.
#[derive(Debug, Clone, Copy)]
pub(super) struct EvenGrid {
    first: f64,
    last: f64,
    count: usize,
}

impl EvenGrid {
    /// Multiples of `step`, up to five steps beyond both ends of `x` (sorted, not empty). At most 50 points
    /// per point of `x`, so that a single narrow step cannot exhaust the memory.
    pub(super) fn over(x: &[f64], step: f64) -> Self {
        let first = step * ((x[0] - 5.0 * step) / step).trunc();
        let last = step * ((x[x.len() - 1] + 5.0 * step) / step).trunc();
        let count = 1.0 + ((last - first + 0.1 * step).abs() / step).trunc();
        Self { first, last, count: (count as usize).clamp(2, 50 * x.len().max(1)) }
    }

    /// The distance between two points.
    pub(super) fn step(&self) -> f64 {
        (self.last - self.first) / (self.count - 1) as f64
    }

    fn at(&self, index: usize) -> f64 {
        if index + 1 == self.count { self.last } else { self.first + index as f64 * self.step() }
    }

    /// The interval of the grid that contains x.
    fn interval(&self, x: f64) -> usize {
        let guess = ((x - self.first) / self.step()).floor().max(0.0) as usize;
        let guess = guess.min(self.count - 2);
        match () {
            () if guess > 0 && x <= self.at(guess) => guess - 1,
            () if guess + 2 < self.count && x > self.at(guess + 1) => guess + 1,
            () => guess,
        }
    }
}

/// Number of products above which a Fourier transform is faster than direct sums.
const MOST_PRODUCTS: usize = 4_000_000;

/// The values `y` at `x` (equally long, sorted, not empty), convolved with a kernel.
pub(super) fn convolve(x: &[f64], y: &[f64], grid: EvenGrid, kernel: Kernel) -> Vec<f64> {
    let count = grid.count;
    let even = interpolate(x, y, grid);
    let mut weights: Vec<f64> = (0..2 * count).map(|j| kernel.at(j as f64 - count as f64)).collect();
    let total: f64 = weights.iter().sum();
    weights.iter_mut().for_each(|weight| *weight /= total);
    weights.reverse();
    let mut mirrored = Vec::with_capacity(3 * count);
    mirrored.extend(even[1..].iter().rev());
    mirrored.extend(&even);
    mirrored.extend(even.iter().rev());

    if 4 * x.len() * count > MOST_PRODUCTS {
        let smooth = correlate(&mirrored, &weights, count);
        return back(x, grid, |k| smooth[k]);
    }
    let mut cached = vec![f64::NAN; count];
    back(x, grid, |k| {
        if cached[k].is_nan() {
            cached[k] = dot(&weights, &mirrored[k..k + 2 * count]);
        }
        cached[k]
    })
}

/// Linear interpolation onto the even grid; constant beyond the ends.
fn interpolate(x: &[f64], y: &[f64], grid: EvenGrid) -> Vec<f64> {
    let (last, mut left) = (x.len() - 1, 0);
    let value = |index| {
        let at = grid.at(index);
        if at <= x[0] {
            return y[0];
        } else if at >= x[last] {
            return y[last];
        }
        while x[left + 1] <= at {
            left += 1;
        }
        (y[left + 1] - y[left]) / (x[left + 1] - x[left]) * (at - x[left]) + y[left]
    };
    (0..grid.count).map(value).collect()
}

/// Linear interpolation from the even grid to the points.
fn back(x: &[f64], grid: EvenGrid, mut smooth: impl FnMut(usize) -> f64) -> Vec<f64> {
    let value = |&x: &f64| {
        let left = grid.interval(x);
        let (low, high) = (smooth(left), smooth(left + 1));
        (high - low) / (grid.at(left + 1) - grid.at(left)) * (x - grid.at(left)) + low
    };
    x.iter().map(value).collect()
}

/// A dot product in eight independent sums, so that the compiler can vectorise it.
fn dot(left: &[f64], right: &[f64]) -> f64 {
    let mut parts = [0.0; 8];
    let (left, right) = (left.chunks_exact(8), right.chunks_exact(8));
    let rest: f64 = left.remainder().iter().zip(right.remainder()).map(|(l, r)| l * r).sum();
    for (left, right) in left.zip(right) {
        for ((part, l), r) in parts.iter_mut().zip(left).zip(right) {
            *part += l * r;
        }
    }
    rest + parts.iter().sum::<f64>()
}

/// The first `count` values of Σⱼ weights[j] values[k + j] by Fourier transform.
fn correlate(values: &[f64], weights: &[f64], count: usize) -> Vec<f64> {
    let length = (values.len() + weights.len()).next_power_of_two();
    let planner = FourierPlanner::default();
    let spectrum = |signal: &mut dyn Iterator<Item = f64>| {
        let mut buffer: Vec<Complex<f64>> = signal.map(|value| Complex::new(value, 0.0)).collect();
        buffer.resize(length, Complex::default());
        planner.plan(length, FourierDirection::Forward).transform(&mut buffer);
        buffer
    };
    let mut product = spectrum(&mut values.iter().copied());
    let factor = spectrum(&mut weights.iter().rev().copied());
    product.iter_mut().zip(&factor).for_each(|(value, factor)| *value *= factor);
    planner.plan(length, FourierDirection::Inverse).transform(&mut product);
    product[weights.len() - 1..][..count].iter().map(|value| value.re / length as f64).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn direct_sums_and_fourier_transforms_agree() {
        let values: Vec<f64> = (0..299).map(|i| (f64::from(i) * 0.37).sin()).collect();
        let weights: Vec<f64> = (0..200).map(|i| 1.0 / (1.0 + f64::from(i))).collect();
        let fourier = correlate(&values, &weights, 100);
        assert!((0..100).all(|k| (fourier[k] - dot(&weights, &values[k..k + 200])).abs() < 1e-13));
    }

    #[test]
    fn a_constant_stays_constant() {
        let x: Vec<f64> = (0..30).map(|i| 100.0 + 0.7 * f64::from(i)).collect();
        let smooth = convolve(&x, &[2.5; 30], EvenGrid::over(&x, 0.3), Kernel::Lorentzian(1.0));
        assert!(smooth.iter().all(|value| (value - 2.5).abs() < 1e-14));
    }

    #[test]
    fn one_narrow_step_needs_little_memory() {
        assert_eq!(EvenGrid::over(&[0.0, 1e-12, 1e6], 1e-12).count, 150);
    }
}
