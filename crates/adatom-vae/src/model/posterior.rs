//! The posterior of n samples: mean and standard deviation of their latents.

use candle_core::Tensor;
use ndarray::{Array1, Array2, ArrayView1, ArrayView2, Axis};

use crate::spec::{Invariance, LatentLayout, VaeConfig, circle_kl, pixels_per_unit, wrap_angle};

/// Posterior of a batch as tensors on the device of the batch: both `[n, latents]`, latents in the order
/// rotation, shift, scale, content.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct LatentTensors {
    /// Means.
    pub mean: Tensor,
    /// Standard deviations.
    pub sd: Tensor,
}

/// Mean and standard deviation of q(z given x) for n samples, with named parts in physical units.
///
/// Names without `_sd` are means. Parts that the model does not have are `None`.
#[derive(Debug, Clone, PartialEq)]
pub struct Posterior {
    config: VaeConfig,
    mean: Array2<f32>,
    sd: Array2<f32>,
    /// Mean and standard deviation of the angle, radians.
    rotation: Option<[Array1<f32>; 2]>,
}

impl Posterior {
    pub(crate) fn new(config: VaeConfig, mean: Array2<f32>, sd: Array2<f32>) -> Self {
        let prior = config.get_rotation_prior();
        let rotation = LatentLayout::new(&config).rotation.map(|index| {
            let angle = |z: f32| wrap_angle(prior * f64::from(z)) as f32;
            [mean.column(index).mapv(angle), sd.column(index).mapv(|sd| prior as f32 * sd)]
        });
        Self { config, mean, sd, rotation }
    }

    pub(crate) fn config(&self) -> &VaeConfig {
        &self.config
    }

    fn layout(&self) -> LatentLayout {
        LatentLayout::new(&self.config)
    }

    /// Number of samples.
    pub fn len(&self) -> usize {
        self.mean.nrows()
    }

    /// Whether there are no samples.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Means of all latents, `[n, latents]`, in units of the prior; an angle on the circle and phases of a
    /// lattice in radians.
    pub fn mean(&self) -> ArrayView2<'_, f32> {
        self.mean.view()
    }

    /// Standard deviations of all latents, `[n, latents]`, in units of the prior; of angles on the circle and
    /// phases in radians.
    pub fn sd(&self) -> ArrayView2<'_, f32> {
        self.sd.view()
    }

    /// The name of every latent.
    pub fn names(&self) -> Vec<String> {
        self.layout().names()
    }

    /// Content latents, `[n, k]`.
    pub fn content(&self) -> ArrayView2<'_, f32> {
        let range = self.layout().content;
        self.mean.slice_axis(Axis(1), range.into())
    }

    /// Standard deviations of the content latents, `[n, k]`.
    pub fn content_sd(&self) -> ArrayView2<'_, f32> {
        let range = self.layout().content;
        self.sd.slice_axis(Axis(1), range.into())
    }

    /// The displacement of the object from the centre of the window in pixels: `[n, 2]` (rows, columns),
    /// `[n, 1]` for signals. The object lies at g' = 0 of the decoder's coordinates, g = -t R(-φ)/s; without
    /// rotation and scale this is [`shift_pixels`](Self::shift_pixels).
    ///
    /// ```
    /// use adatom_vae::{Device, Invariance, ShiftVae, ndarray::Array3};
    /// let config =
    ///     ShiftVae::image_config(9, 9).hidden([8]).invariances([Invariance::Rotation, Invariance::Shift]);
    /// let vae = ShiftVae::init(config, 7, &Device::Cpu)?;
    /// let posterior =
    ///     vae.encode(&Array3::from_shape_fn((3, 9, 9), |(n, r, c)| ((n + r * c) % 5) as f32 / 5.0))?;
    /// let (shift, position) = (posterior.shift_pixels().unwrap(), posterior.position_pixels().unwrap());
    /// // Turned, but at the same distance: the window is square and there is no scale.
    /// for (shift, position) in shift.rows().into_iter().zip(position.rows()) {
    ///     assert!((shift.dot(&shift) - position.dot(&position)).abs() < 1e-4 * shift.dot(&shift));
    /// }
    /// # Ok::<(), adatom_vae::Error>(())
    /// ```
    pub fn position_pixels(&self) -> Option<Array2<f32>> {
        let (mut positions, pixels) = (self.shift_grid()?, pixels_per_unit(self.config.sample_shape()));
        let (angles, scales) = (self.rotation(), self.scale());
        for (sample, mut position) in positions.rows_mut().into_iter().enumerate() {
            let scale = scales.as_ref().map_or(1.0, |scales| f64::from(scales[sample]));
            if let (Some(angles), 2) = (&angles, position.len()) {
                let (sine, cosine) = f64::from(angles[sample]).sin_cos();
                let [row, column] = [f64::from(position[0]), f64::from(position[1])];
                position[0] = (row * cosine + column * sine) as f32;
                position[1] = (column * cosine - row * sine) as f32;
            }
            position.mapv_inplace(|along| (f64::from(along) / scale) as f32);
        }
        Some(scaled(positions, &pixels))
    }

    /// Standard deviation of [`position_pixels`](Self::position_pixels), in pixels, to first order in the
    /// standard deviations of translation, angle and scale.
    pub fn position_pixels_sd(&self) -> Option<Array2<f32>> {
        let (angles, scales) = (self.rotation(), self.scale());
        if angles.is_none() && scales.is_none() {
            return self.shift_pixels_sd();
        }
        let pixels = pixels_per_unit(self.config.sample_shape());
        let (units, positions) = (self.config.shift_units(), self.position_pixels()?);
        let (angle_sds, scale_sds) = (self.rotation_sd(), self.scale_sd());
        let sds = self.sd.slice_axis(Axis(1), self.layout().shift?.into());
        let axes = pixels.len();
        Some(Array2::from_shape_fn(positions.dim(), |(sample, axis)| {
            let scale = scales.as_ref().map_or(1.0, |scales| f64::from(scales[sample]));
            let (sine, cosine) = angles.map_or((0.0, 1.0), |angles| f64::from(angles[sample]).sin_cos());
            // Of the matrix by which a translation becomes a position, in grid units.
            let row = match (axes, axis) {
                (2, 0) => vec![cosine / scale, sine / scale],
                (2, _) => vec![-sine / scale, cosine / scale],
                _ => vec![1.0 / scale],
            };
            let mut variance = 0.0;
            for (latent, &sd) in sds.row(sample).iter().enumerate() {
                let along: f64 = row.iter().enumerate().map(|(k, r)| r * units[k * axes + latent]).sum();
                variance += (along * f64::from(sd)).powi(2);
            }
            let position = |axis: usize| f64::from(positions[[sample, axis]]) / pixels[axis];
            if let (Some(sds), 2) = (&angle_sds, axes) {
                variance += (position(1 - axis) * f64::from(sds[sample])).powi(2);
            }
            if let Some(sds) = &scale_sds {
                variance += (position(axis) / scale * f64::from(sds[sample])).powi(2);
            }
            (pixels[axis].abs() * variance.sqrt()) as f32
        }))
    }

    /// The translation t of the decoder in pixels: `[n, 2]` (rows, columns), `[n, 1]` for signals. Without
    /// rotation and scale it is the displacement of the object from the centre of the window; with them see
    /// [`position_pixels`](Self::position_pixels). On the cell of a lattice it is that of the nearest site.
    pub fn shift_pixels(&self) -> Option<Array2<f32>> {
        let (units, pixels) = (self.shift_grid()?, pixels_per_unit(self.config.sample_shape()));
        Some(scaled(units, &pixels))
    }

    /// Standard deviation of [`shift_pixels`](Self::shift_pixels), in pixels; on a lattice before the
    /// position is reduced to the cell.
    pub fn shift_pixels_sd(&self) -> Option<Array2<f32>> {
        let squared: Vec<f64> = self.config.shift_units().iter().map(|unit| unit * unit).collect();
        let range = self.layout().shift?;
        let pixels: Vec<f64> = pixels_per_unit(self.config.sample_shape()).iter().map(|p| p.abs()).collect();
        let (axes, sds) = (pixels.len(), self.sd.slice_axis(Axis(1), range.into()));
        Some(Array2::from_shape_fn(sds.dim(), |(row, axis)| {
            let along = squared[axis * axes..][..axes].iter().zip(sds.row(row));
            let variance: f64 = along.map(|(unit, &sd)| unit * f64::from(sd).powi(2)).sum();
            (pixels[axis] * variance.sqrt()) as f32
        }))
    }

    /// The translation t of the coordinates in grid units, `[n, axes]`.
    pub fn shift_grid(&self) -> Option<Array2<f32>> {
        let range = self.layout().shift?;
        Some(combined(&self.mean.slice_axis(Axis(1), range.into()).to_owned(), &self.config.shift_units()))
    }

    /// Both phases of a shift on a lattice ([`VaeConfig::shift_lattice`]), `[n, 2]`, radians in (-π, π].
    pub fn lattice_phases(&self) -> Option<ArrayView2<'_, f32>> {
        self.config.get_shift_lattice()?;
        let range = self.layout().shift?;
        Some(self.mean.slice_axis(Axis(1), range.into()))
    }

    /// Angle in radians, `[n]`, in (-π, π].
    ///
    /// Angles on both sides of ±π are neighbours: subtract them with
    /// [`angle_difference`](crate::angle_difference), average them with
    /// [`CircularMean`](crate::CircularMean), and remove the jumps in a row of a map with
    /// [`unwrap_angles`](crate::unwrap_angles). Angles are determined up to a constant common to all samples.
    pub fn rotation(&self) -> Option<ArrayView1<'_, f32>> {
        self.rotation.as_ref().map(|[angle, _]| angle.view())
    }

    /// Standard deviation of the angle in radians, `[n]`.
    pub fn rotation_sd(&self) -> Option<ArrayView1<'_, f32>> {
        self.rotation.as_ref().map(|[_, sd]| sd.view())
    }

    /// Scale of the coordinates, around 1, `[n]`.
    pub fn scale(&self) -> Option<Array1<f32>> {
        let prior = self.config.get_scale_prior() as f32;
        self.layout().scale.map(|index| self.mean.column(index).mapv(|z| 1.0 + prior * z))
    }

    /// Standard deviation of the scale, `[n]`.
    pub fn scale_sd(&self) -> Option<Array1<f32>> {
        let prior = self.config.get_scale_prior() as f32;
        self.layout().scale.map(|index| self.sd.column(index).mapv(|sd| prior * sd))
    }

    /// Mean KL divergence from the prior of every latent, `[latents]`, in nat: near 0 for a collapsed latent.
    pub fn kl_per_latent(&self) -> Array1<f64> {
        let n = self.len().max(1) as f64;
        let directions = self.config.directions();
        let mut sums = Array1::zeros(self.mean.ncols());
        for (mean, sd) in self.mean.axis_iter(Axis(0)).zip(self.sd.axis_iter(Axis(0))) {
            for (latent, ((sum, &mean), &sd)) in sums.iter_mut().zip(mean).zip(sd).enumerate() {
                let (mean, sd) = (f64::from(mean), f64::from(sd));
                *sum += match directions.contains(latent) {
                    true => circle_kl(sd).value,
                    false => 0.5 * (mean * mean + sd * sd - 1.0) - sd.ln(),
                };
            }
        }
        sums / n
    }

    /// Whether the model undoes `invariance`.
    pub fn has(&self, invariance: Invariance) -> bool {
        self.config.has(invariance)
    }
}

/// `rows` `[n, axes]` times the transpose of `units` `[axes, axes]`.
fn combined(rows: &Array2<f32>, units: &[f64]) -> Array2<f32> {
    let axes = rows.ncols();
    Array2::from_shape_fn(rows.dim(), |(row, axis)| {
        let along = units[axis * axes..][..axes].iter().zip(rows.row(row));
        along.map(|(unit, &value)| unit * f64::from(value)).sum::<f64>() as f32
    })
}

fn scaled(mut columns: Array2<f32>, factors: &[f64]) -> Array2<f32> {
    for (mut column, &factor) in columns.columns_mut().into_iter().zip(factors) {
        column.mapv_inplace(|value| value * factor as f32);
    }
    columns
}

#[cfg(test)]
mod tests {
    use candle_core::{Device, Tensor};

    use super::*;
    use crate::net::coordinate_change;
    use crate::spec::Invariance;
    use adatom_core::SampleShape;

    #[test]
    fn the_object_lies_where_its_coordinates_are_zero() {
        use Invariance::{Rotation, Scale, Shift};
        let shape = SampleShape::Image { height: 9, width: 13 };
        let config =
            VaeConfig::new(shape).invariances([Rotation, Shift, Scale]).shift_prior_per_axis([0.3, 0.2]);
        let n = 5;
        let mean =
            Array2::from_shape_fn((n, config.latents()), |(i, j)| ((i * 7 + j * 3) as f32 * 0.9).sin());
        let z = Tensor::from_vec(mean.iter().copied().collect::<Vec<_>>(), mean.dim(), &Device::Cpu).unwrap();
        let changes: Vec<Vec<f32>> = coordinate_change(&config, &z).unwrap().to_vec2().unwrap();
        let posterior = Posterior::new(config, mean, Array2::ones((n, z.dims()[1])));
        for (position, change) in posterior.position_pixels().unwrap().rows().into_iter().zip(changes) {
            // Rows run from -1 to 1 over 9 pixels, columns from 1 to -1 over 13.
            let (row, column) = (position[0] / 4.0, -position[1] / 6.0);
            let at = [
                change[0] * row + change[1] * column + change[4],
                change[2] * row + change[3] * column + change[5],
            ];
            assert!(at.iter().all(|x| x.abs() < 1e-5), "{at:?}");
        }
    }

    #[test]
    fn the_spread_of_a_position_is_that_of_many_draws() {
        use Invariance::{Rotation, Scale, Shift};
        let shape = SampleShape::Image { height: 9, width: 13 };
        let config = VaeConfig::new(shape).invariances([Rotation, Shift, Scale]).shift_prior(0.3);
        let latents = config.latents();
        let mean =
            Array2::from_shape_fn((1, latents), |(_, j)| [0.8, 1.2, -0.9, 0.4].get(j).map_or(0.0, |z| *z));
        let sd = Array2::from_elem((1, latents), 0.01f32);
        let spread = Posterior::new(config.clone(), mean.clone(), sd.clone()).position_pixels_sd().unwrap();
        // Independent latents: variances of moves by one standard deviation of each add.
        let position = |mean: &Array2<f32>| {
            Posterior::new(config.clone(), mean.clone(), sd.clone()).position_pixels().unwrap()
        };
        for axis in 0..2 {
            let moved = |latent: usize| {
                let mut there = mean.clone();
                there[[0, latent]] += 0.01;
                f64::from(position(&there)[[0, axis]] - position(&mean)[[0, axis]])
            };
            let expected = (0..4).map(|latent| moved(latent).powi(2)).sum::<f64>().sqrt();
            let found = f64::from(spread[[0, axis]]);
            assert!((found / expected - 1.0).abs() < 0.02, "{found} {expected}");
        }
    }
}
