//! Which settings are tried, and over which length maps are compared.

use adatom_patch::{Image, Window};
use adatom_vae::Invariance;

use super::{ExploreSettings, RoughnessLength, TrialSettings};
use crate::error::{Error, Result};
use crate::image::{ImageSettings, SmoothnessLength};

/// More than this is no small grid.
const MOST_TRIALS: usize = 200;

/// All points in the order in which they are shown. Where nothing is listed, windows, latents and invariances
/// around the given settings are tried; otherwise what is not listed stays as given.
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

/// What is listed, each once; `default` where nothing at all is; `None` where only others are.
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

/// Three quarters of a window, the window, and, where it fits, half as much again.
fn windows_around(window: Window, images: &[Image]) -> Vec<Window> {
    let [height, width] = [window.height(), window.width()];
    let quarters = |count: usize| Window::new((height * count / 4).max(2), (width * count / 4).max(2));
    let fits = |window: &Window| {
        images.iter().all(|image| image.height() >= window.height() && image.width() >= window.width())
    };
    [Some(quarters(3)), Some(window), Some(quarters(6)).filter(fits)].into_iter().flatten().collect()
}

/// Over how many pixels maps should be smooth: as the settings say, else the spacing of the lattice, else
/// half a window.
pub(super) fn roughness_length(settings: &ImageSettings, image: &Image) -> RoughnessLength {
    let asked = settings.regularisation.smoothness.map(|smoothness| smoothness.length);
    if let Some(SmoothnessLength::Pixels(pixels)) = asked {
        return RoughnessLength { pixels, origin: "as given" };
    }
    // Images too small for a lattice to be seen have none.
    match image.bragg_peaks(1).unwrap_or_default().first() {
        Some(wave) => RoughnessLength { pixels: wave.spacing(), origin: "the spacing of the lattice" },
        None => {
            let window = settings.preparation.window;
            let pixels = window.height().max(window.width()) as f64 / 2.0;
            RoughnessLength { pixels, origin: "half a window, as no lattice was found" }
        }
    }
}
