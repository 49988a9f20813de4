//! The affine change of intensities, y = (x - offset) · gain, with optional clipping.

use serde::{Deserialize, Serialize};

/// The rule for offset and gain.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ScalingMethod {
    /// Pixels as they are.
    None,
    /// Smallest pixel to 0, largest to 1.
    MinMax,
    /// Two percentiles (0 to 100) to 0 and 1; values beyond them are clipped.
    Percentile {
        /// The percentile that becomes 0.
        low: f64,
        /// The percentile that becomes 1.
        high: f64,
    },
    /// Mean 0 and standard deviation 1.
    Standard,
}

/// The change of intensities between an image as measured and the samples cut from it: y = (x - offset) ·
/// gain.
///
/// ```
/// use adatom_core::{Scaling, ScalingMethod};
/// let scaling = Scaling { offset: 100.0, gain: 0.01, clip: true, ..Scaling::identity() };
/// assert_eq!(scaling.apply(150.0), 0.5);
/// assert_eq!(scaling.apply(400.0), 1.0);
/// assert_eq!(Scaling::identity().apply(400.0), 400.0);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Scaling {
    /// The rule by which offset and gain were found.
    pub method: ScalingMethod,
    /// Standard deviation in pixels of the Gaussian-smoothed background that was subtracted first, if one
    /// was.
    pub flatten: Option<f64>,
    /// Subtracted from every pixel.
    pub offset: f32,
    /// Multiplies every pixel after that.
    pub gain: f32,
    /// Whether the result is clipped to [0, 1].
    pub clip: bool,
}

impl Scaling {
    /// Pixels as they are.
    pub fn identity() -> Self {
        Self { method: ScalingMethod::None, flatten: None, offset: 0.0, gain: 1.0, clip: false }
    }

    /// The scaled value of one pixel.
    #[inline]
    pub fn apply(&self, pixel: f32) -> f32 {
        let scaled = (pixel - self.offset) * self.gain;
        if self.clip { scaled.clamp(0.0, 1.0) } else { scaled }
    }
}
