//! Scores the pixels of one tile and leaves the derivatives of the log-likelihood in place of the outputs.

use crate::batch::Target;
use crate::likelihood::{Likelihood, Score, ScoreNoise};
use crate::tile::{Batch, Scratch};

/// λ of every value, and where its slopes are added up.
pub(crate) type Widths<'a> = (&'a [f32], &'a mut [f32]);

/// Log-likelihoods of the tile just evaluated, added to those of its patches; with `noise`, λ of every value and where its
/// slopes are added up (nowhere, if empty).
pub(crate) fn score_tile(
    batch: &Batch<'_>,
    scratch: &mut Scratch,
    (target, mut noise): (&Target<'_>, Option<Widths<'_>>),
    (first_patch, scores): (usize, &mut [f64]),
) {
    let channels = batch.shape.outputs;
    let points = batch.grid.len() / batch.shape.dimensions;
    for segment in &scratch.segments {
        let range = segment.rows.start * channels..segment.rows.end * channels;
        let values = &mut scratch.values[range.clone()];
        for (offset, value) in values.chunks_exact_mut(channels).enumerate() {
            let at = segment.patch * points + batch.pixel(segment.patch, segment.first + offset);
            value.copy_from_slice(&target.values[at * channels..][..channels]);
        }
        let weight = target.sample_weight.map_or(1.0, |weights| weights[segment.patch]);
        let logits = &mut scratch.outputs[range];
        match (&mut noise, target.likelihood) {
            (Some((log_sigma, slopes)), Likelihood::Gaussian { sigma, mean }) => {
                let at = |offset: usize| batch.pixel(segment.patch, segment.first + offset) * channels;
                scratch.noise.clear();
                for offset in 0..segment.rows.len() {
                    scratch.noise.extend_from_slice(&log_sigma[at(offset)..][..channels]);
                }
                let noise = scratch.noise.as_mut_slice();
                batch.instructions.run(ScoreNoise { sigma, mean, logits, values, noise, weight });
                if !slopes.is_empty() {
                    for (offset, noise) in scratch.noise.chunks_exact(channels).enumerate() {
                        let sums = &mut slopes[at(offset)..][..channels];
                        sums.iter_mut().zip(noise).for_each(|(sum, slope)| *sum += slope);
                    }
                }
            }
            (_, likelihood) => batch.instructions.run(Score { likelihood, logits, values, weight }),
        }
        scores[segment.patch - first_patch] += values.iter().map(|&value| f64::from(value)).sum::<f64>();
    }
}
