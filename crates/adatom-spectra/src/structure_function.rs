//! Total scattering as a function of the momentum transfer.

use ndarray::{Array1, ArrayView1};

use crate::grid::finite;
use crate::{Metadata, Result, WavenumberGrid};

/// The functions of Q that describe total scattering.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ScatteringKind {
    /// The measured intensity I(Q), in arbitrary units.
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
    /// A function without uncertainties and metadata.
    ///
    /// # Errors
    /// [`Error::Length`](crate::Error::Length) unless there is one value per momentum transfer;
    /// [`Error::NotFinite`](crate::Error::NotFinite).
    pub fn new(kind: ScatteringKind, q: WavenumberGrid, values: impl Into<Array1<f64>>) -> Result<Self> {
        let values = finite(values.into(), "values of scattering", q.len())?;
        Ok(Self { kind, q, values, uncertainty: None, metadata: Metadata::default() })
    }

    /// Adds the standard uncertainties of the values, `[momentum transfers]`.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn with_uncertainty(mut self, uncertainty: impl Into<Array1<f64>>) -> Result<Self> {
        self.uncertainty = Some(finite(uncertainty.into(), "uncertainties of scattering", self.q.len())?);
        Ok(self)
    }

    /// Sets the metadata.
    pub fn with_metadata(mut self, metadata: Metadata) -> Self {
        self.metadata = metadata;
        self
    }

    /// The kind of the function.
    pub fn kind(&self) -> ScatteringKind {
        self.kind
    }

    /// The momentum transfers Q, 1/Å.
    pub fn q(&self) -> &WavenumberGrid {
        &self.q
    }

    /// The values, `[momentum transfers]`.
    pub fn values(&self) -> ArrayView1<'_, f64> {
        self.values.view()
    }

    /// The standard uncertainties of the values, `[momentum transfers]`, where they are known.
    pub fn uncertainty(&self) -> Option<ArrayView1<'_, f64>> {
        self.uncertainty.as_ref().map(|values| values.view())
    }

    /// Other information from the file.
    pub fn metadata(&self) -> &Metadata {
        &self.metadata
    }
}
