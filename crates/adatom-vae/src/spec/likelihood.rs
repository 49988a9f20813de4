//! Likelihoods: the probability of a sample's values given the decoder's output, summed over pixels.
//!
//! Another likelihood is a variant of [`Likelihood`] with its formula in `log_probability`, and, for the
//! fused step, one in `adatom-kernel/src/likelihood.rs` with its conversion in `net/fused.rs`.

mod log_factorial;

use candle_core::{Result, Tensor};
use serde::{Deserialize, Serialize};

use self::log_factorial::log_factorial;
use crate::spec::{OutputLink, softplus};

/// The probability of a pixel given the output of the decoder for it; the default is Bernoulli.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Likelihood {
    /// x ln p + (1 - x) ln(1 - p) for values in [0, 1]; p is the decoder's output.
    #[default]
    Bernoulli,
    /// Bernoulli with the constant that makes it a density on [0, 1] (Loaiza-Ganem and Cunningham, arXiv
    /// 1907.06845).
    ContinuousBernoulli,
    /// Normal density around the decoder's output with a fixed standard deviation.
    Gaussian {
        /// The standard deviation; 0.5 in the published models.
        sigma: f64,
    },
    /// Normal density whose standard deviation is trained like a weight: one number for all samples and
    /// pixels, for samples of several channels one for each. Its initial value is 0.5.
    /// ([`ShiftVae::noise_sigma`](crate::ShiftVae::noise_sigma))
    GaussianLearned,
    /// Normal density with a trained standard deviation for every pixel of the window and every channel.
    ///
    /// It describes the detector: it is the same for all samples and belongs to the window, not to the object
    /// in it. All initial values are 0.5.
    GaussianPerPixel,
    /// Poisson distribution with the rate e^y: y, the decoder's last layer, is the logarithm of the expected
    /// count. Values are counts as measured, finite and not negative; values between whole numbers, as in
    /// interpolated patches, are scored by the same formula with Γ(x + 1) for x!.
    Poisson,
}

/// The values that a likelihood can score.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ValueRange {
    Finite,
    UnitInterval,
    Counts,
}

/// Which standard deviations are trained.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TrainedNoise {
    /// One for each channel.
    Channel,
    /// One for every pixel of the window and every channel.
    Pixel,
}

/// The name of the trained logarithms of standard deviations among the weights.
pub(crate) const LOG_SIGMA: &str = "noise.log_sigma";

/// The initial value of trained standard deviations.
pub(crate) const INITIAL_SIGMA: f32 = 0.5;

/// Factor of the learning rate of ln σ. Adam moves a weight by at most its rate in a step; ln σ has to change
/// from ln 0.5 to that of the noise, often by 2 or 3, while weights change by some tenths.
pub(crate) const LOG_SIGMA_RATE: f64 = 10.0;

impl Likelihood {
    /// The normal density with the usual standard deviation of 0.5.
    pub fn gaussian() -> Self {
        Self::Gaussian { sigma: 0.5 }
    }

    /// Whether values must lie in [0, 1].
    pub fn needs_unit_interval(&self) -> bool {
        self.values() == ValueRange::UnitInterval
    }

    /// Whether values must be counts: not negative, and not scaled.
    pub fn needs_counts(&self) -> bool {
        self.values() == ValueRange::Counts
    }

    pub(crate) fn values(&self) -> ValueRange {
        match self {
            Self::Bernoulli | Self::ContinuousBernoulli => ValueRange::UnitInterval,
            Self::Gaussian { .. } | Self::GaussianLearned | Self::GaussianPerPixel => ValueRange::Finite,
            Self::Poisson => ValueRange::Counts,
        }
    }

    pub(crate) fn trained_noise(&self) -> Option<TrainedNoise> {
        match self {
            Self::GaussianLearned => Some(TrainedNoise::Channel),
            Self::GaussianPerPixel => Some(TrainedNoise::Pixel),
            _ => None,
        }
    }

    /// ln p(x | z) of every sample, `[n]`, from the decoder's last layer `raw` `[n, points]` before the
    /// output function `link`, and the values `x` `[n, points]`; `log_sigma` `[points]` or `[n, points]`
    /// where standard deviations are trained.
    pub(crate) fn log_probability(
        &self,
        raw: &Tensor,
        x: &Tensor,
        link: OutputLink,
        log_sigma: Option<&Tensor>,
    ) -> Result<Tensor> {
        match self {
            Self::Poisson => (((x * raw)? - raw.exp()?)? - log_factorial(x)?)?.sum(1),
            Self::GaussianLearned | Self::GaussianPerPixel => {
                let log_sigma = log_sigma.ok_or_else(|| candle_core::Error::msg("no trained noise"))?;
                let log_sigma = log_sigma.broadcast_as(x.shape())?;
                let rest = ((x - link.apply(raw)?)? / log_sigma.exp()?)?;
                let constant = -0.5 * (2.0 * std::f64::consts::PI).ln();
                (((rest.sqr()? * -0.5)? - log_sigma)? + constant)?.sum(1)
            }
            Self::Bernoulli => ((x * raw)? - softplus(raw)?)?.sum(1),
            Self::ContinuousBernoulli => (((x * raw)? - softplus(raw)?)? + log_normaliser(raw)?)?.sum(1),
            Self::Gaussian { sigma } => {
                let residual = (x - link.apply(raw)?)?;
                let constant = -(sigma * (2.0 * std::f64::consts::PI).sqrt()).ln();
                ((residual.sqr()? * (-0.5 / (sigma * sigma)))? + constant)?.sum(1)
            }
        }
    }
}

/// Below this |logit| the closed form of the normaliser loses digits and its series is exact to rounding.
const SERIES_BELOW: f64 = 0.5;

/// ln C with C = 2 artanh(1 - 2p)/(1 - 2p), as a function of the logit y: (y/2)/tanh(y/2) · 2... = y /
/// tanh(y/2).
///
/// 1 - 2p = -tanh(y/2) and artanh(1 - 2p) = -y/2, so C = y / tanh(y/2) = 2 (y/2)/tanh(y/2).
fn log_normaliser(y: &Tensor) -> Result<Tensor> {
    // ln(w / tanh w) = w²/3 - 7w⁴/90 + 62w⁶/2835 - 127w⁸/18900 + ..., w = y/2 (series of ln(sinh w/w) and ln
    // cosh w).
    let square = (y.sqr()? * 0.25)?;
    let small = square.lt(SERIES_BELOW * SERIES_BELOW / 4.0)?;
    let inside = small.where_cond(&square, &square.zeros_like()?)?;
    let mut series = inside.zeros_like()?;
    for coefficient in [146.0 / 66825.0, -127.0 / 18900.0, 62.0 / 2835.0, -7.0 / 90.0, 1.0 / 3.0] {
        series = ((series + coefficient)? * &inside)?;
    }
    // Outside the series' range |y| ≥ 0.5; inside it a harmless 1 keeps the other branch's gradient finite.
    let size = small.where_cond(&y.ones_like()?, &y.abs()?)?;
    // tanh(a/2) = (1 - e⁻ᵃ)/(1 + e⁻ᵃ) and e⁻ᵃ never overflows.
    let e = size.neg()?.exp()?;
    let closed = ((size.log()? + (&e + 1.0)?.log()?)? - (e.neg()? + 1.0)?.log()?)?;
    small.where_cond(&(series + std::f64::consts::LN_2)?, &closed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use candle_core::{DType, Device, Var};

    #[test]
    fn continuous_bernoulli_integrates_to_one_for_every_logit() {
        // Midpoint rule with 2,000 cells on [0, 1]: the error is below (y/2000)²/24, 1e-6 for |y| ≤ 10.
        for y in [-9.0, -0.51, -0.49, -1e-4, 0.0, 1e-3, 0.3, 0.499, 0.501, 4.0] {
            let x: Vec<f64> = (0..2000).map(|i| (f64::from(i) + 0.5) / 2000.0).collect();
            let x = Tensor::from_vec(x, (2000, 1), &Device::Cpu).unwrap();
            let raw = Tensor::full(y, (2000, 1), &Device::Cpu).unwrap();
            let log =
                Likelihood::ContinuousBernoulli.log_probability(&raw, &x, OutputLink::Sigmoid, None).unwrap();
            let mass = log.exp().unwrap().mean_all().unwrap().to_scalar::<f64>().unwrap();
            assert!((mass - 1.0).abs() < 1e-6, "logit {y}: mass {mass}");
        }
    }

    #[test]
    fn gradients_are_those_of_finite_differences() {
        let points: Vec<f64> = vec![-7.0, -0.6, -0.4999, -1e-3, 0.0, 0.2, 0.5001, 3.0];
        let x = Tensor::from_vec(vec![0.3f64; 8], (1, 8), &Device::Cpu).unwrap();
        let sigmas: Vec<f64> = vec![-2.0, -0.7, 0.0, 0.4, -1.1, -0.2, -3.0, 1.0];
        let tensor = |values: &[f64]| Tensor::from_slice(values, (1, 8), &Device::Cpu).unwrap();
        let gaussians = [Likelihood::gaussian(), Likelihood::GaussianLearned, Likelihood::GaussianPerPixel];
        let others = [Likelihood::Bernoulli, Likelihood::ContinuousBernoulli, Likelihood::Poisson];
        for likelihood in gaussians.into_iter().chain(others) {
            for link in [OutputLink::Sigmoid, OutputLink::Identity] {
                let value = |raw: &Tensor, sigmas: &Tensor| {
                    likelihood.log_probability(raw, &x, link, Some(sigmas)).unwrap()
                };
                let [raw, log] = [&points, &sigmas].map(|values| Var::from_tensor(&tensor(values)).unwrap());
                let gradients = value(&raw, &log).sum_all().unwrap().backward().unwrap();
                for at in 0..8 {
                    let difference = |of: &[f64], score: &dyn Fn(&Tensor) -> Tensor| {
                        let at = |shift: f64| {
                            let mut moved = of.to_vec();
                            moved[at] += shift;
                            score(&tensor(&moved)).to_vec1::<f64>().unwrap()[0]
                        };
                        (at(1e-5) - at(-1e-5)) / 2e-5
                    };
                    let slope = |of: &Var| {
                        gradients.get(of).unwrap().flatten_all().unwrap().to_vec1::<f64>().unwrap()[at]
                    };
                    let to_raw = difference(&points, &|raw| value(raw, &log));
                    assert!(
                        (slope(&raw) - to_raw).abs() < 1e-6,
                        "{likelihood:?} at {}: {to_raw}",
                        points[at]
                    );
                    if likelihood.trained_noise().is_some() {
                        let to_log = difference(&sigmas, &|log| value(&raw, log));
                        let error = (slope(&log) - to_log).abs();
                        assert!(error < 1e-6 * to_log.abs().max(1.0), "{likelihood:?} {at}: {error}");
                    }
                }
            }
        }
    }

    #[test]
    fn continuous_bernoulli_is_precise_near_one_half() {
        // At p = 1/2 ± d: y = 2 artanh(2d), ln C = ln 2 + y²/12 - 7y⁴/1440 + 31y⁶/90720, derivative y/6 -
        // 7y³/360 + 31y⁵/15120; the next terms, 127y⁸/4838400 and 127y⁷/604800, are below 1e-11 relative for
        // |y| < 0.05.
        for exponent in -70..=-20 {
            for sign in [-1.0, 1.0] {
                let y: f64 = 2.0 * (sign * 2.0 * 10f64.powf(f64::from(exponent) / 10.0)).atanh();
                for (dtype, tolerance) in [(DType::F64, 1e-10), (DType::F32, 2e-6)] {
                    let tensor = |value: f64| {
                        Tensor::full(value, (1, 1), &Device::Cpu).unwrap().to_dtype(dtype).unwrap()
                    };
                    let raw = Var::from_tensor(&tensor(y)).unwrap();
                    let log = log_normaliser(&raw).unwrap();
                    let number = |tensor: &Tensor| {
                        tensor.to_dtype(DType::F64).unwrap().flatten_all().unwrap().to_vec1::<f64>().unwrap()
                            [0]
                    };
                    let y = number(&raw);
                    let exact =
                        2f64.ln() + y * y / 12.0 - 7.0 * y.powi(4) / 1440.0 + 31.0 * y.powi(6) / 90_720.0;
                    assert!((number(&log) - exact).abs() < tolerance, "{y} {dtype:?}");
                    let slope = number(log.sum_all().unwrap().backward().unwrap().get(&raw).unwrap());
                    let exact = y / 6.0 - 7.0 * y.powi(3) / 360.0 + 31.0 * y.powi(5) / 15_120.0;
                    assert!((slope / exact - 1.0).abs() < tolerance, "{y} {dtype:?}: {slope} {exact}");
                }
            }
        }
    }

    #[test]
    fn probabilities_of_counts_sum_to_one_and_are_those_of_the_formula() {
        let x = Tensor::from_vec((0..200).map(f64::from).collect(), (200, 1), &Device::Cpu).unwrap();
        for rate in [0.01, 0.7, 3.0, 60.0] {
            let raw = Tensor::full(f64::ln(rate), (200, 1), &Device::Cpu).unwrap();
            let log = Likelihood::Poisson.log_probability(&raw, &x, OutputLink::Exponential, None).unwrap();
            let log = log.to_vec1::<f64>().unwrap();
            let mass: f64 = log.iter().map(|log| log.exp()).sum();
            assert!((mass - 1.0).abs() < 1e-9, "rate {rate}: mass {mass}");
            // P(2) = rate² e^-rate / 2.
            assert!((log[2] - (rate * rate / 2.0).ln() + rate).abs() < 1e-9);
        }
    }
}
