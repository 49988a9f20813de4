//! XANES, pair distribution functions (PDF) and differential PDFs: read, normalise, resample, tabulate,
//! write.
//!
//! | item | meaning |
//! |---|---|
//! | [`Xanes`], [`Exafs`] | an absorption spectrum μ(E), and a fine structure χ(k) |
//! | [`Pdf`], [`DifferentialPdf`] | a reduced pair distribution function G(r), and that of one element |
//! | [`StructureFunction`] | total scattering F(Q), S(Q) or I(Q) |
//! | [`EnergyGrid`], [`DistanceGrid`], [`WavenumberGrid`] | axes in eV, Å and 1/Å, strictly increasing |
//! | [`SpectrumFile`], [`ReadOptions`] | the content of a file, and information that is not in the file |
//! | [`Normalization`] | normalisation to the edge step, with the results of Larch |
//! | [`Resampling`], [`Smoothing`], [`Merging`], [`SineTransform`] | operations on spectra |
//! | [`Feature`], [`PeakFinder`], [`ShellCounter`] | features of spectra for machine learning |
//! | [`tabulate`], [`Tabulation`] | a [`FeatureTable`] of spectra on one grid |
//! | [`Metadata`] | other information from a file, unchanged |
//!
//! Numbers are `f64`. Energies are in eV, distances in Å, wavenumbers in 1/Å.
//!
//! # From a file to a table
//!
//! ```
//! use adatom_spectra::ndarray::Array1;
//! use adatom_spectra::{Contents, EnergyGrid, Normalization, ReadOptions, SpectrumFile, tabulate};
//! # let step = |energy: f64| 0.8 / (1.0 + (8979.0 - energy).exp());
//! # let row = |energy: f64| format!("{energy} 1e6 {}\n", 1e6 * (-0.5 - step(energy)).exp());
//! # let rows: String = (8880..9280).map(|energy| row(f64::from(energy))).collect();
//! # let text = format!("# Element: Cu\n# Edge: K\n# energy i0 itrans\n{rows}");
//! // The labels are energy, i0 and itrans, so the absorption is ln(i0/itrans).
//! // From a file: SpectrumFile::open("foil.dat", &ReadOptions::default())?
//! let file = SpectrumFile::from_bytes("foil.dat", text, &ReadOptions::default())?;
//! let Contents::Xanes(spectra) = file.contents else {
//!     panic!("the file holds an absorption spectrum")
//! };
//! let foil = Normalization::default().normalize(&spectra[0])?.to_flat_xanes()?.with_name("foil");
//! let grid = EnergyGrid::new(Array1::linspace(8960.0, 9060.0, 101))?;
//! let table = tabulate(&[foil], &grid)?;
//! assert_eq!(table.ids(), ["foil"]);
//! assert_eq!(table.columns()[100].to_string(), "xanes@9060.000");
//! assert!(table.features()[[0, 0]].abs() < 1e-3 && (table.features()[[0, 100]] - 1.0).abs() < 1e-3);
//! # Ok::<(), adatom_spectra::Error>(())
//! ```
//!
//! # Formats
//!
//! [`SpectrumFile::open`] recognises the format from the content, compressed with gzip or not. The file
//! extension matters only for columns without labels: a `.gr` without header is a PDF.
//!
//! | format | content | written by |
//! |---|---|---|
//! | XDI | XANES, or columns | [`Xanes::write_xdi`] |
//! | Athena project `.prj` (Athena, Demeter, Larch) | XANES or EXAFS | |
//! | FEFF `xmu.dat` | XANES | |
//! | JSON of the Materials Project, pymatgen and FEFF tasks | XANES | [`write_json`] |
//! | columns: `.dat`, `.txt`, `.csv`, `.nor` | XANES, EXAFS, or columns | [`write_csv`] |
//! | `.gr`, `.fgr` of PDFgetX2, PDFgetX3, xPDFsuite, PDFgetN, PDFgui | PDF | [`Pdf::save_gr`] |
//! | `.fq`, `.sq`, `.iq`; `.chi`, `.xy` of Fit2D and pyFAI | scattering | [`StructureFunction::save`] |
//! | CSV of r, G or of Q, F, S, I | PDF or scattering | [`Pdf::save_csv`] |
//!
//! [`ReadOptions`] supply what a file does not state: the columns of energy and absorption, the function of
//! Q, the wavelength. Irregularities that do not prevent reading are reported as [`Warning`]s.

#![forbid(unsafe_code)]

mod ambiguity;
mod error;
mod exafs;
mod feature;
mod grid;
mod metadata;
mod operation;
mod pdf;
mod read;
mod structure_function;
mod tabulate;
mod write;
mod xanes;

pub use adatom_core::{Element, FeatureColumn, FeatureTable, Modality, TableError};
pub use ambiguity::Ambiguity;
pub use error::{Error, Result};
pub use exafs::Exafs;
pub use feature::{
    ChunkPolynomials, Feature, Peak, PeakFinder, ShellCounter, Shells, chunk_polynomials, cumulative,
};
pub use grid::{DistanceGrid, EnergyGrid, WavenumberGrid};
pub use metadata::Metadata;
pub use ndarray;
pub use operation::{
    Axis, DerivativeOrder, EdgeFit, Extension, Interpolation, Merging, Normalization, NormalizationMethod,
    NormalizedXanes, Resampling, SineTransform, Smoothing, Spectrum, TerminationWindow, Weighting, align,
    derivative, difference, find_e0, shift,
};
pub use pdf::{DifferentialPdf, Pdf};
pub use read::{ColumnTable, Contents, Format, ReadOptions, ScatteringAxis, SpectrumFile, Warning, formats};
pub use structure_function::{ScatteringKind, StructureFunction};
pub use tabulate::{Tabular, Tabulation, tabulate};
pub use write::{write_csv, write_json};
pub use xanes::{Absorption, Edge, Xanes};
