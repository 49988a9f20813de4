//! The latents that live on a circle: for each of them the encoder gives two numbers (c, s) in its layer of
//! means.

use std::ops::Range;

use candle_core::{Result, Tensor};

use super::rotation::{angle, angle_gradient, angles_of};

/// The latents on a circle, which are adjacent, and the outputs of the layer of means that belong to each
/// latent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Directions(Range<usize>);

impl Directions {
    pub(crate) fn new(latents: Range<usize>) -> Self {
        Self(latents)
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether `latent` lives on a circle.
    pub(crate) fn contains(&self, latent: usize) -> bool {
        self.0.contains(&latent)
    }

    /// The output of the layer of means that belongs to `latent`; the first of two for a latent on a circle.
    pub(crate) fn output(&self, latent: usize) -> usize {
        latent + latent.clamp(self.0.start, self.0.end) - self.0.start
    }

    /// The direction of `latent` in the layer of means.
    fn direction(&self, outputs: &[f32], latent: usize) -> [f64; 2] {
        let first = self.output(latent);
        [f64::from(outputs[first]), f64::from(outputs[first + 1])]
    }

    /// The means of one sample from its layer of means.
    pub(crate) fn means(&self, outputs: &[f32], means: &mut [f32]) {
        for (latent, mean) in means.iter_mut().enumerate() {
            *mean = if self.contains(latent) {
                angle(self.direction(outputs, latent)) as f32
            } else {
                outputs[self.output(latent)]
            };
        }
    }

    /// Gradients with respect to the layer of means from those with respect to the means, of one sample.
    pub(crate) fn backward(&self, outputs: &[f32], means_gradient: &[f32], to: &mut [f32]) {
        for (latent, &gradient) in means_gradient.iter().enumerate() {
            let first = self.output(latent);
            if self.contains(latent) {
                let turn = angle_gradient(self.direction(outputs, latent));
                to[first..first + 2]
                    .iter_mut()
                    .zip(turn)
                    .for_each(|(to, turn)| *to = (turn * f64::from(gradient)) as f32);
            } else {
                to[first] = gradient;
            }
        }
    }

    /// Means `[n, latents]` from the layer of means.
    pub(crate) fn means_of(&self, outputs: &Tensor) -> Result<Tensor> {
        if self.is_empty() {
            return Ok(outputs.clone());
        }
        let angles: Vec<Tensor> = self
            .0
            .clone()
            .map(|latent| angles_of(&outputs.narrow(1, self.output(latent), 2)?))
            .collect::<Result<_>>()?;
        let (before, after) = (self.0.start, self.0.end + self.len());
        let width = outputs.dim(1)?;
        let mut parts = Vec::with_capacity(angles.len() + 2);
        if before > 0 {
            parts.push(outputs.narrow(1, 0, before)?);
        }
        parts.extend(angles);
        if width > after {
            parts.push(outputs.narrow(1, after, width - after)?);
        }
        Tensor::cat(&parts, 1)
    }

    /// `of_circle` of the columns on circles and `of_line` of the others, `[n, latents]`.
    pub(crate) fn by_column(
        &self,
        columns: [&Tensor; 2],
        of_circle: impl Fn(&Tensor) -> Result<Tensor>,
        of_line: impl Fn(&Tensor, &Tensor) -> Result<Tensor>,
    ) -> Result<Tensor> {
        let [mean, sd] = columns;
        let line = |first: usize, count: usize| -> Result<Option<Tensor>> {
            if count == 0 {
                return Ok(None);
            }
            of_line(&mean.narrow(1, first, count)?, &sd.narrow(1, first, count)?).map(Some)
        };
        if self.is_empty() {
            return of_line(mean, sd);
        }
        let circles = of_circle(&sd.narrow(1, self.0.start, self.len())?)?;
        let parts = [line(0, self.0.start)?, Some(circles), line(self.0.end, sd.dim(1)? - self.0.end)?];
        Tensor::cat(&parts.into_iter().flatten().collect::<Vec<_>>(), 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use candle_core::Device;

    #[test]
    fn means_are_the_same_by_tensors() {
        let heads: Vec<f32> = vec![0.3, -0.7, 0.2, -0.1, -0.9, 1.5, 2.5];
        for (latents, expected) in [
            (0..0, heads.clone()),
            (0..1, vec![(-0.7f32).atan2(0.3), 0.2, -0.1, -0.9, 1.5, 2.5]),
            (1..3, vec![0.3, 0.2f32.atan2(-0.7), (-0.9f32).atan2(-0.1), 1.5, 2.5]),
            (0..3, vec![(-0.7f32).atan2(0.3), (-0.1f32).atan2(0.2), 1.5f32.atan2(-0.9), 2.5]),
        ] {
            let directions = Directions::new(latents);
            let mut means = vec![0.0; heads.len() - directions.len()];
            directions.means(&heads, &mut means);
            let tensor = Tensor::from_vec(heads.clone(), (1, heads.len()), &Device::Cpu).unwrap();
            let by_tensors = directions.means_of(&tensor).unwrap().to_vec2::<f32>().unwrap().remove(0);
            for means in [means, by_tensors] {
                assert_eq!(means.len(), expected.len());
                assert!(means.iter().zip(&expected).all(|(a, b)| (a - b).abs() < 1e-6), "{means:?}");
            }
        }
    }
}
