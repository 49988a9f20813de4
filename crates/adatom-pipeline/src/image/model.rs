//! The settings of the model: invariances, latents, layers, likelihood.

use adatom_patch::Patches;
use adatom_vae::{Invariance, Likelihood, SampleShape, VaeConfig};
use serde::{Deserialize, Serialize};

use super::Notice;
use crate::error::{Error, Result};

/// The model of a patch.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct ModelSettings {
    /// The invariances; shift by default.
    pub invariances: Vec<Invariance>,
    /// Number of content latents; 2 by default.
    pub latent_dim: usize,
    /// Prior standard deviation of the shift, where the window spans [-1, 1]; 0.1 by default.
    pub shift_prior: f64,
    /// The unit cell on which the shift is periodic, instead of a normal prior; none by default.
    pub unit_cell: Option<UnitCell>,
    /// How the coordinates enter the decoder.
    pub coordinates: Coordinates,
    /// Widths of the hidden layers of encoder and decoder; 128 and 128 by default.
    pub hidden: Vec<usize>,
    /// Likelihood of a pixel; Bernoulli by default.
    pub likelihood: Likelihood,
}

/// The unit cell of a lattice.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum UnitCell {
    /// The smallest cell that repeats in the first image.
    Auto,
    /// Two vectors (rows, columns), pixels.
    Vectors([[f64; 2]; 2]),
}

/// How the coordinates of pixels enter the decoder.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Coordinates {
    /// Unchanged, with initial weights multiplied by this factor.
    Frequency(f64),
    /// As Fourier features with about this number of periods across the window.
    Fourier(f64),
}

impl Default for ModelSettings {
    fn default() -> Self {
        Self {
            invariances: vec![Invariance::Shift],
            latent_dim: 2,
            shift_prior: 0.1,
            unit_cell: None,
            coordinates: Coordinates::Frequency(1.0),
            hidden: vec![128, 128],
            likelihood: Likelihood::Bernoulli,
        }
    }
}

impl ModelSettings {
    /// The configuration of the model for these patches; adds facts about the unit cell to
    /// `notices`.
    pub(super) fn config(&self, patches: &Patches, notices: &mut Vec<Notice>) -> Result<VaeConfig> {
        let window = patches.window();
        let shape = SampleShape::Image { height: window.height(), width: window.width() };
        let config = VaeConfig::new(shape)
            .latent_dim(self.latent_dim)
            .invariances(self.invariances.iter().copied())
            .hidden(self.hidden.clone())
            .likelihood(self.likelihood);
        let config = match self.unit_cell_of(patches, notices)? {
            Some(vectors) => config.shift_lattice(vectors),
            None => config.shift_prior(self.shift_prior),
        };
        Ok(match self.coordinates {
            Coordinates::Fourier(periods) => config.fourier_features(periods),
            Coordinates::Frequency(factor) => config.coordinate_frequency(factor),
        })
    }

    fn unit_cell_of(&self, patches: &Patches, notices: &mut Vec<Notice>) -> Result<Option<[[f64; 2]; 2]>> {
        let vectors = match self.unit_cell {
            None => return Ok(None),
            Some(UnitCell::Vectors(vectors)) => return Ok(Some(vectors)),
            Some(UnitCell::Auto) => patches.images()[0].lattice_vectors()?,
        };
        let Some(vectors) = vectors else {
            let problem = "no lattice with two directions was found in the first image".into();
            return Err(Error::Setting { setting: "unit cell", problem });
        };
        notices.push(Notice::UnitCell { vectors });
        let longest = vectors.iter().map(|vector| vector[0].hypot(vector[1])).fold(0.0, f64::max);
        let window = patches.window();
        if longest > 2.0 * window.height().max(window.width()) as f64 {
            notices.push(Notice::LargeUnitCell);
        }
        Ok(Some(vectors))
    }

    /// Names of the invariances joined by `separator`; `none` where there are none.
    pub fn invariance_names(&self, separator: &str) -> String {
        invariance_names(&self.invariances, separator)
    }
}

/// Names of invariances joined by `separator`; `none` where there are none.
pub(super) fn invariance_names(invariances: &[Invariance], separator: &str) -> String {
    let name = |invariance: &Invariance| format!("{invariance:?}").to_lowercase();
    match invariances {
        [] => "none".to_owned(),
        some => some.iter().map(name).collect::<Vec<_>>().join(separator),
    }
}

/// A likelihood in words, for reports.
pub(super) fn likelihood_in_words(likelihood: Likelihood) -> String {
    match likelihood {
        Likelihood::Bernoulli => "Bernoulli".into(),
        Likelihood::ContinuousBernoulli => "continuous Bernoulli".into(),
        Likelihood::Gaussian { sigma } => format!("Gaussian, σ = {sigma}"),
        Likelihood::GaussianLearned => "Gaussian, learned σ".into(),
        Likelihood::GaussianPerPixel => "Gaussian, learned σ per pixel".into(),
        Likelihood::Poisson => "Poisson".into(),
        other => format!("{other:?}"),
    }
}
