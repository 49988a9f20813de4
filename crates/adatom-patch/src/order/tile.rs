//! Tiles of an image and the peaks of their power spectra.

use std::f64::consts::{LN_2, PI};

use adatom_core::fourier::{Complex, FourierDirection, FourierPlan, FourierPlanner};
use ndarray::{Array2, Axis, Slice};
use rayon::prelude::*;

use crate::Image;

/// Expected number of peaks in all tiles of an image of noise.
const FALSE_PEAKS: f64 = 0.005;

/// Smaller frequencies, in periods per tile, belong to the background.
const SLOWEST: f64 = 2.5;

/// Largest frequency in periods per pixel: finer lattices cannot be resolved.
const FASTEST: f64 = 1.0 / 3.0;

/// The most peaks of a tile.
const MOST: usize = 24;

/// Rings of frequencies in an octave.
const RINGS: f64 = 1.5;

/// Tiles begin this many times per side.
const STEPS: usize = 4;

/// A peak of the power spectrum of a tile.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Peak {
    /// Periods per pixel along rows and columns; rows not negative.
    pub(super) frequency: [f64; 2],
    /// The power relative to the mean that noise would have there.
    pub(super) ratio: f64,
    /// The power.
    pub(super) power: f64,
}

/// A square part of an image.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Tile {
    /// The first row and column.
    pub(super) corner: [usize; 2],
    /// Its peaks in order of decreasing power; none without periodic order.
    pub(super) peaks: Vec<Peak>,
}

/// All tiles of an image, row by row.
#[derive(Debug, Clone)]
pub(super) struct Tiles {
    pub(super) extent: [usize; 2],
    pub(super) side: usize,
    /// Number of tiles along rows and columns.
    pub(super) count: [usize; 2],
    pub(super) tiles: Vec<Tile>,
}

impl Tiles {
    /// The tiles of an image that is at least `side` pixels high and wide.
    pub(super) fn of(image: &Image, side: usize) -> Self {
        let extent = [image.height(), image.width()];
        let starts = extent.map(|extent| starts(extent, side));
        let count = [starts[0].len(), starts[1].len()];
        let corners: Vec<[usize; 2]> =
            starts[0].iter().flat_map(|&row| starts[1].iter().map(move |&column| [row, column])).collect();
        let spectrum = Spectrum::new(side, corners.len());
        let tiles = corners
            .into_par_iter()
            .map(|corner| Tile { corner, peaks: spectrum.peaks(&spectrum.transformed(image, corner)) })
            .collect();
        Self { extent, side, count, tiles }
    }

    /// The fraction of tiles with periodic order.
    pub(super) fn ordered(&self) -> f64 {
        self.tiles.iter().filter(|tile| !tile.peaks.is_empty()).count() as f64 / self.tiles.len() as f64
    }

    /// The median over ordered tiles of the spacing of the strongest peak.
    pub(super) fn spacing(&self) -> Option<f64> {
        let mut spacings: Vec<f64> =
            self.tiles.iter().filter_map(|tile| tile.peaks.first()).map(Peak::spacing).collect();
        spacings.sort_by(f64::total_cmp);
        spacings.get(spacings.len() / 2).copied()
    }
}

impl Peak {
    pub(super) fn spacing(&self) -> f64 {
        1.0 / self.frequency[0].hypot(self.frequency[1])
    }
}

/// First pixels of tiles that cover an axis, the last one flush with its end.
fn starts(extent: usize, side: usize) -> Vec<usize> {
    let rest = extent - side;
    let count = (rest * STEPS).div_ceil(side);
    (0..=count).map(|at| (at * rest).checked_div(count).unwrap_or(0)).collect()
}

/// Transforms of tiles of one side.
pub(super) struct Spectrum {
    side: usize,
    forward: FourierPlan,
    inverse: FourierPlan,
    /// The Hann window along one axis.
    pub(super) window: Vec<f64>,
    /// Smallest ratio of a peak.
    least: f64,
    /// The ring of every frequency.
    rings: Array2<usize>,
}

impl Spectrum {
    pub(super) fn new(side: usize, tiles: usize) -> Self {
        let planner = FourierPlanner::default();
        // Wide enough that the peaks of a lattice are fewer than half of a ring.
        let ring = |row: usize, column: usize| {
            (RINGS * signed(row, side).hypot(signed(column, side)).max(1.0).log2()).round() as usize
        };
        Self {
            side,
            forward: planner.plan(side, FourierDirection::Forward),
            inverse: planner.plan(side, FourierDirection::Inverse),
            window: (0..side).map(|at| (PI * (at as f64 + 0.5) / side as f64).sin().powi(2)).collect(),
            // Powers of noise are exponentially distributed; overlapping tiles are not independent, so that
            // this is rather strict.
            least: ((side * side / 2 * tiles) as f64 / FALSE_PEAKS).ln(),
            rings: Array2::from_shape_fn((side, side), |(row, column)| ring(row, column)),
        }
    }

    /// The transform of a tile without its mean, under the window.
    pub(super) fn transformed(&self, image: &Image, [row, column]: [usize; 2]) -> Array2<Complex<f64>> {
        let pixels = image.pixels();
        let rows = pixels.slice_axis(Axis(0), Slice::from(row..row + self.side));
        let tile = rows.slice_axis(Axis(1), Slice::from(column..column + self.side));
        let mean = tile.iter().map(|&pixel| f64::from(pixel)).sum::<f64>() / tile.len() as f64;
        let field = Array2::from_shape_fn(tile.dim(), |(row, column)| {
            let weight = self.window[row] * self.window[column];
            Complex::new((f64::from(tile[[row, column]]) - mean) * weight, 0.0)
        });
        both_axes(field, &self.forward)
    }

    /// The real part of the inverse of the transform.
    pub(super) fn restored(&self, field: Array2<Complex<f64>>) -> Array2<f64> {
        let scale = 1.0 / field.len() as f64;
        both_axes(field, &self.inverse).mapv(|value| value.re * scale)
    }

    /// The local maxima of the power that noise would hardly reach.
    fn peaks(&self, field: &Array2<Complex<f64>>) -> Vec<Peak> {
        let power = field.mapv(|value| value.norm_sqr());
        let side = self.side as isize;
        let levels = self.levels(&power);
        let at = |row: isize, column: isize| {
            power[[row.rem_euclid(side) as usize, column.rem_euclid(side) as usize]]
        };
        let mut found = Vec::new();
        for row in 0..=self.side / 2 {
            for column in 0..self.side {
                let (down, across) = (signed(row, self.side), signed(column, self.side));
                let length = down.hypot(across);
                // Each peak occurs at two frequencies of opposite sign.
                let twice = down == 0.0 && across <= 0.0;
                if twice || length < SLOWEST || length > FASTEST * self.side as f64 {
                    continue;
                }
                let here = power[[row, column]];
                let ratio = here / levels[self.rings[[row, column]]].max(f64::MIN_POSITIVE);
                if ratio < self.least || here <= f64::MIN_POSITIVE {
                    continue;
                }
                let (r, c) = (row as isize, column as isize);
                let highest = (-1..=1).flat_map(|dr| (-1..=1).map(move |dc| (dr, dc))).all(|(dr, dc)| {
                    let other = at(r + dr, c + dc);
                    (dr, dc) == (0, 0) || if (dr, dc) < (0, 0) { here > other } else { here >= other }
                });
                if !highest {
                    continue;
                }
                let down = down + crate::lattice::vertex(at(r - 1, c), here, at(r + 1, c));
                let across = across + crate::lattice::vertex(at(r, c - 1), here, at(r, c + 1));
                let frequency = [down, across].map(|periods| periods / self.side as f64);
                found.push(Peak { frequency, ratio, power: here });
            }
        }
        found.sort_by(|left, right| right.power.total_cmp(&left.power));
        // Rounding errors of a perfect lattice are no peaks.
        let least = found.first().map_or(0.0, |peak| 1e-9 * peak.power);
        found.retain(|peak| peak.power > least);
        found.truncate(MOST);
        found
    }

    /// The mean power of noise in every ring of frequencies, from the median.
    fn levels(&self, power: &Array2<f64>) -> Vec<f64> {
        let count = self.rings.iter().max().map_or(0, |last| last + 1);
        let mut rings: Vec<Vec<f64>> = vec![Vec::new(); count];
        for (&ring, &value) in self.rings.iter().zip(power) {
            rings[ring].push(value);
        }
        let level = |mut ring: Vec<f64>| match ring.len() {
            0 => 0.0,
            length => *ring.select_nth_unstable_by(length / 2, f64::total_cmp).1 / LN_2,
        };
        rings.into_iter().map(level).collect()
    }
}

/// A frequency index as a signed number of periods per tile.
pub(super) fn signed(at: usize, side: usize) -> f64 {
    if 2 * at > side { at as f64 - side as f64 } else { at as f64 }
}

fn both_axes(field: Array2<Complex<f64>>, plan: &FourierPlan) -> Array2<Complex<f64>> {
    let along = |field: Array2<Complex<f64>>| {
        let mut field = field.as_standard_layout().into_owned();
        let mut scratch = Vec::new();
        plan.transform_with(field.as_slice_mut().expect("the layout is row-major"), &mut scratch);
        field
    };
    along(along(field).reversed_axes()).reversed_axes()
}
