//! The cell of a lattice out of its waves.

use super::{BraggPeak, strongest};
use crate::{Image, Result};

/// Waves that are looked at.
const WAVES: usize = 12;

/// Waves of less power than this part of that of the strongest may be noise, and do not make the cell larger.
const WEAKEST: f64 = 0.02;

/// Waves slower than this part of the steepest are of the background, or of slow changes of the lattice.
const SLOWEST: f64 = 0.3;

/// Waves whose lines make a smaller angle than this sine are along the same direction.
const LEAST_SINE: f64 = 0.2;

/// A wave further than this part of the slowest one from a sum of waves is one of its own. Slow changes of order parameters make
/// waves beside those of the lattice.
const OFF: f64 = 0.25;

type Vector = [f64; 2];

impl Image {
    /// Two vectors (rows, columns; pixels) of the smallest cell that repeats in the image, the shortest there are: the first
    /// more along rows, the second more along columns, both pointing to larger numbers. `None` where nothing repeats along two
    /// directions.
    ///
    /// ```
    /// use adatom_patch::{Image, ndarray::Array2};
    /// let wave = |pixel: usize, period: f32| (std::f32::consts::TAU * pixel as f32 / period).cos();
    /// let pixels = Array2::from_shape_fn((240, 240), |(row, column)| wave(row, 16.0) + wave(column, 18.5));
    /// let [a, b] = Image::from_array(pixels).lattice_vectors()?.expect("a lattice");
    /// assert!((a[0] - 16.0).abs() < 0.1 && a[1].abs() < 0.1);
    /// assert!(b[0].abs() < 0.1 && (b[1] - 18.5).abs() < 0.1);
    /// # Ok::<(), adatom_patch::Error>(())
    /// ```
    ///
    /// # Errors
    /// Those of [`bragg_peaks`](Self::bragg_peaks).
    pub fn lattice_vectors(&self) -> Result<Option<[[f64; 2]; 2]>> {
        let mut waves = strongest(self, WAVES)?;
        let frequency = |wave: &BraggPeak| length(wave.frequency);
        // Slopes, not heights: a background is high, but not steep.
        let steepest = waves
            .iter()
            .max_by(|(a, p), (b, q)| (p * frequency(a).powi(2)).total_cmp(&(q * frequency(b).powi(2))));
        let slowest = SLOWEST * steepest.map_or(0.0, |(wave, _)| frequency(wave));
        waves.retain(|(wave, _)| frequency(wave) >= slowest);
        let least = WEAKEST * waves.first().map_or(0.0, |(_, power)| *power);
        waves.retain(|(_, power)| *power >= least);
        let frequencies = waves.into_iter().map(|(wave, _)| wave.frequency).collect();
        Ok(generators(frequencies).map(dual))
    }
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

/// Two vectors of the lattice of `basis` as short as can be (Gauss and Lagrange).
fn reduced([mut a, mut b]: [Vector; 2]) -> [Vector; 2] {
    // Each step makes a vector shorter by a factor, so that few are needed.
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

/// Two frequencies of which all waves are sums, fitted to them.
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
    // A wave of its own is half or a third of the way between others: a few are enough, more are no lattice.
    for _ in 0..4 {
        let Some(rest) = own(basis) else { break };
        basis = finer(basis, rest);
    }
    if own(basis).is_some() {
        return None;
    }
    Some(fitted(&frequencies, basis))
}

/// The basis with the vector `rest` in place of the one that it is part of.
fn finer(basis: [Vector; 2], rest: Vector) -> [Vector; 2] {
    let along = coordinates(rest, basis).map(f64::abs);
    let replaced = usize::from(along[1] > along[0]);
    reduced([rest, basis[1 - replaced]])
}

/// Least squares of the waves as whole multiples of the basis.
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

/// The shortest vectors of the lattice in space whose waves are sums of `basis`.
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
