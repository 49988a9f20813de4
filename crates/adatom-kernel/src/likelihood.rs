//! Log-likelihoods of pixel values given logits, with their slopes.
//!
//! | likelihood | log p(x given y) | d/dy |
//! |---|---|---|
//! | Bernoulli | `x y - softplus(y)` | `x - sigmoid(y)` |
//! | continuous Bernoulli | the same `+ ln C(y)`, `C = y / tanh(y/2)` | the same `+ 1/y - 1/sinh(y)` |
//! | Gaussian | `-(x - m)² / 2σ² - ln σ - ln(2π)/2` | `(x - m) / σ² · dm/dy` |
//! | Poisson | `x y - e^y - ln Γ(x + 1)` | `x - e^y` |
//!
//! With a width for every value, σ e^λ instead of σ, the Gaussian has the slope `(x - m)² / σ² e^(-2λ) - 1` with respect to λ.

use crate::error::KernelError;
use crate::math::{self, Function, Sigmoid};
use crate::simd::{Kernel, Simd};

/// How the mean of a Gaussian follows from the decoder's output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum MeanLink {
    /// The sigmoid of the output.
    #[default]
    Sigmoid,
    /// The output itself.
    Identity,
}

/// Distribution of a pixel value given the decoder's output `y`.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
#[non_exhaustive]
pub enum Likelihood {
    /// Bernoulli with probability sigmoid(y); values in [0, 1].
    #[default]
    Bernoulli,
    /// Continuous Bernoulli with parameter sigmoid(y); values in [0, 1].
    ContinuousBernoulli,
    /// Gaussian of fixed width.
    Gaussian {
        /// Standard deviation, positive.
        sigma: f32,
        /// How the mean follows from the output.
        mean: MeanLink,
    },
    /// Poisson with rate exp(y); values not negative.
    Poisson,
}

impl Likelihood {
    /// Checks the parameters.
    ///
    /// # Errors
    /// [`KernelError::Sigma`] unless the width of a Gaussian is positive and finite.
    pub fn check(&self) -> Result<(), KernelError> {
        match *self {
            Likelihood::Gaussian { sigma, .. } if !(sigma > 0.0 && sigma.is_finite()) => {
                Err(KernelError::Sigma { found: sigma })
            }
            _ => Ok(()),
        }
    }
}

/// Replaces logits by weighted slopes and collects the log-likelihood of each value.
pub(crate) struct Score<'a> {
    pub(crate) likelihood: Likelihood,
    /// In: logits. Out: slope of `weight * log-likelihood`.
    pub(crate) logits: &'a mut [f32],
    /// In: values. Out: log-likelihoods.
    pub(crate) values: &'a mut [f32],
    pub(crate) weight: f32,
}

impl Kernel for Score<'_> {
    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let weight = self.weight;
        let pairs = self.logits.iter_mut().zip(self.values);
        match self.likelihood {
            Likelihood::Bernoulli => {
                for (y, x) in pairs {
                    let (softplus, sigmoid) = math::softplus_sigmoid(simd, *y);
                    (*y, *x) = (weight * (*x - sigmoid), simd.fma(*x, *y, -softplus));
                }
            }
            Likelihood::ContinuousBernoulli => {
                for (y, x) in pairs {
                    let (softplus, sigmoid) = math::softplus_sigmoid(simd, *y);
                    let (log, slope) = math::log_normaliser(simd, *y);
                    (*y, *x) = (weight * (*x - sigmoid + slope), simd.fma(*x, *y, log - softplus));
                }
            }
            Likelihood::Poisson => {
                for (y, x) in pairs {
                    let rate = math::exp(simd, *y);
                    let log = simd.fma(*x, *y, -rate) - math::log_factorial(simd, *x);
                    (*y, *x) = (weight * (*x - rate), log);
                }
            }
            Likelihood::Gaussian { sigma, mean } => {
                let precision = 1.0 / (sigma * sigma);
                let constant = -sigma.ln() - 0.5 * (2.0 * std::f32::consts::PI).ln();
                match mean {
                    MeanLink::Identity => {
                        for (y, x) in pairs {
                            let rest = *x - *y;
                            let pull = rest * precision;
                            (*y, *x) = (weight * pull, simd.fma(-0.5 * rest, pull, constant));
                        }
                    }
                    MeanLink::Sigmoid => {
                        for (y, x) in pairs {
                            let mean = Sigmoid::value(simd, *y);
                            let rest = *x - mean;
                            let pull = rest * precision;
                            let slope = Sigmoid::slope(simd, mean);
                            (*y, *x) = (weight * pull * slope, simd.fma(-0.5 * rest, pull, constant));
                        }
                    }
                }
            }
        }
    }
}

/// As [`Score`] for a Gaussian whose width is multiplied by e^λ, λ another for every value.
pub(crate) struct ScoreNoise<'a> {
    pub(crate) sigma: f32,
    pub(crate) mean: MeanLink,
    /// In: logits. Out: slope of `weight * log-likelihood`.
    pub(crate) logits: &'a mut [f32],
    /// In: values. Out: log-likelihoods.
    pub(crate) values: &'a mut [f32],
    /// In: λ. Out: slope of `weight * log-likelihood` with respect to it.
    pub(crate) noise: &'a mut [f32],
    pub(crate) weight: f32,
}

impl Kernel for ScoreNoise<'_> {
    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let (weight, precision) = (self.weight, 1.0 / (self.sigma * self.sigma));
        let constant = -self.sigma.ln() - 0.5 * (2.0 * std::f32::consts::PI).ln();
        for ((y, x), noise) in self.logits.iter_mut().zip(self.values).zip(self.noise) {
            let (mean, slope) = match self.mean {
                MeanLink::Identity => (*y, 1.0),
                MeanLink::Sigmoid => {
                    let mean = Sigmoid::value(simd, *y);
                    (mean, Sigmoid::slope(simd, mean))
                }
            };
            let rest = *x - mean;
            let pull = rest * precision * math::exp(simd, -2.0 * *noise);
            (*y, *x) = (weight * pull * slope, simd.fma(-0.5 * rest, pull, constant - *noise));
            *noise = weight * simd.fma(rest, pull, -1.0);
        }
    }
}
