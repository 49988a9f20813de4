//! What is made small besides minus the log-likelihood: the KL divergence and the regularisers on the latents.

use std::ops::Range;
use std::sync::Arc;

use ndarray::{Array2, ArrayView2};

use super::kl::KlPenalty;
use super::regulariser::content_average;
use crate::error::Result;
use crate::model::{ContentAverage, Elbo};
use crate::spec::SideWeights;
use crate::train::{LatentBatch, LatentRegulariser};

/// The objective of the steps of an epoch.
#[derive(Debug, Clone)]
pub(crate) struct Objective {
    pub(crate) kl: KlPenalty,
    pub(crate) regularisers: Vec<Arc<dyn LatentRegulariser>>,
    /// The columns of the content latents.
    pub(crate) content: Range<usize>,
    /// Of a class or a number beside the latents.
    pub(crate) labels: SideWeights,
}

/// What a step gave, per sample.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Outcome {
    pub(crate) elbo: Elbo,
    /// Of the regularisers; none without any.
    pub(crate) penalty: Option<f64>,
    /// What known labels cost, weighted; none in a model without them.
    pub(crate) supervised: Option<f64>,
}

impl Objective {
    #[cfg(test)]
    pub(crate) fn plain(latents: usize, beta: f64) -> Self {
        let labels = SideWeights { kl: beta, supervised: 3.0 };
        Self { kl: KlPenalty::plain(latents, beta), regularisers: Vec::new(), content: 0..0, labels }
    }

    /// What the samples `indices` share.
    pub(crate) fn shared(&self, indices: &[usize]) -> Result<Option<ContentAverage>> {
        let sharings = self.regularisers.iter().filter_map(|regulariser| regulariser.sharing(indices));
        content_average(sharings, indices.len(), &self.content)
    }

    /// The penalty of the regularisers on means and standard deviations `[n, latents]` of the samples `indices`, and its slopes
    /// with respect to the means; none without regularisers.
    pub(crate) fn of_regularisers(
        &self,
        indices: &[usize],
        [means, sds]: [ArrayView2<'_, f64>; 2],
    ) -> Option<(f64, Array2<f64>)> {
        if self.regularisers.is_empty() {
            return None;
        }
        let mut slopes = Array2::zeros(means.raw_dim());
        let batch = LatentBatch { indices, means, sds, content: self.content.clone() };
        let sum = self
            .regularisers
            .iter()
            .map(|regulariser| regulariser.penalty(&batch, &mut slopes.view_mut()))
            .sum();
        Some((sum, slopes))
    }
}
