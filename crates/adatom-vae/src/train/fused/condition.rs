//! The condition of a batch as input of encoder and decoder.

use crate::spec::Labels;

/// The samples `x` of a batch of n, `[n, points]`, with the condition of each appended; left empty without a
/// condition.
pub(super) fn append_to_samples(input: &mut Vec<f32>, x: &[f32], n: usize, labels: &Labels) {
    input.clear();
    if let Labels::Condition(rows) = labels {
        for (sample, row) in x.chunks_exact(x.len() / n).zip(rows.rows()) {
            input.extend_from_slice(sample);
            input.extend(row);
        }
    }
}

/// Writes the condition of each sample behind its content, `[n, width]`.
pub(super) fn write_behind_content(content: &mut [f32], width: usize, labels: &Labels) {
    if let Labels::Condition(rows) = labels {
        for (content, row) in content.chunks_exact_mut(width).zip(rows.rows()) {
            let start = width - row.len();
            content[start..].iter_mut().zip(row).for_each(|(to, &from)| *to = from);
        }
    }
}
