//! Packs weights once per call in the order in which the products read them, and unpacks gradients.

use std::ops::Range;

use crate::decoder::shape::DecoderShape;
use crate::panels::{Row, WIDTH, panels};

/// One layer `[outputs, inputs]` in both orders.
#[derive(Debug, Clone, Default)]
pub(crate) struct PackedLayer {
    /// Per panel of outputs, one row per input: `Wᵀ`.
    pub(crate) forward: Vec<Row>,
    /// Per panel of inputs, one row per output: `W`.
    pub(crate) backward: Vec<Row>,
    /// One row per panel of outputs.
    pub(crate) bias: Vec<Row>,
}

/// All weights of a decoder.
#[derive(Debug, Clone, Default)]
pub(crate) struct Packed {
    /// Columns of `W_c`, `b_c`, columns of `W_z`, each in panels.
    pub(crate) first: Vec<Row>,
    /// Layers 1 to K.
    pub(crate) layers: Vec<PackedLayer>,
    /// Per output, the panels of its row.
    pub(crate) head: Vec<Row>,
    pub(crate) head_bias: Vec<f32>,
}

impl Packed {
    /// Zeroed storage for a shape; what pads it stays zero.
    pub(crate) fn new(shape: &DecoderShape) -> Packed {
        let first = vec![Row::ZERO; (shape.dimensions + 1 + shape.latents) * panels(shape.hidden[0])];
        let layers = shape.hidden.windows(2).map(|pair| PackedLayer {
            forward: vec![Row::ZERO; pair[0] * panels(pair[1])],
            backward: vec![Row::ZERO; pair[1] * panels(pair[0])],
            bias: vec![Row::ZERO; panels(pair[1])],
        });
        let last = shape.hidden[shape.hidden.len() - 1];
        Packed {
            first,
            layers: layers.collect(),
            head: vec![Row::ZERO; shape.outputs * panels(last)],
            head_bias: vec![0.0; shape.outputs],
        }
    }

    /// Takes over flat weights.
    pub(crate) fn fill(&mut self, shape: &DecoderShape, weights: &[f32]) {
        let d = shape.dimensions;
        let per_column = panels(shape.hidden[0]);
        scatter_columns(&weights[shape.coordinate_weights()], d, per_column, &mut self.first);
        scatter_columns(&weights[shape.coordinate_bias()], 1, per_column, &mut self.first[d * per_column..]);
        let latent = &mut self.first[(d + 1) * per_column..];
        scatter_columns(&weights[shape.latent_weights()], shape.latents, per_column, latent);
        for (k, layer) in self.layers.iter_mut().enumerate() {
            let (matrix, bias) = shape.layer(k + 1);
            let (inputs, outputs) = (shape.hidden[k], shape.hidden[k + 1]);
            for (o, row) in weights[matrix].chunks_exact(inputs).enumerate() {
                for (i, &weight) in row.iter().enumerate() {
                    layer.forward[o / WIDTH * inputs + i].0[o % WIDTH] = weight;
                }
                for (panel, part) in row.chunks(WIDTH).enumerate() {
                    layer.backward[panel * outputs + o].0[..part.len()].copy_from_slice(part);
                }
            }
            copy_in(&weights[bias], &mut layer.bias);
        }
        let last = shape.hidden[shape.hidden.len() - 1];
        let rows = weights[shape.output_weights()].chunks_exact(last);
        for (row, packed) in rows.zip(self.head.chunks_exact_mut(panels(last))) {
            copy_in(row, packed);
        }
        self.head_bias.copy_from_slice(&weights[shape.output_bias()]);
    }
}

/// Where the parts of a weight gradient lie in one vector of rows.
#[derive(Debug, Clone)]
pub(crate) struct GradientLayout {
    /// As [`Packed::first`].
    pub(crate) first: Range<usize>,
    /// Per layer 1 to K: per panel of inputs, the outputs rounded up to panels; then the bias.
    pub(crate) layers: Vec<(Range<usize>, Range<usize>)>,
    /// As [`Packed::head`].
    pub(crate) head: Range<usize>,
    /// The bias of the outputs.
    pub(crate) head_bias: Range<usize>,
}

impl GradientLayout {
    pub(crate) fn new(shape: &DecoderShape) -> GradientLayout {
        let mut end = 0;
        let mut next = |rows: usize| {
            end += rows;
            end - rows..end
        };
        let last = shape.hidden[shape.hidden.len() - 1];
        GradientLayout {
            first: next((shape.dimensions + 1 + shape.latents) * panels(shape.hidden[0])),
            layers: shape
                .hidden
                .windows(2)
                .map(|pair| (next(panels(pair[0]) * panels(pair[1]) * WIDTH), next(panels(pair[1]))))
                .collect(),
            head: next(shape.outputs * panels(last)),
            head_bias: next(panels(shape.outputs)),
        }
    }

    /// Number of rows in all.
    pub(crate) fn rows(&self) -> usize {
        self.head_bias.end
    }

    /// Writes a gradient in flat order.
    pub(crate) fn unpack(&self, shape: &DecoderShape, rows: &[Row], flat: &mut [f32]) {
        let d = shape.dimensions;
        let per_column = panels(shape.hidden[0]);
        let first = &rows[self.first.clone()];
        gather_columns(first, d, per_column, &mut flat[shape.coordinate_weights()]);
        gather_columns(&first[d * per_column..], 1, per_column, &mut flat[shape.coordinate_bias()]);
        let latent = &first[(d + 1) * per_column..];
        gather_columns(latent, shape.latents, per_column, &mut flat[shape.latent_weights()]);
        for (k, (weights, bias)) in self.layers.iter().enumerate() {
            let (to_matrix, to_bias) = shape.layer(k + 1);
            let (inputs, outputs) = (shape.hidden[k], shape.hidden[k + 1]);
            let height = panels(outputs) * WIDTH;
            for (o, row) in flat[to_matrix].chunks_exact_mut(inputs).enumerate() {
                for (panel, part) in row.chunks_mut(WIDTH).enumerate() {
                    part.copy_from_slice(&rows[weights.start + panel * height + o].0[..part.len()]);
                }
            }
            copy_out(&rows[bias.clone()], &mut flat[to_bias]);
        }
        let last = shape.hidden[shape.hidden.len() - 1];
        let head = rows[self.head.clone()].chunks_exact(panels(last));
        for (packed, row) in head.zip(flat[shape.output_weights()].chunks_exact_mut(last)) {
            copy_out(packed, row);
        }
        copy_out(&rows[self.head_bias.clone()], &mut flat[shape.output_bias()]);
    }
}

/// Columns of a row-major `[height, columns]` matrix into panels, one column after the other.
fn scatter_columns(matrix: &[f32], columns: usize, per_column: usize, to: &mut [Row]) {
    for (index, &value) in matrix.iter().enumerate() {
        let (row, column) = (index / columns, index % columns);
        to[column * per_column + row / WIDTH].0[row % WIDTH] = value;
    }
}

/// The reverse of [`scatter_columns`].
fn gather_columns(from: &[Row], columns: usize, per_column: usize, matrix: &mut [f32]) {
    for (index, value) in matrix.iter_mut().enumerate() {
        let (row, column) = (index / columns, index % columns);
        *value = from[column * per_column + row / WIDTH].0[row % WIDTH];
    }
}

fn copy_in(from: &[f32], to: &mut [Row]) {
    for (part, row) in from.chunks(WIDTH).zip(to) {
        row.0[..part.len()].copy_from_slice(part);
    }
}

fn copy_out(from: &[Row], to: &mut [f32]) {
    for (row, part) in from.iter().zip(to.chunks_mut(WIDTH)) {
        part.copy_from_slice(&row.0[..part.len()]);
    }
}
