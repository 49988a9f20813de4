//! Elementary functions in f32, free of branches so that loops over them vectorise.
//!
//! The absolute error is below 1e-6. The coefficients come from `functions/fit_coefficients.py`. NaN passes
//! through: comparisons are written so that they are false for it. Every function is a type so that sweeps
//! are generic over it without closures, which the compiler may leave outside the enabled instruction set.

use crate::simd::Simd;

/// A nonlinearity whose derivative follows from its value.
pub(crate) trait Function {
    /// The function.
    fn value<S: Simd>(simd: S, x: f32) -> f32;
    /// Its derivative, given the value.
    fn derivative<S: Simd>(simd: S, value: f32) -> f32;
}

/// A nonlinearity whose derivative does not follow from its value, so that both come together.
pub(crate) trait FunctionWithDerivative {
    /// The function and its derivative.
    fn both<S: Simd>(simd: S, x: f32) -> (f32, f32);
}

pub(crate) struct Tanh;
pub(crate) struct Relu;
pub(crate) struct LeakyRelu;
pub(crate) struct SoftplusFunction;
pub(crate) struct Sigmoid;
pub(crate) struct Gelu;
pub(crate) struct Sine;

const LEAK: f32 = 0.01;

/// Horner's scheme, coefficients from the constant upwards.
#[inline(always)]
fn polynomial<S: Simd, const N: usize>(simd: S, x: f32, coefficients: [f32; N]) -> f32 {
    let mut sum = coefficients[N - 1];
    for index in (0..N - 1).rev() {
        sum = simd.fma(sum, x, coefficients[index]);
    }
    sum
}

/// The smaller of the two, NaN if `x` is.
#[inline(always)]
fn at_most(x: f32, limit: f32) -> f32 {
    if x > limit { limit } else { x }
}

/// The larger of the two, NaN if `x` is.
#[inline(always)]
fn at_least(x: f32, limit: f32) -> f32 {
    if x < limit { limit } else { x }
}

/// `exp(x)` for `x <= 0`, 0 below -87 where the result leaves the normal numbers.
#[inline(always)]
pub(crate) fn exp_negative<S: Simd>(simd: S, x: f32) -> f32 {
    // 2^n with n = x / ln 2 rounded: adding 1.5 * 2^23 leaves the integer in the low mantissa bits.
    const ROUND: f32 = 12_582_912.0;
    // ln 2 in two parts, the first with few enough bits that n times it is exact.
    const LN2_HIGH: f32 = 0.693_359_4;
    const LN2_LOW: f32 = -2.121_944_4e-4;
    let clamped = at_least(x, -87.0);
    let shifted = simd.fma(clamped, std::f32::consts::LOG2_E, ROUND);
    let n = shifted - ROUND;
    let r = simd.fma(n, -LN2_LOW, simd.fma(n, -LN2_HIGH, clamped));
    // Taylor to r^7: the next term is 2e-9 of the result for |r| <= ln 2 / 2.
    let series =
        polynomial(simd, r, [1.0, 1.0, 0.5, 1.0 / 6.0, 1.0 / 24.0, 1.0 / 120.0, 1.0 / 720.0, 1.0 / 5040.0]);
    let power = f32::from_bits(shifted.to_bits().wrapping_add(127) << 23);
    if x < -87.0 { 0.0 } else { series * power }
}

/// `ln(1 + u)` for `0 <= u <= 1`.
#[inline(always)]
fn ln_1p_unit<S: Simd>(simd: S, u: f32) -> f32 {
    // ln(1 + u) = 2 atanh(s), s = u / (2 + u) <= 1/3; the first term left out is 1e-9.
    let s = u / (2.0 + u);
    let odd = [2.0, 2.0 / 3.0, 2.0 / 5.0, 2.0 / 7.0, 2.0 / 9.0, 2.0 / 11.0, 2.0 / 13.0, 2.0 / 15.0];
    s * polynomial(simd, s * s, odd)
}

/// `ln x` for normal positive `x`.
#[inline(always)]
fn ln_normal<S: Simd>(simd: S, x: f32) -> f32 {
    // x = m 2^e with m in [sqrt 1/2, sqrt 2): the offset moves the split of the mantissa to sqrt 1/2.
    const SQRT_HALF: u32 = 0x3f35_04f3;
    let offset = x.to_bits().wrapping_sub(SQRT_HALF);
    let exponent = (offset as i32 >> 23) as f32;
    let mantissa = f32::from_bits((offset & 0x007f_ffff).wrapping_add(SQRT_HALF));
    let s = (mantissa - 1.0) / (mantissa + 1.0);
    let series = s * polynomial(simd, s * s, [2.0, 2.0 / 3.0, 2.0 / 5.0, 2.0 / 7.0, 2.0 / 9.0]);
    simd.fma(exponent, std::f32::consts::LN_2, series)
}

impl Function for Tanh {
    /// `x P(x²) / Q(x²)` on |x| <= 9, where tanh is 1 to half an ulp.
    #[inline(always)]
    fn value<S: Simd>(simd: S, x: f32) -> f32 {
        let x = at_least(at_most(x, 9.0), -9.0);
        let s = x * x;
        let above = [1.0, 1.338_102_7e-1, 3.495_589_8e-3, 2.060_910_8e-5, 1.335_469_3e-8];
        let below = [1.0, 4.671_434_3e-1, 0.025_876_988, 3.285_637_4e-4, 7.776_572e-7];
        x * polynomial(simd, s, above) / polynomial(simd, s, below)
    }
    #[inline(always)]
    fn derivative<S: Simd>(simd: S, value: f32) -> f32 {
        simd.fma(-value, value, 1.0)
    }
}

impl Function for Relu {
    #[inline(always)]
    fn value<S: Simd>(_: S, x: f32) -> f32 {
        at_least(x, 0.0)
    }
    #[inline(always)]
    fn derivative<S: Simd>(_: S, value: f32) -> f32 {
        if value > 0.0 { 1.0 } else { 0.0 }
    }
}

impl Function for LeakyRelu {
    #[inline(always)]
    fn value<S: Simd>(_: S, x: f32) -> f32 {
        if x < 0.0 { LEAK * x } else { x }
    }
    #[inline(always)]
    fn derivative<S: Simd>(_: S, value: f32) -> f32 {
        if value > 0.0 { 1.0 } else { LEAK }
    }
}

impl Function for SoftplusFunction {
    #[inline(always)]
    fn value<S: Simd>(simd: S, x: f32) -> f32 {
        at_least(x, 0.0) + ln_1p_unit(simd, exp_negative(simd, -x.abs()))
    }
    /// The sigmoid of `x` is `1 - exp(-value)`.
    #[inline(always)]
    fn derivative<S: Simd>(simd: S, value: f32) -> f32 {
        1.0 - exp_negative(simd, -value)
    }
}

impl Function for Sigmoid {
    #[inline(always)]
    fn value<S: Simd>(simd: S, x: f32) -> f32 {
        let e = exp_negative(simd, -x.abs());
        let above = if x < 0.0 { e } else { 1.0 };
        above / (1.0 + e)
    }
    #[inline(always)]
    fn derivative<S: Simd>(simd: S, value: f32) -> f32 {
        simd.fma(-value, value, value)
    }
}

impl FunctionWithDerivative for Gelu {
    /// `x Φ(x)` and `Φ(x) + x φ(x)`.
    #[inline(always)]
    fn both<S: Simd>(simd: S, x: f32) -> (f32, f32) {
        const TAIL: [f32; 8] = [
            -2.261_792e-3,
            1.458_682_1e-1,
            -1.157_152_3e-2,
            4.785_875_5e-1,
            -5.435_356e-1,
            7.033_924_4e-1,
            -3.218_548_2e-1,
            5.137_555e-2,
        ];
        const INVERSE_SQRT_2PI: f32 = 0.398_942_3;
        // Beyond 13 the tail is 0 in f32, and the limit keeps 0 * inf out.
        let size = at_most(x.abs(), 13.0);
        let gauss = exp_negative(simd, -0.5 * size * size);
        let tail = gauss * polynomial(simd, 1.0 / simd.fma(0.3, size, 1.0), TAIL);
        let signed = if x < 0.0 { -size } else { size };
        let distribution = if x < 0.0 { tail } else { 1.0 - tail };
        let value = simd.fma(-size, tail, at_least(x, 0.0));
        (value, simd.fma(signed, gauss * INVERSE_SQRT_2PI, distribution))
    }
}

impl FunctionWithDerivative for Sine {
    /// `sin x` and `cos x`: x = n π + r with |r| <= π/2, both change their sign with n.
    #[inline(always)]
    fn both<S: Simd>(simd: S, x: f32) -> (f32, f32) {
        const ROUND: f32 = 12_582_912.0;
        // π in three parts, the first two with few enough bits that n times them is exact.
        const PI_HIGH: f32 = 3.140_625;
        const PI_MIDDLE: f32 = 9.670_257_6e-4;
        const PI_LOW: f32 = 6.278_329_5e-7;
        let x = at_least(at_most(x, 1e5), -1e5);
        let shifted = simd.fma(x, std::f32::consts::FRAC_1_PI, ROUND);
        let n = shifted - ROUND;
        let r = simd.fma(n, -PI_LOW, simd.fma(n, -PI_MIDDLE, simd.fma(n, -PI_HIGH, x)));
        let s = r * r;
        // Taylor: the next terms are r^13/13! and r^14/14!, below 6e-8 and 7e-9.
        let odd = [1.0, -1.0 / 6.0, 1.0 / 120.0, -1.0 / 5040.0, 1.0 / 362_880.0, -1.0 / 39_916_800.0];
        let even =
            [1.0, -0.5, 1.0 / 24.0, -1.0 / 720.0, 1.0 / 40_320.0, -1.0 / 3_628_800.0, 1.0 / 479_001_600.0];
        let sign = shifted.to_bits() << 31;
        let signed = |value: f32| f32::from_bits(value.to_bits() ^ sign);
        (signed(r * polynomial(simd, s, odd)), signed(polynomial(simd, s, even)))
    }
}

/// `exp(x)`; beyond ±87, where the result leaves the normal numbers, that of the bound above and 0 below.
#[inline(always)]
pub(crate) fn exp<S: Simd>(simd: S, x: f32) -> f32 {
    let x = at_most(x, 87.0);
    let e = exp_negative(simd, -x.abs());
    if x > 0.0 { 1.0 / e } else { e }
}

/// `ln Γ(x + 1)`, the logarithm of x!, for `0 <= x < 1e9`; relative error below 1e-6.
///
/// Stirling's series at z = x + 5, where the first term left out is 8e-9, less ln((x + 1)(x + 2)(x + 3)(x +
/// 4)).
#[inline(always)]
pub(crate) fn log_factorial<S: Simd>(simd: S, x: f32) -> f32 {
    const HALF_LN_2PI: f32 = 0.918_938_5;
    let z = x + 5.0;
    let inverse = 1.0 / z;
    let series = inverse * polynomial(simd, inverse * inverse, [1.0 / 12.0, -1.0 / 360.0, 1.0 / 1260.0]);
    let stirling = simd.fma(z - 0.5, ln_normal(simd, z), HALF_LN_2PI - z) + series;
    let product = (x + 1.0) * (x + 2.0) * ((x + 3.0) * (x + 4.0));
    stirling - ln_normal(simd, product)
}

/// `softplus(y)` and `sigmoid(y)`, which share their exponential.
#[inline(always)]
pub(crate) fn softplus_sigmoid<S: Simd>(simd: S, y: f32) -> (f32, f32) {
    let e = exp_negative(simd, -y.abs());
    let above = if y < 0.0 { e } else { 1.0 };
    (at_least(y, 0.0) + ln_1p_unit(simd, e), above / (1.0 + e))
}

/// Logarithm of the continuous Bernoulli normaliser at logit `y`, and its derivative.
///
/// With p = sigmoid(y), 1 - 2p = -tanh(y/2) and 2 atanh(1 - 2p) = -y, so C = y / tanh(y/2), an even function;
/// its logarithm has derivative 1/y - 1/sinh(y). Both are 0/0 at y = 0: Taylor below 1/2, where the next term
/// is 4e-8.
#[inline(always)]
pub(crate) fn log_normaliser<S: Simd>(simd: S, y: f32) -> (f32, f32) {
    let s = y * y;
    let near = polynomial(
        simd,
        s,
        [std::f32::consts::LN_2, 1.0 / 12.0, -7.0 / 1440.0, 31.0 / 90_720.0, -127.0 / 4_838_400.0],
    );
    let near_derivative =
        y * polynomial(simd, s, [1.0 / 6.0, -7.0 / 360.0, 31.0 / 15_120.0, -127.0 / 604_800.0]);
    let size = at_least(y.abs(), 0.5);
    let e = exp_negative(simd, -size);
    let far = ln_normal(simd, size * (1.0 + e) / (1.0 - e));
    let far_size = 1.0 / size - 2.0 * e / (1.0 - e * e);
    let far_derivative = if y < 0.0 { -far_size } else { far_size };
    if y.abs() < 0.5 { (near, near_derivative) } else { (far, far_derivative) }
}

/// Softplus of a number, and its derivative.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Softplus {
    /// `ln(1 + eˣ)`.
    pub value: f64,
    /// `1 / (1 + e⁻ˣ)`, the sigmoid of x.
    pub derivative: f64,
}

/// `ln(1 + eˣ)` in double precision with its derivative; no overflow, and full relative precision for all x.
///
/// ```
/// use adatom_kernel::softplus;
///
/// assert_eq!(softplus(0.0).value, std::f64::consts::LN_2);
/// assert_eq!(softplus(0.0).derivative, 0.5);
/// assert_eq!(softplus(1e4).value, 1e4);
/// // ln(1 + eˣ) = eˣ - e²ˣ/2 + …, far below 0 the exponential function.
/// assert!((softplus(-40.0).value / (-40f64).exp() - 1.0).abs() < 1e-15);
/// ```
pub fn softplus(x: f64) -> Softplus {
    let e = (-x.abs()).exp();
    Softplus { value: x.max(0.0) + e.ln_1p(), derivative: if x < 0.0 { e } else { 1.0 } / (1.0 + e) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simd::Portable;

    /// ln C(y) = ln(y / tanh(y/2)), directly in f64 where that is well conditioned, else by its Taylor
    /// series.
    fn exact_normaliser(y: f64) -> (f64, f64) {
        if y.abs() < 1e-2 {
            return (2f64.ln() + y * y / 12.0 - 7.0 * y.powi(4) / 1440.0, y / 6.0 - 7.0 * y.powi(3) / 360.0);
        }
        ((y / (0.5 * y).tanh()).ln(), 1.0 / y - 1.0 / y.sinh())
    }

    #[test]
    fn normaliser_is_smooth_through_zero_and_bounded_in_error() {
        for step in -400_000..=400_000 {
            let y = step as f32 * 2e-4;
            let (log, derivative) = log_normaliser(Portable, y);
            let (exact_log, exact_derivative) = exact_normaliser(f64::from(y));
            assert!((f64::from(log) - exact_log).abs() < 1e-6, "{y}: {log} {exact_log}");
            assert!(
                (f64::from(derivative) - exact_derivative).abs() < 1e-6,
                "{y}: {derivative} {exact_derivative}"
            );
        }
    }

    #[test]
    fn normaliser_keeps_its_digits_at_one_half() {
        // p = 1/2 ± d has the logit y = 2 artanh(2 d), ln C = ln 2 + y²/12 - 7y⁴/1440 and the derivative y/6
        // - 7y³/360; the terms left out are below 1e-11 of the derivative.
        for exponent in -70..=-20 {
            for sign in [-1.0, 1.0] {
                let y = 2.0 * (sign * 2.0 * 10f64.powf(f64::from(exponent) / 10.0)).atanh();
                let (log, derivative) = log_normaliser(Portable, y as f32);
                let y = f64::from(y as f32);
                let exact = 2f64.ln() + y * y / 12.0 - 7.0 * y.powi(4) / 1440.0;
                assert!((f64::from(log) - exact).abs() < 1e-7, "{y}: {log}");
                let exact = y / 6.0 - 7.0 * y.powi(3) / 360.0;
                assert!((f64::from(derivative) / exact - 1.0).abs() < 5e-7, "{y}: {derivative} {exact}");
            }
        }
    }

    #[test]
    fn exponentials_and_factorials_match_f64() {
        for step in -86_000..=86_000 {
            let x = step as f32 * 1e-3;
            let relative = f64::from(exp(Portable, x)) / f64::from(x).exp() - 1.0;
            assert!(relative.abs() < 2e-6, "{x}: {relative}");
        }
        assert!(
            exp(Portable, 1e3).is_finite() && exp(Portable, -1e3) == 0.0 && exp(Portable, f32::NAN).is_nan()
        );
        let mut exact = 0.0;
        for x in 0..100_000u32 {
            exact += f64::from(x.max(1)).ln();
            let found = f64::from(log_factorial(Portable, x as f32));
            assert!((found - exact).abs() < 1e-6 * exact.max(1.0), "{x}: {found} {exact}");
        }
        // ln Γ(3/2) = ln(√π / 2).
        assert!(
            (f64::from(log_factorial(Portable, 0.5)) - (std::f64::consts::PI.sqrt() / 2.0).ln()).abs() < 1e-6
        );
    }

    #[test]
    fn derivatives_from_values_match_f64() {
        for step in -100_000..=100_000 {
            let x = step as f32 * 2e-4;
            let sigmoid = 1.0 / (1.0 + (-f64::from(x)).exp());
            let softplus = SoftplusFunction::derivative(Portable, SoftplusFunction::value(Portable, x));
            assert!((f64::from(softplus) - sigmoid).abs() < 1e-6, "{x}");
            let derivative = Sigmoid::derivative(Portable, Sigmoid::value(Portable, x));
            assert!((f64::from(derivative) - sigmoid * (1.0 - sigmoid)).abs() < 1e-6, "{x}");
            let tanh = f64::from(x).tanh();
            let derivative = Tanh::derivative(Portable, Tanh::value(Portable, x));
            assert!((f64::from(derivative) - (1.0 - tanh * tanh)).abs() < 1e-6, "{x}");
        }
    }
}
