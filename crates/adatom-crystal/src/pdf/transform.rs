//! Takes out of curves what momentum transfers outside of qmin to qmax contribute.
//!
//! F(Q_m) = Δr Σ_k G(r_k) sin(Q_m r_k) with Q_m = m π / (n Δr), n a power of two; points of F outside of the
//! limits are set to 0, and G(r_k) = 2/π ΔQ Σ_m F(Q_m) sin(Q_m r_k). Two curves are transformed at once, as
//! the real and the imaginary part of one.

use std::f64::consts::PI;
use std::ops::Range;

use adatom_core::fourier::{Complex, FourierDirection, FourierPlan, FourierPlanner};

use super::range::Ranges;

/// Filters curves, given on the transformed range.
pub(super) fn band_pass(
    planner: &FourierPlanner,
    ranges: &Ranges,
    kept: &Range<usize>,
    curves: &mut [Vec<f64>],
) {
    let plan = planner.plan(2 * ranges.padded, FourierDirection::Forward);
    let mut signal = vec![Complex::new(0.0, 0.0); 2 * ranges.padded];
    let mut scratch = Vec::new();
    let qstep = PI / (ranges.padded as f64 * ranges.step);
    for pair in curves.chunks_mut(2) {
        signal.fill(Complex::new(0.0, 0.0));
        for (at, k) in ranges.transformed.clone().enumerate() {
            signal[k] = Complex::new(pair[0][at], pair.get(1).map_or(0.0, |curve| curve[at]));
        }
        sine(&plan, &mut signal, &mut scratch, ranges.step);
        signal[..kept.start].fill(Complex::new(0.0, 0.0));
        signal[kept.end..].fill(Complex::new(0.0, 0.0));
        sine(&plan, &mut signal, &mut scratch, 2.0 / PI * qstep);
        for (at, k) in ranges.transformed.clone().enumerate() {
            pair[0][at] = signal[k].re;
            if let Some(curve) = pair.get_mut(1) {
                curve[at] = signal[k].im;
            }
        }
    }
}

/// `factor` Σ_k z_k sin(π m k / n) for m below n; the second half of `signal` is working space.
fn sine(plan: &FourierPlan, signal: &mut [Complex<f64>], scratch: &mut Vec<Complex<f64>>, factor: f64) {
    let half = signal.len() / 2;
    signal[0] = Complex::new(0.0, 0.0);
    signal[half] = Complex::new(0.0, 0.0);
    for k in 1..half {
        signal[2 * half - k] = -signal[k];
    }
    plan.transform_with(signal, scratch);
    // The transform of an odd signal is -2i Σ z sin.
    for value in &mut signal[..half] {
        *value = Complex::new(-value.im, value.re) * (0.5 * factor);
    }
}
