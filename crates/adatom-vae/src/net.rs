//! The networks of a model: encoder and decoder, their weights, and the grid on which the decoder is
//! evaluated.

mod convolution;
mod coordinate_change;
mod decoder;
mod encoder;
mod fused;
mod grid;
pub(crate) mod layout;
mod parameters;

pub(crate) use coordinate_change::{CoordinateChange, coordinate_change};
pub(crate) use decoder::Decoder;
#[cfg(test)]
pub(crate) use decoder::SpatialDecoder;
pub(crate) use encoder::{Encoded, Encoder, standard_deviation, standard_deviations};
pub(crate) use fused::{Observed, Subset, decoder_shape, pixel_likelihood};
pub(crate) use grid::{Grid, coordinates};
pub(crate) use parameters::{initial_weights, parameters};
