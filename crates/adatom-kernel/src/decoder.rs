//! The decoder: checks the slices, packs the weights, runs the shares on rayon's current pool, adds their
//! gradients.

mod batch;
mod coordinate_layer;
mod output_layer;
mod pack;
mod product;
mod score;
mod shape;
mod shares;
mod tile;

use std::ops::Range;
use std::sync::{Mutex, PoisonError};

use rayon::prelude::*;

pub use batch::{Gradients, Inputs, Observations};
pub use shape::DecoderShape;

use crate::error::{Error, check_length};
use crate::likelihood::Likelihood;
use crate::panels::{Row, WIDTH, panels};
use crate::partition::split;
use crate::simd::Instructions;
use pack::{GradientLayout, Packed};
use product::ROW_BLOCK;
use score::{ShareScores, score_tile};
use shares::{jobs, share_count};
use tile::{Batch, Keep, Scratch};

/// Bytes of activations per tile that leave room for the weights in a cache of 1 MiB.
const TILE_BYTES: usize = 384 * 1024;

/// Rows per tile: enough to pay for reading the weights once per tile, and for a small tile to exist at all.
const TILE_ROWS: Range<usize> = 4 * ROW_BLOCK..20 * ROW_BLOCK;

/// A spatial decoder with its buffers, which are kept from call to call.
///
/// ```
/// use adatom_kernel::{DecoderShape, FusedDecoder, Inputs};
///
/// let mut decoder = FusedDecoder::new(DecoderShape::new(1, [1]))?;
/// // x = 2 g + 0.5 at g = 0.25, a = tanh(x), y = 3 a - 1
/// let inputs =
///     Inputs { grid: &[0.25], affine: &[2.0, 0.5], latents: &[], weights: &[1.0, 0.0, 3.0, -1.0] };
/// let mut outputs = [0.0];
/// decoder.forward(&inputs, &mut outputs)?;
/// assert!((outputs[0] - (3.0 * 1f32.tanh() - 1.0)).abs() < 1e-5);
///
/// let error = decoder.forward(&inputs, &mut []).unwrap_err();
/// assert_eq!(error.to_string(), "expected 1 elements of the outputs, found 0");
/// # Ok::<(), adatom_kernel::Error>(())
/// ```
#[derive(Debug)]
pub struct FusedDecoder {
    shape: DecoderShape,
    layout: GradientLayout,
    instructions: Instructions,
    tile_rows: usize,
    packed: Packed,
    /// Weight gradient of each share.
    shares: Vec<Vec<Row>>,
    total: Vec<Row>,
    /// Gradient of each share with respect to [`Observations::log_sigma`].
    log_sigma_shares: Vec<Vec<f32>>,
    /// One per thread that ever ran a share.
    scratch: Mutex<Vec<Scratch>>,
}

impl FusedDecoder {
    /// Prepares a decoder; buffers that depend on the batch are made by the first call.
    ///
    /// # Errors
    /// As [`DecoderShape::check`].
    pub fn new(shape: DecoderShape) -> Result<FusedDecoder, Error> {
        shape.check()?;
        let layout = GradientLayout::new(&shape);
        let kept = |k: usize| if shape.activation_of(k).keeps_derivative() { 2 } else { 1 };
        let row_bytes: usize =
            shape.hidden.iter().enumerate().map(|(k, &h)| kept(k) * panels(h) * size_of::<Row>()).sum();
        let tile_rows = (TILE_BYTES / row_bytes).clamp(TILE_ROWS.start, TILE_ROWS.end);
        Ok(FusedDecoder {
            instructions: Instructions::best(),
            tile_rows: tile_rows / ROW_BLOCK * ROW_BLOCK,
            packed: Packed::new(&shape),
            shares: Vec::new(),
            log_sigma_shares: Vec::new(),
            total: vec![Row::ZERO; layout.rows()],
            scratch: Mutex::new(Vec::new()),
            layout,
            shape,
        })
    }

    /// Uses the given instruction set instead of the fastest, to compare them.
    pub fn with_instructions(self, instructions: Instructions) -> FusedDecoder {
        FusedDecoder { instructions, ..self }
    }

    /// Sets the number of points per tile, rounded up to a multiple of 12; for measurements.
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
    /// [`Error::Length`] if a slice does not fit the others and the shape.
    pub fn forward(&mut self, inputs: &Inputs<'_>, outputs: &mut [f32]) -> Result<(), Error> {
        let (samples, points) = self.check(inputs)?;
        check_length("outputs", samples * points * self.shape.outputs, outputs.len())?;
        self.packed.fill(&self.shape, inputs.weights);
        let batch = self.batch(inputs, None, points);
        // No sum crosses a point here, so tiles are dealt out one by one.
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

    /// Propagates a gradient with respect to the outputs, `[n, p, c]`, back to the inputs. The network is
    /// evaluated again: nothing is kept from [`forward`](Self::forward).
    ///
    /// # Errors
    /// [`Error::Length`] if a slice does not fit the others and the shape.
    pub fn backward(
        &mut self,
        inputs: &Inputs<'_>,
        output_gradient: &[f32],
        gradients: Gradients<'_>,
    ) -> Result<(), Error> {
        let (samples, points) = self.check(inputs)?;
        let channels = self.shape.outputs;
        check_length("output gradient", samples * points * channels, output_gradient.len())?;
        let count = share_count(samples, points);
        self.prepare(inputs, &gradients, 0, count)?;
        let mut shares = std::mem::take(&mut self.shares);
        let batch = self.batch(inputs, None, points);
        let jobs = jobs(samples, &mut shares[..count], gradients.affine, gradients.latents);
        jobs.into_par_iter().with_max_len(1).for_each(|(samples, mut gradient)| {
            gradient.clear();
            self.with_scratch(|scratch| {
                for tile in batch.tiles(samples.start * points..samples.end * points) {
                    batch.locate(scratch, &tile);
                    batch.forward(scratch, tile.len(), Keep::ForBackward);
                    let derivatives = &output_gradient[tile.start * channels..tile.end * channels];
                    scratch.outputs[..derivatives.len()].copy_from_slice(derivatives);
                    batch.backward(scratch, tile.len(), &mut gradient);
                }
            });
        });
        self.shares = shares;
        self.reduce(count, gradients.weights);
        Ok(())
    }

    /// Evaluates the log-likelihood of each sample, `[n]`, and, if requested, the gradients of
    /// `Σ sample_weight · log_likelihood`, in one pass.
    ///
    /// # Errors
    /// [`Error::Length`] if a slice does not fit the others and the shape, [`Error::Point`] for a point
    /// outside the grid, [`Error::Sigma`] for a Gaussian without a positive standard deviation,
    /// [`Error::LogSigma`] for [`Observations::log_sigma`] with another likelihood than a Gaussian.
    pub fn score(
        &mut self,
        inputs: &Inputs<'_>,
        observations: &Observations<'_>,
        log_likelihood: &mut [f64],
        gradients: Option<Gradients<'_>>,
    ) -> Result<(), Error> {
        let (samples, points) = self.check(inputs)?;
        let count = self.check_observations(observations, samples, points)?;
        check_length("log-likelihoods", samples, log_likelihood.len())?;
        let share_count = share_count(samples, count);
        let keep = if gradients.is_some() { Keep::ForBackward } else { Keep::Nothing };
        let mut log_sigma_sums = None;
        let (affine, latents, weights): (&mut [f32], &mut [f32], Option<&mut [f32]>) = match gradients {
            Some(gradients) => {
                let log_sigma = observations.log_sigma.map_or(0, <[f32]>::len);
                self.prepare(inputs, &gradients, log_sigma, share_count)?;
                log_sigma_sums = gradients.log_sigma;
                (gradients.affine, gradients.latents, Some(gradients.weights))
            }
            None => {
                self.packed.fill(&self.shape, inputs.weights);
                self.shares.resize_with(share_count.max(self.shares.len()), Vec::new);
                (&mut [], &mut [], None)
            }
        };
        let mut shares = std::mem::take(&mut self.shares);
        let mut log_sigma_shares = std::mem::take(&mut self.log_sigma_shares);
        log_sigma_shares.resize_with(share_count.max(log_sigma_shares.len()), Vec::new);
        let log_sigma_len = log_sigma_sums.as_ref().map_or(0, |sums| sums.len());
        let batch = self.batch(inputs, observations.points, count);
        let jobs = jobs(samples, &mut shares[..share_count], affine, latents);
        let scores = split(samples, share_count, log_likelihood);
        let jobs = jobs.into_par_iter().zip(scores).zip(&mut log_sigma_shares[..share_count]).with_max_len(1);
        jobs.for_each(|(((samples, mut gradient), log_likelihood), log_sigma)| {
            log_likelihood.fill(0.0);
            gradient.clear();
            log_sigma.clear();
            log_sigma.resize(log_sigma_len, 0.0);
            let mut scores = ShareScores { first_sample: samples.start, log_likelihood, log_sigma };
            self.with_scratch(|scratch| {
                for tile in batch.tiles(samples.start * count..samples.end * count) {
                    batch.locate(scratch, &tile);
                    batch.forward(scratch, tile.len(), keep);
                    score_tile(&batch, scratch, observations, &mut scores);
                    if keep == Keep::ForBackward {
                        batch.backward(scratch, tile.len(), &mut gradient);
                    }
                }
            });
        });
        self.shares = shares;
        if let Some(sums) = log_sigma_sums {
            sums.fill(0.0);
            for share in &log_sigma_shares[..share_count] {
                sums.iter_mut().zip(share).for_each(|(sum, part)| *sum += part);
            }
        }
        self.log_sigma_shares = log_sigma_shares;
        if let Some(weights) = weights {
            self.reduce(share_count, weights);
        }
        Ok(())
    }

    /// Numbers of samples and of grid points, if the inputs fit together.
    fn check(&self, inputs: &Inputs<'_>) -> Result<(usize, usize), Error> {
        let points = inputs.grid.len() / self.shape.dimensions;
        check_length("grid", points * self.shape.dimensions, inputs.grid.len())?;
        let samples = inputs.affine.len() / self.shape.affine_len();
        check_length("affine transforms", samples * self.shape.affine_len(), inputs.affine.len())?;
        check_length("latents", samples * self.shape.latents, inputs.latents.len())?;
        check_length("weights", self.shape.weights_len(), inputs.weights.len())?;
        Ok((samples, points))
    }

    /// Number of points scored per sample, if the observations fit.
    fn check_observations(
        &self,
        observations: &Observations<'_>,
        samples: usize,
        points: usize,
    ) -> Result<usize, Error> {
        observations.likelihood.check()?;
        check_length("values", samples * points * self.shape.outputs, observations.values.len())?;
        if let Some(weights) = observations.sample_weight {
            check_length("sample weights", samples, weights.len())?;
        }
        if let Some(log_sigma) = observations.log_sigma {
            if !matches!(observations.likelihood, Likelihood::Gaussian { .. }) {
                return Err(Error::LogSigma);
            }
            check_length("log sigma", points * self.shape.outputs, log_sigma.len())?;
        }
        let Some(indices) = observations.points else { return Ok(points) };
        let count = indices.len().checked_div(samples).unwrap_or(0);
        check_length("point indices", samples * count, indices.len())?;
        match indices.iter().find(|&&index| index as usize >= points) {
            Some(&found) => Err(Error::Point { found, points }),
            None => Ok(count),
        }
    }

    /// Packs the weights and makes room for the gradients of `count` shares.
    fn prepare(
        &mut self,
        inputs: &Inputs<'_>,
        gradients: &Gradients<'_>,
        log_sigma: usize,
        count: usize,
    ) -> Result<(), Error> {
        check_length("affine gradient", inputs.affine.len(), gradients.affine.len())?;
        check_length("latent gradient", inputs.latents.len(), gradients.latents.len())?;
        check_length("weight gradient", inputs.weights.len(), gradients.weights.len())?;
        if let Some(gradient) = &gradients.log_sigma {
            check_length("log sigma gradient", log_sigma, gradient.len())?;
        }
        self.packed.fill(&self.shape, inputs.weights);
        self.shares.resize_with(count.max(self.shares.len()), Vec::new);
        let rows = self.layout.rows();
        self.shares[..count].iter_mut().for_each(|share| share.resize(rows, Row::ZERO));
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

    /// Adds the shares in order and writes the sum in flat order.
    fn reduce(&mut self, shares: usize, weights: &mut [f32]) {
        let shares = &self.shares[..shares];
        self.total.par_chunks_mut(64).enumerate().for_each(|(chunk, total)| {
            total.fill(Row::ZERO);
            for share in shares {
                for (total, row) in total.iter_mut().zip(&share[chunk * 64..]) {
                    for i in 0..WIDTH {
                        total.0[i] += row.0[i];
                    }
                }
            }
        });
        self.layout.unpack(&self.shape, &self.total, weights);
    }
}
