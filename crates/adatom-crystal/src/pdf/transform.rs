//! Takes out of curves what momentum transfers outside of qmin to qmax contribute.
//!
//! F(Q_m) = Δr Σ_k G(r_k) sin(Q_m r_k) with Q_m = m π / (n Δr), n a power of two; points of F outside of the
//! limits are set to 0, and G(r_k) = 2/π ΔQ Σ_m F(Q_m) sin(Q_m r_k). Two curves are transformed at once, as
//! the real and the imaginary part of one.

use std::f64::consts::PI;
use std::fmt;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use rustfft::num_complex::Complex;
use rustfft::{Fft, FftPlanner};

use super::range::Ranges;

/// Plans of Fourier transforms, made once for every length.
#[derive(Clone)]
pub(super) struct Plans(Arc<Mutex<FftPlanner<f64>>>);

impl Default for Plans {
    fn default() -> Self {
        Self(Arc::new(Mutex::new(FftPlanner::new())))
    }
}

impl fmt::Debug for Plans {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Plans")
    }
}

impl Plans {
    fn of(&self, length: usize) -> Arc<dyn Fft<f64>> {
        // A planner is sound at any time: it caches plans only.
        self.0.lock().unwrap_or_else(PoisonError::into_inner).plan_fft_forward(length)
    }
}

/// Filters curves, given on the transformed range.
pub(super) fn band_pass(plans: &Plans, ranges: &Ranges, kept: &Range<usize>, curves: &mut [Vec<f64>]) {
    let plan = plans.of(2 * ranges.padded);
    let mut signal = vec![Complex::new(0.0, 0.0); 2 * ranges.padded];
    let mut scratch = vec![Complex::new(0.0, 0.0); plan.get_inplace_scratch_len()];
    let qstep = PI / (ranges.padded as f64 * ranges.step);
    for pair in curves.chunks_mut(2) {
        signal.fill(Complex::new(0.0, 0.0));
        for (at, k) in ranges.transformed.clone().enumerate() {
            signal[k] = Complex::new(pair[0][at], pair.get(1).map_or(0.0, |curve| curve[at]));
        }
        sine(plan.as_ref(), &mut signal, &mut scratch, ranges.step);
        signal[..kept.start].fill(Complex::new(0.0, 0.0));
        signal[kept.end..].fill(Complex::new(0.0, 0.0));
        sine(plan.as_ref(), &mut signal, &mut scratch, 2.0 / PI * qstep);
        for (at, k) in ranges.transformed.clone().enumerate() {
            pair[0][at] = signal[k].re;
            if let Some(curve) = pair.get_mut(1) {
                curve[at] = signal[k].im;
            }
        }
    }
}

/// `factor` Σ_k z_k sin(π m k / n) for m below n; the second half of `signal` is working space.
fn sine(plan: &dyn Fft<f64>, signal: &mut [Complex<f64>], scratch: &mut [Complex<f64>], factor: f64) {
    let half = signal.len() / 2;
    signal[0] = Complex::new(0.0, 0.0);
    signal[half] = Complex::new(0.0, 0.0);
    for k in 1..half {
        signal[2 * half - k] = -signal[k];
    }
    plan.process_with_scratch(signal, scratch);
    // The transform of an odd signal is -2i Σ z sin.
    for value in &mut signal[..half] {
        *value = Complex::new(-value.im, value.re) * (0.5 * factor);
    }
}
