//! The terms of a modelled spectrum: where each lies and how large it is.

use adatom_core::Element;

use super::XanesModel;
use super::line::Line;
use super::oscillation::Shells;
use crate::oxides::PlantedSite;
use crate::{Error, Result};

/// Symbol, K edge of the element in eV (J. A. Bearden and A. F. Burr, *Rev. Mod. Phys.* 39 (1967) 125), full width of its
/// core hole in eV (M. O. Krause and J. H. Oliver, *J. Phys. Chem. Ref. Data* 8 (1979) 329).
const EDGES: [(&str, f64, f64); 9] = [
    ("Ti", 4966.4, 0.94),
    ("V", 5465.1, 1.01),
    ("Cr", 5989.2, 1.08),
    ("Mn", 6539.0, 1.16),
    ("Fe", 7112.0, 1.25),
    ("Co", 7708.9, 1.33),
    ("Ni", 8332.8, 1.44),
    ("Cu", 8978.9, 1.55),
    ("Zn", 9658.6, 1.67),
];

/// Electrons of argon, which are no d electrons.
const ARGON: i32 = 18;

/// Full widths of the Gaussian parts of pre-edge, shoulder, edge and white line, eV: multiplets and bands.
const WIDTHS: [f64; 4] = [1.3, 2.5, 2.5, 6.0];

/// Where the pre-edge of a monovalent ion lies above the element's edge, and how much it rises with a charge, eV.
const PRE_EDGE: [f64; 2] = [0.5, 0.6];

/// Energies in eV, areas in eV of a spectrum whose edge step is 1; what a site's spectrum is made of.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct XanesParts {
    /// Full width of the core hole, eV.
    pub core_hole: f64,
    /// Zero of the photoelectron's kinetic energy, which rises with the charge.
    pub threshold: f64,
    /// Transitions into empty d states.
    pub pre_edge: f64,
    /// Their area, which grows with the departure from inversion symmetry.
    pub pre_edge_area: f64,
    /// Transitions into p states along which there is no bond.
    pub shoulder: f64,
    /// Their area.
    pub shoulder_area: f64,
    /// The middle of the edge, one a bond.
    pub edges: Vec<f64>,
    /// The resonance above it, one a bond.
    pub white_lines: Vec<f64>,
    /// The area of all of them.
    pub white_line_area: f64,
}

impl XanesParts {
    pub(super) fn of(site: &PlantedSite, model: &XanesModel) -> Result<Self> {
        let (edge, core_hole) = edge(site.element())?;
        let valence = f64::from(site.valence());
        let threshold = edge + model.valence_shift * valence;
        let electrons = i32::from(site.element().atomic_number()) - ARGON - site.valence();
        let empty = f64::from((10 - electrons).clamp(0, 10)) / 10.0;
        let length = site.mean_bond_length();
        let resonance = |constant: f64| {
            site.bonds().iter().map(|bond| threshold + constant / bond.distance.powi(2)).collect()
        };
        let [edge_constant, white_line_constant, shoulder_constant] = model.natoli;
        Ok(Self {
            core_hole,
            threshold,
            pre_edge: edge + PRE_EDGE[0] + PRE_EDGE[1] * (valence - 1.0),
            pre_edge_area: empty * (model.dipole * site.departure_from_inversion() + model.quadrupole),
            shoulder: threshold + shoulder_constant / length.powi(2),
            shoulder_area: model.shoulder * site.open_directions(),
            edges: resonance(edge_constant),
            white_lines: resonance(white_line_constant),
            white_line_area: model.white_line,
        })
    }

    /// The absorption at an energy.
    pub(super) fn at(&self, energy: f64, shells: &Shells, model: &XanesModel) -> f64 {
        let [pre_edge, shoulder, edge, white_line] =
            WIDTHS.map(|width| Line::new(self.core_hole, (width * width + model.resolution.powi(2)).sqrt()));
        let bonds = self.edges.len() as f64;
        let step = self.edges.iter().map(|at| edge.step(energy - at)).sum::<f64>() / bonds;
        let above: f64 = self.white_lines.iter().map(|at| white_line.peak(energy - at)).sum();
        let chi = shells.at(energy - self.threshold, self.core_hole, model);
        self.pre_edge_area * pre_edge.peak(energy - self.pre_edge)
            + self.shoulder_area * shoulder.peak(energy - self.shoulder)
            + self.white_line_area * above / bonds
            + step * (1.0 + chi)
    }
}

fn edge(element: Element) -> Result<(f64, f64)> {
    let found = EDGES.iter().find(|edge| edge.0 == element.symbol());
    let lacking = || Error::NoParameter { table: "K edge for the model", species: element.to_string() };
    found.map(|edge| (edge.1, edge.2)).ok_or_else(lacking)
}
