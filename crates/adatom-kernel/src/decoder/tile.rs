//! One tile of points from its coordinates to the outputs, and back to the gradients, without leaving the
//! cache.
//!
//! A tile is a run of points in batch order; it may cover parts of several samples, its [`Segment`]s.
//! Backwards, each delta replaces the activation it belongs to: `W_k`'s gradient needs `a_(k-1)` before,
//! nobody needs it after.

use std::ops::Range;

use crate::activation::{Activate, Delta};
use crate::decoder::coordinate_layer::{Embed, Fold, Sample, Sums, Unfold};
use crate::decoder::output_layer::{Head, HeadBackward};
use crate::decoder::pack::{GradientLayout, Packed};
use crate::decoder::product::{Outer, Product, ROW_BLOCK};
use crate::decoder::shape::DecoderShape;
use crate::panels::{Row, WIDTH, flat_mut, panels};
use crate::simd::Instructions;

/// The points of one sample inside a tile.
#[derive(Debug, Clone)]
pub(crate) struct Segment {
    pub(crate) sample: usize,
    /// Rows of the tile.
    pub(crate) rows: Range<usize>,
    /// Index, among the points scored of the sample, of the first row.
    pub(crate) first: usize,
    /// Whether the last point of the sample is in this segment.
    pub(crate) ends_sample: bool,
}

/// Buffers of one thread.
#[derive(Debug)]
pub(crate) struct Scratch {
    /// Activations, then deltas, per layer: panels of `tile_rows` rows.
    layers: Vec<Vec<Row>>,
    /// Derivatives per layer where they do not follow from the values, else empty.
    derivatives: Vec<Vec<Row>>,
    /// Derivatives with respect to one panel of activations.
    upstream: Vec<Row>,
    /// `[E0 | E1 | e]` of the current sample.
    folded: Vec<Row>,
    /// `[S0 | S1 | s]` of the current sample.
    sums: Vec<Row>,
    coordinates: [Vec<f32>; 2],
    /// Outputs, then derivatives with respect to them, `[rows, outputs]`.
    pub(crate) outputs: Vec<f32>,
    /// Values to score, then their log-likelihoods, `[rows, outputs]`.
    pub(crate) values: Vec<f32>,
    /// Log sigma of each value, then derivatives with respect to it, `[rows, outputs]`; empty until used.
    pub(crate) log_sigma: Vec<f32>,
    pub(crate) segments: Vec<Segment>,
}

impl Scratch {
    pub(crate) fn new(shape: &DecoderShape, tile_rows: usize) -> Scratch {
        let layer = |&width: &usize| vec![Row::ZERO; panels(width) * tile_rows];
        let derivatives = shape.hidden.iter().enumerate();
        Scratch {
            layers: shape.hidden.iter().map(layer).collect(),
            derivatives: derivatives
                .map(|(k, h)| if shape.activation_of(k).keeps_derivative() { layer(h) } else { Vec::new() })
                .collect(),
            upstream: vec![Row::ZERO; tile_rows],
            folded: vec![Row::ZERO; 3 * panels(shape.hidden[0])],
            sums: vec![Row::ZERO; 3 * panels(shape.hidden[0])],
            coordinates: [vec![0.0; tile_rows], vec![0.0; tile_rows]],
            outputs: vec![0.0; tile_rows * shape.outputs],
            values: vec![0.0; tile_rows * shape.outputs],
            log_sigma: Vec::new(),
            segments: Vec::with_capacity(tile_rows),
        }
    }
}

/// What all tiles of a call share.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Batch<'a> {
    pub(crate) shape: &'a DecoderShape,
    pub(crate) layout: &'a GradientLayout,
    pub(crate) packed: &'a Packed,
    pub(crate) instructions: Instructions,
    pub(crate) tile_rows: usize,
    pub(crate) grid: &'a [f32],
    pub(crate) affine: &'a [f32],
    pub(crate) latents: &'a [f32],
    /// Points scored per sample, all of them where absent.
    pub(crate) points: Option<&'a [u32]>,
    /// Number of points scored per sample.
    pub(crate) count: usize,
}

impl Batch<'_> {
    /// The grid index of a scored point.
    #[inline]
    pub(crate) fn point(&self, sample: usize, index: usize) -> usize {
        self.points.map_or(index, |points| points[sample * self.count + index] as usize)
    }

    /// Cuts a run of points (in batch order) into tiles.
    pub(crate) fn tiles(&self, rows: Range<usize>) -> impl Iterator<Item = Range<usize>> {
        let size = self.tile_rows;
        rows.clone().step_by(size).map(move |start| start..rows.end.min(start + size))
    }

    fn sample(&self, index: usize) -> Sample<'_> {
        let (affine, latents) = (self.shape.affine_len(), self.shape.latents);
        Sample {
            dimensions: self.shape.dimensions,
            affine: &self.affine[index * affine..][..affine],
            latents: &self.latents[index * latents..][..latents],
        }
    }

    /// Finds the segments and coordinates of a tile.
    pub(crate) fn locate(&self, scratch: &mut Scratch, tile: &Range<usize>) {
        let d = self.shape.dimensions;
        scratch.segments.clear();
        let mut row = tile.start;
        while row < tile.end {
            let (sample, first) = (row / self.count, row % self.count);
            let end = tile.end.min((sample + 1) * self.count);
            let rows = row - tile.start..end - tile.start;
            for (offset, at) in rows.clone().enumerate() {
                let point = self.point(sample, first + offset);
                scratch.coordinates[0][at] = self.grid[point * d];
                if d == 2 {
                    scratch.coordinates[1][at] = self.grid[point * d + 1];
                }
            }
            scratch.segments.push(Segment {
                sample,
                rows,
                first,
                ends_sample: end == (sample + 1) * self.count,
            });
            row = end;
        }
    }

    /// Evaluates the network for the located tile of `rows` points; `keep` what the backward pass needs.
    pub(crate) fn forward(&self, scratch: &mut Scratch, rows: usize, keep: Keep) {
        let stride = self.tile_rows;
        self.first_layer(scratch, keep);
        let padded = rows.next_multiple_of(ROW_BLOCK);
        for (k, packed) in self.packed.layers.iter().enumerate() {
            let (inputs, outputs) = (self.shape.hidden[k], self.shape.hidden[k + 1]);
            let (before, after) = scratch.layers.split_at_mut(k + 1);
            let derivatives = &mut scratch.derivatives[k + 1];
            for (j, bias) in packed.bias.iter().enumerate() {
                let panel = &mut after[0][j * stride..][..padded];
                self.instructions.run(Product {
                    a: &before[k],
                    stride,
                    b: &packed.forward[j * inputs..][..inputs],
                    start: bias,
                    columns: (outputs - j * WIDTH).min(WIDTH),
                    out: panel,
                });
                let derivatives = if keep == Keep::ForBackward && !derivatives.is_empty() {
                    flat_mut(&mut derivatives[j * stride..][..rows])
                } else {
                    &mut []
                };
                self.instructions.run(Activate {
                    activation: self.shape.activation,
                    values: flat_mut(&mut panel[..rows]),
                    derivatives,
                });
            }
        }
        self.instructions.run(Head {
            a: &scratch.layers[self.packed.layers.len()],
            stride,
            weights: &self.packed.head,
            bias: &self.packed.head_bias,
            out: &mut scratch.outputs[..rows * self.shape.outputs],
        });
    }

    fn first_layer(&self, scratch: &mut Scratch, keep: Keep) {
        let columns = panels(self.shape.hidden[0]);
        for segment in &scratch.segments {
            self.instructions.run(Fold {
                sample: self.sample(segment.sample),
                weights: &self.packed.first,
                panels: columns,
                folded: &mut scratch.folded,
            });
            for panel in 0..columns {
                let out = &mut scratch.layers[0][panel * self.tile_rows..][segment.rows.clone()];
                self.instructions.run(Embed {
                    folded: [0, 1, 2].map(|slot| &scratch.folded[slot * columns + panel]),
                    coordinates: [0, 1].map(|axis| &scratch.coordinates[axis][segment.rows.clone()]),
                    out,
                });
                let derivatives = &mut scratch.derivatives[0];
                let derivatives = if keep == Keep::ForBackward && !derivatives.is_empty() {
                    flat_mut(&mut derivatives[panel * self.tile_rows..][segment.rows.clone()])
                } else {
                    &mut []
                };
                self.instructions.run(Activate {
                    activation: self.shape.first,
                    values: flat_mut(out),
                    derivatives,
                });
            }
        }
    }

    /// Propagates the derivatives in `scratch.outputs` back through the tile just evaluated.
    pub(crate) fn backward(&self, scratch: &mut Scratch, rows: usize, gradient: &mut ShareGradient<'_>) {
        self.head_backward(scratch, rows, gradient.weights);
        for k in (1..self.shape.hidden.len()).rev() {
            self.layer_backward(scratch, rows, k, gradient.weights);
        }
        self.first_backward(scratch, gradient);
    }

    fn head_backward(&self, scratch: &mut Scratch, rows: usize, gradient: &mut [Row]) {
        let outputs = self.shape.outputs;
        let last = self.shape.hidden.len() - 1;
        let derivatives = &scratch.outputs[..rows * outputs];
        let bias = &mut gradient[self.layout.head_bias.clone()];
        for point in derivatives.chunks_exact(outputs) {
            for (o, g) in point.iter().enumerate() {
                bias[o / WIDTH].0[o % WIDTH] += g;
            }
        }
        let columns = panels(self.shape.hidden[last]);
        for panel in 0..columns {
            self.instructions.run(HeadBackward {
                a: &scratch.layers[last][panel * self.tile_rows..][..rows],
                gradient: &scratch.outputs[..rows * outputs],
                weights: &self.packed.head[panel..],
                weight_gradient: &mut gradient[self.layout.head.clone()][panel..],
                panels: columns,
                upstream: &mut scratch.upstream[..rows],
            });
            self.delta(scratch, rows, LayerPanel { layer: last, panel }, gradient);
        }
    }

    /// Gradient of `W_k`, then the deltas of layer k - 1, one panel of its columns after the other.
    fn layer_backward(&self, scratch: &mut Scratch, rows: usize, k: usize, gradient: &mut [Row]) {
        let (inputs, outputs) = (self.shape.hidden[k - 1], self.shape.hidden[k]);
        let stride = self.tile_rows;
        let height = panels(outputs) * WIDTH;
        let (weights, _) = &self.layout.layers[k - 1];
        for i in 0..panels(inputs) {
            let columns = (inputs - i * WIDTH).min(WIDTH);
            self.instructions.run(Outer {
                d: &scratch.layers[k],
                stride,
                a: &scratch.layers[k - 1][i * stride..][..rows],
                columns,
                out: &mut gradient[weights.start + i * height..][..height],
                height: outputs,
            });
            self.instructions.run(Product {
                a: &scratch.layers[k],
                stride,
                b: &self.packed.layers[k - 1].backward[i * outputs..][..outputs],
                start: &Row::ZERO,
                columns,
                out: &mut scratch.upstream[..rows.next_multiple_of(ROW_BLOCK)],
            });
            self.delta(scratch, rows, LayerPanel { layer: k - 1, panel: i }, gradient);
        }
    }

    /// Replaces one panel of a layer's activations by its deltas, from `scratch.upstream`.
    fn delta(
        &self,
        scratch: &mut Scratch,
        rows: usize,
        LayerPanel { layer, panel }: LayerPanel,
        gradient: &mut [Row],
    ) {
        let start = panel * self.tile_rows;
        // The first layer's bias gradient comes with the sums per sample.
        let mut unused = Row::ZERO;
        let sums = match layer {
            0 => &mut unused,
            k => &mut gradient[self.layout.layers[k - 1].1.start + panel],
        };
        let derivatives = &scratch.derivatives[layer];
        self.instructions.run(Delta {
            activation: self.shape.activation_of(layer),
            upstream: &scratch.upstream[..rows],
            values: &mut scratch.layers[layer][start..][..rows],
            derivatives: if derivatives.is_empty() { derivatives } else { &derivatives[start..][..rows] },
            sums,
        });
    }

    fn first_backward(&self, scratch: &mut Scratch, gradient: &mut ShareGradient<'_>) {
        let columns = panels(self.shape.hidden[0]);
        let (affine, latents) = (self.shape.affine_len(), self.shape.latents);
        for segment in &scratch.segments {
            if segment.first == 0 {
                scratch.sums.fill(Row::ZERO);
            }
            let (first, rest) = scratch.sums.split_at_mut(columns);
            let (second, constant) = rest.split_at_mut(columns);
            for panel in 0..columns {
                self.instructions.run(Sums {
                    delta: &scratch.layers[0][panel * self.tile_rows..][segment.rows.clone()],
                    coordinates: [0, 1].map(|axis| &scratch.coordinates[axis][segment.rows.clone()]),
                    sums: [&mut first[panel], &mut second[panel], &mut constant[panel]],
                });
            }
            if segment.ends_sample {
                let index = segment.sample - gradient.first_sample;
                self.instructions.run(Unfold {
                    sample: self.sample(segment.sample),
                    weights: &self.packed.first,
                    panels: columns,
                    sums: &scratch.sums,
                    weight_gradient: &mut gradient.weights[self.layout.first.clone()],
                    affine: &mut gradient.affine[index * affine..][..affine],
                    latents: &mut gradient.latents[index * latents..][..latents],
                });
            }
        }
    }
}

/// One panel of the activations of a layer.
#[derive(Debug, Clone, Copy)]
struct LayerPanel {
    layer: usize,
    panel: usize,
}

/// What a forward pass keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Keep {
    /// Only the outputs.
    Nothing,
    /// What the backward pass needs.
    ForBackward,
}

/// Where one share of samples adds its gradients.
#[derive(Debug)]
pub(crate) struct ShareGradient<'a> {
    /// In the order of [`GradientLayout`].
    pub(crate) weights: &'a mut [Row],
    /// Index of the first sample of the share, to which the two slices below belong.
    pub(crate) first_sample: usize,
    pub(crate) affine: &'a mut [f32],
    pub(crate) latents: &'a mut [f32],
}

impl ShareGradient<'_> {
    /// Sets everything to zero; samples without a scored point stay so.
    pub(crate) fn clear(&mut self) {
        self.weights.fill(Row::ZERO);
        self.affine.fill(0.0);
        self.latents.fill(0.0);
    }
}
