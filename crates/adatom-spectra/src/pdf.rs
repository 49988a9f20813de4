//! Pair distribution functions in real space.

use ndarray::{Array1, ArrayView1};

use crate::grid::finite;
use crate::{DistanceGrid, Element, Metadata, Result};

/// The key of the metadata that states the element of a differential PDF, in files.
pub(crate) const DIFFERENTIAL_ELEMENT: &str = "differential_pdf_element";

/// A reduced pair distribution function G(r), in 1/Å², over distances in Å.
///
/// ```
/// use adatom_spectra::{DistanceGrid, Pdf};
/// let pdf = Pdf::new(DistanceGrid::new(vec![0.0, 0.1])?, vec![0.0, -0.5])?;
/// assert_eq!(pdf.len(), 2);
/// # Ok::<(), adatom_spectra::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Pdf {
    distance: DistanceGrid,
    g: Array1<f64>,
    distance_uncertainty: Option<Array1<f64>>,
    uncertainty: Option<Array1<f64>>,
    metadata: Metadata,
}

impl Pdf {
    /// A PDF without uncertainties and metadata.
    ///
    /// # Errors
    /// [`Error::Length`](crate::Error::Length) unless `g` has one value per distance;
    /// [`Error::NotFinite`](crate::Error::NotFinite).
    pub fn new(distance: DistanceGrid, g: impl Into<Array1<f64>>) -> Result<Self> {
        let g = finite(g.into(), "values of G", distance.len())?;
        let metadata = Metadata::default();
        Ok(Self { distance, g, distance_uncertainty: None, uncertainty: None, metadata })
    }

    /// Adds the standard uncertainties of G, `[distances]`, 1/Å².
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn with_uncertainty(mut self, uncertainty: impl Into<Array1<f64>>) -> Result<Self> {
        self.uncertainty = Some(finite(uncertainty.into(), "uncertainties of G", self.distance.len())?);
        Ok(self)
    }

    /// Adds the standard uncertainties of the distances, `[distances]`, Å.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn with_distance_uncertainty(mut self, uncertainty: impl Into<Array1<f64>>) -> Result<Self> {
        let uncertainty = finite(uncertainty.into(), "uncertainties of r", self.distance.len())?;
        self.distance_uncertainty = Some(uncertainty);
        Ok(self)
    }

    /// Sets the metadata. The keys `qmax`, `qmin`, `qdamp`, `composition`, `wavelength` and `mode` have their
    /// usual meaning.
    pub fn with_metadata(mut self, metadata: Metadata) -> Self {
        self.metadata = metadata;
        self
    }

    /// The distances, Å.
    pub fn distance(&self) -> &DistanceGrid {
        &self.distance
    }

    /// The values of G, `[distances]`, 1/Å².
    pub fn g(&self) -> ArrayView1<'_, f64> {
        self.g.view()
    }

    /// The standard uncertainties of G, `[distances]`, 1/Å², where they are known.
    pub fn uncertainty(&self) -> Option<ArrayView1<'_, f64>> {
        self.uncertainty.as_ref().map(|values| values.view())
    }

    /// The standard uncertainties of the distances, `[distances]`, Å, where they are known.
    pub fn distance_uncertainty(&self) -> Option<ArrayView1<'_, f64>> {
        self.distance_uncertainty.as_ref().map(|values| values.view())
    }

    /// The number of points, at least 1.
    #[expect(clippy::len_without_is_empty, reason = "a grid is never empty")]
    pub fn len(&self) -> usize {
        self.g.len()
    }

    /// Other information from the file or the calculation.
    pub fn metadata(&self) -> &Metadata {
        &self.metadata
    }
}

/// The differential PDF of an element: G of all pairs minus G of the pairs without this element.
///
/// ```
/// use adatom_spectra::{DifferentialPdf, DistanceGrid, Pdf};
/// let pdf = Pdf::new(DistanceGrid::new(vec![0.0, 0.1])?, vec![0.0, -0.5])?;
/// let copper = DifferentialPdf::new("Cu".parse()?, pdf);
/// assert_eq!((copper.element().symbol(), copper.pdf().len()), ("Cu", 2));
/// # Ok::<(), adatom_spectra::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct DifferentialPdf {
    element: Element,
    pdf: Pdf,
}

impl DifferentialPdf {
    /// The differential PDF of `element` with the values of `pdf`.
    pub fn new(element: Element, pdf: Pdf) -> Self {
        Self { element, pdf }
    }

    /// The element that is part of every pair.
    pub fn element(&self) -> Element {
        self.element
    }

    /// The values over distance.
    pub fn pdf(&self) -> &Pdf {
        &self.pdf
    }
}
