//! The terms of a modelled spectrum: where each lies and how large it is.

use adatom_core::Element;

use super::XanesModel;
use super::line::Line;
use super::oscillation::Shells;
use crate::oxides::PlantedSite;
use crate::{Error, Result};

/// A K edge.
struct KEdge {
    symbol: &'static str,
    /// eV: J. A. Bearden and A. F. Burr, *Rev. Mod. Phys.* 39 (1967) 125.
    energy: f64,
    /// Full width of the core hole, eV: M. O. Krause and J. H. Oliver, *J. Phys. Chem. Ref. Data* 8 (1979)
    /// 329.
    width: f64,
}

const EDGES: [KEdge; 9] = [
    KEdge { symbol: "Ti", energy: 4966.4, width: 0.94 },
    KEdge { symbol: "V", energy: 5465.1, width: 1.01 },
    KEdge { symbol: "Cr", energy: 5989.2, width: 1.08 },
    KEdge { symbol: "Mn", energy: 6539.0, width: 1.16 },
    KEdge { symbol: "Fe", energy: 7112.0, width: 1.25 },
    KEdge { symbol: "Co", energy: 7708.9, width: 1.33 },
    KEdge { symbol: "Ni", energy: 8332.8, width: 1.44 },
    KEdge { symbol: "Cu", energy: 8978.9, width: 1.55 },
    KEdge { symbol: "Zn", energy: 9658.6, width: 1.67 },
];

/// The number of electrons of argon, which are not d electrons.
const ARGON: i32 = 18;

/// Full widths of the Gaussians of pre-edge, shoulder, edge and white line, eV: multiplets and bands.
const WIDTHS: [f64; 4] = [1.3, 2.5, 2.5, 6.0];

/// Where the pre-edge of a monovalent ion lies above the element's edge, and how much it rises with a charge,
/// eV.
const PRE_EDGE: [f64; 2] = [0.5, 0.6];

/// The terms of a site's spectrum: energies in eV, and areas in eV for an edge step of 1.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct XanesTerms {
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

impl XanesTerms {
    pub(super) fn of(site: &PlantedSite, model: &XanesModel) -> Result<Self> {
        let &KEdge { energy: edge, width: core_hole, .. } = edge(site.element())?;
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

fn edge(element: Element) -> Result<&'static KEdge> {
    let found = EDGES.iter().find(|edge| edge.symbol == element.symbol());
    let lacking = || Error::NoParameter { table: "K edge", species: element.to_string() };
    found.ok_or_else(lacking)
}
