//! The terms of the loss besides minus the log-likelihood: KL divergence, regularisers, labels.

use std::ops::Range;
use std::sync::Arc;

use ndarray::Array2;

use super::kl::KlPenalty;
use super::regulariser::{LatentBatch, LatentRegulariser, content_average};
use crate::error::Result;
use crate::model::{ContentAverage, Elbo};
use crate::spec::LabelLossWeights;

/// The objective of the steps of an epoch.
#[derive(Debug, Clone)]
pub(crate) struct Objective {
    pub(crate) kl: KlPenalty,
    pub(crate) regularisers: Vec<Arc<dyn LatentRegulariser>>,
    /// The columns of the content latents.
    pub(crate) content: Range<usize>,
    /// Of a class or a target.
    pub(crate) labels: LabelLossWeights,
}

/// The results of a step, per sample.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Outcome {
    pub(crate) elbo: Elbo,
    /// Of the regularisers; none without any.
    pub(crate) penalty: Option<f64>,
    /// Weighted loss of known labels; none in a model without labels.
    pub(crate) supervised: Option<f64>,
}

/// Means and standard deviations `[n, latents]` of a batch.
pub(crate) struct LatentMoments {
    pub(crate) means: Array2<f64>,
    pub(crate) sds: Array2<f64>,
}

/// The penalty of the regularisers, summed over a batch.
pub(crate) struct Penalty {
    pub(crate) value: f64,
    /// With respect to the means, `[n, latents]`.
    pub(crate) gradient: Array2<f64>,
}

impl Objective {
    #[cfg(test)]
    pub(crate) fn plain(latents: usize, beta: f64) -> Self {
        let labels = LabelLossWeights { kl: beta, supervised: 3.0 };
        Self { kl: KlPenalty::plain(latents, beta), regularisers: Vec::new(), content: 0..0, labels }
    }

    /// The content that the samples `indices` share.
    pub(crate) fn content_average(&self, indices: &[usize]) -> Result<Option<ContentAverage>> {
        let sharings = self.regularisers.iter().filter_map(|regulariser| regulariser.sharing(indices));
        content_average(sharings, indices.len(), &self.content)
    }

    /// The penalty of the regularisers on the samples `indices`; none without regularisers.
    pub(crate) fn penalty(&self, indices: &[usize], moments: &LatentMoments) -> Option<Penalty> {
        if self.regularisers.is_empty() {
            return None;
        }
        let (means, sds) = (moments.means.view(), moments.sds.view());
        let mut gradient = Array2::zeros(means.raw_dim());
        let batch = LatentBatch { indices, means, sds, content: self.content.clone() };
        let penalties = self.regularisers.iter().map(|one| one.penalty(&batch, &mut gradient.view_mut()));
        Some(Penalty { value: penalties.sum(), gradient })
    }
}
