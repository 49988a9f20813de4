//! Classes, of which the encoder gives the probabilities: every class of a sample is one row of the decoder.
//!
//! With logits a, q = softmax(a) and ℓ_y = ln p(x | z, y) a sample adds -Σ_y q_y ℓ_y + β Σ_y q_y (ln q_y + ln
//! c) to the loss, so that ∂L/∂a_y = q_y (g_y - Σ q g) with g_y = -ℓ_y + β ln q_y. A sample whose class is
//! known adds -ℓ of that class and the cross entropy -α ln q of it, ∂L/∂a_y = α (q_y - 1[known]). The
//! decoder's rows are weighted by q, so that their gradients add up to those of the sample.

use super::{Draws, LabelSums, Latents};
use crate::model::{ClassRow, class_rows};
use crate::spec::LabelLossWeights;

/// The rows of the decoder for a batch with classes.
#[derive(Debug)]
pub(super) struct Classes {
    classes: usize,
    rows: Vec<ClassRow>,
    /// q, `[n, classes]`.
    probabilities: Vec<f64>,
    /// Coordinate changes, content with the class, values and scored points of the rows.
    change: Vec<f32>,
    content: Vec<f32>,
    values: Vec<f32>,
    points: Vec<u32>,
    /// Gradients with respect to the rows.
    change_gradient: Vec<f32>,
    content_gradient: Vec<f32>,
}

/// Inputs of the decoder, and buffers for the gradients with respect to them.
pub(super) struct Rows<'a> {
    pub(super) change: &'a [f32],
    pub(super) content: &'a [f32],
    pub(super) values: &'a [f32],
    pub(super) points: Option<&'a [u32]>,
    pub(super) change_gradient: &'a mut [f32],
    pub(super) content_gradient: &'a mut [f32],
}

impl Classes {
    pub(super) fn new(classes: usize) -> Self {
        Self {
            classes,
            rows: Vec::new(),
            probabilities: Vec::new(),
            change: Vec::new(),
            content: Vec::new(),
            values: Vec::new(),
            points: Vec::new(),
            change_gradient: Vec::new(),
            content_gradient: Vec::new(),
        }
    }

    /// Computes the rows from the latents of the samples `x` `[n, points]`; gives the weight of each row in
    /// the sum of log-likelihoods.
    pub(super) fn expand(&mut self, latents: &Latents, x: &[f32], draws: &Draws) -> Vec<f32> {
        let (n, c) = (draws.indices.len(), self.classes);
        self.rows = class_rows(&draws.labels, n, c);
        self.probabilities.clear();
        for encoded in latents.encoded.chunks_exact(latents.encoded.len() / n) {
            self.probabilities.extend(softmax(&encoded[encoded.len() - c..]));
        }
        let subset = draws.subset.as_ref().map_or(&[][..], |subset| &subset.points);
        let Self { rows, change, content, values, points, .. } = self;
        repeat(rows, change, &latents.change, n);
        repeat(rows, content, &latents.content, n);
        repeat(rows, values, x, n);
        repeat(rows, points, subset, n);
        let width = latents.content.len() / n;
        for (content, row) in content.chunks_exact_mut(width).zip(rows.iter()) {
            let one_hot = &mut content[width - c..];
            one_hot.fill(0.0);
            one_hot[row.class] = 1.0;
        }
        self.change_gradient.resize(self.change.len(), 0.0);
        self.content_gradient.resize(self.content.len(), 0.0);
        self.rows.iter().map(|row| self.weight(row) as f32).collect()
    }

    /// The rows of the last [`expand`](Self::expand).
    pub(super) fn rows(&mut self, draws: &Draws) -> Rows<'_> {
        Rows {
            change: &self.change,
            content: &self.content,
            values: &self.values,
            points: draws.subset.as_ref().map(|_| self.points.as_slice()),
            change_gradient: &mut self.change_gradient,
            content_gradient: &mut self.content_gradient,
        }
    }

    fn weight(&self, row: &ClassRow) -> f64 {
        if row.known { 1.0 } else { self.probabilities[row.sample * self.classes + row.class] }
    }

    /// Gradients with respect to the samples' coordinate changes and contents from those of their rows.
    pub(super) fn gather(&self, gradients: &mut Latents, n: usize) {
        gradients.change.fill(0.0);
        gradients.content.fill(0.0);
        add(&self.rows, &self.change_gradient, &mut gradients.change, n);
        add(&self.rows, &self.content_gradient, &mut gradients.content, n);
    }

    /// Gradients with respect to the logits, the last of `encoded` `[n, outputs]`, from the log-likelihoods
    /// of the rows.
    pub(super) fn backward(
        &self,
        log_likelihood: &[f64],
        encoded: &mut [f32],
        n: usize,
        weights: &LabelLossWeights,
    ) -> LabelSums {
        let (c, ln_c) = (self.classes, (self.classes as f64).ln());
        let mut sums = LabelSums { log_likelihood: 0.0, kl: 0.0, cross_entropy: 0.0 };
        let outputs = encoded.len() / n;
        let mut rows = self.rows.iter().zip(log_likelihood).peekable();
        for (sample, encoded) in encoded.chunks_exact_mut(outputs).enumerate() {
            let q = &self.probabilities[sample * c..][..c];
            let logs: Vec<f64> = q.iter().map(|q| q.max(f64::MIN_POSITIVE).ln()).collect();
            let gradient = &mut encoded[outputs - c..];
            let mut g = Vec::with_capacity(c);
            while let Some((row, score)) = rows.next_if(|(row, _)| row.sample == sample) {
                sums.log_likelihood += self.weight(row) * score;
                if row.known {
                    sums.kl += ln_c;
                    sums.cross_entropy -= logs[row.class];
                    for (class, (gradient, q)) in gradient.iter_mut().zip(q).enumerate() {
                        let known = if class == row.class { 1.0 } else { 0.0 };
                        *gradient = (weights.supervised * (q - known)) as f32;
                    }
                } else {
                    sums.kl += q[row.class] * (logs[row.class] + ln_c);
                    g.push(weights.kl * logs[row.class] - score);
                }
            }
            if g.len() == c {
                let mean: f64 = q.iter().zip(&g).map(|(q, g)| q * g).sum();
                for ((gradient, q), g) in gradient.iter_mut().zip(q).zip(&g) {
                    *gradient = (q * (g - mean)) as f32;
                }
            }
        }
        sums
    }
}

/// eᵃ / Σ eᵃ.
fn softmax(logits: &[f32]) -> impl Iterator<Item = f64> {
    let largest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let exponential = move |a: f32| f64::from(a - largest).exp();
    let sum: f64 = logits.iter().map(|&a| exponential(a)).sum();
    logits.iter().map(move |&a| exponential(a) / sum)
}

/// The entries of the samples `from` `[n, width]`, repeated for each row.
fn repeat<T: Copy>(rows: &[ClassRow], to: &mut Vec<T>, from: &[T], n: usize) {
    let width = from.len() / n;
    to.clear();
    for row in rows {
        to.extend_from_slice(&from[row.sample * width..][..width]);
    }
}

/// Adds the entries of rows to those of their samples, `[n, width]`.
fn add(rows: &[ClassRow], from: &[f32], to: &mut [f32], n: usize) {
    let width = to.len() / n;
    if width == 0 {
        return;
    }
    for (row, from) in rows.iter().zip(from.chunks_exact(width)) {
        let to = &mut to[row.sample * width..][..width];
        to.iter_mut().zip(from).for_each(|(to, &from)| *to += from);
    }
}
