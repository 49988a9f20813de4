//! The roughness of a whole latent map, not of a batch, and the number of neighbours of patches.

use std::collections::HashMap;

use ndarray::ArrayView1;

use super::{REACH, Roughness, Smoothness};
use crate::error::{Error, Result};

/// Patches around which neighbours are looked for; more would not change the result.
const ANCHORS: usize = 2000;

impl Smoothness {
    /// The roughness R of a latent over all samples, with their own variance: 0 for a map that is constant
    /// over the length scale, 1 for noise without correlation (¼ and more with [`Roughness::Spectral`] for
    /// waves as short as the length scale). `None` when no sample has neighbours, or all values are equal.
    ///
    /// ```
    /// use adatom_vae::ndarray::{Array1, Array2};
    /// use adatom_vae::{Positions, Smoothness};
    /// let positions = Array2::from_shape_fn((400, 2), |(n, axis)| [n / 20, n % 20][axis] as f64);
    /// let smooth = Smoothness::new(Positions::new(positions.view())?, 4.0)?;
    /// let ramp = Array1::from_shape_fn(400, |n| (n / 20) as f64);
    /// let stripes = Array1::from_shape_fn(400, |n| (n % 2) as f64);
    /// assert!(smooth.roughness_of(ramp.view())?.unwrap() < 0.1);
    /// assert!(smooth.roughness_of(stripes.view())?.unwrap() > 0.9);
    /// # Ok::<(), adatom_vae::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Shape`] for another number of values than samples, [`Error::Value`] for one that is not
    /// finite.
    pub fn roughness_of(&self, values: ArrayView1<'_, f64>) -> Result<Option<f64>> {
        let n = self.positions.len();
        if values.len() != n {
            let expected = format!("[{n} samples]");
            return Err(Error::shape("the values of a map", expected, format!("[{}]", values.len())));
        }
        if let Some(sample) = values.iter().position(|value| !value.is_finite()) {
            let value = values[sample] as f32;
            return Err(Error::Value { sample, position: 0, value, expected: "finite" });
        }
        let variance = values.var(0.0);
        if n == 0 || variance <= 0.0 {
            return Ok(None);
        }
        let width = self.roughness.width(self.length);
        let near = self.neighbours(REACH * width);
        let (mut sum, mut whole, mut met) = (0.0, 0.0, 0_usize);
        let anchors = ANCHORS.min(n);
        for anchor in (0..anchors).map(|index| (2 * index + 1) * n / (2 * anchors)) {
            let (mut around, mut weights, mut others) = (0.0, 0.0, 0.0);
            for other in near.of(self.positions.image[anchor], self.positions.at[anchor]) {
                let Some(distance) = self.positions.distance(anchor, other).filter(|d| *d <= REACH * width)
                else {
                    continue;
                };
                let weight = (-0.5 * (distance / width).powi(2)).exp();
                let difference = values[anchor] - values[other];
                around += weight * values[other];
                weights += weight;
                if other != anchor {
                    met += 1;
                    others += weight;
                    sum += weight
                        * match self.roughness {
                            Roughness::SquaredDifference => 0.5 * difference * difference,
                            Roughness::TotalVariation => difference.abs(),
                            Roughness::Spectral => 0.0,
                        };
                }
            }
            whole += others;
            if self.roughness == Roughness::Spectral {
                sum += (values[anchor] - around / weights).powi(2);
            }
        }
        if met == 0 {
            return Ok(None);
        }
        Ok(Some(match self.roughness {
            Roughness::SquaredDifference => sum / (whole * variance),
            Roughness::TotalVariation => std::f64::consts::PI.sqrt() / 2.0 * sum / (whole * variance.sqrt()),
            Roughness::Spectral => sum / (anchors as f64 * variance),
        }))
    }

    /// Mean number of other patches within the length scale of a patch.
    ///
    /// ```
    /// use adatom_vae::ndarray::Array2;
    /// use adatom_vae::{Positions, Smoothness};
    /// let positions = Array2::from_shape_fn((400, 2), |(n, axis)| [n / 20, n % 20][axis] as f64);
    /// let within = |length: f64| -> Result<f64, adatom_vae::Error> {
    ///     Ok(Smoothness::new(Positions::new(positions.view())?, length)?.mean_neighbours())
    /// };
    /// assert_eq!(within(0.9)?, 0.0);
    /// // Four, except at the edges of the grid.
    /// assert_eq!(within(1.1)?, 3.8);
    /// # Ok::<(), adatom_vae::Error>(())
    /// ```
    #[must_use]
    pub fn mean_neighbours(&self) -> f64 {
        let n = self.positions.len();
        let near = self.neighbours(self.length);
        let anchors = ANCHORS.min(n);
        let mut met = 0_usize;
        for anchor in (0..anchors).map(|index| (2 * index + 1) * n / (2 * anchors)) {
            let others = near.of(self.positions.image[anchor], self.positions.at[anchor]);
            let close = |&other: &usize| {
                other != anchor && self.positions.distance(anchor, other).is_some_and(|d| d <= self.length)
            };
            met += others.filter(close).count();
        }
        met as f64 / anchors.max(1) as f64
    }

    fn neighbours(&self, side: f64) -> Neighbours {
        let mut cells: HashMap<Cell, Vec<usize>> = HashMap::new();
        for (sample, (&image, &at)) in self.positions.image.iter().zip(&self.positions.at).enumerate() {
            cells.entry(cell(image, at, side)).or_default().push(sample);
        }
        Neighbours { side, cells }
    }
}

/// Image, row and column of a square.
type Cell = (u32, i64, i64);

fn cell(image: u32, at: [f64; 2], side: f64) -> Cell {
    (image, (at[0] / side).floor() as i64, (at[1] / side).floor() as i64)
}

/// Samples sorted into squares as wide as the largest distance of neighbours.
struct Neighbours {
    side: f64,
    cells: HashMap<Cell, Vec<usize>>,
}

impl Neighbours {
    /// Samples in the square of a position and in those around it.
    fn of(&self, image: u32, at: [f64; 2]) -> impl Iterator<Item = usize> + '_ {
        let (image, row, column) = cell(image, at, self.side);
        let around = (-1..=1).flat_map(move |down| (-1..=1).map(move |right| (down, right)));
        around.flat_map(move |(down, right)| {
            let cell = (image, row.saturating_add(down), column.saturating_add(right));
            self.cells.get(&cell).map_or(&[][..], Vec::as_slice).iter().copied()
        })
    }
}

#[cfg(test)]
mod tests {
    use ndarray::{Array1, Array2};

    use super::*;
    use crate::train::{LatentBatch, LatentRegulariser, Positions};

    #[test]
    fn it_is_the_penalty_of_a_batch_of_all_samples() {
        let positions = Array2::from_shape_fn((300, 2), |(n, axis)| 1.7 * [n / 20, n % 20][axis] as f64);
        let values = Array1::from_shape_fn(300, |n| ((n * n) as f64 * 0.37).sin() + (n / 20) as f64 * 0.2);
        for roughness in [Roughness::SquaredDifference, Roughness::TotalVariation, Roughness::Spectral] {
            let smooth = Smoothness::new(Positions::new(positions.view()).unwrap(), 6.0).unwrap();
            let smooth = smooth.roughness(roughness).weight(1.0);
            let indices: Vec<usize> = (0..300).collect();
            let means = values.clone().insert_axis(ndarray::Axis(1));
            let sds = Array2::from_elem((300, 1), 1e-9);
            let batch = LatentBatch::new(&indices, means.view(), sds.view(), 0..1);
            let penalty = smooth.penalty(&batch, &mut Array2::zeros((300, 1)).view_mut()) / 300.0;
            let found = smooth.roughness_of(values.view()).unwrap().unwrap();
            assert!((found - penalty).abs() < 1e-12, "{roughness:?}: {found} {penalty}");
        }
    }

    #[test]
    fn maps_without_neighbours_or_variance_have_no_roughness() {
        let positions = Array2::from_shape_fn((4, 2), |(n, _)| 100.0 * n as f64);
        let smooth = Smoothness::new(Positions::new(positions.view()).unwrap(), 6.0).unwrap();
        let values = Array1::from_iter((0..4).map(f64::from));
        assert_eq!(smooth.roughness_of(values.view()).unwrap(), None, "no neighbours");
        assert!(smooth.roughness_of(values.slice_axis(ndarray::Axis(0), (..3).into())).is_err());
        assert!(smooth.roughness_of(Array1::from_elem(4, f64::NAN).view()).is_err());
        let near = Smoothness::new(smooth.positions.clone(), 200.0).unwrap();
        assert_eq!(near.roughness_of(Array1::zeros(4).view()).unwrap(), None, "constant");
        assert!(near.roughness_of(values.view()).unwrap().is_some());
    }
}
