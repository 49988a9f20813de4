//! Stage 6: interpretation of the latents: correlation with given fields, clusters of patches, a table for
//! forests.

mod clusters;
mod features;
mod fields;

pub use fields::{Field, FieldFile};

pub(super) use clusters::{cluster_patches, write_clusters};
pub(super) use features::{FeatureBlocks, feature_table};

use adatom_interpret::{
    ClusterParams, ClusterTrial, FieldCorrelation, FieldSampling, LatentClusters, Latents,
};
use adatom_patch::{PatchGrid, Patches};
use serde::{Deserialize, Serialize};

use super::{EncodedPatches, Notice};
use crate::error::{Error, Result};

/// Numbers of clusters to try if none is given.
const CLUSTERS_TRIED: [usize; 2] = [2, 8];

/// How latents are interpreted.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct InterpretationSettings {
    /// Clusters of patches by their content; none by default.
    pub clusters: Option<ClusterCount>,
    /// Files of quantities known at every pixel.
    pub fields: Vec<FieldFile>,
    /// How a field is sampled for a patch.
    pub field_sampling: FieldSampling,
    /// Side in pixels of the blocks of the table, which serve as groups; two windows or an eighth of the
    /// image by default.
    pub block: Option<f64>,
}

/// The number of clusters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ClusterCount {
    /// A given number.
    Given(usize),
    /// The number from 2 to 8 with the largest mean silhouette.
    Best,
}

/// The interpretation of the latents.
#[derive(Debug, Clone, Default)]
pub struct Interpretation {
    fields: Vec<Field>,
    correlations: Vec<FieldCorrelation>,
    clusters: Option<LatentClusters>,
    pub(super) tried: Vec<ClusterTrial>,
    /// Content, rotation and scale; `None` if no content latent varies.
    pub(super) features: Option<Latents>,
    /// The features and the shift.
    pub(super) latents: Option<Latents>,
    pub(super) block: Option<f64>,
    notices: Vec<Notice>,
}

impl InterpretationSettings {
    /// Checks that there are enough patches for the clusters.
    ///
    /// # Errors
    /// [`Error::TooManyClusters`].
    pub fn check(&self, patches: &Patches) -> Result<()> {
        match self.clusters {
            Some(ClusterCount::Given(clusters)) if clusters > patches.len() => {
                Err(Error::TooManyClusters { clusters, patches: patches.len() })
            }
            _ => Ok(()),
        }
    }

    /// Correlates latents with fields and clusters the patches; `seed` initialises k-means.
    ///
    /// # Errors
    /// [`Error::Latents`] where clusters cannot be found.
    pub fn interpret(
        &self,
        encoded: &EncodedPatches,
        grid: &PatchGrid,
        fields: Vec<Field>,
        seed: u64,
    ) -> Result<Interpretation> {
        let mut notices = Vec::new();
        let features = features::of_posterior(encoded.posterior(), grid, &mut notices)?;
        let Some(features) = features else {
            if self.clusters.is_some() || !fields.is_empty() {
                notices.push(Notice::NoVaryingLatent);
            }
            return Ok(Interpretation { notices, fields, ..Interpretation::default() });
        };
        let latents = features::with_shift(&features, encoded.posterior())?;
        let mut correlations = Vec::new();
        for field in &fields {
            match FieldCorrelation::of(&latents, field.name(), field.values()) {
                Ok(found) => correlations.push(found),
                // The field itself varies: a latent is constant at the patches at which the field is known.
                Err(error) => notices
                    .push(Notice::FieldLeftOut { field: field.name().to_owned(), reason: error.to_string() }),
            }
        }
        let params = |count: usize| ClusterParams::new(count).seed(seed);
        let (clusters, tried) = match self.clusters {
            None => (None, Vec::new()),
            Some(ClusterCount::Given(count)) => (Some(params(count).fit(&latents)?), Vec::new()),
            Some(ClusterCount::Best) => {
                let [least, most] = CLUSTERS_TRIED;
                let found = params(least).fit_best(least..=latents.len().min(most), &latents)?;
                (Some(found.clusters), found.tried)
            }
        };
        Ok(Interpretation {
            fields,
            correlations,
            clusters,
            tried,
            features: Some(features),
            latents: Some(latents),
            block: self.block,
            notices,
        })
    }
}

impl Interpretation {
    /// The fields.
    pub fn fields(&self) -> &[Field] {
        &self.fields
    }

    /// The correlations of latents with fields.
    pub fn correlations(&self) -> &[FieldCorrelation] {
        &self.correlations
    }

    /// The clusters of patches.
    pub fn clusters(&self) -> Option<&LatentClusters> {
        self.clusters.as_ref()
    }

    /// The notices of this stage.
    pub fn notices(&self) -> &[Notice] {
        &self.notices
    }
}
