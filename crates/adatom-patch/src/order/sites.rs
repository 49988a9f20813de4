//! The sites of a lattice from its local waves.

use adatom_core::fourier::Complex;
use ndarray::{Array2, Axis, Slice};
use rayon::prelude::*;

use super::tile::{Peak, Spectrum, Tiles, signed};
use crate::lattice::maxima;
use crate::scale::check_finite;
use crate::{Error, Image, Result};

/// Width of the Gaussians around peaks relative to the smallest frequency.
const WIDTH: f64 = 0.2;

/// Smallest distance of two sites in spacings.
const APART: f64 = 0.35;

/// Weights of tiles below this fraction of the largest are at the edges of the image.
const LEAST_WEIGHT: f64 = 0.05;

pub(super) fn sites(tiles: &Tiles, image: &Image) -> Result<Array2<f64>> {
    if tiles.extent != [image.height(), image.width()] {
        return Err(Error::Argument {
            what: "the image",
            expected: format!(
                "{} x {} pixels, as the one that was analysed",
                tiles.extent[0], tiles.extent[1]
            ),
            found: format!("{} x {}", image.height(), image.width()),
        });
    }
    check_finite(image)?;
    let Some(spacing) = tiles.spacing() else { return Ok(Array2::zeros((0, 2))) };
    let slowest = slowest(tiles);
    let spectrum = Spectrum::new(tiles.side, tiles.tiles.len());
    let waves: Vec<Option<Array2<f64>>> = tiles
        .tiles
        .par_iter()
        .map(|tile| {
            if tile.peaks.is_empty() {
                return None;
            }
            let mut field = spectrum.transformed(image, tile.corner);
            keep(&mut field, &tile.peaks, WIDTH * slowest);
            Some(spectrum.restored(field))
        })
        .collect();
    let mut sum = Array2::<f64>::zeros((image.height(), image.width()));
    let mut weights = sum.clone();
    let window = &spectrum.window;
    let weight =
        Array2::from_shape_fn((tiles.side, tiles.side), |(row, column)| window[row] * window[column]);
    for (tile, waves) in tiles.tiles.iter().zip(waves) {
        add(&mut weights, tile.corner, &weight);
        if let Some(waves) = waves {
            add(&mut sum, tile.corner, &waves);
        }
    }
    let largest = weights.iter().copied().fold(0.0, f64::max);
    sum.zip_mut_with(&weights, |sum, &weight| *sum /= weight.max(LEAST_WEIGHT * largest));
    Ok(maxima(&sum, APART * spacing))
}

/// Adds a tile to the part of a whole that begins at `corner`.
fn add(whole: &mut Array2<f64>, [row, column]: [usize; 2], tile: &Array2<f64>) {
    let (height, width) = tile.dim();
    let mut rows = whole.slice_axis_mut(Axis(0), Slice::from(row..row + height));
    let mut part = rows.slice_axis_mut(Axis(1), Slice::from(column..column + width));
    part += tile;
}

/// The smallest frequency of the peaks that are not much weaker than the strongest of their tile.
fn slowest(tiles: &Tiles) -> f64 {
    let of_tile = |peaks: &[Peak]| {
        let strongest = peaks.first().map_or(0.0, |peak| peak.power);
        let strong = peaks.iter().filter(move |peak| peak.power >= 0.1 * strongest);
        strong.map(|peak| 1.0 / peak.spacing()).fold(f64::INFINITY, f64::min)
    };
    let mut frequencies: Vec<f64> =
        tiles.tiles.iter().filter(|tile| !tile.peaks.is_empty()).map(|tile| of_tile(&tile.peaks)).collect();
    frequencies.sort_by(f64::total_cmp);
    frequencies[frequencies.len() / 2]
}

/// Multiplies a transform by Gaussians around peaks and their opposites.
fn keep(field: &mut Array2<Complex<f64>>, peaks: &[Peak], width: f64) {
    let side = field.nrows();
    let axis = |frequency: f64| -> Vec<f64> {
        let off = |at: usize| signed(at, side) / side as f64 - frequency;
        (0..side).map(|at| (-0.5 * (off(at) / width).powi(2)).exp()).collect()
    };
    let mut mask = Array2::<f64>::zeros(field.dim());
    for peak in peaks {
        for sign in [-1.0, 1.0] {
            let [rows, columns] = peak.frequency.map(|frequency| axis(sign * frequency));
            for (row, mut mask) in rows.iter().zip(mask.rows_mut()) {
                if *row > 1e-6 {
                    mask.iter_mut().zip(&columns).for_each(|(mask, column)| *mask += row * column);
                }
            }
        }
    }
    field.zip_mut_with(&mask, |value, mask| *value *= mask.min(1.0));
}
