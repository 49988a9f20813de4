//! Validation of a configuration.

use super::{EncoderKind, OutputLink, SHIFT_PRIOR, VaeConfig};
use crate::error::{Error, Result};
use crate::spec::{Invariance, Likelihood, RotationPosterior};

impl VaeConfig {
    /// Checks that a model can be built with this configuration.
    ///
    /// # Errors
    /// [`Error::Setting`] names the first invalid setting.
    pub fn check(&self) -> Result<()> {
        self.check_sizes()?;
        self.check_priors()?;
        self.check_shift_lattice()?;
        self.check_layers()?;
        self.check_conditioning()?;
        self.check_likelihood()
    }

    fn check_sizes(&self) -> Result<()> {
        let shape = |expected| Err(Error::setting("the sample shape", expected, self.shape));
        if self.shape.points() == 0 {
            return shape("at least one point along each axis");
        }
        if self.shape.channels() == 0 {
            return shape("at least one channel");
        }
        if self.shape.len() > MAX_POINTS {
            return shape("at most 2^24 values");
        }
        let content = |expected| Err(Error::setting(CONTENT, expected, self.latent_dim));
        if self.latents() == 0 {
            return content("at least 1 in a model without invariances");
        }
        if self.latent_dim > MAX_WIDTH {
            return content("at most 65536");
        }
        if self.shape.dimensions() == 1 && self.invariances.iter().any(|&i| i != Invariance::Shift) {
            return Err(self.invariances_error("shift or none for 1-D signals"));
        }
        Ok(())
    }

    fn check_priors(&self) -> Result<()> {
        if self.shift_prior.len() != self.shape.dimensions() {
            let found = format!("{:?}", self.shift_prior);
            return Err(Error::setting("the prior of the shift", "one number, or one for each axis", found));
        }
        let shift = self.shift_prior.iter().map(|&prior| ("the prior of the shift", prior));
        let others = [
            ("the prior of the scale", self.scale_prior),
            ("the prior of the rotation", self.rotation_prior),
        ];
        for (prior, value) in shift.chain(others) {
            if !positive(value) {
                return Err(Error::setting(prior, POSITIVE, value));
            }
        }
        if self.rotation != RotationPosterior::Circle {
            return Ok(());
        }
        if !self.has(Invariance::Rotation) {
            return Err(self.invariances_error("with rotation where the angle is on the circle"));
        }
        if self.rotation_prior != 1.0 {
            let expected = "1 on the circle, where it is uniform";
            return Err(Error::setting("the prior of the rotation", expected, self.rotation_prior));
        }
        Ok(())
    }

    fn check_shift_lattice(&self) -> Result<()> {
        let Some([a, b]) = self.shift_lattice else { return Ok(()) };
        let setting = |expected, found: String| Err(Error::setting(LATTICE, expected, found));
        let long = |vector: [f64; 2]| vector[0].hypot(vector[1]);
        if !self.has(Invariance::Shift) {
            return setting("absent in a model without shift", in_words(&self.invariances));
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
            let expected = "absent where a prior of the shift is set: on the cell the prior is uniform";
            return setting(expected, found);
        }
        Ok(())
    }

    fn check_layers(&self) -> Result<()> {
        if !positive(self.first_frequency) {
            return Err(Error::setting("the frequency of the coordinates", POSITIVE, self.first_frequency));
        }
        for widths in [&self.encoder_hidden, &self.decoder_hidden] {
            if widths.is_empty() || widths.iter().any(|&width| width == 0 || width > MAX_WIDTH) {
                let expected = "one or more from 1 to 65536";
                return Err(Error::setting("the widths of hidden layers", expected, format!("{widths:?}")));
            }
        }
        match &self.encoder {
            EncoderKind::Convolutional { channels }
                if !(1..=16).contains(&channels.len())
                    || channels.iter().any(|&n| n == 0 || n > MAX_WIDTH) =>
            {
                let expected = "1 to 16 layers with 1 to 65536 channels";
                Err(Error::setting("the convolutional encoder", expected, format!("{channels:?}")))
            }
            _ => Ok(()),
        }
    }

    fn check_likelihood(&self) -> Result<()> {
        let output = |expected| {
            Err(Error::setting("the output", expected, format!("{:?}", self.output).to_lowercase()))
        };
        let poisson = matches!(self.likelihood, Likelihood::Poisson);
        let bernoulli = matches!(self.likelihood, Likelihood::Bernoulli | Likelihood::ContinuousBernoulli);
        match (self.likelihood, self.output) {
            (Likelihood::Gaussian { sigma }, _) if !positive(sigma) => {
                Err(Error::setting("the standard deviation of the noise", POSITIVE, sigma))
            }
            (_, OutputLink::Exponential) if !poisson => {
                output("sigmoid or identity for another likelihood than Poisson")
            }
            (_, link) if poisson && link != OutputLink::Exponential => {
                output("exponential for a Poisson likelihood")
            }
            (_, OutputLink::Identity) if bernoulli => output("sigmoid for a Bernoulli likelihood"),
            _ => Ok(()),
        }
    }

    fn invariances_error(&self, expected: &'static str) -> Error {
        Error::setting("the invariances", expected, in_words(&self.invariances))
    }
}

fn in_words(invariances: &[Invariance]) -> String {
    if invariances.is_empty() {
        return "no invariance".into();
    }
    invariances.iter().map(Invariance::to_string).collect::<Vec<_>>().join(", ")
}

fn positive(value: f64) -> bool {
    value.is_finite() && value > 0.0
}

const POSITIVE: &str = "finite and positive";
const CONTENT: &str = "the number of content latents";
const LATTICE: &str = "the lattice of the shift";

/// Vectors at smaller angles than 3° are a mistake.
const LEAST_SINE: f64 = 0.05;

/// No image has a larger cell.
const LONGEST: f64 = 65_536.0;

/// Wider layers and larger samples are treated as faults of a file.
const MAX_WIDTH: usize = 65_536;
const MAX_POINTS: usize = 1 << 24;

#[cfg(test)]
mod tests {
    use super::*;
    use adatom_core::SampleShape;

    #[test]
    fn invalid_settings_are_named() {
        let image = VaeConfig::new(SampleShape::Image { height: 8, width: 8 });
        let signal = VaeConfig::new(SampleShape::Signal { points: 8 });
        let text = |config: VaeConfig| config.check().unwrap_err().to_string();
        assert_eq!(
            text(image.clone().invariances([]).latent_dim(0)),
            "the number of content latents must be at least 1 in a model without invariances, found 0"
        );
        assert_eq!(
            text(signal.clone().invariances([Invariance::Scale])),
            "the invariances must be shift or none for 1-D signals, found scale"
        );
        assert_eq!(
            text(image.clone().hidden([])),
            "the widths of hidden layers must be one or more from 1 to 65536, found []"
        );
        assert_eq!(
            text(image.clone().likelihood(Likelihood::Gaussian { sigma: 0.0 })),
            "the standard deviation of the noise must be finite and positive, found 0"
        );
        assert_eq!(
            text(image.clone().coordinate_frequency(f64::NAN)),
            "the frequency of the coordinates must be finite and positive, found NaN"
        );
        assert_eq!(
            text(image.clone().likelihood(Likelihood::Poisson).output(OutputLink::Sigmoid)),
            "the output must be exponential for a Poisson likelihood, found sigmoid"
        );
        assert_eq!(
            text(image.clone().output(OutputLink::Exponential)),
            "the output must be sigmoid or identity for another likelihood than Poisson, found exponential"
        );
        assert_eq!(
            text(image.output(OutputLink::Identity)),
            "the output must be sigmoid for a Bernoulli likelihood, found identity"
        );
    }

    #[test]
    fn invalid_lattices_are_named() {
        let image = VaeConfig::new(SampleShape::Image { height: 8, width: 8 });
        let signal = VaeConfig::new(SampleShape::Signal { points: 8 });
        let square = [[4.0, 0.0], [0.0, 4.0]];
        let text = |config: VaeConfig, lattice| {
            let text = config.shift_lattice(lattice).check().unwrap_err().to_string();
            text.strip_prefix("the lattice of the shift must be ").unwrap().to_owned()
        };
        assert_eq!(
            text(image.clone(), [[4.0, 0.0], [8.0, 0.1]]),
            "two vectors that are not parallel, found [4.0, 0.0] and [8.0, 0.1]"
        );
        assert_eq!(
            text(image.clone(), [[4.0, 0.0], [f64::NAN, 1.0]]),
            "two vectors of 1 to 65536 pixels, found [4.0, 0.0] and [NaN, 1.0]"
        );
        assert!(text(image.clone(), [[1e200; 2]; 2]).contains("1 to 65536 pixels"));
        assert_eq!(
            text(image.clone().shift_prior(0.3), square),
            "absent where a prior of the shift is set: on the cell the prior is uniform, \
             found [4.0, 0.0] and [0.0, 4.0]"
        );
        assert_eq!(
            text(image.invariances([]), square),
            "absent in a model without shift, found no invariance"
        );
        assert_eq!(text(signal, square), "absent for signals and for images of one row or column, found 8");
    }
}
