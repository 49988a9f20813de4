//! Determines the scaling y = (x - offset) · gain from the pixels of one or several images.

use adatom_core::{Scaling, ScalingMethod};

use crate::{Error, Image, Result};

/// The scaling of one image by `method`.
///
/// Min-max and percentile scaling map to [0, 1] and clip values outside; percentiles are interpolated
/// linearly between neighbouring sorted pixels; the standard deviation is that of all pixels (divided by n).
///
/// # Errors
/// [`Error::NotFinite`]; [`Error::Constant`] if the pixels that determine the scaling have the same value;
/// [`Error::Argument`] unless 0 ≤ low < high ≤ 100 for percentiles, and for an unknown method.
///
/// ```
/// use adatom_patch::{Image, ScalingMethod, ndarray::arr2, scaling_of};
/// let image = Image::from_array(arr2(&[[100.0, 200.0], [300.0, 500.0]]));
/// let scaling = scaling_of(&image, ScalingMethod::MinMax)?;
/// assert_eq!((scaling.apply(100.0), scaling.apply(200.0), scaling.apply(900.0)), (0.0, 0.25, 1.0));
///
/// let flat = Image::from_array(arr2(&[[7.0, 7.0]]));
/// let error = scaling_of(&flat, ScalingMethod::MinMax).unwrap_err();
/// assert_eq!(error.to_string(), "cannot scale a constant image: every pixel is 7");
/// # Ok::<(), adatom_patch::Error>(())
/// ```
pub fn scaling_of(image: &Image, method: ScalingMethod) -> Result<Scaling> {
    scaling_of_all(std::slice::from_ref(image), method)
}

/// The common scaling of several images by `method`.
///
/// # Errors
/// As [`scaling_of`]; [`Error::Core`] without images.
///
/// ```
/// use adatom_patch::{Image, ScalingMethod, ndarray::arr2, scaling_of_all};
/// let dark = Image::from_array(arr2(&[[0.0, 1.0]]));
/// let bright = Image::from_array(arr2(&[[3.0, 4.0]]));
/// assert_eq!(scaling_of_all(&[dark, bright], ScalingMethod::MinMax)?.apply(1.0), 0.25);
/// # Ok::<(), adatom_patch::Error>(())
/// ```
pub fn scaling_of_all(images: &[Image], method: ScalingMethod) -> Result<Scaling> {
    let first = images.first().ok_or(adatom_core::Error::NoImage)?;
    images.iter().try_for_each(check_finite)?;
    let source = if images.len() == 1 { first.source() } else { None };
    let constant =
        |value: f32, percentile| Error::Constant { value, percentile, image: source.map(Into::into) };
    let between = |low: f64, high: f64, percentile| {
        let gain = (1.0 / (high - low)) as f32;
        if low < high && gain.is_normal() {
            Ok(Scaling { method, flatten: None, offset: low as f32, gain, clip: true })
        } else {
            match low < high {
                true => Err(Error::Argument {
                    what: "the range of intensities",
                    expected: "large enough for its inverse to be finite in single precision".into(),
                    found: format!("{low:e} to {high:e}"),
                }),
                false => Err(constant(low as f32, percentile)),
            }
        }
    };
    match method {
        ScalingMethod::None => Ok(Scaling::identity()),
        ScalingMethod::MinMax => {
            let Extremes { low, high } = extremes(images);
            between(low.into(), high.into(), false)
        }
        ScalingMethod::Percentile { low, high } => {
            if !(0.0 <= low && low < high && high <= 100.0) {
                return Err(Error::Argument {
                    what: "percentiles",
                    expected: "0 <= low < high <= 100".into(),
                    found: format!("{low} and {high}"),
                });
            }
            let mut pixels: Vec<f32> = images.iter().flat_map(|image| image.flat()).copied().collect();
            between(percentile(&mut pixels, low), percentile(&mut pixels, high), true)
        }
        ScalingMethod::Standard => {
            let Extremes { low, high } = extremes(images);
            let Moments { mean, deviation } = moments(images);
            let gain = (1.0 / deviation) as f32;
            if low == high || !gain.is_normal() {
                return Err(constant(low, false));
            }
            Ok(Scaling { method, flatten: None, offset: mean as f32, gain, clip: false })
        }
        other => Err(Error::Argument {
            what: "the scaling method",
            expected: "none, min-max, percentile or standard".into(),
            found: format!("{other:?}"),
        }),
    }
}

/// The fraction of the finite pixels that a scaling clips; 0 for a scaling without clipping.
///
/// ```
/// use adatom_patch::{Image, Scaling, clipped_fraction, ndarray::arr2};
/// let image = Image::from_array(arr2(&[[-1.0, 0.0], [1.0, 2.0]]));
/// let scaling = Scaling { clip: true, ..Scaling::identity() };
/// assert_eq!(clipped_fraction(&image, &scaling), 0.5);
/// ```
pub fn clipped_fraction(image: &Image, scaling: &Scaling) -> f64 {
    if !scaling.clip {
        return 0.0;
    }
    let open = Scaling { clip: false, ..*scaling };
    // By rounding, the pixel that is mapped to 1 may be slightly above 1.
    let beyond = |pixel: f32| !(-1e-6..=1.0 + 1e-6).contains(&open.apply(pixel));
    let finite = image.flat().iter().filter(|pixel| pixel.is_finite());
    let (clipped, all) = finite
        .fold((0usize, 0usize), |(clipped, all), &pixel| (clipped + usize::from(beyond(pixel)), all + 1));
    if all == 0 { 0.0 } else { clipped as f64 / all as f64 }
}

/// Checks that all pixels are finite.
pub(crate) fn check_finite(image: &Image) -> Result<()> {
    match image.non_finite() {
        0 => Ok(()),
        count => {
            Err(Error::NotFinite { count, pixels: image.flat().len(), image: image.source().map(Into::into) })
        }
    }
}

struct Extremes {
    low: f32,
    high: f32,
}

fn extremes(images: &[Image]) -> Extremes {
    let none = Extremes { low: f32::INFINITY, high: f32::NEG_INFINITY };
    let pixels = images.iter().flat_map(|image| image.flat());
    pixels.fold(none, |found, &x| Extremes { low: found.low.min(x), high: found.high.max(x) })
}

struct Moments {
    mean: f64,
    deviation: f64,
}

/// Mean and standard deviation, in two passes for accuracy.
fn moments(images: &[Image]) -> Moments {
    let pixels = || images.iter().flat_map(|image| image.flat()).map(|&pixel| f64::from(pixel));
    let count = images.iter().map(|image| image.flat().len()).sum::<usize>() as f64;
    let mean = pixels().sum::<f64>() / count;
    let variance = pixels().map(|pixel| (pixel - mean).powi(2)).sum::<f64>() / count;
    Moments { mean, deviation: variance.sqrt() }
}

/// The percentile of finite numbers, at rank q (n - 1), interpolated linearly. Reorders the numbers.
pub(crate) fn percentile(numbers: &mut [f32], percent: f64) -> f64 {
    let rank = percent / 100.0 * (numbers.len() - 1) as f64;
    // The rank is between 0 and n - 1.
    let below = rank.floor() as usize;
    let (_, &mut low, above) = numbers.select_nth_unstable_by(below, f32::total_cmp);
    let high = above.iter().copied().min_by(f32::total_cmp).unwrap_or(low);
    f64::from(low) + (rank - below as f64) * (f64::from(high) - f64::from(low))
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::arr2;

    #[test]
    fn percentiles_interpolate_linearly() {
        // numpy.percentile([1, 2, 4, 8, 16], [0, 10, 37.5, 50, 100]) = [1, 1.4, 3, 4, 16]:
        // rank 0.1 · 4 = 0.4 lies between 1 and 2, rank 0.375 · 4 = 1.5 between 2 and 4.
        let mut numbers = [16.0, 1.0, 8.0, 2.0, 4.0];
        for (percent, expected) in [(0.0, 1.0), (10.0, 1.4), (37.5, 3.0), (50.0, 4.0), (100.0, 16.0)] {
            assert!((percentile(&mut numbers, percent) - expected).abs() < 1e-12, "{percent}");
        }
    }

    #[test]
    fn standard_has_mean_0_and_deviation_1_and_does_not_clip() {
        let image = Image::from_array(arr2(&[[1e6, 1e6 + 2.0], [1e6 + 4.0, 1e6 + 6.0]]));
        let scaling = scaling_of(&image, ScalingMethod::Standard).unwrap();
        // Deviations -3, -1, 1, 3: variance (9 + 1 + 1 + 9)/4 = 5.
        assert_eq!((scaling.offset, scaling.clip), (1e6 + 3.0, false));
        assert!((scaling.apply(1e6 + 6.0) - 3.0 / 5f32.sqrt()).abs() < 1e-6);
    }

    #[test]
    fn messages_state_the_error() {
        let message = |image: &Image, method| scaling_of(image, method).unwrap_err().to_string();
        let flat = Image::from_array(arr2(&[[0.1; 7]])).with_source("flat.npy");
        assert_eq!(
            message(&flat, ScalingMethod::Standard),
            "cannot scale a constant image: every pixel is 0.1 (flat.npy)"
        );
        let spike = Image::from_array(arr2(&[[0.0, 5.0, 5.0, 5.0, 5.0, 5.0, 5.0, 5.0, 9.0]]));
        assert_eq!(
            message(&spike, ScalingMethod::Percentile { low: 25.0, high: 75.0 }),
            "cannot scale a constant image: every pixel between the two percentiles is 5"
        );
        assert_eq!(
            message(&spike, ScalingMethod::Percentile { low: 99.0, high: 1.0 }),
            "percentiles must be 0 <= low < high <= 100, found 99 and 1"
        );
        let holes = Image::from_array(arr2(&[[f32::NAN, 1.0, f32::INFINITY]])).with_source("a.tif");
        assert_eq!(message(&holes, ScalingMethod::None), "2 of 3 pixels are NaN or infinite (a.tif)");
    }

    #[test]
    fn min_max_does_not_clip_its_own_image() {
        let image = Image::from_array(arr2(&[[0.1, 0.7, 12345.678, -3.3]]));
        let scaling = scaling_of(&image, ScalingMethod::MinMax).unwrap();
        assert_eq!(clipped_fraction(&image, &scaling), 0.0);
    }
}
