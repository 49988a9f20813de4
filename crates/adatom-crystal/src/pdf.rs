//! Pair distribution functions of crystals, in the conventions of libdiffpy's PDFCalculator.
//!
//! G(r) = Σ f_i f_j T_ij(r) / (N ⟨f⟩² r_ij) - 4π ρ0 r, over all ordered pairs of atoms, where T_ij is a
//! Gaussian of unit area about their distance r_ij (`peak.rs`, `pairs.rs`); then what Q outside of qmin to
//! qmax contributes is taken out by a sine transform and back (`transform.rs`), and the envelopes of the
//! instrument and of the particle are applied.
//!
//! Farrow et al., J. Phys.: Condens. Matter 19 (2007) 335219; Juhás et al., Acta Cryst. A 71 (2015) 562; peak
//! widths: Jeong et al., Phys. Rev. B 67 (2003) 104301.

mod atoms;
mod calculator;
mod outputs;
mod pairs;
mod partial;
mod peak;
mod range;
mod settings;
mod transform;

pub use calculator::PdfCalculator;
pub use partial::{PartialPdf, TotalAndDifferential};
pub use settings::Baseline;
