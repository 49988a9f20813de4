//! What is made small besides minus the log-likelihood: the KL divergence and the conditions on the latents.

use std::ops::Range;
use std::sync::Arc;

use ndarray::{Array2, ArrayView2};

use super::kl::KlPenalty;
use super::regulariser::content_average;
use crate::error::Result;
use crate::model::{ContentAverage, Elbo};
use crate::spec::SideWeights;
use crate::train::{LatentBatch, LatentCondition};

/// The objective of the steps of an epoch.
#[derive(Debug, Clone)]
pub(crate) struct Objective {
    pub(crate) kl: KlPenalty,
    pub(crate) conditions: Vec<Arc<dyn LatentCondition>>,
    /// The columns of the content latents.
    pub(crate) content: Range<usize>,
    /// Of a class or a number beside the latents.
    pub(crate) labels: SideWeights,
}

/// What a step gave, per sample.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Outcome {
    pub(crate) elbo: Elbo,
    /// Of the conditions; none without any.
    pub(crate) penalty: Option<f64>,
    /// What known labels cost, weighted; none in a model without them.
    pub(crate) supervised: Option<f64>,
}

impl Objective {
    #[cfg(test)]
    pub(crate) fn plain(latents: usize, beta: f64) -> Self {
        let labels = SideWeights { kl: beta, supervised: 3.0 };
        Self { kl: KlPenalty::plain(latents, beta), conditions: Vec::new(), content: 0..0, labels }
    }

    /// What the samples `indices` share.
    pub(crate) fn shared(&self, indices: &[usize]) -> Result<Option<ContentAverage>> {
        let sharings = self.conditions.iter().filter_map(|condition| condition.sharing(indices));
        content_average(sharings, indices.len(), &self.content)
    }

    /// The penalty of the conditions on means and standard deviations `[n, latents]` of the samples `indices`, and its slopes
    /// with respect to the means; none without conditions.
    pub(crate) fn of_conditions(
        &self,
        indices: &[usize],
        [means, sds]: [ArrayView2<'_, f64>; 2],
    ) -> Option<(f64, Array2<f64>)> {
        if self.conditions.is_empty() {
            return None;
        }
        let mut slopes = Array2::zeros(means.raw_dim());
        let batch = LatentBatch { indices, means, sds, content: self.content.clone() };
        let sum =
            self.conditions.iter().map(|condition| condition.penalty(&batch, &mut slopes.view_mut())).sum();
        Some((sum, slopes))
    }
}
