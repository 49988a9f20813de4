//! The fine structure of an absorption spectrum beyond the edge.

use ndarray::{Array1, ArrayView1};

use crate::xanes::finite;
use crate::{Edge, Element, Metadata, Result, WavenumberGrid};

/// The fine structure χ(k), dimensionless, over wavenumbers of the photoelectron in 1/Å.
///
/// ```
/// use adatom_spectra::{Exafs, WavenumberGrid};
/// let exafs = Exafs::new(WavenumberGrid::new(vec![0.0, 0.05])?, vec![0.0, 0.1])?.with_name("Cu foil");
/// assert_eq!((exafs.k().len(), exafs.name()), (2, Some("Cu foil")));
/// let error = Exafs::new(WavenumberGrid::new(vec![0.0, 0.05])?, vec![0.0]).unwrap_err();
/// assert_eq!(error.to_string(), "expected 2 values of chi, found 1");
/// # Ok::<(), adatom_spectra::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Exafs {
    k: WavenumberGrid,
    chi: Array1<f64>,
    element: Option<Element>,
    edge: Option<Edge>,
    name: Option<String>,
    metadata: Metadata,
}

impl Exafs {
    /// A fine structure of which nothing else is known.
    ///
    /// # Errors
    /// `chi` has another length than the grid, or a value that is not finite.
    pub fn new(k: WavenumberGrid, chi: impl Into<Array1<f64>>) -> Result<Self> {
        let chi = finite(chi.into(), "values of chi", k.len())?;
        Ok(Self { k, chi, element: None, edge: None, name: None, metadata: Metadata::default() })
    }

    /// States the absorbing element.
    pub fn with_element(mut self, element: Element) -> Self {
        self.element = Some(element);
        self
    }

    /// States the edge.
    pub fn with_edge(mut self, edge: Edge) -> Self {
        self.edge = Some(edge);
        self
    }

    /// Names the spectrum.
    pub fn with_name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// States what the file says besides.
    pub fn with_metadata(mut self, metadata: Metadata) -> Self {
        self.metadata = metadata;
        self
    }

    /// Wavenumbers of the photoelectron, 1/Å.
    pub fn k(&self) -> &WavenumberGrid {
        &self.k
    }

    /// The values, `[n]`.
    pub fn chi(&self) -> ArrayView1<'_, f64> {
        self.chi.view()
    }

    /// The absorbing element, where it is known.
    pub fn element(&self) -> Option<Element> {
        self.element
    }

    /// The edge, where it is known.
    pub fn edge(&self) -> Option<Edge> {
        self.edge
    }

    /// The name of the spectrum, where it has one.
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// What the file says besides.
    pub fn metadata(&self) -> &Metadata {
        &self.metadata
    }
}
