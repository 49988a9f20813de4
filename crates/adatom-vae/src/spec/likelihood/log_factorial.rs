//! ln Γ(x + 1) of tensors, which makes the probabilities of counts sum to 1.
//!
//! Stirling's series (Abramowitz and Stegun 6.1.41) at z = x + 9, ln Γ(z) = (z - ½) ln z - z + ½ ln 2π +
//! 1/12z - 1/360z³ + 1/1260z⁵ - 1/1680z⁷, with an error below 1/1188z⁹ < 3e-12, less Σ ln(x + k) over k from
//! 1 to 8, of which four at a time are multiplied.

use candle_core::{Result, Tensor};

/// ln Γ(x + 1) for `x >= 0`, the logarithm of x!.
pub(super) fn log_factorial(x: &Tensor) -> Result<Tensor> {
    let z = (x + 9.0)?;
    let inverse = z.recip()?;
    let square = inverse.sqr()?;
    let mut series = (square.zeros_like()? - 1.0 / 1680.0)?;
    for coefficient in [1.0 / 1260.0, -1.0 / 360.0, 1.0 / 12.0] {
        series = ((series * &square)? + coefficient)?;
    }
    let stirling = ((((&z - 0.5)? * z.log()?)? - &z)? + 0.5 * (2.0 * std::f64::consts::PI).ln())?;
    let mut result = (stirling + (series * inverse)?)?;
    for first in [1.0, 5.0] {
        let product =
            (((x + first)? * (x + (first + 1.0))?)? * ((x + (first + 2.0))? * (x + (first + 3.0))?)?)?;
        result = (result - product.log()?)?;
    }
    Ok(result)
}

#[cfg(test)]
mod tests {
    use super::*;
    use candle_core::Device;

    #[test]
    fn factorials_are_exact() {
        let x: Vec<f64> = (0..300).map(f64::from).collect();
        let found = log_factorial(&Tensor::new(x, &Device::Cpu).unwrap()).unwrap().to_vec1::<f64>().unwrap();
        let mut exact = 0.0;
        for (x, found) in found.into_iter().enumerate() {
            exact += (x.max(1) as f64).ln();
            assert!((found - exact).abs() < 1e-10 * exact.max(1.0), "{x}: {found} {exact}");
        }
    }
}
