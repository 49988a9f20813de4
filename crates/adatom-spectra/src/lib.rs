//! XANES, pair distribution functions and differential PDFs: read, check, normalise, resample, tabulate, write.
//!
//! | word | is |
//! |---|---|
//! | [`EnergyGrid`] (eV), [`DistanceGrid`] (Å), [`WavenumberGrid`] (1/Å) | finite, strictly increasing; checked once |
//! | [`Xanes`] | an absorption spectrum μ(E) with element, edge and provenance |
//! | [`Exafs`] | a fine structure χ(k) |
//! | [`SpectrumFile`] | a file whose format is recognised from its content |
//! | [`ColumnTable`] | columns of a file that does not say what they are |
//! | [`Pdf`] | a reduced pair distribution function G(r) |
//! | [`DifferentialPdf`] | the part of a PDF that one element takes part in |
//! | [`StructureFunction`] | F(Q), S(Q) or I(Q) |
//! | [`Element`], [`Edge`] | what absorbs, and from which shell |
//! | [`tabulate`], [`Tabulation`] | spectra on one grid, as a [`FeatureTable`] |
//! | [`Feature`], [`PeakFinder`], [`ShellCounter`] | what stands for a spectrum in a table |
//! | [`Metadata`] | what a file says besides its numbers, in its own words; nothing is dropped |
//!
//! Spectra are `f64`. Energies are in eV, distances in Å, wavenumbers in 1/Å.
//!
//! # From a file to a table
//!
//! ```
//! use adatom_spectra::{EnergyGrid, Normalization, ReadOptions, Xanes, ndarray::Array1, tabulate};
//! # let folder = tempfile::tempdir()?;
//! # let path = folder.path().join("foil.dat");
//! # let step = |energy: f64| 0.8 / (1.0 + (8979.0 - energy).exp());
//! # let row = |energy: f64| format!("{energy} 1e6 {}\n", 1e6 * (-0.5 - step(energy)).exp());
//! # let rows: String = (8880..9280).map(|energy| row(f64::from(energy))).collect();
//! # std::fs::write(&path, format!("# Element: Cu\n# Edge: K\n# energy i0 itrans\n{rows}"))?;
//! // The labels say energy, i0 and itrans, so that the absorption is ln(i0/itrans) without being asked for.
//! let foil = Xanes::open(&path, &ReadOptions::default())?;
//! let flat = Normalization::default().normalize(&foil)?.to_flat_xanes()?.with_name("foil");
//! let table = tabulate(&[flat], &EnergyGrid::new(Array1::linspace(8960.0, 9060.0, 101))?)?;
//! assert_eq!((table.ids()[0].as_str(), table.columns()[100].to_string().as_str()), ("foil", "xanes@9060.000"));
//! assert!(table.features()[[0, 0]].abs() < 1e-3 && (table.features()[[0, 100]] - 1.0).abs() < 1e-3);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Files
//!
//! [`SpectrumFile::open`] recognises a file from its content, compressed by gzip or not. The end of its name decides only
//! what bare columns are that the content leaves open: a `.gr` without header is a PDF.
//!
//! | format | is read as | is written by |
//! |---|---|---|
//! | XDI | [`Contents::Xanes`], or columns | [`Xanes::write_xdi`] |
//! | Athena project `.prj` (Athena, Demeter, Larch) | [`Contents::Xanes`], [`Contents::Exafs`] | |
//! | FEFF `xmu.dat` | [`Contents::Xanes`] | |
//! | JSON of the Materials Project, pymatgen, FEFF tasks | [`Contents::Xanes`] | [`write_json`] |
//! | columns of beamlines and spreadsheets: `.dat`, `.txt`, `.csv`, `.nor` | [`Contents::Xanes`], [`Contents::Exafs`], or [`Contents::Columns`] where they do not say what they are | [`write_csv`] |
//! | `.gr`, `.fgr` of PDFgetX2, PDFgetX3, xPDFsuite, PDFgetN, PDFgui | [`Contents::Pdf`], [`Contents::DifferentialPdf`] | [`Pdf::save_gr`], [`DifferentialPdf::save_gr`] |
//! | `.fq`, `.sq`, `.iq` of the same programs; `.chi`, `.xy` of Fit2D and pyFAI | [`Contents::Scattering`] | [`StructureFunction::save`] |
//! | CSV of r, G or of Q, F, S, I | as the two above | [`Pdf::save_csv`], [`StructureFunction::save_csv`] |
//!
//! What is not in the file, [`ReadOptions`] says: which column is the energy and what the absorption is, which function
//! of Q it is, the wavelength of an angle.

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
