//! Fourier transforms of images, with rows and columns in parallel.

use adatom_core::fourier::{Complex, FourierDirection, FourierPlanner};
use ndarray::Array2;
use rayon::prelude::*;

type Field = Array2<Complex<f64>>;

/// The transform without normalisation.
pub(super) fn transform(field: Field) -> Field {
    both_axes(field, FourierDirection::Forward)
}

/// The real part of the inverse of [`transform`].
pub(super) fn inverse(field: Field) -> Array2<f64> {
    let scale = 1.0 / field.len() as f64;
    both_axes(field, FourierDirection::Inverse).mapv(|value| value.re * scale)
}

fn both_axes(field: Field, direction: FourierDirection) -> Field {
    // Along rows, then along the rows of the transposed field.
    let turned = along_rows(field, direction).reversed_axes();
    along_rows(turned, direction).reversed_axes()
}

fn along_rows(field: Field, direction: FourierDirection) -> Field {
    let width = field.ncols();
    let mut field = field.as_standard_layout().into_owned();
    let plan = FourierPlanner::default().plan(width, direction);
    let whole = field.as_slice_mut().expect("the layout is row-major");
    whole.par_chunks_mut(width).for_each(|row| plan.transform(row));
    field
}
