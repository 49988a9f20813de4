//! One tile of pixels from its coordinates to the outputs, and back to the gradients, without leaving the cache.
//!
//! A tile is a run of pixels in batch order; it may cover parts of several patches, its [`Segment`]s. Backwards, each
//! delta replaces the activation it belongs to: `W_k`'s gradient needs `a_(k-1)` before, nobody needs it after.

use std::ops::Range;

use crate::first::{Embed, Fold, Patch, Sums, Unfold};
use crate::head::{Head, HeadBackward};
use crate::pack::{GradientLayout, Packed};
use crate::product::{Outer, Product, ROW_BLOCK};
use crate::rows::{Row, WIDTH, flat_mut, panels};
use crate::shape::DecoderShape;
use crate::simd::Instructions;
use crate::sweep::{Activate, Delta};

/// The pixels of one patch inside a tile.
#[derive(Debug, Clone)]
pub(crate) struct Segment {
    pub(crate) patch: usize,
    /// Rows of the tile.
    pub(crate) rows: Range<usize>,
    /// Index, among the pixels scored of the patch, of the first row.
    pub(crate) first: usize,
    /// Whether the last pixel of the patch is in this segment.
    pub(crate) ends_patch: bool,
}

/// Buffers of one thread.
#[derive(Debug)]
pub(crate) struct Scratch {
    /// Activations, then deltas, per layer: panels of `tile_rows` rows.
    layers: Vec<Vec<Row>>,
    /// Slopes per layer where they do not follow from the values, else empty.
    slopes: Vec<Vec<Row>>,
    /// Derivatives with respect to one panel of activations.
    upstream: Vec<Row>,
    /// `[E0 | E1 | e]` of the current patch.
    folded: Vec<Row>,
    /// `[S0 | S1 | s]` of the current patch.
    sums: Vec<Row>,
    coordinates: [Vec<f32>; 2],
    /// Outputs, then derivatives with respect to them, `[rows, outputs]`.
    pub(crate) outputs: Vec<f32>,
    /// Values to score, then their log-likelihoods, `[rows, outputs]`.
    pub(crate) values: Vec<f32>,
    /// Logarithms of widths, then derivatives with respect to them, `[rows, outputs]`; empty until they are used.
    pub(crate) noise: Vec<f32>,
    pub(crate) segments: Vec<Segment>,
}

impl Scratch {
    pub(crate) fn new(shape: &DecoderShape, tile_rows: usize) -> Scratch {
        let layer = |&width: &usize| vec![Row::ZERO; panels(width) * tile_rows];
        let slopes = shape.hidden.iter().enumerate();
        Scratch {
            layers: shape.hidden.iter().map(layer).collect(),
            slopes: slopes
                .map(|(k, h)| if shape.activation_of(k).keeps_slope() { layer(h) } else { Vec::new() })
                .collect(),
            upstream: vec![Row::ZERO; tile_rows],
            folded: vec![Row::ZERO; 3 * panels(shape.hidden[0])],
            sums: vec![Row::ZERO; 3 * panels(shape.hidden[0])],
            coordinates: [vec![0.0; tile_rows], vec![0.0; tile_rows]],
            outputs: vec![0.0; tile_rows * shape.outputs],
            values: vec![0.0; tile_rows * shape.outputs],
            noise: Vec::new(),
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
    /// Pixels scored per patch, all of them where absent.
    pub(crate) points: Option<&'a [u32]>,
    /// Number of pixels scored per patch.
    pub(crate) count: usize,
}

impl Batch<'_> {
    /// The grid index of a scored pixel.
    #[inline]
    pub(crate) fn pixel(&self, patch: usize, index: usize) -> usize {
        self.points.map_or(index, |points| points[patch * self.count + index] as usize)
    }

    /// Cuts a run of pixels (in batch order) into tiles.
    pub(crate) fn tiles(&self, rows: Range<usize>) -> impl Iterator<Item = Range<usize>> {
        let size = self.tile_rows;
        rows.clone().step_by(size).map(move |start| start..rows.end.min(start + size))
    }

    fn patch(&self, index: usize) -> Patch<'_> {
        let (affine, latents) = (self.shape.affine_len(), self.shape.latents);
        Patch {
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
            let (patch, first) = (row / self.count, row % self.count);
            let end = tile.end.min((patch + 1) * self.count);
            let rows = row - tile.start..end - tile.start;
            for (offset, at) in rows.clone().enumerate() {
                let pixel = self.pixel(patch, first + offset);
                scratch.coordinates[0][at] = self.grid[pixel * d];
                if d == 2 {
                    scratch.coordinates[1][at] = self.grid[pixel * d + 1];
                }
            }
            scratch.segments.push(Segment {
                patch,
                rows,
                first,
                ends_patch: end == (patch + 1) * self.count,
            });
            row = end;
        }
    }

    /// Evaluates the network for the located tile of `rows` pixels; `keep` what the backward pass needs.
    pub(crate) fn forward(&self, scratch: &mut Scratch, rows: usize, keep: Keep) {
        let stride = self.tile_rows;
        self.first_layer(scratch, keep);
        let padded = rows.next_multiple_of(ROW_BLOCK);
        for (k, packed) in self.packed.layers.iter().enumerate() {
            let (inputs, outputs) = (self.shape.hidden[k], self.shape.hidden[k + 1]);
            let (before, after) = scratch.layers.split_at_mut(k + 1);
            let slopes = &mut scratch.slopes[k + 1];
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
                let slopes = if keep == Keep::Slopes && !slopes.is_empty() {
                    flat_mut(&mut slopes[j * stride..][..rows])
                } else {
                    &mut []
                };
                self.instructions.run(Activate {
                    activation: self.shape.activation,
                    values: flat_mut(&mut panel[..rows]),
                    slopes,
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
                patch: self.patch(segment.patch),
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
                let slopes = &mut scratch.slopes[0];
                let slopes = if keep == Keep::Slopes && !slopes.is_empty() {
                    flat_mut(&mut slopes[panel * self.tile_rows..][segment.rows.clone()])
                } else {
                    &mut []
                };
                self.instructions.run(Activate {
                    activation: self.shape.first,
                    values: flat_mut(out),
                    slopes,
                });
            }
        }
    }

    /// Takes the derivatives in `scratch.outputs` back through the tile just evaluated.
    pub(crate) fn backward(&self, scratch: &mut Scratch, rows: usize, gradient: &mut LaneGradient<'_>) {
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
        for pixel in derivatives.chunks_exact(outputs) {
            for (o, g) in pixel.iter().enumerate() {
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
            self.delta(scratch, rows, (last, panel), gradient);
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
            self.delta(scratch, rows, (k - 1, i), gradient);
        }
    }

    /// Replaces one panel of a layer's activations by its deltas, from `scratch.upstream`.
    fn delta(
        &self,
        scratch: &mut Scratch,
        rows: usize,
        (layer, panel): (usize, usize),
        gradient: &mut [Row],
    ) {
        let start = panel * self.tile_rows;
        // The first layer's bias gradient comes with the sums per patch.
        let mut unused = Row::ZERO;
        let sums = match layer {
            0 => &mut unused,
            k => &mut gradient[self.layout.layers[k - 1].1.start + panel],
        };
        let slopes = &scratch.slopes[layer];
        self.instructions.run(Delta {
            activation: self.shape.activation_of(layer),
            upstream: &scratch.upstream[..rows],
            values: &mut scratch.layers[layer][start..][..rows],
            slopes: if slopes.is_empty() { slopes } else { &slopes[start..][..rows] },
            sums,
        });
    }

    fn first_backward(&self, scratch: &mut Scratch, gradient: &mut LaneGradient<'_>) {
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
            if segment.ends_patch {
                let index = segment.patch - gradient.first_patch;
                self.instructions.run(Unfold {
                    patch: self.patch(segment.patch),
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

/// What a forward pass leaves behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Keep {
    /// Only the outputs are wanted.
    Nothing,
    /// The backward pass follows.
    Slopes,
}

/// Where one lane of patches adds its gradients.
#[derive(Debug)]
pub(crate) struct LaneGradient<'a> {
    /// In the order of [`GradientLayout`].
    pub(crate) weights: &'a mut [Row],
    /// Index of the first patch of the lane, to which the two slices below belong.
    pub(crate) first_patch: usize,
    pub(crate) affine: &'a mut [f32],
    pub(crate) latents: &'a mut [f32],
}

impl LaneGradient<'_> {
    /// Forgets the last call; patches without a scored pixel keep the zeros.
    pub(crate) fn clear(&mut self) {
        self.weights.fill(Row::ZERO);
        self.affine.fill(0.0);
        self.latents.fill(0.0);
    }
}
