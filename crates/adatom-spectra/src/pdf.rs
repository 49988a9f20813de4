//! Pair distribution functions in real space.

use ndarray::{Array1, ArrayView1};

use crate::xanes::finite;
use crate::{DistanceGrid, Element, Metadata, Result};

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
    /// A PDF of which nothing else is known.
    ///
    /// # Errors
    /// `g` has another length than the grid, or a value that is not finite.
    pub fn new(distance: DistanceGrid, g: impl Into<Array1<f64>>) -> Result<Self> {
        let g = finite(g.into(), "values of G", distance.len())?;
        let metadata = Metadata::default();
        Ok(Self { distance, g, distance_uncertainty: None, uncertainty: None, metadata })
    }

    /// States the standard uncertainty of every value of G, `[n]`.
    ///
    /// # Errors
    /// Another length than the grid, or a value that is not finite.
    pub fn with_uncertainty(mut self, uncertainty: impl Into<Array1<f64>>) -> Result<Self> {
        self.uncertainty = Some(finite(uncertainty.into(), "uncertainties of G", self.distance.len())?);
        Ok(self)
    }

    /// States the standard uncertainty of every distance, `[n]`, Å.
    ///
    /// # Errors
    /// Another length than the grid, or a value that is not finite.
    pub fn with_distance_uncertainty(mut self, uncertainty: impl Into<Array1<f64>>) -> Result<Self> {
        let uncertainty = finite(uncertainty.into(), "uncertainties of r", self.distance.len())?;
        self.distance_uncertainty = Some(uncertainty);
        Ok(self)
    }

    /// States what the file or the calculation says besides; `qmax`, `qmin`, `qdamp`, `composition`, `wavelength`
    /// and `mode` under these keys.
    pub fn with_metadata(mut self, metadata: Metadata) -> Self {
        self.metadata = metadata;
        self
    }

    /// The distances, Å.
    pub fn distance(&self) -> &DistanceGrid {
        &self.distance
    }

    /// The values, `[n]`, 1/Å².
    pub fn g(&self) -> ArrayView1<'_, f64> {
        self.g.view()
    }

    /// Standard uncertainties of G, `[n]`, where they are known.
    pub fn uncertainty(&self) -> Option<ArrayView1<'_, f64>> {
        self.uncertainty.as_ref().map(|values| values.view())
    }

    /// Standard uncertainties of the distances, `[n]`, Å, where they are known.
    pub fn distance_uncertainty(&self) -> Option<ArrayView1<'_, f64>> {
        self.distance_uncertainty.as_ref().map(|values| values.view())
    }

    /// How many points, at least 1.
    #[expect(clippy::len_without_is_empty, reason = "a grid is never empty")]
    pub fn len(&self) -> usize {
        self.g.len()
    }

    /// What the file or the calculation says besides.
    pub fn metadata(&self) -> &Metadata {
        &self.metadata
    }
}

/// The part of a PDF in which one element takes part: G of all pairs less G of the pairs without it.
#[derive(Debug, Clone, PartialEq)]
pub struct DifferentialPdf {
    element: Element,
    pdf: Pdf,
}

impl DifferentialPdf {
    /// The part of an element.
    pub fn new(element: Element, pdf: Pdf) -> Self {
        Self { element, pdf }
    }

    /// The element that takes part in every pair.
    pub fn element(&self) -> Element {
        self.element
    }

    /// Its values as a function of distance.
    pub fn pdf(&self) -> &Pdf {
        &self.pdf
    }
}
