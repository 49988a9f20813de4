//! The Bragg peaks of an image: the strongest peaks of its power spectrum.
//!
//! The image is multiplied by a Hann window along both axes and transformed. A peak is a local maximum of the
//! power that exceeds the median power at similar frequencies. Its position between the sampled frequencies
//! is the vertex of the parabola through its neighbours.

mod sites;
mod transform;
mod vectors;

use adatom_core::fourier::Complex;
use ndarray::Array2;

pub(crate) use sites::maxima;
pub(crate) use vectors::vectors_of;

use crate::scale::check_finite;
use crate::{Error, Image, Result};

/// Smallest ratio of the power of a peak to the median power at similar frequencies.
const PROMINENCE: f64 = 30.0;

/// Smaller frequencies, in periods per image, belong to the background.
const SLOWEST: f64 = 3.0;

/// Smallest height and width of an image.
const SMALLEST: usize = 16;

/// A peak of the power spectrum of an image: a set of lattice fringes.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct BraggPeak {
    /// The frequency along rows and columns, periods per pixel.
    pub frequency: [f64; 2],
    /// The power relative to the median power at similar frequencies.
    pub prominence: f64,
}

impl BraggPeak {
    /// The spacing of the lattice fringes in pixels.
    #[must_use]
    pub fn spacing(&self) -> f64 {
        1.0 / self.frequency[0].hypot(self.frequency[1])
    }
}

impl Image {
    /// The strongest Bragg peaks, at most `count`, in order of decreasing power; none for an image without a
    /// periodic pattern. The spacing of the first peak is the period of a square lattice, and √3/2 of the
    /// period of a hexagonal one.
    ///
    /// # Errors
    /// [`Error::NotFinite`]; [`Error::Argument`] for an image smaller than 16 × 16 pixels.
    ///
    /// ```
    /// use adatom_patch::{Image, ndarray::Array2};
    /// let wave = |row: usize, column: usize| (row as f32 * 0.5).sin() + 0.3 * (column as f32 * 0.8).sin();
    /// let image = Image::from_array(Array2::from_shape_fn((90, 120), |(row, column)| wave(row, column)));
    /// let peaks = image.bragg_peaks(2)?;
    /// assert!((peaks[0].spacing() - std::f64::consts::TAU / 0.5).abs() < 0.1);
    /// assert!((peaks[1].spacing() - std::f64::consts::TAU / 0.8).abs() < 0.1);
    /// assert!(Image::from_array(Array2::zeros((8, 8))).bragg_peaks(1).is_err());
    /// # Ok::<(), adatom_patch::Error>(())
    /// ```
    pub fn bragg_peaks(&self, count: usize) -> Result<Vec<BraggPeak>> {
        Ok(strongest(self, count)?.into_iter().map(|found| found.peak).collect())
    }
}

/// A peak with its power.
#[derive(Debug, Clone, Copy)]
struct PeakPower {
    peak: BraggPeak,
    power: f64,
}

/// The strongest peaks in order of decreasing power.
fn strongest(image: &Image, count: usize) -> Result<Vec<PeakPower>> {
    let (height, width) = (image.height(), image.width());
    if height.min(width) < SMALLEST {
        return Err(Error::Argument {
            what: "the image",
            expected: format!("at least {SMALLEST} x {SMALLEST} pixels to find its lattice"),
            found: format!("{height} x {width}"),
        });
    }
    check_finite(image)?;
    let mut found = peaks(&power(image));
    found.sort_by(|left, right| right.power.total_cmp(&left.power));
    found.truncate(count);
    Ok(found)
}

/// The power at the frequencies `[rows, columns]` in periods per image. Only rows that are not negative are
/// needed, but peaks are compared with all neighbours.
fn power(image: &Image) -> Array2<f64> {
    let (height, width) = (image.height(), image.width());
    let hann =
        |at: usize, extent: usize| (std::f64::consts::PI * (at as f64 + 0.5) / extent as f64).sin().powi(2);
    let mean = image.statistics().map_or(0.0, |statistics| statistics.mean);
    let field = Array2::from_shape_fn((height, width), |(row, column)| {
        let value = f64::from(image.pixels()[[row, column]]) - mean;
        Complex::new(value * hann(row, height) * hann(column, width), 0.0)
    });
    transform::transform(field).mapv(|value| value.norm_sqr())
}

/// The local maxima with a sufficient prominence.
fn peaks(power: &Array2<f64>) -> Vec<PeakPower> {
    let (height, width) = power.dim();
    let signed =
        |at: usize, extent: usize| if 2 * at > extent { at as f64 - extent as f64 } else { at as f64 };
    let at = |row: isize, column: isize| {
        power[[row.rem_euclid(height as isize) as usize, column.rem_euclid(width as isize) as usize]]
    };
    let radius = |row: usize, column: usize| {
        (signed(row, height) / height as f64).hypot(signed(column, width) / width as f64)
    };
    let medians = medians(power, radius);
    let mut found = Vec::new();
    for row in 0..height {
        for column in 0..width {
            let [down, across] = [signed(row, height), signed(column, width)];
            // Each peak occurs at two frequencies of opposite sign.
            if down < 0.0 || (down == 0.0 && across <= 0.0) {
                continue;
            }
            if down.hypot(across) < SLOWEST {
                continue;
            }
            let (r, c, here) = (row as isize, column as isize, power[[row, column]]);
            let around =
                (-1..=1).flat_map(|dr| (-1..=1).map(move |dc| (dr, dc))).filter(|&step| step != (0, 0));
            // Of equal neighbours, the first is the maximum.
            let highest = around.clone().all(|(dr, dc)| match at(r + dr, c + dc) {
                other if (dr, dc) < (0, 0) => here > other,
                other => here >= other,
            });
            let prominence = here / medians[bin(radius(row, column))].max(f64::MIN_POSITIVE);
            if !highest || prominence < PROMINENCE || here <= 0.0 {
                continue;
            }
            let down = down + vertex(at(r - 1, c), here, at(r + 1, c));
            let across = across + vertex(at(r, c - 1), here, at(r, c + 1));
            let frequency = [down / height as f64, across / width as f64];
            found.push(PeakPower { peak: BraggPeak { frequency, prominence }, power: here });
        }
    }
    found
}

/// The index of a ring of frequencies, eight per octave.
fn bin(radius: f64) -> usize {
    // Frequencies are at most √½; images are too small for frequencies below 2⁻¹⁶.
    ((radius.max(1e-5).log2() + 17.0) * 8.0).max(0.0) as usize
}

/// The median power of each ring.
fn medians(power: &Array2<f64>, radius: impl Fn(usize, usize) -> f64) -> Vec<f64> {
    let mut rings: Vec<Vec<f64>> = vec![Vec::new(); bin(1.0) + 1];
    for ((row, column), &value) in power.indexed_iter() {
        rings[bin(radius(row, column))].push(value);
    }
    rings
        .into_iter()
        .map(|mut ring| match ring.len() {
            0 => 0.0,
            count => *ring.select_nth_unstable_by(count / 2, f64::total_cmp).1,
        })
        .collect()
}

/// The vertex, between -½ and ½, of the parabola through the logarithms of three powers.
pub(crate) fn vertex(before: f64, here: f64, after: f64) -> f64 {
    let [before, here, after] = [before, here, after].map(|power| power.max(1e-300).ln());
    let bend = before - 2.0 * here + after;
    if bend < 0.0 { (0.5 * (before - after) / bend).clamp(-0.5, 0.5) } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn noise_and_constant_images_have_no_lattice() {
        let mut state = 1u64;
        let noise = Array2::from_shape_simple_fn((64, 64), || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 40) as f32
        });
        assert_eq!(Image::from_array(noise).bragg_peaks(3).unwrap(), []);
        assert_eq!(Image::from_array(Array2::from_elem((32, 40), 5.0)).bragg_peaks(3).unwrap(), []);
        let mut hole = Array2::zeros((32, 32));
        hole[[3, 4]] = f32::NAN;
        assert!(Image::from_array(hole).bragg_peaks(3).is_err());
    }
}
