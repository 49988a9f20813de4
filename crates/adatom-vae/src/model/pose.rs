//! The pose of decoded objects: rotation, shift and scale.

use ndarray::{Array1, Array2, ArrayView1, ArrayView2};

/// Rotation, shift and scale of n objects to decode; parts that are not given keep their neutral value.
///
/// ```
/// use adatom_vae::{Pose, ndarray::arr2};
/// let pose = Pose::new().shift_pixels(arr2(&[[0.0, 2.0]]).view());
/// assert!(pose.has_shift());
/// ```
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Pose {
    pub(crate) rotation: Option<Array1<f32>>,
    pub(crate) shift: Option<Array2<f32>>,
    pub(crate) scale: Option<Array1<f32>>,
}

impl Pose {
    /// No rotation, no shift, scale 1.
    pub fn new() -> Self {
        Self::default()
    }

    /// Angles in radians, `[n]`.
    pub fn rotation(mut self, radians: ArrayView1<'_, f32>) -> Self {
        self.rotation = Some(radians.to_owned());
        self
    }

    /// Displacements of the object from the window's centre in pixels of the training window, `[n, 2]` (rows,
    /// columns) or `[n, 1]` for signals.
    pub fn shift_pixels(mut self, pixels: ArrayView2<'_, f32>) -> Self {
        self.shift = Some(pixels.to_owned());
        self
    }

    /// Scale of the coordinates around 1, `[n]`.
    pub fn scale(mut self, scale: ArrayView1<'_, f32>) -> Self {
        self.scale = Some(scale.to_owned());
        self
    }

    /// Whether there is a shift.
    pub fn has_shift(&self) -> bool {
        self.shift.is_some()
    }
}
