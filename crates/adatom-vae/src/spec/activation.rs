//! Activation functions of hidden layers.
//!
//! Another activation is a variant here, with its conversion to the one in `adatom-kernel/src/activation.rs`
//! for the fused step.

use adatom_kernel as kernel;
use candle_core::{Result, Tensor};
use serde::{Deserialize, Serialize};

/// The activation function of hidden layers; the default is tanh.
///
/// The first layer of the spatial decoder has its own ([`FirstLayer`](crate::FirstLayer)).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Activation {
    /// tanh x.
    #[default]
    Tanh,
    /// max(x, 0).
    Relu,
    /// x for x > 0, 0.01 x below.
    LeakyRelu,
    /// ln(1 + eˣ).
    Softplus,
    /// x Φ(x), with the normal distribution function Φ.
    Gelu,
}

const LEAK: f64 = 0.01;

impl Activation {
    /// The function of every element of `x`.
    ///
    /// # Errors
    /// Those of candle.
    pub fn apply(&self, x: &Tensor) -> Result<Tensor> {
        match self {
            Self::Tanh => x.tanh(),
            Self::Relu => x.relu(),
            Self::LeakyRelu => x.relu()? - (x.neg()?.relu()? * LEAK)?,
            Self::Softplus => softplus(x),
            Self::Gelu => x.gelu_erf(),
        }
    }
}

impl From<Activation> for kernel::Activation {
    fn from(activation: Activation) -> Self {
        match activation {
            Activation::Tanh => Self::Tanh,
            Activation::Relu => Self::Relu,
            Activation::LeakyRelu => Self::LeakyRelu,
            Activation::Softplus => Self::Softplus,
            Activation::Gelu => Self::Gelu,
        }
    }
}

/// ln(1 + eˣ) with full relative precision for both signs of x and the derivative ½ at 0.
///
/// With e = exp(-|x|) it is max(x, 0) + ln(1 + e), and ln(1 + e) = 2 artanh(u), u = e/(2 + e) ≤ 1/3: candle
/// has no log1p, and ln(1 + e) evaluated directly loses small standard deviations to rounding.
pub(crate) fn softplus(x: &Tensor) -> Result<Tensor> {
    let size = x.abs()?;
    let e = size.neg()?.exp()?;
    let u = (&e / (&e + 2.0)?)?;
    let square = u.sqr()?;
    // artanh u = u (1 + u²/3 + u⁴/5 + ...); the first omitted term is 3⁻¹⁸/19 of the value, below 2e-10.
    let mut series = (square.zeros_like()? + 1.0 / 17.0)?;
    for odd in [15.0, 13.0, 11.0, 9.0, 7.0, 5.0, 3.0, 1.0] {
        series = ((series * &square)? + 1.0 / odd)?;
    }
    // (x + |x|)/2 instead of relu(x): its derivative at 0 is ½, not 0 or 1.
    ((x + size)? * 0.5)? + ((series * u)? * 2.0)?
}

#[cfg(test)]
mod tests {
    use super::*;
    use candle_core::{Device, Var};

    type Definition = (Activation, fn(f64) -> f64);

    #[test]
    fn values_and_derivatives_are_those_of_the_definitions() {
        let points: Vec<f64> = vec![-60.0, -20.0, -3.0, -0.5, -1e-3, 1e-3, 0.7, 2.0, 30.0];
        // The reference for ln(1+e^x) is the library's ln_1p; Φ(0.7) = 0.758036 from tables.
        let definition: [Definition; 4] = [
            (Activation::Tanh, f64::tanh),
            (Activation::Relu, |x| x.max(0.0)),
            (Activation::LeakyRelu, |x| if x > 0.0 { x } else { 0.01 * x }),
            (Activation::Softplus, |x| x.max(0.0) + (-x.abs()).exp().ln_1p()),
        ];
        for (activation, function) in definition {
            let x = Var::new(points.clone(), &Device::Cpu).unwrap();
            let y = activation.apply(&x).unwrap();
            let slope = y.sum_all().unwrap().backward().unwrap().get(&x).unwrap().to_vec1::<f64>().unwrap();
            for ((&x, y), slope) in points.iter().zip(y.to_vec1::<f64>().unwrap()).zip(slope) {
                let expected = function(x);
                assert!((y - expected).abs() <= 1e-9 * expected.abs() + 1e-300, "{activation:?}({x}) = {y}");
                let h = 1e-6 * (1.0 + x.abs());
                let difference = (function(x + h) - function(x - h)) / (2.0 * h);
                if x.abs() > 2e-3 {
                    assert!(
                        (slope - difference).abs() < 1e-6,
                        "{activation:?}'({x}) = {slope}, {difference}"
                    );
                }
            }
        }
        let gelu = Activation::Gelu.apply(&Tensor::new(&[0.7f64], &Device::Cpu).unwrap()).unwrap();
        assert!((gelu.to_vec1::<f64>().unwrap()[0] - 0.7 * 0.758_036).abs() < 1e-6);
    }

    #[test]
    fn softplus_has_the_derivative_one_half_at_zero() {
        let x = Var::new(&[0.0f64], &Device::Cpu).unwrap();
        let gradient = softplus(&x).unwrap().sum_all().unwrap().backward().unwrap();
        let slope = gradient.get(&x).unwrap().to_vec1::<f64>().unwrap()[0];
        // The series of artanh is shortest here, u = 1/3.
        assert!((slope - 0.5).abs() < 1e-8, "{slope}");
    }
}
