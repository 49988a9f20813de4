//! Whether a model can be built of a configuration.

use super::{EncoderKind, OutputLink, SHIFT_PRIOR, VaeConfig};
use crate::error::{Error, Result};
use crate::spec::{Invariance, Likelihood, RotationPosterior};

impl VaeConfig {
    /// Whether a model can be built of this.
    ///
    /// # Errors
    /// [`Error::Setting`] names the first setting that no model can have.
    pub fn check(&self) -> Result<()> {
        let setting = |setting, expected, found: String| Err(Error::Setting { setting, expected, found });
        let positive = |value: f64| value.is_finite() && value > 0.0;
        if self.shape.points() == 0 {
            return setting("the sample shape", "at least one point along each axis", self.shape.to_string());
        }
        if self.shape.channels() == 0 {
            return setting("the sample shape", "at least one channel", self.shape.to_string());
        }
        if self.shape.len() > MAX_POINTS {
            return setting("the sample shape", "at most 2^24 values", self.shape.to_string());
        }
        if self.latents() == 0 {
            return setting("latent_dim", "at least 1 in a model without invariances", "0".into());
        }
        if self.latent_dim > MAX_WIDTH {
            return setting("latent_dim", "at most 65536", self.latent_dim.to_string());
        }
        if self.shape.dimensions() == 1 && self.invariances.iter().any(|&i| i != Invariance::Shift) {
            return setting(
                "invariances",
                "shift or none for 1-D signals",
                format!("{:?}", self.invariances),
            );
        }
        if self.shift_prior.len() != self.shape.dimensions() {
            return setting(
                "dx_prior",
                "one number, or one for each axis",
                format!("{:?}", self.shift_prior),
            );
        }
        if let Some(prior) = self.shift_prior.iter().find(|&&prior| !positive(prior)) {
            return setting("dx_prior", "finite and positive", prior.to_string());
        }
        if !positive(self.scale_prior) {
            return setting("sc_prior", "finite and positive", self.scale_prior.to_string());
        }
        if !positive(self.rotation_prior) {
            return setting("rotation_prior", "finite and positive", self.rotation_prior.to_string());
        }
        if self.rotation == RotationPosterior::Circle {
            if !self.has(Invariance::Rotation) {
                let found = format!("{:?}", self.invariances);
                return setting("invariances", "with rotation where rotation_circle is asked for", found);
            }
            if self.rotation_prior != 1.0 {
                let expected = "1 on the circle, where the prior is uniform";
                return setting("rotation_prior", expected, self.rotation_prior.to_string());
            }
        }
        self.check_shift_lattice()?;
        if !positive(self.first_frequency) {
            return setting("first_frequency", "finite and positive", self.first_frequency.to_string());
        }
        for widths in [&self.encoder_hidden, &self.decoder_hidden] {
            if widths.is_empty() || widths.iter().any(|&width| width == 0 || width > MAX_WIDTH) {
                return setting("hidden", "one or more widths from 1 to 65536", format!("{widths:?}"));
            }
        }
        if let EncoderKind::Convolutional { channels } = &self.encoder
            && (channels.is_empty()
                || channels.len() > 16
                || channels.iter().any(|&n| n == 0 || n > MAX_WIDTH))
        {
            let expected = "1 to 16 layers with 1 to 65536 channels";
            return setting("the convolutional encoder", expected, format!("{channels:?}"));
        }
        self.check_side()?;
        match self.likelihood {
            Likelihood::Gaussian { sigma } if !positive(sigma) => {
                setting("sigma", "finite and positive", sigma.to_string())
            }
            Likelihood::Poisson if self.output != OutputLink::Exponential => setting(
                "output",
                "exponential for a Poisson likelihood",
                format!("{:?}", self.output).to_lowercase(),
            ),
            Likelihood::Poisson => Ok(()),
            _ if self.output == OutputLink::Exponential => setting(
                "output",
                "sigmoid or identity for another likelihood than Poisson",
                "exponential".into(),
            ),
            Likelihood::Gaussian { .. } | Likelihood::GaussianLearned | Likelihood::GaussianPerPixel => {
                Ok(())
            }
            _ if self.output == OutputLink::Identity => {
                setting("output", "sigmoid for a Bernoulli likelihood", "identity".into())
            }
            _ => Ok(()),
        }
    }

    fn check_shift_lattice(&self) -> Result<()> {
        let Some([a, b]) = self.shift_lattice else { return Ok(()) };
        let setting =
            |expected, found: String| Err(Error::Setting { setting: "shift_lattice", expected, found });
        let long = |vector: [f64; 2]| vector[0].hypot(vector[1]);
        if !self.has(Invariance::Shift) {
            return setting("absent in a model without shift", format!("{:?}", self.invariances));
        }
        if self.shape.dimensions() != 2 || self.shape.extents().contains(&1) {
            let expected = "absent for signals and for images of one row or column";
            return setting(expected, self.shape.to_string());
        }
        let found = format!("{a:?} and {b:?}");
        if ![a, b].iter().all(|&vector| (1.0..=LONGEST).contains(&long(vector))) {
            return setting("two vectors of 1 to 65536 pixels", found);
        }
        // The sine of the angle between them.
        if ((a[0] * b[1] - a[1] * b[0]) / (long(a) * long(b))).abs() < LEAST_SINE {
            return setting("two vectors that are not parallel", found);
        }
        if self.shift_prior.iter().any(|&prior| prior != SHIFT_PRIOR) {
            let expected = "absent where dx_prior is given: the prior is uniform over the cell";
            return setting(expected, found);
        }
        Ok(())
    }
}

/// Vectors at smaller angles than 3° span no lattice that anyone means.
const LEAST_SINE: f64 = 0.05;

/// No image has a larger cell.
const LONGEST: f64 = 65_536.0;

/// Wider layers and larger samples than these are mistakes of a file, not models.
const MAX_WIDTH: usize = 65_536;
const MAX_POINTS: usize = 1 << 24;

#[cfg(test)]
mod tests {
    use super::*;
    use adatom_core::SampleShape;

    #[test]
    fn settings_that_no_model_can_have_are_named() {
        let image = VaeConfig::new(SampleShape::Image { height: 8, width: 8 });
        let signal = VaeConfig::new(SampleShape::Signal { points: 8 });
        let text = |config: VaeConfig| config.check().unwrap_err().to_string();
        assert_eq!(
            text(image.clone().invariances([]).latent_dim(0)),
            "latent_dim must be at least 1 in a model without invariances, found 0"
        );
        assert_eq!(
            text(signal.clone().invariances([Invariance::Scale])),
            "invariances must be shift or none for 1-D signals, found [Scale]"
        );
        assert_eq!(
            text(image.clone().hidden([])),
            "hidden must be one or more widths from 1 to 65536, found []"
        );
        assert_eq!(
            text(image.clone().likelihood(Likelihood::Gaussian { sigma: 0.0 })),
            "sigma must be finite and positive, found 0"
        );
        let lattice = |a: [f64; 2], b| text(image.clone().shift_lattice([a, b]));
        assert_eq!(
            lattice([4.0, 0.0], [8.0, 0.1]),
            "shift_lattice must be two vectors that are not parallel, found [4.0, 0.0] and [8.0, 0.1]"
        );
        assert_eq!(
            lattice([4.0, 0.0], [f64::NAN, 1.0]),
            "shift_lattice must be two vectors of 1 to 65536 pixels, found [4.0, 0.0] and [NaN, 1.0]"
        );
        assert!(lattice([1e200, 1e200], [1e200, 1e200]).contains("1 to 65536 pixels"));
        assert_eq!(
            text(image.clone().shift_prior(0.3).shift_lattice([[4.0, 0.0], [0.0, 4.0]])),
            "shift_lattice must be absent where dx_prior is given: the prior is uniform over the cell, found \
             [4.0, 0.0] and [0.0, 4.0]"
        );
        assert_eq!(
            text(image.clone().invariances([]).shift_lattice([[4.0, 0.0], [0.0, 4.0]])),
            "shift_lattice must be absent in a model without shift, found []"
        );
        assert_eq!(
            text(signal.clone().shift_lattice([[4.0, 0.0], [0.0, 4.0]])),
            "shift_lattice must be absent for signals and for images of one row or column, found 8"
        );
        assert_eq!(
            text(image.output(OutputLink::Identity)),
            "output must be sigmoid for a Bernoulli likelihood, found identity"
        );
    }
}
