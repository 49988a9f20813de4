//! The points of the grid, and the length scale of the roughness.

use adatom_patch::{Image, Window};
use adatom_vae::Invariance;

use super::{ExploreSettings, RoughnessLength, TrialSettings};
use crate::error::{Error, Result};
use crate::image::{ImageSettings, SmoothnessLength};

/// The largest number of points.
const MOST_TRIALS: usize = 200;

/// All points in the order in which they are shown. Without lists, windows, latents and invariances around
/// the given settings are tried; with lists, settings without a list keep their given value.
pub(super) fn trials(
    settings: &ImageSettings,
    explore: &ExploreSettings,
    images: &[Image],
) -> Result<Vec<TrialSettings>> {
    let nothing_listed = explore.windows.is_empty()
        && explore.latent_dims.is_empty()
        && explore.invariances.is_empty()
        && explore.smoothness_weights.is_empty()
        && explore.seeds == 1;
    let windows =
        listed_or(&explore.windows, nothing_listed, || windows_around(settings.preparation.window, images));
    let windows = windows.unwrap_or_else(|| vec![settings.preparation.window]);
    let latent_dims = listed_or(&explore.latent_dims, nothing_listed, || vec![1, 2, 4]);
    let latent_dims = latent_dims.unwrap_or_else(|| vec![settings.model.latent_dim]);
    let invariances = listed_or(&explore.invariances, nothing_listed, || {
        vec![vec![Invariance::Shift], vec![Invariance::Shift, Invariance::Rotation]]
    });
    let invariances = invariances.unwrap_or_else(|| vec![settings.model.invariances.clone()]);
    let weights: Vec<Option<f64>> = match explore.smoothness_weights.is_empty() {
        true => vec![settings.regularisation.smoothness.map(|smoothness| smoothness.weight)],
        false => explore.smoothness_weights.iter().copied().map(Some).collect(),
    };
    let factors = [windows.len(), latent_dims.len(), invariances.len(), weights.len()];
    let seeds = usize::try_from(explore.seeds).unwrap_or(usize::MAX);
    let count = factors.into_iter().fold(seeds, usize::saturating_mul);
    if count > MOST_TRIALS {
        return Err(Error::TooManyTrials { count, most: MOST_TRIALS });
    }
    let mut all = Vec::new();
    for &window in &windows {
        for invariances in &invariances {
            for &latent_dim in &latent_dims {
                for &smoothness_weight in &weights {
                    for seed in 0..explore.seeds {
                        let seed = settings.training.seed.wrapping_add(seed);
                        let invariances = invariances.clone();
                        all.push(TrialSettings { window, invariances, latent_dim, smoothness_weight, seed });
                    }
                }
            }
        }
    }
    Ok(all)
}

/// The distinct listed values; `default` if there are no lists at all; `None` if only other settings have
/// lists.
fn listed_or<T: PartialEq + Clone>(
    listed: &[T],
    nothing_listed: bool,
    default: impl FnOnce() -> Vec<T>,
) -> Option<Vec<T>> {
    let all = match (listed.is_empty(), nothing_listed) {
        (false, _) => listed.to_vec(),
        (true, true) => default(),
        (true, false) => return None,
    };
    let mut distinct = Vec::new();
    for one in all {
        if !distinct.contains(&one) {
            distinct.push(one);
        }
    }
    Some(distinct)
}

/// 0.75, 1 and, if it fits the image, 1.5 times the window.
fn windows_around(window: Window, images: &[Image]) -> Vec<Window> {
    let [height, width] = [window.height(), window.width()];
    let quarters = |count: usize| Window::new((height * count / 4).max(2), (width * count / 4).max(2));
    let fits = |window: &Window| {
        images.iter().all(|image| image.height() >= window.height() && image.width() >= window.width())
    };
    [Some(quarters(3)), Some(window), Some(quarters(6)).filter(fits)].into_iter().flatten().collect()
}

/// The smoothness length of the settings, else the spacing of the lattice, else half a window.
pub(super) fn roughness_length(settings: &ImageSettings, image: &Image) -> RoughnessLength {
    let requested = settings.regularisation.smoothness.map(|smoothness| smoothness.length);
    if let Some(SmoothnessLength::Pixels(pixels)) = requested {
        return RoughnessLength { pixels, origin: "as given" };
    }
    // No lattice is found in images that are too small.
    match image.bragg_peaks(1).unwrap_or_default().first() {
        Some(wave) => RoughnessLength { pixels: wave.spacing(), origin: "the spacing of the lattice" },
        None => {
            let window = settings.preparation.window;
            let pixels = window.height().max(window.width()) as f64 / 2.0;
            RoughnessLength { pixels, origin: "half a window, as no lattice was found" }
        }
    }
}
