//! Features of spectra for machine learning: values, cumulative integral, derivatives, polynomial
//! coefficients, peaks, coordination shells.

mod cumulative;
mod least_squares;
mod peak;
mod polynomial;
mod shells;

use adatom_core::{FeatureColumn, Modality};
use ndarray::{Array1, ArrayView1};

use crate::operation::gradient;
use crate::{DerivativeOrder, Result};

pub use cumulative::cumulative;
pub use peak::{Peak, PeakFinder};
pub use polynomial::{ChunkPolynomials, chunk_polynomials};
pub use shells::{ShellCounter, Shells};

/// Features that are calculated from the values of a spectrum on a grid.
///
/// ```
/// use adatom_spectra::Feature;
/// let cubic = |chunks| Feature::Polynomials { chunks, degree: 3 };
/// assert_eq!(Feature::multiscale(), [4, 5, 10, 20].map(cubic));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Feature {
    /// The values; columns such as `xanes@8987.500`.
    Pointwise,
    /// The normalised cumulative [integral](cumulative()) at every point; columns such as
    /// `xanes:cumulative@8987.500`.
    Cumulative,
    /// The [derivative](crate::derivative) at every point of the grid; columns such as `xanes:slope@8987.500`
    /// and `xanes:curvature@8987.500`.
    Derivative(DerivativeOrder),
    /// The coefficients of polynomials fitted to [chunks](chunk_polynomials) of the spectrum; columns such as
    /// `xanes:cubic10-c2@8990.100` (the quadratic coefficient; the axis value is the centre of the chunk).
    Polynomials {
        /// Number of chunks with equally many points, at least 1.
        chunks: usize,
        /// Degree of the polynomials.
        degree: usize,
    },
}

impl Feature {
    /// Cubic polynomials on 4, 5, 10 and 20 chunks, 156 features: Torrisi et al., npj Comput. Mater. 6, 109
    /// (2020).
    pub fn multiscale() -> [Self; 4] {
        [4, 5, 10, 20].map(|chunks| Self::Polynomials { chunks, degree: 3 })
    }
}

/// A [`Feature`] on a grid, with everything that does not depend on the spectrum.
pub(crate) enum GridFeature<'a> {
    Pointwise(ArrayView1<'a, f64>),
    Cumulative(ArrayView1<'a, f64>),
    Derivative(ArrayView1<'a, f64>, DerivativeOrder),
    Polynomials(ChunkPolynomials),
}

impl<'a> GridFeature<'a> {
    /// Prepares a feature for the points of a grid.
    pub(crate) fn new(feature: Feature, points: ArrayView1<'a, f64>) -> Result<Self> {
        Ok(match feature {
            Feature::Pointwise => Self::Pointwise(points),
            Feature::Cumulative => Self::Cumulative(points),
            Feature::Derivative(order) => Self::Derivative(points, order),
            Feature::Polynomials { chunks, degree } => {
                Self::Polynomials(ChunkPolynomials::new(points, chunks, degree)?)
            }
        })
    }

    /// The columns of the feature.
    pub(crate) fn columns(&self, modality: &Modality) -> Result<Vec<FeatureColumn>> {
        let column = |quantity: Option<String>, axis: f64| match quantity {
            None => FeatureColumn::new(modality.clone(), axis),
            Some(quantity) => FeatureColumn::derived(modality.clone(), &quantity, axis),
        };
        let columns: std::result::Result<_, _> = match self {
            Self::Pointwise(points) => points.iter().map(|&axis| column(None, axis)).collect(),
            Self::Cumulative(points) => {
                points.iter().map(|&axis| column(Some("cumulative".to_owned()), axis)).collect()
            }
            Self::Derivative(points, order) => {
                let name = match order {
                    DerivativeOrder::First => "slope",
                    DerivativeOrder::Second => "curvature",
                };
                points.iter().map(|&axis| column(Some(name.to_owned()), axis)).collect()
            }
            Self::Polynomials(fits) => {
                let (centres, powers) = (fits.centres(), 0..=fits.degree());
                let named = |power: usize| Some(format!("{}-c{power}", fits.name()));
                let all = centres.iter().flat_map(|&axis| powers.clone().map(move |power| (power, axis)));
                all.map(|(power, axis)| column(named(power), axis)).collect()
            }
        };
        Ok(columns?)
    }

    /// The feature of values at the points of the grid, one number per column.
    pub(crate) fn calculate(&self, values: ArrayView1<'_, f64>) -> Result<Array1<f64>> {
        match self {
            Self::Pointwise(_) => Ok(values.to_owned()),
            Self::Cumulative(points) => cumulative(*points, values),
            Self::Derivative(points, order) => gradient(*points, values, *order),
            Self::Polynomials(fits) => Ok(fits.coefficients(values)?.into_iter().collect()),
        }
    }
}
