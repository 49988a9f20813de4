//! The noise of an image from differences of neighbouring pixels.
//!
//! The operator [1 −2 1]ᵀ [1 −2 1] / 6 of Immerkær (Comput. Vis. Image Underst. 64, 300, 1996) removes every
//! product of linear functions along rows and columns and keeps the variance of independent noise. Its
//! results, sorted by the mean of the 5 × 5 pixels around, show whether the variance grows with the intensity,
//! as that of counts does.

use ndarray::{Array2, ArrayView2, Axis, Slice};

use crate::scale::check_finite;
use crate::{Error, Image, Result};

/// The noise of an image.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Noise {
    /// The standard deviation of a pixel, in units of the image; the root of the mean variance where it
    /// depends on the intensity.
    pub sigma: f64,
    /// How the variance depends on the intensity.
    pub kind: NoiseKind,
    /// The standard deviation of all pixels without the part of the noise, divided by that of the noise; the
    /// background counts as signal.
    pub signal_to_noise: f64,
}

/// How the variance of the noise depends on the intensity.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum NoiseKind {
    /// The same variance everywhere.
    Constant,
    /// The variance is `gain` (I − `offset`), as for counts that were scaled and shifted.
    Counting {
        /// The intensity of one count.
        gain: f64,
        /// The intensity without counts.
        offset: f64,
    },
}

/// Smallest height and width of an image.
const SMALLEST: usize = 8;

/// Half the side of the square over which the local mean is taken.
const REACH: usize = 2;

/// Number of groups of pixels of similar intensity.
const GROUPS: usize = 16;

/// The variance of the brightest group must exceed that of the darkest by this factor for counts.
const LEAST_GROWTH: f64 = 1.3;

/// Smallest correlation between intensity and variance of the groups for counts.
const LEAST_CORRELATION: f64 = 0.9;

impl Image {
    /// The noise of the image, estimated from differences of neighbouring pixels, not from its lattice.
    ///
    /// Noise must be independent from pixel to pixel: images that were smoothed or enlarged have less noise by
    /// this measure than they show. Structures narrower than some four pixels count as noise.
    ///
    /// ```
    /// use adatom_patch::{Image, NoiseKind, ndarray::Array2};
    /// // Pseudo-random numbers on a slope.
    /// let mut state = 1u32;
    /// let mut uniform = || {
    ///     state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
    ///     f64::from(state >> 8) / f64::from(1 << 24) - 0.5
    /// };
    /// let pixels = Array2::from_shape_fn((200, 200), |(row, _)| (0.1 * row as f64 + uniform()) as f32);
    /// let noise = Image::from_array(pixels).noise()?;
    /// assert!((noise.sigma - (1.0f64 / 12.0).sqrt()).abs() < 0.01);
    /// assert_eq!(noise.kind, NoiseKind::Constant);
    /// # Ok::<(), adatom_patch::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::NotFinite`]; [`Error::Argument`] for an image smaller than 8 × 8 pixels.
    pub fn noise(&self) -> Result<Noise> {
        let (height, width) = (self.height(), self.width());
        if height.min(width) < SMALLEST {
            return Err(Error::Argument {
                what: "the image",
                expected: format!("at least {SMALLEST} x {SMALLEST} pixels to estimate its noise"),
                found: format!("{height} x {width}"),
            });
        }
        check_finite(self)?;
        let level = self.statistics().map_or(0.0, |statistics| statistics.mean);
        // Without the mean, sums of large intensities lose nothing.
        let pixels = self.pixels().mapv(|pixel| f64::from(pixel) - level);
        let mut groups = groups(&pixels);
        groups.iter_mut().for_each(|group| group.mean += level);
        let variance = groups.iter().map(|group| group.variance).sum::<f64>() / groups.len() as f64;
        let total = pixels.iter().map(|pixel| pixel * pixel).sum::<f64>() / pixels.len() as f64;
        let signal = (total - variance).max(0.0);
        let signal_to_noise = if variance > 0.0 { (signal / variance).sqrt() } else { f64::INFINITY };
        Ok(Noise { sigma: variance.sqrt(), kind: kind(&groups), signal_to_noise })
    }
}

/// Pixels of similar local mean.
#[derive(Debug, Clone, Copy)]
struct Group {
    mean: f64,
    variance: f64,
}

/// The pixels with complete neighbourhoods in groups of equal size, by increasing local mean.
fn groups(pixels: &Array2<f64>) -> Vec<Group> {
    let differences = differences(pixels.view());
    let means = means(pixels);
    let trim = Slice::from(REACH as isize - 1..1 - REACH as isize);
    let inner = differences.slice_axis(Axis(0), trim);
    let inner = inner.slice_axis(Axis(1), trim);
    let mut pairs: Vec<(f64, f64)> = means.iter().copied().zip(inner.iter().copied()).collect();
    pairs.sort_by(|left, right| left.0.total_cmp(&right.0));
    let size = pairs.len().div_ceil(GROUPS);
    pairs
        .chunks(size)
        .map(|group| Group {
            mean: group.iter().map(|pair| pair.0).sum::<f64>() / group.len() as f64,
            variance: clipped_variance(group.iter().map(|pair| pair.1).collect()),
        })
        .collect()
}

/// [1 −2 1]ᵀ [1 −2 1] / 6 of the pixels that have all neighbours.
fn differences(pixels: ArrayView2<'_, f64>) -> Array2<f64> {
    let (height, width) = pixels.dim();
    let along_rows = Array2::from_shape_fn((height, width - 2), |(row, column)| {
        pixels[[row, column]] - 2.0 * pixels[[row, column + 1]] + pixels[[row, column + 2]]
    });
    Array2::from_shape_fn((height - 2, width - 2), |(row, column)| {
        let at = |row| along_rows[[row, column]];
        (at(row) - 2.0 * at(row + 1) + at(row + 2)) / 6.0
    })
}

/// The mean over the square around every pixel that has a complete one.
fn means(pixels: &Array2<f64>) -> Array2<f64> {
    let side = 2 * REACH + 1;
    let (height, width) = pixels.dim();
    let rows = Array2::from_shape_fn((height, width + 1 - side), |(row, column)| {
        (column..column + side).map(|column| pixels[[row, column]]).sum::<f64>()
    });
    Array2::from_shape_fn((height + 1 - side, width + 1 - side), |(row, column)| {
        (row..row + side).map(|row| rows[[row, column]]).sum::<f64>() / (side * side) as f64
    })
}

/// The mean square of values without those beyond four standard deviations: edges and bad pixels.
fn clipped_variance(mut values: Vec<f64>) -> f64 {
    for _ in 0..3 {
        let variance = values.iter().map(|value| value * value).sum::<f64>() / values.len().max(1) as f64;
        let before = values.len();
        values.retain(|value| value * value <= 16.0 * variance);
        if values.len() == before {
            return variance;
        }
    }
    values.iter().map(|value| value * value).sum::<f64>() / values.len().max(1) as f64
}

/// Counts if the variances of the groups grow with their means along a line.
fn kind(groups: &[Group]) -> NoiseKind {
    let count = groups.len() as f64;
    let mean = groups.iter().map(|group| group.mean).sum::<f64>() / count;
    let variance = groups.iter().map(|group| group.variance).sum::<f64>() / count;
    let sum = |of: &dyn Fn(&Group) -> f64| groups.iter().map(of).sum::<f64>();
    let means = sum(&|group| (group.mean - mean).powi(2));
    let variances = sum(&|group| (group.variance - variance).powi(2));
    let both = sum(&|group| (group.mean - mean) * (group.variance - variance));
    let (gain, correlation) = (both / means, both / (means * variances).sqrt());
    let [first, last] =
        [groups[0], groups[groups.len() - 1]].map(|group| variance + gain * (group.mean - mean));
    let grows = last > LEAST_GROWTH * first.max(0.0);
    if correlation.is_finite() && correlation >= LEAST_CORRELATION && grows {
        return NoiseKind::Counting { gain, offset: mean - variance / gain };
    }
    NoiseKind::Constant
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Random;

    /// A normal number by twelve uniform ones.
    fn normal(random: &mut Random) -> f64 {
        (0..12).map(|_| random.uniform()).sum::<f64>() - 6.0
    }

    fn columns(row: usize, column: usize) -> f64 {
        let off = |at: usize| (at as f64 / 16.0 - (at as f64 / 16.0).round()) * 16.0;
        (-0.5 * (off(row).powi(2) + off(column).powi(2)) / 2.6f64.powi(2)).exp()
    }

    #[test]
    fn constant_noise_on_columns_is_found_at_any_level() {
        for sigma in [0.06, 0.5, 2.5] {
            let mut random = Random::new(3);
            let image = Image::from_array(Array2::from_shape_fn((192, 160), |(row, column)| {
                (100.0 + columns(row, column) + sigma * normal(&mut random)) as f32
            }));
            let noise = image.noise().unwrap();
            assert!((noise.sigma / sigma - 1.0).abs() < 0.04, "{noise:?}");
            assert_eq!(noise.kind, NoiseKind::Constant, "{sigma}");
        }
    }

    #[test]
    fn counts_have_their_gain_and_offset() {
        for (seed, dose) in [(1, 4.0), (2, 30.0), (3, 400.0)] {
            let mut random = Random::new(seed);
            // Scaled and shifted counts; the number of events in `rate` by waiting times.
            let mut counts = |rate: f64| {
                let (mut events, mut time) = (0.0, 0.0);
                loop {
                    time -= (1.0 - random.uniform()).ln();
                    if time > rate {
                        return events;
                    }
                    events += 1.0;
                }
            };
            let image = Image::from_array(Array2::from_shape_fn((256, 256), |(row, column)| {
                (10.0 + 0.5 * counts(dose * (0.2 + columns(row, column)))) as f32
            }));
            let NoiseKind::Counting { gain, offset } = image.noise().unwrap().kind else {
                panic!("{dose}: {:?}", image.noise())
            };
            assert!((gain / 0.5 - 1.0).abs() < 0.25, "{dose}: gain {gain}");
            assert!((offset - 10.0).abs() < 0.1 * dose.max(4.0), "{dose}: offset {offset}");
        }
    }

    #[test]
    fn bad_pixels_do_not_count() {
        let mut random = Random::new(5);
        let image = Image::from_array(Array2::from_shape_fn((128, 128), |(row, column)| {
            let hot = if row * 128 + column == 5000 { 1e4 } else { 0.0 };
            (hot + normal(&mut random)) as f32
        }));
        assert!((image.noise().unwrap().sigma - 1.0).abs() < 0.05);
    }

    #[test]
    fn a_constant_image_has_none() {
        let noise = Image::from_array(Array2::from_elem((20, 20), 7.0)).noise().unwrap();
        assert_eq!((noise.sigma, noise.kind), (0.0, NoiseKind::Constant));
        assert!(Image::from_array(Array2::zeros((7, 30))).noise().is_err());
        assert!(Image::from_array(Array2::from_elem((9, 9), f32::NAN)).noise().is_err());
    }
}
