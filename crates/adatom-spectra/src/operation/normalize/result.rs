//! A normalised spectrum, with what was found on the way.

use ndarray::{Array1, ArrayView1};

use super::{EdgeFit, NormalizationMethod, all_finite};
use crate::{Absorption, Result, Spectrum, Xanes};

/// A normalised spectrum, with what was found on the way.
///
/// Uncertainties are those of μ divided by what μ was divided by; the curves that were subtracted count as exact.
///
/// ```
/// use adatom_spectra::{Absorption, EnergyGrid, Normalization, NormalizationMethod, Xanes};
/// let xanes = Xanes::new(EnergyGrid::new(vec![1.0, 2.0])?, vec![1.0, 2.0])?.with_name("foil");
/// let normalized = Normalization::default().method(NormalizationMethod::Maximum).normalize(&xanes)?;
/// assert_eq!(normalized.norm().to_vec(), [0.5, 1.0]);
/// assert!(normalized.edge().is_none());
/// assert_eq!(normalized.to_xanes()?.name(), Some("foil"));
/// assert_eq!(normalized.to_xanes()?.absorption(), Absorption::Normalized);
/// # Ok::<(), adatom_spectra::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct NormalizedXanes {
    method: NormalizationMethod,
    edge: Option<EdgeFit>,
    scale: f64,
    norm: Array1<f64>,
    flat: Option<Array1<f64>>,
    of: Xanes,
}

impl NormalizedXanes {
    pub(super) fn by_edge(of: &Xanes, method: NormalizationMethod, edge: EdgeFit) -> Result<Self> {
        let scale = edge.edge_step;
        let norm = all_finite("normalised values", (&of.mu() - &edge.pre_edge) / scale)?;
        let at_edge = (edge.post_edge[edge.index] - edge.pre_edge[edge.index]) / scale;
        let mut flat = norm.clone();
        for (index, flat) in flat.iter_mut().enumerate().skip(edge.index) {
            *flat += at_edge - (edge.post_edge[index] - edge.pre_edge[index]) / scale;
        }
        let flat = Some(all_finite("flattened values", flat)?);
        Ok(Self { method, edge: Some(edge), scale, norm, flat, of: of.clone() })
    }

    /// (μ - offset) / scale.
    pub(super) fn by_scale(
        of: &Xanes,
        method: NormalizationMethod,
        (offset, scale): (f64, f64),
    ) -> Result<Self> {
        let norm = all_finite("normalised values", of.mu().mapv(|mu| (mu - offset) / scale))?;
        Ok(Self { method, edge: None, scale, norm, flat: None, of: of.clone() })
    }

    /// What was divided by.
    pub fn method(&self) -> NormalizationMethod {
        self.method
    }

    /// E0, the edge step, the ranges and the two curves, where the method looks for an edge.
    pub fn edge(&self) -> Option<&EdgeFit> {
        self.edge.as_ref()
    }

    /// The energy of the edge, eV, where the method looks for one.
    pub fn e0(&self) -> Option<f64> {
        self.edge.as_ref().map(|edge| edge.e0)
    }

    /// The edge step, in the unit of μ, where the method looks for one.
    pub fn edge_step(&self) -> Option<f64> {
        self.edge.as_ref().map(|edge| edge.edge_step)
    }

    /// The normalised values, `[n]`.
    pub fn norm(&self) -> ArrayView1<'_, f64> {
        self.norm.view()
    }

    /// The normalised values with the slope and curvature above the edge removed, `[n]`; the normalised values where
    /// the method looks for no edge.
    pub fn flat(&self) -> ArrayView1<'_, f64> {
        self.flat.as_ref().unwrap_or(&self.norm).view()
    }

    /// The spectrum that was normalised.
    pub fn original(&self) -> &Xanes {
        &self.of
    }

    /// The normalised values as a spectrum: [`Absorption::Normalized`], everything else as it was.
    ///
    /// # Errors
    /// Uncertainties that are not finite after the division.
    pub fn to_xanes(&self) -> Result<Xanes> {
        self.spectrum(self.norm())
    }

    /// The flattened values as a spectrum: [`Absorption::Normalized`], everything else as it was.
    ///
    /// # Errors
    /// Uncertainties that are not finite after the division.
    pub fn to_flat_xanes(&self) -> Result<Xanes> {
        self.spectrum(self.flat())
    }

    fn spectrum(&self, values: ArrayView1<'_, f64>) -> Result<Xanes> {
        let uncertainty = self.of.uncertainty().map(|uncertainty| &uncertainty / self.scale);
        let made = self.of.with_points(self.of.energy().clone(), values.to_owned(), uncertainty)?;
        // What was left as it is is as normalised as it was.
        let unchanged = self.method == NormalizationMethod::Unchanged;
        Ok(made.with_absorption(if unchanged { self.of.absorption() } else { Absorption::Normalized }))
    }
}
