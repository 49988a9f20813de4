//! The periodic order of an image part by part: where there is a lattice, which one, and where its sites are.
//!
//! The image is divided into overlapping square tiles. In the power spectrum of every tile, a peak is a local
//! maximum that noise of the same smooth spectrum would exceed in one of a hundred images. So a grain
//! boundary, an amorphous or a contaminated part leaves the rest of the image as it is, and grains of other
//! orientation are found as such.

mod grains;
mod sites;
mod tile;

use ndarray::Array2;

use crate::scale::check_finite;
use crate::{Error, Image, Result};
use grains::grains;
use tile::Tiles;

/// The side of the first tiles in pixels; longer ones are tried where they show nothing.
const FIRST_SIDES: [usize; 3] = [128, 256, 512];

/// The side of a tile in spacings, once these are known.
const SPACINGS: f64 = 8.0;

/// Smallest height and width of an image.
const SMALLEST: usize = 32;

/// Smallest side of a tile.
const SHORTEST: usize = 32;

/// The periodic order of an image; see [`Image::local_order`].
#[derive(Debug, Clone)]
pub struct LocalOrder {
    tiles: Tiles,
    grains: Vec<Grain>,
}

/// A connected part of an image with one lattice.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Grain {
    /// The fraction of the image's tiles that belong to the grain.
    pub fraction: f64,
    /// The lattice vectors `[vector][row, column]` in pixels; `None` where the order has one direction.
    pub vectors: Option<[[f64; 2]; 2]>,
    /// The standard error of each component of the vectors, from the scatter between tiles, in pixels.
    pub uncertainty: Option<[[f64; 2]; 2]>,
    /// The spacing of the strongest lattice fringes in pixels.
    pub spacing: f64,
}

impl Image {
    /// The periodic order of the image, found part by part; see [`LocalOrder`].
    ///
    /// ```
    /// use adatom_patch::{Image, ndarray::Array2};
    /// // A lattice that ends in the middle of the image.
    /// let wave = |pixel: usize| (std::f32::consts::TAU * pixel as f32 / 12.0).cos();
    /// let pixels = Array2::from_shape_fn((256, 256), |(row, column)| match column {
    ///     0..=127 => wave(row) + wave(column),
    ///     _ => 0.0,
    /// });
    /// let order = Image::from_array(pixels).local_order()?;
    /// let [grain] = order.grains() else { panic!("one grain") };
    /// let [a, b] = grain.vectors.expect("two directions");
    /// assert!((a[0] - 12.0).abs() < 0.1 && (b[1] - 12.0).abs() < 0.1);
    /// // Some tiles do not reach the lattice.
    /// assert!(order.ordered_fraction() < 0.9);
    /// # Ok::<(), adatom_patch::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::NotFinite`]; [`Error::Argument`] for an image smaller than 32 × 32 pixels.
    pub fn local_order(&self) -> Result<LocalOrder> {
        let shorter = self.height().min(self.width());
        if shorter < SMALLEST {
            return Err(Error::Argument {
                what: "the image",
                expected: format!("at least {SMALLEST} x {SMALLEST} pixels to find its periodic order"),
                found: format!("{} x {}", self.height(), self.width()),
            });
        }
        check_finite(self)?;
        let mut tiles = Tiles::of(self, FIRST_SIDES[0].min(shorter));
        for side in &FIRST_SIDES[1..] {
            if tiles.spacing().is_some() || *side > shorter {
                break;
            }
            tiles = Tiles::of(self, *side);
        }
        if let Some(spacing) = tiles.spacing() {
            let side = even((SPACINGS * spacing).round() as usize).clamp(SHORTEST, even(shorter));
            let other = Tiles::of(self, side);
            if other.ordered() >= 0.8 * tiles.ordered() {
                tiles = other;
            }
        }
        let grains = grains(&tiles);
        Ok(LocalOrder { tiles, grains })
    }
}

fn even(side: usize) -> usize {
    side - side % 2
}

impl LocalOrder {
    /// The grains in order of decreasing extent; none for an image without periodic order. Grains of the same
    /// lattice and orientation are one, even if they do not touch.
    #[must_use]
    pub fn grains(&self) -> &[Grain] {
        &self.grains
    }

    /// The fraction of the tiles with periodic order.
    #[must_use]
    pub fn ordered_fraction(&self) -> f64 {
        self.tiles.ordered()
    }

    /// The spacing of the strongest lattice fringes in pixels, the median over tiles with periodic order.
    #[must_use]
    pub fn spacing(&self) -> Option<f64> {
        self.tiles.spacing()
    }

    /// The sites of the lattice, `[sites, 2]` (row, column; fractional pixels): the maxima of the image of
    /// which every tile was reduced to the waves of its own peaks.
    ///
    /// `image` is the one whose order this is, or another of the same extent.
    ///
    /// # Errors
    /// [`Error::Argument`] for an image of another extent; [`Error::NotFinite`].
    pub fn sites(&self, image: &Image) -> Result<Array2<f64>> {
        sites::sites(&self.tiles, image)
    }
}

#[cfg(test)]
mod tests {
    use std::f64::consts::TAU;

    use super::*;
    use crate::random::Random;

    fn normal(random: &mut Random) -> f64 {
        (0..12).map(|_| random.uniform()).sum::<f64>() - 6.0
    }

    /// Three waves at 60° with a period of `cell` of the hexagonal lattice, turned by `turn`.
    fn hexagonal(row: f64, column: f64, cell: f64, turn: f64) -> f64 {
        let wave =
            |angle: f64| (TAU * (row * angle.sin() + column * angle.cos()) / (cell * 0.75f64.sqrt())).cos();
        [0.0, 1.0, 2.0].iter().map(|k| wave(turn + k * TAU / 6.0)).sum()
    }

    #[test]
    fn noise_has_no_order() {
        let mut found = 0;
        for seed in 0..200 {
            let mut random = Random::new(seed);
            let image =
                Image::from_array(Array2::from_shape_simple_fn((192, 192), || normal(&mut random) as f32));
            found += usize::from(!image.local_order().unwrap().grains().is_empty());
        }
        assert!(found <= 2, "{found} of 200");
    }

    #[test]
    fn two_grains_in_noise_are_told_apart() {
        let mut random = Random::new(2);
        let boundary = |row: f64| 200.0 + 25.0 * (row / 40.0).sin();
        // The rms of the lattice is √1.5, that of the noise three times as large.
        let image = Image::from_array(Array2::from_shape_fn((420, 400), |(row, column)| {
            let (r, c) = (row as f64, column as f64);
            let turn = if c < boundary(r) { 0.1 } else { 0.1 + 18f64.to_radians() };
            (hexagonal(r, c, 20.0, turn) + 3.7 * normal(&mut random)) as f32
        }));
        let order = image.local_order().unwrap();
        assert_eq!(order.grains().len(), 2, "{:?}", order.grains());
        for grain in order.grains() {
            assert!((grain.spacing - 20.0 * 0.75f64.sqrt()).abs() < 0.3, "{grain:?}");
            let vectors = grain.vectors.unwrap();
            assert!(vectors.iter().all(|v| (v[0].hypot(v[1]) - 20.0).abs() < 0.4), "{grain:?}");
            assert!(grain.fraction > 0.2);
        }
        // Sites are where all waves are at their maxima.
        let sites = order.sites(&image).unwrap();
        let inside = sites.rows().into_iter().filter(|site| {
            let clear = |at: f64, extent: f64| at > 20.0 && at < extent - 20.0;
            clear(site[0], 420.0) && clear(site[1], 400.0) && (site[1] - boundary(site[0])).abs() > 30.0
        });
        let heights: Vec<f64> = inside
            .map(|site| {
                let turn = if site[1] < boundary(site[0]) { 0.1 } else { 0.1 + 18f64.to_radians() };
                hexagonal(site[0], site[1], 20.0, turn)
            })
            .collect();
        let near = heights.iter().filter(|height| **height > 2.0).count();
        assert!(
            heights.len() > 200 && near as f64 > 0.97 * heights.len() as f64,
            "{near} of {}",
            heights.len()
        );
    }

    #[test]
    fn stripes_have_one_direction() {
        let image = Image::from_array(Array2::from_shape_fn((200, 200), |(row, _)| (row as f32 * 0.7).sin()));
        let order = image.local_order().unwrap();
        assert_eq!(order.grains().len(), 1);
        assert_eq!(order.grains()[0].vectors, None);
    }

    #[test]
    fn a_constant_image_has_none() {
        let order = Image::from_array(Array2::from_elem((64, 80), 4.0)).local_order().unwrap();
        assert!(order.grains().is_empty() && order.spacing().is_none());
        assert!(Image::from_array(Array2::zeros((20, 80))).local_order().is_err());
    }
}
