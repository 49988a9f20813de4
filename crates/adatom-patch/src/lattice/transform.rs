//! Fourier transforms of whole images, rows and columns in parallel.

use ndarray::Array2;
use rayon::prelude::*;
use rustfft::num_complex::Complex;
use rustfft::{FftDirection, FftPlanner};

type Field = Array2<Complex<f64>>;

/// The transform, not scaled.
pub(super) fn transform(field: Field) -> Field {
    both_axes(field, FftDirection::Forward)
}

/// Real part of the inverse transform, scaled so that it undoes [`transform`].
pub(super) fn inverse(field: Field) -> Array2<f64> {
    let scale = 1.0 / field.len() as f64;
    both_axes(field, FftDirection::Inverse).mapv(|value| value.re * scale)
}

fn both_axes(field: Field, direction: FftDirection) -> Field {
    // Along columns, then along the rows of what was turned back.
    let turned = along_rows(field, direction).reversed_axes();
    along_rows(turned, direction).reversed_axes()
}

fn along_rows(field: Field, direction: FftDirection) -> Field {
    let width = field.ncols();
    let mut field = field.as_standard_layout().into_owned();
    let plan = FftPlanner::new().plan_fft(width, direction);
    let whole = field.as_slice_mut().expect("it is in row order now");
    whole.par_chunks_mut(width).for_each(|row| plan.process(row));
    field
}
