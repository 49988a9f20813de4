//! Total scattering as a function of the momentum transfer.

use ndarray::{Array1, ArrayView1};

use crate::xanes::finite;
use crate::{Metadata, Result, WavenumberGrid};

/// Which function of Q it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ScatteringKind {
    /// Measured intensity I(Q), arbitrary units.
    Intensity,
    /// The total structure function S(Q), dimensionless, 1 at large Q.
    Structure,
    /// The reduced structure function F(Q) = Q (S(Q) - 1), 1/Å.
    Reduced,
}

/// I(Q), S(Q) or F(Q) over momentum transfers in 1/Å.
///
/// ```
/// use adatom_spectra::{ScatteringKind, StructureFunction, WavenumberGrid};
/// let q = WavenumberGrid::new(vec![0.5, 1.0])?;
/// let s = StructureFunction::new(ScatteringKind::Structure, q, vec![0.9, 1.1])?;
/// assert_eq!(s.kind(), ScatteringKind::Structure);
/// # Ok::<(), adatom_spectra::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct StructureFunction {
    kind: ScatteringKind,
    q: WavenumberGrid,
    values: Array1<f64>,
    uncertainty: Option<Array1<f64>>,
    metadata: Metadata,
}

impl StructureFunction {
    /// A function of which nothing else is known.
    ///
    /// # Errors
    /// `values` has another length than the grid, or a value that is not finite.
    pub fn new(kind: ScatteringKind, q: WavenumberGrid, values: impl Into<Array1<f64>>) -> Result<Self> {
        let values = finite(values.into(), "values of scattering", q.len())?;
        Ok(Self { kind, q, values, uncertainty: None, metadata: Metadata::default() })
    }

    /// States the standard uncertainty of every value, `[n]`.
    ///
    /// # Errors
    /// Another length than the grid, or a value that is not finite.
    pub fn with_uncertainty(mut self, uncertainty: impl Into<Array1<f64>>) -> Result<Self> {
        self.uncertainty = Some(finite(uncertainty.into(), "uncertainties of scattering", self.q.len())?);
        Ok(self)
    }

    /// States what the file says besides.
    pub fn with_metadata(mut self, metadata: Metadata) -> Self {
        self.metadata = metadata;
        self
    }

    /// Which function it is.
    pub fn kind(&self) -> ScatteringKind {
        self.kind
    }

    /// The momentum transfers, 1/Å.
    pub fn q(&self) -> &WavenumberGrid {
        &self.q
    }

    /// The values, `[n]`.
    pub fn values(&self) -> ArrayView1<'_, f64> {
        self.values.view()
    }

    /// Standard uncertainties, `[n]`, where they are known.
    pub fn uncertainty(&self) -> Option<ArrayView1<'_, f64>> {
        self.uncertainty.as_ref().map(|values| values.view())
    }

    /// What the file says besides.
    pub fn metadata(&self) -> &Metadata {
        &self.metadata
    }
}
