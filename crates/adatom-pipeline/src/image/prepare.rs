//! Stage 2: the window, and the common scale of intensities.

use adatom_patch::{PatchPlan, Patches, Scaling, ScalingMethod, Window};
use serde::{Deserialize, Serialize};

use super::OpenedImages;

/// How images are prepared.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct PreparationSettings {
    /// Height and width of a patch; 32 × 32 pixels by default.
    pub window: Window,
    /// Scaling of intensities; by default from the smallest to the largest pixel.
    pub scaling: ScalingMethod,
    /// The pixels that determine the scaling; those of all images by default.
    pub scaling_scope: ScalingScope,
    /// Standard deviation in pixels of the Gaussian whose smoothed image is subtracted as background; none by
    /// default.
    pub flatten: Option<f64>,
}

/// The pixels that determine a scaling.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ScalingScope {
    /// Those of all images together, as for frames of one series.
    #[default]
    AllImages,
    /// Those of each image, which has its own scaling, as for images of different detectors.
    EachImage,
}

impl Default for PreparationSettings {
    fn default() -> Self {
        Self {
            window: Window::square(32),
            scaling: ScalingMethod::MinMax,
            scaling_scope: ScalingScope::default(),
            flatten: None,
        }
    }
}

/// Images with the settings of window and scaling.
#[derive(Debug, Clone)]
pub struct PreparedImages {
    pub(super) images: OpenedImages,
    pub(super) window: Window,
    pub(super) plan: PatchPlan,
}

impl PreparationSettings {
    /// Prepares images. Background and scaling are calculated when patches are placed.
    pub fn prepare(&self, images: &OpenedImages) -> PreparedImages {
        let mut plan = Patches::of(images.images()).window(self.window).scaling(self.scaling);
        if self.scaling_scope == ScalingScope::EachImage {
            plan = plan.scale_each();
        }
        if let Some(sigma) = self.flatten {
            plan = plan.flatten(sigma);
        }
        PreparedImages { images: images.clone(), window: self.window, plan }
    }
}

/// A scaling in words, for reports; `None` where every image has its own.
pub(super) fn scaling_in_words(scaling: Option<Scaling>) -> String {
    let Some(scaling) = scaling else { return "each image separately".into() };
    let method = match scaling.method {
        ScalingMethod::MinMax => "smallest pixel to 0, largest to 1".to_owned(),
        ScalingMethod::Percentile { low, high } => format!("percentiles {low} and {high} to 0 and 1"),
        ScalingMethod::Standard => "mean 0, standard deviation 1".to_owned(),
        _ => "none".to_owned(),
    };
    match scaling.flatten {
        Some(sigma) => format!("{method}, background of σ = {sigma} px subtracted"),
        None => method,
    }
}
