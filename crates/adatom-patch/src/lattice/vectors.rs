//! The lattice vectors of an image from its Bragg peaks.

use super::{PeakPower, strongest};
use crate::{Image, Result};

/// Number of Bragg peaks.
const PEAKS: usize = 12;

/// Peaks below this fraction of the strongest power may be noise and do not enlarge the cell.
const WEAKEST: f64 = 0.02;

/// Frequencies below this fraction of the one with the steepest wave belong to the background or to slow
/// variations of the lattice.
const SLOWEST: f64 = 0.3;

/// Peaks with a smaller sine of the angle between them have the same direction.
const LEAST_SINE: f64 = 0.2;

/// A peak is independent if it is further than this fraction of the smallest frequency from all sums of
/// peaks. Slow variations of order parameters cause peaks next to those of the lattice.
const OFF: f64 = 0.25;

type Vector = [f64; 2];

impl Image {
    /// The shortest two lattice vectors `[vector][row, column]` of the image in pixels, which span the
    /// smallest cell: the first is rather along rows, the second rather along columns, both with a positive
    /// component there. `None` for an image that is not periodic in two directions.
    ///
    /// ```
    /// use adatom_patch::{Image, ndarray::Array2};
    /// let wave = |pixel: usize, period: f32| (std::f32::consts::TAU * pixel as f32 / period).cos();
    /// let pixels =
    ///     Array2::from_shape_fn((240, 240), |(row, column)| wave(row, 16.0) + wave(column, 18.5));
    /// let [a, b] = Image::from_array(pixels).lattice_vectors()?.expect("a lattice");
    /// assert!((a[0] - 16.0).abs() < 0.1 && a[1].abs() < 0.1);
    /// assert!(b[0].abs() < 0.1 && (b[1] - 18.5).abs() < 0.1);
    /// # Ok::<(), adatom_patch::Error>(())
    /// ```
    ///
    /// # Errors
    /// Those of [`bragg_peaks`](Self::bragg_peaks).
    pub fn lattice_vectors(&self) -> Result<Option<[[f64; 2]; 2]>> {
        let mut found = strongest(self, PEAKS)?;
        let frequency = |found: &PeakPower| length(found.peak.frequency);
        // The power of the gradient, because a background is strong but not steep.
        let steepness = |found: &PeakPower| found.power * frequency(found).powi(2);
        let steepest = found.iter().max_by(|a, b| steepness(a).total_cmp(&steepness(b)));
        let slowest = SLOWEST * steepest.map_or(0.0, frequency);
        found.retain(|found| frequency(found) >= slowest);
        let least = WEAKEST * found.first().map_or(0.0, |found| found.power);
        found.retain(|found| found.power >= least);
        let frequencies = found.into_iter().map(|found| found.peak.frequency).collect();
        Ok(vectors_of(frequencies))
    }
}

/// The shortest lattice vectors of which all frequencies are reciprocal.
pub(crate) fn vectors_of(frequencies: Vec<Vector>) -> Option<[Vector; 2]> {
    generators(frequencies).map(dual)
}

fn length(v: Vector) -> f64 {
    v[0].hypot(v[1])
}

fn cross(a: Vector, b: Vector) -> f64 {
    a[0] * b[1] - a[1] * b[0]
}

fn less(a: Vector, times: f64, b: Vector) -> Vector {
    [a[0] - times * b[0], a[1] - times * b[1]]
}

/// The coordinates of `v` in `basis`.
fn coordinates(v: Vector, [a, b]: [Vector; 2]) -> Vector {
    let area = cross(a, b);
    [cross(v, b) / area, cross(a, v) / area]
}

/// The shortest two vectors of the lattice of `basis` (Gauss and Lagrange).
fn reduced([mut a, mut b]: [Vector; 2]) -> [Vector; 2] {
    // Each step shortens a vector by a factor, so that a few are sufficient.
    for _ in 0..64 {
        if length(b) < length(a) {
            std::mem::swap(&mut a, &mut b);
        }
        let times = ((a[0] * b[0] + a[1] * b[1]) / (a[0] * a[0] + a[1] * a[1])).round();
        if times == 0.0 || !times.is_finite() {
            break;
        }
        b = less(b, times, a);
    }
    [a, b]
}

/// Two frequencies whose sums are all given frequencies, by least squares.
fn generators(mut frequencies: Vec<Vector>) -> Option<[Vector; 2]> {
    frequencies.sort_by(|a, b| length(*a).total_cmp(&length(*b)));
    let first = *frequencies.first()?;
    let across = |v: Vector| cross(first, v).abs() > LEAST_SINE * length(first) * length(v);
    let second = *frequencies.iter().find(|&&v| across(v))?;
    let mut basis = reduced([first, second]);
    let own = |basis: [Vector; 2]| {
        let off = |&v: &Vector| {
            let [m, n] = coordinates(v, basis).map(f64::round);
            less(less(v, m, basis[0]), n, basis[1])
        };
        let slowest = length(basis[0]).min(length(basis[1]));
        frequencies.iter().map(off).find(|&rest| length(rest) > OFF * slowest)
    };
    // Independent frequencies are fractions of others; after a few steps, there is no lattice.
    for _ in 0..4 {
        let Some(rest) = own(basis) else { break };
        basis = finer(basis, rest);
    }
    if own(basis).is_some() {
        return None;
    }
    Some(fitted(&frequencies, basis))
}

/// The basis with `rest` in place of the vector of which it is a fraction.
fn finer(basis: [Vector; 2], rest: Vector) -> [Vector; 2] {
    let along = coordinates(rest, basis).map(f64::abs);
    let replaced = usize::from(along[1] > along[0]);
    reduced([rest, basis[1 - replaced]])
}

/// The least-squares basis of which the frequencies are integer combinations.
fn fitted(frequencies: &[Vector], basis: [Vector; 2]) -> [Vector; 2] {
    let mut products = [[0.0; 2]; 2];
    let mut sums = [[0.0; 2]; 2];
    for &frequency in frequencies {
        let whole = coordinates(frequency, basis).map(f64::round);
        for i in 0..2 {
            for j in 0..2 {
                products[i][j] += whole[i] * whole[j];
                sums[i][j] += whole[i] * frequency[j];
            }
        }
    }
    let determinant = cross(products[0], products[1]);
    if determinant.abs() < 0.5 {
        return basis;
    }
    let row = |x: f64, y: f64| [0, 1].map(|axis| (x * sums[0][axis] + y * sums[1][axis]) / determinant);
    [row(products[1][1], -products[0][1]), row(-products[1][0], products[0][0])]
}

/// The shortest vectors of the real-space lattice of the reciprocal `basis`.
fn dual([k, l]: [Vector; 2]) -> [Vector; 2] {
    let area = cross(k, l);
    let [mut a, mut b] = reduced([[l[1] / area, -l[0] / area], [-k[1] / area, k[0] / area]]);
    if (a[0] / length(a)).abs() < (b[0] / length(b)).abs() {
        std::mem::swap(&mut a, &mut b);
    }
    let towards = |v: Vector, axis: usize| if v[axis] < 0.0 { v.map(|x| -x) } else { v };
    [towards(a, 0), towards(b, 1)]
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;

    use super::*;

    #[test]
    fn a_hexagonal_lattice_has_two_vectors_of_its_period() {
        let wave = |row: f64, column: f64, angle: f64| {
            (std::f64::consts::TAU * (row * angle.sin() + column * angle.cos()) / (12.0 * 0.75f64.sqrt()))
                .cos()
        };
        let image = Image::from_array(Array2::from_shape_fn((160, 200), |(row, column)| {
            let turns = [0.1, 0.1 + std::f64::consts::FRAC_PI_3, 0.1 - std::f64::consts::FRAC_PI_3];
            turns.iter().map(|&turn| wave(row as f64, column as f64, turn)).sum::<f64>() as f32
        }));
        let [a, b] = image.lattice_vectors().unwrap().unwrap();
        let angle = (cross(a, b).abs() / length(a) / length(b)).asin();
        assert!((length(a) - 12.0).abs() < 0.1 && (length(b) - 12.0).abs() < 0.1, "{a:?} {b:?}");
        assert!((angle - std::f64::consts::FRAC_PI_3).abs() < 0.02, "{angle}");
    }

    #[test]
    fn stripes_and_noise_have_none() {
        let stripes = Array2::from_shape_fn((80, 90), |(row, _)| (row as f32 * 0.7).sin());
        assert_eq!(Image::from_array(stripes).lattice_vectors().unwrap(), None);
        assert_eq!(Image::from_array(Array2::zeros((40, 40))).lattice_vectors().unwrap(), None);
        assert!(Image::from_array(Array2::from_elem((40, 40), f32::NAN)).lattice_vectors().is_err());
    }
}
