//! Entry points: check the slices, pack the weights, run the lanes on rayon's current pool, add up their gradients.

use std::ops::Range;
use std::sync::{Mutex, PoisonError};

use rayon::prelude::*;

use crate::batch::{Gradients, Inputs, Noise, Target};
use crate::error::{KernelError, check_length};
use crate::lanes::{jobs, lane_count, lane_slices};
use crate::likelihood::Likelihood;
use crate::pack::{GradientLayout, Packed};
use crate::product::ROW_BLOCK;
use crate::rows::{Row, WIDTH, panels};
use crate::score::score_tile;
use crate::shape::DecoderShape;
use crate::simd::Instructions;
use crate::tile::{Batch, Keep, Scratch};

/// Bytes of activations per tile that leave room for the weights in a cache of 1 MiB.
const TILE_BYTES: usize = 384 * 1024;

/// Rows per tile: enough to pay for reading the weights once per tile, and for a small tile to exist at all.
const TILE_ROWS: Range<usize> = 4 * ROW_BLOCK..20 * ROW_BLOCK;

/// A spatial decoder with the buffers to evaluate it, which are kept from call to call.
///
/// ```
/// use adatom_kernel::{Activation, DecoderShape, FusedDecoder, Inputs};
///
/// let shape = DecoderShape { dimensions: 1, latents: 0, hidden: vec![1], outputs: 1, first: Activation::Tanh,
///     activation: Activation::Tanh };
/// let mut decoder = FusedDecoder::new(shape)?;
/// // x = 2 g + 0.5 at g = 0.25, a = tanh(x), y = 3 a - 1
/// let inputs = Inputs { grid: &[0.25], affine: &[2.0, 0.5], latents: &[], weights: &[1.0, 0.0, 3.0, -1.0] };
/// let mut outputs = [0.0];
/// decoder.forward(&inputs, &mut outputs)?;
/// assert!((outputs[0] - (3.0 * 1f32.tanh() - 1.0)).abs() < 1e-5);
///
/// let error = decoder.forward(&inputs, &mut []).unwrap_err();
/// assert_eq!(error.to_string(), "outputs has 0 elements where 1 are expected");
/// # Ok::<(), adatom_kernel::KernelError>(())
/// ```
#[derive(Debug)]
pub struct FusedDecoder {
    shape: DecoderShape,
    layout: GradientLayout,
    instructions: Instructions,
    tile_rows: usize,
    packed: Packed,
    /// Weight gradient of each lane.
    lanes: Vec<Vec<Row>>,
    total: Vec<Row>,
    /// Gradient of each lane with respect to the widths, where each value has its own.
    noise_lanes: Vec<Vec<f32>>,
    /// One per thread that ever ran a lane.
    scratch: Mutex<Vec<Scratch>>,
}

impl FusedDecoder {
    /// Prepares a decoder; buffers that depend on the batch are made by the first call.
    ///
    /// # Errors
    /// As [`DecoderShape::check`].
    pub fn new(shape: DecoderShape) -> Result<FusedDecoder, KernelError> {
        shape.check()?;
        let layout = GradientLayout::new(&shape);
        let kept = |k: usize| if shape.activation_of(k).keeps_slope() { 2 } else { 1 };
        let row_bytes: usize =
            shape.hidden.iter().enumerate().map(|(k, &h)| kept(k) * panels(h) * size_of::<Row>()).sum();
        let tile_rows = (TILE_BYTES / row_bytes).clamp(TILE_ROWS.start, TILE_ROWS.end);
        Ok(FusedDecoder {
            instructions: Instructions::best(),
            tile_rows: tile_rows / ROW_BLOCK * ROW_BLOCK,
            packed: Packed::new(&shape),
            lanes: Vec::new(),
            noise_lanes: Vec::new(),
            total: vec![Row::ZERO; layout.rows()],
            scratch: Mutex::new(Vec::new()),
            layout,
            shape,
        })
    }

    /// Uses another instruction set than the fastest, to compare them.
    pub fn with_instructions(self, instructions: Instructions) -> FusedDecoder {
        FusedDecoder { instructions, ..self }
    }

    /// Uses other tiles, to measure them; rounded up to a multiple of 12 pixels.
    pub fn with_tile_rows(self, rows: usize) -> FusedDecoder {
        let tile_rows = rows.max(1).next_multiple_of(ROW_BLOCK);
        FusedDecoder { tile_rows, scratch: Mutex::new(Vec::new()), ..self }
    }

    /// The sizes of the decoder.
    pub fn shape(&self) -> &DecoderShape {
        &self.shape
    }

    /// Evaluates the outputs (logits) `[n, p, c]`.
    ///
    /// # Errors
    /// [`KernelError::Length`] if a slice does not fit the others and the shape.
    pub fn forward(&mut self, inputs: &Inputs<'_>, outputs: &mut [f32]) -> Result<(), KernelError> {
        let (patches, points) = self.check(inputs)?;
        check_length("outputs", patches * points * self.shape.outputs, outputs.len())?;
        self.packed.fill(&self.shape, inputs.weights);
        let batch = self.batch(inputs, None, points);
        // No sum crosses a pixel here, so tiles are dealt out one by one.
        let size = self.tile_rows * self.shape.outputs;
        outputs.par_chunks_mut(size.max(1)).enumerate().for_each(|(index, out)| {
            let start = index * self.tile_rows;
            let tile = start..start + out.len() / self.shape.outputs;
            self.with_scratch(|scratch| {
                batch.locate(scratch, &tile);
                batch.forward(scratch, tile.len(), Keep::Nothing);
                out.copy_from_slice(&scratch.outputs[..out.len()]);
            });
        });
        Ok(())
    }

    /// Takes derivatives with respect to the outputs, `[n, p, c]`, back to the inputs; evaluates the network anew.
    ///
    /// # Errors
    /// [`KernelError::Length`] if a slice does not fit the others and the shape.
    pub fn backward(
        &mut self,
        inputs: &Inputs<'_>,
        outputs: &[f32],
        gradients: Gradients<'_>,
    ) -> Result<(), KernelError> {
        let (patches, points) = self.check(inputs)?;
        let channels = self.shape.outputs;
        check_length("output gradients", patches * points * channels, outputs.len())?;
        let count = lane_count(patches, points);
        self.prepare(inputs, &gradients, count)?;
        let mut lanes = std::mem::take(&mut self.lanes);
        let batch = self.batch(inputs, None, points);
        let jobs = jobs(patches, &mut lanes[..count], gradients.affine, gradients.latents);
        jobs.into_par_iter().with_max_len(1).for_each(|(patches, mut gradient)| {
            gradient.clear();
            self.with_scratch(|scratch| {
                for tile in batch.tiles(patches.start * points..patches.end * points) {
                    batch.locate(scratch, &tile);
                    batch.forward(scratch, tile.len(), Keep::Slopes);
                    let derivatives = &outputs[tile.start * channels..tile.end * channels];
                    scratch.outputs[..derivatives.len()].copy_from_slice(derivatives);
                    batch.backward(scratch, tile.len(), &mut gradient);
                }
            });
        });
        self.lanes = lanes;
        self.reduce(count, gradients.weights);
        Ok(())
    }

    /// Evaluates the log-likelihood of each patch `[n]` and, where asked for, the gradients of
    /// `Σ sample_weight · log_likelihood`, in one pass.
    ///
    /// # Errors
    /// [`KernelError::Length`] if a slice does not fit the others and the shape, [`KernelError::Point`] for a pixel
    /// outside the grid, [`KernelError::Sigma`] for an impossible Gaussian.
    pub fn score(
        &mut self,
        inputs: &Inputs<'_>,
        target: &Target<'_>,
        log_likelihood: &mut [f64],
        gradients: Option<Gradients<'_>>,
    ) -> Result<(), KernelError> {
        self.score_any(inputs, target, None, (log_likelihood, gradients))
    }

    /// As [`score`](Self::score) with a Gaussian whose width differs from value to value.
    ///
    /// # Errors
    /// Those of [`score`](Self::score); [`KernelError::Noise`] for another likelihood.
    pub fn score_noise(
        &mut self,
        inputs: &Inputs<'_>,
        target: &Target<'_>,
        noise: Noise<'_>,
        out: (&mut [f64], Option<Gradients<'_>>),
    ) -> Result<(), KernelError> {
        if !matches!(target.likelihood, Likelihood::Gaussian { .. }) {
            return Err(KernelError::Noise);
        }
        let values = inputs.grid.len() / self.shape.dimensions * self.shape.outputs;
        check_length("logarithms of widths", values, noise.log_sigma.len())?;
        check_length("gradients of widths", values, noise.slopes.len())?;
        self.score_any(inputs, target, Some(noise), out)
    }

    fn score_any(
        &mut self,
        inputs: &Inputs<'_>,
        target: &Target<'_>,
        noise: Option<Noise<'_>>,
        (log_likelihood, gradients): (&mut [f64], Option<Gradients<'_>>),
    ) -> Result<(), KernelError> {
        let (patches, points) = self.check(inputs)?;
        let count = self.check_target(target, patches, points)?;
        check_length("log-likelihoods", patches, log_likelihood.len())?;
        let dealt = lane_count(patches, count);
        let keep = if gradients.is_some() { Keep::Slopes } else { Keep::Nothing };
        let (affine, latents, weights): (&mut [f32], &mut [f32], Option<&mut [f32]>) = match gradients {
            Some(gradients) => {
                self.prepare(inputs, &gradients, dealt)?;
                (gradients.affine, gradients.latents, Some(gradients.weights))
            }
            None => {
                self.packed.fill(&self.shape, inputs.weights);
                self.lanes.resize_with(dealt.max(self.lanes.len()), Vec::new);
                (&mut [], &mut [], None)
            }
        };
        let mut lanes = std::mem::take(&mut self.lanes);
        let mut noise_lanes = std::mem::take(&mut self.noise_lanes);
        noise_lanes.resize_with(dealt.max(noise_lanes.len()), Vec::new);
        let log_sigma = noise.as_ref().map(|noise| noise.log_sigma);
        // Empty where nothing is to be added up.
        let widths = if weights.is_some() { log_sigma.map_or(0, <[f32]>::len) } else { 0 };
        let batch = self.batch(inputs, target.points, count);
        let jobs = jobs(patches, &mut lanes[..dealt], affine, latents);
        let scores = lane_slices(patches, dealt, log_likelihood);
        let jobs = jobs.into_par_iter().zip(scores).zip(&mut noise_lanes[..dealt]).with_max_len(1);
        jobs.for_each(|(((patches, mut gradient), scores), noise_slopes)| {
            scores.fill(0.0);
            gradient.clear();
            noise_slopes.clear();
            noise_slopes.resize(widths, 0.0);
            self.with_scratch(|scratch| {
                for tile in batch.tiles(patches.start * count..patches.end * count) {
                    batch.locate(scratch, &tile);
                    batch.forward(scratch, tile.len(), keep);
                    let noise = log_sigma.map(|log_sigma| (log_sigma, noise_slopes.as_mut_slice()));
                    score_tile(&batch, scratch, (target, noise), (patches.start, &mut *scores));
                    if keep == Keep::Slopes {
                        batch.backward(scratch, tile.len(), &mut gradient);
                    }
                }
            });
        });
        self.lanes = lanes;
        if let (Some(noise), true) = (noise, weights.is_some()) {
            noise.slopes.fill(0.0);
            for lane in &noise_lanes[..dealt] {
                noise.slopes.iter_mut().zip(lane).for_each(|(sum, part)| *sum += part);
            }
        }
        self.noise_lanes = noise_lanes;
        if let Some(weights) = weights {
            self.reduce(dealt, weights);
        }
        Ok(())
    }

    /// Numbers of patches and of grid points, if the inputs fit together.
    fn check(&self, inputs: &Inputs<'_>) -> Result<(usize, usize), KernelError> {
        let points = inputs.grid.len() / self.shape.dimensions;
        check_length("grid", points * self.shape.dimensions, inputs.grid.len())?;
        let patches = inputs.affine.len() / self.shape.affine_len();
        check_length("affine", patches * self.shape.affine_len(), inputs.affine.len())?;
        check_length("latents", patches * self.shape.latents, inputs.latents.len())?;
        check_length("weights", self.shape.weights_len(), inputs.weights.len())?;
        Ok((patches, points))
    }

    /// Number of pixels scored per patch, if the target fits.
    fn check_target(&self, target: &Target<'_>, patches: usize, points: usize) -> Result<usize, KernelError> {
        target.likelihood.check()?;
        check_length("values", patches * points * self.shape.outputs, target.values.len())?;
        if let Some(weights) = target.sample_weight {
            check_length("sample weights", patches, weights.len())?;
        }
        let Some(indices) = target.points else { return Ok(points) };
        let count = indices.len().checked_div(patches).unwrap_or(0);
        check_length("points", patches * count, indices.len())?;
        match indices.iter().find(|&&index| index as usize >= points) {
            Some(&found) => Err(KernelError::Point { found, points }),
            None => Ok(count),
        }
    }

    /// Packs the weights and makes room for the gradients of `count` lanes.
    fn prepare(
        &mut self,
        inputs: &Inputs<'_>,
        gradients: &Gradients<'_>,
        count: usize,
    ) -> Result<(), KernelError> {
        check_length("affine gradients", inputs.affine.len(), gradients.affine.len())?;
        check_length("latent gradients", inputs.latents.len(), gradients.latents.len())?;
        check_length("weight gradients", inputs.weights.len(), gradients.weights.len())?;
        self.packed.fill(&self.shape, inputs.weights);
        self.lanes.resize_with(count.max(self.lanes.len()), Vec::new);
        let rows = self.layout.rows();
        self.lanes[..count].iter_mut().for_each(|lane| lane.resize(rows, Row::ZERO));
        Ok(())
    }

    fn batch<'a>(&'a self, inputs: &Inputs<'a>, points: Option<&'a [u32]>, count: usize) -> Batch<'a> {
        Batch {
            shape: &self.shape,
            layout: &self.layout,
            packed: &self.packed,
            instructions: self.instructions,
            tile_rows: self.tile_rows,
            grid: inputs.grid,
            affine: inputs.affine,
            latents: inputs.latents,
            points,
            count,
        }
    }

    /// Lends the calling thread buffers that no other thread holds.
    fn with_scratch(&self, work: impl FnOnce(&mut Scratch)) {
        // A panic elsewhere cannot leave the list itself half changed.
        let taken = self.scratch.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut scratch = taken.unwrap_or_else(|| Scratch::new(&self.shape, self.tile_rows));
        work(&mut scratch);
        self.scratch.lock().unwrap_or_else(PoisonError::into_inner).push(scratch);
    }

    /// Adds the lanes in order and writes the sum in flat order.
    fn reduce(&mut self, lanes: usize, weights: &mut [f32]) {
        let lanes = &self.lanes[..lanes];
        self.total.par_chunks_mut(64).enumerate().for_each(|(chunk, total)| {
            total.fill(Row::ZERO);
            for lane in lanes {
                for (total, row) in total.iter_mut().zip(&lane[chunk * 64..]) {
                    for i in 0..WIDTH {
                        total.0[i] += row.0[i];
                    }
                }
            }
        });
        self.layout.unpack(&self.shape, &self.total, weights);
    }
}
