//! Log-likelihoods of values given the outputs (logits) of a network, with their derivatives.
//!
//! | likelihood | log p(x given y) | d/dy |
//! |---|---|---|
//! | Bernoulli | `x y - softplus(y)` | `x - sigmoid(y)` |
//! | continuous Bernoulli | the same `+ ln C(y)`, `C = y / tanh(y/2)` | the same `+ 1/y - 1/sinh(y)` |
//! | Gaussian | `-(x - m)² / 2σ² - ln σ - ln(2π)/2` | `(x - m) / σ² · dm/dy` |
//! | Poisson | `x y - e^y - ln Γ(x + 1)` | `x - e^y` |
//!
//! Where every value has its own standard deviation σ e^λ, the Gaussian has the derivative `(x - m)² / σ²
//! e^(-2λ) - 1` with respect to λ.

use crate::error::Error;
use crate::functions::{self, Function, Sigmoid};
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

/// Distribution of a value given the decoder's output `y`.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
#[non_exhaustive]
pub enum Likelihood {
    /// Bernoulli with probability sigmoid(y); values in [0, 1].
    #[default]
    Bernoulli,
    /// Continuous Bernoulli with parameter sigmoid(y); values in [0, 1].
    ContinuousBernoulli,
    /// Gaussian of fixed standard deviation.
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
    /// [`Error::Sigma`] unless the standard deviation of a Gaussian is positive and finite.
    pub fn check(&self) -> Result<(), Error> {
        match *self {
            Likelihood::Gaussian { sigma, .. } if !(sigma > 0.0 && sigma.is_finite()) => {
                Err(Error::Sigma { found: sigma })
            }
            _ => Ok(()),
        }
    }
}

/// Replaces logits by weighted derivatives and values by their log-likelihoods.
pub(crate) struct Score<'a> {
    pub(crate) likelihood: Likelihood,
    /// In: logits. Out: derivative of `weight * log-likelihood`.
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
                    let (softplus, sigmoid) = functions::softplus_sigmoid(simd, *y);
                    (*y, *x) = (weight * (*x - sigmoid), simd.fma(*x, *y, -softplus));
                }
            }
            Likelihood::ContinuousBernoulli => {
                for (y, x) in pairs {
                    let (softplus, sigmoid) = functions::softplus_sigmoid(simd, *y);
                    let (log, derivative) = functions::log_normaliser(simd, *y);
                    (*y, *x) = (weight * (*x - sigmoid + derivative), simd.fma(*x, *y, log - softplus));
                }
            }
            Likelihood::Poisson => {
                for (y, x) in pairs {
                    let rate = functions::exp(simd, *y);
                    let log = simd.fma(*x, *y, -rate) - functions::log_factorial(simd, *x);
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
                            let derivative = Sigmoid::derivative(simd, mean);
                            (*y, *x) = (weight * pull * derivative, simd.fma(-0.5 * rest, pull, constant));
                        }
                    }
                }
            }
        }
    }
}

/// As [`Score`] for a Gaussian whose standard deviation is multiplied by e^λ, with λ of every value.
pub(crate) struct ScoreLogSigma<'a> {
    pub(crate) sigma: f32,
    pub(crate) mean: MeanLink,
    /// In: logits. Out: derivative of `weight * log-likelihood`.
    pub(crate) logits: &'a mut [f32],
    /// In: values. Out: log-likelihoods.
    pub(crate) values: &'a mut [f32],
    /// In: λ. Out: derivative of `weight * log-likelihood` with respect to it.
    pub(crate) log_sigma: &'a mut [f32],
    pub(crate) weight: f32,
}

impl Kernel for ScoreLogSigma<'_> {
    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let (weight, precision) = (self.weight, 1.0 / (self.sigma * self.sigma));
        let constant = -self.sigma.ln() - 0.5 * (2.0 * std::f32::consts::PI).ln();
        for ((y, x), lambda) in self.logits.iter_mut().zip(self.values).zip(self.log_sigma) {
            let (mean, derivative) = match self.mean {
                MeanLink::Identity => (*y, 1.0),
                MeanLink::Sigmoid => {
                    let mean = Sigmoid::value(simd, *y);
                    (mean, Sigmoid::derivative(simd, mean))
                }
            };
            let rest = *x - mean;
            let pull = rest * precision * functions::exp(simd, -2.0 * *lambda);
            (*y, *x) = (weight * pull * derivative, simd.fma(-0.5 * rest, pull, constant - *lambda));
            *lambda = weight * simd.fma(rest, pull, -1.0);
        }
    }
}
