//! Operations on spectra, one per file. They take spectra by reference and return new ones.
//!
//! Most are generic over [`Spectrum`]; only those that are specific to absorption (normalisation, E0) or to
//! total scattering (sine transforms) require a type.

pub(crate) mod clean;
mod convolve;
mod derivative;
mod difference;
mod edge;
mod merge;
mod normalize;
mod polynomial;
mod reduced;
mod resample;
mod shift;
mod sine_transform;
mod smooth;
mod spectrum;
mod spline;

pub(crate) use derivative::gradient;
pub use derivative::{DerivativeOrder, derivative};
pub use difference::difference;
pub use edge::find_e0;
pub use merge::{Merging, Weighting};
pub use normalize::{EdgeFit, Normalization, NormalizationMethod, NormalizedXanes};
pub use resample::{Extension, Interpolation, Resampling};
pub use shift::{align, shift};
pub use sine_transform::{SineTransform, TerminationWindow};
pub use smooth::Smoothing;
pub use spectrum::{Axis, Spectrum};

use std::borrow::Cow;

use ndarray::ArrayView1;

/// The values as a slice, copied only if they are not contiguous.
fn contiguous(values: ArrayView1<'_, f64>) -> Cow<'_, [f64]> {
    match values.to_slice() {
        Some(slice) => Cow::Borrowed(slice),
        None => Cow::Owned(values.to_vec()),
    }
}
