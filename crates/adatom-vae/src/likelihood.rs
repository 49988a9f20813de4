//! The probability of a sample's values given the decoder's output, summed over pixels.

use candle_core::{Result, Tensor};
use serde::{Deserialize, Serialize};

use crate::OutputLink;
use crate::activation::softplus;

/// How the probability of a pixel depends on what the decoder gives for it; the default is Bernoulli.
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
}

impl Likelihood {
    /// The normal density with the usual standard deviation of 0.5.
    pub fn gaussian() -> Self {
        Self::Gaussian { sigma: 0.5 }
    }

    /// Whether values must lie in [0, 1].
    pub fn needs_unit_interval(&self) -> bool {
        !matches!(self, Self::Gaussian { .. })
    }

    /// ln p(x | z) of every sample, `[n]`, from the decoder's last layer `[n, points]` before the output function,
    /// and the values `x` `[n, points]`.
    pub(crate) fn log_probability(&self, raw: &Tensor, x: &Tensor, link: OutputLink) -> Result<Tensor> {
        match self {
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

/// ln C with C = 2 artanh(1 - 2p)/(1 - 2p), as a function of the logit y: (y/2)/tanh(y/2) · 2... = y / tanh(y/2).
///
/// 1 - 2p = -tanh(y/2) and artanh(1 - 2p) = -y/2, so C = y / tanh(y/2) = 2 (y/2)/tanh(y/2).
fn log_normaliser(y: &Tensor) -> Result<Tensor> {
    // ln(w / tanh w) = w²/3 - 7w⁴/90 + 62w⁶/2835 - 127w⁸/18900 + ..., w = y/2 (series of ln(sinh w/w) and ln cosh w).
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
    use candle_core::{Device, Var};

    #[test]
    fn continuous_bernoulli_integrates_to_one_for_every_logit() {
        // Midpoint rule with 2,000 cells on [0, 1]: the error is below (y/2000)²/24, 1e-6 for |y| ≤ 10.
        for y in [-9.0, -0.51, -0.49, -1e-4, 0.0, 1e-3, 0.3, 0.499, 0.501, 4.0] {
            let x: Vec<f64> = (0..2000).map(|i| (f64::from(i) + 0.5) / 2000.0).collect();
            let x = Tensor::from_vec(x, (2000, 1), &Device::Cpu).unwrap();
            let raw = Tensor::full(y, (2000, 1), &Device::Cpu).unwrap();
            let log = Likelihood::ContinuousBernoulli.log_probability(&raw, &x, OutputLink::Sigmoid).unwrap();
            let mass = log.exp().unwrap().mean_all().unwrap().to_scalar::<f64>().unwrap();
            assert!((mass - 1.0).abs() < 1e-6, "logit {y}: mass {mass}");
        }
    }

    #[test]
    fn gradients_are_those_of_finite_differences() {
        let points: Vec<f64> = vec![-7.0, -0.6, -0.4999, -1e-3, 0.0, 0.2, 0.5001, 3.0];
        let x = Tensor::from_vec(vec![0.3f64; 8], (1, 8), &Device::Cpu).unwrap();
        for likelihood in [Likelihood::Bernoulli, Likelihood::ContinuousBernoulli, Likelihood::gaussian()] {
            for link in [OutputLink::Sigmoid, OutputLink::Identity] {
                let value = |shift: f64, at: usize| {
                    let mut moved = points.clone();
                    moved[at] += shift;
                    let raw = Tensor::from_vec(moved, (1, 8), &Device::Cpu).unwrap();
                    likelihood.log_probability(&raw, &x, link).unwrap().to_vec1::<f64>().unwrap()[0]
                };
                let raw = Var::from_vec(points.clone(), (1, 8), &Device::Cpu).unwrap();
                let total = likelihood.log_probability(&raw, &x, link).unwrap().sum_all().unwrap();
                let gradient = total.backward().unwrap().get(&raw).unwrap().flatten_all().unwrap();
                for (at, slope) in gradient.to_vec1::<f64>().unwrap().into_iter().enumerate() {
                    let difference = (value(1e-5, at) - value(-1e-5, at)) / 2e-5;
                    assert!((slope - difference).abs() < 1e-6, "{likelihood:?} at {}: {slope}", points[at]);
                }
            }
        }
    }
}
