//! The part of a PDF that two elements make.

use adatom_spectra::{DifferentialPdf, Pdf};

use crate::Element;

/// The pair distribution function of two elements, normalised to itself (Faber, Ziman, Phil. Mag. 11 (1965)
/// 153).
///
/// Weighted by their share of the scattering, the partial PDFs of all pairs of elements sum to the PDF of the
/// crystal.
#[derive(Debug, Clone, PartialEq)]
pub struct PartialPdf {
    elements: [Element; 2],
    weight: f64,
    pdf: Pdf,
}

impl PartialPdf {
    pub(super) fn new(elements: [Element; 2], weight: f64, pdf: Pdf) -> Self {
        Self { elements, weight, pdf }
    }

    /// The two elements, which may be the same, by atomic number.
    pub fn elements(&self) -> [Element; 2] {
        self.elements
    }

    /// Its share of the crystal's PDF: c_a c_b f_a f_b / ⟨f⟩², twice that for different elements; negative
    /// where a neutron scattering length is. The shares of all pairs sum to 1.
    pub fn weight(&self) -> f64 {
        self.weight
    }

    /// Its values, 4π ρ0 r (g_ab(r) - 1) but for termination and envelopes.
    pub fn pdf(&self) -> &Pdf {
        &self.pdf
    }
}

/// The total PDF of a crystal and the differential PDF of an element.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct TotalAndDifferential {
    /// G(r) of all pairs.
    pub total: Pdf,
    /// G(r) of the pairs with the element.
    pub differential: DifferentialPdf,
}
