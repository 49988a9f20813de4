//! The sites of a lattice: the maxima of the Bragg-filtered image.
//!
//! The transform of the image is multiplied by Gaussians around its Bragg peaks, with a width of a fifth of
//! the smallest frequency. The result is the lattice with its slow variations, in which each site is an
//! average over a few cells, so that sites are found even where a column is missing, dark or hidden by noise.

use adatom_core::fourier::Complex;
use ndarray::Array2;

use super::transform::{inverse, transform};
use super::{BraggPeak, vertex};
use crate::{Error, Image, Result};

/// Number of Bragg peaks; more would only sharpen the sites.
const PEAKS: usize = 12;

/// Width of the Gaussians relative to the smallest frequency.
const WIDTH: f64 = 0.2;

/// Smallest distance of two sites, in spacings.
const APART: f64 = 0.35;

/// Maxima below this fraction of a typical one are not sites.
const LOWEST: f64 = 0.2;

impl Image {
    /// The sites of the lattice, `[sites, 2]` (row, column; fractional pixels): the maxima of the
    /// Bragg-filtered image.
    ///
    /// Several kinds of columns are found if each of them is a maximum. Sites within one or two cells of the
    /// edges are less accurate.
    ///
    /// ```
    /// use adatom_patch::{Image, ndarray::Array2};
    /// // Bright where both waves are: at whole multiples of 16 pixels.
    /// let wave = |pixel: usize| (std::f32::consts::TAU * pixel as f32 / 16.0).cos();
    /// let pixels = Array2::from_shape_fn((128, 128), |(row, column)| wave(row) + wave(column));
    /// let image = Image::from_array(pixels);
    /// let sites = image.lattice_sites()?;
    /// assert!(sites.rows().into_iter().any(|site| (site[0] - 64.0).hypot(site[1] - 48.0) < 0.1));
    /// # Ok::<(), adatom_patch::Error>(())
    /// ```
    ///
    /// # Errors
    /// Those of [`bragg_peaks`](Self::bragg_peaks); [`Error::Argument`] for an image without a periodic
    /// pattern.
    pub fn lattice_sites(&self) -> Result<Array2<f64>> {
        let peaks = self.bragg_peaks(PEAKS)?;
        let radius = |peak: &BraggPeak| peak.frequency[0].hypot(peak.frequency[1]);
        let slowest = peaks.iter().map(radius).fold(f64::INFINITY, f64::min);
        if !slowest.is_finite() {
            return Err(Error::Argument {
                what: "the image",
                expected: "periodic to find lattice sites".into(),
                found: "no Bragg peaks".into(),
            });
        }
        let lattice = filtered(self, &peaks, WIDTH * slowest);
        Ok(maxima(&lattice, APART / slowest))
    }
}

/// The image with only the frequencies around the peaks.
fn filtered(image: &Image, peaks: &[BraggPeak], width: f64) -> Array2<f64> {
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
        let near = |sign: f64, peak: &BraggPeak| {
            let [r, c] = peak.frequency;
            (-0.5 * ((down - sign * r).powi(2) + (across - sign * c).powi(2)) / (width * width)).exp()
        };
        let mask: f64 = peaks.iter().map(|peak| near(1.0, peak) + near(-1.0, peak)).sum();
        *value *= mask.min(1.0);
    }
    inverse(field)
}

/// The positions `[sites, 2]` of values that are the largest within `apart` pixels.
pub(crate) fn maxima(field: &Array2<f64>, apart: f64) -> Array2<f64> {
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
                // Of equal neighbours, the first is the maximum.
                if (down, across) < (0, 0) { here > other } else { here >= other }
            });
        if here > 0.0 && highest {
            found.push(Maximum { row: r, column: c, height: here });
        }
    }
    let mut heights: Vec<f64> = found.iter().map(|maximum| maximum.height).collect();
    heights.sort_by(f64::total_cmp);
    let typical = heights.get(heights.len() / 2).copied().unwrap_or(0.0);
    found.retain(|maximum| maximum.height >= LOWEST * typical);
    let refined = |Maximum { row, column, height }: Maximum| {
        // The offset of the vertex along the step (down, across).
        let offset = |down: isize, across: isize| {
            let neighbours = inside(row - down, column - across) && inside(row + down, column + across);
            if !neighbours {
                return 0.0;
            }
            parabola(at(row - down, column - across), height, at(row + down, column + across))
        };
        [row as f64 + offset(1, 0), column as f64 + offset(0, 1)]
    };
    let positions: Vec<[f64; 2]> = found.into_iter().map(refined).collect();
    Array2::from_shape_fn((positions.len(), 2), |(site, axis)| positions[site][axis])
}

/// A local maximum.
struct Maximum {
    row: isize,
    column: isize,
    height: f64,
}

/// The vertex, between -½ and ½, of the parabola through three values.
fn parabola(before: f64, here: f64, after: f64) -> f64 {
    // `vertex` takes logarithms.
    let largest = here.abs().max(before.abs()).max(after.abs()).max(f64::MIN_POSITIVE);
    vertex((before / largest).exp(), (here / largest).exp(), (after / largest).exp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_without_periodic_pattern_is_refused() {
        let error = Image::from_array(Array2::from_elem((40, 40), 1.0)).lattice_sites().unwrap_err();
        assert!(error.to_string().contains("must be periodic"), "{error}");
    }
}
