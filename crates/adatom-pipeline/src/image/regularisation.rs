//! Regularisation of the latents: smooth maps, and weights of the KL divergence.

use adatom_patch::{BraggPeak, Image};
use adatom_vae::{Capacity, LatentGroup, Positions, Roughness, Smoothness, Trainer};
use serde::{Deserialize, Serialize};

use super::notice::LatticeLength;
use super::{Notice, PlacedPatches};
use crate::error::{Error, Result};

/// Smallest mean number of neighbours within the smoothness length for decoding from neighbours.
const FEWEST_NEIGHBOURS: f64 = 2.0;

/// How latents are regularised.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct RegularisationSettings {
    /// Smooth maps of the content; none by default.
    pub smoothness: Option<SmoothnessSettings>,
    /// Factor on the KL weight for rotation, shift and scale; 1 by default.
    pub pose_kl: f64,
    /// Factor on the KL weight for the content; 1 by default.
    pub content_kl: f64,
    /// Free bits: KL divergence per latent that is not penalised, nat; 0 by default.
    pub free_bits: f64,
    /// Target of the KL divergence, instead of the KL weight; none by default.
    pub capacity: Option<Capacity>,
}

/// The smoothness penalty of the content.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SmoothnessSettings {
    /// The distance within which variation of the content is penalised.
    pub length: SmoothnessLength,
    /// Weight: the penalty of spatially uncorrelated content, nat per patch and latent.
    pub weight: f64,
    /// How roughness is measured.
    pub roughness: Roughness,
    /// The content from which a patch is decoded.
    pub decoded_content: DecodedContent,
}

/// The distance within which variation of the content is penalised.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum SmoothnessLength {
    /// A distance in pixels.
    Pixels(f64),
    /// The spacing of the lattice in the first image; with content from neighbours, which must cover all
    /// positions in the unit cell, the length of its longer vector.
    Lattice,
}

/// The content from which a patch is decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DecodedContent {
    /// That of the patch.
    #[default]
    Own,
    /// The mean content of its neighbours.
    Neighbours,
}

impl Default for RegularisationSettings {
    fn default() -> Self {
        Self { smoothness: None, pose_kl: 1.0, content_kl: 1.0, free_bits: 0.0, capacity: None }
    }
}

impl SmoothnessSettings {
    /// Smoothness over `length` with a weight of 10 nat, by squared differences of neighbours.
    pub fn new(length: SmoothnessLength) -> Self {
        Self {
            length,
            weight: 10.0,
            roughness: Roughness::default(),
            decoded_content: DecodedContent::default(),
        }
    }

    fn length_on(&self, image: &Image, notices: &mut Vec<Notice>) -> Result<f64> {
        let (length, of) = match (self.length, self.decoded_content) {
            (SmoothnessLength::Pixels(pixels), _) => return Ok(pixels),
            (SmoothnessLength::Lattice, DecodedContent::Own) => (None, LatticeLength::Spacing),
            (SmoothnessLength::Lattice, DecodedContent::Neighbours) => {
                let length = |[rows, columns]: [f64; 2]| rows.hypot(columns);
                let cell = image.lattice_vectors()?;
                (cell.and_then(|cell| cell.map(length).into_iter().reduce(f64::max)), LatticeLength::UnitCell)
            }
        };
        let spacing = || Ok(image.bragg_peaks(1)?.first().map(BraggPeak::spacing));
        let length = match length {
            Some(length) => Some(length),
            None => spacing().map_err(|error: adatom_patch::Error| Error::Patch(error))?,
        };
        let Some(pixels) = length else {
            let problem = "no lattice was found in the first image".into();
            return Err(Error::Setting { setting: "smoothness length", problem });
        };
        notices.push(Notice::SmoothnessLength { pixels, of });
        Ok(pixels)
    }
}

impl RegularisationSettings {
    /// Adds the regularisation to a training.
    pub(super) fn apply(
        &self,
        trainer: Trainer,
        placed: &PlacedPatches,
        notices: &mut Vec<Notice>,
    ) -> Result<Trainer> {
        let mut trainer = trainer
            .group_kl_weight(LatentGroup::POSE, self.pose_kl)
            .group_kl_weight([LatentGroup::Content], self.content_kl)
            .free_bits(self.free_bits);
        if let Some(capacity) = self.capacity {
            trainer = trainer.capacity(capacity);
        }
        let Some(settings) = self.smoothness else { return Ok(trainer) };
        let length = settings.length_on(&placed.images().images()[0], notices)?;
        let positions = Positions::of_patches(placed.patches().patch_grid());
        let mut smoothness =
            Smoothness::new(positions, length)?.weight(settings.weight).roughness(settings.roughness);
        if settings.decoded_content == DecodedContent::Neighbours {
            smoothness = smoothness.content_from_neighbours();
            let neighbours = smoothness.mean_neighbours();
            if neighbours < FEWEST_NEIGHBOURS {
                let problem = format!(
                    "patches have on average {neighbours:.1} neighbours within {length:.2} pixels; expected \
                     at least {FEWEST_NEIGHBOURS}: use more patches or a larger length"
                );
                return Err(Error::Setting { setting: "content from neighbours", problem });
            }
        }
        Ok(trainer.regulariser(smoothness))
    }

    /// The smoothness in words, for reports.
    pub(super) fn smoothness_in_words(&self) -> String {
        let Some(settings) = self.smoothness else { return "none".into() };
        let length = match settings.length {
            SmoothnessLength::Pixels(pixels) => format!("over {pixels} pixels"),
            SmoothnessLength::Lattice => "over the spacing of the lattice".into(),
        };
        match settings.decoded_content {
            DecodedContent::Own => length,
            DecodedContent::Neighbours => format!("{length}, decoded from neighbours"),
        }
    }
}
