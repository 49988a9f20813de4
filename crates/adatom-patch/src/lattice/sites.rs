//! The sites of a lattice: the maxima of the image without what does not repeat.
//!
//! The transform of the image is multiplied with Gaussians around the waves of its lattice, a fifth as wide as the slowest
//! wave is fast: what is left is the lattice with its slow changes, each site a mean over the few cells around it. So a site is
//! found also where its column is missing, dark or lost in noise.

use ndarray::Array2;
use rustfft::num_complex::Complex;

use super::transform::{inverse, transform};
use super::{BraggPeak, vertex};
use crate::{Error, Image, Result};

/// Waves that are kept; further ones only sharpen the sites.
const WAVES: usize = 12;

/// Width of the Gaussians in parts of the slowest frequency.
const WIDTH: f64 = 0.2;

/// Sites are at least so many spacings apart.
const APART: f64 = 0.35;

/// Maxima lower than this part of a typical one are between sites.
const LOWEST: f64 = 0.2;

impl Image {
    /// The sites of the image's lattice, `[n, 2]` (row, column; pixels, to a fraction): the bright places of the image made of
    /// the waves of its lattice alone.
    ///
    /// Of several kinds of columns all are found that are bright places of their own. Near the edges, within a cell or two,
    /// sites are less exact.
    ///
    /// ```
    /// use adatom_patch::{Image, ndarray::Array2};
    /// // Bright where both waves are: at whole multiples of 16 pixels.
    /// let wave = |pixel: usize| (std::f32::consts::TAU * pixel as f32 / 16.0).cos();
    /// let image = Image::from_array(Array2::from_shape_fn((128, 128), |(row, column)| wave(row) + wave(column)));
    /// let sites = image.lattice_sites()?;
    /// assert!(sites.rows().into_iter().any(|site| (site[0] - 64.0).hypot(site[1] - 48.0) < 0.1));
    /// # Ok::<(), adatom_patch::Error>(())
    /// ```
    ///
    /// # Errors
    /// Those of [`bragg_peaks`](Self::bragg_peaks); [`Error::Argument`] when nothing repeats in the image.
    pub fn lattice_sites(&self) -> Result<Array2<f64>> {
        let waves = self.bragg_peaks(WAVES)?;
        let radius = |wave: &BraggPeak| wave.frequency[0].hypot(wave.frequency[1]);
        let slowest = waves.iter().map(radius).fold(f64::INFINITY, f64::min);
        if !slowest.is_finite() {
            return Err(Error::Argument {
                what: "an image whose lattice sites are looked for",
                expected: "a repeating pattern".into(),
                found: "no wave that stands out of the others".into(),
            });
        }
        let lattice = filtered(self, &waves, WIDTH * slowest);
        Ok(maxima(&lattice, APART / slowest))
    }
}

/// The image made of frequencies around the waves.
fn filtered(image: &Image, waves: &[BraggPeak], width: f64) -> Array2<f64> {
    let (height, columns) = (image.height(), image.width());
    let mean = image.statistics().map_or(0.0, |statistics| statistics.mean);
    let field = image.pixels().mapv(|value| Complex::new(f64::from(value) - mean, 0.0));
    let mut field = transform(field);
    let signed = |at: usize, extent: usize| {
        let at = if 2 * at > extent { at as f64 - extent as f64 } else { at as f64 };
        at / extent as f64
    };
    for ((row, column), value) in field.indexed_iter_mut() {
        let (down, across) = (signed(row, height), signed(column, columns));
        let near = |sign: f64, wave: &BraggPeak| {
            let [r, c] = wave.frequency;
            (-0.5 * ((down - sign * r).powi(2) + (across - sign * c).powi(2)) / (width * width)).exp()
        };
        let mask: f64 = waves.iter().map(|wave| near(1.0, wave) + near(-1.0, wave)).sum();
        *value *= mask.min(1.0);
    }
    inverse(field)
}

/// Places that are highest within `apart` pixels.
fn maxima(field: &Array2<f64>, apart: f64) -> Array2<f64> {
    let (height, width) = field.dim();
    let reach = apart.ceil() as isize;
    let inside = |row: isize, column: isize| {
        (0..height as isize).contains(&row) && (0..width as isize).contains(&column)
    };
    let at = |row: isize, column: isize| field[[row as usize, column as usize]];
    let steps: Vec<(isize, isize)> = (-reach..=reach)
        .flat_map(|down| (-reach..=reach).map(move |across| (down, across)))
        .filter(|&(down, across)| {
            (down, across) != (0, 0) && (down as f64).hypot(across as f64) <= apart.max(1.5)
        })
        .collect();
    let mut found = Vec::new();
    for (row, column) in ndarray::indices(field.dim()) {
        let (r, c, here) = (row as isize, column as isize, field[[row, column]]);
        let highest =
            steps.iter().filter(|(down, across)| inside(r + down, c + across)).all(|&(down, across)| {
                let other = at(r + down, c + across);
                // Of equal neighbours the first counts.
                if (down, across) < (0, 0) { here > other } else { here >= other }
            });
        if here > 0.0 && highest {
            found.push((r, c, here));
        }
    }
    let mut heights: Vec<f64> = found.iter().map(|(_, _, height)| *height).collect();
    heights.sort_by(f64::total_cmp);
    let typical = heights.get(heights.len() / 2).copied().unwrap_or(0.0);
    found.retain(|(_, _, height)| *height >= LOWEST * typical);
    let refined = |(r, c, here): (isize, isize, f64)| {
        let along = |before: (isize, isize), after: (isize, isize)| {
            let known = inside(before.0, before.1) && inside(after.0, after.1);
            if known { parabola(at(before.0, before.1), here, at(after.0, after.1)) } else { 0.0 }
        };
        [r as f64 + along((r - 1, c), (r + 1, c)), c as f64 + along((r, c - 1), (r, c + 1))]
    };
    let places: Vec<[f64; 2]> = found.into_iter().map(refined).collect();
    Array2::from_shape_fn((places.len(), 2), |(site, axis)| places[site][axis])
}

/// Where between -½ and ½ the parabola through three values has its vertex.
fn parabola(before: f64, here: f64, after: f64) -> f64 {
    // The same as of powers, whose logarithms are taken there.
    let largest = here.abs().max(before.abs()).max(after.abs()).max(f64::MIN_POSITIVE);
    vertex((before / largest).exp(), (here / largest).exp(), (after / largest).exp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_nothing_repeats_there_are_no_sites() {
        let error = Image::from_array(Array2::from_elem((40, 40), 1.0)).lattice_sites().unwrap_err();
        assert!(error.to_string().contains("must be a repeating pattern"), "{error}");
    }
}
