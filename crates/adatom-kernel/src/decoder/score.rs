//! Scores the points of one tile and replaces the outputs by the gradient of the log-likelihood.

use crate::decoder::batch::Observations;
use crate::decoder::tile::{Batch, Scratch};
use crate::likelihood::{Likelihood, Score, ScoreLogSigma};

/// Where one share of samples adds the results of scoring.
pub(crate) struct ShareScores<'a> {
    /// Index of the first sample of the share.
    pub(crate) first_sample: usize,
    /// Log-likelihood of each sample of the share.
    pub(crate) log_likelihood: &'a mut [f64],
    /// Gradient with respect to [`Observations::log_sigma`]; empty where it is not wanted.
    pub(crate) log_sigma: &'a mut [f32],
}

/// Scores the tile just evaluated.
pub(crate) fn score_tile(
    batch: &Batch<'_>,
    scratch: &mut Scratch,
    observations: &Observations<'_>,
    scores: &mut ShareScores<'_>,
) {
    let channels = batch.shape.outputs;
    let points = batch.grid.len() / batch.shape.dimensions;
    for segment in &scratch.segments {
        let range = segment.rows.start * channels..segment.rows.end * channels;
        let values = &mut scratch.values[range.clone()];
        for (offset, value) in values.chunks_exact_mut(channels).enumerate() {
            let at = segment.sample * points + batch.point(segment.sample, segment.first + offset);
            value.copy_from_slice(&observations.values[at * channels..][..channels]);
        }
        let weight = observations.sample_weight.map_or(1.0, |weights| weights[segment.sample]);
        let logits = &mut scratch.outputs[range];
        match (observations.log_sigma, observations.likelihood) {
            (Some(all), Likelihood::Gaussian { sigma, mean }) => {
                let at = |offset: usize| batch.point(segment.sample, segment.first + offset) * channels;
                scratch.log_sigma.clear();
                for offset in 0..segment.rows.len() {
                    scratch.log_sigma.extend_from_slice(&all[at(offset)..][..channels]);
                }
                let log_sigma = scratch.log_sigma.as_mut_slice();
                batch.instructions.run(ScoreLogSigma { sigma, mean, logits, values, log_sigma, weight });
                if !scores.log_sigma.is_empty() {
                    for (offset, gradient) in scratch.log_sigma.chunks_exact(channels).enumerate() {
                        let sums = &mut scores.log_sigma[at(offset)..][..channels];
                        sums.iter_mut().zip(gradient).for_each(|(sum, gradient)| *sum += gradient);
                    }
                }
            }
            (_, likelihood) => batch.instructions.run(Score { likelihood, logits, values, weight }),
        }
        scores.log_likelihood[segment.sample - scores.first_sample] +=
            values.iter().map(|&value| f64::from(value)).sum::<f64>();
    }
}
