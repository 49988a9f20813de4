//! The result of a normalisation.

use ndarray::{Array1, ArrayView1};

use super::{EdgeFit, Linear, NormalizationMethod, all_finite};
use crate::{Absorption, Result, Spectrum, Xanes};

/// A normalised spectrum, with the fit of the edge.
///
/// Uncertainties are those of μ, divided by the same divisor; the subtracted curves are treated as exact.
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
    original: Xanes,
}

impl NormalizedXanes {
    pub(super) fn by_edge(original: &Xanes, method: NormalizationMethod, edge: EdgeFit) -> Result<Self> {
        let scale = edge.edge_step;
        let norm = all_finite("normalised values", (&original.mu() - &edge.pre_edge) / scale)?;
        let at_edge = (edge.post_edge[edge.index] - edge.pre_edge[edge.index]) / scale;
        let mut flat = norm.clone();
        for (index, flat) in flat.iter_mut().enumerate().skip(edge.index) {
            *flat += at_edge - (edge.post_edge[index] - edge.pre_edge[index]) / scale;
        }
        let flat = Some(all_finite("flattened values", flat)?);
        Ok(Self { method, edge: Some(edge), scale, norm, flat, original: original.clone() })
    }

    pub(super) fn by_scale(original: &Xanes, method: NormalizationMethod, map: Linear) -> Result<Self> {
        let Linear { offset, scale } = map;
        let norm = all_finite("normalised values", original.mu().mapv(|mu| (mu - offset) / scale))?;
        Ok(Self { method, edge: None, scale, norm, flat: None, original: original.clone() })
    }

    /// The divisor.
    pub fn method(&self) -> NormalizationMethod {
        self.method
    }

    /// E0, the edge step, the ranges and the fitted curves; `None` for methods without an edge.
    pub fn edge(&self) -> Option<&EdgeFit> {
        self.edge.as_ref()
    }

    /// The energy of the edge, eV; `None` for methods without an edge.
    pub fn e0(&self) -> Option<f64> {
        self.edge.as_ref().map(|edge| edge.e0)
    }

    /// The edge step in the unit of μ; `None` for methods without an edge.
    pub fn edge_step(&self) -> Option<f64> {
        self.edge.as_ref().map(|edge| edge.edge_step)
    }

    /// The normalised values, `[energies]`.
    pub fn norm(&self) -> ArrayView1<'_, f64> {
        self.norm.view()
    }

    /// The normalised values without the slope and curvature above the edge, `[energies]`; the same as
    /// [`norm`](Self::norm) for methods without an edge.
    pub fn flat(&self) -> ArrayView1<'_, f64> {
        self.flat.as_ref().unwrap_or(&self.norm).view()
    }

    /// The original spectrum.
    pub fn original(&self) -> &Xanes {
        &self.original
    }

    /// The normalised values as a spectrum that is [`Absorption::Normalized`], with the element, edge, name
    /// and metadata of the original.
    ///
    /// # Errors
    /// [`Error::NotFinite`](crate::Error::NotFinite) when an uncertainty overflows.
    pub fn to_xanes(&self) -> Result<Xanes> {
        self.spectrum(self.norm())
    }

    /// The flattened values as a spectrum, otherwise as [`to_xanes`](Self::to_xanes).
    ///
    /// # Errors
    /// As [`to_xanes`](Self::to_xanes).
    pub fn to_flat_xanes(&self) -> Result<Xanes> {
        self.spectrum(self.flat())
    }

    fn spectrum(&self, values: ArrayView1<'_, f64>) -> Result<Xanes> {
        let uncertainty = self.original.uncertainty().map(|uncertainty| &uncertainty / self.scale);
        let spectrum =
            self.original.with_points(self.original.energy().clone(), values.to_owned(), uncertainty)?;
        let unchanged = self.method == NormalizationMethod::Unchanged;
        Ok(spectrum.with_absorption(if unchanged {
            self.original.absorption()
        } else {
            Absorption::Normalized
        }))
    }
}
