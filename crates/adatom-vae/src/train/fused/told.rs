//! What encoder and decoder are told of the samples of a batch beside values and latents.

use crate::spec::Known;

/// Samples `x` `[n, points]` with the condition of each appended; left empty without one.
pub(super) fn widen(input: &mut Vec<f32>, (x, n): (&[f32], usize), known: &Known) {
    input.clear();
    if let Known::Condition(rows) = known {
        for (sample, row) in x.chunks_exact(x.len() / n).zip(rows.rows()) {
            input.extend_from_slice(sample);
            input.extend(row);
        }
    }
}

/// Writes the condition of each sample behind its content, `[n, told]`.
pub(super) fn tell(content: &mut [f32], told: usize, known: &Known) {
    if let Known::Condition(rows) = known {
        for (content, row) in content.chunks_exact_mut(told).zip(rows.rows()) {
            let start = told - row.len();
            content[start..].iter_mut().zip(row).for_each(|(to, &from)| *to = from);
        }
    }
}
