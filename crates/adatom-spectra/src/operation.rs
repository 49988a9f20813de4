//! What is done with spectra once they are read: one operation a file.
//!
//! Operations take spectra by reference and give new ones. They are written once for every [`Spectrum`]; only what is
//! peculiar to absorption (normalisation, E0) or to scattering (sine transforms) asks for its own type.

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

/// The values side by side in memory, copied only where they are not.
fn contiguous(values: ArrayView1<'_, f64>) -> Cow<'_, [f64]> {
    match values.to_slice() {
        Some(slice) => Cow::Borrowed(slice),
        None => Cow::Owned(values.to_vec()),
    }
}
