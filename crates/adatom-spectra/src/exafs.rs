//! The EXAFS fine structure χ(k).

use ndarray::{Array1, ArrayView1};

use crate::grid::finite;
use crate::{Edge, Element, Metadata, Result, WavenumberGrid};

/// An EXAFS fine structure χ(k), dimensionless, over the wavenumber k of the photoelectron in 1/Å.
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
    /// A fine structure without element, edge, name and metadata.
    ///
    /// # Errors
    /// [`Error::Length`](crate::Error::Length) unless `chi` has one value per wavenumber;
    /// [`Error::NotFinite`](crate::Error::NotFinite).
    pub fn new(k: WavenumberGrid, chi: impl Into<Array1<f64>>) -> Result<Self> {
        let chi = finite(chi.into(), "values of chi", k.len())?;
        Ok(Self { k, chi, element: None, edge: None, name: None, metadata: Metadata::default() })
    }

    /// Sets the absorbing element.
    pub fn with_element(mut self, element: Element) -> Self {
        self.element = Some(element);
        self
    }

    /// Sets the absorption edge.
    pub fn with_edge(mut self, edge: Edge) -> Self {
        self.edge = Some(edge);
        self
    }

    /// Sets the name.
    pub fn with_name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Sets the metadata.
    pub fn with_metadata(mut self, metadata: Metadata) -> Self {
        self.metadata = metadata;
        self
    }

    /// The wavenumbers of the photoelectron, 1/Å.
    pub fn k(&self) -> &WavenumberGrid {
        &self.k
    }

    /// The fine structure χ, `[wavenumbers]`.
    pub fn chi(&self) -> ArrayView1<'_, f64> {
        self.chi.view()
    }

    /// The absorbing element, where it is known.
    pub fn element(&self) -> Option<Element> {
        self.element
    }

    /// The absorption edge, where it is known.
    pub fn edge(&self) -> Option<Edge> {
        self.edge
    }

    /// The name, where it has one.
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// Other information from the file.
    pub fn metadata(&self) -> &Metadata {
        &self.metadata
    }
}
