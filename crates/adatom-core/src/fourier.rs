//! Discrete Fourier transforms in double precision, of any length.
//!
//! The transforms are those of rustfft. That library is generic in the number, so that every crate that calls
//! it compiles all its kernels again: behind the plain types of this module they are compiled once.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use rustfft::{Fft, FftPlanner};

pub use rustfft::num_complex::Complex;

/// The sign of the exponent of a transform.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FourierDirection {
    /// Σₖ zₖ exp(−2πi m k / n).
    Forward,
    /// Σₖ zₖ exp(2πi m k / n), without the factor 1/n.
    Inverse,
}

/// Makes plans of transforms, each once for every length and direction.
#[derive(Clone)]
pub struct FourierPlanner(Arc<Mutex<FftPlanner<f64>>>);

/// The transform of one length in one direction.
///
/// ```
/// use adatom_core::fourier::{Complex, FourierDirection, FourierPlanner};
///
/// let planner = FourierPlanner::default();
/// let mut values = [1.0, 2.0, 4.0].map(|value| Complex::new(value, 0.0));
/// planner.plan(3, FourierDirection::Forward).transform(&mut values);
/// assert!((values[0] - Complex::new(7.0, 0.0)).norm() < 1e-12);
/// planner.plan(3, FourierDirection::Inverse).transform(&mut values);
/// assert!((values[2] - Complex::new(12.0, 0.0)).norm() < 1e-12);
/// ```
#[derive(Clone)]
pub struct FourierPlan(Arc<dyn Fft<f64>>);

impl Default for FourierPlanner {
    fn default() -> Self {
        Self(Arc::new(Mutex::new(FftPlanner::new())))
    }
}

impl fmt::Debug for FourierPlanner {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("FourierPlanner")
    }
}

impl FourierPlanner {
    /// The transform of `length` values.
    pub fn plan(&self, length: usize, direction: FourierDirection) -> FourierPlan {
        // A planner is sound at any time: it caches plans only.
        let mut planner = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        FourierPlan(match direction {
            FourierDirection::Forward => planner.plan_fft_forward(length),
            FourierDirection::Inverse => planner.plan_fft_inverse(length),
        })
    }
}

impl fmt::Debug for FourierPlan {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "FourierPlan({})", self.0.len())
    }
}

impl FourierPlan {
    /// Transforms `values` in place.
    ///
    /// # Panics
    /// If the number of values is not a multiple of the planned length.
    pub fn transform(&self, values: &mut [Complex<f64>]) {
        self.0.process(values);
    }

    /// Transforms `values` in place; `scratch` grows to what is needed and can be used again.
    ///
    /// # Panics
    /// Like [`transform`](Self::transform).
    pub fn transform_with(&self, values: &mut [Complex<f64>], scratch: &mut Vec<Complex<f64>>) {
        let needed = self.0.get_inplace_scratch_len();
        if scratch.len() < needed {
            scratch.resize(needed, Complex::default());
        }
        self.0.process_with_scratch(values, scratch);
    }
}
