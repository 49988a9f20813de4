//! The angle of an object as a latent variable: on a line, or on the circle.
//!
//! On the circle the posterior is a wrapped normal distribution around the direction (c, s) that the encoder
//! gives, φ = atan2(s, c) + σ ε, and the prior is uniform. With q = exp(-σ²),
//!
//! KL = ln 2π - H(σ) = Σₖ ln(1 - qᵏ) - 2 Σₖ (-1)ᵏ/k · q^(k(k + 1)/2)/(1 - qᵏ),
//!
//! from the Jacobi triple product (Mardia and Jupp, Directional Statistics, 2000, § 3.5.7); below σ = ½ the
//! normal entropy is exact to 1e-8. The encoder gives two numbers, because no continuous function of one
//! number covers the circle (Falorsi et al., arXiv 1807.04689; Davidson et al., arXiv 1804.00891, for the von
//! Mises distribution).

use std::f64::consts::TAU;

use candle_core::{DType, Result, Tensor};
use serde::{Deserialize, Serialize};

use super::Differentiated;

/// The distribution of the angle of a rotation-invariant model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum RotationPosterior {
    /// On a line: a normal distribution, with a normal prior of mean 0. For objects that turn by less than
    /// half a turn. Default.
    #[default]
    Normal,
    /// On the circle: a wrapped normal distribution, with a uniform prior. For objects in any direction.
    Circle,
}

/// Below this σ the parts of a wrapped normal distribution do not overlap by more than 1e-8.
const UNWRAPPED_BELOW: f64 = 0.5;

/// A direction vector shorter than the root of this is treated as one of that length: the gradient 1/r stays
/// finite.
const SHORTEST_SQUARED: f64 = 1e-4;

/// KL divergence of a wrapped normal distribution of width σ from the uniform one on the circle, in nat.
pub(crate) fn circle_kl(sd: f64) -> Differentiated {
    if sd < UNWRAPPED_BELOW {
        return Differentiated { value: 0.5 * TAU.ln() - 0.5 - sd.ln(), derivative: -1.0 / sd };
    }
    let q = (-sd * sd).exp();
    // qᵏ and q^(k(k + 1)/2).
    let (mut power, mut triangle) = (1.0, 1.0);
    // The gradient is that with respect to ln q.
    let (mut value, mut gradient, mut sign) = (0.0, 0.0, 1.0);
    for k in 1..200 {
        let order = f64::from(k);
        power *= q;
        triangle *= power;
        sign = -sign;
        if power < 1e-18 {
            break;
        }
        let ratio = order * power / (1.0 - power);
        let term = sign / order * triangle / (1.0 - power);
        value += (-power).ln_1p() - 2.0 * term;
        gradient -= ratio + 2.0 * term * (0.5 * order * (order + 1.0) + ratio);
    }
    Differentiated { value, derivative: -2.0 * sd * gradient }
}

/// The angle of a direction (c, s).
pub(super) fn angle(direction: [f64; 2]) -> f64 {
    direction[1].atan2(direction[0])
}

/// Gradient of the angle with respect to c and s: (-s, c)/r².
pub(super) fn angle_gradient([c, s]: [f64; 2]) -> [f64; 2] {
    let squared = (c * c + s * s).max(SHORTEST_SQUARED);
    [-s / squared, c / squared]
}

/// The angles `[n, 1]` of directions `[n, 2]`.
pub(super) fn angles_of(raw: &Tensor) -> Result<Tensor> {
    let (n, cosine, sine) = (raw.dim(0)?, raw.narrow(1, 0, 1)?, raw.narrow(1, 1, 1)?);
    let directions = raw.detach().to_dtype(DType::F64)?.to_vec2::<f64>()?;
    let column = |number: &dyn Fn([f64; 2]) -> f64| -> Result<Tensor> {
        let numbers: Vec<f64> = directions.iter().map(|row| number([row[0], row[1]])).collect();
        Tensor::from_vec(numbers, (n, 1), raw.device())?.to_dtype(raw.dtype())
    };
    // Adds 0 to the angles, with their gradients: x - x.detach() is 0 and has the gradient of x.
    let kept = [column(&|d| angle_gradient(d)[0])?, column(&|d| angle_gradient(d)[1])?];
    let moved = (((&cosine - cosine.detach())? * &kept[0])? + ((&sine - sine.detach())? * &kept[1])?)?;
    column(&angle)? + moved
}

/// [`circle_kl`] of standard deviations of any shape.
pub(crate) fn circle_kl_of(sd: &Tensor) -> Result<Tensor> {
    let numbers = sd.detach().to_dtype(DType::F64)?.flatten_all()?.to_vec1::<f64>()?;
    let (values, gradients): (Vec<f64>, Vec<f64>) = numbers
        .into_iter()
        .map(circle_kl)
        .map(|Differentiated { value, derivative }| (value, derivative))
        .unzip();
    let tensor = |numbers: Vec<f64>| -> Result<Tensor> {
        Tensor::from_vec(numbers, sd.shape(), sd.device())?.to_dtype(sd.dtype())
    };
    tensor(values)? + ((sd - sd.detach())? * tensor(gradients)?)?
}

#[cfg(test)]
mod tests {
    use super::*;

    /// ln 2π + ∫ f ln f by the rectangle rule on the circle, where it converges faster than any power.
    fn by_integration(sd: f64) -> f64 {
        const POINTS: usize = 4000;
        let density = |x: f64| -> f64 {
            let normal = |x: f64| (-0.5 * (x / sd).powi(2)).exp() / (sd * TAU.sqrt());
            (-12..=12).map(|turn| normal(x + TAU * f64::from(turn))).sum()
        };
        let step = TAU / POINTS as f64;
        let sum: f64 = (0..POINTS)
            .map(|i| density(i as f64 * step))
            .filter(|&density| density > 0.0)
            .map(|density| density * density.ln())
            .sum();
        TAU.ln() + sum * step
    }

    #[test]
    fn the_divergence_is_that_of_the_integral_and_its_gradient_that_of_differences() {
        for sd in [0.05, 0.3, 0.499, 0.501, 0.8, 1.0, 1.7, 3.0, 6.0] {
            let Differentiated { value, derivative } = circle_kl(sd);
            let expected = by_integration(sd);
            assert!((value - expected).abs() < 2e-8, "σ = {sd}: {value}, {expected}");
            let difference = (circle_kl(sd + 1e-6).value - circle_kl(sd - 1e-6).value) / 2e-6;
            assert!(
                (derivative - difference).abs() < 1e-5 * derivative.abs().max(1e-3),
                "σ = {sd}: {derivative}, {difference}"
            );
        }
        // A flat posterior carries no information: KL → q.
        let q = (-16f64).exp();
        assert!((circle_kl(4.0).value / q - 1.0).abs() < 1e-6);
        assert!(circle_kl(f64::NAN).value.is_nan() && circle_kl(1e3).value == 0.0);
    }

    #[test]
    fn angles_follow_directions_around_the_circle() {
        for (direction, expected) in [([0.3, 0.0], 0.0), ([0.0, 2.0], TAU / 4.0), ([-0.1, -1e-9], -TAU / 2.0)]
        {
            assert!((angle(direction) - expected).abs() < 1e-7, "{direction:?}");
        }
        let ([c, s], step) = ([-0.7, 0.2], 1e-6);
        let [to_c, to_s] = angle_gradient([c, s]);
        assert!((to_c - (angle([c + step, s]) - angle([c - step, s])) / (2.0 * step)).abs() < 1e-8);
        assert!((to_s - (angle([c, s + step]) - angle([c, s - step])) / (2.0 * step)).abs() < 1e-8);
        assert!(angle_gradient([0.0, 0.0]) == [0.0, 0.0]);
    }
}
